"""Samplers against transformers, hand-computed numbers and the papers' formulas by statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings

import strategies
from structdiff import regex
from structdiff.lift import free, lift
from structdiff.posterior import Posterior, Proposal
from structdiff.rng import Rng, streams
from structdiff.sampler import Ancestral, Confidence, EntropyBound, Moment, Remask
from structdiff.schedule import Schedule
from structdiff.vocab import Vocab

VOCAB = Vocab((b"a", b"b", b"c", None), (3,))


def unconstrained(logits: np.ndarray) -> Posterior:
    """No end token is likely, so that no position is past it."""
    return Posterior(torch.from_numpy(logits.astype(np.float32)), free(VOCAB), 1, np.ones(2, dtype=bool))


def two_way(*probabilities: float) -> Posterior:
    """Position i holds `a` with probabilities[i], else `b`."""
    logits = np.full((len(probabilities), 4), -np.inf)
    with np.errstate(divide="ignore"):
        logits[:, 0], logits[:, 1] = np.log(probabilities), np.log1p(-np.array(probabilities))
    return unconstrained(logits)


def moment(length: int, level: float = 0.5, next_level: float = 0.25, known=None) -> Moment:
    return Moment(level, next_level, np.zeros(length, dtype=bool) if known is None else np.array(known))


def proposal(tokens) -> Proposal:
    return Proposal(np.array(tokens), np.ones(len(tokens) + 1, dtype=int))


# --- entropy bound --------------------------------------------------------------------------------------------------


def test_entropy_bound_on_a_hand_computed_canvas():
    """Entropies in nats: 0.6931, 0, 0.0560, 0.3251; sorted, the sums before each are 0, 0, 0.0560, 0.3811."""
    posterior = two_way(0.5, 1.0, 0.99, 0.9)
    accept = lambda bound: EntropyBound(bound, cautious=False).accept(posterior, proposal([0] * 4), moment(4), Rng(0)).tolist()
    assert accept(0.05) == [False, True, True, False]
    assert accept(0.1) == [False, True, True, True]
    assert accept(0.38) == [False, True, True, True]
    assert accept(0.39) == [True, True, True, True]


@given(strategies.seeds)
@settings(max_examples=100)
def test_entropy_bound_accepts_what_transformers_accepts(seed):
    diffusion = pytest.importorskip("transformers.models.diffusion_gemma.generation_diffusion_gemma")
    g = np.random.default_rng(seed)
    length, bound = int(g.integers(1, 20)), float(g.choice([0.05, 0.1, 0.5, 2.0]))
    logits = g.normal(size=(length, 4)) * g.choice([1.0, 4.0, 9.0], size=(length, 1))
    logits[:, 3] = -1e4
    reference = diffusion.EntropyBoundSampler(diffusion.EntropyBoundSamplerConfig(bound), length, 4, 48)
    canvas = torch.zeros(1, length, dtype=torch.long)
    reference.accept_canvas(canvas, canvas + 1, torch.from_numpy(logits)[None], 0)
    found = EntropyBound(bound, cautious=False).accept(unconstrained(logits), proposal([0] * length), moment(length), Rng(0))
    assert found.tolist() == reference.accepted_token_mask[0].tolist()


def test_entropy_bound_always_keeps_what_the_constraint_pins():
    machine = regex.whole("abc")
    automaton = lift(machine, VOCAB, machine.start)
    logits = torch.from_numpy(np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32))
    posterior = Posterior(logits, automaton, automaton.state(machine.start), automaton.exits(0))
    assert EntropyBound(1e-9).accept(posterior, posterior.sample(Rng(0)), moment(3), Rng(0)).all()


# --- confidence -----------------------------------------------------------------------------------------------------


def confident(posterior, tokens, threshold, **at):
    return Confidence(threshold).accept(posterior, proposal(tokens), moment(len(tokens), **at), Rng(0)).tolist()


def test_confidence_keeps_what_is_above_the_threshold_and_the_share_that_is_due():
    posterior = two_way(0.5, 0.96, 0.7, 0.9)
    assert confident(posterior, [0, 0, 0, 0], 0.95, next_level=1.0) == [False, True, False, False]
    assert confident(posterior, [0, 0, 0, 0], 0.85, next_level=1.0) == [False, True, False, True]
    assert confident(posterior, [0, 0, 0, 0], 0.95, next_level=0.5) == [False, True, False, True]
    assert confident(posterior, [0, 0, 0, 0], 0.95, next_level=0.49) == [False, True, True, True]
    assert confident(posterior, [0, 0, 0, 0], 0.95, next_level=0.0) == [True] * 4


def test_confidence_is_of_the_proposed_token():
    assert confident(two_way(0.04, 0.96), [0, 0], 0.95, next_level=1.0) == [False, True]
    assert confident(two_way(0.04, 0.96), [1, 1], 0.95, next_level=1.0) == [True, False]


def test_confidence_keeps_known_positions():
    assert confident(two_way(0.5, 0.5), [0, 0], 0.95, next_level=1.0, known=[True, False]) == [True, False]


def test_confidence_in_what_is_past_the_end_is_full():
    machine = regex.whole("a")
    automaton = lift(machine, VOCAB, machine.start)
    posterior = Posterior(torch.zeros(4, 4), automaton, automaton.state(machine.start), automaton.exits(0))
    assert Confidence().accept(posterior, posterior.sample(Rng(0)), moment(4, next_level=1.0), Rng(0)).all()


@pytest.mark.parametrize("steps", [1, 4, 10, 48])
@pytest.mark.parametrize("length", [10, 48, 256])
def test_the_share_due_after_step_k_is_k_of_the_steps(steps, length):
    posterior = two_way(*np.linspace(0.5, 0.6, length))
    levels = (*Schedule(steps).levels(), 0.0)
    for k, next_level in enumerate(levels[1:], start=1):
        assert sum(confident(posterior, [0] * length, 1.0, next_level=next_level)) == math.ceil(k * length / steps)


# --- the reverse process --------------------------------------------------------------------------------------------


MANY = 20_000


class Flat:
    """A posterior of which only the length is asked."""

    length = MANY


def share(sampler, level, next_level, known: bool) -> float:
    at = Moment(level, next_level, np.full(MANY, known))
    return sampler.accept(Flat(), None, at, Rng(0)).mean()


def near(p: float):
    return pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / MANY) + 1e-12)


@pytest.mark.parametrize("level, next_level", [(1.0, 0.75), (0.5, 0.25), (0.1, 0.05), (0.3, 0.0), (1.0, 0.0), (1.0, 1.0)])
def test_ancestral_reveals_with_the_probability_of_the_reverse_process(level, next_level):
    """MDLM eq. 5 at linear noise, alpha = 1 - level: (alpha_s - alpha_t) / (1 - alpha_t)."""
    assert share(Ancestral(), level, next_level, known=False) == near(((1 - next_level) - (1 - level)) / (1 - (1 - level)))
    assert share(Ancestral(), level, next_level, known=True) == 1.0


@pytest.mark.parametrize("level, next_level", [(0.9, 0.8), (0.5, 0.4), (0.2, 0.1), (0.2, 0.0), (1.0, 0.9)])
@pytest.mark.parametrize("cap", [0.0, 0.04, 1.0])
def test_remask_takes_back_and_reveals_as_remdm_says(level, next_level, cap):
    """ReMDM: sigma = min(cap, (1 - alpha_s) / alpha_t); a mask is revealed with (alpha_s - (1 - sigma) alpha_t) / (1 - alpha_t)."""
    alpha_t, alpha_s = 1 - level, 1 - next_level
    sigma = min(cap, (1 - alpha_s) / alpha_t) if alpha_t > 0 else cap
    assert share(Remask(cap), level, next_level, known=True) == near(1 - sigma)
    assert share(Remask(cap), level, next_level, known=False) == near((alpha_s - (1 - sigma) * alpha_t) / (1 - alpha_t))


@pytest.mark.parametrize("cap", [0.0, 0.04, 0.5, 1.0])
def test_remask_leaves_the_share_of_known_tokens_the_schedule_asks_for(cap):
    """The marginal of the process is the schedule's whatever sigma is: level t -> level s leaves 1 - s known."""
    for level, next_level in [(0.9, 0.8), (0.5, 0.4), (0.25, 0.05)]:
        kept, revealed = (share(Remask(cap), level, next_level, known) for known in (True, False))
        assert (1 - level) * kept + level * revealed == pytest.approx(1 - next_level, abs=0.02)


def test_remask_without_a_cap_is_ancestral():
    at = Moment(0.6, 0.4, np.arange(MANY) % 2 == 0)
    np.testing.assert_array_equal(Remask(0.0).accept(Flat(), None, at, Rng(3)), Ancestral().accept(Flat(), None, at, Rng(3)))


def test_at_the_last_level_everything_is_kept():
    assert share(Ancestral(), 0.05, 0.0, known=False) == 1.0
    assert share(Remask(), 0.05, 0.0, known=False) == 1.0
    assert share(Remask(), 0.05, 0.0, known=True) == 1.0


# --- options, schedules, streams ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sampler, option", [
    (EntropyBound, 0), (EntropyBound, -1), (EntropyBound, math.nan), (Confidence, 0), (Confidence, 1.01), (Confidence, math.nan),
    (Remask, -0.01), (Remask, 1.01), (Remask, math.nan),
])
def test_options_are_validated_at_construction(sampler, option):
    with pytest.raises(ValueError, match=str(option)):
        sampler(option)


def test_patience_is_validated_at_construction():
    for patience in (0, math.nan):
        with pytest.raises(ValueError, match="patience must be at least 1"):
            EntropyBound(patience=patience)


@pytest.mark.parametrize("options, says", [
    (dict(steps=0), "steps must be at least 1"), (dict(cold=0), "0 < cold <= hot"), (dict(hot=0.3), "0 < cold <= hot"),
    (dict(cold=math.nan), "0 < cold <= hot"),
])
def test_a_schedule_is_validated_at_construction(options, says):
    with pytest.raises(ValueError, match=says):
        Schedule(**options)


def test_a_schedule_falls_linearly_from_pure_noise():
    assert Schedule(4).levels() == (1.0, 0.75, 0.5, 0.25)
    assert [Schedule(4, 0.8, 0.4).temperature(level) for level in (1.0, 0.5, 0.0)] == pytest.approx([0.8, 0.6, 0.4])


def test_a_row_of_a_batch_draws_what_it_would_draw_alone():
    for row, stream in enumerate(streams(5, 3)):
        np.testing.assert_array_equal(stream.uniform(4), Rng(5 + row).uniform(4))


def test_uniform_integers_and_gumbel_are_what_they_say():
    rng = Rng(0)
    assert rng.uniform(2, 3).shape == (2, 3)
    assert np.bincount(rng.integers(4, MANY), minlength=4) / MANY == pytest.approx(0.25, abs=0.02)
    assert rng.gumbel(MANY).mean() == pytest.approx(0.5772, abs=0.04)
