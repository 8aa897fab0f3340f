"""A regular expression as a constraint."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from structdiff import regex
from structdiff.constraint import Combinable, Plan


@dataclass(frozen=True)
class Regex(Combinable):
    """The texts that `pattern` matches whole."""

    pattern: str

    def plan(self, prompt: str) -> Plan:
        return Plan(regex.whole(self.pattern))

    def hint(self) -> str:
        return ""

    def key(self, prompt: str) -> Hashable:
        return self
