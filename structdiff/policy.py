"""Policies: how a constraint steers one noise level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from structdiff.posterior import Posterior, Proposal
from structdiff.rng import Rng

GRAMMAR = "the constraint does not allow this token here"


@dataclass(frozen=True)
class Draft:
    """A proposal, the beliefs to judge it by, and what breaks it: position -> rule."""

    proposal: Proposal
    judge: Posterior
    broken: dict[int, str]


class Policy(Protocol):
    def draft(self, posterior: Posterior, free: Callable[[], Posterior], rng: Rng) -> Draft:
        """Returns a proposal for one canvas. posterior: conditioned; free(): the model's beliefs as they are."""
        ...


@dataclass(frozen=True)
class Condition:
    """Draws the proposal from the exact posterior. Tokens the model preferred and may not have are reported broken."""

    def draft(self, posterior: Posterior, free: Callable[[], Posterior], rng: Rng) -> Draft:
        preferred = posterior.logits.argmax(axis=1)
        odds = posterior.bias[np.arange(posterior.length), posterior.automaton.class_of[preferred]]
        return Draft(posterior.sample(rng), posterior, {int(i): GRAMMAR for i in np.flatnonzero(np.isneginf(odds))})


@dataclass(frozen=True)
class Blame:
    """Lets the model's own draw stand, and accuses the cheapest set of tokens whose change would make it valid.

    A token is the dearer to change the surer the model is of it.
    """

    def draft(self, posterior: Posterior, free: Callable[[], Posterior], rng: Rng) -> Draft:
        own = free()
        proposal = own.sample(rng)
        culprits = posterior.blame(proposal.tokens, 1.0 + 1.0 / (0.1 + own.entropy))
        return Draft(proposal, own, {int(i): GRAMMAR for i in np.flatnonzero(culprits)})


