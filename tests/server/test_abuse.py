"""What a server is asked that no one should ask: each is answered, soon, and the next normal request is served."""

from __future__ import annotations

import asyncio
import json
import re
import time

import httpx
import pytest
from clients import SAY, shop, talk

from structdiff.server import Options, app
from structdiff.server.lanes import Room
from structdiff.server.workshop import Limits

NORMAL = {"messages": SAY, "max_tokens": 40, "structured_outputs": {"choice": ["yes", "no"]}}


def nested(depth: int, inner=None) -> dict:
    schema = inner or {"type": "integer"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    return schema


def one_of(depth: int) -> dict:
    return {"type": "integer"} if depth == 0 else {"oneOf": [one_of(depth - 1), {"type": "object", "required": [f"k{depth}"]}]}


def doubling(times: int) -> dict:
    """A schema whose text doubles at each of its references."""
    defs = {f"d{i}": {"type": "array", "prefixItems": [{"$ref": f"#/$defs/d{i + 1}"}] * 2, "minItems": 2, "items": False} for i in range(times)}
    return {"$defs": {**defs, f"d{times}": {"type": "null"}}, "$ref": "#/$defs/d0"}


def schema(value) -> dict:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": value}}}


def grammar(text: str) -> dict:
    return {"structured_outputs": {"grammar": text}}


def regex(text: str) -> dict:
    return {"structured_outputs": {"regex": text}}


# name -> (what is asked, the status that answers it, what the message says of it)
ASKED = {
    "a schema of depth 33": (schema(nested(33)), 200, ""),
    "a schema of depth 240": (schema(nested(240)), 400, "nested too deeply|too large|budget"),
    "a schema of depth 100,000": ('{"messages": [{"role": "user", "content": "x"}], "structured_outputs": {"json": ' + '{"not": ' * 100_000
                                  + "true" + "}" * 100_000 + "}}", 400, "nested|recursion"),
    "a schema of depth 900": ('{"messages": [{"role": "user", "content": "x"}], "structured_outputs": {"json": ' + '{"items": ' * 900
                              + "true" + "}" * 900 + "}}", 200, ""),
    "oneOf nested 16 deep": (schema(one_of(16)), 200, ""),
    "a reference to itself": (schema({"$ref": "#"}), 400, "."),
    "references in a ring": (schema({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}), 400, "."),
    "an object that must hold itself": (schema({"type": "object", "properties": {"me": {"$ref": "#"}}, "required": ["me"]}), 400, "."),
    "a text of 2**25 parts": (schema(doubling(25)), 400, "shortest|budget|too large"),
    "100,000 enum values": (schema({"enum": [f"value {i}" for i in range(100_000)]}), 200, ""),
    "an enum value of 1 MB": (schema({"enum": ["x" * 1_000_000]}), 400, "budget|too large"),
    "half of a surrogate pair": (schema({"const": "\ud800"}), 200, ""),
    "NUL in a value": (schema({"const": "a\x00b"}), 200, ""),
    "a billion characters": (schema({"type": "string", "minLength": 10**9}), 400, "budget|too large|shortest"),
    "up to a billion characters": (schema({"type": "string", "maxLength": 10**9}), 200, ""),
    "a million items": (schema({"type": "array", "minItems": 10**6, "items": {"type": "null"}}), 400, "budget|too large|shortest"),
    "items up to a googol": (schema({"type": "array", "maxItems": 10**100, "items": {"enum": [1]}, "minItems": 1}), 200, ""),
    "a regex that backtracks": (regex("(a+)+$|(a|aa)+b"), 200, ""),
    "a regex that doubles": (regex("(a|b)*a(a|b){60}"), 200, ""),
    "a regex of a million": (regex("(a{1,1000}){1,1000}"), 400, "too large|states"),
    "optional upon optional": (regex("(a?){300}a{300}"), 200, ""),
    "a grammar that is left-recursive": (grammar('start: start "a" | "b"\n'), 200, ""),
    "a grammar that is ambiguous": (grammar('start: start start | "a"\n'), 400, "conflict|LALR|Reduce"),
    "a grammar with no text": (grammar('start: start "a"\n'), 400, "."),
    "a grammar that is empty": (grammar("\n"), 400, "."),
    "60,000 parentheses": (grammar("start: " + "(" * 60_000 + '"a"' + ")" * 60_000 + "\n"), 400, "."),
    "a pattern in a grammar that doubles": (grammar("start: A\nA: /(a|b)*a(a|b){60}/\n"), 200, ""),
    "a puzzle of a million cells": ({"puzzle": {"kind": "sudoku", "text": "." * 150_000}}, 400, "cells"),
    "queens on a vast board": ({"puzzle": {"kind": "queens", "text": "5000"}}, 400, "."),
    "a text that is hard to repair": ({"repair": {"text": "[{" * 3000, "format": "json"}}, 200, ""),
    "a prompt of 190,000 characters": ({"messages": [{"role": "user", "content": "word " * 38_000}]}, 400, "8192 tokens"),
    "a prompt of 6,000 characters": ({"messages": [{"role": "user", "content": "word " * 1_200}], **regex("ok")}, 200, ""),
    "n": ({"n": 10**9}, 400, "from 1 to 8"), "max_tokens": ({"max_tokens": 10**18}, 400, "from 1 to 4096"),
    "a float for a number": ({"n": 1e400}, 400, "whole number"),
    "special tokens in the prompt": ({"messages": [{"role": "user", "content": "<eos><mask><|image|><bos><pad> <unused0>"}], **regex("ok")}, 200, ""),
    "special tokens in a choice": ({"structured_outputs": {"choice": ["<eos>", "<mask>"]}}, 200, ""),
    "markup in the answer": ({"structured_outputs": {"choice": ["<img src=x onerror=alert(1)>"]}}, 200, ""),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_is_answered_soon_and_the_next_request_is_served(model, name):
    asked, status, says = ASKED[name]

    async def chat(client, http):
        await http.post("/v1/chat/completions", json=NORMAL)
        begun = time.perf_counter()
        body = asked if isinstance(asked, str) else json.dumps({"messages": SAY, "max_tokens": 300, **asked})
        answer = await http.post("/v1/chat/completions", content=body, timeout=120)
        took = time.perf_counter() - begun
        return answer, took, await http.post("/v1/chat/completions", json=NORMAL)

    answer, took, normal = talk(model, chat, Options(room=Room(slow=Limits(3.0, niceness=15))))
    told = answer.json()
    assert answer.status_code == status, (took, told)
    if status == 400:
        assert re.search(says, told["error"]["message"]), told
    else:
        choice = told["choices"][0]
        assert told["structdiff"]["valid"] and choice["finish_reason"] == "stop" or choice["finish_reason"] == "length", told
    assert took < 60 and normal.status_code == 200 and normal.json()["choices"][0]["message"]["content"] in ("yes", "no")


def test_clients_that_leave_make_room_for_others(model):
    """Twenty slow compiles fill the room and their clients leave: a new one need not wait for what nobody wants."""
    room = Room(slow=Limits(3.0, niceness=15), waiting=20)

    async def session():
        made = app(model, Options(room=room), shop(model.vocab))
        async with made.router.lifespan_context(made):
            began = time.perf_counter()
            leaving = [asyncio.ensure_future(_left(made, {"messages": SAY, **regex(f"(a|b)*a(a|b){{{40 + i}}}(c{{1,1000}}){{1,1000}}")})) for i in range(20)]
            assert set(await asyncio.gather(*leaving)) == {499}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://server", timeout=60) as http:
                answer = await http.post("/v1/chat/completions", json={"messages": SAY, **regex("yes|never")})
            assert answer.status_code == 200 and time.perf_counter() - began < 20

    asyncio.run(session())


async def _left(made, asked) -> int:
    """Returns the status of a request whose client leaves at once."""
    said = [{"type": "http.request", "body": json.dumps(asked).encode(), "more_body": False}]
    sent = []

    async def receive():
        return said.pop() if said else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    path = "/v1/chat/completions"
    await made({"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(),
                "root_path": "", "scheme": "http", "query_string": b"", "headers": [], "client": None, "server": None}, receive, send)
    return sent[0]["status"]


def test_what_is_written_is_text_whatever_it_looks_like(model):
    texts = ["<eos>", "<img src=x onerror=alert(1)>"]

    async def chat(client, http):
        return [(await http.post("/v1/chat/completions", json={"messages": SAY, "structured_outputs": {"choice": [text]}})) for text in texts]

    for text, answer in zip(texts, talk(model, chat)):
        assert answer.json()["choices"][0]["message"]["content"] == text
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("many", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_the_memory_of_many_schemas_is_bounded(model, many):
    async def chat(client, http):
        for i in range(many):
            answer = await http.post("/v1/chat/completions", json={"messages": SAY, "max_tokens": 30, **schema({"const": i})})
            assert answer.json()["choices"][0]["message"]["content"] == str(i)
        return (await http.get("/metrics")).text

    told = talk(model, chat, Options(room=Room(kept=2_000_000)))
    assert 0 < int(re.search(r"constraint_cache_bytes (\d+)", told)[1]) <= 2_000_000


def test_slow_compiles_hold_up_no_one_else(model):
    """The normal requests' constraint is known; forty others want something that takes all the time that there is."""

    async def chat(client, http):
        async def normal(many):
            took = []
            for _ in range(many):
                begun = time.perf_counter()
                answer = await http.post("/v1/chat/completions", json=NORMAL)
                took.append(time.perf_counter() - begun)
                assert answer.status_code == 200
            return sorted(took)

        await normal(5)
        slow = [asyncio.ensure_future(http.post("/v1/chat/completions", json={"messages": SAY, **regex(f"(a{{1,1000}}){{1,{1000 + i}}}")}, timeout=600))
                for i in range(100)]
        busy = await normal(30)
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return busy

    assert talk(model, chat)[-1] < 5
