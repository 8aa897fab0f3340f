"""The naive baseline: each position may hold what some valid text holds there; the joint is ignored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from structdiff.api import compiled
from structdiff.automaton import Automaton
from structdiff.constraint import Constraint
from structdiff.denoiser import Context, Denoiser, Prompt


@dataclass(frozen=True)
class RowContext:
    """The wrapped model's context, which request each row is, and which block comes next."""

    inner: Any
    rows: tuple[int, ...]
    blocks: tuple[int, ...]

    def select(self, rows: Sequence[int]) -> Context:
        return RowContext(self.inner.select(rows), tuple(self.rows[row] for row in rows), tuple(self.blocks[row] for row in rows))


class PositionMasked:
    """A denoiser whose logits are -inf for tokens that no valid text of at most `budget` tokens has at that position."""

    def __init__(self, model: Denoiser, constraints: Sequence[Constraint], budget: int):
        self.model, self.vocab, self.noise = model, model.vocab, model.noise
        self.block_length, self.schedule, self.reviews = model.block_length, model.schedule, False
        self._allowed = [_allowed(_automaton(constraint, model), budget) for constraint in constraints]

    def encode(self, prompts: Sequence[Prompt]) -> RowContext:
        return RowContext(self.model.encode(prompts), tuple(range(len(prompts))), (0,) * len(prompts))

    def extend(self, context: RowContext, blocks: np.ndarray) -> RowContext:
        return RowContext(self.model.extend(context.inner, blocks), context.rows, tuple(block + 1 for block in context.blocks))

    def join(self, contexts: Sequence[RowContext]) -> RowContext:
        return RowContext(self.model.join([context.inner for context in contexts]), sum((context.rows for context in contexts), ()),
                          sum((context.blocks for context in contexts), ()))

    def __call__(self, canvas: np.ndarray, context: RowContext, level: np.ndarray, belief: Sequence[Tensor | None] | None) -> Tensor:
        logits = self.model(canvas, context.inner, level, belief).clone()
        for row, (request, block) in enumerate(zip(context.rows, context.blocks)):
            class_of, allowed = self._allowed[request]
            begin = block * self.block_length
            mask = torch.as_tensor(allowed[begin : begin + self.block_length][:, class_of])
            logits[row, : len(mask)][~mask] = -torch.inf
        return logits


def _automaton(constraint: Constraint, model: Denoiser) -> Automaton:
    made = compiled(constraint, model.vocab)
    return made.automaton(made.start)


def _allowed(automaton: Automaton, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the classes Int[V], and Bool[budget, C]: which of them some valid text has at each position."""
    arcs = automaton.arcs
    allowed = np.zeros((budget, automaton.classes), dtype=bool)
    here = np.zeros(automaton.states, dtype=bool)
    here[1] = True                                   # the start: states are numbered from it
    for i in range(budget):
        live = here[arcs.source] & (automaton.distance[arcs.target] <= budget - i - 1)
        for held in np.unique(arcs.set[live]):
            allowed[i, automaton.sets[held]] = True
        here = np.zeros(automaton.states, dtype=bool)
        here[arcs.target[live]] = True
    return automaton.class_of, allowed
