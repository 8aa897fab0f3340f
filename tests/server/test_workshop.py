"""Tasks that run away are ended, and what they leave behind is nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import cloudpickle
import numpy as np
import pytest
from clients import SAY, shop, talk

from structdiff import Regex, engine
from structdiff.constraint import compile
from structdiff.denoiser import Prompt
from structdiff.errors import ConstraintError, UnsatisfiableConstraint
from structdiff.server.lanes import Crowded, Lanes, Room
from structdiff.server.tasks import Compile, Solve, Wanted
from structdiff.server.workshop import Exceeded, Limits, Workshop

cloudpickle.register_pickle_by_value(sys.modules[__name__])     # a worker cannot import this file

BRIEF = Limits(seconds=0.3, memory=200 << 20)


@dataclass(frozen=True)
class Calls:
    """A task: what the function returns."""

    what: Callable
    mark: int = 0

    def __call__(self, vocab):
        return self.what()


def spin():
    while True:
        pass


def sleep():
    time.sleep(1000)


def stubborn():
    while True:
        try:
            spin()
        except Exception:                                # what catches all errors does not catch the bell
            pass


def hoard():
    return len([np.ones(1 << 20) for _ in range(1000)])


def recurse():
    return recurse()


def fault():
    raise UnsatisfiableConstraint("no", "/a")


def bug():
    raise KeyError("secret of the user")


def threads():
    import torch

    return torch.get_num_threads()


def die():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def workshop(model):
    return shop(model.vocab)


@pytest.mark.parametrize("task, error, says", [
    (spin, Exceeded, "more than 0.3 s"), (stubborn, Exceeded, "more than 0.3 s"), (die, Exceeded, "ended"),
    (recurse, ConstraintError, "nested too deeply"), (fault, UnsatisfiableConstraint, "at /a: no"), (bug, RuntimeError, "unexpected KeyError"),
])
def test_a_task_that_goes_wrong_is_an_error_and_the_next_one_is_served(workshop, task, error, says):
    with pytest.raises(error, match=says) as found:
        workshop.run(Calls(task), BRIEF)
    assert "secret" not in str(found.value)
    assert workshop.run(Calls(os.getpid), BRIEF).value != os.getpid()


def test_one_that_takes_too_much_memory_is_ended(workshop):
    with pytest.raises(Exceeded, match="memory"):
        workshop.run(Calls(hoard), Limits(60, 200 << 20))


def test_a_task_has_one_thread_whatever_the_server_has(model, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    workshop = Workshop(model.vocab)
    assert workshop.run(Calls(threads), Limits(30)).value == 1
    hard = "1....7.9..3..2...8..96..5....53..9...1..8...26....4...3......1..4......7..7...3.."
    assert workshop.run(Solve("sudoku", hard, watched=True), Limits(10)).value.solution.unique
    workshop.close()


def test_one_that_only_waits_is_ended_by_the_clock(workshop):
    with pytest.raises(Exceeded, match="more than 0.01 s") as found:
        workshop.run(Calls(sleep), Limits(0.01))
    assert found.value.time


def test_when_the_process_they_are_forked_from_is_gone_another_is_started(model):
    workshop = Workshop(model.vocab)
    first = workshop.run(Calls(os.getppid), BRIEF).value
    os.kill(first, signal.SIGKILL)
    workshop._process.wait()
    assert workshop.run(Calls(os.getppid), BRIEF).value not in (first, os.getpid())
    workshop.close()


@pytest.mark.parametrize("kind, value", [
    ("regex", "[a-f]{3,30}x"), ("choice", ["yes", "no"]), ("json_object", None), ("grammar", 'start: "a" start "b" | WORD\nWORD: /[c-e]+/\n'),
    ("json_schema", {"type": "object", "properties": {"n": {"type": "array", "items": {"multipleOf": 3}, "uniqueItems": True, "minItems": 2}}, "required": ["n"]}),
])
def test_what_is_compiled_there_is_what_is_compiled_here(model, workshop, kind, value):
    wanted = Wanted.of(kind, value)
    there, here = workshop.run(Compile(wanted), Limits(30)).value, compile(wanted.constraint(), model.vocab)
    assert there.compiled.vocab is model.vocab and there.hint == wanted.constraint().hint()
    texts = [[one.text for one in engine.generate(model, [engine.Request(Prompt("p"), made, seed) for seed in range(3)], engine.Settings(max_tokens=60))]
             for made in (there.compiled, here)]
    assert texts[0] == texts[1]


class Shop:
    """Counts what it is asked; a task's mark says how long it takes and how much it makes."""

    def __init__(self):
        self.asked = []

    def run(self, task, limits):
        from structdiff.server.workshop import Done

        self.asked.append((task.mark, limits.seconds))
        if task.mark < 0 and limits.seconds < 1:
            raise Exceeded("long", time=True)
        time.sleep(0.02)
        return Done(task.mark, 1000)


def test_equal_tasks_are_done_once_and_remembered_until_others_need_the_room():
    async def session():
        lanes = Lanes(shop := Shop(), Room(kept=5000))
        assert set(await asyncio.gather(*(lanes.run(Calls(spin, 1)) for _ in range(9)))) == {1} and len(shop.asked) == 1
        for mark in range(2, 60):
            await lanes.run(Calls(spin, mark))
            assert lanes.bytes <= 5000
        await lanes.run(Calls(spin, 59))
        assert len(shop.asked) == 59
        await lanes.run(Calls(spin, 1))
        assert len(shop.asked) == 60

    asyncio.run(session())


def test_a_long_task_leaves_the_quick_lane_and_a_crowd_is_turned_away():
    async def session():
        lanes = Lanes(shop := Shop(), Room(waiting=3))
        found = await asyncio.gather(*(lanes.run(Calls(spin, mark)) for mark in (-1, -2, 3, 4, 5)), return_exceptions=True)
        assert found[:3] == [-1, -2, 3] and all(isinstance(one, Crowded) for one in found[3:])
        assert [mark for mark, seconds in shop.asked if seconds > 1] == [-1, -2]

    asyncio.run(session())


def test_what_nobody_waits_for_any_more_is_not_begun():
    async def session():
        lanes = Lanes(shop := Shop(), Room(waiting=3))
        calls = [asyncio.ensure_future(lanes.run(Calls(spin, mark))) for mark in (1, 2, 2, 3)]
        await asyncio.sleep(0.005)
        for left in calls[:2] + calls[3:]:               # 1 has begun; another still waits for 2
            left.cancel()
        again = lanes.run(Calls(spin, 3))
        assert await calls[2] == 2 and await again == 3
        assert [mark for mark, _ in shop.asked] == [1, 2, 3]
        assert await lanes.run(Calls(spin, 1)) == 1 and len(shop.asked) == 3

    asyncio.run(session())


def test_a_fault_is_remembered_too(model):
    async def session():
        lanes = Lanes(shop(model.vocab))
        said = []
        for _ in range(2):
            with pytest.raises(ConstraintError) as error:
                await lanes.run(Compile(Wanted.of("regex", "(")))
            said.append(str(error.value))
        assert said[0] == said[1] and lanes.bytes > 0

    asyncio.run(session())


def test_no_schema_makes_a_connection(model):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.3)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/schema"

        async def chat(client, http):
            return [await http.post("/v1/chat/completions", json={"messages": SAY, "structured_outputs": {"json": {"$ref": ref}}})
                    for ref in (url, "file:///etc/passwd", "//127.0.0.1/x")]

        answers = talk(model, chat)
        assert all(answer.status_code == 400 and "root:" not in answer.text for answer in answers)
        with pytest.raises(TimeoutError):
            listening.accept()
