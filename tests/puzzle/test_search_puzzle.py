"""Propagation, search and the posterior against enumeration, on small random puzzles of every rule."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from structdiff.puzzle import beliefs
from structdiff.puzzle.network import compile
from structdiff.puzzle.posterior import FactorPosterior
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import (
    Adjacent, AllDifferent, Cage, Count, Difference, Equal, Less, Line, Linear, Product, Sum, Table,
)
from structdiff.puzzle.search import ENOUGH, EXHAUSTED, FIRST_FAIL, GUIDED, STOPPED, search, settled
from structdiff.rng import Rng

CELLS = ("a", "b", "c", "d", "e")
VALUES = (0, 1, 2, 4)
NUMBERS = st.integers(-4, 12)


@st.composite
def rules(draw):
    cells = tuple(draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4, unique=True)))
    one, other = draw(st.permutations(CELLS))[:2]
    return draw(st.sampled_from([
        AllDifferent(cells), Sum(cells, draw(NUMBERS)), Product(cells, draw(NUMBERS)), Difference(one, other, draw(st.integers(0, 4))),
        Less(one, other), Equal(one, other), Adjacent(one, other), Count(cells, draw(st.sampled_from(VALUES)), draw(st.integers(0, 3))),
        Line(cells, tuple(draw(st.lists(st.integers(1, 2), max_size=2)))),
        Cage(cells, draw(st.sampled_from("+-*/")), draw(st.integers(0, 12)), draw(st.booleans())),
        Table(cells, tuple(draw(st.lists(st.tuples(*[st.sampled_from(VALUES)] * len(cells)), max_size=6)))),
        Linear(cells, tuple(draw(st.lists(st.integers(-2, 2), min_size=len(cells), max_size=len(cells)))),
               draw(st.sampled_from(["==", "!=", "<=", ">="])), draw(NUMBERS)),
    ]))


@st.composite
def puzzles(draw, most=4):
    domains = tuple(tuple(sorted(draw(st.sets(st.sampled_from(VALUES), min_size=1)))) for _ in CELLS)
    givens = draw(st.dictionaries(st.sampled_from(CELLS), st.just(0), max_size=1))
    found = tuple((cell, domains[CELLS.index(cell)][0]) for cell in givens)
    return Puzzle(CELLS, domains, tuple(draw(st.lists(rules(), max_size=most))), found)


def solutions(puzzle):
    return {values for values in product(*puzzle.domains) if puzzle.check(values).valid}


def narrowed(puzzle):
    network = compile(puzzle)
    domains = network.domains.copy()
    return network, domains, settled(network.factors, domains)


@settings(max_examples=400, deadline=None)
@given(puzzles(), st.integers(0, 5), st.sampled_from([FIRST_FAIL, GUIDED]))
def test_search_finds_every_solution_once(puzzle, seed, how):
    network, domains, failed = narrowed(puzzle)
    wanted = solutions(puzzle)
    assert failed < 0 or not wanted
    if failed < 0:
        scores = Rng(seed).gumbel(len(CELLS), len(puzzle.values))
        found = search(network.factors, domains, scores, how, 2000, 10**6)
        got = [tuple(network.values[one].tolist()) for one in found.solutions]
        assert found.ended == EXHAUSTED and len(set(got)) == len(got) and set(got) == wanted


@settings(max_examples=300, deadline=None)
@given(puzzles())
def test_propagation_takes_nothing_that_a_solution_has(puzzle):
    network, domains, failed = narrowed(puzzle)
    if failed < 0:
        for values in solutions(puzzle):
            assert all(bits >> int(np.searchsorted(network.values, value)) & 1 for bits, value in zip(domains, values))


def test_a_search_stops_where_it_is_told():
    network, domains, _ = narrowed(Puzzle(CELLS, (tuple(range(5)),), (AllDifferent(CELLS),)))
    scores = np.zeros((5, 5))
    assert len(search(network.factors, domains, scores, FIRST_FAIL, 500, 10**6).solutions) == 120
    assert search(network.factors, domains, scores, FIRST_FAIL, 7, 10**6).ended == ENOUGH
    assert search(network.factors, domains, scores, FIRST_FAIL, 500, 3).ended == STOPPED


def expected(puzzle, network, scores):
    """log Z and marginals by enumeration."""
    found = [[int(np.searchsorted(network.values, value)) for value in values] for values in sorted(solutions(puzzle))]
    weights = np.array([sum(scores[cell, value] for cell, value in enumerate(one)) for one in found])
    log_z = np.logaddexp.reduce(weights) if len(weights) else -np.inf
    marginals = np.zeros(scores.shape)
    for one, weight in zip(found, weights):
        marginals[np.arange(len(CELLS)), one] += np.exp(weight - log_z)
    return log_z, marginals


@settings(max_examples=300, deadline=None)
@given(puzzles(), st.integers(0, 1000))
def test_the_posterior_is_that_of_enumeration(puzzle, seed):
    network = compile(puzzle)
    scores = 5 * Rng(seed).gumbel(len(CELLS), len(puzzle.values))
    log_z, marginals = expected(puzzle, network, scores)
    found = FactorPosterior(network, scores, network.domains)
    assert found.exact and found.possible == np.isfinite(log_z)
    np.testing.assert_allclose(found.log_z, log_z, atol=1e-9)
    np.testing.assert_allclose(found.marginals, marginals, atol=1e-9)
    drawn = found.sample(Rng(seed))
    assert (drawn is None) == (not found.possible)
    assert drawn is None or puzzle.check(network.values[drawn].tolist()).valid


@settings(max_examples=300, deadline=None)
@given(rules(), st.integers(0, 1000))
def test_belief_propagation_is_exact_on_one_rule(rule, seed):
    puzzle = Puzzle(CELLS, (VALUES,), (rule,))
    network = compile(puzzle)
    scores = Rng(seed).gumbel(len(CELLS), len(VALUES))
    log_z, marginals = expected(puzzle, network, scores)
    allowed = network.domains[:, None] >> np.arange(len(VALUES)) & 1
    prior = np.where(allowed > 0, np.exp(scores), 0.0)
    found, total, rest = beliefs.propagated(network.factors, prior, 50, 0.0, 1e-12)
    if np.isfinite(log_z):
        assert rest
        np.testing.assert_allclose(total, log_z, atol=1e-8)
        np.testing.assert_allclose(found, marginals, atol=1e-8)


def test_what_cannot_be_gone_through_is_called_approximate():
    cells = tuple(f"c{i}" for i in range(16))
    puzzle = Puzzle(cells, (tuple(range(16)),), (AllDifferent(cells), Sum(cells[:8], 60), Less(cells[0], cells[1])))
    network = compile(puzzle)
    found = FactorPosterior(network, np.zeros((16, 16)), network.domains)
    assert not found.exact and np.isfinite(found.log_z)
    assert puzzle.check(network.values[found.sample(Rng(0))].tolist()).valid


def test_a_forest_of_rules_is_exact_however_many_solutions_it_has():
    cells = tuple(f"c{i}" for i in range(14))
    puzzle = Puzzle(cells, (tuple(range(7)),), (AllDifferent(cells[:7]), AllDifferent(cells[7:])))
    network = compile(puzzle)
    found = FactorPosterior(network, np.zeros((14, 7)), network.domains)
    assert found.exact
    np.testing.assert_allclose(found.log_z, 2 * np.log(5040), atol=1e-6)
    np.testing.assert_allclose(found.marginals, 1 / 7, atol=1e-9)
