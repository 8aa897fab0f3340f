"""What a checker says of a finished text: nothing, or who is party to what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Violation:
    """One broken rule and the part of the text that is party to it.

    `spans` are byte offsets `[start, end)` into the UTF-8 text; empty when no part of it can be named, which accuses
    the whole text. `pointer` is the JSON pointer of the value at fault. `by` is who found it: "automaton" or "checker".
    """

    rule: str
    message: str
    pointer: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    by: str = "checker"


class _Unchanged:
    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Any = _Unchanged()      # the value of a verdict that leaves it to the verdicts before it


@dataclass(frozen=True)
class Verdict:
    """The violations a text was found to have, and the value it stands for where it has none."""

    violations: tuple[Violation, ...] = ()
    value: Any = None

    @property
    def valid(self) -> bool:
        return not self.violations


@dataclass(frozen=True)
class Spelling:
    """A text respelled in the canonical form its constraint declares. origins: (offset in it, JSON pointer, span in the
    original) of each part, ascending."""

    text: str
    origins: tuple[tuple[int, str, tuple[int, int]], ...] = ()


class Checker(Protocol):
    """A rule that is not cheap as an automaton, applied to finished text."""

    def check(self, text: str) -> Verdict:
        """Returns the violations of `text`; where there are none, the value it stands for."""
        ...
