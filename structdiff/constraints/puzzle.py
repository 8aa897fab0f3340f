"""The text of a solved puzzle: its layout, with a value in each cell, under all its rules."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from structdiff.constraint import Combinable, Plan
from structdiff.errors import UnsatisfiableConstraint
from structdiff.machine import Words
from structdiff.network import Leaf, Network, seq, text
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.solver import Ending, narrowed, solve
from structdiff.verdict import Verdict, Violation

FEW = 1_000             # solutions, and guesses


@dataclass(frozen=True)
class Board(Combinable):
    """The texts that `puzzle.write` gives of the puzzle's solutions; the value is a dict of the cells' values.

    Where all solutions are soon found, and are few, the machine is the list of them: then conditioning is exact. Else it holds the layout and
    what each cell may have once every rule has been drawn on alone, and the rules between cells are a checker's, which accuses the
    cells that break one.

    Raises:
        UnsatisfiableConstraint: when compiled, the puzzle has no solution, as far as that shows within `FEW` guesses.
    """

    puzzle: Puzzle

    def plan(self, prompt: str) -> Plan:
        found = solve(self.puzzle, count=FEW, most=FEW)
        if found.status is Ending.UNSATISFIABLE:
            raise UnsatisfiableConstraint(found.reason)
        if found.complete:
            solutions = [self.puzzle.write(list(one.values())) for one in (found.values, *found.others)]
            return Plan(Words(one.encode() for one in solutions), (_Rules(self.puzzle),), framed=True)
        left, parts = narrowed(self.puzzle), []
        for literal, cell in self.puzzle.pieces():
            parts.append(text(literal))
            if cell is not None:
                parts.append(Leaf(Words(self.puzzle.symbol(value).encode() for value in left[cell])))
        return Plan(Network(seq(*parts)), (_Rules(self.puzzle),), framed=True)

    def hint(self) -> str:
        return f"a solved {self.puzzle.kind}"

    def key(self, prompt: str) -> Hashable:
        return Board, self.puzzle


@dataclass(frozen=True)
class _Rules:
    puzzle: Puzzle

    def check(self, text: str) -> Verdict:
        found = self._form.fullmatch(text)
        if found is None:
            return Verdict((Violation("layout", f"the text is no board of the {self.puzzle.kind}"),))
        values = {symbol: value for value in self.puzzle.values for symbol in [self.puzzle.symbol(value)]}
        group = {cell: number for number, (_, cell) in enumerate((piece for piece in self.puzzle.pieces() if piece[1] is not None), 1)}
        verdict = self.puzzle.check([values[found[group[cell]]] for cell in self.puzzle.cells])
        spans = [found.span(group[cell]) for cell in self.puzzle.cells]
        return Verdict(tuple(_on_text(one, spans, text) for one in verdict.violations), verdict.value)

    @cached_property
    def _form(self) -> re.Pattern[str]:
        symbols = sorted(map(self.puzzle.symbol, self.puzzle.values), key=len, reverse=True)
        any_value = f"({'|'.join(map(re.escape, symbols))})"
        return re.compile("".join(re.escape(literal) + (any_value if cell is not None else "") for literal, cell in self.puzzle.pieces()))


def _on_text(found: Violation, spans: list[tuple[int, int]], text: str) -> Violation:
    """Returns a violation whose spans are cells as one whose spans are bytes."""
    places = [spans[begin] for begin, _ in found.spans]
    return Violation(found.rule, found.message, found.pointer,
                     tuple((len(text[:begin].encode()), len(text[:end].encode())) for begin, end in places))
