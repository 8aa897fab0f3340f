"""Lines of YAML and what they consist of, told by their spelling alone: what the parser cannot read has these too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from structdiff.channel.edits import Edit

QUOTES = "\"'"
DASHES = re.compile(r"(?:-[ \t]+)*")
NAME = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\n]|'')*'|[^\s\[\]{},\"'#&*!|>%@`:-][^\s,:;=\[\]{}]*"
KEY = re.compile(rf"(?:{NAME})(?:[ ]+[\w.-]+)*?[ ]*:(?=\s|$)")
WORD = re.compile(NAME)
REMARK = re.compile(r"[ \t]+#.*$|[ \t]+$")
START = re.compile(r"(?:---|%YAML|- |[\w\"'.-]+:(?:\s|$)|[\[{])")
SENTENCE = re.compile(r"[A-Z][\w'’-]*[,!.]?(?: [\w'’,;()!-]+){2,}[.:!?]+")
INTRODUCED = ("YAML:", "Output:", "Result:")


@dataclass(frozen=True)
class Stop:
    """at: where the parser stopped. since: where what it was reading began."""

    at: int
    since: int
    problem: str


@dataclass(frozen=True)
class Line:
    """A line: its place, and what it consists of. number: among all. end: without its line break."""

    text: str
    number: int
    begin: int
    end: int

    @cached_property
    def body(self) -> str:
        return self.text[self.begin : self.end]

    @cached_property
    def indent(self) -> int:
        return len(self.body) - len(self.body.lstrip(" \t"))

    @cached_property
    def inner(self) -> int:
        """The column behind its dashes."""
        return DASHES.match(self.body, self.indent).end()

    @property
    def blank(self) -> bool:
        return not self.body.strip() or self.body.lstrip().startswith("#")

    @cached_property
    def key(self) -> re.Match | None:
        return KEY.match(self.body, self.inner)

    @cached_property
    def value(self) -> tuple[int, int]:
        """The columns between which its value stands, or all behind its dashes where it has no key; a comment left out."""
        begin = self.inner if self.key is None else self.key.end()
        begin += len(self.body[begin:]) - len(self.body[begin:].lstrip())
        remark = REMARK.search(self.body, begin)
        return begin, max(begin, remark.start() if remark else len(self.body.rstrip()))

    def edit(self, begin: int, end: int, new: str, cost: float) -> Edit:
        """Returns the edit of what stands between two columns."""
        return change(self.text, self.begin + begin, self.begin + end, new, cost)


def change(text: str, begin: int, end: int, new: str, cost: float) -> Edit:
    return Edit(begin, end, text[begin:end], new, "delete" if not new else "insert" if begin == end else "replace", cost)


def lines_of(text: str) -> list[Line]:
    lines, begin = [], 0
    for number, body in enumerate(text.split("\n")):
        lines.append(Line(text, number, begin, begin + len(body) - body.endswith("\r")))
        begin += len(body) + 1
    return lines


def line_at(lines: list[Line], at: int) -> int:
    return next((line.number for line in reversed(lines) if line.begin <= at), 0)


def prose(text: str, lines: list[Line]) -> Iterator[tuple[int, int]]:
    """Yields what is before the first line of YAML, or behind the last, and reads as sentences."""
    written = [line for line in lines if line.body.strip()]
    for line in written[1:4]:
        if sentences(text[: line.begin]):
            yield 0, line.begin
            break
    for line in written[-1:-4:-1]:
        if line.number and sentences(text[line.begin :]):
            yield len(text[: line.begin].rstrip()) + 1, len(text)
            break


def sentences(text: str) -> bool:
    """Whether each line is one, or several, or what introduces something."""
    said = [line.strip() for line in text.split("\n") if line.strip()]
    return bool(said) and all(SENTENCE.fullmatch(line) is not None or line in INTRODUCED for line in said)
