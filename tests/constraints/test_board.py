"""Puzzles as constraints, and text models that play them."""

from __future__ import annotations

import numpy as np
import pytest

import structdiff
from structdiff import Board, Puzzle, Status, UnsatisfiableConstraint
from structdiff.machine import accepts
from structdiff.puzzle import AllDifferent, Less
from structdiff.puzzle.network import compile
from structdiff.puzzle_text import TextGuide
from tasks import random_models

CELLS = ("a", "b", "c", "d")
SQUARE = Puzzle(CELLS, ((1, 2),), tuple(AllDifferent(pair) for pair in (("a", "b"), ("c", "d"), ("a", "c"), ("b", "d"))),
                layout="[{a}|{b}]\n[{c}|{d}]", symbols=((2, "zwei"),), kind="square")
MANY = Puzzle(tuple(f"c{i}" for i in range(9)), (tuple(range(1, 10)),), (AllDifferent(tuple(f"c{i}" for i in range(9))), Less("c0", "c1")))


def test_the_texts_of_a_board_are_the_solutions_written_out():
    plan = Board(SQUARE).plan("")
    right = ["[1|zwei]\n[zwei|1]", "[zwei|1]\n[1|zwei]"]
    assert all(accepts(plan.machine, text.encode()) and plan.check(text).valid for text in right)
    assert plan.check(right[0]).value == {"a": 1, "b": 2, "c": 2, "d": 1}
    for wrong in ("[1|1]\n[zwei|1]", "[1|zwei] [zwei|1]", ""):
        assert not accepts(plan.machine, wrong.encode()) and not plan.check(wrong).valid


def test_what_breaks_a_rule_is_accused_by_its_bytes():
    plan = Board(MANY).plan("")
    verdict = plan.check("213456788")
    by_rule = {violation.rule: violation.spans for violation in verdict.violations}
    assert by_rule["Less"] == ((0, 1), (1, 2)) and len(by_rule["AllDifferent"]) == 9
    assert plan.check("123456789").valid and accepts(plan.machine, b"323456789")


def test_a_model_of_random_weights_writes_a_solved_board():
    model = random_models.uniform(seed=3)
    for seed in range(3):
        result = structdiff.generate("Solve it.", SQUARE, model=model, seed=seed)
        assert result.status is Status.VALID and SQUARE.check(list(result.value.values())).valid


def test_a_board_without_a_solution_is_refused_before_any_forward():
    with pytest.raises(UnsatisfiableConstraint, match="contradict each other: a=1 b=1"):
        Board(SQUARE.given({"a": 1, "b": 1})).plan("")


def test_a_text_model_tells_what_to_try_first():
    model = structdiff.load()
    puzzle = SQUARE.given({})
    network = compile(puzzle)
    scores = TextGuide(model)(network, network.domains)
    assert scores.shape == (4, 2) and np.isfinite(scores).all() and (scores != 0).any()
    np.testing.assert_allclose(np.logaddexp.reduce(scores, axis=1), 0, atol=1e-5)
    found = structdiff.solve(puzzle, model=model)
    assert found.forwards == 1 and SQUARE.check(list(found.unwrap().values())).valid


def test_a_puzzle_is_read_and_solved():
    found = structdiff.solve(structdiff.read_puzzle("cryptarithm", "SEND + MORE = MONEY"), count=2)
    assert found.unique and found.values["M"] == 1
    with pytest.raises(structdiff.ConstraintError, match="no puzzle is called 'go'"):
        structdiff.read_puzzle("go", "")
    with pytest.raises(structdiff.ConstraintError, match="a Puzzle is solved, not a str"):
        structdiff.solve("53..7")
