"""What the command line is given: schemas, types, grammars, prompts and files, as values."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_origin

import typer

from structdiff import dsl


LONGEST_PATH = 1000     # characters of what may name a file


class UsageFault(Exception):
    """The command line is at fault."""


def constraint_of(schema: str | None, regex: str | None, choice: list[str] | None, grammar: str | None, start: str | None,
                  grounded: bool, compact: bool) -> Any:
    given = [name for name, value in (("--schema", schema), ("--regex", regex), ("--choice", choice), ("--grammar", grammar))
             if value not in (None, [])]
    if len(given) != 1:
        raise UsageFault(f"{' and '.join(given) or 'no constraint'} given; give exactly one of --schema, --regex, --choice "
                         "and --grammar")
    if (grounded or compact) and schema is None:
        raise UsageFault(f"--{'grounded' if grounded else 'compact'} is only for --schema; drop it with {given[0]}")
    if start is not None and grammar is None:
        raise UsageFault(f"--start is only for --grammar; drop it with {given[0]}")
    if schema is not None:
        return _schema_constraint(schema_from(schema), grounded, compact)
    import structdiff
    if grammar is not None:
        return structdiff.Grammar(grammar, start or "")
    return structdiff.Regex(regex) if regex is not None else structdiff.Choice(tuple(choice or ()))


def _schema_constraint(found: Any, grounded: bool, compact: bool) -> Any:
    import structdiff
    schema = structdiff.JsonSchema(json_schema(found), grounded=grounded, compact=compact)
    return schema if isinstance(found, (dict, bool)) else schema & structdiff.Validated(found)


def json_schema(found: Any) -> dict | bool:
    if isinstance(found, (dict, bool)):
        return found
    from structdiff.constraints.pydantic_model import schema_of
    return schema_of(found)


def schema_from(source: str) -> Any:
    """Returns the JSON Schema, or the Python type, that `source` names; see SCHEMA_HELP for the order."""
    if source.lstrip().startswith("{"):
        return parsed_schema(source, "--schema")
    if match := re.fullmatch(r"(.+\.py|[A-Za-z_][\w.]*):([A-Za-z_][\w.]*)", source):
        return _type(*match.groups())
    if source.endswith(".json") or _is_file(source):
        return parsed_schema(read_file(source), source)
    return dsl.schema(source)


def _is_file(source: str) -> bool:
    try:
        return Path(source).is_file()
    except (OSError, ValueError):           # a text too long, or with a zero byte, is no path
        return False


def read_file(path: str) -> str:
    """Returns the text of a schema's file, without a byte order mark."""
    return _decoded(_bytes(path, "the schema "), path).removeprefix("\ufeff")


def read_text(path: str) -> str:
    """Returns the text of a file, or of stdin for '-', with every byte as it is there."""
    if path == "-":
        return _decoded(typer.get_binary_stream("stdin").read(), "stdin")
    return _decoded(_bytes(path, ""), path)


def lines_of(text: str) -> Iterator[str]:
    """Yields the lines of stdin for '-', as they come; of a file of that name, where there is one; else of the text itself.

    What is not UTF-8 is shown as such: it is for whoever reads the line to refuse it.
    """
    if text == "-":
        yield from (line.decode(errors="replace") for line in typer.get_binary_stream("stdin"))
    elif len(text) < LONGEST_PATH and "\n" not in text and "\0" not in text and Path(text).is_file():
        yield from read_text(text).splitlines(keepends=True)
    else:
        yield from text.splitlines(keepends=True)


def _bytes(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageFault(f"cannot read {what}{path}: {reason}; check the path") from error


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UsageFault(f"{where}: not UTF-8 at byte {error.start}; save it as UTF-8") from error


def parsed_schema(text: str, where: str) -> dict | bool:
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageFault(f"{where}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise UsageFault(f"{where}: not JSON that can be read: {error}") from error
    if not isinstance(schema, (dict, bool)):
        raise UsageFault(f"{where}: a schema is a JSON object (or true, or false) and this is not; "
                         "write for example {\"type\": \"object\"}")
    return schema


def _type(module: str, name: str) -> Any:
    """A function is refused although Pydantic could validate its arguments: it would be called with them."""
    found: Any = _module(module)
    for part in name.split("."):
        if not hasattr(found, part):
            raise UsageFault(f"{module} has no {name}; check the name after the ':'")
        found = getattr(found, part)
    if not (isinstance(found, type) or get_origin(found)):
        raise UsageFault(f"{module}:{name} is not a class, so it has no schema; name a class, such as a "
                         "pydantic.BaseModel")
    return found


def _module(name: str) -> object:
    try:
        return _loaded_file(Path(name)) if name.endswith(".py") else _imported(name)
    except (Exception, SystemExit) as error:        # a user's module may raise anything
        hint = "check the name" if isinstance(error, (ModuleNotFoundError, FileNotFoundError)) else "mend the module"
        raise UsageFault(f"cannot import {name}: {error or type(error).__name__}; {hint} (fields in words need a space "
                         "after the ':')") from error


def _imported(name: str) -> object:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    return importlib.import_module(name)


def _loaded_file(path: Path) -> object:
    """The module is registered before it runs, for Pydantic looks up annotations by module name."""
    if not path.is_file():
        raise FileNotFoundError("there is no such file")
    sys.path.insert(0, str(path.resolve().parent))
    spec = importlib.util.spec_from_file_location(f"structdiff_schema_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def prompt_from(argument: str | None) -> str:
    if argument is None and sys.stdin.isatty():
        raise UsageFault("no prompt; give it as an argument, or pipe it in")
    prompt = read_stdin().rstrip("\r\n") if argument in (None, "-") else argument
    if not prompt.strip():
        raise UsageFault("the prompt is empty; say what to write about")
    return prompt


def read_stdin() -> str:
    return read_text("-").removeprefix("\ufeff")
