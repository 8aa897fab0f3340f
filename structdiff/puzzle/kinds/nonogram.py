"""Nonograms: pictures told by the lengths of their runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import Line

SECTION = r"(?i)\s*(rows|columns)\b\s*:?(.*)"
SIZE = r"(?i)\s*(width|height)\b\s*:?\s*(.*?)\s*"
REMARK = r"(?i)\s*(?:catalogue|title|by|copyright|license|colou?r|goal|saved|solution)\b.*"
EXPECTED = "rows: 2, 1 1, 0 and columns: 1, 2, 1 (runs between blanks, lines between commas), or a .non file"


@dataclass
class _Clues:
    """What a text has told so far. wanted: by word, the number of lines that it announces."""

    lines: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    heads: dict[str, Piece] = field(default_factory=dict)
    wanted: dict[str, int] = field(default_factory=dict)


def nonogram(text: str) -> Puzzle:
    """Returns the puzzle of a picture, 1 for a filled cell, whose rows and columns have the runs of their clues.

    Either `rows: 2, 1 1, 0` and `columns: 1, 2, 1`, with runs between blanks and lines between commas, or a .non file, with
    a line a clue and its runs between commas. 0 or - is a line without a run.
    """
    found = lines(text, EXPECTED)
    clues = _read(found)
    for word, size in ("rows", "height"), ("columns", "width"):
        _complete(clues, word, size, found[-1])
    return _puzzle(clues.lines["rows"], clues.lines["columns"])


def _puzzle(across: Sequence[tuple[int, ...]], down: Sequence[tuple[int, ...]]) -> Puzzle:
    rows = [tuple(f"r{r}c{c}" for c in range(1, len(down) + 1)) for r in range(1, len(across) + 1)]
    rules = [Line(cells, clue, f"row {i}") for i, (cells, clue) in enumerate(zip(rows, across), 1)]
    rules += [Line(tuple(cells), clue, f"column {i}") for i, (cells, clue) in enumerate(zip(zip(*rows), down), 1)]
    layout = "\n".join("".join(f"{{{cell}}}" for cell in row) for row in rows)
    return Puzzle(tuple(cell for row in rows for cell in row), ((0, 1),), tuple(rules), (), layout, ((0, "."), (1, "#")), "nonogram")


def _read(found: Sequence[Piece]) -> _Clues:
    clues, section = _Clues(), None
    for line in found:
        if parts := line.groups(SECTION):
            section = _begun(clues, *parts)
        elif parts := line.groups(SIZE):
            clues.wanted[parts[0].text.lower()] = parts[1].number(1, 9999, f"the {parts[0].text.lower()}")
        elif line.groups(REMARK) is not None:
            section = None
        elif section is None:
            raise line.fault(f"{line.text.strip()!r} stands under neither rows nor columns; write {EXPECTED}")
        else:
            clues.lines[section].append(_runs(line, line.split(",") if "," in line.text else line.fields()))
    return clues


def _begun(clues: _Clues, head: Piece, rest: Piece) -> str | None:
    """Returns the section whose clues stand on the next lines; None, where they stand on this one."""
    section = head.text.lower()
    if section in clues.heads:
        raise head.fault(f"the {section} are on line {clues.heads[section].line} already; leave one out")
    clues.heads[section] = head
    clues.lines[section] = [_runs(clue, clue.fields()) for clue in rest.split(",")] if rest.text.strip() else []
    return None if rest.text.strip() else section


def _runs(clue: Piece, runs: Sequence[Piece]) -> tuple[int, ...]:
    if not runs:
        raise clue.fault("there is no clue at this comma; write 0 for a line without a run")
    if len(runs) == 1 and runs[0].text in ("0", "-"):
        return ()
    return tuple(run.number(1, 9999, "a run") for run in runs)


def _complete(clues: _Clues, word: str, size: str, last: Piece) -> None:
    if not clues.lines.get(word):
        raise clues.heads.get(word, last).fault(f"there are no clues of {word}; write {EXPECTED}")
    told, wanted = len(clues.lines[word]), clues.wanted.get(size, len(clues.lines[word]))
    if told != wanted:
        raise clues.heads[word].fault(f"there are {told} clues of {word} and the {size} is {wanted}; write 0 for those without a run")


NONOGRAM = Kind("nonogram", nonogram, """\
columns: 2 1, 2 1 3, 7, 1 3, 2 1
rows: 2, 2 1, 1 1, 3, 1 1, 1 1, 2, 1 1, 1 2, 2
""", "The filled cells of each line make runs of these lengths. rows: 2, 1 1, 0 and columns: 1, 2, 1; or a .non file.")
