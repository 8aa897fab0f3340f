"""What is wanted of every row, and a row: what a line of the input says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from structdiff import __version__
from structdiff.api import MAX_TOKENS
from structdiff.constraint import Constraint
from structdiff.errors import ConstraintError

KEYS = ("id", "prompt", "seed", "max_tokens", "schema")
HASHED = 1 << 27        # bytes; of a larger file of weights its size and date stand for it


class BadRow(ValueError):
    """A line is not a row; the message says why."""


def unconstrained() -> None:
    """The constraint of a job whose rows bring their schemas."""


@dataclass(frozen=True)
class Job:
    """constraint: called once in every process; its result holds for rows without a schema of their own, and None is for no such row.

    seed: of the first line; that of line `n` is `seed + n - 1`, where it says nothing else. steps: forwards a block at most.
    grounded, compact: how schemas of rows are read. seats: rows that a process denoises together.
    """

    constraint: Callable[[], Constraint | None] = unconstrained
    model: str | None = None
    seed: int = 0
    steps: int | None = None
    max_tokens: int = MAX_TOKENS
    grounded: bool = False
    compact: bool = False
    seats: int = 32

    def __post_init__(self) -> None:
        for name, least in (("seed", 0), ("max_tokens", 1), ("seats", 1), ("steps", 1)):
            if (value := getattr(self, name)) is not None and value < least:
                raise ConstraintError(f"{name} must be at least {least}, got {value}")

    def stamp(self) -> dict[str, Any]:
        """Returns what the texts depend on, besides the input: two jobs with the same stamp write the same."""
        constraint = hashlib.sha256(json.dumps(_spelled(self.constraint())).encode()).hexdigest()
        return {"structdiff": __version__, "constraint": constraint, "model": _weights(self.model), "seed": self.seed, "steps": self.steps,
                "max_tokens": self.max_tokens, "grounded": self.grounded, "compact": self.compact}


def _spelled(value: Any) -> Any:
    """Returns a constraint as JSON, with what its `repr` hides; a class by its name."""
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(_spelled(getattr(value, field.name)) for field in fields(value))]
    return [_spelled(part) for part in value] if isinstance(value, tuple) else repr(value)


def _weights(model: str | None) -> str:
    from structdiff.models.diffusion_gemma import EMBEDDED

    folder = EMBEDDED if model is None else Path(model)
    if not folder.is_dir():
        return f"{model}"
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        facts = file.stat()
        content = file.read_bytes() if facts.st_size < HASHED else f"{facts.st_size} {facts.st_mtime_ns}".encode()
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


@dataclass(frozen=True)
class Row:
    """schema None: the job's constraint holds."""

    line: int
    id: str | int
    prompt: str
    seed: int
    max_tokens: int
    schema: dict[str, Any] | bool | None = None


def row_of(line: int, text: bytes, job: Job) -> Row:
    """Returns the row that a line is.

    Raises:
        BadRow: it is none.
    """
    found = object_of(text)
    for key in found:
        if key not in KEYS:
            raise BadRow(f"a row has no {key!r}; it may have {', '.join(KEYS)}")
    prompt, schema = found.get("prompt"), found.get("schema")
    if not isinstance(prompt, str) or not prompt.strip():
        raise BadRow("a row needs a 'prompt', a string that is not blank")
    if "id" in found and (not isinstance(found["id"], (str, int)) or isinstance(found["id"], bool)):
        raise BadRow("'id' is a string or an integer")
    if "schema" in found and not isinstance(schema, (dict, bool)):
        raise BadRow("'schema' is a JSON Schema: an object, true or false")
    return Row(line, found.get("id", line), prompt, _integer(found, "seed", job.seed + line - 1, 0),
               _integer(found, "max_tokens", job.max_tokens, 1), schema)


def object_of(text: bytes) -> dict[str, Any]:
    """Raises BadRow when the text is not a JSON object."""
    try:
        found = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise BadRow(f"not JSON: {error.msg} at column {error.colno}" if text.strip() else "an empty line") from None
    except (ValueError, RecursionError) as error:
        raise BadRow(f"not JSON that can be read: {error}") from None
    if not isinstance(found, dict):
        raise BadRow("not a JSON object; a row is such as {\"id\": \"a1\", \"prompt\": \"...\"}")
    return found


def _integer(found: dict[str, Any], key: str, default: int, least: int) -> int:
    value = found.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise BadRow(f"{key!r} is an integer of at least {least}")
    return value
