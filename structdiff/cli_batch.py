"""`structdiff batch`: a file of prompts in, a file of answers out; how far it is on stderr."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from structdiff import cli_input, cli_output
from structdiff.cli_input import UsageFault

if TYPE_CHECKING:
    from structdiff.batch import Engine, Summary
    from structdiff.constraint import Constraint


def add(app: typer.Typer) -> None:
    """Gives `app` the command."""
    app.command(epilog="Exit codes: 0 every line is valid; 1 the model or the run failed; 2 wrong usage or a constraint that cannot be met; "
                "3 finished, but some lines are not valid; 130 interrupted.", short_help="Answer a file of prompts.")(batch)


def batch(
    prompts: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="A JSON object a line: prompt; where wanted id, seed, max_tokens and "
                                            "schema, a JSON Schema.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT.jsonl", help="For the answers: line n is the answer to line n.")],
    schema: Annotated[str | None, typer.Option("--schema", metavar="SCHEMA", help="As for `generate`, for rows that have none.")] = None,
    regex: Annotated[str | None, typer.Option("--regex", metavar="REGEX", help="The text matches this, whole.")] = None,
    choice: Annotated[list[str] | None, typer.Option("--choice", metavar="TEXT", help="The text is one of these; repeat the option.")] = None,
    grammar: Annotated[str | None, typer.Option("--grammar", metavar="NAME|FILE", help="The text is of this grammar.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="RULE", help="With --grammar: the rule of a whole text.")] = None,
    grounded: Annotated[bool, typer.Option("--grounded/--no-grounded", help="For schemas: strings are copied from the prompt.")] = False,
    compact: Annotated[bool, typer.Option("--compact", help="For schemas: no whitespace between JSON tokens.")] = False,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="The model; the one that ships with structdiff when not "
                                              "given.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the first line; each line's is one more, where it says no other.")] = 0,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="The most denoising steps a canvas may take.")] = None,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", min=1, help="The longest text, in tokens.")] = None,
    seats: Annotated[int, typer.Option("--seats", min=1, max=1024, help="Rows that a process denoises together.")] = 32,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes, each with its own model; by default one a core, or one "
                                                "where there is a GPU. With --ray: actors, by default one a GPU, or a core.")] = None,
    ray: Annotated[str | None, typer.Option("--ray", metavar="ADDRESS", help="Run on this Ray cluster, or on one started here by 'local'; "
                                            "IN and OUT must be on a file system that all its nodes share.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run was cut short; begin, where there is none.")] = False,
) -> None:
    """Answers every line of a file; a line that is no row, or whose text is not valid, is answered with its error.

    Killed at any moment, it goes on with --resume: no line is lost, and none is there twice.
    """
    with cli_output.reported(), _ended_by_sigterm():
        from structdiff.api import MAX_TOKENS
        from structdiff.batch import Job, run

        constraint = _constraint(schema, regex, choice, grammar, start, grounded, compact)
        job = Job(constraint, model, seed, steps, max_tokens or MAX_TOKENS, grounded, compact, seats)
        with _bar(shown=ray is None and sys.stderr.isatty()) as on_record:              # Ray has a bar of its own
            summary = run(job, prompts, out, _engine(workers, ray, out), resume, on_record)
        cli_output.say(f"{summary.lines} lines, {summary.valid} valid: {out}")
        if summary.valid < summary.lines:
            raise typer.Exit(cli_output.NOT_VALID)


def _constraint(schema: str | None, regex: str | None, choice: list[str] | None, grammar: str | None, start: str | None, grounded: bool,
                compact: bool) -> Callable[[], Constraint | None]:
    """Returns what makes the constraint in any process: the value itself, but a class, which is found there by its name."""
    if not choice and (schema, regex, grammar, start) == (None, None, None, None):
        return partial(_itself, None)
    made = cli_input.constraint_of(schema, regex, choice, grammar, start, grounded, compact)
    if schema is None or isinstance(cli_input.schema_from(schema), (dict, bool)):
        return partial(_itself, made)
    file, _, name = schema.rpartition(":")
    place = f"{Path(file).resolve()}:{name}" if file.endswith(".py") else schema
    return partial(cli_input.constraint_of, place, None, None, None, None, grounded, compact)


def _itself(value: Constraint | None) -> Constraint | None:
    return value


def _engine(workers: int | None, ray: str | None, out: Path) -> Engine:
    from structdiff.batch import Processes

    if ray is None:
        return Processes(workers or _cores())
    try:
        from structdiff.integrations.ray import OnRay
    except ImportError as error:
        raise UsageFault(f"--ray needs {error.name}; pip install 'structdiff[ray]'") from None
    return OnRay(out.with_name(out.name + ".parts").resolve(), ray, workers)


def _cores() -> int:
    import torch

    return 1 if torch.cuda.is_available() else len(os.sched_getaffinity(0))


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Inside, a request to end is what an interrupt from the keyboard is: what is written is whole."""
    def end(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        cli_output.say("what is answered is kept; go on with --resume")
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _bar(shown: bool) -> Iterator[Callable[[Summary], None] | None]:
    """A progress bar on stderr."""
    if not shown:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=cli_output.console(), redirect_stdout=False) as progress:
        lines = progress.add_task("", total=None, said="")

        def on_record(now: Summary) -> None:
            progress.update(lines, total=now.lines, completed=now.done, said=f"{now.done - now.valid} not valid")

        yield on_record
