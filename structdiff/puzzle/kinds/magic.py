"""Magic squares."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

from structdiff.puzzle.kinds.board import BLANKS, board, diagonals, flat, givens, layout, padded, square
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import AllDifferent, Cells, Sum

SIZES = range(3, 7)


def magic_square(text: str) -> Puzzle:
    """Returns the puzzle of a square that has each of 1 to n² once and sums to n (n² + 1) / 2 along every row, column, diagonal.

    The text is n, 3 to 6, or a grid of numbers set apart by blanks, with . for empty cells.
    """
    found = lines(text, "the size, 3 to 6, or a grid of numbers with . for empty cells")
    fields = [field for line in found for field in line.fields()]
    if len(fields) == 1 and fields[0].text not in BLANKS:
        return _puzzle(fields[0].number(3, 6, "the size of a magic square"), ())
    marks = square(found, SIZES, r"[^\s|]+", "a magic square has 9, 16, 25 or 36, set apart by blanks")
    return _puzzle(isqrt(len(marks)), marks)


def _puzzle(size: int, marks: Sequence[Piece]) -> Puzzle:
    rows, most = board(size), size * size
    cells = flat(rows)
    given = givens(cells, marks, lambda mark: mark.number(1, most, "a cell"))
    rules = (AllDifferent(cells, "the square"), *_sums(rows, size * (most + 1) // 2))
    return Puzzle(cells, (tuple(range(1, most + 1)),), rules, given, layout(rows), padded(most), "magic-square")


def _sums(rows: Sequence[Cells], total: int) -> tuple[Sum, ...]:
    across = [(f"row {i}", row) for i, row in enumerate(rows, 1)]
    down = [(f"column {i}", tuple(column)) for i, column in enumerate(zip(*rows), 1)]
    return tuple(Sum(cells, total, name) for name, cells in (*across, *down, *diagonals(rows)))


MAGIC_SQUARE = Kind("magic-square", magic_square, """\
2 7 .
. . .
. . .
""", "Each of 1 to n² once, all rows, columns and diagonals alike in sum. The size, 3 to 6, or a grid with . for empty cells.")
