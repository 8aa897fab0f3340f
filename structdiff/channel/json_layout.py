"""Where closing brackets that were lost at the end of a JSON text are written: as those of the document are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from structdiff.channel.edits import Edit

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
BRACKET = re.compile(r"[{}\[\]]")
CLOSERS = re.compile(r"[}\]]+\Z")
LINE = re.compile(r"(?:\r\n?|\n)[ \t]*")
INDENT = re.compile(r"[ \t]*")


def laid_out(text: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Returns the edits with the brackets that close the text on lines of their own, indented as the lines that opened, where
    what they close begins on a line of its own. A text of several lines ends with a newline."""
    if not edits or text[edits[-1].end :].strip() or BRACKET.search(edits[-1].old) or not (closing := CLOSERS.search(edits[-1].new)):
        return tuple(edits)
    last, brackets = edits[-1], closing[0]
    before = _written(text, edits[:-1], last.begin) + last.new[: closing.start()]
    opened = _opened(before)[-len(brackets) :][::-1]
    if len(opened) < len(brackets):
        return tuple(edits)
    laid = "".join(_own_line(before, place) + bracket for place, bracket in zip(opened, brackets))
    rest = text[last.end :]
    taken = LINE.match(rest)
    end = last.end + (taken.end() if taken and laid[0] not in "}]" else 0)
    if end == len(text) and laid[-2:-1] == "\n":
        laid += "\n"
    return (*edits[:-1], replace(last, end=end, old=text[last.begin : end], new=last.new[: closing.start()] + laid))


def _written(text: str, edits: Sequence[Edit], end: int) -> str:
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.begin], edit.new]
        at = edit.end
    return "".join([*parts, text[at:end]])


def _opened(text: str) -> list[int]:
    """Returns where the brackets stand that are open at the end."""
    opened: list[int] = []
    for token in TOKEN.finditer(text):
        if token[0] in "{[":
            opened.append(token.start())
        elif token[0] in "}]":
            del opened[-1:]
    return opened


def _own_line(text: str, opener: int) -> str:
    """Returns what stands before the bracket that closes the one at `opener`."""
    following = INDENT.match(text, opener + 1).end()
    if following < len(text) and text[following] not in "\r\n":
        return text[opener + 1 : following]
    begin = max(text.rfind("\n", 0, opener), text.rfind("\r", 0, opener)) + 1
    newline = LINE.search(text)
    return newline[0].rstrip(" \t") + INDENT.match(text, begin)[0] if newline else ""
