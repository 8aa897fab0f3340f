"""What a repair is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any


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


def composed(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """Returns the edits of `text` that do what the first and then the second do; those that meet become one."""
    middle, shift, edits = applied(text, first), 0, []
    for old, new in _meeting(first, second):
        low = min([begin for begin, _, _ in old] + [edit.begin for edit in new])
        high = max([end for _, end, _ in old] + [edit.end for edit in new])
        grown = sum(len(edit.new) - len(edit.old) for _, _, edit in old)
        begin, end = low - shift, high - shift - grown
        inside = applied(middle[low:high], [replace(edit, begin=edit.begin - low, end=edit.end - low) for edit in new])
        parts = [*(edit for _, _, edit in old), *new]
        kind = parts[0].kind if len(parts) == 1 else "replace"
        if inside != text[begin:end]:
            edits.append(Edit(begin, end, text[begin:end], inside, kind, sum(edit.cost for edit in parts)))
        shift += grown
    return tuple(edits)


def _meeting(first: Sequence[Edit], second: Sequence[Edit]) -> Iterator[tuple[list[tuple[int, int, Edit]], list[Edit]]]:
    """Yields the edits in groups that meet in the text between, from left to right.

    Of the first with where their new text stands there, and of the second.
    """
    moved, shift = [], 0
    for edit in first:
        moved.append((edit.begin + shift, edit.begin + shift + len(edit.new), edit))
        shift += len(edit.new) - len(edit.old)
    spans: list[Any] = [(one[0], one[1], True, one) for one in moved]
    spans += [(edit.begin, edit.end, False, edit) for edit in second]
    old, new, reached = [], [], -1
    for begin, end, is_old, one in sorted(spans, key=lambda span: span[:2]):
        if begin > reached and (old or new):
            yield old, new
            old, new = [], []
        (old if is_old else new).append(one)
        reached = max(reached, end)
    if old or new:
        yield old, new
