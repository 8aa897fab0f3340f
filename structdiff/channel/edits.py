"""What a repair is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """One change: what stood at [begin, end) of the broken text, and what stands there now. cost: in nats."""

    begin: int
    end: int
    old: str
    new: str
    kind: str
    cost: float


@dataclass(frozen=True)
class Reading:
    """One way to make the text valid. rough: not all ways were looked at, so that it need not be the cheapest."""

    text: str
    edits: tuple[Edit, ...]
    cost: float
    rough: bool = False


@dataclass(frozen=True)
class Author:
    """Who broke the text: what kinds of damage cost more or less, in nats, than with a language model.

    around: text about the document, comments. swapped: two characters exchanged. lost, added: a delimiter.
    """

    around: float = 0.0
    swapped: float = 0.0
    lost: float = 0.0
    added: float = 0.0


LLM = Author()
HUMAN = Author(around=2.0, swapped=-1.0)
TRANSMISSION = Author(around=8.0, swapped=1.0, lost=-0.5, added=0.5)


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """Returns the edits with those that touch made one."""
    merged: list[Edit] = []
    for edit in edits:
        if merged and merged[-1].end == edit.begin:
            last = merged.pop()
            kind = last.kind if last.kind == edit.kind else "replace"
            edit = Edit(last.begin, edit.end, last.old + edit.old, last.new + edit.new, kind, last.cost + edit.cost)
        merged.append(edit)
    return merged


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Returns `text` with the edits made; all else is as it was."""
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.begin], edit.new]
        at = edit.end
    return "".join([*parts, text[at:]])
