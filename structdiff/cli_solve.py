"""`structdiff solve`: solved boards on stdout, a line each where the input has a puzzle a line; what went wrong on stderr."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from structdiff import cli_input, cli_output
from structdiff.errors import ConstraintError

if TYPE_CHECKING:
    from structdiff.puzzle.kinds.kind import Kind
    from structdiff.puzzle.puzzle import Puzzle
    from structdiff.puzzle.solver import Solution

SOLVED, BAD, UNSOLVED = 0, 2, 3


@dataclass(frozen=True)
class Asked:
    """What is wanted of each puzzle. lines: whether each line is one; None: as the first line looks."""

    count: int = 1
    explain: bool = False
    most: int | None = None
    lines: bool | None = None
    model: str | None = None
    stream: bool = False


@dataclass(frozen=True)
class Answer:
    """What became of one puzzle. line: of the input, 0 for all of it. fault: why it is no puzzle."""

    line: int
    puzzle: Puzzle | None = None
    solution: Solution | None = None
    fault: str = ""

    @property
    def code(self) -> int:
        if self.solution is None:
            return BAD
        return SOLVED if self.solution.values is not None else UNSOLVED

    @property
    def where(self) -> str:
        return f"line {self.line}: " if self.line else ""


def add(app: typer.Typer) -> None:
    """Gives `app` the command."""
    app.command(epilog="Exit codes: 0 solved, every one; 2 an input is no puzzle, or wrong usage; 3 one has no solution, or none was found.",
                short_help="Solve a Sudoku or another puzzle.")(solve)


def solve(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="sudoku, kakuro, nonogram, ...; a wrong name lists them all.")],
    text: Annotated[str, typer.Argument(metavar="TEXT|FILE|-", help="The puzzle in its usual notation; '-' or nothing reads stdin: one, "
                                        "or one a line.")] = "-",
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="Look for so many solutions; 2 tells whether there is only one.")] = 1,
    explain: Annotated[bool, typer.Option("--explain", help="Say which rule forced or refuted what in each cell.")] = False,
    lines: Annotated[bool | None, typer.Option("--lines/--whole", help="Whether each line of the input is a puzzle; by default as the "
                                               "first line looks.")] = None,
    most: Annotated[int | None, typer.Option("--max-nodes", min=1, help="Give up after so many guesses.")] = None,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE.html", help="Write how it is solved, step by step, as one page; "
                                               "of the last puzzle, where there are several.")] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="Whose beliefs say what is tried first: 'relational', the "
                                              "small denoiser for puzzles; 'tiny', or a text model.")] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Show on stderr how the small denoiser fills the board in, and what breaks a "
                                         "rule and is noise again; then solve.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a puzzle.")] = False,
) -> None:
    """Solves puzzles: what is printed satisfies every rule, and what has no solution is proved to have none."""
    with cli_output.reported():
        from structdiff.puzzles import kind_of

        found, codes = kind_of(kind), {SOLVED}
        asked = Asked(count, explain, most, lines, model, stream)
        if trace is not None:
            from structdiff.trace import require_writable

            require_writable(trace)
        for answer in answers(found, cli_input.lines_of(text), asked):
            if as_json:
                cli_output.show(cli_output.as_json(record(answer, asked)))
            elif (board := printed(answer, asked)) is not None:
                cli_output.show(board)
            for line in told(answer, asked) if not as_json else ():
                cli_output.say(line)
            codes.add(answer.code)
            if trace is not None and answer.puzzle is not None:
                from structdiff import puzzle_trace

                puzzle_trace.write(trace, answer.puzzle, answer.solution)
        raise typer.Exit(BAD if BAD in codes else max(codes))


def answers(kind: Kind, lines: Iterable[str], asked: Asked) -> Iterator[Answer]:
    """Yields an answer for each puzzle of the input, as it is read; one that is none does not end the stream."""
    lines = iter(lines)
    first = next(lines, "")
    apart = asked.lines if asked.lines is not None else _is_board(kind, first)
    if not apart:
        yield _answer(kind, first + "".join(lines), 0, asked)
        return
    for number, line in enumerate(chain([first], lines), 1):
        if line.strip() and not line.startswith("#"):
            yield _answer(kind, line, number, asked)


def _is_board(kind: Kind, line: str) -> bool:
    """Whether a line looks like a whole puzzle, of a kind that can be written in one."""
    return 0 < kind.in_a_line <= len("".join(line.split()))


def _answer(kind: Kind, text: str, line: int, asked: Asked) -> Answer:
    from structdiff.puzzle.solver import MOST
    from structdiff.puzzles import solve

    try:
        puzzle = kind.parse(text)
        if asked.stream:
            from structdiff import puzzle_live

            puzzle_live.watched(puzzle, cli_output.console())
        return Answer(line, puzzle, solve(puzzle, model=asked.model, count=asked.count, max_nodes=asked.most or MOST))
    except ConstraintError as error:
        return Answer(line, fault=str(error))


def printed(answer: Answer, asked: Asked) -> str | None:
    """Returns the boards, in a line each where the input has a puzzle a line; None where there are none."""
    if answer.solution is None or answer.solution.values is None:
        return None
    puzzle = answer.puzzle
    boards = [[one[cell] for cell in puzzle.cells] for one in (answer.solution.values, *answer.solution.others)]
    in_a_row = answer.line and "\n" in puzzle.layout
    return "\n".join("".join(map(puzzle.symbol, board)) if in_a_row else puzzle.write(board) for board in boards)


def told(answer: Answer, asked: Asked) -> Iterator[str]:
    """Yields what there is to say of an answer, for people."""
    if answer.solution is None:
        yield f"{answer.where}{answer.fault}"
        return
    if asked.explain:
        yield from (f"{answer.where}{step}" for step in _explained(answer))
    if answer.solution.values is None:
        yield f"{answer.where}{answer.solution.reason}"
    elif asked.count > 1:
        many = 1 + len(answer.solution.others)
        found = "the only solution" if answer.solution.unique else f"{many} solution{'s' if many > 1 else ''}"
        rest = "" if answer.solution.unique else ", and no others" if answer.solution.complete else "; there may be more"
        yield f"{answer.where}{found}{rest}"


def _explained(answer: Answer) -> Iterator[Any]:
    from structdiff.puzzle.solver import explained

    return explained(answer.puzzle, answer.solution)


def record(answer: Answer, asked: Asked) -> dict[str, Any]:
    """Returns the answer as data."""
    place = {"line": answer.line} if answer.line else {}
    if answer.solution is None:
        return {**place, "status": "bad input", "valid": False, "error": answer.fault}
    solution = answer.solution
    steps = {"explanation": [str(step) for step in _explained(answer)]} if asked.explain else {}
    return {**place, "status": solution.status.name, "valid": solution.values is not None, "text": solution.text, "values": solution.values,
            "others": list(solution.others), "unique": solution.unique, "core": dict(solution.core),
            "reason": "" if solution.values is not None else solution.reason, "nodes": solution.nodes, "forwards": solution.forwards,
            "seconds": round(solution.seconds, 6), **steps}
