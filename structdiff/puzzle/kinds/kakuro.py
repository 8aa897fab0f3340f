"""Kakuro: a crossword of sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import Cage

WHITE = "[._]|[1-9]"
BLACK = r"([0-9]*)\\([0-9]*)"
DOWN, ACROSS = 0, 1


@dataclass(frozen=True)
class _Square:
    """One of the board. clues: down and across, empty where there is none; None: it is a white cell."""

    piece: Piece
    cell: str
    clues: tuple[Piece, Piece] | None


def kakuro(text: str) -> Puzzle:
    """Returns the puzzle of a board in which every run of white cells sums to its clue without a repeat.

    Rows of fields between blanks: # is black, . a white cell, a digit a given one, 16\\ a clue of the run below, \\23 of the
    run to the right, 16\\23 of both.
    """
    rows = _rows(lines(text, "rows of fields such as # 16\\ . for black, clue and cell", comment=""))
    white = [square for row in rows for square in row if square.clues is None]
    if not white:
        raise rows[0][0].piece.fault("the board has no white cell; write . for one")
    runs = [run for row in rows for run in _runs(row, ACROSS)] + [run for column in zip(*rows) for run in _runs(column, DOWN)]
    givens = tuple((square.cell, int(square.piece.text)) for square in white if square.piece.text in "123456789")
    return Puzzle(tuple(square.cell for square in white), (tuple(range(1, 10)),), tuple(runs), givens, _layout(rows), (), "kakuro")


def _rows(found: Sequence[Piece]) -> list[list[_Square]]:
    rows = [line.fields() for line in found]
    for line, row in zip(found, rows):
        if len(row) != len(rows[0]):
            raise line.fault(f"this row has {len(row)} fields, and the first has {len(rows[0])}; write # for each black square")
    return [[_square(piece, f"r{r}c{c}") for c, piece in enumerate(row, 1)] for r, row in enumerate(rows, 1)]


def _square(piece: Piece, cell: str) -> _Square:
    if piece.groups(WHITE) is not None:
        return _Square(piece, cell, None)
    clues = (Piece("", piece.line, piece.column),) * 2 if piece.text == "#" else piece.groups(BLACK)
    if clues is None:
        raise piece.fault(f"{piece.text!r} is no field; write # . a digit 1 to 9, 16\\ for down, \\23 for across or 16\\23 for both")
    return _Square(piece, cell, clues)


def _runs(line: Sequence[_Square], way: int) -> Iterator[Cage]:
    """Yields the runs of a row or a column, each behind the black square with its clue."""
    name = "across" if way == ACROSS else "down"
    if line[0].clues is None:
        raise line[0].piece.fault(f"the run {name} that begins here has no clue; put a black square with its clue before it")
    for i, square in enumerate(line):
        if square.clues is None:
            continue
        clue = square.clues[way]
        run = tuple(white.cell for white in takewhile(lambda after: after.clues is None, line[i + 1 :]))
        if run and not clue.text:
            raise line[i + 1].piece.fault(f"the run {name} that begins here has no clue; write it in place of {square.piece.text!r}")
        if clue.text and not run:
            raise clue.fault(f"the clue {clue.text} {name} has no run; write . for its cells, or take it away")
        if run:
            yield Cage(run, "+", clue.number(0, 999_999, "a clue"), distinct=True)


def _layout(rows: Sequence[Sequence[_Square]]) -> str:
    """Returns the layout with all fields as wide as the widest."""
    width = max(len(square.piece.text) for row in rows for square in row)
    return "\n".join(" ".join(_field(square, width) for square in row) for row in rows)


def _field(square: _Square, width: int) -> str:
    return " " * (width - 1) + f"{{{square.cell}}}" if square.clues is None else square.piece.text.rjust(width)


KAKURO = Kind("kakuro", kakuro, r"""
    #   23\   30\     #     #   27\   12\   16\
  \16     .     .     # 17\24     .     .     .
  \17     .     . 15\29     .     .     .     .
  \35     .     .     .     .     .   12\     #
    #    \7     .     .   7\8     .     .    7\
    #   11\ 10\16     .     .     .     .     .
  \21     .     .     .     .    \5     .     .
   \6     .     .     .     #    \3     .     .
""", "Every run of white cells sums to its clue without a repeat. Fields between blanks: # black, . white, 16\\ down, \\23 across.")
