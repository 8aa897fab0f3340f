"""Rows of a batch in groups of one width, so that what a model says of a row does not depend on the rows beside it.

Attention sums over keys in an order that depends on how many there are: padding to the longest row of a batch would change the last bits of
the others' logits, and with them a draw now and then. So a row is padded to a width that follows from its own length alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from structdiff.models.cache import CachedContext, Extension, join, shallow

GRID = 256              # tokens of width between groups; more for long rows, whose padding is at most a quarter
READ = 64               # the same while prompts are read, when padding costs more than small groups do


@dataclass(frozen=True)
class Grouped:
    """The contexts of rows. rows: of each, its group, and its place there."""

    groups: tuple[CachedContext, ...]
    rows: tuple[tuple[int, int], ...]

    def select(self, rows: Sequence[int]) -> Grouped:
        if list(rows) == list(range(len(self.rows))):
            return self
        return gathered((self.groups[group], place) for group, place in map(self.rows.__getitem__, rows))

    def members(self, group: int) -> list[int]:
        """Returns the rows of a group, in the order of their places."""
        return sorted((row for row, (own, _) in enumerate(self.rows) if own == group), key=lambda row: self.rows[row][1])


def gathered(rows: Iterable[tuple[CachedContext, int]]) -> Grouped:
    """Returns the context of rows, each told as a row of another context."""
    parts: dict[int, list[tuple[CachedContext, list[int]]]] = {}
    told: list[tuple[int, int]] = []                     # the width of each row's group, and its place there
    filled: dict[int, int] = {}
    for context, place in rows:
        width = context.mask.shape[1]
        own = parts.setdefault(width, [])
        if not own or own[-1][0] is not context:
            own.append((context, []))
        own[-1][1].append(place)
        told.append((width, filled.get(width, 0)))
        filled[width] = filled.get(width, 0) + 1
    number = {width: group for group, width in enumerate(parts)}
    groups = tuple(join([context.select(places) for context, places in own]) for own in parts.values())
    return Grouped(groups, tuple((number[width], place) for width, place in told))


def joined(contexts: Sequence[Grouped]) -> Grouped:
    """Returns one context of the rows of all of them, in order."""
    if len(contexts) == 1:
        return contexts[0]
    return gathered((context.groups[group], place) for context in contexts for group, place in context.rows)


def width_of(length: int, grid: int = GRID) -> int:
    """Returns the width to which a row of so many tokens is padded: by one at least, or attention takes the way without a mask."""
    step = max(grid, 1 << max(0, length.bit_length() - 3))
    return -(-(length + 1) // step) * step


@dataclass(frozen=True)
class Read:
    """Rows that were read. Those that are selected are fitted to the widths that their lengths ask for; the others cost nothing more.

    rows: of each, what it is a row of, and its place there.
    """

    rows: tuple[tuple[CachedContext | Extension, int], ...]

    def select(self, rows: Sequence[int]) -> Grouped:
        alike: dict[tuple[int, int], tuple[CachedContext | Extension, list[int]]] = {}      # by whose rows they are, and the width
        told = []
        for whole, place in map(self.rows.__getitem__, rows):
            key = id(whole), width_of(whole.lengths[place])
            places = alike.setdefault(key, (whole, []))[1]
            told.append((key, len(places)))
            places.append(place)
        fitted = {key: _as_wide(whole.select(places), key[1]) for key, (whole, places) in alike.items()}
        return gathered((fitted[key], place) for key, place in told)


def _as_wide(context: CachedContext, width: int) -> CachedContext:
    """Returns the context with padding put in or taken out on the left."""
    more = width - context.mask.shape[1]
    if more == 0:
        return context
    cache = shallow(context.cache)
    for layer in cache.layers:
        window = getattr(layer, "sliding_window", None)
        own = width if window is None else min(width, window - 1)
        layer.keys, layer.values = _cut(layer.keys, own), _cut(layer.values, own)
        if window is not None:
            layer.cumulative_length = width
    return CachedContext(cache, F.pad(context.mask, (more, 0), value=False), context.position, context.last)


def _cut(rows: Tensor, width: int) -> Tensor:
    """Returns keys or values Float[B, H, P, D] of that width, their last ones last."""
    return F.pad(rows, (0, 0, width - rows.shape[-2], 0))
