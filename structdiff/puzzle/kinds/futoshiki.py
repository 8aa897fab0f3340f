"""Futoshiki: a Latin square with signs between its cells."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from functools import partial

from structdiff.puzzle.kinds.board import board, digit, flat, givens, latin
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import Cells, Less

BETWEEN = r"[\s^vV]+"                                    # a line of signs between two rows


def futoshiki(text: str) -> Puzzle:
    """Returns the Latin square of 2 to 9 rows in which every sign holds.

    < and > stand between two cells of a row, ^ (the upper is smaller) and v (the upper is larger) in a line of their own
    right below the upper cell; 0 or . is an empty cell.
    """
    found = lines(text, "rows of cells with < and > between, and lines with ^ and v below them")
    drawn = [line for line in found if not re.fullmatch(BETWEEN, line.text)]
    size = _size(drawn, found)
    rows = board(size)
    marks = [_cells(line, size) for line in drawn]
    signs = [*_across(drawn, rows), *_down(found, marks, rows)]
    rules = (*latin(rows), *dict.fromkeys(signs))
    given = givens(flat(rows), (mark for row in marks for mark in row), partial(digit, size=size))
    return Puzzle(flat(rows), (tuple(range(1, size + 1)),), rules, given, _layout(rows, signs), (), "futoshiki")


def _size(drawn: Sequence[Piece], found: Sequence[Piece]) -> int:
    if not 2 <= len(drawn) <= 9:
        raise found[-1].fault(f"there are {len(drawn)} rows of cells; a futoshiki has 2 to 9")
    return len(drawn)


def _cells(line: Piece, size: int) -> list[Piece]:
    marks = line.find(r"[^\s<>]")
    if len(marks) != size:
        raise line.fault(f"this row has {len(marks)} cells, and there are {size} rows; write a digit, 0 or . for each cell")
    return marks


def _across(drawn: Sequence[Piece], rows: Sequence[Cells]) -> Iterator[Less]:
    for line, row in zip(drawn, rows):
        marks, seen = line.find(r"\S"), 0
        for i, mark in enumerate(marks):
            if mark.text not in "<>":
                seen += 1
            elif not 0 < i < len(marks) - 1 or marks[i + 1].text in "<>":
                raise mark.fault(f"{mark.text} stands between two cells of a row")
            else:
                yield _less(row[seen - 1], row[seen], mark.text == "<")


def _down(found: Sequence[Piece], marks: Sequence[Sequence[Piece]], rows: Sequence[Cells]) -> Iterator[Less]:
    above = 0                                            # how many rows stand above the line
    for line in found:
        if not re.fullmatch(BETWEEN, line.text):
            above += 1
            continue
        for sign in line.find(r"\S"):
            if not 0 < above < len(rows):
                raise sign.fault(f"{sign.text} stands between two rows")
            places = [mark.column for mark in marks[above - 1]]
            if sign.column not in places:
                where = " ".join(map(str, places))
                raise sign.fault(f"{sign.text} stands right below a cell; those of the row above are in columns {where}")
            i = places.index(sign.column)
            yield _less(rows[above - 1][i], rows[above][i], sign.text == "^")


def _less(one: str, other: str, first_is_smaller: bool) -> Less:
    return Less(one, other) if first_is_smaller else Less(other, one)


def _layout(rows: Sequence[Cells], signs: Container[Less]) -> str:
    drawn = [_row(rows[0], signs)]
    for upper, lower in zip(rows, rows[1:]):
        between = "   ".join(_sign(one, other, signs, "^v") for one, other in zip(upper, lower)).rstrip()
        drawn += [between, _row(lower, signs)] if between else [_row(lower, signs)]
    return "\n".join(drawn)


def _row(row: Cells, signs: Container[Less]) -> str:
    later = (f" {_sign(one, other, signs, '<>')} {{{other}}}" for one, other in zip(row, row[1:]))
    return f"{{{row[0]}}}" + "".join(later)


def _sign(one: str, other: str, signs: Container[Less], less_and_greater: str) -> str:
    less, greater = less_and_greater
    return less if Less(one, other) in signs else greater if Less(other, one) in signs else " "


FUTOSHIKI = Kind("futoshiki", futoshiki, """\
. > .   3   2 < .
        v
.   .   .   .   .
        v   v   ^
.   .   .   .   .
    ^
.   .   . > .   .
                v
. > .   . > .   .
""", "A Latin square in which every sign holds. < and > between cells; ^ (the upper is smaller) and v in a line below the upper cell.")
