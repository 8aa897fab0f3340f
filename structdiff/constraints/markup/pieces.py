"""The parts of a document that show by themselves where they end: text up to a tag, a quoted value, a comment."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import numpy as np

from structdiff import regex
from structdiff.lexer import Lexer, Terminal
from structdiff.machine import BYTES, DEAD, ByteMachine, Complement, Intersection, Table, step, tabulated
from structdiff.network import Leaf, Network, Repeat, Rule, seq

MOST_STATES = 1_000


class Piece(Lexer):
    """Reads one of several kinds of text, of which none begins another; a text ends as soon as it is one."""

    def __init__(self, kinds: Mapping[str, ByteMachine]):
        super().__init__([Terminal(name, machine, 0) for name, machine in kinds.items()])
        self._ended: dict[int, str | None] = {}
        self._bounds: dict[int, list[tuple[str, float]]] = {}
        self._clean: dict[int, bool] = {}

    def ended(self, state: int) -> str | None:
        """Returns the kind that was read; None while it goes on."""
        if state not in self._ended:
            lexeme = self.lexeme(state)
            self._ended[state] = lexeme.terminal if lexeme else None
        return self._ended[state]

    def bounds(self, state: int) -> list[tuple[str, float]]:
        """Returns the kinds that it may still be, each with a lower bound on the bytes to its end."""
        if state not in self._bounds:
            ended = self.ended(state)
            self._bounds[state] = self.ahead(state) if ended is None else [(ended, 0.0)]
        return self._bounds[state]

    def completion(self, state: int) -> float:
        return min((bound for _, bound in self.bounds(state)), default=inf)

    def is_clean(self, state: int) -> bool:
        """Whether the text could end with a `<` now: no character and no reference is cut in two."""
        if state not in self._clean:
            after = step(self, state, ord("<"))
            self._clean[state] = after != DEAD and self.ended(after) is not None
        return self._clean[state]


def piece(pattern: str, name: str = "") -> Piece:
    """Returns the piece of the texts that `pattern` matches whole."""
    return Piece({name: regex.whole(pattern)})


def until(unit: Rule, end: str, never: str = "") -> Piece:
    """Returns the piece of the texts of units, up to and with the first `end`, in capitals or not.

    never: a pattern of what does not come before it.
    """
    ended = Network(seq(Repeat(unit, 0, None), Leaf(regex.whole(in_any_case(end)))))
    met = Intersection(ended, _first(end.encode()))
    if never:
        met = Intersection(met, Complement(regex.containing(never)))
    return Piece({"": tabulated(met, MOST_STATES) or met})


def in_any_case(text: str) -> str:
    """Returns the pattern of a text in capitals or not."""
    return "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else f"[{c}]" for c in text)


def _first(end: bytes) -> Table:
    """Returns the machine of the texts that end with their first `end`, in capitals or not.

    Only its first byte may begin it, so what does not go on with it begins it anew, or not at all.
    """
    assert end[:1] not in end[1:]
    rows = np.ones((len(end) + 2, BYTES), dtype=np.int32)
    rows[DEAD] = rows[-1] = DEAD
    for at, byte in enumerate(end):
        rows[at + 1, end[0]] = 2
        rows[at + 1, [byte, *bytes([byte]).upper()]] = at + 2
    return Table(rows, np.arange(len(rows)) == len(rows) - 1)
