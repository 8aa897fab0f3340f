"""A regular expression, already in pieces, as rules: counts are counted as they are walked, never unrolled."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from structdiff.errors import UnsupportedConstraint
from structdiff.machine import ByteMachine
from structdiff.network import EMPTY, Alt, Leaf, Network, Repeat, Rule, Seq

_COUNT = re.compile(r"\{([0-9]{1,9})(?:(,)([0-9]{1,9})?)?\}")
_TIMES = {"*": (0, None), "+": (1, None), "?": (0, 1)}
NOTHING = Alt(())


def machine(pieces: Sequence[str], atom: Callable[[str], ByteMachine | None]) -> Network:
    """Returns the machine of atoms, groups, `|` and counts; `atom` gives the machine of one, None when it is empty.

    Raises:
        UnsupportedConstraint: the pieces are not well formed.
        ConstraintTooLarge: a text can be read in too many ways at once.
    """
    reader = _Reader(pieces, atom)
    rule, end = reader.alternatives(0)
    if end != len(pieces):
        raise UnsupportedConstraint("unopened group")
    return Network(rule)


class _Reader:
    def __init__(self, pieces: Sequence[str], atom: Callable[[str], ByteMachine | None]):
        self._pieces, self._atom = pieces, atom
        self._leaves: dict[str, Rule] = {}
        self._flags = ""                             # what groups and inline flags have switched on so far

    def alternatives(self, i: int) -> tuple[Rule, int]:
        options, flags = [], self._flags
        while True:
            option, i = self._sequence(i)
            options.append(option)
            if self._at(i) != "|":
                self._flags = flags
                return (options[0] if len(options) == 1 else Alt(tuple(options))), i
            i += 1

    def _sequence(self, i: int) -> tuple[Rule, int]:
        parts: list[Rule] = []
        while self._at(i) not in ("", "|", ")"):
            part, i = self._single(i)
            while (times := self._times(i)) is not None:
                part = Repeat(part, *times)
                i += 1 + (self._at(i + 1) == "?")        # greedy or not, the language is the same
            parts.append(part)
        return (Seq(tuple(parts)) if parts else EMPTY), i

    def _single(self, i: int) -> tuple[Rule, int]:
        piece = self._at(i)
        if not piece.startswith("("):
            return self._leaf(self._flags + piece), i + 1
        if piece.endswith(")"):                          # `(?i)`: from here to the end of the group
            self._flags += piece
            return EMPTY, i + 1
        outer = self._flags
        if piece != "(?:":
            self._flags += piece[:-1] + ")"
        rule, i = self.alternatives(i + 1)
        self._flags = outer
        if self._at(i) != ")":
            raise UnsupportedConstraint("unclosed group")
        return rule, i + 1

    def _leaf(self, piece: str) -> Rule:
        rule = self._leaves.get(piece)
        if rule is None:
            found = self._atom(piece)
            rule = self._leaves[piece] = NOTHING if found is None else Leaf(found)
        return rule

    def _times(self, i: int) -> tuple[int, int | None] | None:
        if self._at(i) in _TIMES:
            return _TIMES[self._at(i)]
        if counts := _COUNT.fullmatch(self._at(i)):
            first, comma, last = counts.groups()
            low, high = int(first), int(last) if last else None if comma else int(first)
            if high is not None and high < low:
                raise UnsupportedConstraint(f"the count {self._at(i)} ends before it begins")
            return low, high
        return None

    def _at(self, i: int) -> str:
        return self._pieces[i] if i < len(self._pieces) else ""
