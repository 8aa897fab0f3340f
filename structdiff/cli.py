"""The command line: the result on stdout, everything else on stderr, and an exit code that says which it was."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, get_origin

import typer

from structdiff import dsl
from structdiff.errors import ConstraintError, StructdiffError

if TYPE_CHECKING:
    from rich.console import Console

    from structdiff.denoiser import Denoiser
    from structdiff.result import Result

VALID, FAILED, USAGE, NOT_VALID, INTERRUPTED = 0, 1, 2, 3, 130

EPILOG = """Exit codes: 0 valid; 1 the model, the trace file or the program failed; 2 wrong usage or a constraint that
cannot be met; 3 finished, but the text is not valid; 130 interrupted."""

SCHEMA_HELP = """The JSON the text must be, as the first of these that fits: '{...}' a JSON Schema;
'pkg.module:Class' or 'file.py:Class' a Pydantic class (or any type Pydantic validates); a file that exists, or ends in
.json; otherwise fields in words, 'name, age int: in years, bio' (separated by commas or newlines; types str, int,
float, bool; str when none is given)."""

app = typer.Typer(help="Text that is valid by construction, from diffusion language models.", epilog=EPILOG,
                  add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)


class UsageFault(Exception):
    """The command line is at fault."""


@dataclass(frozen=True)
class Limits:
    """What a run may take; None: the library's own limit."""

    seed: int = 0
    steps: int | None = None
    max_tokens: int | None = None


@dataclass(frozen=True)
class Output:
    """What of a result is shown, and where."""

    stream: bool = False
    as_json: bool = False
    trace: Path | None = None


Model = Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="The model; the one that ships with "
                                           "structdiff when not given.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same text.")]


def main() -> None:
    """Runs the command line and exits."""
    app()


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and exit.",
                                          callback=lambda wanted: _version() if wanted else None)] = False,
) -> None:
    pass


@app.command(epilog=EPILOG, short_help="Write text that satisfies a schema, a regex, a choice or a grammar.")
def generate(
    prompt: Annotated[str | None, typer.Argument(metavar="PROMPT|-", show_default=False,
                                                 help="What to write about; '-' or nothing reads stdin.")] = None,
    schema: Annotated[str | None, typer.Option("--schema", metavar="SCHEMA", help=SCHEMA_HELP)] = None,
    regex: Annotated[str | None, typer.Option("--regex", metavar="REGEX", help="The text matches this, whole.")] = None,
    choice: Annotated[list[str] | None, typer.Option("--choice", metavar="TEXT", help="The text is one of these; "
                                                     "repeat the option.")] = None,
    grammar: Annotated[str | None, typer.Option("--grammar", metavar="NAME|FILE", help="The text is of this grammar: a file "
                                                "in Lark's notation, GBNF or EBNF, or one that ships with structdiff, "
                                                "such as json, sql or python.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="RULE", help="With --grammar: the rule of a whole "
                                              "text.")] = None,
    grounded: Annotated[bool, typer.Option("--grounded/--no-grounded", help="With --schema: strings are "
                                           "copied from the prompt.")] = False,
    compact: Annotated[bool, typer.Option("--compact", help="With --schema: no whitespace between JSON "
                                          "tokens.")] = False,
    model: Model = None,
    seed: Seed = 0,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="The most denoising steps a canvas may "
                                              "take.")] = None,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", min=1, help="The longest text, in tokens.")] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Show the canvas on stderr as it refines; one plain line a "
                                         "forward where stderr is no terminal.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with status, valid, value, text, "
                                          "violations, forwards, seconds and seed, valid or not.")] = False,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE.html", help="Write every step to this "
                                               "page.")] = None,
) -> None:
    """Writes text that satisfies exactly one of --schema, --regex, --choice and --grammar.

    The text goes to stdout, and nothing does when it is not valid.
    """
    with _reported():
        constraint = _constraint(schema, regex, choice, grammar, start, grounded, compact)
        _run(_prompt(prompt), constraint, model, Limits(seed, steps, max_tokens), Output(stream, as_json, trace))


@app.command("check-schema", epilog=EPILOG, short_help="Print what of a schema is enforced, and how.")
def check_schema(
    source: Annotated[str, typer.Argument(metavar="FILE|-|'{json}'", help="The schema; '-' reads stdin. Also all that "
                                          "`generate --schema` takes.")],
    model: Model = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Prints what of a schema is enforced and how, what is refused, and the shortest completion.

    Exits with 2 when something is refused, or when nothing satisfies the schema.
    """
    with _reported():
        found = _parsed(_stdin(), "stdin") if source == "-" else _schema(source)
        import structdiff
        explained = asdict(structdiff.explain(_json_schema(found), structdiff.load(model).vocab))
        _print(_json(explained) if as_json else _report(explained))
        if explained["refused"]:
            refused = ", ".join(explained["refused"])
            raise ConstraintError(f"parts of the schema are not enforced, so it is refused: {refused}")


@app.command(short_help="Read an invoice out of an e-mail, canvas by canvas.")
def demo(model: Model = None, seed: Seed = 0) -> None:
    """Reads the facts of an invoice out of an e-mail, canvas by canvas."""
    with _reported():
        from structdiff.demo import EMAIL, Invoice
        _print(EMAIL)
        result = _generated(EMAIL, Invoice, _denoiser(model), Limits(seed), stream=True)
        if result.valid:
            _print(_json(result.value, indent=2))
            _print(f"valid, {result.forwards} forwards, {result.seconds:.2f} seconds")
        _finish(result)


def _run(prompt: str, constraint: object, model: str | None, limits: Limits, output: Output) -> None:
    from structdiff import trace
    if output.trace:
        trace.require_writable(output.trace)
    denoiser = _denoiser(model)
    result = _generated(prompt, constraint, denoiser, limits, output.stream)
    if output.as_json:
        _print(_json(_record(result, limits.seed)))
    elif result.valid:
        _print(result.text)
    if output.trace:
        trace.write(output.trace, result, denoiser.vocab, prompt)
    _finish(result)


def _denoiser(model: str | None) -> Denoiser:
    import structdiff
    return structdiff.load(model)


def _generated(prompt: str, constraint: object, denoiser: Denoiser, limits: Limits, stream: bool) -> Result:
    import structdiff
    from structdiff import live
    from structdiff.api import MAX_TOKENS
    with live.watch(denoiser.vocab, stream, _console()) as on_step:
        return structdiff.generate(prompt, constraint, model=denoiser, seed=limits.seed, steps=limits.steps,
                                   max_tokens=limits.max_tokens or MAX_TOKENS, on_step=on_step)


def _finish(result: Result) -> None:
    """Returns for a valid result; for another says on stderr what is wrong and exits."""
    if result.valid:
        return
    _say(f"not valid ({result.status.name}): {result.status.value}")
    for violation in result.violations:
        _say(f"  at {violation.pointer or '/'}: {violation.message} ({violation.rule})")
    raise typer.Exit(NOT_VALID)


# The constraint and the prompt

def _constraint(schema: str | None, regex: str | None, choice: list[str] | None, grammar: str | None, start: str | None,
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
        return _schema_constraint(_schema(schema), grounded, compact)
    import structdiff
    if grammar is not None:
        return structdiff.Grammar(grammar, start or "")
    return structdiff.Regex(regex) if regex is not None else structdiff.Choice(tuple(choice or ()))


def _schema_constraint(found: Any, grounded: bool, compact: bool) -> Any:
    import structdiff
    schema = structdiff.JsonSchema(_json_schema(found), grounded=grounded, compact=compact)
    return schema if isinstance(found, (dict, bool)) else schema & structdiff.Validated(found)


def _json_schema(found: Any) -> dict | bool:
    if isinstance(found, (dict, bool)):
        return found
    from structdiff.constraints.pydantic_model import schema_of
    return schema_of(found)


def _schema(source: str) -> Any:
    """Returns the JSON Schema, or the Python type, that `source` names; see SCHEMA_HELP for the order."""
    if source.lstrip().startswith("{"):
        return _parsed(source, "--schema")
    if match := re.fullmatch(r"(.+\.py|[A-Za-z_][\w.]*):([A-Za-z_][\w.]*)", source):
        return _type(*match.groups())
    if source.endswith(".json") or _is_file(source):
        return _parsed(_read(source), source)
    return dsl.schema(source)


def _is_file(source: str) -> bool:
    try:
        return Path(source).is_file()
    except (OSError, ValueError):           # a text too long, or with a zero byte, is no path
        return False


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageFault(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageFault(f"cannot read the schema {path}: {reason}; check the path") from error


def _parsed(text: str, where: str) -> dict | bool:
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


def _prompt(argument: str | None) -> str:
    if argument is None and sys.stdin.isatty():
        raise UsageFault("no prompt; give it as an argument, or pipe it in")
    prompt = _stdin().rstrip("\r\n") if argument in (None, "-") else argument
    if not prompt.strip():
        raise UsageFault("the prompt is empty; say what to write about")
    return prompt


def _stdin() -> str:
    try:
        return typer.get_binary_stream("stdin").read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageFault(f"stdin: not UTF-8 at byte {error.start}; convert it to UTF-8") from error


# What is shown

def _record(result: Result, seed: int) -> dict:
    return {"status": result.status.name, "valid": result.valid, "value": result.value, "text": result.text,
            "violations": [asdict(violation) for violation in result.violations], "forwards": result.forwards,
            "seconds": round(result.seconds, 3), "seed": seed}


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    """What stands in JSON for a value that JSON has no word for."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return asdict(value)
    return list(value) if isinstance(value, (set, frozenset)) else str(value)


def _report(explained: dict) -> str:
    sections = (("enforced as the text is written (automaton)", "automaton"),
                ("checked on the whole text (checkers)", "checkers"), ("refused", "refused"), ("says nothing", "ignored"),
                ("canonical form", "canonical"))
    lines = [line for title, key in sections for line in (f"{title}:", *_listed(explained[key]))]
    shortest = explained["shortest"]
    return "\n".join([*lines, f"shortest completion: {'none' if shortest is None else f'{shortest} tokens'}"])


def _listed(entries: tuple[str, ...]) -> list[str]:
    return [f"  {entry}" for entry in entries] or ["  nothing"]


def _print(text: str) -> None:
    """Prints data: UTF-8 whatever the locale; a lone surrogate as the JSON escape it came from."""
    typer.echo(text.encode("utf-8", "backslashreplace"))


def _say(message: str) -> None:
    """Prints a message on stderr, with nothing in it that could steer a terminal."""
    from structdiff.live import legible
    typer.echo("\n".join(map(legible, message.split("\n"))), err=True)


def _console() -> Console:
    from rich.console import Console
    return Console(file=sys.stderr, highlight=False)


def _version() -> NoReturn:
    from importlib.metadata import PackageNotFoundError, version
    try:
        typer.echo(f"structdiff {version('structdiff')}")
    except PackageNotFoundError:
        typer.echo("structdiff (not installed)")
    raise typer.Exit


# Exit codes

@contextmanager
def _reported() -> Iterator[None]:
    """Turns what is raised inside into one sentence on stderr and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        _quit("interrupted", INTERRUPTED)
    except (ConstraintError, UsageFault) as error:
        _quit(str(error), USAGE)
    except StructdiffError as error:
        _quit(str(error), FAILED)
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise                                        # a closed pipe ends the command quietly, as typer does it
    except Exception as error:
        _quit(_unexpected(error), FAILED)


def _quit(message: str, code: int) -> NoReturn:
    _say(f"structdiff: {message}")
    raise typer.Exit(code)


def _unexpected(error: Exception) -> str:
    if os.environ.get("STRUCTDIFF_DEBUG"):
        return "".join(traceback.format_exception(error))
    said = " ".join(str(error).split())
    return (f"unexpected {type(error).__name__}: {said}; this is a fault of structdiff or of a class it was given: set "
            "STRUCTDIFF_DEBUG=1 to see where")


if __name__ == "__main__":
    main()
