"""The input: a file with one JSON object a line, and where in it each line is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple


class Position(NamedTuple):
    """Where a line is. number: of the line, from 1. begin, length: in bytes."""

    number: int
    begin: int
    length: int

    def text(self, file: BinaryIO) -> bytes:
        file.seek(self.begin)
        return file.read(self.length)


@dataclass(frozen=True)
class Source:
    """digest: sha256 of the file when it was looked at."""

    path: Path
    lines: int
    digest: str

    @classmethod
    def of(cls, path: Path) -> Source:
        """Raises OSError when the file cannot be read."""
        digest, lines = hashlib.sha256(), 0
        with open(path, "rb") as file:
            for line in file:
                digest.update(line)
                lines += 1
        return cls(path.resolve(), lines, digest.hexdigest())

    def positions(self, after: int = 0) -> Iterator[Position]:
        """Yields where the lines are that come after line `after`; no more of the file is held than one of them."""
        begin = 0
        with open(self.path, "rb") as file:
            for number, line in enumerate(file, 1):
                if number > after:
                    yield Position(number, begin, len(line))
                begin += len(line)
