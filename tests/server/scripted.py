"""A server for the page whose answers a test has written: it streams them as the real one does, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from structdiff.server.page import routes

Chunk = dict[str, Any]
PAUSE: Chunk = {"pause": True}                          # the stream waits here until `Script.gate` is set


@dataclass
class Script:
    """answer: of a request's body, the chunks to stream, or a status and an error. asked: bodies; keys: what was shown as authorization.
    left: set when a client leaves its stream. locked: the key without which no model is named."""

    answer: Callable[[Chunk], list[Chunk] | tuple[int, Chunk]] = lambda body: written("", "yes")
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[Chunk] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    locked: str | None = None

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("authorization"))
        answer = self.answer(body)
        if isinstance(answer, tuple):
            return JSONResponse({"error": answer[1]}, answer[0])
        return StreamingResponse(self._stream(answer), media_type="text/event-stream")

    async def models(self, request: Request) -> Response:
        if self.locked and request.headers.get("authorization") != f"Bearer {self.locked}":
            return JSONResponse({"error": {"message": "the API key is missing or wrong", "param": None, "code": "invalid_api_key"}}, 401)
        return JSONResponse({"object": "list", "data": [{"id": "scripted"}]})

    async def _stream(self, chunks: list[Chunk]):
        try:
            for chunk in chunks:
                while chunk is PAUSE and not self.gate.is_set():
                    await asyncio.sleep(0.01)
                if chunk is not PAUSE:
                    yield f"data: {json.dumps(chunk)}\n\n"
            yield "data: [DONE]\n\n"
        except asyncio.CancelledError:
            self.left.set()
            raise


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Yields the address at which `app` is served from a thread, on a port of the system's choice."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()


def app(script: Script) -> Starlette:
    return Starlette(routes=[*routes(), Route("/v1/chat/completions", script.complete, methods=["POST"]), Route("/v1/models", script.models)])


def canvas(tokens: str, kept: str, *, entropy: list[float] | None = None, pinned: str = "", renoised: dict[str, str] | None = None,
           block: int = 0, forward: int = 1) -> Chunk:
    """Returns a draft. tokens: set apart by bars. kept, pinned: a mark a token, "x" for yes."""
    pieces = tokens.split("|")
    return {"choices": [], "structdiff": {
        "type": "canvas", "index": 0, "block": block, "forward": forward, "level": 0.5, "tokens": pieces, "kept": [mark == "x" for mark in kept],
        "entropy": entropy or [0.0] * len(pieces), "renoised": renoised or {}, "pinned": [mark == "x" for mark in pinned.ljust(len(pieces))]}}


def text(content: str) -> Chunk:
    return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": None}]}


def ended(valid: bool = True, **more: Any) -> Chunk:
    told = {"forwards": 2, "renoised": 1, "valid": valid, "status": "VALID" if valid else "UNRESOLVED", "violations": [], **more}
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop" if valid else "length"}], "structdiff": told}


def written(before: str, content: str) -> list[Chunk]:
    """Returns an answer of two forwards: first `before`, of which nothing is kept, then what stays."""
    return [canvas(before or content, " ", entropy=[2.0]), canvas(content, "x", forward=2), text(content), ended()]


def boards(puzzle: str, solution: str) -> list[Chunk]:
    """Returns the answer to a Sudoku in a line: a forward that keeps what is given and breaks a rule in r1c3, and the solution."""
    size = round(len(puzzle) ** 0.5)
    names = [f"r{row + 1}c{column + 1}" for row in range(size) for column in range(size)]
    cells = {name: int(mark) if mark != "." else None for name, mark in zip(names, puzzle)}
    given = [name for name in names if cells[name]]
    board = {"type": "board", "forward": 1, "cells": cells, "given": given, "culprits": {"r1c3": "all different in row 1"}, "text": puzzle}
    return [{"choices": [], "structdiff": board}, text(solution), ended(cells=dict(zip(names, map(int, solution))), unique=True)]
