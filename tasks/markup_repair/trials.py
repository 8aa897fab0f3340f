"""Broken documents given to a tool, and what came back, marked by the judge."""

from __future__ import annotations

import math
import random
import signal
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tasks.markup_repair.damage import Damaged, Undamageable, damage
from tasks.markup_repair.documents import Document, documents
from tasks.markup_repair.judges import nearly_same, same, text_kept, valid
from tasks.markup_repair.peers import Answer, Repairer

BINS = 15                               # of confidence, equally wide
RANKS = (1, 2, 4, 8)


@dataclass(frozen=True)
class Case:
    document: Document
    errors: int
    damaged: Damaged


@dataclass(frozen=True)
class Trial:
    """What a tool made of a case. near: right but for blanks in markup's text. rank: of the first right text, 0 for none."""

    case: Case
    answer: Answer
    seconds: float
    message: str                        # of what it raised, if it did
    exact: bool
    near: bool
    bytes: bool
    valid: bool
    kept: bool
    rank: int


@dataclass(frozen=True)
class Score:
    """Shares of the cases, and milliseconds. recall and calibration are only there where a tool says its confidence."""

    tool: str
    format: str
    cases: int
    exact: float
    exact_by_errors: dict[int, float]
    exact_by_kind: dict[str, tuple[float, int]]         # of the cases with one damage; and how many there are
    near: float
    bytes: float
    valid: float
    kept: float
    refused: float
    raised: dict[str, int]
    unchanged: float                    # valid documents that come back byte for byte
    median_ms: float
    p99_ms: float
    longest_ms: float
    recall: dict[int, float] | None
    confidence: float | None            # its mean
    calibration_error: float | None


def cases(format: str, split: str, count: int, errors: Sequence[int], seed: int, real: float) -> list[Case]:
    """Returns each of `count` documents with each number of damages; without those that have no place for so many."""
    made = []
    for number, document in enumerate(documents(format, split, count, seed, real)):
        for many in errors:
            try:
                damaged = damage(document.text, format, many, random.Random(f"{seed} {format} {split} {number} {many}"))
            except Undamageable:
                continue
            made.append(Case(document, many, damaged))
    return made


def trial(repair: Repairer, case: Case, limit: float) -> Trial:
    """Returns what the tool makes of the case, marked. limit: seconds; a tool that takes longer refuses, if it is Python."""
    format, truth = case.document.format, case.document.text
    answer, seconds, message = timed(repair, case.damaged.text, limit)
    text = answer.text
    rank = next((place for place, one in enumerate((text, *answer.alternatives), 1) if one is not None
                 and same(format, truth, one)), 0)
    return Trial(
        case, answer, seconds, message, exact=rank == 1, near=text is not None and nearly_same(format, truth, text),
        bytes=text == truth,
        valid=text is not None and valid(format, text),
        kept=text is not None and text_kept(format, case.damaged.source, text), rank=rank)


def timed(repair: Repairer, text: str, limit: float) -> tuple[Answer, float, str]:
    """Returns the answer, the seconds it took and the message of what it raised; a tool that raises refuses."""
    started = time.perf_counter()
    try:
        with _limited(limit):
            answer, message = repair(text), ""
    except Exception as error:          # any fault of a tool is a refusal, counted by its message
        answer, message = Answer(None), f"{type(error).__name__}: {str(error)[:100]}"
    return answer, time.perf_counter() - started, message


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"over {seconds} s")
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def unchanged(repair: Repairer, drawn: Sequence[Case], limit: float) -> float:
    """Returns the share of the whole documents that come back byte for byte."""
    whole = {case.document.text for case in drawn}
    return _share(timed(repair, text, limit)[0].text == text for text in sorted(whole))


def score(tool: str, format: str, trials: Sequence[Trial], kept_whole: float) -> Score:
    milliseconds = sorted(one.seconds * 1000 for one in trials)
    confident = [one for one in trials if one.answer.confidence is not None and one.answer.text is not None]
    messages = [one.message for one in trials if one.message]
    single = [one for one in trials if one.case.errors == 1]
    return Score(
        tool, format, len(trials), _share(one.exact for one in trials),
        {many: _share(one.exact for one in trials if one.case.errors == many)
         for many in sorted({one.case.errors for one in trials})},
        {kind: (_share(marks), len(marks)) for kind in sorted({one.case.damaged.kinds[0] for one in single})
         if (marks := [one.exact for one in single if one.case.damaged.kinds[0] == kind])},
        _share(one.near for one in trials), _share(one.bytes for one in trials), _share(one.valid for one in trials),
        _share(one.kept for one in trials), _share(one.answer.text is None for one in trials),
        {message: messages.count(message) for message in sorted(set(messages))}, kept_whole,
        statistics.median(milliseconds), milliseconds[math.ceil(0.99 * len(milliseconds)) - 1], milliseconds[-1],
        {most: _share(0 < one.rank <= most for one in trials) for most in RANKS} if confident else None,
        statistics.mean(one.answer.confidence for one in confident) if confident else None,
        calibration_error([(one.answer.confidence, one.exact) for one in confident]) if confident else None)


def calibration_error(marks: Sequence[tuple[float, bool]]) -> float:
    """Returns how far confidence is from the share that is right, on average over equally wide bins (arXiv 1706.04599, eq. 3)."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in marks:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    return sum(abs(sum(confidence - right for confidence, right in one)) for one in bins.values()) / len(marks)


def _share(marks: Any) -> float:
    listed = list(marks)
    return sum(listed) / len(listed) if listed else math.nan
