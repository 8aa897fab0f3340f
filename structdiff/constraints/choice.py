"""A choice between fixed texts."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from structdiff.constraint import Combinable, Plan
from structdiff.errors import ConstraintError, UnsatisfiableConstraint
from structdiff.machine import Words


@dataclass(frozen=True, init=False)
class Choice(Combinable):
    """Exactly one of `options`."""

    options: tuple[str, ...]

    def __init__(self, options: Iterable[str]):
        if isinstance(options, str):
            raise ConstraintError(f"options is a list of texts, not the one text {options!r}")
        object.__setattr__(self, "options", tuple(options))
        if not self.options:
            raise UnsatisfiableConstraint("a choice needs at least one option")

    def plan(self, prompt: str) -> Plan:
        return Plan(Words(option.encode() for option in self.options))

    def hint(self) -> str:
        return "|".join(self.options)

    def key(self, prompt: str) -> Hashable:
        return self
