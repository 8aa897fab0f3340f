"""Two lanes for work: in the quick one a task has a moment; one that needs longer goes to the slow one, and holds up no other."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from structdiff.errors import StructdiffError
from structdiff.server.workshop import Done, Exceeded, Limits, Task, Workshop

QUICK = Limits(seconds=0.5, memory=1 << 30)
SLOW = Limits(seconds=10.0, memory=1 << 30, niceness=15)


class Crowded(Exception):
    """More tasks wait than may."""


@dataclass(frozen=True)
class Room:
    """What tasks may take, and how many may wait. kept: bytes of results that are remembered."""

    quick: Limits = QUICK
    slow: Limits = SLOW
    waiting: int = 64
    kept: int = 256 << 20


@dataclass(eq=False)
class _Run:
    """A task under way. wanted: callers that wait for it. begun: it is in the workshop."""

    done: asyncio.Task[Done] = field(init=False)
    wanted: int = 0
    begun: bool = False


class Lanes:
    """Runs tasks, each equal one once: while it runs all that want it wait for it, and what became of it is remembered, faults too."""

    def __init__(self, workshop: Workshop, room: Room = Room()):
        self._workshop, self._room = workshop, room
        self._quick, self._slow = asyncio.Semaphore(1), asyncio.Semaphore(1)
        self._running: dict[Task, _Run] = {}
        self._memory = Memory(room.kept)

    @property
    def bytes(self) -> int:
        """Of the results that are remembered."""
        return self._memory.taken

    async def run(self, task: Task) -> Any:
        """Returns what the task does. One that has not begun is forgotten when none wants it any more: when all these calls are cancelled.

        Raises:
            Crowded: too many wait.
            StructdiffError: what the task raised, or Exceeded.
        """
        if (known := self._memory.get(task)) is not None:
            return _told(known)
        running = self._running.get(task)
        if running is None:
            if len(self._running) >= self._room.waiting:
                raise Crowded
            running = self._running[task] = _Run()
            running.done = asyncio.ensure_future(self._done(task, running))
        running.wanted += 1
        try:
            return _told(await asyncio.shield(running.done))
        finally:
            running.wanted -= 1
            if not running.wanted and not running.begun:
                running.done.cancel()
                self._drop(task, running)

    def close(self) -> None:
        """Ends what is under way or waits."""
        for running in self._running.values():
            running.done.cancel()
        self._workshop.close()

    async def _done(self, task: Task, running: _Run) -> Done:
        try:
            done = await self._in_a_lane(task, running)
            self._memory.put(task, done)
            return done
        finally:
            self._drop(task, running)

    def _drop(self, task: Task, running: _Run) -> None:
        if self._running.get(task) is running:
            del self._running[task]

    async def _in_a_lane(self, task: Task, running: _Run) -> Done:
        for lane, limits in (self._quick, self._room.quick), (self._slow, self._room.slow):
            running.begun = False
            async with lane:
                running.begun = True
                try:
                    return await asyncio.to_thread(self._workshop.run, task, limits)
                except StructdiffError as error:
                    if not (isinstance(error, Exceeded) and error.time and limits is self._room.quick):
                        return Done(error, FAULT)
        raise AssertionError("the slow lane ends in a result")


FAULT = 1_000           # bytes that a remembered fault is taken for


class Memory:
    """The results used last, up to so many bytes of them and of the tasks that they are of."""

    def __init__(self, most: int):
        self._most, self.taken = most, 0
        self._kept: OrderedDict[Task, Done] = OrderedDict()

    def get(self, task: Task) -> Done | None:
        if task in self._kept:
            self._kept.move_to_end(task)
        return self._kept.get(task)

    def put(self, task: Task, done: Done) -> None:
        self._kept[task] = done
        self.taken += _weight(task, done)
        while self.taken > self._most:
            self.taken -= _weight(*self._kept.popitem(last=False))


def _weight(task: Task, done: Done) -> int:
    return done.size + len(repr(task))


def _told(done: Done) -> Any:
    if isinstance(done.value, StructdiffError):
        raise done.value
    return done.value
