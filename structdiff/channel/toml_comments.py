"""The last resort for TOML: what the standard parser still refuses becomes comments."""

from __future__ import annotations

import re
import tomllib

from structdiff.channel.edits import Edit, Reading, applied

PLACE = re.compile(r"\(at line (\d+), column \d+\)")
TABLE = re.compile(r"[ \t]*\[")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+(?!\n)|[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]+")
WORK = 3_000_000        # characters parsed, at most; what is left then becomes comments
LONGEST = 40            # lines that a value is looked for in
PRICE = 9.0             # of a line, in nats


def commented(text: str) -> Reading:
    """Returns the text with each key that is refused, and each table with its keys, as a comment; it is accepted.

    Where no line is told, or there are too many, all lines from the last that is known to be sound on are comments.
    """
    lines = text.split("\n")
    refused: set[int] = set()
    for _ in range(max(2, WORK // (len(text) + 1))):
        fault = _fault(_written(lines, refused))
        if fault is None:
            return _reading(text, lines, refused)
        if (found := PLACE.search(fault)) is None:
            break
        last = int(found[1]) - 1
        refused.update(range(_first(lines, last), _end(lines, last)))
    rest = refused | set(range(min(refused, default=0), len(lines)))
    return _reading(text, lines, rest if _fault(_written(lines, rest)) is None else set(range(len(lines))))


def _fault(text: str) -> str | None:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return str(error)
    return None


def _written(lines: list[str], refused: set[int]) -> str:
    return "\n".join("#" if i in refused else line for i, line in enumerate(lines))


def _first(lines: list[str], last: int) -> int:
    """Returns the line that a value begins in which ends in line `last`; `last` where the value alone is not sound either."""
    return next((i for i in range(last, max(-1, last - LONGEST), -1) if _fault("\n".join(lines[i : last + 1])) is None), last)


def _end(lines: list[str], last: int) -> int:
    """Returns the line behind what is refused: a table goes to the next."""
    if not TABLE.match(lines[last]):
        return last + 1
    return next((i for i in range(last + 1, len(lines)) if TABLE.match(lines[i])), len(lines))


def _reading(text: str, lines: list[str], refused: set[int]) -> Reading:
    edits, begin = [], 0
    for i, line in enumerate(lines):
        if i in refused and line.strip():
            edits.append(Edit(begin, begin, "", "# ", "insert", PRICE))
            edits += [Edit(begin + found.start(), begin + found.end(), found[0], "", "delete", 0.0) for found in CONTROL.finditer(line)]
        begin += len(line) + 1
    return Reading(applied(text, edits), tuple(edits), sum(edit.cost for edit in edits), rough=True)
