"""How a masked model reads a row: all of it at every forward, or its blocks one after the other over a cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import DynamicCache

from structdiff.models.cache import CachedContext, join, shallow
from structdiff.models.convention import Convention


@dataclass(frozen=True)
class TokenContext:
    """The tokens of each row, which are read again at every forward."""

    rows: tuple[tuple[int, ...], ...]

    @property
    def lengths(self) -> list[int]:
        return [len(row) for row in self.rows]

    def select(self, rows: Sequence[int]) -> TokenContext:
        return TokenContext(tuple(self.rows[row] for row in rows))


@dataclass(frozen=True)
class Rereading:
    """Reads a row from its first token to what closes it. Rows are padded on the right, so that a model's own position ids are right.

    closing: the tokens behind the canvas. pad: the token a shorter row is filled with.
    """

    model: nn.Module
    convention: Convention
    block_length: int
    closing: tuple[int, ...]
    pad: int

    def begin(self, rows: Sequence[Sequence[int]]) -> TokenContext:
        return TokenContext(tuple(map(tuple, rows)))

    def extend(self, context: TokenContext, blocks: np.ndarray) -> TokenContext:
        return TokenContext(tuple(row + tuple(block.tolist()) for row, block in zip(context.rows, blocks)))

    def join(self, contexts: Sequence[TokenContext]) -> TokenContext:
        return TokenContext(tuple(row for context in contexts for row in context.rows))

    def logits(self, canvas: np.ndarray, context: TokenContext) -> Tensor:
        """Returns Float[B, L, V]: what the model believes of each canvas position."""
        rows = [(*row, *unknown, *self.closing) for row, unknown in zip(context.rows, canvas.tolist())]
        lengths = torch.tensor([len(row) for row in rows])
        begin = torch.tensor(context.lengths)
        group = lengths if self.convention.attention.alike else torch.zeros_like(lengths)
        found: dict[int, Tensor] = {}
        for which in group.unique():
            members = (group == which).nonzero()[:, 0]
            found |= zip(members.tolist(), self._forward([rows[i] for i in members], begin[members]))
        return torch.stack([found[i] for i in range(len(rows))])

    def _forward(self, rows: Sequence[Sequence[int]], begin: Tensor) -> Tensor:
        device, dtype = _place(self.model)
        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[self.pad] * (width - len(row))] for row in rows], device=device)
        there = torch.arange(width, device=device) < torch.tensor([len(row) for row in rows], device=device)[:, None]
        begin = begin.to(device)
        told = self.convention.attention.arguments(there, begin, self.block_length, dtype)
        logits = self.model(input_ids=ids, **told).logits
        ahead = torch.arange(self.block_length, device=device) - int(self.convention.shift)
        return logits[torch.arange(len(rows), device=device)[:, None], (begin[:, None] + ahead).clamp(min=0)]


@dataclass(frozen=True)
class Cached:
    """Reads each block once and keeps its keys and values; rows are padded on the left, so that they end together."""

    model: nn.Module
    convention: Convention
    block_length: int
    pad: int

    def begin(self, rows: Sequence[Sequence[int]]) -> CachedContext:
        device, dtype = _place(self.model)
        width = max(map(len, rows))
        ids = torch.tensor([[*[self.pad] * (width - len(row)), *row] for row in rows], device=device)
        there = torch.arange(width, device=device) >= width - torch.tensor([len(row) for row in rows], device=device)[:, None]
        told = self.convention.attention.arguments(there, torch.full((len(rows),), width, device=device), self.block_length, dtype)
        cache = DynamicCache()
        self._read(ids, cache, told)
        return CachedContext(cache, there, there.sum(-1))

    def extend(self, context: CachedContext, blocks: np.ndarray) -> CachedContext:
        cache = shallow(context.cache)
        self._next(context, blocks, cache)
        return CachedContext(cache, F.pad(context.mask, (0, self.block_length), value=True), context.position + self.block_length)

    def join(self, contexts: Sequence[CachedContext]) -> CachedContext:
        return join(contexts)

    def logits(self, canvas: np.ndarray, context: CachedContext) -> Tensor:
        """Returns Float[B, L, V]: what the model believes of each canvas position."""
        return self._next(context, canvas, shallow(context.cache))

    def _next(self, context: CachedContext, block: np.ndarray, cache: DynamicCache) -> Tensor:
        """Returns the logits of a block behind what is cached, and adds the block to `cache`."""
        ids = torch.as_tensor(block, device=context.mask.device)
        there = F.pad(context.mask, (0, self.block_length), value=True)
        pairs = there[:, None, None].expand(-1, 1, self.block_length, -1)       # a block looks at all that was read, and itself
        position = context.position[:, None] + torch.arange(self.block_length, device=ids.device)
        return self._read(ids, cache, self.convention.attention.given(pairs, position, _place(self.model)[1]))

    def _read(self, ids: Tensor, cache: DynamicCache, told: dict[str, Tensor]) -> Tensor:
        stores = {self.convention.cache.stores: True} if self.convention.cache.stores else {}
        return self.model(input_ids=ids, past_key_values=cache, use_cache=True, **told, **stores).logits


def _place(model: nn.Module) -> tuple[torch.device, torch.dtype]:
    weight = next(model.parameters())
    return weight.device, weight.dtype
