"""Work that may run away is done in processes that can be killed: one is forked for each task, with bounds on its time and memory.

They are forked from a process of its own that has loaded the code and the vocabulary and has a single thread, so that a fork takes
milliseconds and copies nothing. Unix only.
"""

from __future__ import annotations

import io
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import cloudpickle

from structdiff.errors import ConstraintError, StructdiffError
from structdiff.vocab import Vocab

SHARE = 10              # the machine may be busy: as many times its seconds of computing a task may take by the clock
DEEP = 20_000           # levels of nesting of what a task made, at most, and the bytes of stack that sending them takes
STACK = 100 << 20
START = 300.0           # seconds in which the process must have loaded the code

ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "NUMBA")}   # two that wait for each other take all the time

Task = Callable[[Vocab], Any]


@dataclass(frozen=True)
class Limits:
    """seconds: of computing. memory: bytes beyond what the loaded code takes. niceness: by how much the task yields to others."""

    seconds: float
    memory: int = 1 << 30
    niceness: int = 0

    @property
    def patience(self) -> float:
        """Seconds of the clock after which a task is ended in any case."""
        return SHARE * self.seconds + 1.0

    def __post_init__(self) -> None:
        if not self.seconds > 0 or self.memory < 1 or not 0 <= self.niceness < 20:
            raise ValueError(f"a task needs time, memory and a niceness below 20, got {self}")


class Exceeded(StructdiffError):
    """The task was ended because it took more than its limits. time: it was its time that ran out."""

    def __init__(self, message: str, time: bool = False):
        self.time = time
        super().__init__(message)


@dataclass(frozen=True)
class Done:
    """What a task returned. size: bytes it took to send, a measure of what it takes to keep."""

    value: Any
    size: int


@dataclass(frozen=True)
class _Failed:
    """error: what was at fault in the input. broken: the name of an exception that should not have been."""

    error: StructdiffError | None = None
    broken: str = ""


class Workshop:
    """Runs tasks in processes. May be used from many threads."""

    def __init__(self, vocab: Vocab):
        self.vocab = vocab
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._orders: socket.socket | None = None
        self._lines: set[socket.socket] = set()

    def run(self, task: Task, limits: Limits) -> Done:
        """Returns what `task(vocab)` returns. task: a value that can be pickled.

        Raises:
            Exceeded: it took too long or too much.
            StructdiffError: what the task itself raised.
        """
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._order(theirs)
            ours.settimeout(limits.patience)
            self._lines.add(ours)
            try:
                return self._talk(ours, task, limits)
            except TimeoutError:
                raise _out_of_time(limits) from None
            finally:
                self._lines.discard(ours)

    def _talk(self, line: socket.socket, task: Task, limits: Limits) -> Done:
        worker = int.from_bytes(_exactly(line, 8))
        try:
            line.sendall(_framed(cloudpickle.dumps((limits, task))))
            answer = _exactly(line, int.from_bytes(_exactly(line, 8)))
        except EOFError:
            raise Exceeded("its process was ended: it took too much memory or time") from None
        finally:
            _kill(worker)
        found = _Loading(io.BytesIO(answer), self.vocab).load()
        if not isinstance(found, _Failed):
            return Done(found, len(answer))
        if found.error is not None:
            raise found.error
        raise RuntimeError(f"a task failed with an unexpected {found.broken}")

    def _order(self, line: socket.socket) -> None:
        """Has a worker forked that listens on this line."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            socket.send_fds(self._orders, [b"!"], [line.fileno()])

    def _start(self) -> None:
        if self._orders is not None:
            self._orders.close()
        self._orders, theirs = socket.socketpair()
        with theirs:
            script = f"from structdiff.server.workshop import _foreman; _foreman({theirs.fileno()})"
            self._process = subprocess.Popen([sys.executable, "-c", script], pass_fds=[theirs.fileno()], stdin=subprocess.PIPE,
                                             env=os.environ | ONE_THREAD)
        with self._process.stdin as pipe:
            pickle.dump(self.vocab, pipe)
        self._orders.settimeout(START)
        if not self._orders.recv(1):
            raise RuntimeError("the process that workers are forked from did not start; what it said is on stderr")

    def close(self) -> None:
        """Ends what is under way, which raises Exceeded, and the process that workers are forked from; it starts again when there is work."""
        for line in list(self._lines):
            with suppress(OSError):                      # it has just ended by itself
                line.shutdown(socket.SHUT_RDWR)
        with self._lock:
            if self._process is not None:
                self._orders.close()
                self._process.kill()
                self._process.wait()
                self._process = None


# --- in the other process -----------------------------------------------------------------------------------------------


def _foreman(orders: int) -> None:
    """Forks a worker for every line that comes in, until the server hangs up."""
    vocab = pickle.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_STACK, (STACK, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    _warm(vocab)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)         # children are reaped by the kernel
    signal.signal(signal.SIGINT, signal.SIG_IGN)          # Ctrl-C is the server's to answer
    with socket.socket(fileno=orders) as orders:
        orders.sendall(b"!")                              # it is ready
        while True:
            word, lines, _, _ = socket.recv_fds(orders, 1, 1)
            if not word:
                return
            if os.fork() == 0:
                orders.close()
                _worker(socket.socket(fileno=lines[0]), vocab)
            os.close(lines[0])


def _warm(vocab: Vocab) -> None:
    """Loads what every task needs, so that each finds it there."""
    from structdiff.constraint import compile
    from structdiff.server.tasks import WARM

    for constraint in WARM:
        compile(constraint, vocab)


def _worker(line: socket.socket, vocab: Vocab) -> None:
    try:
        line.sendall(os.getpid().to_bytes(8))
        limits, task = pickle.loads(_exactly(line, int.from_bytes(_exactly(line, 8))))
        _bound(limits)
        line.sendall(_framed(_dumped(_outcome(task, vocab, limits), vocab)))
    finally:
        os._exit(0)


def _bound(limits: Limits) -> None:
    with open("/proc/self/statm") as sizes:
        taken = int(sizes.read().split()[0]) * resource.getpagesize()
    most = taken + limits.memory
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    spent = int(sum(os.times()[:2]) + limits.seconds) + 2  # for code that does not heed the signal
    resource.setrlimit(resource.RLIMIT_CPU, (spent, spent))
    signal.signal(signal.SIGPROF, _ring)
    signal.setitimer(signal.ITIMER_PROF, limits.seconds)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(limits.niceness)


class _Ring(BaseException):
    """The time is over."""


def _ring(signal: int, frame: Any) -> None:
    raise _Ring


def _out_of_time(limits: Limits) -> Exceeded:
    return Exceeded(f"it took more than {limits.seconds:g} s", time=True)


def _outcome(task: Task, vocab: Vocab, limits: Limits) -> Any:
    try:
        found = task(vocab)
        signal.setitimer(signal.ITIMER_PROF, 0)
        return found
    except _Ring:
        return _Failed(_out_of_time(limits))
    except MemoryError:
        return _Failed(Exceeded("it took too much memory"))
    except RecursionError:
        return _Failed(ConstraintError("it is nested too deeply"))
    except StructdiffError as error:
        return _Failed(error)
    except Exception as error:
        return _Failed(broken=type(error).__name__)


# --- on the line --------------------------------------------------------------------------------------------------------


class _Dumping(cloudpickle.Pickler):
    """Names the vocabulary, which both sides have, in place of sending it."""

    def __init__(self, file: io.BytesIO, vocab: Vocab):
        super().__init__(file)
        self._vocab = vocab

    def persistent_id(self, value: Any) -> str | None:
        return "vocab" if value is self._vocab else None


class _Loading(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, vocab: Vocab):
        super().__init__(file)
        self._vocab = vocab

    def persistent_load(self, name: str) -> Vocab:
        return self._vocab


def _dumped(value: Any, vocab: Vocab) -> bytes:
    sys.setrecursionlimit(DEEP)
    try:
        _Dumping(file := io.BytesIO(), vocab).dump(value)
    except (MemoryError, RecursionError, pickle.PicklingError) as error:     # pickle hides that it recursed too deeply
        return pickle.dumps(_Failed(Exceeded(f"what it made is too large to send ({type(error).__name__})")))
    except Exception as error:
        return pickle.dumps(_Failed(broken=type(error).__name__))
    return file.getvalue()


def _framed(data: bytes) -> bytes:
    return len(data).to_bytes(8) + data


def _exactly(line: socket.socket, length: int) -> bytes:
    """Raises EOFError when the other side hangs up first."""
    parts = bytearray()
    while len(parts) < length:
        part = line.recv(min(length - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass
