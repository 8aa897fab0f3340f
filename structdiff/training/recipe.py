"""The recipe of DiffusionGemma's own fine-tuning: uniform corruption, cross-entropy on the whole canvas, self-conditioning in half of the
steps (google-deepmind/gemma, hackable_diffusion_adapter). One thing of it is left out, the encoder's next-token loss on the answer, which
would cost a reading of the answer a step; the encoder learns through what the canvas needs of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from structdiff.rng import Rng
from structdiff.training.batches import Batch
from structdiff.training.optimizers import Pace

Forward = Callable[[Batch, Tensor | None], Tensor]


@dataclass(frozen=True)
class Recipe:
    """What a run's weights depend on, beside its length and its task; stored with them.

    examples: a step. each: noisy canvases an example, which share one reading of its prompt. rate: the highest. adapters: the rank of
    low-rank ones; 0: all weights are trained.
    """

    examples: int = 8
    each: int = 4
    rate: float = 0.02
    adapters: int = 0
    self_conditioned: float = 0.5
    pace: Pace = Pace()
    seed: int = 0

    def __post_init__(self) -> None:
        if self.examples < 1 or self.each < 1:
            raise ValueError(f"a step needs an example and a canvas, got {self.examples} and {self.each}")
        if not self.rate > 0:
            raise ValueError(f"the rate must be positive, got {self.rate}")

    def rng(self, step: int) -> Rng:
        """Returns the stream of one step, so that a run that is taken up again draws what it would have drawn."""
        return Rng(self.seed * 1_000_003 + step)


def loss(forward: Forward, batch: Batch, conditioned: bool) -> Tensor:
    """Returns the mean cross-entropy over every position of the noisy canvases, in nats."""
    belief = None
    if conditioned:
        with torch.no_grad():
            belief = forward(batch, None)
    return F.cross_entropy(forward(batch, belief).flatten(0, 1), batch.clean.flatten())
