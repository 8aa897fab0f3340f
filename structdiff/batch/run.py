"""One run: the input, the output, and between them an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from structdiff.batch.job import Job
from structdiff.batch.processes import Processes
from structdiff.batch.sheet import Sheet
from structdiff.batch.source import Source
from structdiff.cli_input import UsageFault


class Engine(Protocol):
    def records(self, job: Job, source: Source, done: int) -> Iterator[str]:
        """Yields the record of each line after line `done`, in order."""
        ...


@dataclass(frozen=True)
class Summary:
    """lines: of the input. done: of these, how many are answered. valid: of these, how many VALID."""

    lines: int
    done: int
    valid: int


def run(job: Job, path: Path, out: Path, engine: Engine = Processes(), resume: bool = False,
        on_record: Callable[[Summary], None] | None = None) -> Summary:
    """Returns when every line of `path` has its answer in `out`, on the line with the same number.

    resume: go on with an `out` that is there; where there is none, begin. on_record: called at the start and after each line.

    Raises:
        UsageFault: the input cannot be read, or `out` cannot be written or gone on with.
        ConstraintError: the job's constraint is at fault, for whatever row.
        DenoiserError: the model cannot be loaded.
    """
    try:
        source = Source.of(path)
    except OSError as error:
        raise UsageFault(f"cannot read {path}: {error.strerror}; check the path") from None
    if out.resolve() == source.path:
        raise UsageFault(f"{path} is the input; name another file for the output")
    with closing(Sheet(out, {"input": source.digest, **job.stamp()}, resume)) as sheet:
        def told() -> Summary:
            summary = Summary(source.lines, sheet.done, sheet.tally["VALID"])
            if on_record is not None:
                on_record(summary)
            return summary

        summary = told()
        with closing(engine.records(job, source, sheet.done)) as records:
            for record in records:
                sheet.append(record)
                summary = told()
    return summary
