"""Policies: how a constraint steers one noise level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Protocol

import numpy as np

from structdiff.posterior import Posterior, Proposal
from structdiff.rng import Rng

GRAMMAR = "the constraint does not allow this token here"


@dataclass(frozen=True)
class Draft:
    """A proposal, drawn when it is first asked for; the beliefs to judge it by, and what breaks it: position -> rule."""

    draw: Callable[[], Proposal]
    judge: Posterior
    broken: dict[int, str]

    @cached_property
    def proposal(self) -> Proposal:
        return self.draw()


class Policy(Protocol):
    """lookahead: how much of what later positions make probable counts in the posterior it is given (see `Posterior`)."""

    lookahead: float

    def draft(self, posterior: Posterior, free: Callable[[], Posterior], rng: Rng) -> Draft:
        """Returns a proposal for one canvas. posterior: conditioned; free(): the model's beliefs as they are."""
        ...


@dataclass(frozen=True)
class Condition:
    """Draws the proposal from the posterior. Tokens the model preferred and may not have are reported broken.

    lookahead: 1 is the exact posterior. It takes the beliefs at different positions for independent, which at high noise
    they are not, so that what is easy to place further on sways what is written here; below 1 it does so less.
    """

    lookahead: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.lookahead <= 1:
            raise ValueError(f"lookahead must be in (0, 1], got {self.lookahead}")

    def draft(self, posterior: Posterior, free: Callable[[], Posterior], rng: Rng) -> Draft:
        odds = posterior.bias[np.arange(posterior.length), posterior.automaton.class_of[posterior.preferred]]
        return Draft(partial(posterior.sample, rng), posterior, {int(i): GRAMMAR for i in np.flatnonzero(np.isneginf(odds))})


@dataclass(frozen=True)
class Blame:
    """Lets the model's own draw stand, and accuses the cheapest set of tokens whose change would make it valid.

    A token is the dearer to change the surer the model is of it.
    """

    lookahead: float = field(default=1.0, init=False)

    def draft(self, posterior: Posterior, free: Callable[[], Posterior], rng: Rng) -> Draft:
        own = free()
        proposal = own.sample(rng)
        culprits = posterior.blame(proposal.tokens, 1.0 + 1.0 / (0.1 + own.entropy))
        return Draft(lambda: proposal, own, {int(i): GRAMMAR for i in np.flatnonzero(culprits)})
