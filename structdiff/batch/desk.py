"""Where rows are denoised: they enter a batch as seats become free, and leave it one by one, as records."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from structdiff.api import as_constraint, compiled, load
from structdiff.batch.job import BadRow, Job, Row, object_of, row_of
from structdiff.cli_output import as_json
from structdiff.constraint import Constraint
from structdiff.constraints.json_schema import JsonSchema
from structdiff.denoiser import Prompt
from structdiff.engine import Batch, Request, Settings
from structdiff.errors import ConstraintError
from structdiff.result import Result
from structdiff.schedule import Schedule

BAD_INPUT, FAILED = "BAD_INPUT", "FAILED"       # beside the names of `Status`

Record = tuple[int, str]                        # the number of a line, and the line that answers it


@dataclass(frozen=True)
class _Seated:
    row: Row
    request: Request


class Desk:
    """A row's record depends on the row and the job alone, not on what else is on the desk.

    Raises:
        DenoiserError: the model cannot be loaded.
        ConstraintError: no row could satisfy the job's constraint.
    """

    def __init__(self, job: Job):
        self._job, self._denoiser = job, load(job.model)
        self._constraint = as_constraint(job.constraint())
        if self._constraint is not None and self._constraint.key("a") == self._constraint.key("b"):    # the prompt is not part of it
            compiled(self._constraint, self._denoiser.vocab).require(job.max_tokens)
        own = self._denoiser.schedule
        self._schedule = own if job.steps is None else Schedule(job.steps, own.hot, own.cold)
        self._batch = Batch(self._denoiser)
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._seated: dict[int, _Seated] = {}

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._seated)

    def take(self, lines: Iterable[tuple[int, bytes]]) -> None:
        """Takes lines in: the number of each, and its text."""
        self._waiting.extend(lines)

    def step(self) -> list[Record]:
        """Takes every seated row one forward on; returns the records of the rows that came to their end."""
        records = self._seat()
        try:
            ended = self._batch.step()
        except Exception:                            # the denoiser's, which may be for one row's sake: each is tried alone
            seated, self._seated, self._batch = list(self._seated.values()), {}, Batch(self._denoiser)
            return records + [self._alone(one) for one in seated]
        return records + [_answer(self._seated.pop(ticket).row, result) for ticket, result in ended.items()]

    def _seat(self) -> list[Record]:
        """Fills the free seats; returns the records of the lines that cannot be seated."""
        refused: list[Record] = []
        entering: list[_Seated] = []
        while self._waiting and len(self._seated) + len(entering) < self._job.seats:
            line, text = self._waiting.popleft()
            try:
                row = row_of(line, text, self._job)
                entering.append(_Seated(row, self._request(row)))
            except (BadRow, ConstraintError) as error:
                refused.append(refusal(line, text, BAD_INPUT, str(error)))
            except Exception as error:
                refused.append(refusal(line, text, FAILED, _told(error)))
        for max_tokens, group in groupby(entering, lambda one: one.row.max_tokens):
            refused += self._enter(list(group), max_tokens)
        return refused

    def _enter(self, group: list[_Seated], max_tokens: int) -> list[Record]:
        try:
            tickets = self._batch.add([one.request for one in group], self._settings(max_tokens))
        except Exception:                            # one has a prompt that cannot be read: each is tried alone
            return [self._alone(one) for one in group]
        self._seated |= dict(zip(tickets, group))
        return []

    def _alone(self, one: _Seated) -> Record:
        batch = Batch(self._denoiser)
        try:
            ticket, = batch.add([one.request], self._settings(one.row.max_tokens))
            while not (ended := batch.step()):
                pass
            return _answer(one.row, ended[ticket])
        except Exception as error:
            return _answer(one.row, error)

    def _settings(self, max_tokens: int) -> Settings:
        return Settings(schedule=self._schedule, max_tokens=max_tokens)

    def _request(self, row: Row) -> Request:
        constraint = self._constraint_of(row)
        made = compiled(constraint, self._denoiser.vocab, row.prompt)
        made.require(row.max_tokens)
        return Request(Prompt(row.prompt, constraint.hint()), made, row.seed)

    def _constraint_of(self, row: Row) -> Constraint:
        if row.schema is not None:
            return JsonSchema(row.schema, self._job.grounded, self._job.compact)
        if self._constraint is None:
            raise BadRow("a row needs a 'schema' where there is no constraint for all of them")
        return self._constraint


def refusal(line: int, text: bytes, status: str, error: str) -> Record:
    """Returns the record of a line that was not denoised."""
    try:
        found = object_of(text).get("id")
    except BadRow:
        found = None
    known = isinstance(found, (str, int)) and not isinstance(found, bool)
    return _record(line, found if known else line, status, error=error)


def _answer(row: Row, result: Result | Exception) -> Record:
    if isinstance(result, Exception):
        return _record(row.line, row.id, FAILED, seed=row.seed, error=_told(result))
    if result.valid:
        return _record(row.line, row.id, result.status.name, text=result.text, value=result.value, seed=row.seed, forwards=result.forwards)
    broken = "".join(f"; at {one.pointer or '/'}: {one.message} ({one.rule})" for one in result.violations)
    return _record(row.line, row.id, result.status.name, seed=row.seed, forwards=result.forwards, error=result.status.value + broken)


def _record(line: int, id: str | int, status: str, text: str | None = None, value: Any = None, seed: int | None = None,
            forwards: int = 0, error: str | None = None) -> Record:
    return line, as_json({"id": id, "line": line, "status": status, "valid": error is None, "text": text, "value": value, "seed": seed,
                          "forwards": forwards, "error": error})


def _told(error: Exception) -> str:
    return f"unexpected {type(error).__name__}: {' '.join(str(error).split())}"
