"""A ready kind of puzzle: its name, and how its texts are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from structdiff.puzzle.puzzle import Puzzle


@dataclass(frozen=True)
class Kind:
    """parse: of one text, the puzzle, or a ConstraintError that says where the text is at fault. example: a text with one
    solution. about: the puzzle and its format in a sentence or two. in_a_line: a line with so many characters, blanks aside, is a whole
    puzzle; 0: none is."""

    name: str
    parse: Callable[[str], Puzzle]
    example: str
    about: str
    in_a_line: int = 0
