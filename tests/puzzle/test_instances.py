"""Made instances: one solution, the one that the clues were derived from; texts that read as the puzzle; a seed that says which."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations, product

import pytest

from structdiff.puzzle.kinds import KINDS
from structdiff.puzzle.solver import solve
from tasks.puzzles.instances import RECIPES, Instance, instances

every_kind = pytest.mark.parametrize("kind", RECIPES)


@lru_cache
def sample(kind: str) -> tuple[Instance, ...]:
    return tuple(instances(kind, 2, seed=3))


def test_every_ready_kind_is_made():
    assert {recipe.kind.name for recipe in RECIPES.values()} == set(KINDS)


@every_kind
def test_the_only_solution_is_the_one_that_was_drawn(kind):
    for one in sample(kind):
        found = solve(one.puzzle, count=2)
        assert found.unique and found.values == one.solution
        assert one.puzzle.check([one.solution[cell] for cell in one.puzzle.cells]).valid


@every_kind
def test_the_text_reads_as_the_puzzle_and_tells_less_than_the_solution(kind):
    for one in sample(kind):
        assert one.kind == kind and RECIPES[kind].kind.parse(one.text) == one.puzzle
        assert len(one.puzzle.givens) < len(one.puzzle.cells)


@every_kind
def test_a_seed_gives_the_same_instances_and_fewer_are_the_first_of_more(kind):
    assert tuple(instances(kind, 1, seed=3)) == sample(kind)[:1]
    assert len({one.text for one in (*sample(kind), *instances(kind, 1, seed=4))}) > 1


@pytest.mark.parametrize("number", range(5))
def test_no_other_grid_of_four_has_the_givens_by_trying_all(number):
    one = list(instances("sudoku-4", number + 1, seed=0))[number]
    given = dict(one.puzzle.givens)
    rows = [[row for row in permutations(range(1, 5)) if all(given.get(f"r{r}c{c}", row[c - 1]) == row[c - 1] for c in range(1, 5))]
            for r in range(1, 5)]
    right = [grid for grid in product(*rows) if all(len(set(column)) == 4 for column in zip(*grid))
             and all(len({grid[r + i][c + j] for i in (0, 1) for j in (0, 1)}) == 4 for r in (0, 2) for c in (0, 2))]
    assert [sum(grid, ()) for grid in right] == [tuple(one.solution.values())]


def test_the_words_of_a_cryptarithm_add_up():
    for one in instances("cryptarithm", 5, seed=0):
        *terms, total = (int("".join(str(one.solution[letter]) for letter in word)) for word in one.text.replace("=", "+").split(" + "))
        assert sum(terms) == total
