"""Queens that do not attack each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import AllDifferent, Linear

MOST = 32
EMPTY = ".-_*"


def queens(text: str) -> Puzzle:
    """Returns the puzzle of placing a queen in each row, none in another's way; a cell is a row, its value the column.

    The text is the number of rows, or a board of Q and . with the queens that are placed already.
    """
    found = lines(text, "a number of rows, or a board of Q and .")
    if len(found) == 1 and re.fullmatch(r"\s*[0-9]+\s*", found[0].text):
        return _puzzle(found[0].fields()[0].number(1, MOST, "the number of rows"), ())
    placed = tuple((f"row{row}", column) for row, line in enumerate(found, 1) if (column := _column(line, len(found))))
    return _puzzle(len(found), placed)


def _puzzle(size: int, placed: tuple[tuple[str, int], ...]) -> Puzzle:
    cells = tuple(f"row{row}" for row in range(1, size + 1))
    rules = (AllDifferent(cells, "the columns of the queens"), *_diagonals(cells))
    rows = tuple((queen, " ".join("Q" if column == queen else "." for column in range(1, size + 1))) for queen in range(1, size + 1))
    return Puzzle(cells, (tuple(range(1, size + 1)),), rules, placed, "\n".join(f"{{{cell}}}" for cell in cells), rows, "queens")


def _diagonals(cells: Sequence[str]) -> list[Linear]:
    return [Linear((cells[one], cells[other]), (1, -1), "!=", away,
                   f"the queens of rows {one + 1} and {other + 1} share no {name} diagonal")
            for one, other in combinations(range(len(cells)), 2)
            for name, away in (("falling", one - other), ("rising", other - one))]


def _column(line: Piece, size: int) -> int | None:
    """Returns the column of the row's queen; None where it has none yet."""
    marks = line.find(r"[^\s|]")
    if wrong := next((mark for mark in marks if mark.text not in EMPTY + "Qq♛♕"), None):
        raise wrong.fault(f"{wrong.text!r} is neither Q nor . for an empty square")
    if size > MOST or len(marks) != size:
        raise line.fault(f"this row has {len(marks)} squares and the board {size} rows; a board is square, of 1 to {MOST} rows")
    placed = [mark for mark in marks if mark.text not in EMPTY]
    if len(placed) > 1:
        raise placed[1].fault("this row has a queen already; leave one out")
    return marks.index(placed[0]) + 1 if placed else None


QUEENS = Kind("queens", queens, """\
Q . . . . . . .
. . . . Q . . .
. . . . . . . .
. . . . . . . .
. . . . . . . .
. . . . . . . .
. . . . . . . .
. . . . . . . .
""", "A queen in each row, none in another's way. The number of rows up to 32, or a board of Q and .")
