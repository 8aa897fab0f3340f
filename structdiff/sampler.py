"""Samplers: which tokens of a proposal to keep. The rest goes back to noise."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from structdiff.posterior import Posterior, Proposal
from structdiff.rng import Rng


@dataclass(frozen=True)
class Moment:
    """Where in the denoising of a block a decision falls: the noise level before and after it, what is known already."""

    level: float
    next_level: float
    known: np.ndarray       # Bool[L]


class Sampler(Protocol):
    """patience: for how many forwards in a row the model's likeliest tokens stay the same until the block is taken to be
    done, and its most probable valid text committed. inf: only when all is kept; so it must be for a sampler whose draws
    are to follow the model's distribution."""

    patience: float

    def accept(self, posterior: Posterior, proposal: Proposal, moment: Moment, rng: Rng) -> np.ndarray:
        """Returns Bool[L]: the positions of `proposal` to keep on the canvas."""
        ...


@dataclass(frozen=True)
class EntropyBound:
    """Keeps the surest positions while their joint mutual information is bounded (arXiv 2505.24857, eq. 6).

    Positions are taken by rising entropy; one is kept while the entropies before it sum to at most `bound` nats. A
    position the constraint pins has none and is always kept.

    With bound 0.1 this is DiffusionGemma's own rule, which was found for beliefs that nothing conditions.
    cautious: a position counts as no surer than its own belief over the allowed tokens makes it (`Posterior.caution`).
    """

    bound: float = 0.1
    cautious: bool = False
    patience: float = 2

    def __post_init__(self) -> None:
        if not self.bound > 0:
            raise ValueError(f"bound must be positive, got {self.bound}")
        if not self.patience >= 1:
            raise ValueError(f"patience must be at least 1, got {self.patience}: a text must be seen before it is taken")

    def accept(self, posterior: Posterior, proposal: Proposal, moment: Moment, rng: Rng) -> np.ndarray:
        entropy = np.maximum(posterior.entropy, posterior.caution) if self.cautious else posterior.entropy
        order = np.argsort(entropy, kind="stable")
        before = np.cumsum(entropy[order]) - entropy[order]
        keep = np.zeros(len(entropy), dtype=bool)
        keep[order] = before <= self.bound
        return keep


@dataclass(frozen=True)
class Confidence:
    """Keeps tokens more probable than `threshold`, and always the surest share that the schedule asks for."""

    threshold: float = 0.95
    patience: float = math.inf

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold must be in (0, 1], got {self.threshold}")

    def accept(self, posterior: Posterior, proposal: Proposal, moment: Moment, rng: Rng) -> np.ndarray:
        confidence = np.array([1.0 if ended else posterior.marginal(i, token)
                               for i, (token, ended) in enumerate(zip(proposal.tokens, proposal.ended))])
        due = int(np.ceil(round((1 - moment.next_level) * len(confidence), 6)))     # 3.0000000000000004 is 3
        keep = confidence >= self.threshold
        keep[np.argsort(-confidence, kind="stable")[:due]] = True
        return keep | moment.known


@dataclass(frozen=True)
class Ancestral:
    """Keeps each unknown position with the probability of the reverse process (MDLM, arXiv 2406.07524, eq. 5)."""

    patience: float = field(default=math.inf, init=False)

    def accept(self, posterior: Posterior, proposal: Proposal, moment: Moment, rng: Rng) -> np.ndarray:
        reveal = (moment.level - moment.next_level) / moment.level
        return moment.known | (rng.uniform(posterior.length) < reveal)


@dataclass(frozen=True)
class Remask:
    """Ancestral sampling that also takes tokens back (ReMDM, arXiv 2503.00307, eq. 4, the capped schedule).

    cap: the largest probability with which a known token is masked again.
    """

    cap: float = 0.04
    patience: float = field(default=math.inf, init=False)

    def __post_init__(self) -> None:
        if not 0 <= self.cap <= 1:
            raise ValueError(f"cap must be in [0, 1], got {self.cap}")

    def accept(self, posterior: Posterior, proposal: Proposal, moment: Moment, rng: Rng) -> np.ndarray:
        before, after = 1 - moment.level, 1 - moment.next_level     # alpha_t and alpha_s in the paper
        sigma = min(self.cap, (1 - after) / before) if before > 0 else self.cap
        reveal = (after - (1 - sigma) * before) / (1 - before) if before < 1 else 1.0
        u = rng.uniform(posterior.length)
        return np.where(moment.known, u >= sigma, u < reveal)
