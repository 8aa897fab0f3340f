"""Normal requests while others want constraints that take all the time there is: how long they wait, against a quiet server."""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import Any

import httpx

from tasks.bench.serve import ALL, served

NORMAL = ALL[0].body


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--compiles", type=int, default=200)
    parser.add_argument("--normal", type=int, default=200, help="normal requests, one at a time, in each of the two states")


def run(options: argparse.Namespace) -> dict[str, Any]:
    with served("--waiting", "1000") as (base, _):
        return asyncio.run(_measured(base, options))


async def _measured(base: str, options: argparse.Namespace) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=options.compiles + 8)
    async with httpx.AsyncClient(base_url=base, timeout=None, limits=limits) as client:
        await _waits(client, 10)
        quiet = await _waits(client, options.normal)
        slow = [asyncio.ensure_future(client.post("/v1/chat/completions", json={
            "messages": [{"role": "user", "content": "x"}], "structured_outputs": {"regex": f"(a{{1,1000}}){{1,{1000 + i}}}"}}))
                for i in range(options.compiles)]
        await asyncio.sleep(1)
        busy = await _waits(client, options.normal)
        waiting = sum(not one.done() for one in slow)
        answered = [one.result().status_code for one in slow if one.done()]
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
    return {"compiles": options.compiles, "waiting_at_the_end": waiting, "answers": {str(code): answered.count(code) for code in set(answered)},
            "quiet": _shown(quiet), "busy": _shown(busy), "p99_ratio": round(_at(busy, 0.99) / _at(quiet, 0.99), 2)}


async def _waits(client: httpx.AsyncClient, many: int) -> list[float]:
    waits = []
    for _ in range(many):
        begun = time.perf_counter()
        answer = await client.post("/v1/chat/completions", json=NORMAL)
        waits.append(time.perf_counter() - begun)
        assert answer.status_code == 200, answer.text
    return sorted(waits)


def _at(waits: list[float], share: float) -> float:
    return waits[min(int(len(waits) * share), len(waits) - 1)]


def _shown(waits: list[float]) -> dict[str, float]:
    return {"median": round(_at(waits, 0.5), 3), "p99": round(_at(waits, 0.99), 3)}


def table(report: dict[str, Any]) -> str:
    return (f"quiet: median {report['quiet']['median']} s, p99 {report['quiet']['p99']} s; with {report['compiles']} slow compiles: median "
            f"{report['busy']['median']} s, p99 {report['busy']['p99']} s, {report['p99_ratio']} times; of the slow, {report['waiting_at_the_end']} "
            f"still waited, answered: {report['answers']}")
