"""The routes: chat completions, responses, models, health, version, metrics, and the page."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from structdiff import __version__, engine
from structdiff.denoiser import Denoiser, Prompt
from structdiff.errors import StructdiffError
from structdiff.puzzle.solver import Ending
from structdiff.server import page, wire
from structdiff.server.chat import ChatReply
from structdiff.server.events import Answer, Teller, Telling, Written, of_puzzle, of_repair
from structdiff.server.lanes import Crowded, Lanes, Room
from structdiff.server.metrics import Metrics
from structdiff.server.replies import Reply, fault
from structdiff.server.responses import ResponseReply
from structdiff.server.scheduler import Event, Failed, Full, Scheduler, Work
from structdiff.server.tasks import Compile, Mend, Ready, Solve
from structdiff.server.wire import Bounds, Fault, Job
from structdiff.server.workshop import Exceeded, Workshop

BODY = 4_000_000        # bytes
WATCH = 0.25            # seconds between looks whether a client is still there
LEFT = 499              # the status, which nobody gets, where the client has left


@dataclass(frozen=True)
class Options:
    """How to serve. key: what clients must show as a bearer token; None: nothing. seats: rows denoised together at most. waiting: requests
    that may wait; more are refused with 429. room: what tasks beside the model may take."""

    name: str = "structdiff"
    key: str | None = None
    seats: int = 64
    waiting: int = 256
    bounds: Bounds = Bounds()
    room: Room = Room()


def app(denoiser: Denoiser, options: Options = Options(), workshop: Workshop | None = None) -> Starlette:
    """Returns an ASGI application that answers with this denoiser. workshop: of its vocabulary; one that is given is not closed.

    Its `state.stop()` ends all compiling, whose requests are told so; what is being denoised goes on.
    """
    server = _Server(denoiser, options, workshop or Workshop(denoiser.vocab))
    routes = [
        Route("/v1/chat/completions", server.chat, methods=["POST"]), Route("/v1/responses", server.respond, methods=["POST"]),
        Route("/v1/models", server.models), Route("/health", server.health), Route("/version", server.version),
        Route("/metrics", server.measured), *page.routes(),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        if workshop is None:
            server.lanes.close()
        await asyncio.to_thread(server.scheduler.close)

    handlers = {Fault: server.refused, ClientDisconnect: server.left, HTTPException: server.not_found, Exception: server.broken}
    made = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers, max_body_size=BODY)
    made.state.stop = server.lanes.close
    return made


@dataclass(eq=False)
class _Running:
    """A job that has begun. many: answers that it will have. work: what the scheduler has of it; None: it was a task, and has ended."""

    job: Job
    many: int
    events: asyncio.Queue[Event | Telling] = field(default_factory=asyncio.Queue)
    work: Work | None = None
    begun: float = field(default_factory=time.perf_counter)


class _Server:
    def __init__(self, denoiser: Denoiser, options: Options, workshop: Workshop):
        self.denoiser, self.options, self.metrics, self.workshop = denoiser, options, Metrics(), workshop
        self.scheduler = Scheduler(denoiser, options.seats, options.waiting)
        self.lanes = Lanes(workshop, options.room)
        self.metrics.gauge("num_requests_running", "Requests that are denoised", lambda: self.scheduler.running)
        self.metrics.gauge("num_requests_waiting", "Requests that wait for a seat", lambda: self.scheduler.queued)
        self.metrics.gauge("constraint_cache_bytes", "Bytes of constraints that are remembered", lambda: self.lanes.bytes)
        self.metrics.gauge("forwards", "Forwards of the model, each of all rows", lambda: self.scheduler.forwards)

    # --- routes -----------------------------------------------------------------------------------------------------

    async def chat(self, request: Request) -> Response:
        return await self._serve(request, wire.chat, ChatReply)

    async def respond(self, request: Request) -> Response:
        return await self._serve(request, wire.responses, ResponseReply)

    async def models(self, request: Request) -> Response:
        self._admit(request)
        return JSONResponse({"object": "list", "data": [{"id": self.options.name, "object": "model", "created": 0, "owned_by": "structdiff"}]})

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "running": self.scheduler.running, "waiting": self.scheduler.queued})

    async def version(self, request: Request) -> Response:
        return JSONResponse({"version": __version__})

    async def measured(self, request: Request) -> Response:
        self._admit(request)
        return Response(self.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    # --- an answer --------------------------------------------------------------------------------------------------

    async def _serve(self, request: Request, read: Callable[[Any, Bounds], Job], reply: type[Reply]) -> Response:
        self._admit(request)
        job = read(await _body(request), self.options.bounds)
        made = reply(job, uuid.uuid4().hex, int(time.time()), self._counted(job))
        running = await self._begun(request, job)
        self.metrics.requests.labels(reply.ROUTE).inc()
        self.metrics.read(made.prompt_tokens)
        if job.stream:
            return StreamingResponse(self._streamed(made, running), media_type="text/event-stream", headers={"cache-control": "no-store"})
        return JSONResponse(made.whole(await self._answers(request, running)))

    def _counted(self, job: Job) -> int:
        """Returns the tokens of a job's prompt, as many as spell it in the longest ones."""
        most = self.options.bounds.prompt_tokens
        tokens = len(self.denoiser.vocab.spell(job.prompt.encode(), most + 1))
        if tokens > most:
            raise Fault(400, f"the prompt has more than {most} tokens", "messages", "context_length_exceeded")
        return tokens

    def _admit(self, request: Request) -> None:
        if self.options.key is not None:
            shown = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(shown.encode(), self.options.key.encode()):
                raise Fault(401, "the API key is missing or wrong", code="invalid_api_key")

    async def _begun(self, request: Request, job: Job) -> _Running:
        """Begins a job; what is at fault is said before any forward."""
        match job.work:
            case Mend():
                return self._told(job, list(of_repair(await self._in_a_lane(request, job, job.work))))
            case Solve():
                solved = await self._in_a_lane(request, job, job.work)
                if solved.solution.status is Ending.UNSATISFIABLE:
                    raise Fault(400, solved.solution.reason, job.param, "unsatisfiable")
                return self._told(job, list(of_puzzle(solved, job.work)))
        ready = None if job.work is None else await self._in_a_lane(request, job, Compile(job.work))
        return self._submitted(job, ready)

    async def _in_a_lane(self, request: Request, job: Job, task: Compile | Mend | Solve) -> Any:
        started = time.perf_counter()
        try:
            return await _while_there(request, self.lanes.run(task))
        except Crowded:
            raise self._full() from None
        except asyncio.CancelledError:                   # of a server that is told to stop
            raise Fault(503, "the server is stopping; try again", code="stopping") from None
        except Exceeded as error:
            raise Fault(400, f"too large: {error}", job.param, "constraint_too_large") from None
        except StructdiffError as error:
            raise Fault(400, str(error), job.param, "invalid_constraint") from None
        finally:
            seconds = self.metrics.compile_seconds if isinstance(task, Compile) else self.metrics.task_seconds
            seconds.observe(time.perf_counter() - started)

    def _told(self, job: Job, tellings: list[Telling]) -> _Running:
        running = _Running(job, 1)
        for telling in tellings:
            running.events.put_nowait(telling)
        return running

    def _submitted(self, job: Job, ready: Ready | None) -> _Running:
        loop, running = asyncio.get_running_loop(), _Running(job, len(job.seeds))
        compiled = None if ready is None else ready.compiled
        try:
            if compiled is not None:
                compiled.require(job.max_tokens)
        except StructdiffError as error:
            raise Fault(400, str(error), job.param, "invalid_constraint") from None
        prompt = Prompt(job.prompt, "" if ready is None else ready.hint)
        running.work = Work([engine.Request(prompt, compiled, seed) for seed in job.seeds], engine.Settings(max_tokens=job.max_tokens),
                            lambda event: loop.call_soon_threadsafe(running.events.put_nowait, event))
        try:
            self.scheduler.submit(running.work)
        except Full:
            raise self._full() from None
        return running

    def _full(self) -> Fault:
        return Fault(429, "too many requests wait; try again in a second", code="queue_full")

    async def _answers(self, request: Request, running: _Running) -> list[Answer]:
        """Returns the answers, in order; gives the seats back where the client went away."""
        async def gone() -> bool:
            return await request.is_disconnected()

        return _in_order([telling async for telling in self._tellings(running, gone) if isinstance(telling, Answer)])

    async def _streamed(self, reply: Reply, running: _Running) -> AsyncIterator[str]:
        """Yields server-sent events: text only from committed blocks, which are never taken back."""
        answers = []
        for event in reply.opening():
            yield event
        try:
            async for telling in self._tellings(running):
                for event in reply.part(telling):
                    yield event
                if isinstance(telling, Answer):
                    answers.append(telling)
        except Fault as error:
            events = reply.failed(error)
        else:
            events = reply.closing(_in_order(answers))
        for event in events:
            yield event

    async def _tellings(self, running: _Running, gone: Callable[[], Any] | None = None) -> AsyncIterator[Telling]:
        """Yields what becomes of a job until all its answers have ended."""
        teller, ended, told = Teller(self.denoiser.vocab, running.job.stop), 0, False
        try:
            while ended < running.many:
                try:
                    event = await asyncio.wait_for(running.events.get(), WATCH if gone else None)
                except TimeoutError:
                    if await gone():
                        raise ClientDisconnect from None
                    continue
                if isinstance(event, Failed):
                    raise Fault(500, f"the model failed: {type(event.error).__name__}")
                for telling in [event] if isinstance(event, Telling) else list(teller.told(event)):
                    if isinstance(telling, Written) and not told:
                        told = True
                        self.metrics.first_token.observe(time.perf_counter() - running.begun)
                    if isinstance(telling, Answer):
                        ended += 1
                        self.metrics.ended(telling.result, "stop" if telling.result.valid else "length")
                        if telling.index in teller.cut:
                            self.scheduler.drop(running.work, telling.index)
                    yield telling
        finally:
            if running.work is not None:
                self.scheduler.cancel(running.work)

    # --- what goes wrong --------------------------------------------------------------------------------------------

    async def refused(self, request: Request, error: Fault) -> Response:
        self.metrics.rejected.labels(str(error.status)).inc()
        headers = {"retry-after": "1"} if error.status == 429 else {"www-authenticate": "Bearer"} if error.status == 401 else None
        return JSONResponse(fault(error), error.status, headers)

    async def not_found(self, request: Request, error: HTTPException) -> Response:
        return JSONResponse(fault(Fault(error.status_code, f"{request.method} {request.url.path}: {error.detail}")), error.status_code)

    async def left(self, request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=LEFT)

    async def broken(self, request: Request, error: Exception) -> Response:
        return JSONResponse(fault(Fault(500, f"unexpected {type(error).__name__}; this is a fault of the server")), 500)


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Fault(400, f"the body is not JSON: {error}") from None


async def _while_there(request: Request, work: Coroutine[Any, Any, Any]) -> Any:
    """Returns what the work does.

    Raises:
        ClientDisconnect: the client left before that; the work is cancelled.
    """
    working = asyncio.ensure_future(work)
    while not (await asyncio.wait([working], timeout=WATCH))[0]:
        if await request.is_disconnected():
            working.cancel()
            raise ClientDisconnect
    return working.result()


def _in_order(answers: list[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda answer: answer.index)
