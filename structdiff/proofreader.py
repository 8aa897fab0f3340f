"""The model's word on a repair: how probable each reading's text is to it, beside the broken one. It ranks; it writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from structdiff.channel.edits import Edit, Reading, applied

BEFORE, AFTER = 200, 120        # characters shown on both sides of what the readings differ in
LONGEST = 700                   # characters that they may differ in, from the first to the last


class Reader(Protocol):
    """A model that can say how probable texts are."""

    def log_likelihood(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Returns the log-probability, in nats, of each text after its prompt."""
        ...


@dataclass(frozen=True)
class Proofreader:
    """weight: how much of a nat of the model's counts against one of the edits'."""

    model: Reader
    weight: float = 0.3

    def ranked(self, format: str, text: str, readings: Sequence[Reading]) -> list[Reading]:
        """Returns the readings with what the model holds of them in their costs, cheapest first.

        The likeliest costs what it did. They stay as they are when they differ in too much to be looked at.
        """
        told = self.log_likelihoods(format, text, readings)
        if told is None:
            return list(readings)
        best = max(told)
        weighed = [replace(one, cost=one.cost + self.weight * (best - nats)) for one, nats in zip(readings, told)]
        return sorted(weighed, key=lambda one: one.cost)

    def log_likelihoods(self, format: str, text: str, readings: Sequence[Reading]) -> list[float] | None:
        shared = set.intersection(*(set(one.edits) for one in readings)) if readings else set()
        differing = [edit for one in readings for edit in one.edits if edit not in shared]
        if not differing:
            return None
        begin, end = min(edit.begin for edit in differing), max(edit.end for edit in differing)
        if end - begin > LONGEST:
            return None
        begin, end = _clear(begin - BEFORE, end + AFTER, len(text), [edit for one in readings for edit in one.edits])
        prompt = prompt_of(format, text[begin:end])
        return self.model.log_likelihood([prompt] * len(readings), [_part(text, one.edits, begin, end) for one in readings])


def _clear(begin: int, end: int, length: int, edits: Sequence[Edit]) -> tuple[int, int]:
    """Returns a window that cuts no edit in two."""
    begin, end = max(0, begin), min(length, end)
    for edit in edits:
        if edit.begin < begin < edit.end:
            begin = edit.begin
        if edit.begin < end < edit.end:
            end = edit.end
    return begin, end


def _part(text: str, edits: Sequence[Edit], begin: int, end: int) -> str:
    inside = [replace(edit, begin=edit.begin - begin, end=edit.end - begin) for edit in edits if begin <= edit.begin and edit.end <= end]
    return applied(text[begin:end], inside)


def prompt_of(format: str, broken: str) -> str:
    """Returns what the model is shown of a broken text."""
    return f"repair {format}\n{broken}\n"
