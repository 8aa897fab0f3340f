"""What the commands have in common: how data and messages are printed, and what is raised becomes one sentence and an exit code."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from structdiff.cli_input import UsageFault
from structdiff.errors import ConstraintError, StructdiffError

if TYPE_CHECKING:
    from rich.console import Console

VALID, FAILED, USAGE, NOT_VALID, INTERRUPTED = 0, 1, 2, 3, 130


def as_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    """What stands in JSON for a value that JSON has no word for."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return asdict(value)
    return list(value) if isinstance(value, (set, frozenset)) else str(value)


def show(text: str) -> None:
    """Prints data: UTF-8 whatever the locale; a lone surrogate as the JSON escape it came from."""
    typer.echo(text.encode("utf-8", "backslashreplace"))


def say(message: str) -> None:
    """Prints a message on stderr, with nothing in it that could steer a terminal."""
    from structdiff.live import legible

    typer.echo("\n".join(map(legible, message.split("\n"))), err=True)


def console() -> Console:
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False)


@contextmanager
def reported() -> Iterator[None]:
    """Turns what is raised inside into one sentence on stderr and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        quit("interrupted", INTERRUPTED)
    except (ConstraintError, UsageFault) as error:
        quit(str(error), USAGE)
    except StructdiffError as error:
        quit(str(error), FAILED)
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise                                        # a closed pipe ends the command quietly, as typer does it
    except Exception as error:
        quit(_unexpected(error), FAILED)


def quit(message: str, code: int) -> NoReturn:
    say(f"structdiff: {message}")
    raise typer.Exit(code)


def _unexpected(error: Exception) -> str:
    if os.environ.get("STRUCTDIFF_DEBUG"):
        return "".join(traceback.format_exception(error))
    said = " ".join(str(error).split())
    return (f"unexpected {type(error).__name__}: {said}; this is a fault of structdiff or of a class it was given: set "
            "STRUCTDIFF_DEBUG=1 to see where")
