"""The states of a machine whose names are free: a state for each byte of a name, made when it is first looked at.

And how moves are put together.
"""

from __future__ import annotations

from bisect import bisect_right

from functools import lru_cache

import numpy as np

from structdiff.machine import BYTES, DEAD
from structdiff.parts import NOWHERE, Moves, Parts, moves_by, part, refined


class LazyStates:
    """Hash-consed states, and ranges of states that are promised: what a promised one is, is found when it is asked for."""

    def __init__(self) -> None:
        self._keys: dict[int, tuple] = {}
        self._of: dict[tuple, int] = {}
        self._next = DEAD + 1
        self._begins: list[int] = []
        self._owners: list[int] = []

    def of(self, key: tuple) -> int:
        state = self._of.get(key)
        if state is None:
            state = self._of[key] = self._next
            self._keys[state] = key
            self._next += 1
        return state

    def promise(self, owner: int, count: int) -> int:
        """Returns the first of `count` consecutive states, of which `owner` knows what they are."""
        begin = self._next
        self._begins.append(begin)
        self._owners.append(owner)
        self._next += count
        return begin

    def key(self, state: int) -> tuple | None:
        """Returns what the state is; None: it is promised and not known yet."""
        return self._keys.get(state)

    def keep(self, state: int, key: tuple) -> None:
        """Says what a promised state is."""
        self._keys[state] = key

    def promised(self, state: int) -> tuple[int, int]:
        """Returns the owner of a promised state, and how many are before it in its range."""
        at = bisect_right(self._begins, state) - 1
        return self._owners[at], state - self._begins[at]


def joined(*ways: Moves) -> Moves:
    """Returns the moves of all; where several know a byte, the first of them is right."""
    ways = tuple(way for way in ways if way.targets)
    if len(ways) < 2:
        return ways[0] if ways else NOWHERE
    met, columns = refined(tuple([parts for _, parts in ways]))
    return moves_by([next(targets[p - 1] for (targets, _), p in zip(ways, column) if p) for column in columns], met)


def on(bytes_: bytes, state: int) -> Moves:
    """Returns the moves by which each of `bytes_` leads to `state`."""
    return Moves((state,), _one(bytes_)) if state != DEAD else NOWHERE


@lru_cache(maxsize=256)
def _one(bytes_: bytes) -> Parts:
    labels = np.zeros(BYTES, dtype=np.int32)
    labels[list(bytes_)] = 1
    return part(labels)[0]


@lru_cache(maxsize=4096)
def folded(parts: Parts) -> Parts:
    """Returns the partition in which a capital that led nowhere does what its small letter does."""
    which = parts.which.copy()
    capitals, small = which[ord("A") : ord("Z") + 1], parts.which[ord("a") : ord("z") + 1]
    capitals[capitals == 0] = small[capitals == 0]
    return part(which)[0]
