"""What becomes of a job, told as it happens, whoever did it: drafts, text that stays, and how each answer ended."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from structdiff.puzzle.solver import Ending
from structdiff.repairs import Repair
from structdiff.result import Result, Status, Step
from structdiff.server.scheduler import Committed, Ended, Stepped
from structdiff.server.tasks import Solve, Solved
from structdiff.vocab import Vocab


@dataclass(frozen=True)
class Drafted:
    """A canvas or a board that is not settled. shown: it, as data."""

    index: int
    shown: dict[str, Any]


@dataclass(frozen=True)
class Written:
    """text: what comes next; it is never taken back."""

    index: int
    text: str


@dataclass(frozen=True)
class Answer:
    """The end of one answer. more: what else is told of it. refusal: why there is no text."""

    index: int
    result: Result
    more: Mapping[str, Any] = field(default_factory=dict)
    refusal: str | None = None

    @property
    def told(self) -> dict[str, Any]:
        """What the API has no words for."""
        result = self.result
        violations = [{"pointer": one.pointer, "rule": one.rule, "message": one.message} for one in result.violations]
        return {"forwards": result.forwards, "renoised": sum(len(step.renoised) for step in result.steps), "valid": result.valid,
                "status": result.status.name, "violations": violations, **({} if result.valid else {"message": result.status.value}), **self.more}


Telling = Drafted | Written | Answer


@dataclass
class Teller:
    """Turns what the scheduler tells of a work into what its clients are told.

    stop: texts before which an answer ends, though the model would go on; then no more is told of it, and it is among `cut`.
    """

    vocab: Vocab
    stop: tuple[str, ...] = ()
    cut: set[int] = field(default_factory=set)
    _sent: dict[int, int] = field(default_factory=dict)
    _forwards: dict[int, int] = field(default_factory=dict)

    def told(self, event: Stepped | Committed | Ended) -> Iterator[Telling]:
        if event.index in self.cut:
            return
        match event:
            case Stepped(index, step):
                self._forwards[index] = self._forwards.get(index, 0) + 1
                yield Drafted(index, self._canvas(index, step))
            case Committed(index, data):
                yield from self._text(index, getincrementaldecoder("utf-8")("replace").decode(data))
            case Ended(index, result):
                yield from self._rest(index, result)

    def _text(self, index: int, whole: str) -> Iterator[Telling]:
        """A character of several bytes comes whole, and what may be the begin of a stop is held back."""
        at = self._stops_at(whole)
        if at is not None:
            self.cut.add(index)
            yield from self._new(index, whole[:at])
            yield Answer(index, Result(Status.VALID, whole[:at], (), whole[:at], forwards=self._forwards.get(index, 0)))
            return
        yield from self._new(index, whole[: len(whole) - self._held(whole)])

    def _rest(self, index: int, result: Result) -> Iterator[Telling]:
        yield from self._new(index, result.text)
        yield Answer(index, result)

    def _new(self, index: int, text: str) -> Iterator[Written]:
        begin = self._sent.get(index, 0)
        if len(text) > begin:
            self._sent[index] = len(text)
            yield Written(index, text[begin:])

    def _stops_at(self, text: str) -> int | None:
        return min((text.find(stop) for stop in self.stop if stop in text), default=None)

    def _held(self, text: str) -> int:
        """Returns how many characters at the end of the text may be the begin of a stop."""
        return max((long for stop in self.stop for long in range(1, len(stop)) if text.endswith(stop[:long])), default=0)

    def _canvas(self, index: int, step: Step) -> dict[str, Any]:
        ends, tokens = set(self.vocab.end_tokens), []
        for token in step.proposal:
            if token in ends:
                break
            tokens.append((self.vocab.tokens[token] or b"").decode(errors="replace"))
        return {"type": "canvas", "index": index, "block": step.block, "forward": self._forwards[index], "level": round(step.level, 4),
                "tokens": tokens + [""] * (len(step.proposal) - len(tokens)), "kept": step.kept, "pinned": step.pinned,
                "entropy": [round(nats, 3) for nats in step.entropy], "renoised": {str(at): rule for at, rule in step.renoised.items()}}


def of_repair(repair: Repair) -> Iterator[Telling]:
    """Tells of a repair what a stream of it would."""
    if repair.text is None:
        yield Answer(0, Result(Status.UNRESOLVED, "", ()), {"message": repair.reason}, repair.reason)
        return
    edits = [{"start": edit.begin, "end": edit.end, "deleted": edit.old, "inserted": edit.new} for edit in repair.edits]
    yield Written(0, repair.text)
    yield Answer(0, Result(Status.VALID, repair.text, (), repair.text), {"edits": edits, "confidence": round(repair.confidence, 4)})


def of_puzzle(solved: Solved, asked: Solve) -> Iterator[Telling]:
    """Tells of a puzzle what a stream of it would. It has a solution, or none was found."""
    for step, board in zip(solved.steps, solved.boards):
        cells = {cell: value if kept else None for cell, value, kept in zip(solved.cells, step.values, step.kept)}
        yield Drafted(0, {"type": "board", "forward": step.forward, "cells": cells, "given": solved.givens, "culprits": dict(step.broken),
                          "text": board})
    solution, in_a_row = solved.solution, "\n" not in asked.text.strip()
    more = {"cells": solution.values, "unique": solution.unique, "nodes": solution.nodes}
    if solution.status is not Ending.VALID:
        yield Answer(0, Result(Status.UNRESOLVED, "", ()), {**more, "message": solution.reason})
        return
    text = solved.row if in_a_row else solution.text
    yield Written(0, text)
    yield Answer(0, Result(Status.VALID, text, (), solution.values, forwards=len(solved.steps)), more)
