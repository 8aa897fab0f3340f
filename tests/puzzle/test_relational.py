"""The relational denoiser: what it must be whatever its weights are, and what the shipped ones are worth; the refinement loop."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
import torch

from structdiff.puzzle.beliefs import hints
from structdiff.puzzle.network import compile
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.refine import Blame, Condition, broken, refine, scores
from structdiff.puzzle.relational import SHIPPED, Relational, load
from structdiff.puzzle.rules import AllDifferent, Less, Linear, Sum
from structdiff.rng import Rng
from tasks.puzzles.made import latin, made, sudoku

MIXED = Puzzle(("a", "b", "c", "d"), ((1, 2, 3, 4),),
               (AllDifferent(("a", "b", "c", "d")), Less("a", "b"), Sum(("a", "b", "c"), 6), Linear(("b", "d"), (1, 2), "<=", 11)))


@pytest.fixture(scope="module")
def untrained() -> Relational:
    torch.manual_seed(3)
    return Relational().eval().requires_grad_(False)


def inputs(network, rows: int, seed: int):
    rng, width = Rng(seed), len(network.values)
    domains = np.tile(network.domains, (rows, 1))
    domains[:, 0] &= -domains[:, 0]                          # a given
    belief = rng.uniform(rows, len(network.domains), width)
    return (torch.from_numpy(domains), torch.from_numpy(rng.integers(width, *domains.shape)),
            torch.from_numpy(rng.uniform(rows)).float(), torch.from_numpy(belief).float())


@pytest.mark.parametrize("network", [sudoku(2, 2), latin(5), compile(MIXED)], ids=["sudoku", "latin", "mixed"])
def test_logits_of_any_kind_are_finite_exactly_within_the_domains(untrained, network):
    domains, canvas, level, belief = inputs(network, 3, 0)
    logits = untrained(network, domains, canvas, level, belief)
    assert logits.shape == (3, len(network.domains), len(network.values))
    for b, cell, value in product(*map(range, logits.shape)):
        inside = bool(int(domains[b, cell]) >> value & 1)
        assert bool(torch.isfinite(logits[b, cell, value])) == inside
        assert inside or logits[b, cell, value] == -torch.inf


def test_a_row_does_not_depend_on_those_beside_it(untrained):
    domains, canvas, level, belief = inputs(latin(4), 4, 1)
    whole = untrained(latin(4), domains, canvas, level, belief)
    alone = untrained(latin(4), domains[2:3], canvas[2:3], level[2:3], belief[2:3])
    torch.testing.assert_close(whole[2:3], alone, atol=1e-4, rtol=1e-4)


def test_renamed_values_get_the_same_beliefs(untrained):
    network, rename = sudoku(2, 2), torch.tensor([2, 0, 3, 1])                  # value v becomes rename[v]
    domains, canvas, level, belief = inputs(network, 2, 2)
    renamed = torch.zeros_like(domains)
    for value in range(4):
        renamed |= (domains >> value & 1) << rename[value]
    moved = torch.empty_like(belief)
    moved[..., rename] = belief
    found = untrained(network, renamed, rename[canvas], level, moved)
    torch.testing.assert_close(found[..., rename], untrained(network, domains, canvas, level, belief), atol=1e-3, rtol=1e-3)


def test_rows_that_change_places_take_their_beliefs_along(untrained):
    network = sudoku(2, 2)
    order = torch.arange(16).view(4, 4)[[1, 0, 2, 3]].flatten()                 # the first two rows, which are of the same boxes
    domains, canvas, level, belief = inputs(network, 2, 3)
    found = untrained(network, domains[:, order], canvas[:, order], level, belief[:, order])
    torch.testing.assert_close(found, untrained(network, domains, canvas, level, belief)[:, order], atol=1e-3, rtol=1e-3)


def test_what_rules_tell_is_what_listing_their_solutions_tells():
    puzzle = Puzzle(("a", "b", "c"), ((1, 2, 3),), (Less("a", "b"), Sum(("a", "b", "c"), 6)))
    beliefs = Rng(4).uniform(1, 3, 3) + 0.1
    beliefs /= beliefs.sum(2, keepdims=True)
    expected = np.zeros((3, 3))
    for rule in puzzle.rules:
        for i, cell in enumerate(rule.cells):
            share = np.zeros(3)
            for values in product((1, 2, 3), repeat=len(rule.cells)):
                if rule.holds(values):
                    others = [beliefs[0, puzzle.cells.index(name), value - 1] for name, value in zip(rule.cells, values) if name != cell]
                    share[values[i] - 1] += np.prod(others)
            expected[puzzle.cells.index(cell)] += np.log(np.maximum(share / share.max(), 1e-4))
    np.testing.assert_allclose(hints(compile(puzzle).factors, beliefs)[0], expected, atol=1e-5)


def test_broken_factors_are_those_whose_rules_do_not_hold():
    network = compile(MIXED)
    for values in product(range(4), repeat=4):
        failed = broken(network.factors, np.array(values))
        named = dict(zip(MIXED.cells, (value + 1 for value in values)))
        for f, rule in enumerate(network.rule):
            assert failed[f] != MIXED.rules[rule].holds([named[cell] for cell in MIXED.rules[rule].cells])


@pytest.mark.parametrize("policy", [Blame(), Condition()], ids=["Blame", "Condition"])
def test_refine_calls_valid_what_the_puzzle_accepts_and_nothing_else(untrained, policy):
    solvable = [dict(zip("abcd", values)) for values in permutations((1, 2, 3, 4)) if MIXED.check(values).valid]
    assert 0 < len(solvable) < 24
    for seed in range(6):
        found = refine(compile(MIXED), untrained, Rng(seed), policy, 3)
        assert found.valid == MIXED.check(found.values).valid
        assert found.valid or found.forwards == 3
    impossible = compile(replace(MIXED, rules=(*MIXED.rules, Less("b", "a"))))
    assert not refine(impossible, untrained, Rng(0), policy, 2).valid


def test_the_same_seed_gives_the_same_values(untrained):
    assert refine(sudoku(2, 2), untrained, Rng(5), Blame(), 4) == refine(sudoku(2, 2), untrained, Rng(5), Blame(), 4)


def test_options_that_are_none_are_refused(untrained):
    with pytest.raises(ValueError, match="sure is a share from 0 to 1, got 2"):
        Blame(sure=2)
    with pytest.raises(ValueError, match="warmth must not be negative"):
        Condition(warmth=-1)
    with pytest.raises(ValueError, match="most must be at least 1"):
        refine(latin(4), untrained, Rng(0), Blame(), 0)


def test_the_shipped_weights_are_small_and_solve_ordinary_sudokus():
    assert SHIPPED.stat().st_size < 1_000_000 and 8_000 <= load().weights <= 20_000
    puzzles = made(sudoku(3, 3), 3, Rng(77), 36, 40)
    for domains, solution in zip(puzzles.domains, puzzles.solutions):
        network = replace(puzzles.network, domains=domains)
        found = refine(network, load(), Rng(0), Blame(), 12)
        assert found.valid and found.values == tuple(solution + 1)


def test_scores_for_a_search_are_logs_of_shares():
    found = scores(latin(4), load(), latin(4).domains, Rng(0), 2)
    assert found.shape == (16, 4)
    np.testing.assert_allclose(np.exp(found).sum(1), 1, atol=1e-5)
