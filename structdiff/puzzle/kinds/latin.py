"""Latin squares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from math import isqrt

from structdiff.puzzle.kinds.board import RULE, board, digit, flat, givens, latin, layout, padded, square
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import MOST_VALUES, Puzzle

DIGIT_SIZES = range(2, 10)                               # with a character a cell, blanks or not between
FIELD = r"[^\s|]+"


def latin_square(text: str) -> Puzzle:
    """Returns the puzzle of a grid whose rows and columns have each number once.

    Up to 9 rows a cell is a character, as in a Sudoku's grid; above, numbers are set apart by blanks.
    """
    marks = _marks(lines(text, "a grid of numbers, with . for empty cells"))
    size = isqrt(len(marks))
    rows = board(size)
    read = partial(digit, size=size) if size in DIGIT_SIZES else lambda mark: mark.number(1, size, "a cell")
    return Puzzle(flat(rows), (tuple(range(1, size + 1)),), latin(rows), givens(flat(rows), marks, read), layout(rows), padded(size),
                  "latin-square")


def _marks(grid: Sequence[Piece]) -> list[Piece]:
    fields = [field for line in grid if not re.fullmatch(RULE, line.text) for field in line.find(FIELD)]
    if len(fields) > max(DIGIT_SIZES) ** 2:
        return square(grid, range(10, MOST_VALUES + 1), FIELD, f"a square has as many rows as columns, up to {MOST_VALUES}")
    return square(grid, DIGIT_SIZES, hint="a square has as many rows as columns, 2 to 9; for more, set numbers apart by blanks")


LATIN_SQUARE = Kind("latin-square", latin_square, """\
. . 4 5 .
. . 2 4 .
. . . . 1
4 3 . 1 .
. . . . .
""", "Every row and column has each number once. A grid as for a Sudoku; above 9 rows, numbers set apart by blanks.", 25)
