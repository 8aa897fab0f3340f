"""The loop: beliefs, posterior, keep, re-noise; block after block, for a batch of different requests that come and go.

It sees protocols only. A row's state is its own (`structdiff.row`), so its result does not depend on its batch-mates; the denoiser is
called once a step for all rows, whatever block and level each of them is at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

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
        results |= batch.step()
    return [results[ticket] for ticket in tickets]


@dataclass
class _Seat:
    """A row in a batch: its context is row `place` of `context`, which it may share. index: among the requests it came with."""

    row: Row
    context: Context
    place: int
    index: int
    on_step: OnStep | None
    on_block: OnBlock | None


class Batch:
    """Requests that are denoised together: one forward a step serves all that are there, and they come and go between steps."""

    def __init__(self, denoiser: Denoiser):
        self._denoiser = denoiser
        self._unconstrained = free(denoiser.vocab)
        self._seats: dict[int, _Seat] = {}
        self._tickets = count()

    @property
    def live(self) -> tuple[int, ...]:
        """The tickets of the requests that have no result yet."""
        return tuple(self._seats)

    def add(self, requests: Sequence[Request], settings: Settings = Settings(), on_step: OnStep | None = None,
            on_block: OnBlock | None = None) -> list[int]:
        """Takes requests in and returns their tickets. on_step, on_block: called with a request's place among these, and each of its
        steps, or its text so far when a block of it is committed.

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
            row.begin()
            tickets.append(next(self._tickets))
            self._seats[tickets[-1]] = _Seat(row, context, place, place, on_step, on_block)
        return tickets

    def drop(self, ticket: int) -> None:
        """Forgets a request, if it is still there; the others do not notice."""
        self._seats.pop(ticket, None)

    def step(self) -> dict[int, Result]:
        """Takes every row one forward on; returns the results of those that came to their end, by ticket."""
        ended = self._moved_on()
        seats = list(self._seats.values())
        if seats:
            rows = [seat.row for seat in seats]
            logits = self._denoiser(np.stack([row.canvas for row in rows]), self._context(seats),
                                    np.array([row.level for row in rows]), [row.belief for row in rows])
            for seat, beliefs in zip(seats, logits):
                step = seat.row.advance(beliefs)
                if seat.on_step is not None:
                    seat.on_step(seat.index, step)
            ended |= self._moved_on()
        return ended

    def _moved_on(self) -> dict[int, Result]:
        """Commits the blocks that have settled and begins the next, until there is one that needs a forward; returns the results."""
        ended: dict[int, Result] = {}
        while settled := {ticket: seat for ticket, seat in self._seats.items() if seat.row.settled}:
            for ticket, seat in settled.items():
                seat.row.commit()
                if seat.on_block is not None:
                    seat.on_block(seat.index, self._denoiser.vocab.text(seat.row.tokens))
                if seat.row.done:
                    ended[ticket] = seat.row.result()
                    del self._seats[ticket]
            self._begin_next([seat for seat in settled.values() if not seat.row.done])
        return ended

    def _begin_next(self, seats: list[_Seat]) -> None:
        if not seats:
            return
        context = self._denoiser.extend(self._context(seats), np.stack([seat.row.canvas for seat in seats]))
        for place, seat in enumerate(seats):
            seat.context, seat.place = context, place
            seat.row.begin()

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
