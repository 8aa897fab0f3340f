"""Sudoku of 4, 6, 9 and 16, and with diagonals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from math import isqrt

from structdiff.puzzle.kinds.board import DIGITS, board, diagonals, digit, flat, givens, latin, square
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import AllDifferent, Cells

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3), 16: (4, 4)}    # rows and columns of a box
GRID = "a grid of 4, 6, 9 or 16 rows, digits and . for empty cells"


def sudoku(text: str) -> Puzzle:
    """Returns the Sudoku of a grid, in one line or several, with or without boxes drawn, or of an .sdk file.

    The sixteen digits are 1 to 9 and A to G; any of 0 . _ * - x is an empty cell.
    """
    return of_grid(_section(lines(text, GRID)))


def diagonal_sudoku(text: str) -> Puzzle:
    """Returns the Sudoku of a grid whose two diagonals have no digit twice either."""
    plain = sudoku(text)
    crossed = (AllDifferent(cells, name) for name, cells in diagonals(board(isqrt(len(plain.cells)))))
    return replace(plain, rules=(*plain.rules, *crossed), kind="sudoku-x")


def of_grid(grid: Sequence[Piece]) -> Puzzle:
    """Returns the Sudoku of a grid's lines."""
    marks = square(grid, BOXES, hint="a sudoku has 16, 36, 81 or 256 (rows of 4, 6, 9 or 16)")
    plain = empty(isqrt(len(marks)))
    return replace(plain, givens=givens(plain.cells, marks, partial(digit, size=isqrt(len(marks)))))


def empty(size: int) -> Puzzle:
    """Returns the Sudoku without a given."""
    rows = board(size)
    letters = tuple((value, DIGITS[value - 1]) for value in range(10, size + 1))
    return Puzzle(flat(rows), (tuple(range(1, size + 1)),), (*latin(rows), *_boxes(rows)), (), _boxed(rows), letters, "sudoku")


def _boxes(rows: Sequence[Cells]) -> tuple[AllDifferent, ...]:
    height, width = BOXES[len(rows)]
    corners = product(range(0, len(rows), height), range(0, len(rows), width))
    return tuple(AllDifferent(flat(row[left : left + width] for row in rows[top : top + height]), f"box {number}")
                 for number, (top, left) in enumerate(corners, 1))


def _boxed(rows: Sequence[Cells]) -> str:
    """Returns the layout with bars between boxes and a rule between bands of them."""
    size, (height, width) = len(rows), BOXES[len(rows)]
    fields = [[f"{{{cell}}}" for cell in row] for row in rows]
    drawn = [" | ".join(" ".join(row[left : left + width]) for left in range(0, size, width)) for row in fields]
    rule = "-+-".join(["-" * (2 * width - 1)] * (size // width))
    return f"\n{rule}\n".join("\n".join(drawn[top : top + height]) for top in range(0, size, height))


def _section(grid: list[Piece]) -> list[Piece]:
    """Returns what stands under [Puzzle]; everything, where there is no header."""
    heads = [i for i, line in enumerate(grid) if re.fullmatch(r"\s*\[.*\]\s*", line.text)]
    if not heads:
        return grid
    if (puzzle := next((i for i in heads if grid[i].text.strip().lower() == "[puzzle]"), None)) is None:
        raise grid[heads[0]].fault(f"there is no section [Puzzle]; write it in place of {grid[heads[0]].text.strip()}")
    end = next((i for i in heads if i > puzzle), len(grid))
    if not (found := grid[puzzle + 1 : end]):
        raise grid[puzzle].fault(f"there is nothing under [Puzzle]; write {GRID}")
    return found


SUDOKU = Kind("sudoku", sudoku, """\
5 3 . | . 7 . | . . .
6 . . | 1 9 5 | . . .
. 9 8 | . . . | . 6 .
------+-------+------
8 . . | . 6 . | . . 3
4 . . | 8 . 3 | . . 1
7 . . | . 2 . | . . 6
------+-------+------
. 6 . | . . . | 2 8 .
. . . | 4 1 9 | . . 5
. . . | . 8 . | . 7 9
""", "Every row, column and box has each digit once. A grid of 4, 6, 9 or 16 rows: one line or several, boxes drawn or not, .sdk.", 36)

SUDOKU_X = Kind("sudoku-x", diagonal_sudoku, """\
2 . . | . 7 9 | . . .
6 . . | . 2 . | . . .
. . . | . . . | . 7 1
------+-------+------
. . . | 3 . . | 4 . 5
. . . | 5 . . | 7 9 3
. . . | 9 . . | . . .
------+-------+------
. . . | . . . | . . .
. 5 . | . . . | 1 6 .
. . . | 6 . 1 | 8 . 4
""", "A Sudoku whose two diagonals have each digit once as well; grids as for a Sudoku.", 36)
