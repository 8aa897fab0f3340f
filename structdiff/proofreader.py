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
    """weight: how much of a nat of the model's counts against one of the edits'. most: what its word may come to, in nats.

    A small model's word is worth little where the edits leave no doubt: it likes to drop what is rare.
    """

    model: Reader
    weight: float = 0.05
    most: float = 1.0

    def ranked(self, format: str, text: str, readings: Sequence[Reading]) -> list[Reading]:
        """Returns the readings with what the model holds of them in their costs, cheapest first.

        Only those that its word could make the best are looked at; and none, when they differ in too much to be shown.
        """
        contenders = self.contenders(readings)
        told = self.log_likelihoods(format, text, contenders) if len(contenders) > 1 else None
        if told is None:
            return list(readings)
        weighed = [replace(one, cost=one.cost + self.price(nats, told)) for one, nats in zip(contenders, told)]
        return sorted([*weighed, *readings[len(contenders) :]], key=lambda one: one.cost)

    def contenders(self, readings: Sequence[Reading]) -> list[Reading]:
        """Returns the readings, cheapest first as they come, that cost less than `most` more than the first."""
        return [one for one in readings if one.cost < readings[0].cost + self.most]

    def price(self, nats: float, told: Sequence[float]) -> float:
        """Returns what a reading of that log-likelihood, of those told, costs more than the likeliest."""
        return min(self.most, self.weight * (max(told) - nats))

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
