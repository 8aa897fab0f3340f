"""A puzzle as a value: cells, what each may hold, the rules between them, and where each stands in a text."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from structdiff.errors import ConstraintError
from structdiff.puzzle.rules import Rule
from structdiff.verdict import Verdict, Violation

MOST_VALUES = 62        # a set of values is the bits of one integer


@dataclass(frozen=True)
class Puzzle:
    """Frozen and hashable, as every constraint. A solution gives each cell a value of its domain so that all rules hold.

    cells: their names. domains: of each cell, or one for all. givens: cells whose value is told. layout: the text of a solution,
    with `{cell}` where each cell's value is written; cells side by side, where it is empty. symbols: how values are written
    that are not written as numbers.

    Raises:
        ConstraintError: a name is there twice or not at all, a domain is empty, or there are more than 62 values in all.
    """

    cells: tuple[str, ...]
    domains: tuple[tuple[int, ...], ...]
    rules: tuple[Rule, ...]
    givens: tuple[tuple[str, int], ...] = ()
    layout: str = ""
    symbols: tuple[tuple[int, str], ...] = ()
    kind: str = "puzzle"

    def __post_init__(self) -> None:
        known = set(self.cells)
        if len(known) != len(self.cells):
            raise ConstraintError(f"a {self.kind} has a cell of the name {_twice(self.cells)!r} twice")
        if len(self.domains) == 1 != len(self.cells):
            object.__setattr__(self, "domains", self.domains * len(self.cells))
        if len(self.domains) != len(self.cells):
            raise ConstraintError(f"a {self.kind} of {len(self.cells)} cells has {len(self.domains)} domains; give one a cell, or one for all")
        for cell, domain in zip(self.cells, self.domains):
            if not domain:
                raise ConstraintError(f"the domain of {cell} is empty")
        if len(self.values) > MOST_VALUES:
            raise ConstraintError(f"a {self.kind} has {len(self.values)} values and may have {MOST_VALUES}")
        for rule in self.rules:
            if missing := [cell for cell in rule.cells if cell not in known]:
                raise ConstraintError(f"the rule “{rule}” is about {missing[0]!r}, which is no cell")
        domains = dict(zip(self.cells, self.domains))
        for cell, value in self.givens:
            if cell not in known:
                raise ConstraintError(f"{cell!r} is given as {value} and is no cell")
            if value not in domains[cell]:
                raise ConstraintError(f"{cell} is given as {value}, which is not in its domain {_shown(domains[cell])}")
        if told := _twice([cell for cell, _ in self.givens]):
            raise ConstraintError(f"{told} is given twice")
        if self.layout:
            fields = [name for name in _fields(self.layout)]
            if sorted(fields) != sorted(self.cells):
                wrong = next(iter(set(fields) ^ known), None) or _twice(fields)
                raise ConstraintError(f"a layout has each cell once; {wrong!r} is not so")

    @property
    def values(self) -> tuple[int, ...]:
        """All values that any cell may have, ascending."""
        return tuple(sorted(set().union(*self.domains)))

    def given(self, values: Mapping[str, int]) -> Puzzle:
        """Returns the puzzle with these cells given in place of those that were."""
        return replace(self, givens=tuple((cell, values[cell]) for cell in self.cells if cell in values))

    def check(self, values: Sequence[int]) -> Verdict:
        """Returns the violations of a whole assignment, in the order of `cells`; their spans are indices of cells."""
        index = {cell: i for i, cell in enumerate(self.cells)}
        violations = [Violation("given", f"{cell} is {given}", cell, ((index[cell], index[cell] + 1),))
                      for cell, given in self.givens if values[index[cell]] != given]
        violations += [Violation("domain", f"{cell} is in {_shown(domain)}", cell, ((i, i + 1),))
                       for i, (cell, domain) in enumerate(zip(self.cells, self.domains)) if values[i] not in domain]
        for rule in self.rules:
            places = [index[cell] for cell in rule.cells]
            if not rule.holds([values[place] for place in places]):
                violations.append(Violation(type(rule).__name__, str(rule), "", tuple((place, place + 1) for place in places)))
        return Verdict(tuple(violations), None if violations else dict(zip(self.cells, values)))

    def write(self, values: Sequence[int | None]) -> str:
        """Returns the text of an assignment; a cell without a value is a dot."""
        shown = {cell: "." if value is None else self.symbol(value) for cell, value in zip(self.cells, values)}
        return "".join(literal + (shown[name] if name is not None else "") for literal, name in self.pieces())

    def symbol(self, value: int) -> str:
        """Returns how a value is written."""
        return dict(self.symbols).get(value, str(value))

    def pieces(self) -> Iterator[tuple[str, str | None]]:
        """Yields the layout's fixed texts, each with the cell behind it; None behind the last, where there is none."""
        return _pieces(self.layout or "".join(f"{{{cell}}}" for cell in self.cells))


def _pieces(layout: str) -> Iterator[tuple[str, str | None]]:
    try:
        for literal, name, _, _ in string.Formatter().parse(layout):
            yield literal, name
    except ValueError as error:
        raise ConstraintError(f"the layout does not parse: {error}; write {{{{ and }}}} for braces") from None


def _fields(layout: str) -> Iterator[str]:
    return (name for _, name in _pieces(layout) if name is not None)


def _twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), None)


def _shown(domain: Sequence[int]) -> str:
    return " ".join(map(str, domain)) if len(domain) < 20 else f"{min(domain)} to {max(domain)}"
