"""The one spelling of a JSON value that the automaton accepts in every place: what a text is turned into to be checked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from structdiff.constraints.json_schema.numbers import spelled as number
from structdiff.constraints.json_schema.strings import spelled as string
from structdiff.json_text import escape, locate
from structdiff.verdict import Spelling

FIXED = {None: "null", True: "true", False: "false"}
LONGEST = 400              # digits; a number that takes more keeps its exponent


def respell(text: str) -> Spelling | None:
    """Returns a JSON text in canonical spelling; None when it is not JSON."""
    try:
        located = locate(text)
        spelled, starts = canonical(located.value)
    except (ValueError, RecursionError):
        return None
    return Spelling(spelled, tuple((offset, pointer, located.spans[pointer]) for offset, pointer in starts))


def canonical(value: Any) -> tuple[str, list[tuple[int, str]]]:
    """Returns a JSON value without blanks, in its own key order, strings unescaped and numbers plain; and where, in
    bytes, each value and key begins: (offset, JSON pointer), ascending."""
    parts: list[str] = []
    starts: list[tuple[int, str]] = []
    length = 0

    def put(text: str) -> None:
        nonlocal length
        parts.append(text)
        length += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))

    def spell(value: Any, pointer: str) -> None:
        starts.append((length, pointer))
        if isinstance(value, dict):
            put("{")
            for i, (key, item) in enumerate(value.items()):
                put("," if i else "")
                starts.append((length, f"{pointer}/{escape(key)}"))
                put(string(key) + ":")
                spell(item, f"{pointer}/{escape(key)}")
            starts.append((length, pointer))
            put("}")
        elif isinstance(value, list):
            put("[")
            for i, item in enumerate(value):
                put("," if i else "")
                spell(item, f"{pointer}/{i}")
            starts.append((length, pointer))
            put("]")
        else:
            put(scalar(value))

    spell(value, "")
    return "".join(parts), starts


def scalar(value: Any) -> str:
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool):
        return FIXED[value]
    exact = Decimal(str(value))
    return number(exact) if abs(exact.adjusted()) < LONGEST else str(value)
