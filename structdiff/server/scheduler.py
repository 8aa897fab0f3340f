"""One thread that denoises for all: requests come in at any step, and what becomes of them is told as it happens."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from structdiff.denoiser import Denoiser
from structdiff.engine import Batch, Request, Settings
from structdiff.result import Result, Step


PATIENCE = 0.05         # seconds of computing for which a row is waited for between forwards


class Full(Exception):
    """More requests wait than may."""


@dataclass(frozen=True)
class Stepped:
    index: int
    step: Step


@dataclass(frozen=True)
class Committed:
    """text: all of it so far; of a character of several bytes perhaps only the first."""

    index: int
    text: bytes


@dataclass(frozen=True)
class Ended:
    index: int
    result: Result


@dataclass(frozen=True)
class Failed:
    error: Exception


Event = Stepped | Committed | Ended | Failed


@dataclass(eq=False)
class Work:
    """Requests that came together. tell: called in the scheduler's thread."""

    requests: Sequence[Request]
    settings: Settings
    tell: Callable[[Event], None]
    tickets: list[int] = field(default_factory=list)
    cancelled: bool = False
    dropped: set[int] = field(default_factory=set)


class Scheduler:
    """Denoises in a thread of its own. seats: rows of the batch at most. waiting: works that may wait for seats."""

    def __init__(self, denoiser: Denoiser, seats: int = 64, waiting: int = 256):
        self._denoiser, self._seats, self._waiting = denoiser, seats, waiting
        self._batch = Batch(denoiser, PATIENCE)
        self._queue: deque[Work] = deque()
        self._owners: dict[int, Work] = {}
        self._changed, self._closed = threading.Condition(), False
        self.forwards = 0
        self._thread = threading.Thread(target=self._run, name="denoiser", daemon=True)
        self._thread.start()

    @property
    def running(self) -> int:
        return len(self._owners)

    @property
    def queued(self) -> int:
        return len(self._queue)

    def submit(self, work: Work) -> None:
        """Raises Full when too many wait already."""
        with self._changed:
            if self._closed or len(self._queue) >= self._waiting:
                raise Full
            self._queue.append(work)
            self._changed.notify()

    def cancel(self, work: Work) -> None:
        """Nothing more is told of the work; its seats are free from the next step on."""
        with self._changed:
            work.cancelled = True
            self._changed.notify()

    def drop(self, work: Work, index: int) -> None:
        """Ends one request of a work, of which nothing more is told."""
        with self._changed:
            work.dropped.add(index)

    def close(self) -> None:
        """Returns when all that was taken in has ended."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._owners and not self._closed:
                    self._changed.wait()
                if self._closed and not self._queue and not self._owners:
                    return
                entering = self._entering()
            for work in entering:
                self._enter(work)
            self._leave()
            if self._owners:
                self._step()

    def _entering(self) -> list[Work]:
        free, entering = self._seats - len(self._owners), []
        while self._queue and (len(self._queue[0].requests) <= free or not self._owners and not entering):
            entering.append(self._queue.popleft())
            free -= len(entering[-1].requests)
        return entering

    def _enter(self, work: Work) -> None:
        if work.cancelled:
            return
        try:
            work.tickets = self._batch.add(work.requests, work.settings, lambda index, step: work.tell(Stepped(index, step)),
                                           lambda index, text: work.tell(Committed(index, text)))
        except Exception as error:                       # the request's own fault; the others go on
            work.tell(Failed(error))
            return
        self._owners |= dict.fromkeys(work.tickets, work)

    def _leave(self) -> None:
        for ticket in [ticket for ticket, work in self._owners.items() if work.cancelled or work.tickets.index(ticket) in work.dropped]:
            self._batch.drop(ticket)
            del self._owners[ticket]

    def _step(self) -> None:
        try:
            ended = self._batch.step()
        except Exception as error:                       # the denoiser's: all are told
            works, self._owners, self._batch = set(self._owners.values()), {}, Batch(self._denoiser, PATIENCE)
            for work in works:
                work.tell(Failed(error))
            return
        self.forwards += 1
        for ticket, result in ended.items():
            work = self._owners.pop(ticket)
            work.tell(Failed(result) if isinstance(result, Exception) else Ended(work.tickets.index(ticket), result))
