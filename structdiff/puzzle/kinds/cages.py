"""Cages: lines such as `12*: r1c1 r1c2`, of killer Sudoku and KenKen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from structdiff.errors import ConstraintError
from structdiff.puzzle.kinds.board import flat, on_board
from structdiff.puzzle.kinds.text import Piece
from structdiff.puzzle.rules import Cage, Cells

SIGNS = {"x": "*", "X": "*", "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-"}


@dataclass(frozen=True)
class Clue:
    """What a line says. sign: where its operation stands, and empty where it has none."""

    total: int
    sign: Piece
    cells: tuple[Piece, ...]

    @property
    def operation(self) -> str:
        return SIGNS.get(self.sign.text, self.sign.text)


def clue(line: Piece) -> Clue:
    """Returns the clue of a line, whose cells may not be on the board yet."""
    if not (parts := line.groups(r"\s*([0-9]+)\s*([^\s:0-9]?)\s*:(.*)")):
        raise line.fault(f"a cage reads “total: cells”, such as “15: r1c1 r1c2”, not {line.text.strip()!r}")
    total, sign, cells = parts
    if not (fields := cells.find(r"[^\s,]+")):
        raise cells.fault("a cage has a cell at least; write its cells behind the colon")
    return Clue(total.number(0, 999_999_999, "the total of a cage"), sign, tuple(fields))


def cages(clues: Sequence[Clue], rows: Sequence[Cells], make: Callable[[Clue, Cells], Cage]) -> tuple[Cage, ...]:
    """Returns a cage for each clue; every cell of the board is in one.

    Raises:
        ConstraintError: a cell is not on the board, or in two cages, or in none.
    """
    taken: dict[str, Piece] = {}
    for cell in (cell for each in clues for cell in each.cells):
        name = on_board(cell, rows)
        if name in taken:
            raise cell.fault(f"{name} is in the cage of line {taken[name].line} already; a cell is in one cage, once")
        taken[name] = cell
    if missing := [cell for cell in flat(rows) if cell not in taken]:
        raise ConstraintError(f"{missing[0]} is in no cage, one of {len(missing)} such cells; add it to a line, or a line for it")
    return tuple(make(each, tuple(on_board(cell, rows) for cell in each.cells)) for each in clues)
