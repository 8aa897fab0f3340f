"""What is done in processes of their own, as values: compile a constraint, repair a text, solve a puzzle."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from structdiff.constraint import CompiledConstraint, Constraint, compile
from structdiff.constraints.choice import Choice
from structdiff.constraints.grammar import Grammar
from structdiff.constraints.json_schema import JsonSchema
from structdiff.constraints.regex import Regex
from structdiff.constraints.tools import AnyJson, Tools
from structdiff.puzzle.refine import Step
from structdiff.puzzle.solver import Solution
from structdiff.puzzles import read_puzzle, refine, solve
from structdiff.repairs import Repair, repair
from structdiff.vocab import Vocab

WARM = (JsonSchema({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "number"}}}}),
        Regex("[a-z]+"), AnyJson())
MOST_NODES = 2_000_000  # guesses
MAKERS: dict[str, Callable[[Any], Constraint]] = {
    "json_schema": JsonSchema, "json_object": lambda _: AnyJson(), "regex": Regex, "choice": Choice, "grammar": Grammar,
    "tools": lambda wanted: Tools(wanted["tools"], choose=wanted["choose"], optional=wanted["optional"])}


@dataclass(frozen=True)
class Wanted:
    """A constraint as a request words it, of which nothing has been read yet. text: its value, as JSON."""

    kind: str
    text: str

    @classmethod
    def of(cls, kind: str, value: Any) -> Wanted:
        """Raises RecursionError where the value is nested too deeply to be written."""
        return cls(kind, json.dumps(value))

    def constraint(self) -> Constraint:
        return MAKERS[self.kind](json.loads(self.text))


@dataclass(frozen=True)
class Ready:
    """A constraint for a denoiser, and what it is told of it."""

    compiled: CompiledConstraint
    hint: str


@dataclass(frozen=True)
class Compile:
    wanted: Wanted

    def __call__(self, vocab: Vocab) -> Ready:
        constraint = self.wanted.constraint()
        made = compile(constraint, vocab)
        made.require(made.shortest)                      # there is one
        return Ready(made, constraint.hint())


@dataclass(frozen=True)
class Mend:
    """format: as `structdiff.repair` takes it."""

    text: str
    format: str

    def __call__(self, vocab: Vocab) -> Repair:
        return repair(self.text, self.format)


@dataclass(frozen=True)
class Solved:
    """cells, givens: of the puzzle, by name. steps: how the denoiser filled the board in, where that was asked for; boards: what each looks
    like. row: the solution's symbols, side by side."""

    cells: tuple[str, ...]
    givens: tuple[str, ...]
    row: str
    boards: tuple[str, ...]
    steps: tuple[Step, ...]
    solution: Solution


@dataclass(frozen=True)
class Solve:
    """text: in the usual notation of the kind. watched: whether the steps are wanted too."""

    kind: str
    text: str
    seed: int = 0
    watched: bool = False

    def __call__(self, vocab: Vocab) -> Solved:
        puzzle, steps = read_puzzle(self.kind, self.text), []
        if self.watched:
            refine(puzzle, seed=self.seed, on_step=steps.append)
        solution = solve(puzzle, count=2, max_nodes=MOST_NODES)
        row = "".join(map(puzzle.symbol, solution.values.values())) if solution.values else ""
        return Solved(puzzle.cells, tuple(cell for cell, _ in puzzle.givens), row, tuple(
            puzzle.write([value if kept else None for value, kept in zip(step.values, step.kept)]) for step in steps), tuple(steps), solution)
