"""A constraint on a part of the text: what comes after a marker, or stands in a fenced block."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from structdiff import regex
from structdiff.constraint import Combinable, Constraint, Plan
from structdiff.errors import ConstraintError
from structdiff.machine import BYTES, ByteMachine, Intersection, Table
from structdiff.network import Leaf, Network, Rule, seq, text
from structdiff.verdict import Verdict, Violation

CLOSING = "\n```"


@dataclass(frozen=True)
class After(Combinable):
    """Free text up to the first `marker`, the marker, then a text that satisfies `constraint`, whose value it has.

    Lets a model think before it answers: `After("Answer: ", JsonSchema(schema))`.

    Raises:
        ConstraintError: the marker is empty or not Unicode, or the constraint is none.
    """

    marker: str
    constraint: Constraint

    def __post_init__(self) -> None:
        _require(self.constraint)
        if not self.marker or not isinstance(self.marker, str):
            raise ConstraintError(f"a marker is a text of at least one character, not {self.marker!r}")
        try:
            self.marker.encode()
        except UnicodeEncodeError as error:
            raise ConstraintError(f"the marker is not Unicode text: {error.reason} at {error.start}") from None

    def plan(self, prompt: str) -> Plan:
        return _around(Leaf(until(self.marker)), self.constraint.plan(prompt), text(""), self._part)

    def hint(self) -> str:
        return self.constraint.hint()

    def key(self, prompt: str) -> Hashable:
        return (After, self.marker, self.constraint.key(prompt))

    def _part(self, whole: str) -> slice | None:
        at = whole.find(self.marker)
        return None if at < 0 else slice(at + len(self.marker), len(whole))


@dataclass(frozen=True)
class Fenced(Combinable):
    """A Markdown code block, three backticks and `language` and all, of a text that satisfies `constraint`; the value
    is that text's. The text has no line that begins with three backticks: it would end the block.

    Raises:
        ConstraintError: the language has a backtick or a line break, or the constraint is none.
    """

    constraint: Constraint
    language: str = "json"

    def __post_init__(self) -> None:
        _require(self.constraint)
        if not isinstance(self.language, str) or set(self.language) & set("`\r\n"):
            raise ConstraintError(f"a language is one word without backticks, not {self.language!r}")

    def plan(self, prompt: str) -> Plan:
        inner = self.constraint.plan(prompt)
        around = _around(text(self._opening), inner, text(CLOSING), self._part)
        one_block = Network(seq(text(self._opening.removesuffix("\n")), Leaf(until(CLOSING))))
        machine = Intersection(around.machine, one_block)
        return Plan(machine, inner.checkers, judge=_Inside(self._part, inner, Plan(machine)).judge, framed=inner.framed)

    def hint(self) -> str:
        return self.constraint.hint()

    def key(self, prompt: str) -> Hashable:
        return (Fenced, self.language, self.constraint.key(prompt))

    @property
    def _opening(self) -> str:
        return f"```{self.language}\n"

    def _part(self, whole: str) -> slice | None:
        begin, end = len(self._opening), len(whole) - len(CLOSING)
        framed = whole.startswith(self._opening) and whole.find(CLOSING, begin - 1) == end >= begin
        return slice(begin, end) if framed else None


@lru_cache(maxsize=64)
def until(marker: str) -> ByteMachine:
    """Returns the machine of the texts that end where `marker` first occurs in them.

    A state is how much of the marker was just read (Knuth, Morris & Pratt, doi:10.1137/0206024).
    """
    spelled = np.frombuffer(marker.encode(), dtype=np.uint8)
    rows = np.zeros((len(spelled) + 2, BYTES), dtype=np.int32)
    rows[1] = 1
    fallback = 1                                     # where the marker without its first byte has led so far
    for read, byte in enumerate(spelled.tolist(), start=1):
        if read > 1:
            rows[read] = rows[fallback]
            fallback = int(rows[fallback, byte])
        rows[read, byte] = read + 1
    accepting = np.arange(len(rows)) == len(spelled) + 1
    return Intersection(Table(rows, accepting), regex.whole("(?s:.)*"))


def _require(constraint: Constraint) -> None:
    if not isinstance(constraint, Constraint) or isinstance(constraint, type):
        raise ConstraintError(f"what is inside is a constraint value such as JsonSchema(schema), not {constraint!r}")


def _around(before: Rule, inner: Plan, after: Rule, part: Callable[[str], slice | None]) -> Plan:
    """Returns the plan of the texts of `before`, `inner` and `after`; the inner plan judges the inner part alone."""
    machine = Network(seq(before, Leaf(inner.machine), after))
    return Plan(machine, inner.checkers, judge=_Inside(part, inner, Plan(machine)).judge, framed=inner.framed)


@dataclass(frozen=True)
class _Inside:
    """The inner plan's verdict on the inner part; a text without one is judged by the `whole` plan's machine."""

    part: Callable[[str], slice | None]
    inner: Plan
    whole: Plan

    def judge(self, text: str) -> Verdict:
        part = self.part(text)
        if part is None:
            return self.whole.check(text)
        verdict = self.inner.check(text[part])
        begin, end = _bytes(text[: part.start]), _bytes(text[: part.stop])
        return replace(verdict, violations=tuple(_moved(found, begin, end) for found in verdict.violations))


def _moved(found: Violation, begin: int, end: int) -> Violation:
    """Returns a violation of the inner part as one of the whole text; without spans it accuses all of the part."""
    spans = tuple((start + begin, stop + begin) for start, stop in found.spans)
    return replace(found, spans=spans or ((begin, end),))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
