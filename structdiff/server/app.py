"""The routes: chat completions, models, health, metrics."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from structdiff import __version__, engine
from structdiff.api import compiled
from structdiff.denoiser import Denoiser, Prompt
from structdiff.errors import StructdiffError
from structdiff.result import Result
from structdiff.server.metrics import Metrics
from structdiff.server.replies import Deltas, Reply, fault
from structdiff.server.scheduler import Committed, Ended, Event, Failed, Full, Scheduler, Stepped, Work
from structdiff.server.wire import Bounds, Fault, Job, job

BODY = 4_000_000        # bytes
WATCH = 0.25            # seconds between looks whether a client is still there


@dataclass(frozen=True)
class Options:
    """How to serve. key: what clients must show as a bearer token; None: nothing. seats: rows denoised together at most. waiting: requests
    that may wait; more are refused with 429."""

    name: str = "structdiff"
    key: str | None = None
    seats: int = 64
    waiting: int = 256
    bounds: Bounds = Bounds()


def app(denoiser: Denoiser, options: Options = Options()) -> Starlette:
    """Returns an ASGI application that answers with this denoiser."""
    server = _Server(denoiser, options)
    routes = [
        Route("/v1/chat/completions", server.complete, methods=["POST"]), Route("/v1/models", server.models),
        Route("/health", server.health), Route("/version", server.version), Route("/metrics", server.measured),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(server.scheduler.close)

    handlers = {Fault: server.refused, HTTPException: server.not_found, Exception: server.broken}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers, max_body_size=BODY)


class _Server:
    def __init__(self, denoiser: Denoiser, options: Options):
        self.denoiser, self.options, self.metrics = denoiser, options, Metrics()
        self.scheduler = Scheduler(denoiser, options.seats, options.waiting)
        self._compiling = asyncio.Lock()

    # --- routes -----------------------------------------------------------------------------------------------------

    async def complete(self, request: Request) -> Response:
        self._admit(request)
        wanted = job(await _body(request), self.options.bounds)
        requests = await self._requests(wanted)
        events: asyncio.Queue[Event] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        work = Work(requests, engine.Settings(max_tokens=wanted.max_tokens), lambda event: loop.call_soon_threadsafe(events.put_nowait, event))
        reply = Reply(wanted, f"chatcmpl-{uuid.uuid4().hex}", int(time.time()), len(self.denoiser.vocab.spell(wanted.prompt.encode(), 10**6)))
        try:
            self.scheduler.submit(work)
        except Full:
            self.metrics.count("rejected", "queue")
            raise Fault(429, "too many requests wait; try again in a second", code="queue_full") from None
        self.metrics.count("requests", "chat")
        if wanted.stream:
            return StreamingResponse(self._streamed(reply, work, events), media_type="text/event-stream", headers={"cache-control": "no-store"})
        return JSONResponse(reply.whole(await self._results(request, work, events)))

    async def models(self, request: Request) -> Response:
        self._admit(request)
        return JSONResponse({"object": "list", "data": [{"id": self.options.name, "object": "model", "created": 0, "owned_by": "structdiff"}]})

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "running": self.scheduler.running, "waiting": self.scheduler.queued})

    async def version(self, request: Request) -> Response:
        return JSONResponse({"version": __version__})

    async def measured(self, request: Request) -> Response:
        self._admit(request)
        gauges = {"num_requests_running": self.scheduler.running, "num_requests_waiting": self.scheduler.queued}
        return PlainTextResponse(self.metrics.text(gauges, self.scheduler.forwards), media_type="text/plain; version=0.0.4")

    # --- a completion -----------------------------------------------------------------------------------------------

    def _admit(self, request: Request) -> None:
        if self.options.key is not None:
            shown = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(shown.encode(), self.options.key.encode()):
                raise Fault(401, "the API key is missing or wrong", code="invalid_api_key")

    async def _requests(self, wanted: Job) -> list[engine.Request]:
        """Returns the job's rows, compiled. One is compiled at a time; what is at fault is said before any forward."""
        hint, made = "", None
        if wanted.constraint is not None:
            hint = wanted.constraint.hint()
            async with self._compiling:
                started = time.perf_counter()
                try:
                    made = await asyncio.to_thread(compiled, wanted.constraint, self.denoiser.vocab, wanted.prompt)
                    made.require(wanted.max_tokens)
                except StructdiffError as error:
                    raise Fault(400, str(error), wanted.param, "invalid_constraint") from None
                finally:
                    self.metrics.observe("compile_seconds", time.perf_counter() - started)
        return [engine.Request(Prompt(wanted.prompt, hint), made, seed) for seed in wanted.seeds]

    async def _results(self, request: Request, work: Work, events: asyncio.Queue[Event]) -> list[Result]:
        """Returns the results, in order; gives the seats back where the client went away."""
        results: dict[int, Result] = {}
        try:
            while len(results) < len(work.requests):
                try:
                    event = await asyncio.wait_for(events.get(), WATCH)
                except TimeoutError:
                    if await request.is_disconnected():
                        raise ClientDisconnect from None
                    continue
                if isinstance(event, Failed):
                    raise Fault(500, f"the model failed: {type(event.error).__name__}")
                if isinstance(event, Ended):
                    results[event.index] = event.result
                    self.metrics.ended(event.result)
        finally:
            self.scheduler.cancel(work)
        return [results[index] for index in sorted(results)]

    async def _streamed(self, reply: Reply, work: Work, events: asyncio.Queue[Event]) -> AsyncIterator[str]:
        """Yields server-sent events: text only from committed blocks, which are never taken back."""
        deltas, results = Deltas(), {}
        try:
            for index in range(len(work.requests)):
                yield _sent(reply.delta(index, {"role": "assistant", "content": ""}))
            while len(results) < len(work.requests):
                event = await events.get()
                if isinstance(event, Failed):
                    yield _sent(fault(Fault(500, f"the model failed: {type(event.error).__name__}")))
                    return
                for part in self._parts(reply, event, deltas):
                    yield _sent(part)
                if isinstance(event, Ended):
                    results[event.index] = event.result
                    self.metrics.ended(event.result)
            if reply.job.usage:
                yield _sent(reply.usage([results[index] for index in sorted(results)]))
            yield "data: [DONE]\n\n"
        finally:
            self.scheduler.cancel(work)

    def _parts(self, reply: Reply, event: Event, deltas: Deltas) -> list[dict[str, Any]]:
        """Returns the chunks that an event gives."""
        match event:
            case Stepped(index, step) if reply.job.drafts:
                text = self.denoiser.vocab.text([token for token in step.proposal]).decode(errors="replace")
                return [reply.draft(index, step, text)]
            case Committed(index, text) if not reply.job.calls and (new := deltas.of(index, text)):
                return [reply.delta(index, {"content": new})]
            case Ended(index, result):
                call = [reply.delta(index, {"tool_calls": [{"index": 0, **reply.call(result, index)}]})] if reply.job.calls and result.valid else []
                return [*call, reply.delta(index, {}, result)]
        return []

    # --- what goes wrong --------------------------------------------------------------------------------------------

    async def refused(self, request: Request, error: Fault) -> Response:
        headers = {"retry-after": "1"} if error.status == 429 else {"www-authenticate": "Bearer"} if error.status == 401 else None
        return JSONResponse(fault(error), error.status, headers)

    async def not_found(self, request: Request, error: HTTPException) -> Response:
        return JSONResponse(fault(Fault(error.status_code, f"{request.method} {request.url.path}: {error.detail}")), error.status_code)

    async def broken(self, request: Request, error: Exception) -> Response:
        return JSONResponse(fault(Fault(500, f"unexpected {type(error).__name__}; this is a fault of the server")), 500)


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Fault(400, f"the body is not JSON: {error}") from None


def _sent(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"
