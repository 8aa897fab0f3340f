"""The loop: beliefs, posterior, keep, re-noise; block after block, for a batch of different requests that come and go.

It sees protocols only. A row's state is its own (`structdiff.row`), so its result does not depend on its batch-mates; the denoiser is
called once a step for all rows, whatever block and level each of them is at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import count
from weakref import WeakKeyDictionary

import numpy as np
from torch import Tensor

from structdiff.constraint import CompiledConstraint
from structdiff.denoiser import Context, Denoiser
from structdiff.lift import free
from structdiff.result import Result, Step
from structdiff.row import Request, Row, Settings

__all__ = ["Batch", "OnStep", "Request", "Settings", "generate"]

OnStep = Callable[[int, Step], None]
OnBlock = Callable[[int, bytes], None]


def generate(denoiser: Denoiser, requests: Sequence[Request], settings: Settings = Settings(),
             on_step: OnStep | None = None) -> list[Result]:
    """Returns one result a request, in order; what is VALID satisfies its constraint.

    Raises:
        UnsatisfiableConstraint: a request's shortest text does not fit `max_tokens`; before any forward.
        DenoiserError: the denoiser's logits are not numbers.
    """
    batch = Batch(denoiser)
    tickets = batch.add(requests, settings, on_step)
    results: dict[int, Result] = {}
    while batch.live:
        for ticket, ended in batch.step().items():
            if isinstance(ended, Exception):
                raise ended
            results[ticket] = ended
    return [results[ticket] for ticket in tickets]


@dataclass
class _Seat:
    """A row in a batch: its context is row `place` of `context`, which it may share. index: among the requests it came with. work: what it
    does in a thread of its own. error: what it raised. read: its context once its settled block is read, and its place there."""

    row: Row
    context: Context
    place: int
    index: int
    on_step: OnStep | None
    on_block: OnBlock | None
    work: Future | None = None
    error: Exception | None = None
    read: tuple[Context, int] | None = None

    @property
    def idle(self) -> bool:
        return self.work is None or self.work.done()

    @property
    def over(self) -> bool:
        return self.error is not None or self.row.settled

    def begin(self) -> None:
        self._run(self.row.begin)

    def advance(self, beliefs: Tensor) -> None:
        self._tell(self._run(lambda: self.row.advance(beliefs)))

    def review(self, reading: Tensor) -> None:
        self._tell(self._run(lambda: self.row.review(reading)))
        if not self.row.settled:
            self.read = None

    def _tell(self, step: Step | None) -> None:
        if step is not None and self.on_step is not None:
            self.on_step(self.index, step)

    def _run(self, work: Callable[[], Step | None]) -> Step | None:
        try:
            return work()
        except Exception as error:                       # told as its result: it is no other row's
            self.error = error
            return None


class Batch:
    """Requests that are denoised together: one forward a step serves all that are there, and they come and go between steps.

    patience: seconds of computing between two forwards after which a row is not waited for: the rows of its constraint work in a thread
    of their own from then on, and miss the forwards that come too soon. None: all are waited for.
    """

    def __init__(self, denoiser: Denoiser, patience: float | None = None):
        self._denoiser, self._patience = denoiser, patience
        self._unconstrained = free(denoiser.vocab)
        self._seats: dict[int, _Seat] = {}
        self._tickets = count()
        self._slow: WeakKeyDictionary[CompiledConstraint, ThreadPoolExecutor] = WeakKeyDictionary()

    @property
    def live(self) -> tuple[int, ...]:
        """The tickets of the requests that have no result yet."""
        return tuple(self._seats)

    def add(self, requests: Sequence[Request], settings: Settings = Settings(), on_step: OnStep | None = None,
            on_block: OnBlock | None = None) -> list[int]:
        """Takes requests in and returns their tickets. on_step, on_block: called with a request's place among these, and each of its
        steps, or its text so far when a block of it is committed; on_step perhaps in another thread.

        Raises:
            UnsatisfiableConstraint: a request's shortest text does not fit `max_tokens`; none of them is taken then.
        """
        for request in requests:
            if request.constraint is not None:
                request.constraint.require(settings.max_tokens)
        rows = [Row(request, self._denoiser, settings, self._unconstrained) for request in requests]
        context = self._denoiser.encode([request.prompt for request in requests]) if requests else None
        tickets = []
        for place, row in enumerate(rows):
            tickets.append(next(self._tickets))
            seat = self._seats[tickets[-1]] = _Seat(row, context, place, place, on_step, on_block)
            self._do(seat, seat.begin)
        return tickets

    def drop(self, ticket: int) -> None:
        """Forgets a request, if it is still there; the others do not notice."""
        self._seats.pop(ticket, None)

    def step(self) -> dict[int, Result | Exception]:
        """Takes every row that is not busy one forward on; returns the results of those that came to their end, or what a row raised, by
        ticket."""
        self._wait(None if all(not seat.idle for seat in self._seats.values()) else 0)
        ended = self._moved_on()
        seats = [seat for seat in self._seats.values() if seat.idle]
        if seats:
            rows = [seat.row for seat in seats]
            logits = self._denoiser(np.stack([row.canvas for row in rows]), self._context(seats),
                                    np.array([row.level for row in rows]), [row.belief for row in rows])
            for seat, beliefs in zip(seats, logits):
                self._do(seat, partial(seat.advance, beliefs))
            self._wait(self._patience)
            ended |= self._moved_on()
        return ended

    def _do(self, seat: _Seat, work: Callable[[], None]) -> None:
        """Has a row work, here or in its constraint's thread."""
        constraint = seat.row.request.constraint
        if constraint in self._slow:
            seat.work = self._slow[constraint].submit(work)
            return
        started = time.thread_time()
        work()
        if self._patience is not None and constraint is not None and time.thread_time() - started > self._patience:
            self._slow[constraint] = ThreadPoolExecutor(1, "slow")

    def _wait(self, seconds: float | None) -> None:
        """Returns when no row is busy, or after so many seconds; None: when one is not."""
        busy = [seat.work for seat in self._seats.values() if not seat.idle]
        if busy and seconds != 0:
            wait(busy, seconds, FIRST_COMPLETED if seconds is None else ALL_COMPLETED)

    def _moved_on(self) -> dict[int, Result | Exception]:
        """Commits the blocks that have settled and begins the next, until there is one that needs a forward; returns the results."""
        ended: dict[int, Result | Exception] = {}
        while over := {ticket: seat for ticket, seat in self._seats.items() if seat.idle and seat.over}:
            if reviewable := [seat for seat in over.values() if seat.error is None and seat.row.reviewable]:
                self._review(reviewable)
                continue
            for ticket, seat in over.items():
                if seat.error is None:
                    self._commit(seat)
                if seat.error is not None or seat.row.done:
                    ended[ticket] = seat.row.result() if seat.error is None else seat.error
                    del self._seats[ticket]
            self._begin_next([seat for ticket, seat in over.items() if ticket not in ended])
        return ended

    def _review(self, seats: list[_Seat]) -> None:
        """Has settled blocks read; those that are approved need not be read again for the next."""
        read, readings = self._denoiser.review(self._context(seats), np.stack([seat.row.canvas for seat in seats]))
        for place, (seat, reading) in enumerate(zip(seats, readings)):
            seat.read = (read, place)
            self._do(seat, partial(seat.review, reading))

    def _commit(self, seat: _Seat) -> None:
        seat.row.commit()
        if seat.on_block is not None:
            seat.on_block(seat.index, self._denoiser.vocab.text(seat.row.tokens))

    def _begin_next(self, seats: list[_Seat]) -> None:
        unread = [seat for seat in seats if seat.read is None]
        if unread:
            context = self._denoiser.extend(self._context(unread), np.stack([seat.row.canvas for seat in unread]))
            for place, seat in enumerate(unread):
                seat.read = (context, place)
        for seat in seats:
            (seat.context, seat.place), seat.read = seat.read, None
            self._do(seat, seat.begin)

    def _context(self, seats: list[_Seat]) -> Context:
        """Returns the context of those rows, which they share from now on."""
        parts: list[tuple[Context, list[int]]] = []
        for seat in seats:
            if not parts or parts[-1][0] is not seat.context:
                parts.append((seat.context, []))
            parts[-1][1].append(seat.place)
        context = self._denoiser.join([part.select(places) for part, places in parts])
        for place, seat in enumerate(seats):
            seat.context, seat.place = context, place
        return context
