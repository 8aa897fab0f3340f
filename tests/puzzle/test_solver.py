"""Solving: solutions, proofs that there are none, the givens at fault, and how it is explained."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from structdiff.errors import ConstraintError, InvalidResult
from structdiff.puzzle import AllDifferent, Equal, Less, Linear, Puzzle, Sum
from structdiff.puzzle.solver import Ending, explained, solve

CELLS = tuple(f"r{r}c{c}" for r in range(1, 5) for c in range(1, 5))
ROWS = tuple(AllDifferent(CELLS[4 * r : 4 * r + 4], f"row {r + 1}") for r in range(4))
COLUMNS = tuple(AllDifferent(CELLS[c::4], f"column {c + 1}") for c in range(4))


def latin(**givens: int) -> Puzzle:
    layout = "\n".join("".join(f"{{{cell}}}" for cell in CELLS[4 * r : 4 * r + 4]) for r in range(4))
    return Puzzle(CELLS, ((1, 2, 3, 4),), ROWS + COLUMNS, tuple(givens.items()), layout, kind="latin square")


def test_a_solution_satisfies_every_rule_and_is_written_as_the_layout_says():
    found = solve(latin(r1c1=1, r2c2=3))
    assert found.status is Ending.VALID and latin(r1c1=1, r2c2=3).check(list(found.values.values())).valid
    lines = found.text.split("\n")
    assert [sorted(line) for line in lines] == [list("1234")] * 4 and lines[0][0] == "1" and lines[1][1] == "3"


def test_a_second_solution_is_looked_for_only_when_asked():
    assert solve(latin(r1c1=1)).unique is None
    found = solve(latin(r1c1=1), count=2)
    assert found.unique is False and found.others[0] != found.values
    told = dict(zip(CELLS, (1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1)))
    assert solve(latin(**told), count=2).unique is True


def test_all_latin_squares_of_four_are_found():
    found = solve(latin(), count=1000)
    assert 1 + len(found.others) == 576 and len({tuple(one.values()) for one in (found.values, *found.others)}) == 576


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(CELLS[:8]), st.integers(1, 4), min_size=2, max_size=7))
def test_the_core_contradicts_itself_and_nothing_in_it_is_idle(givens):
    found = solve(latin(**givens))
    if found.status is Ending.UNSATISFIABLE:
        assert set(found.core) <= set(givens.items()) and found.core
        assert solve(latin(**dict(found.core))).status is Ending.UNSATISFIABLE
        for fewer in combinations(found.core, len(found.core) - 1):
            assert solve(latin(**dict(fewer))).status is Ending.VALID
    else:
        assert all(found.values[cell] == value for cell, value in givens.items())


def test_rules_that_contradict_each_other_have_no_givens_at_fault():
    found = solve(Puzzle(("a", "b", "c"), ((1, 2, 3),), (Less("a", "b"), Less("b", "c"), Less("c", "a")), (("a", 1),)))
    assert found.status is Ending.UNSATISFIABLE and found.core == () and "its rules contradict each other" in found.reason
    with pytest.raises(InvalidResult, match="no solution"):
        found.unwrap()


def test_a_budget_ends_in_unresolved_and_never_in_a_wrong_word():
    cells = tuple(f"c{i}" for i in range(12))
    pigeons = Puzzle(cells, (tuple(range(11)),), tuple(Linear((a, b), (1, -1), "!=", 0) for a, b in combinations(cells, 2)))
    assert solve(pigeons, most=50).status is Ending.UNRESOLVED
    assert solve(Puzzle(cells, (tuple(range(11)),), (AllDifferent(cells),))).status is Ending.UNSATISFIABLE


def test_a_guide_decides_only_what_is_tried_first():
    def guide(network, domains):
        return np.arange(4.0) * np.ones((16, 1))

    found = solve(latin(), guide=guide)
    assert found.status is Ending.VALID and found.forwards == 1 and found.values["r1c1"] == 4


def test_an_explanation_ends_in_the_solution_by_steps_that_each_follow():
    puzzle = latin(r1c1=1, r1c2=2, r2c1=3, r3c3=4, r4c4=1)
    found = solve(puzzle, count=2)
    left = {cell: set(domain) for cell, domain in zip(puzzle.cells, puzzle.domains)} | {cell: {value} for cell, value in puzzle.givens}
    steps = list(explained(puzzle, found))
    rules = {str(rule): rule for rule in puzzle.rules}
    for step in steps:
        if step.rule in rules:                           # nothing that the rule allows is taken
            rule = rules[step.rule]
            for values in product(*[left[cell] for cell in rule.cells]):
                if rule.holds(values):
                    assert values[rule.cells.index(step.cell)] not in step.gone
        left[step.cell] = set(step.left)
    assert left == {cell: {value} for cell, value in found.values.items()}
    assert any(str(step).endswith("row 1") for step in steps)


def test_the_explanation_of_what_has_no_solution_ends_at_the_rule_that_cannot_hold():
    steps = list(explained(bad := Puzzle(("a", "b"), ((1, 2),), (Equal("a", "b"),), (("a", 1), ("b", 2))), solve(bad)))
    assert steps[-1].left == () and str(steps[-1]) == "b has no value left: a = b"


@pytest.mark.parametrize("make, says", [
    (lambda: Puzzle(("a", "a"), ((1,),), ()), "cell of the name 'a' twice"),
    (lambda: Puzzle(("a", "b"), ((1,), ()), ()), "domain of b is empty"),
    (lambda: Puzzle(("a",), (tuple(range(99)),), ()), "99 values and may have 62"),
    (lambda: Puzzle(("a",), ((1,),), (Less("a", "x"),)), "about 'x', which is no cell"),
    (lambda: Puzzle(("a",), ((1,),), (), (("a", 2),)), "not in its domain 1"),
    (lambda: Puzzle(("a",), ((1, 2),), (), (("a", 2), ("a", 1))), "a is given twice"),
    (lambda: Puzzle(("a", "b"), ((1,),), (), (), "{a}{a}"), "layout has each cell once"),
    (lambda: Puzzle(("a", "b"), ((1,),), (), (), "{a"), "layout does not parse"),
    (lambda: Linear(("a",), (1, 2), "==", 3), "1 cells and 2 weights"), (lambda: Linear(("a",), (1,), "<", 3), "a relation is one of"),
])
def test_what_is_no_puzzle_is_refused_with_a_sentence(make, says):
    with pytest.raises(ConstraintError, match=says):
        make()


def test_wide_sums_are_solved_by_their_bounds():
    cells = tuple("abcdefghij")
    puzzle = Puzzle(cells, (tuple(range(10)),), (Linear(cells, tuple(7**i for i in range(10)), "==", 123_456_789), Sum(cells, 33)))
    found = solve(puzzle)
    assert found.status is Ending.VALID and sum(7**i * found.values[cell] for i, cell in enumerate(cells)) == 123_456_789
