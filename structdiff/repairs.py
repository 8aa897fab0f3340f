"""Repair: the least change that makes a broken text valid, and how sure it is to be the right one.

The noisy-channel view: of all valid texts, the one that most probably became the broken one. What each kind of damage
costs, in nats, is in `structdiff.channel`; nothing outside the edits is touched.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from structdiff.channel.edits import LLM, Author, Edit, Reading
from structdiff.errors import ConstraintError, InvalidResult
from structdiff.proofreader import Proofreader
from structdiff.targets import Target, target_of

MARGIN = 7.0            # nats by which an alternative may be dearer than the best
LOOKED_AT = 8           # readings, of which some may turn out alike, or not valid
COMPARED = 3            # of the valid ones, for the confidence; more where a model ranks them


class Outcome(Enum):
    """How a repair ended; the value is the message."""

    UNCHANGED = "the text is valid as it is"
    REPAIRED = "the text was repaired"
    REFUSED = "the text was not repaired"


@dataclass(frozen=True)
class Repair:
    """What became of a broken text.

    text: valid; None when refused. edits: against the text that was given, in order. cost: in nats, of all edits.
    confidence: the probability that value or tree is what was meant. alternatives: the next best, cheapest first. reason: of a
    refusal.
    """

    outcome: Outcome
    text: str | None
    edits: tuple[Edit, ...] = ()
    cost: float = 0.0
    confidence: float = 1.0
    alternatives: tuple[Reading, ...] = field(default=(), repr=False)
    reason: str = ""

    def unwrap(self) -> str:
        """Returns the text.

        Raises:
            InvalidResult: it was refused.
        """
        if self.text is None:
            raise InvalidResult(f"not repaired: {self.reason}", self)
        return self.text


@dataclass(frozen=True)
class Within:
    """What a repair may do. max_edits: at most so many. min_keep: at least this share of the text's characters stays.
    protected: spans [begin, end) that no edit may touch."""

    max_edits: int | None = None
    min_keep: float = 0.0
    protected: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if self.max_edits is not None and self.max_edits < 0:
            raise ConstraintError(f"max_edits must not be negative, got {self.max_edits}")
        if not 0 <= self.min_keep <= 1:
            raise ConstraintError(f"min_keep is a share, from 0 to 1, got {self.min_keep}")

    def allows(self, text: str, edits: Sequence[Edit]) -> bool:
        lost = sum(len(edit.old) for edit in edits if not edit.new)
        return (
            (self.max_edits is None or len(edits) <= self.max_edits)
            and lost <= (1 - self.min_keep) * len(text)
            and not any(edit.begin < end and begin < edit.end or edit.begin == edit.end and begin < edit.begin < end
                        for edit in edits for begin, end in self.protected))


ANY = Within()


def repair(text: str, wanted: Any = "json", *, within: Within = ANY, author: Author = LLM, alternatives: int = 2,
           model: Any = None) -> Repair:
    """Returns `text` as it is where it is valid, else with the least change that makes it valid, else why there is none.

    wanted: the name of a format ("json", "jsonl", "xml", "svg", "html", "toml", "yaml", or of a shipped grammar), a JSON Schema as a
    dict, a Pydantic class, or a constraint. author: who broke it. alternatives: how many further readings to give. model: what ranks the
    readings where the edits leave a choice: a denoiser, what `structdiff.load` takes, or "tiny"; None: the edits alone decide.

    Raises:
        ConstraintError: `wanted` is no such thing.
    """
    target = target_of(wanted)
    if (at := _surrogate(text)) is not None:
        return Repair(Outcome.REFUSED, None, cost=math.inf, confidence=0.0,
                      reason=f"character {at} is half of a surrogate pair, which no encoding can write; replace it")
    fault = target.fault(text)
    if fault is None:
        return Repair(Outcome.UNCHANGED, text)
    readings = valid_readings(target, text, author, within, LOOKED_AT if model is not None else max(COMPARED, 1 + alternatives))
    if not readings:
        limits = "" if within == ANY else " within the limits"
        return Repair(Outcome.REFUSED, None, cost=math.inf, confidence=0.0,
                      reason=f"it is not {target.name}: {fault}; no change that mends it was found{limits}")
    if model is not None and len(readings) > 1:
        readings = _proofread(model, target.key, text, readings)
    best = readings[0]
    return Repair(Outcome.REPAIRED, best.text, best.edits, best.cost, target.confidence(readings),
                  tuple(readings[1 : 1 + alternatives]))


def valid_readings(target: Target, text: str, author: Author, within: Within, most: int = LOOKED_AT) -> list[Reading]:
    """Returns up to `most` readings that are valid, each once, cheapest first."""
    found: dict[str, Reading] = {}
    near = None
    for reading in target.readings(text, LOOKED_AT, MARGIN, author):
        near = near or reading
        if reading.text not in found and within.allows(text, reading.edits) and target.fault(reading.text) is None:
            found[reading.text] = reading
            if len(found) == most:
                break
    if not found and (last := target.last_resort(text, near or Reading(text, (), 0.0))) is not None and within.allows(text, last.edits):
        found[last.text] = last
    return sorted(found.values(), key=lambda reading: reading.cost)


def _proofread(model: Any, format: str, text: str, readings: list[Reading]) -> list[Reading]:
    """Returns the readings as the model ranks them. It is loaded only where its word could count."""
    if len(Proofreader(model).contenders(readings)) < 2:
        return readings
    if not hasattr(model, "log_likelihood"):
        from structdiff.api import load

        model = load(None if model == "tiny" else model)
    return Proofreader(model).ranked(format, text, readings)


def _surrogate(text: str) -> int | None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def loads(text: str, *, partial: bool = False) -> Any:
    """Returns the JSON value of a text, repaired where it is broken.

    partial: the text has been cut off; returns only what can no longer change, None when there is nothing.

    Raises:
        InvalidResult: it cannot be repaired.
    """
    if partial:
        from structdiff.channel.partial import certain

        text = certain(text)
    return json.loads(repair(text, "json", alternatives=0).unwrap())
