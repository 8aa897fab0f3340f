"""The server under load: many streaming clients at once against one client at a time, and each answer against the one it had alone."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import jsonschema
import openai

WORDS = ("red", "green", "blue", "small", "large", "round", "flat", "new")
PROMPTS = ("Invoice 17 from Acme, due in March, 250 EUR.", "Ada booked two seats to Oslo.", "Order: three blue chairs.", "Nothing to report.")


def schemas() -> list[dict[str, Any]]:
    """Returns sixteen schemas that differ in shape."""
    plain = {"text": {"type": "string", "maxLength": 12}, "count": {"type": "integer", "minimum": 0, "maximum": 999},
             "sure": {"type": "boolean"}, "kind": {"enum": list(WORDS)}, "date": {"type": "string", "format": "date"},
             "price": {"type": "number", "multipleOf": 0.25, "minimum": 0, "maximum": 100},
             "tags": {"type": "array", "items": {"enum": list(WORDS)}, "maxItems": 3, "uniqueItems": True},
             "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"}}
    names = list(plain)
    return [{"type": "object", "properties": {name: plain[name] for name in [*names, *names][first : first + many]},
             "required": [*names, *names][first : first + many], "additionalProperties": False} for many in (2, 4) for first in range(8)]


@dataclass(frozen=True)
class Asked:
    schema: int
    prompt: int

    @property
    def body(self) -> dict[str, Any]:
        format = {"type": "json_schema", "json_schema": {"name": f"s{self.schema}", "strict": True, "schema": schemas()[self.schema]}}
        return {"model": "structdiff", "messages": [{"role": "user", "content": PROMPTS[self.prompt]}], "response_format": format,
                "seed": 7 * self.schema + self.prompt, "max_tokens": 256}


ALL = [Asked(schema, prompt) for prompt in range(len(PROMPTS)) for schema in range(16)]


@dataclass
class Tally:
    answers: int = 0
    tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    texts: dict[Asked, str] = field(default_factory=dict)

    def take(self, asked: Asked, text: str, reason: str | None, seconds: float) -> None:
        self.answers += 1
        self.waits.append(seconds)
        if reason != "stop":
            self.faults[f"ended in {reason}"] += 1
        try:
            jsonschema.validate(json.loads(text), schemas()[asked.schema])
        except (ValueError, jsonschema.ValidationError):
            self.faults["invalid"] += 1
        if self.texts.setdefault(asked, text) != text:
            self.faults["not what it was alone"] += 1


async def one(client: openai.AsyncOpenAI, asked: Asked, tally: Tally) -> None:
    begun, parts, reason = time.perf_counter(), [], None
    try:
        async for chunk in await client.chat.completions.create(stream=True, **asked.body):
            for choice in chunk.choices:
                parts.append(choice.delta.content or "")
                reason = choice.finish_reason or reason
    except openai.OpenAIError as error:
        tally.faults[f"error {type(error).__name__}"] += 1
        return
    tally.take(asked, "".join(parts), reason, time.perf_counter() - begun)


async def clients(base: str, many: int, seconds: float, tally: Tally) -> float:
    """Has so many clients ask, each one thing after another, and returns answers a second."""
    begun = time.perf_counter()
    before = tally.answers

    async def asking(client: openai.AsyncOpenAI, first: int) -> None:
        turn = first
        while time.perf_counter() < begun + seconds:
            await one(client, ALL[turn % len(ALL)], tally)
            turn += many if many > 1 else 1

    async with openai.AsyncOpenAI(api_key="x", base_url=f"{base}/v1", max_retries=0,
                                  http_client=httpx.AsyncClient(limits=httpx.Limits(max_connections=many), timeout=600)) as client:
        await asyncio.gather(*(asking(client, 17 * number) for number in range(many)))
    return (tally.answers - before) / (time.perf_counter() - begun)


def resident(process: int) -> int:
    """Returns the bytes of memory a process has."""
    with open(f"/proc/{process}/statm") as sizes:
        return int(sizes.read().split()[1]) * os.sysconf("SC_PAGESIZE")


async def watched(process: int, sizes: list[int], every: float) -> None:
    while True:
        sizes.append(resident(process))
        await asyncio.sleep(every)


async def measured(base: str, process: int, options: argparse.Namespace) -> dict[str, Any]:
    tally = Tally()
    for asked in ALL:                                     # warm, and what each is alone
        async with openai.AsyncOpenAI(api_key="x", base_url=f"{base}/v1", max_retries=0) as client:
            await one(client, asked, tally)
    before = await clients(base, 1, options.alone, tally)
    sizes: list[int] = []
    watching = asyncio.ensure_future(watched(process, sizes, options.minutes * 3))
    tally.waits.clear()
    together = await clients(base, options.clients, 60 * options.minutes, tally)
    watching.cancel()
    waits = sorted(tally.waits)
    after = await clients(base, 1, options.alone, tally)
    return {"clients": options.clients, "minutes": options.minutes, "answers": tally.answers, "faults": dict(tally.faults),
            "one_per_second": [round(before, 2), round(after, 2)], "together_per_second": round(together, 2),
            "times_as_many": round(2 * together / (before + after), 2),
            "seconds": {"median": round(waits[len(waits) // 2], 2), "p99": round(waits[int(len(waits) * 0.99)], 2)},
            "memory_mib": [round(size / 2**20) for size in sizes]}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--alone", type=float, default=30, help="seconds of one client at a time, before and after")


@contextmanager
def served(*options: str) -> Iterator[tuple[str, int]]:
    """Yields the address and the process id of a server with the shipped model; it must end well when it is told to stop."""
    server = subprocess.Popen([sys.executable, "-m", "structdiff.cli", "serve", "--port", "0", *options], stderr=subprocess.PIPE, text=True)
    try:
        yield re.search(r"http://[\w.:]+(?=/v1)", server.stderr.readline())[0], server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        ended = server.wait(60)
        server.stderr.close()
    assert ended == 0, f"the server ended with {ended}"


def run(options: argparse.Namespace) -> dict[str, Any]:
    with served("--waiting", str(options.clients)) as (base, process):
        return asyncio.run(measured(base, process, options))


def table(report: dict[str, Any]) -> str:
    one, memory = report["one_per_second"], report["memory_mib"]
    return "\n".join([
        f"one client: {one[0]} answers/s before, {one[1]} after; {report['clients']} clients for {report['minutes']} minutes: "
        f"{report['together_per_second']} answers/s, {report['times_as_many']} times as many",
        f"{report['answers']} answers; median {report['seconds']['median']} s, p99 {report['seconds']['p99']} s; "
        f"faults: {report['faults'] or 'none'}",
        f"memory of the server, MiB: {' '.join(map(str, memory))}"])
