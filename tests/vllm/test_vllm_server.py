"""The plugin in vLLM's own server, as a client of the OpenAI API sees it: `make test-vllm`."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest

pytest.importorskip("vllm.engine", reason="vLLM has an environment of its own: make test-vllm")

import httpx
from openai import BadRequestError, OpenAI
from small import COLOURS, ENGINE, PERSON

START = 400             # seconds that a server has to start
MESSAGES = [{"role": "user", "content": "An example."}]


def flag(name: str, value: object) -> list[str]:
    given = [] if value is True else [json.dumps(value) if isinstance(value, dict) else str(value)]
    return [f"--{name.replace('_', '-')}", *given]


@pytest.fixture(scope="module")
def client(checkpoint, tmp_path_factory):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = {"model": checkpoint, "served_model_name": "small", "host": "127.0.0.1", "port": port, **ENGINE}
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as output:
        command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *sum(map(flag, options, options.values()), [])]
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server, log)
        yield OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def wait_for(address: str, server: subprocess.Popen, log) -> None:
    end = time.monotonic() + START
    while server.poll() is None and time.monotonic() < end:
        try:
            if httpx.get(address).is_success:
                return
        except httpx.TransportError:
            time.sleep(1)
    pytest.fail(f"the server did not start:\n{log.read_text()[-3000:]}")


def asked(client, max_tokens=120, **given):
    return client.chat.completions.create(model="small", messages=MESSAGES, max_tokens=max_tokens, **given).choices[0]


def schema(value):
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": value}}


def test_response_format_gives_valid_json_beside_requests_without_it(client):
    regex, quick = {"structured_outputs": {"regex": "[0-9]{40}"}}, {"vllm_xargs": {"diffusion_max_steps": 1}}
    kinds = [{"response_format": schema(PERSON)}, {"extra_body": quick}, {"response_format": schema(COLOURS)},
             {"extra_body": regex}, {"response_format": {"type": "json_object"}, "seed": 7}]
    with ThreadPoolExecutor(len(kinds)) as pool:
        person, free, colours, digits, anything = pool.map(lambda given: asked(client, **given), kinds)
    assert {one.finish_reason for one in (person, colours, digits, anything)} == {"stop"}
    jsonschema.validate(json.loads(person.message.content), PERSON)
    jsonschema.validate(json.loads(colours.message.content), COLOURS)
    assert re.fullmatch("[0-9]{40}", digits.message.content)
    assert isinstance(json.loads(anything.message.content), dict)
    assert free.message.content and free.finish_reason in ("stop", "length")


def test_a_stream_is_the_text_that_comes_whole(client):
    given = {"response_format": schema(COLOURS), "seed": 3}
    chunks = list(client.chat.completions.create(model="small", messages=MESSAGES, max_tokens=120, stream=True, **given))
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert streamed == asked(client, **given).message.content and chunks[-1].choices[0].finish_reason == "stop"
    jsonschema.validate(json.loads(streamed), COLOURS)


def test_completions_of_several_prompts_are_constrained_too(client):
    done = client.completions.create(model="small", prompt=["One.", "Two."], max_tokens=60, extra_body={"response_format": schema(PERSON)})
    assert len(done.choices) == 2
    for choice in done.choices:
        assert choice.finish_reason == "stop"
        jsonschema.validate(json.loads(choice.text), PERSON)


@pytest.mark.parametrize("message, given", [
    ("no value satisfies the schema", {"response_format": schema({"type": "integer", "minimum": 3, "maximum": 1})}),
    ("raise max_tokens", {"response_format": schema(PERSON), "max_tokens": 5}),
    ("stop cannot go with", {"response_format": schema(PERSON), "stop": "x"}),
    ("does not compile", {"extra_body": {"structured_outputs": {"regex": "("}}}),
])
def test_a_constraint_at_fault_is_a_400_with_a_sentence(client, message, given):
    with pytest.raises(BadRequestError, match=message):
        asked(client, **given)


def test_a_route_that_is_not_the_plugins_refuses_as_before(client):
    with pytest.raises(BadRequestError, match="not yet supported for diffusion"):
        client.responses.create(model="small", input="x", text={"format": {"type": "json_schema", "name": "a", "schema": PERSON}})
