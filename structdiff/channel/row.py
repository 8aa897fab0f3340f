"""A text's atoms in a row: their classes, and what stands beside each, blanks aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from structdiff.channel.search import FAR


@dataclass(frozen=True)
class Row:
    """A text's atoms as they are lexed. kind Int[n + 2]: classes, 0 for the last two. begin Int[n + 1].

    before, after Int[n + 2]: of each atom, and of the end, which atom that is not blank is next; -1 and n where there is none.
    All four may be indexed with -1 and n for none.
    """

    text: str
    n: int
    kind: np.ndarray
    begin: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def piece(self, i: int) -> str:
        return self.text[self.begin[i] : self.begin[i + 1]]


def row(text: str, kind: np.ndarray, begin: np.ndarray, blank: np.ndarray) -> Row:
    """Returns the row of the atoms of those classes Int[n] that begin there. blank: Bool by class, of those that part others."""
    n = len(kind)
    place, solid = np.arange(n), ~blank[kind]
    before = np.concatenate([[-1], np.maximum.accumulate(np.where(solid, place, -1)), [-1]])
    after = np.append(np.minimum.accumulate(np.where(solid, place, n)[::-1])[::-1][1:], [n] * (3 if n else 2))
    return Row(text, n, np.append(kind, [0, 0]), np.append(begin, len(text)), before, after)


class Leaps:
    """Where what is left out as a whole ends: jump Int[n], as atoms, 0 for none; price Float[n]."""

    def __init__(self, of: Row):
        self.jump, self.price, self._begin = np.zeros(of.n, np.int32), np.full(of.n, FAR, np.float32), of.begin

    def add(self, begin: int, end: int, price: float) -> None:
        """The characters [begin, end) may go for that price, if they are whole atoms and nothing cheaper begins there."""
        i, j = np.searchsorted(self._begin, (begin, end))
        if i < j and self._begin[i] == begin and self._begin[j] == end and price < self.price[i]:
            self.jump[i], self.price[i] = j, price
