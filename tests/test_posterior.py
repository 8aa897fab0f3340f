"""The exact posterior against enumeration of every canvas, and against itself where enumeration ends."""

from __future__ import annotations


import math
import random

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import oracles
import strategies
from structdiff import machine as m
from structdiff import regex
from structdiff.automaton import END, Automaton
from structdiff.errors import ConstraintError, DenoiserError
from structdiff.lift import Limits, free, lift
from structdiff.posterior import Posterior
from structdiff.rng import Rng
from structdiff.vocab import Vocab

NEAR = Limits(view=200)


def automaton_of(problem: strategies.Problem) -> Automaton | None:
    try:
        return lift(problem.machine, problem.vocab, problem.machine.start, NEAR)
    except ConstraintError:
        return None


def posterior_of(problem: strategies.Problem, automaton: Automaton, lookahead: float = 1.0) -> Posterior:
    return Posterior(torch.from_numpy(problem.logits), automaton, automaton.state(problem.machine.start),
                     automaton.exits(problem.budget), problem.temperature, lookahead)


def solved(seed: int, canvases: int = 1200, possible: bool = True):
    """A problem, its posterior, and the same by enumeration."""
    problem = strategies.problem(seed, canvases)
    automaton = automaton_of(problem)
    assume(automaton is not None)
    log_p = oracles.log_beliefs(problem.logits, problem.temperature)
    truth = oracles.exact(problem.machine, problem.vocab, log_p, problem.budget)
    assume(not possible or truth.outcomes)
    return problem, posterior_of(problem, automaton), truth


def agree(posterior: Posterior, truth: oracles.Exact, problem: strategies.Problem) -> None:
    length, size = problem.logits.shape
    assert posterior.log_z == pytest.approx(truth.log_z, rel=1e-6, abs=2e-6)
    found = np.array([[posterior.marginal(i, v) for v in range(size)] for i in range(length)])
    np.testing.assert_allclose(found, truth.marginals, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(posterior.ended, truth.ended, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(posterior.entropy, truth.entropy, rtol=1e-5, atol=2e-5)


# --- against enumeration --------------------------------------------------------------------------------------------


@given(strategies.seeds)
@settings(max_examples=300)
def test_log_z_marginals_and_entropy_equal_enumeration(seed):
    problem, posterior, truth = solved(seed)
    agree(posterior, truth, problem)


@pytest.mark.slow
@given(strategies.seeds)
@settings(max_examples=3000)
def test_log_z_marginals_and_entropy_equal_enumeration_of_thousands(seed):
    problem, posterior, truth = solved(seed)
    agree(posterior, truth, problem)


@pytest.mark.slow
@given(strategies.seeds)
@settings(max_examples=150)
def test_log_z_marginals_and_entropy_equal_enumeration_of_larger_canvases(seed):
    problem, posterior, truth = solved(seed, canvases=8**5)
    agree(posterior, truth, problem)


@given(strategies.seeds, st.sampled_from([0.1, 0.3, 0.8, 1.0]))
@settings(max_examples=150)
def test_a_discounted_lookahead_has_the_marginals_of_drawing_from_left_to_right(seed, lookahead):
    problem, exact, truth = solved(seed, canvases=200)
    posterior = posterior_of(problem, exact.automaton, lookahead)
    log_p = oracles.log_beliefs(problem.logits, problem.temperature)
    law = oracles.discounted(problem.machine, problem.vocab, log_p, problem.budget, lookahead)
    assert law.keys() <= truth.outcomes.keys()
    expected = np.zeros(log_p.shape)
    for outcome, p in law.items():
        expected[np.arange(len(outcome)), outcome] += p
        expected[len(outcome) :] += p * np.exp(log_p[len(outcome) :])
    found = np.array([[posterior.marginal(i, v) for v in range(log_p.shape[1])] for i in range(len(log_p))])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert posterior.log_z == exact.log_z
    assert posterior.mode().tokens.tolist() == exact.mode().tokens.tolist()


@given(strategies.seeds)
@settings(max_examples=150)
def test_log_z_is_minus_infinity_iff_nothing_fits(seed):
    problem, posterior, truth = solved(seed, possible=False)
    assert (posterior.log_z == -np.inf) == (not truth.outcomes)
    assert posterior.possible == bool(truth.outcomes)


@given(strategies.seeds)
@settings(max_examples=150)
def test_no_automaton_means_that_nothing_fits_at_any_length(seed):
    problem = strategies.problem(seed)
    distance = oracles.TokenDistance(problem.machine, problem.vocab)(problem.machine.start, 40)
    automaton = automaton_of(problem)
    if automaton is None:
        assert distance == oracles.INF
    else:
        assert distance < oracles.INF or not automaton.whole, "out of view lies an estimate"


@given(strategies.seeds)
@settings(max_examples=100)
def test_bias_turns_log_beliefs_into_log_marginals_that_sum_to_one(seed):
    problem, posterior, truth = solved(seed)
    log_p = oracles.log_beliefs(problem.logits, problem.temperature)
    biased = np.exp(log_p + posterior.bias[:, posterior.automaton.class_of])
    np.testing.assert_allclose(biased.sum(axis=1), 1.0, atol=2e-6)
    np.testing.assert_allclose(biased, truth.marginals, rtol=1e-5, atol=1e-6)
    impossible = np.isneginf(posterior.bias[:, posterior.automaton.class_of])
    assert (truth.marginals[impossible] == 0).all()


@given(strategies.seeds)
@settings(max_examples=120)
def test_the_mode_is_as_probable_as_the_best_canvas(seed):
    problem, posterior, truth = solved(seed)
    mode = posterior.mode()
    weight = truth.outcomes[oracles.outcome_of(mode.tokens, problem.vocab)]      # KeyError: it is not even allowed
    assert weight == pytest.approx(truth.best, rel=1e-6, abs=1e-6)
    assert_leads(posterior, mode)


@given(strategies.seeds)
@settings(max_examples=60)
def test_caution_is_the_entropy_of_each_belief_over_the_tokens_that_are_possible(seed):
    problem, posterior, truth = solved(seed)
    p = np.exp(oracles.log_beliefs(problem.logits, problem.temperature))
    for i, caution in enumerate(posterior.caution):
        allowed = sorted({outcome[i] for outcome in truth.outcomes if i < len(outcome)})
        share = p[i, allowed] / p[i, allowed].sum() if allowed else np.zeros(0)
        entropy = -sum(x * math.log(x) for x in share if x > 0)
        assert caution == pytest.approx(entropy * (1 - truth.ended[i]), rel=1e-4, abs=5e-5)


@given(strategies.seeds)
@settings(max_examples=80)
def test_a_draw_is_an_allowed_canvas_and_says_where_it_leads(seed):
    problem, posterior, truth = solved(seed)
    rng = Rng(seed)
    for _ in range(5):
        draw = posterior.sample(rng)
        assert oracles.outcome_of(draw.tokens, problem.vocab) in truth.outcomes
        assert_leads(posterior, draw)


def assert_leads(posterior: Posterior, proposal) -> None:
    np.testing.assert_array_equal(posterior.automaton.path(proposal.tokens, posterior.frontier), proposal.states)
    np.testing.assert_array_equal(proposal.ended, proposal.states[:-1] == END)


@given(strategies.seeds)
@settings(max_examples=80)
def test_a_temperature_is_a_scale_of_the_logits(seed):
    problem, posterior, _ = solved(seed)
    scaled = Posterior(torch.from_numpy(problem.logits / np.float32(problem.temperature)), posterior.automaton,
                       posterior.frontier, posterior.final)
    assert posterior.log_z == pytest.approx(scaled.log_z, rel=1e-5, abs=1e-5)
    np.testing.assert_allclose(posterior.bias, scaled.bias, rtol=1e-4, atol=1e-4)


@given(strategies.seeds)
@settings(max_examples=50)
def test_an_implied_constraint_changes_nothing(seed):
    problem, posterior, truth = solved(seed)
    both = m.Intersection(problem.machine, problem.machine)
    automaton = lift(both, problem.vocab, both.start, NEAR)
    twice = Posterior(torch.from_numpy(problem.logits), automaton, automaton.state(both.start),
                      automaton.exits(problem.budget), problem.temperature)
    assert twice.log_z == pytest.approx(truth.log_z, rel=1e-6, abs=2e-6)
    np.testing.assert_allclose(twice.entropy, truth.entropy, rtol=1e-5, atol=2e-5)


@given(strategies.seeds)
@settings(max_examples=80)
def test_without_a_constraint_the_beliefs_are_left_alone(seed):
    problem = strategies.problem(seed)
    log_p = oracles.log_beliefs(problem.logits)
    assume(np.isfinite(log_p).any(axis=1).all())
    posterior = Posterior(torch.from_numpy(problem.logits), free(problem.vocab), 1, np.ones(2, dtype=bool))
    assert posterior.log_z == pytest.approx(0.0, abs=1e-6)
    bias = posterior.bias[:, posterior.automaton.class_of]
    np.testing.assert_allclose(bias[np.isfinite(log_p)], 0.0, atol=1e-5)
    found = [[posterior.marginal(i, v) for v in range(len(problem.vocab))] for i in range(len(log_p))]
    np.testing.assert_allclose(found, np.exp(log_p), atol=1e-6)


@given(strategies.seeds)
@settings(max_examples=50)
def test_relabelled_tokens_give_the_same_posterior(seed):
    problem, posterior, _ = solved(seed)
    order = random.Random(seed).sample(range(len(problem.vocab)), len(problem.vocab))   # new label -> old token
    vocab = Vocab(tuple(problem.vocab.tokens[old] for old in order),
                  tuple(order.index(end) for end in problem.vocab.end_tokens))
    automaton = lift(problem.machine, vocab, problem.machine.start, NEAR)
    relabelled = Posterior(torch.from_numpy(problem.logits[:, order]), automaton, automaton.state(problem.machine.start),
                           automaton.exits(problem.budget), problem.temperature)
    assert relabelled.log_z == pytest.approx(posterior.log_z, rel=1e-6, abs=2e-6)
    np.testing.assert_allclose(relabelled.entropy, posterior.entropy, rtol=1e-5, atol=2e-5)


@given(strategies.seeds)
@settings(max_examples=30)
def test_two_blocks_multiply_to_one_canvas(seed):
    """The weight of a canvas is the sum, over the states a cut may leave it in, of first half times second half."""
    problem, posterior, truth = solved(seed)
    length, automaton = len(problem.logits), posterior.automaton
    assume(length > 1)
    cut, halves = random.Random(seed).randrange(1, length), torch.from_numpy(problem.logits)
    terms = []
    for state in range(automaton.states):
        only = np.zeros(automaton.states, dtype=bool)
        only[state] = True
        first = Posterior(halves[:cut], automaton, posterior.frontier, only, problem.temperature)
        second = Posterior(halves[cut:], automaton, state, posterior.final, problem.temperature)
        terms.append(first.log_z + second.log_z)
    assert np.logaddexp.reduce(terms) == pytest.approx(truth.log_z, rel=1e-6, abs=4e-6)


# --- blame ----------------------------------------------------------------------------------------------------------


@given(strategies.seeds)
@settings(max_examples=120)
def test_blame_is_the_cheapest_set_whose_change_repairs_the_canvas(seed):
    problem, posterior, truth = solved(seed, canvases=400)
    r = random.Random(seed)
    length, size = problem.logits.shape
    tokens = np.array(r.choices(range(size), k=length))
    sureness = np.array([r.choice((0.5, 1.0, 1.7, 3.1)) for _ in range(length)])
    culprits = posterior.blame(tokens, sureness)
    costs = {}
    for outcome in truth.outcomes:                       # what past its end token is free need not change
        changed = tuple(i for i, token in enumerate(outcome) if token != tokens[i])
        costs[changed] = sum(sureness[i] for i in changed)
    impossible = np.isneginf(problem.logits[np.arange(length), tokens])
    if not impossible.any():
        assert sureness[culprits].sum() == pytest.approx(min(costs.values()), abs=1e-9)
    assert any(set(changed) <= set(np.flatnonzero(culprits)) for changed in costs) or impossible.any()
    assert min(costs.values()) <= sureness[culprits].sum() + 1e-9 or impossible.any()


@given(strategies.seeds)
@settings(max_examples=80)
def test_blame_finds_nothing_in_an_allowed_canvas(seed):
    problem, posterior, truth = solved(seed)
    draw = posterior.sample(Rng(seed))
    assert not posterior.blame(draw.tokens, np.ones(len(draw.tokens))).any()


@given(strategies.seeds)
@settings(max_examples=150)
def test_regret_is_the_first_token_than_which_another_could_have_followed_likelier(seed):
    problem, posterior, truth = solved(seed)
    draw = posterior.sample(Rng(seed))
    outcome = oracles.outcome_of(draw.tokens, problem.vocab)
    wanted = None
    for i, token in enumerate(outcome):
        could = {other[i] for other in truth.outcomes if len(other) > i and other[:i] == outcome[:i]}
        liked = max(could, key=lambda v: problem.logits[i, v])
        if problem.logits[i, liked] > problem.logits[i, token]:
            wanted = i, problem.logits[i, liked]
            break
    found = posterior.regret(draw)
    assert (found is None) == (wanted is None)
    if wanted is not None:
        assert found[0] == wanted[0] and problem.logits[found] == wanted[1]


# --- extremes -------------------------------------------------------------------------------------------------------


@given(strategies.seeds)
@settings(max_examples=120)
def test_peaks_of_300_nats_neither_underflow_nor_lose_accuracy(seed):
    problem = strategies.problem(seed, canvases=300)
    peak = random.Random(seed).choice((80, 300))
    signs = np.random.default_rng(seed).choice([-peak, 0, peak], size=problem.logits.shape)
    logits = (problem.logits + signs).astype(np.float32)
    automaton = automaton_of(problem)
    assume(automaton is not None)
    posterior = Posterior(torch.from_numpy(logits), automaton, automaton.state(problem.machine.start), automaton.exits(0))
    truth = oracles.exact(problem.machine, problem.vocab, oracles.log_beliefs(logits))
    assert posterior.possible == bool(truth.outcomes)
    if truth.outcomes:
        assert posterior.log_z == pytest.approx(truth.log_z, rel=1e-6, abs=2e-6)
        np.testing.assert_allclose(posterior.entropy, truth.entropy, rtol=1e-5, atol=2e-5)
        outcome = oracles.outcome_of(posterior.mode().tokens, problem.vocab)
        assert truth.outcomes[outcome] == pytest.approx(truth.best, rel=1e-6, abs=1e-6)
        assert oracles.outcome_of(posterior.sample(Rng(seed)).tokens, problem.vocab) in truth.outcomes


LETTERS = Vocab((b"a", b"b", b"c", None), (3,))


def chain_posterior(pattern: str, logits: np.ndarray) -> Posterior:
    machine = regex.whole(pattern)
    automaton = lift(machine, LETTERS, machine.start)
    return Posterior(torch.from_numpy(logits.astype(np.float32)), automaton, automaton.state(machine.start), automaton.exits(0))


@pytest.mark.parametrize("peak", [1.0, 20.0, 80.0, 300.0])
def test_a_preferred_path_that_dies_at_the_end_of_a_long_canvas(peak):
    """`a` is preferred everywhere by `peak` nats and allowed nowhere at the end: only b...b is left, with e**(-256 peak)."""
    length = 256
    logits = np.zeros((length, 4))
    logits[:, 0] = peak
    posterior = chain_posterior(f"a{{300}}|b{{{length}}}", logits)
    with mpmath.workdps(50):
        expected = float(length * -mpmath.log(mpmath.exp(peak) + 3))
    assert posterior.log_z == pytest.approx(expected, rel=1e-6)
    assert posterior.sample(Rng(0)).tokens.tolist() == [1] * length
    assert posterior.mode().tokens.tolist() == [1] * length
    assert posterior.entropy == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("peak", [0.0, 80.0, 300.0])
def test_an_even_count_over_a_long_canvas_is_summed_exactly(peak):
    """c(aa)*: the weights alternate between two states; the product of 2x2 matrices is done in 60 digits."""
    length = 256
    logits = np.random.default_rng(5).choice([0.0, peak, -peak], size=(length, 4))
    posterior = chain_posterior("(?:b*ab*a)*b*", logits)
    with mpmath.workdps(60):
        even, odd, ended, scored = mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(0), mpmath.mpf(0)
        for row in logits:
            a, b, c, end = (mpmath.exp(x) for x in row)
            even, odd, ended, scored = (even * b + odd * a, even * a + odd * b, even * end + ended * (a + b + c + end),
                                        scored + mpmath.log(a + b + c + end))
        expected = float(mpmath.log(even + ended) - scored)
    assert posterior.log_z == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_an_impossible_row_makes_everything_impossible():
    logits = np.zeros((3, 4))
    logits[1] = -np.inf
    assert chain_posterior("b*", logits).log_z == -np.inf
    assert not chain_posterior("b*", logits).possible


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("token", [0, 1, 3])
@pytest.mark.parametrize("other", [0.0, -np.inf])
def test_logits_that_are_not_numbers_are_the_denoisers_fault_and_are_placed(value, position, token, other):
    logits = np.zeros((3, 4))
    logits[0, 1:] = other
    logits[position, token] = value
    with pytest.raises(DenoiserError, match=f"position {position}$"):
        chain_posterior("b*", logits)


def test_a_row_of_minus_infinity_is_not_named_for_another_rows_nan():
    logits = np.zeros((3, 4))
    logits[0], logits[2, 2] = -np.inf, np.nan
    with pytest.raises(DenoiserError, match="position 2$"):
        chain_posterior("b*", logits)


def test_logits_of_another_width_are_refused():
    with pytest.raises(DenoiserError, match="5 columns.*4 tokens"):
        chain_posterior("b*", np.zeros((3, 5)))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_logits_of_any_float_type_are_taken(dtype):
    logits = torch.tensor([[0.5, 1.0, -2.0, 0.0]] * 3, dtype=dtype)
    machine = regex.whole("b*")
    automaton = lift(machine, LETTERS, machine.start)
    found = Posterior(logits, automaton, 1, automaton.exits(0)).log_z
    truth = oracles.exact(machine, LETTERS, oracles.log_beliefs(logits.float().numpy()))
    assert found == pytest.approx(truth.log_z, rel=1e-6)


def test_a_large_vocabulary_is_summed_to_five_digits():
    """262,144 tokens: one float32 accumulator would lose two more of them."""
    size = 262_144
    vocab = Vocab((b"a",) * (size // 2) + (b"b",) * (size // 2 - 1) + (None,), (size - 1,))
    machine = regex.whole("a*")
    automaton = lift(machine, vocab, machine.start)
    logits = np.random.default_rng(0).normal(size=(4, size)).astype(np.float32) * 3
    posterior = Posterior(torch.from_numpy(logits), automaton, automaton.state(machine.start), automaton.exits(0))
    p = np.exp(oracles.log_beliefs(logits))
    a, end = p[:, : size // 2].sum(axis=1), p[:, -1]
    expected = np.log(sum(math.prod(a[:k]) * (end[k] if k < 4 else 1) for k in range(5)))
    assert posterior.log_z == pytest.approx(expected, abs=1e-5)


# --- the draw's distribution ----------------------------------------------------------------------------------------


class Walked:
    """A stand-in for Rng whose uniforms are given."""

    def __init__(self, uniforms: np.ndarray):
        self.uniforms = uniforms

    def uniform(self, *shape: int) -> np.ndarray:
        assert shape == self.uniforms.shape
        return self.uniforms


def pieces(label) -> dict:
    """Returns label -> (how much of [0, 1) has it, one point that has it), for a `label(u)` of few steps."""
    found: dict = {}

    def add(low, high, name):
        size, widest, point = found.get(name, (0.0, 0.0, 0.0))
        if high - low > widest:
            widest, point = high - low, (low + high) / 2
        found[name] = (size + high - low, widest, point)

    def split(low, high, at_low, at_high):
        if at_low == at_high or high - low < 1e-9:
            add(low, (low + high) / 2, at_low)
            add((low + high) / 2, high, at_high)
        else:
            middle = (low + high) / 2
            at_middle = label(middle)
            split(low, middle, at_low, at_middle)
            split(middle, high, at_middle, at_high)

    grid = np.linspace(0, 1 - 1e-12, 9)
    labels = [label(u) for u in grid]
    for low, high, at_low, at_high in zip(grid, grid[1:], labels, labels[1:]):
        split(low, high, at_low, at_high)
    return {name: (size, point) for name, (size, _, point) in found.items()}


def draws(posterior: Posterior, vocab: Vocab) -> dict[tuple[int, ...], float]:
    """Every outcome of `sample()` and its probability, found by walking each uniform number over [0, 1)."""
    length, law = posterior.length, {}

    def drawn(arc_u, token_u=None, position=None, kind=None):
        u = np.full((3, length), 0.5)
        u[0, : len(arc_u)] = arc_u
        if token_u is not None:
            for k, value in zip(kind, token_u):
                u[k, position] = value
        return posterior.sample(Walked(u))

    def tokens_at(arc_u, i) -> dict[int, float]:
        found: dict[int, float] = {}
        by_class = pieces(lambda x: int(posterior.automaton.class_of[drawn(arc_u, (x,), i, (1,)).tokens[i]]))
        for size, x in by_class.values():
            for token, (share, _) in pieces(lambda y: int(drawn(arc_u, (x, y), i, (1, 2)).tokens[i])).items():
                found[token] = found.get(token, 0.0) + size * share
        return found

    def walk(arc_u, tokens, p):
        i = len(arc_u)
        if i == length or drawn(arc_u).states[i] == END:
            law[tokens] = law.get(tokens, 0.0) + p
            return
        for size, u in pieces(lambda x: int(drawn([*arc_u, x]).states[i + 1])).values():
            for token, share in tokens_at([*arc_u, u], i).items():
                walk([*arc_u, u], (*tokens, token), p * size * share)

    walk([], (), 1.0)
    return law


@given(strategies.seeds)
@settings(max_examples=25)
def test_the_draws_distribution_is_the_enumerated_posterior(seed):
    problem, posterior, truth = solved(seed, canvases=40)
    assume(1 < len(truth.outcomes) <= 12)
    law = draws(posterior, problem.vocab)
    for outcome in law.keys() | truth.outcomes.keys():
        expected = math.exp(truth.outcomes.get(outcome, -math.inf) - truth.log_z)
        assert law.get(outcome, 0.0) == pytest.approx(expected, abs=1e-6), outcome


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_twenty_thousand_draws_pass_a_chi_square_test(seed):
    logits = np.random.default_rng(seed).normal(size=(4, 4))
    posterior = chain_posterior("(?:ab|c|aa?b)*", logits)
    truth = oracles.exact(regex.whole("(?:ab|c|aa?b)*"), LETTERS, oracles.log_beliefs(logits.astype(np.float32)))
    rng, count, seen = Rng(seed), 20_000, {}
    for _ in range(count):
        outcome = oracles.outcome_of(posterior.sample(rng).tokens, LETTERS)
        seen[outcome] = seen.get(outcome, 0) + 1
    assert seen.keys() <= truth.outcomes.keys()
    expected = {outcome: count * math.exp(w - truth.log_z) for outcome, w in truth.outcomes.items()}
    statistic = sum((seen.get(outcome, 0) - e) ** 2 / e for outcome, e in expected.items())
    freedom = len(expected) - 1
    assert freedom > 3
    assert float(mpmath.gammainc(freedom / 2, statistic / 2, regularized=True)) > 1e-4      # the p-value


def test_the_same_seed_draws_the_same_canvas_and_another_seed_others():
    posterior = chain_posterior("[ab]*", np.array([[0.0, 0.0, 0.0, -9.0]] * 16))
    first, second = (posterior.sample(Rng(7)).tokens.tolist() for _ in range(2))
    assert first == second
    assert len({tuple(posterior.sample(Rng(seed)).tokens.tolist()) for seed in range(20)}) > 10
