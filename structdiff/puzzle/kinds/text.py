"""Texts in pieces that know where they stand, so that an error can say so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from structdiff.errors import ConstraintError


@dataclass(frozen=True)
class Piece:
    """A part of a line; line and column count from 1."""

    text: str
    line: int
    column: int = 1

    def fault(self, message: str) -> ConstraintError:
        return ConstraintError(f"line {self.line}, column {self.column}: {message}")

    def find(self, pattern: str) -> list[Piece]:
        """Returns every match of the pattern, in order."""
        return [Piece(match.group(), self.line, self.column + match.start()) for match in re.finditer(pattern, self.text)]

    def fields(self) -> list[Piece]:
        """Returns what stands between blanks."""
        return self.find(r"\S+")

    def split(self, separator: str) -> list[Piece]:
        """Returns what stands between separators, without the blanks around it; empty pieces too."""
        parts, start = [], self.column
        for part in self.text.split(separator):
            parts.append(Piece(part.strip(), self.line, start + len(part) - len(part.lstrip())))
            start += len(part) + len(separator)
        return parts

    def groups(self, pattern: str) -> tuple[Piece, ...] | None:
        """Returns the groups of a pattern that fits the whole piece; None where it does not fit."""
        match = re.fullmatch(pattern, self.text)
        return match and tuple(Piece(text, self.line, self.column + match.start(i)) for i, text in enumerate(match.groups(), 1))

    def number(self, least: int, most: int, what: str) -> int:
        """Returns the number that the piece is.

        Raises:
            ConstraintError: it is none, or not from least to most. what: what the number is, for the message.
        """
        if not re.fullmatch("[0-9]{1,9}", self.text) or not least <= int(self.text) <= most:
            raise self.fault(f"{what} is a number from {least} to {most}, not {self.text!r}")
        return int(self.text)


def lines(text: str, expected: str, comment: str = "#") -> list[Piece]:
    """Returns the lines that are not empty, without their comments; tabs are blanks up to the next column of eight.

    Raises:
        ConstraintError: there is none. expected: what was to be written, for the message.
    """
    rows = [line.expandtabs() for line in text.removeprefix("\ufeff").splitlines()]
    kept = [Piece(row.partition(comment)[0] if comment else row, number) for number, row in enumerate(rows, 1)]
    if not (found := [line for line in kept if line.text.strip()]):
        raise Piece("", 1).fault(f"the text is empty; write {expected}")
    return found
