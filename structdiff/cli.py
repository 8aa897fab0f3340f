"""The command line: the result on stdout, everything else on stderr, and an exit code that says which it was."""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from structdiff import cli_batch, cli_doctor, cli_input, cli_output, cli_serve, cli_solve, cli_train
from structdiff.cli_input import UsageFault
from structdiff.errors import ConstraintError

if TYPE_CHECKING:
    from structdiff.denoiser import Denoiser
    from structdiff.result import Result


EPILOG = """Exit codes: 0 valid; 1 the model, the trace file or the program failed; 2 wrong usage or a constraint that
cannot be met; 3 finished, but the text is not valid; 130 interrupted."""

SCHEMA_HELP = """The JSON the text must be, as the first of these that fits: '{...}' a JSON Schema;
'pkg.module:Class' or 'file.py:Class' a Pydantic class (or any type Pydantic validates); a file that exists, or ends in
.json; otherwise fields in words, 'name, age int: in years, bio' (separated by commas or newlines; types str, int,
float, bool; str when none is given)."""

app = typer.Typer(help="Text that is valid by construction, from diffusion language models.", epilog=EPILOG,
                  add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)


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
Grammar = Annotated[str | None, typer.Option("--grammar", metavar="NAME|FILE", help="The text is of this grammar: a file in "
                                             "Lark's notation, GBNF or EBNF, or one that ships with structdiff, such as "
                                             "json, sql or python.")]
Start = Annotated[str | None, typer.Option("--start", metavar="RULE", help="With --grammar: the rule of a whole text.")]
Steps = Annotated[int | None, typer.Option("--steps", min=1, help="The most denoising steps a canvas may take.")]
Stream = Annotated[bool, typer.Option("--stream", help="Show the canvas on stderr as it refines; one plain line a forward "
                                      "where stderr is no terminal.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object with status, valid, value, text, violations, "
                                      "forwards, seconds and seed, valid or not.")]
InPlace = Annotated[bool, typer.Option("--in-place", help="Write the file anew instead of printing it.")]
HoleTokens = Annotated[int, typer.Option("--max-tokens", min=1, help="How many tokens the holes may take, all together, over "
                                         "the fewest.")]
ANYTHING = "(?s:.)+"       # in a hole, unless more is said
ROOM = 128                 # tokens


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
    grammar: Grammar = None,
    start: Start = None,
    grounded: Annotated[bool, typer.Option("--grounded/--no-grounded", help="With --schema: strings are "
                                           "copied from the prompt.")] = False,
    compact: Annotated[bool, typer.Option("--compact", help="With --schema: no whitespace between JSON "
                                          "tokens.")] = False,
    model: Model = None,
    seed: Seed = 0,
    steps: Steps = None,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", min=1, help="The longest text, in tokens.")] = None,
    stream: Stream = False,
    as_json: AsJson = False,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE.html", help="Write every step to this "
                                               "page.")] = None,
) -> None:
    """Writes text that satisfies exactly one of --schema, --regex, --choice and --grammar.

    The text goes to stdout, and nothing does when it is not valid.
    """
    with cli_output.reported():
        constraint = cli_input.constraint_of(schema, regex, choice, grammar, start, grounded, compact)
        _run(cli_input.prompt_from(prompt), constraint, model, Limits(seed, steps, max_tokens), Output(stream, as_json, trace))


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
    with cli_output.reported():
        found = cli_input.parsed_schema(cli_input.read_stdin(), "stdin") if source == "-" else cli_input.schema_from(source)
        import structdiff
        explained = asdict(structdiff.explain(cli_input.json_schema(found), structdiff.load(model).vocab))
        cli_output.show(cli_output.as_json(explained) if as_json else _report(explained))
        if explained["refused"]:
            refused = ", ".join(explained["refused"])
            raise ConstraintError(f"parts of the schema are not enforced, so it is refused: {refused}")


@app.command(epilog=EPILOG, short_help="Fill the holes of a file.")
def infill(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A text with holes; '-' reads stdin.")],
    mark: Annotated[str, typer.Option("--mark", metavar="TEXT", help="What stands for a hole.")] = "<|hole|>",
    regex: Annotated[str, typer.Option("--regex", metavar="REGEX", help="What fills a hole matches this.")] = ANYTHING,
    grammar: Grammar = None,
    start: Start = None,
    model: Model = None,
    seed: Seed = 0,
    steps: Steps = None,
    max_tokens: HoleTokens = ROOM,
    stream: Stream = False,
    as_json: AsJson = False,
    in_place: InPlace = False,
) -> None:
    """Fills each hole of a text with what fits on both sides of it; the rest stays as it is, byte for byte.

    The whole text goes to stdout, and nothing does when it is not valid.
    """
    with cli_output.reported():
        text = cli_input.read_text(file)
        fixed = text.split(mark) if mark else [text]
        if len(fixed) == 1:
            raise UsageFault(f"{file}: there is no {mark!r} in it; put it where something is missing, or name another --mark")
        _rewrite(file, fixed, f"Fill the holes marked {mark}.\n{text}", regex, grammar, start,
                 model, Limits(seed, steps, max_tokens), Output(stream, as_json), in_place)


@app.command(epilog=EPILOG, short_help="Write a part of a file anew.")
def edit(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The text; '-' reads stdin.")],
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="What to write there.")],
    span: Annotated[str, typer.Option("--span", metavar="BEGIN:END", help="The characters to write anew, counted from 0, "
                                      "END not among them.")],
    regex: Annotated[str, typer.Option("--regex", metavar="REGEX", help="What is written matches this.")] = ANYTHING,
    grammar: Grammar = None,
    start: Start = None,
    model: Model = None,
    seed: Seed = 0,
    steps: Steps = None,
    max_tokens: HoleTokens = ROOM,
    stream: Stream = False,
    as_json: AsJson = False,
    in_place: InPlace = False,
) -> None:
    """Writes a span of a text anew; the rest stays as it is, byte for byte.

    The whole text goes to stdout, and nothing does when it is not valid.
    """
    with cli_output.reported():
        text = cli_input.read_text(file)
        begin, end = _span(span, len(text))
        _rewrite(file, [text[:begin], text[end:]], f"{prompt}\n{text}", regex, grammar, start,
                 model, Limits(seed, steps, max_tokens), Output(stream, as_json), in_place)


@app.command(epilog="Exit codes: 0 the text is valid as it is; 1 repaired; 2 refused, or wrong usage.",
             short_help="Make a broken text valid with the least change.")
def repair(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The text; '-' or nothing reads stdin.")] = "-",
    format: Annotated[str | None, typer.Option("--format", metavar="NAME", help="json, jsonl, xml, svg, html, toml, yaml, or another that "
                                               "ships with structdiff. By default what the file's name, or its beginning, says.")] = None,
    schema: Annotated[str | None, typer.Option("--schema", metavar="SCHEMA", help=SCHEMA_HELP)] = None,
    grammar: Grammar = None,
    start: Start = None,
    policy: Annotated[str, typer.Option("--policy", metavar="llm|human|transmission", help="Who broke the text: a language model, "
                                        "a person, or a line that drops characters.")] = "llm",
    max_edits: Annotated[int | None, typer.Option("--max-edits", min=0, help="Refuse what takes more edits.")] = None,
    min_keep: Annotated[float, typer.Option("--min-keep", min=0, max=1, help="Refuse what keeps a smaller share of the text.")] = 0.0,
    protect: Annotated[list[str] | None, typer.Option("--protect", metavar="BEGIN:END", help="Characters that no edit may touch; "
                                                      "repeat the option.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Print nothing; the exit code tells.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print a unified diff instead of the text.")] = False,
    report: Annotated[str | None, typer.Option("--report", metavar="json", help="Print one JSON object with outcome, text, edits, "
                                               "cost, confidence and alternatives.")] = None,
    in_place: InPlace = False,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="Let this model rank the readings where the "
                                              "edits leave a choice; 'tiny' is the one that ships with structdiff.")] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Let the edits alone decide, as is the default.")] = False,
    regrow: Annotated[str | None, typer.Option("--regrow", metavar="PROMPT", help="Where the text was cut off, let the model write it to "
                                               "its end, for this prompt.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=8, help="How many readings the report lists.")] = 3,
) -> None:
    """Makes a broken text valid with the least change; all else stays as it is, byte for byte."""
    with cli_output.reported():
        import structdiff
        from structdiff import cli_repair
        from structdiff.channel.edits import HUMAN, LLM, TRANSMISSION
        authors = {"llm": LLM, "human": HUMAN, "transmission": TRANSMISSION}
        if policy not in authors:
            raise UsageFault(f"--policy {policy}: there are {', '.join(authors)}")
        if in_place and file == "-":
            raise UsageFault("--in-place is for a file; stdin has no place to write to")
        text = cli_input.read_text(file)
        spans = tuple(_span(span, len(text), "--protect") for span in protect or ())
        wanted = cli_repair.Wanted(format, schema, grammar, start).of(file, text)
        if model is not None and no_model:
            raise UsageFault("--model and --no-model given; give one of them")
        if regrow is not None and no_model:
            raise UsageFault("--regrow and --no-model given; it is the model that regrows")
        within, author = structdiff.Within(max_edits, min_keep, spans), authors[policy]
        if regrow is not None:
            found = structdiff.regrow(text, regrow, wanted, model=None if model == "tiny" else model, within=within, author=author)
        else:
            found = structdiff.repair(text, wanted, within=within, author=author, alternatives=k - 1, model=model)
        shown = cli_repair.Shown(check, diff, report, in_place)
        printed = cli_repair.output(found, text, file, shown)
        if not check and printed is not None:
            cli_output.show(printed.removesuffix("\n"))
        elif not check and not diff and not in_place and found.text is not None:
            typer.echo(found.text.encode("utf-8", "backslashreplace"), nl=False)
        if in_place and not check and found.edits:
            _replace(Path(file), found.text)
        for line in cli_repair.told(found, text) if not check else ():
            cli_output.say(line)
        raise typer.Exit(cli_repair.exit_code(found))


def _span(written: str, length: int, option: str = "--span") -> tuple[int, int]:
    found = re.fullmatch(r"(\d+):(\d+)", written)
    begin, end = (int(found[1]), int(found[2])) if found else (1, 0)
    if not begin <= end <= length:
        raise UsageFault(f"{option} {written}: a span is BEGIN:END with BEGIN <= END, within the text's {length} characters")
    return begin, end


def _rewrite(file: str, fixed: list[str], prompt: str, regex: str, grammar: str | None, start: str | None,
             model: str | None, limits: Limits, output: Output, in_place: bool) -> None:
    """Fills the holes between the fixed texts; `limits.max_tokens` is what they may take over the fewest."""
    import structdiff
    from structdiff.api import compiled
    if in_place and file == "-":
        raise UsageFault("--in-place is for a file; stdin has no place to write to")
    if start is not None and grammar is None:
        raise UsageFault("--start is only for --grammar")
    constraint: Any = structdiff.Template.between(fixed, structdiff.Regex(regex))
    if grammar is not None:
        constraint = constraint & structdiff.Grammar(grammar, start or "")
    denoiser = _denoiser(model)
    shortest = compiled(constraint, denoiser.vocab, prompt).shortest
    result = _generated(prompt, constraint, denoiser, replace(limits, max_tokens=shortest + (limits.max_tokens or ROOM)), output.stream)
    if output.as_json:
        cli_output.show(cli_output.as_json(_record(result, limits.seed)))
    elif result.valid and not in_place:
        typer.echo(result.text.encode("utf-8", "backslashreplace"), nl=False)
    if result.valid and in_place:
        _replace(Path(file), result.text)
    _finish(result)


def _replace(path: Path, text: str) -> None:
    """Writes the file anew, whole or not at all."""
    import tempfile
    with tempfile.NamedTemporaryFile("wb", dir=path.resolve().parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, path.stat().st_mode & 0o7777)
            os.replace(file.name, path.resolve())
        except BaseException:
            os.unlink(file.name)
            raise


@app.command(short_help="Read an invoice out of an e-mail, canvas by canvas.")
def demo(model: Model = None, seed: Seed = 0) -> None:
    """Reads the facts of an invoice out of an e-mail, canvas by canvas."""
    with cli_output.reported():
        from structdiff.demo import EMAIL, Invoice
        cli_output.show(EMAIL)
        result = _generated(EMAIL, Invoice, _denoiser(model), Limits(seed), stream=True)
        if result.valid:
            cli_output.show(cli_output.as_json(result.value, indent=2))
            cli_output.show(f"valid, {result.forwards} forwards, {result.seconds:.2f} seconds")
        _finish(result)


def _run(prompt: str, constraint: object, model: str | None, limits: Limits, output: Output) -> None:
    from structdiff import trace
    if output.trace:
        trace.require_writable(output.trace)
    denoiser = _denoiser(model)
    result = _generated(prompt, constraint, denoiser, limits, output.stream)
    if output.as_json:
        cli_output.show(cli_output.as_json(_record(result, limits.seed)))
    elif result.valid:
        cli_output.show(result.text)
    if output.trace:
        trace.write(output.trace, result, denoiser.vocab, prompt)
    _finish(result)





def _generated(prompt: str, constraint: object, denoiser: Denoiser, limits: Limits, stream: bool) -> Result:
    import structdiff
    from structdiff import live
    from structdiff.api import MAX_TOKENS
    with live.watch(denoiser.vocab, stream, cli_output.console()) as on_step:
        return structdiff.generate(prompt, constraint, model=denoiser, seed=limits.seed, steps=limits.steps,
                                   max_tokens=limits.max_tokens or MAX_TOKENS, on_step=on_step)


def _finish(result: Result) -> None:
    """Returns for a valid result; for another says on stderr what is wrong and exits."""
    if result.valid:
        return
    cli_output.say(f"not valid ({result.status.name}): {result.status.value}")
    for violation in result.violations:
        cli_output.say(f"  at {violation.pointer or '/'}: {violation.message} ({violation.rule})")
    raise typer.Exit(cli_output.NOT_VALID)


# What is shown

def _record(result: Result, seed: int) -> dict:
    return {"status": result.status.name, "valid": result.valid, "value": result.value, "text": result.text,
            "violations": [asdict(violation) for violation in result.violations], "forwards": result.forwards,
            "seconds": round(result.seconds, 3), "seed": seed}


def _report(explained: dict) -> str:
    sections = (("enforced as the text is written (automaton)", "automaton"),
                ("checked on the whole text (checkers)", "checkers"), ("refused", "refused"), ("says nothing", "ignored"),
                ("canonical form", "canonical"))
    lines = [line for title, key in sections for line in (f"{title}:", *_listed(explained[key]))]
    shortest = explained["shortest"]
    return "\n".join([*lines, f"shortest completion: {'none' if shortest is None else f'{shortest} tokens'}"])


def _listed(entries: tuple[str, ...]) -> list[str]:
    return [f"  {entry}" for entry in entries] or ["  nothing"]


def _denoiser(model: str | None) -> Denoiser:
    import structdiff
    return structdiff.load(model)


def _version() -> NoReturn:
    from importlib.metadata import PackageNotFoundError, version
    try:
        typer.echo(f"structdiff {version('structdiff')}")
    except PackageNotFoundError:
        typer.echo("structdiff (not installed)")
    raise typer.Exit


for command in (cli_solve, cli_serve, cli_batch, cli_doctor, cli_train):
    command.add(app)


if __name__ == "__main__":
    main()
