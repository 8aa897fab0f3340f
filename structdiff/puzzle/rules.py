"""What a puzzle's cells must satisfy: frozen rules, each with its own plain word on finished values.

A rule names its cells. `holds` judges their values, given in that order, straight from the rule's definition; nothing here
knows how a rule is propagated (`structdiff.puzzle.network`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from structdiff.errors import ConstraintError

Cells = tuple[str, ...]
RELATIONS = {"==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b}
OPERATIONS = ("+", "-", "*", "/", "")


class Rule(Protocol):
    @property
    def cells(self) -> Cells:
        """The cells the rule is about, in the order in which `holds` takes their values."""
        ...

    def holds(self, values: Sequence[int]) -> bool: ...

    def __str__(self) -> str:
        """What the rule demands, for people."""
        ...


def _named(cells: Sequence[str]) -> str:
    return " ".join(cells)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConstraintError(message)


@dataclass(frozen=True)
class AllDifferent:
    """No two of the cells have the same value. name: what the cells are together, such as "row 3"."""

    cells: Cells
    name: str = ""

    def __post_init__(self) -> None:
        _require(len(set(self.cells)) == len(self.cells), f"a cell is listed twice: {_named(self.cells)}")

    def holds(self, values: Sequence[int]) -> bool:
        return len(set(values)) == len(values)

    def __str__(self) -> str:
        return f"all different in {self.name or _named(self.cells)}"


@dataclass(frozen=True)
class Sum:
    cells: Cells
    total: int
    name: str = ""

    def holds(self, values: Sequence[int]) -> bool:
        return sum(values) == self.total

    def __str__(self) -> str:
        return f"{self.name or _named(self.cells)} sums to {self.total}"


@dataclass(frozen=True)
class Product:
    cells: Cells
    total: int

    def holds(self, values: Sequence[int]) -> bool:
        return math.prod(values) == self.total

    def __str__(self) -> str:
        return f"{_named(self.cells)} multiplies to {self.total}"


@dataclass(frozen=True)
class _OfTwo:
    one: str
    other: str

    @property
    def cells(self) -> Cells:
        return self.one, self.other


@dataclass(frozen=True)
class Difference(_OfTwo):
    """|one - other| is the amount."""

    amount: int

    def holds(self, values: Sequence[int]) -> bool:
        return abs(values[0] - values[1]) == self.amount

    def __str__(self) -> str:
        return f"{self.one} and {self.other} differ by {self.amount}"


@dataclass(frozen=True)
class Less(_OfTwo):
    """one < other."""

    def holds(self, values: Sequence[int]) -> bool:
        return values[0] < values[1]

    def __str__(self) -> str:
        return f"{self.one} < {self.other}"


@dataclass(frozen=True)
class Equal(_OfTwo):
    """one = other."""

    def holds(self, values: Sequence[int]) -> bool:
        return values[0] == values[1]

    def __str__(self) -> str:
        return f"{self.one} = {self.other}"


@dataclass(frozen=True)
class Adjacent(_OfTwo):
    """The two values are neighbours: they differ by one."""

    def holds(self, values: Sequence[int]) -> bool:
        return abs(values[0] - values[1]) == 1

    def __str__(self) -> str:
        return f"{self.one} is next to {self.other}"


@dataclass(frozen=True)
class Table:
    """The values of the cells are one of the allowed tuples."""

    cells: Cells
    allowed: tuple[tuple[int, ...], ...]
    name: str = ""

    def __post_init__(self) -> None:
        _require(all(len(one) == len(self.cells) for one in self.allowed),
                 f"a table of {len(self.cells)} cells has rows of as many values")

    def holds(self, values: Sequence[int]) -> bool:
        return tuple(values) in set(self.allowed)

    def __str__(self) -> str:
        return self.name or f"{_named(self.cells)} is one of {len(self.allowed)} combinations"


@dataclass(frozen=True)
class Count:
    """Exactly `count` of the cells have the value."""

    cells: Cells
    value: int
    count: int

    def holds(self, values: Sequence[int]) -> bool:
        return sum(one == self.value for one in values) == self.count

    def __str__(self) -> str:
        return f"{self.count} of {_named(self.cells)} are {self.value}"


@dataclass(frozen=True)
class Line:
    """A nonogram's line: its runs of ones, in order, are as long as the clue says; the other cells are 0."""

    cells: Cells
    clue: tuple[int, ...]
    name: str = ""

    def __post_init__(self) -> None:
        _require(all(run > 0 for run in self.clue), f"the runs of a clue are at least 1 long, not {self.clue}; no runs: ()")

    def holds(self, values: Sequence[int]) -> bool:
        runs = tuple(len(list(run)) for filled, run in groupby(values) if filled == 1)
        return runs == self.clue and set(values) <= {0, 1}

    def __str__(self) -> str:
        return f"{self.name or _named(self.cells)} has runs of {' '.join(map(str, self.clue)) or 'nothing'}"


@dataclass(frozen=True)
class Cage:
    """The operation on the cells, in whatever order, gives the total. "-" and "/" take two cells or more, the largest first;
    "": the only cell is the total. distinct: the values are all different as well, as in killer Sudoku."""

    cells: Cells
    operation: str
    total: int
    distinct: bool = False

    def __post_init__(self) -> None:
        _require(self.operation in OPERATIONS, f"a cage's operation is one of + - * / or none, not {self.operation!r}")
        _require(bool(self.cells), "a cage has at least one cell")

    def holds(self, values: Sequence[int]) -> bool:
        if self.distinct and len(set(values)) < len(values):
            return False
        rest, largest = sorted(values)[:-1], max(values)
        match self.operation:
            case "+" | "":
                return sum(values) == self.total
            case "*":
                return math.prod(values) == self.total
            case "-":
                return largest - sum(rest) == self.total
            case _:
                return math.prod(rest) * self.total == largest and 0 not in rest

    def __str__(self) -> str:
        return f"{_named(self.cells)} make {self.total}{self.operation}{' without a repeat' if self.distinct else ''}"


@dataclass(frozen=True)
class Linear:
    """sum of weight times value, in the relation "==", "!=", "<=" or ">=" to the bound."""

    cells: Cells
    weights: tuple[int, ...]
    relation: str
    bound: int
    name: str = ""

    def __post_init__(self) -> None:
        _require(len(self.weights) == len(self.cells), f"{len(self.cells)} cells and {len(self.weights)} weights")
        _require(self.relation in RELATIONS, f"a relation is one of {' '.join(RELATIONS)}, not {self.relation!r}")

    def holds(self, values: Sequence[int]) -> bool:
        return RELATIONS[self.relation](sum(weight * value for weight, value in zip(self.weights, values)), self.bound)

    def __str__(self) -> str:
        terms = " + ".join(f"{weight}·{cell}" for weight, cell in zip(self.weights, self.cells))
        return self.name or f"{terms} {self.relation} {self.bound}"
