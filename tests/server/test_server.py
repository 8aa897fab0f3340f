"""The server through the real OpenAI client."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time

import httpx
import openai
import pytest
from clients import SAY, ask, streamed, talk
from pydantic import BaseModel

from structdiff import Regex, generate
from structdiff.server import Options, app
from structdiff.server.wire import Bounds

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2}},
          "required": ["n", "tags"], "additionalProperties": False}
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {
    "type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "additionalProperties": False}}}


class Answer(BaseModel):
    sure: bool
    count: int


def test_a_pydantic_class_is_parsed(model):
    async def chat(client, http):
        return await client.chat.completions.parse(model="structdiff", messages=SAY, response_format=Answer, max_tokens=100)

    done = talk(model, chat)
    assert isinstance(done.choices[0].message.parsed, Answer) and done.choices[0].finish_reason == "stop"
    assert done.structdiff["valid"] and done.structdiff["forwards"] > 0 and done.usage.completion_tokens > 0


@pytest.mark.parametrize("wanted, form", [
    ({"json": SCHEMA}, r"\{[\s\S]*\}"), ({"regex": "[a-c]{5,9}"}, "[a-c]{5,9}"), ({"choice": ["yes", "no"]}, "yes|no"),
    ({"grammar": 'start: "x" start | "y"\n'}, "x*y"),
])
def test_structured_outputs_are_kept(model, wanted, form):
    done = ask(model, extra_body={"structured_outputs": wanted}, max_tokens=100)
    assert re.fullmatch(form, done.choices[0].message.content) and done.choices[0].finish_reason == "stop"


def test_any_json_and_free_text(model):
    done = ask(model, response_format={"type": "json_object"}, max_tokens=16)
    json.loads(done.choices[0].message.content)
    assert ask(model, response_format={"type": "text"}, max_tokens=20).usage.completion_tokens <= 20


def test_a_tool_is_called(model):
    done = ask(model, tools=[TOOL], tool_choice={"type": "function", "function": {"name": "look_up"}}, max_tokens=60)
    call = done.choices[0].message.tool_calls[0]
    assert done.choices[0].finish_reason == "tool_calls" and call.function.name == "look_up"
    assert set(json.loads(call.function.arguments)) == {"id"} and done.choices[0].message.content is None
    assert ask(model, tools=[TOOL], tool_choice="none", max_tokens=8).choices[0].message.tool_calls is None


def test_a_stream_is_the_answer_in_pieces_that_are_never_taken_back(model):
    wanted = {"extra_body": {"structured_outputs": {"regex": "[a-f]{40,60}"}}, "seed": 4, "n": 2}
    whole = ask(model, **wanted)

    async def chat(client, http):
        stream = await client.chat.completions.create(model="structdiff", messages=SAY, stream=True, stream_options={"include_usage": True}, **wanted)
        return [chunk async for chunk in stream]

    chunks = talk(model, chat)
    for index in range(2):
        mine = [chunk.choices[0] for chunk in chunks if chunk.choices and chunk.choices[0].index == index]
        assert "".join(choice.delta.content or "" for choice in mine) == whole.choices[index].message.content
        assert [choice.finish_reason for choice in mine][-1] == "stop" and len(mine) > 3
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


def test_drafts_are_told_apart_from_text(model):
    chunks = streamed(model, extra_body={"structured_outputs": {"regex": "ab[a-f]{9}"}, "structdiff_drafts": True})
    drafts = [chunk.structdiff for chunk in chunks if not chunk.choices]
    assert [draft["forward"] for draft in drafts] == list(range(1, len(drafts) + 1)) and drafts[0]["type"] == "canvas"
    for draft in drafts:
        assert len(draft["tokens"]) == len(draft["kept"]) == len(draft["entropy"]) == len(draft["pinned"]) == 16
        assert "".join(draft["tokens"]).startswith("ab")
        assert all(draft["entropy"][at] == 0 and draft["kept"][at] for at, pinned in enumerate(draft["pinned"]) if pinned)


def test_a_tool_call_is_streamed_whole(model):
    async def chat(client, http):
        stream = await client.chat.completions.create(model="structdiff", messages=SAY, stream=True, tools=[TOOL], tool_choice="required", max_tokens=60)
        return [chunk.choices[0] async for chunk in stream]

    choices = talk(model, chat)
    calls = [call for choice in choices for call in choice.delta.tool_calls or []]
    assert len(calls) == 1 and "id" in json.loads(calls[0].function.arguments) and choices[-1].finish_reason == "tool_calls"
    assert not any(choice.delta.content for choice in choices)


def test_what_is_not_valid_ends_in_length_and_says_so(model):
    done = ask(model, max_tokens=3)
    assert done.choices[0].finish_reason == "length" and not done.structdiff["valid"] and done.structdiff["status"] == "TRUNCATED"


def test_each_of_many_has_what_it_would_have_had_alone(model):
    patterns = [f"[a-{letter}]{{{low},{low + 6}}}" for letter, low in zip("bcde", (4, 9, 14, 19))]

    async def chat(client, http):
        return await asyncio.gather(*(client.chat.completions.create(
            model="structdiff", messages=SAY, seed=seed, extra_body={"structured_outputs": {"regex": pattern}}) for seed, pattern in enumerate(patterns)))

    found = talk(model, chat, Options(seats=2))
    for seed, (pattern, done) in enumerate(zip(patterns, found)):
        assert done.choices[0].message.content == generate("Say it.", Regex(pattern), model=model, seed=seed).text


@pytest.mark.parametrize("body, param, says", [
    ({"messages": []}, "messages", "at least one"), ({"messages": [{"role": "user", "content": " "}]}, "messages", "no text"),
    ({"messages": [{"role": "pope", "content": "x"}]}, "messages[0].role", "a role"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content", "type text"),
    ({"messages": [{"role": "user", "content": "\ud800"}]}, "messages[0].content", "surrogate"),
    ({"n": 99}, "n", "from 1 to 8"), ({"max_tokens": 0}, "max_tokens", "from 1 to 4096"), ({"max_tokens": 10**9}, "max_tokens", "4096"),
    ({"n": True}, "n", "whole number"), ({"stream": "yes"}, "stream", "true or false"), ({"stop": [""]}, "stop", "1 to 100"), ({"stop": "x", "response_format": {"type": "json_object"}}, "stop", "give one"),
    ({"response_format": {"type": "xml"}}, "response_format.type", "text, json_object or json_schema"),
    ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, "response_format.json_schema.schema", "a schema"),
    ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "integer", "minimum": 3, "maximum": 1}}}},
     "response_format", "contradict"),
    ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"$ref": "http://127.0.0.1:1/x"}}}}, "response_format", "ref"),
    ({"structured_outputs": {"json": SCHEMA, "regex": "x"}}, "structured_outputs", "one of"),
    ({"structured_outputs": {"regex": "("}}, "structured_outputs", "does not compile"),
    ({"structured_outputs": {"grammar": "/etc/passwd"}}, "structured_outputs.grammar", "the text of a grammar"),
    ({"structured_outputs": {"choice": ["x"] * 10_001}}, "structured_outputs.choice", "10001 choices"),
    ({"structured_outputs": {"regex": "[a-z]{5000}"}, "max_tokens": 10}, "structured_outputs", "raise max_tokens|budget"),
    ({"structured_outputs": {"regex": "x"}, "response_format": {"type": "json_object"}}, "structured_outputs", "give one of them"),
    ({"tools": [{"type": "function"}]}, "tools", "needs a name"), ({"tools": [TOOL], "tool_choice": "maybe"}, "tool_choice", "auto"),
    ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tools", "other"),
])
def test_what_is_at_fault_is_refused_before_any_forward(model, body, param, says):
    async def chat(client, http):
        return await http.post("/v1/chat/completions", content=json.dumps({"model": "structdiff", "messages": SAY, **body})), \
            (await http.get("/metrics")).text

    answer, metrics = talk(model, chat)
    error = answer.json()["error"]
    assert answer.status_code == 400 and error["param"] == param and re.search(says, error["message"]), error
    assert error["type"] == "invalid_request_error" and "structdiff:forwards 0.0" in metrics


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"nul", b"[" * 100_000])
def test_bodies_that_are_no_request(model, data):
    async def chat(client, http):
        return await http.post("/v1/chat/completions", content=data)

    answer = talk(model, chat)
    assert answer.status_code == 400 and answer.json()["error"]["message"]


def test_a_body_that_is_too_large_is_refused(model):
    async def chat(client, http):
        return await http.post("/v1/chat/completions", content=b" " * 4_100_000)

    assert talk(model, chat).status_code == 413


def test_strangers_are_kept_out_and_others_told_where_they_are(model):
    async def chat(client, http):
        wrong = await http.get("/v1/models", headers={"authorization": "Bearer guess"})
        right = await client.models.list()
        return wrong, right, await http.get("/health"), await http.get("/version"), await http.get("/nowhere"), await http.get("/v1/chat/completions")

    wrong, right, health, version, nowhere, method = talk(model, chat, Options("mine", key="secret"))
    assert wrong.status_code == 401 and wrong.json()["error"]["code"] == "invalid_api_key" and right.data[0].id == "mine"
    assert health.json()["status"] == "ok" and version.json()["version"]
    assert nowhere.status_code == 404 and nowhere.json()["error"]["type"] == "not_found_error" and method.status_code == 405


def test_a_full_queue_asks_to_come_again(model):
    async def chat(client, http):
        calls = [client.chat.completions.create(model="structdiff", messages=SAY, max_tokens=400) for _ in range(6)]
        return await asyncio.gather(*calls, return_exceptions=True)

    found = talk(model, chat, Options(seats=1, waiting=1))
    refused = [one for one in found if isinstance(one, openai.RateLimitError)]
    assert refused and len(refused) < 6 and refused[0].response.headers["retry-after"] == "1"


def test_the_bounds_of_a_server_are_its_own(model):
    async def chat(client, http):
        return await http.post("/v1/chat/completions", json={"messages": SAY, "max_tokens": 50})

    assert "from 1 to 40" in talk(model, chat, Options(bounds=Bounds(max_tokens=40))).json()["error"]["message"]


def test_over_a_socket_a_client_that_goes_away_gives_its_seat_back(model):
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app(model), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    base = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    with openai.OpenAI(api_key="x", base_url=f"{base}/v1", max_retries=0) as client, httpx.Client(base_url=base) as http:
        stream = client.chat.completions.create(model="structdiff", messages=SAY, stream=True, max_tokens=4000,
                                                extra_body={"structured_outputs": {"regex": "[a-z]{2000}"}, "structdiff_drafts": True})
        next(iter(stream))
        stream.close()
        deadline = time.monotonic() + 20
        while http.get("/health").json()["running"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert http.get("/health").json()["running"] == 0
        again = client.chat.completions.create(model="structdiff", messages=SAY, extra_body={"structured_outputs": {"choice": ["yes"]}})
        assert again.choices[0].message.content == "yes"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def test_the_command_line_lets_nobody_in_by_oversight():
    from typer.testing import CliRunner

    from structdiff import cli

    done = CliRunner().invoke(cli.app, ["serve", "--host", "0.0.0.0"])
    assert done.exit_code == 2 and "--api-key" in done.stderr


def test_where_the_choice_is_its_own_a_model_may_answer_in_text(model):
    texts = [ask(model, tools=[TOOL], tool_choice=choice, max_tokens=60, seed=seed).choices[0] for choice in ("auto", None) for seed in range(3)]
    for choice in texts:
        if choice.finish_reason == "tool_calls":
            assert "id" in json.loads(choice.message.tool_calls[0].function.arguments)
        else:
            assert choice.message.tool_calls is None and not choice.message.content.startswith("{")
    assert any(choice.message.content for choice in texts)
    chunks = streamed(model, tools=[TOOL], max_tokens=60, seed=0)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == (texts[0].message.content or "")


def test_what_is_counted_is_what_happened(model):
    async def chat(client, http):
        await client.chat.completions.create(model="structdiff", messages=SAY, max_tokens=60, extra_body={"structured_outputs": {"json": SCHEMA}})
        await client.chat.completions.create(model="structdiff", messages=SAY, max_tokens=3)
        await http.post("/v1/chat/completions", json={"messages": SAY, "n": 0})
        return (await http.get("/metrics")).text

    told = talk(model, chat)
    values = dict(line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))
    expected = {'structdiff:requests_total{route="chat"}': 2, 'structdiff:requests_rejected_total{status="400"}': 1,
                'structdiff:results_total{status="VALID"}': 1, 'structdiff:results_total{status="TRUNCATED"}': 1, "structdiff:invalid_finals_total": 1,
                "structdiff:compile_seconds_count": 1, "structdiff:check_seconds_count": 2, "structdiff:forwards_to_valid_count": 1,
                "structdiff:num_requests_running": 0, 'structdiff:request_success_total{finished_reason="length"}': 1,
                "structdiff:time_to_first_token_seconds_count": 2}
    assert {name: float(values[name]) for name in expected} == expected
    assert float(values["structdiff:constraint_cache_bytes"]) > 1000 and float(values["structdiff:check_seconds_sum"]) > 0


def test_the_clients_own_stream_parses_at_the_end(model):
    async def chat(client, http):
        async with client.chat.completions.stream(model="structdiff", messages=SAY, response_format=Answer, max_tokens=100) as stream:
            kinds = [event.type async for event in stream]
            return kinds, (await stream.get_final_completion()).choices[0]

    kinds, choice = talk(model, chat)
    assert isinstance(choice.message.parsed, Answer) and choice.finish_reason == "stop"
    assert "content.delta" in kinds and kinds[-1] == "content.done"


def test_a_client_that_is_told_to_come_again_does_and_is_served(model):
    async def chat(client, http):
        patient = client.with_options(max_retries=5)
        calls = [patient.chat.completions.create(model="structdiff", messages=SAY, max_tokens=30) for _ in range(5)]
        return await asyncio.gather(*calls), (await http.get("/metrics")).text

    found, told = talk(model, chat, Options(seats=1, waiting=1))
    assert len(found) == 5 and 'structdiff:requests_rejected_total{status="429"}' in told


def test_what_is_at_fault_is_not_tried_again(model):
    async def chat(client, http):
        with pytest.raises(openai.BadRequestError) as error:
            await client.with_options(max_retries=3).chat.completions.create(
                model="structdiff", messages=SAY, extra_body={"structured_outputs": {"json": {"type": "integer", "minimum": 3, "maximum": 1}}})
        return error.value, (await http.get("/metrics")).text

    error, told = talk(model, chat)
    assert error.code == "invalid_constraint" and 'requests_rejected_total{status="400"} 1.0' in told
