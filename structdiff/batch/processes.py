"""Rows denoised by processes of this machine, each with a model of its own.

A process is told where its lines are, never what they say: so little that no pipe ever fills, and neither side waits for the other.
One that dies takes nothing with it: what it owed is tried once more, a row at a time, so that the row that kills is the one that fails.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from structdiff.batch.desk import FAILED, Desk, Record, refusal
from structdiff.batch.job import Job
from structdiff.batch.source import Position, Source
from structdiff.cli_input import UsageFault
from structdiff.errors import DenoiserError, StructdiffError

READY = "ready"
WINDOW = 16             # seats' worth of lines that may be ahead of the oldest that is unanswered, for each process
STILLBORN = 3           # processes that may die one after another before they are ready
PATIENCE = 5.0          # seconds a process has to end when it is told to


@dataclass(frozen=True)
class Processes:
    """An engine: this machine, with so many processes."""

    workers: int = 2

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise UsageFault(f"workers must be at least 1, got {self.workers}")

    def records(self, job: Job, source: Source, done: int) -> Iterator[str]:
        """Yields the record of each line after line `done`, in order."""
        pool = _Pool(job, source, self.workers)
        try:
            yield from pool.records(done)
        finally:
            pool.close()


@dataclass(eq=False)
class _Worker:
    """owed: the lines it has and has not answered. alone: it has one, which was with a process that died."""

    process: BaseProcess
    pipe: Connection
    owed: dict[int, Position] = field(default_factory=dict)
    ready: bool = False
    alone: bool = False

    def give(self, positions: list[Position], alone: bool = False) -> None:
        self.owed, self.alone = self.owed | {one.number: one for one in positions}, alone
        try:
            self.pipe.send(positions)
        except OSError:
            pass                                     # it is dead, which the next look at its pipe tells


class _Pool:
    def __init__(self, job: Job, source: Source, workers: int):
        self._job, self._source, self._size = job, source, workers
        self._workers: list[_Worker] = []
        self._suspects: deque[Position] = deque()
        self._answered: dict[int, str] = {}
        self._stillborn = 0

    def records(self, done: int) -> Iterator[str]:
        self._positions, oldest = self._source.positions(done), done + 1
        self._next = next(self._positions, None)
        self._workers = [self._spawned() for _ in range(self._size)] if self._next else []
        while self._next or self._suspects or any(worker.owed for worker in self._workers):
            for worker in filter(lambda worker: worker.ready, self._workers):
                self._supply(worker, oldest + WINDOW * self._size * self._job.seats)
            self._listen()
            while oldest in self._answered:
                yield self._answered.pop(oldest)
                oldest += 1

    def _supply(self, worker: _Worker, horizon: int) -> None:
        """Gives a process work for when its seats become free; suspects are alone, in a process that has nothing else."""
        seats = self._job.seats
        if self._suspects and not worker.owed:
            worker.give([self._suspects.popleft()], alone=True)
        elif not worker.alone and len(worker.owed) <= seats and (taken := self._taken(2 * seats - len(worker.owed), horizon)):
            worker.give(taken)

    def _taken(self, most: int, horizon: int) -> list[Position]:
        taken: list[Position] = []
        while self._next and self._next.number < horizon and len(taken) < most:
            taken.append(self._next)
            self._next = next(self._positions, None)
        return taken

    def _listen(self) -> None:
        """Waits until a process says something, or dies."""
        told = set(wait([worker.pipe for worker in self._workers]))
        for worker in [worker for worker in self._workers if worker.pipe in told]:
            try:
                self._hear(worker, worker.pipe.recv())
            except (EOFError, OSError):
                self._bury(worker)

    def _hear(self, worker: _Worker, said: str | Exception | list[Record]) -> None:
        if isinstance(said, Exception):
            raise said
        if said == READY:
            worker.ready, self._stillborn = True, 0
            return
        for line, record in said:
            self._answered[line] = record
            del worker.owed[line]
        worker.alone = worker.alone and bool(worker.owed)

    def _bury(self, worker: _Worker) -> None:
        worker.process.join()
        code = worker.process.exitcode
        how = f"signal {-code}, perhaps for want of memory" if code < 0 else f"exit code {code}"
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn == STILLBORN:
                raise DenoiserError(f"{STILLBORN} processes died before the model was loaded ({how}); take fewer --workers, or more memory")
        if worker.alone:
            with open(self._source.path, "rb") as file:
                for line, position in worker.owed.items():
                    self._answered[line] = refusal(line, position.text(file), FAILED, f"its process died, twice ({how})")[1]
        else:
            self._suspects.extend(worker.owed.values())
        self._workers[self._workers.index(worker)] = self._spawned()
        worker.pipe.close()

    def _spawned(self) -> _Worker:
        """Starts a process. It never sees an interrupt from the keyboard: it ends when this one is gone, or says so."""
        context = get_context("spawn")
        mine, its = context.Pipe()
        process = context.Process(target=_work, args=(self._job, self._source, its), name="structdiff-batch", daemon=True)
        unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
            its.close()
        return _Worker(process, mine)

    def close(self) -> None:
        for worker in self._workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def _work(job: Job, source: Source, pipe: Connection) -> None:
    """A process: answers lines until nobody is there to be told."""
    import torch

    torch.set_num_threads(1)
    try:
        try:
            desk = Desk(job)
        except (StructdiffError, UsageFault) as error:
            pipe.send(error)
            return
        except Exception as error:
            pipe.send(DenoiserError(f"unexpected {type(error).__name__}: {error}"))
            return
        pipe.send(READY)
        with open(source.path, "rb") as file:
            while True:
                while pipe.poll(0 if desk.busy else None):
                    desk.take((position.number, position.text(file)) for position in pipe.recv())
                if records := desk.step():
                    pipe.send(records)
    except (EOFError, OSError):
        return
