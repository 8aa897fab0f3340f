"""How the 256 bytes part: which of them a state of a byte machine cannot tell from one another.

There are few ways in which bytes part and many states that share them. So each way is one object, and what products of
machines make of two ways is found once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

BYTES = 256
MOST_CODES = 1 << 62       # one for each combination of parts, while there are fewer


class Parts:
    """A partition of the bytes, some of which may lead nowhere. Equal partitions are the same object (`part`).

    which Int16[256]: the part of each byte, numbered from 1 by its first byte; 0: the byte leads nowhere. first: the
    first byte of each part. count: of parts.
    """

    __slots__ = ("which", "count", "first")

    def __init__(self, which: np.ndarray):
        self.which, self.count = which, int(which.max())
        self.first: list[int] = np.searchsorted(np.maximum.accumulate(which), np.arange(1, self.count + 1)).tolist()


class Moves(NamedTuple):
    """What each byte does in a state: those of part p lead to the live state `targets[p - 1]`, each of which is another."""

    targets: tuple[int, ...]
    parts: Parts


def part(labels: np.ndarray) -> tuple[Parts, np.ndarray]:
    """Returns the partition of the bytes by `labels` Int[256], of which 0 means nowhere, and the label of each part."""
    found, first, which = np.unique(labels, return_index=True, return_inverse=True)
    live = np.flatnonzero(found)
    order = live[np.argsort(first[live])]
    number = np.zeros(len(found), dtype=np.int16)
    number[order] = np.arange(1, len(order) + 1)
    return _interned(number[which].tobytes()), found[order]


@lru_cache(maxsize=1 << 16)
def _interned(which: bytes) -> Parts:
    return Parts(np.frombuffer(which, dtype=np.int16))


NOWHERE = Moves((), _interned(bytes(2 * BYTES)))


def moves_of(row: np.ndarray) -> Moves:
    """Returns the moves that lead to `row` Int[256], of which 0 is dead."""
    parts, targets = part(row)
    return Moves(tuple(targets.tolist()), parts)


def moves_on(bytes_: tuple[int, ...], targets: tuple[int, ...]) -> Moves:
    """Returns the moves by which each of `bytes_`, which ascend, leads to a live state of its own."""
    return Moves(targets, _alone(bytes_))


@lru_cache(maxsize=1 << 16)
def _alone(bytes_: tuple[int, ...]) -> Parts:
    which = np.zeros(BYTES, dtype=np.int16)
    which[list(bytes_)] = np.arange(1, len(bytes_) + 1)
    return _interned(which.tobytes())


def moves_by(targets: Sequence[int], parts: Parts) -> Moves:
    """Returns the moves by which part p leads to `targets[p - 1]`; of these some may be dead (0), or the same."""
    if 0 not in targets and len(set(targets)) == len(targets):
        return Moves(tuple(targets), parts)
    number = {0: 0}
    labels = tuple([number.setdefault(target, len(number)) for target in targets])
    merged = _merged(parts, labels)
    return Moves(tuple(number)[1:], merged)


@lru_cache(maxsize=1 << 16)
def _merged(parts: Parts, labels: tuple[int, ...]) -> Parts:
    """Returns the partition in which part p is part `labels[p - 1]`; labels are numbered as they first come."""
    return _interned(np.array((0, *labels), dtype=np.int16)[parts.which].tobytes())


@lru_cache(maxsize=1 << 16)
def refined(all_parts: tuple[Parts, ...]) -> tuple[Parts, tuple[tuple[int, ...], ...]]:
    """Returns the coarsest partition that refines all, and for each of its parts the part it lies in of each.

    Nowhere is where all lead nowhere.
    """
    code, codes = np.zeros(BYTES, dtype=np.int64), 1
    for parts in all_parts:
        if codes * (1 + parts.count) > MOST_CODES:
            found, code = np.unique(code, return_inverse=True)
            codes = len(found)
        code, codes = code * (1 + parts.count) + parts.which, codes * (1 + parts.count)
    live = np.any([parts.which for parts in all_parts], axis=0)
    met, _ = part(np.where(live, code + 1, 0))
    return met, tuple(zip(*(parts.which[met.first].tolist() for parts in all_parts)))
