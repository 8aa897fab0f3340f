"""Keys and values of what was read, as a value: rows are taken out and put together, and none is ever changed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import Cache


@dataclass(frozen=True)
class CachedContext:
    """The keys and values of each row; rows are padded on the left.

    mask Bool[B, P]: what is not padding. position Int[B]: where the next token stands. last Float[B, H]: the state of the last token,
    from which the next can be told; None where the model does not tell.
    """

    cache: Cache
    mask: Tensor
    position: Tensor
    last: Tensor | None = None

    @property
    def lengths(self) -> list[int]:
        return self.position.tolist()

    def select(self, rows: Sequence[int]) -> CachedContext:
        if list(rows) == list(range(len(self.mask))):
            return self
        index = _index(rows, self.mask.device)
        cache = shallow(self.cache)
        for layer in cache.layers:
            layer.keys, layer.values = layer.keys[index], layer.values[index]
        return CachedContext(cache, self.mask[index], self.position[index], None if self.last is None else self.last[index])


@dataclass(frozen=True)
class Extension:
    """Rows of a context that were read on, of which not all may be wanted: their keys and values are put together when they are selected.

    added: by layer, the keys and values of the new tokens; a layer that shares another's has none. lengths: of the rows, with these.
    """

    before: CachedContext
    added: dict[int, tuple[Tensor, Tensor]]
    last: Tensor

    @property
    def lengths(self) -> list[int]:
        return [length + self._more for length in self.before.lengths]

    def select(self, rows: Sequence[int]) -> CachedContext:
        context, index = self.before.select(rows), _index(rows, self.last.device)
        cache = shallow(context.cache)
        for number, (keys, values) in self.added.items():
            cache.layers[number].update(keys[index], values[index])
        return CachedContext(cache, F.pad(context.mask, (0, self._more), value=True), context.position + self._more, self.last[index])

    @property
    def _more(self) -> int:
        return next(iter(self.added.values()))[0].shape[-2]


def aside(cache: Cache) -> tuple[Cache, dict[int, tuple[Tensor, Tensor]]]:
    """Returns a cache that reads as `cache` does and keeps nothing of what it is extended by; and what keeps that, by layer."""
    added: dict[int, tuple[Tensor, Tensor]] = {}

    def update(number: int, keys: Tensor, values: Tensor, *arguments: Any, **options: Any) -> tuple[Tensor, Tensor]:
        added[number] = keys, values
        return copy.copy(cache.layers[number]).update(keys, values, *arguments, **options)

    reading = shallow(cache)
    for number, layer in enumerate(reading.layers):
        layer.update = partial(update, number)
    return reading, added


def shallow(cache: Cache) -> Cache:
    """Returns a cache that shares its tensors with `cache` until it is extended."""
    copied = copy.copy(cache)
    copied.layers = [copy.copy(layer) for layer in cache.layers]
    return copied


def join(contexts: Sequence[CachedContext]) -> CachedContext:
    """Returns one context of the rows of all of them, in order."""
    if len(contexts) == 1:
        return contexts[0]
    width = max(context.mask.shape[1] for context in contexts)
    cache = shallow(max(contexts, key=lambda context: context.mask.shape[1]).cache)     # its counters are the joint ones
    for layer, parts in zip(cache.layers, zip(*(context.cache.layers for context in contexts))):
        layer.keys, layer.values = _side_by_side([part.keys for part in parts]), _side_by_side([part.values for part in parts])
    mask = torch.cat([F.pad(context.mask, (width - context.mask.shape[1], 0), value=False) for context in contexts])
    last = None if contexts[0].last is None else torch.cat([context.last for context in contexts])
    return CachedContext(cache, mask, torch.cat([context.position for context in contexts]), last)


def _side_by_side(rows: list[Tensor]) -> Tensor:
    """Returns keys or values Float[B, H, P, D] of several batches as one; the shorter are padded on the left."""
    longest = max(row.shape[-2] for row in rows)
    return torch.cat([F.pad(row, (0, 0, longest - row.shape[-2], 0)) for row in rows])


def _index(rows: Sequence[int], device: torch.device) -> slice | Tensor:
    return slice(rows.start, rows.stop) if isinstance(rows, range) and rows.step == 1 else torch.tensor(list(rows), device=device)
