"""An exact toy denoiser: beliefs that are written down, for tests and for study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from structdiff.denoiser import Prompt
from structdiff.noise import Noise
from structdiff.schedule import Schedule
from structdiff.vocab import Vocab


@dataclass(frozen=True)
class TableContext:
    """For each row, how many blocks came before."""

    blocks: tuple[int, ...]

    def select(self, rows: Sequence[int]) -> TableContext:
        return TableContext(tuple(self.blocks[row] for row in rows))


class Table:
    """Believes the same of every canvas: block `b` has logits `beliefs[b]`, the last of them ever after.

    beliefs: Float[blocks, L, V].
    """

    def __init__(self, vocab: Vocab, noise: Noise, beliefs: Tensor, schedule: Schedule = Schedule(hot=1.0, cold=1.0)):
        self.vocab, self.noise, self.beliefs, self.schedule = vocab, noise, beliefs, schedule
        self.reviews = False
        self.block_length = beliefs.shape[1]

    def encode(self, prompts: Sequence[Prompt]) -> TableContext:
        return TableContext((0,) * len(prompts))

    def extend(self, context: TableContext, blocks: np.ndarray) -> TableContext:
        return TableContext(tuple(block + 1 for block in context.blocks))

    def join(self, contexts: Sequence[TableContext]) -> TableContext:
        return TableContext(tuple(block for context in contexts for block in context.blocks))

    def __call__(self, canvas: np.ndarray, context: TableContext, level: np.ndarray, belief: Sequence[Tensor | None] | None) -> Tensor:
        return torch.stack([self.beliefs[min(block, len(self.beliefs) - 1)] for block in context.blocks]).clone()
