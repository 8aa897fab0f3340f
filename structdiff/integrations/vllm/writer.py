"""One constrained request while a server denoises it: the next canvas at each step, and whether it is text yet.

A server's step is a forward of the model on the canvas. A canvas that is text is read causally, into the KV cache, and sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from torch import Tensor

from structdiff.api import compiled
from structdiff.constraint import Constraint
from structdiff.constraints.choice import Choice
from structdiff.constraints.grammar import Grammar
from structdiff.constraints.json_schema import JsonSchema
from structdiff.constraints.regex import Regex
from structdiff.constraints.tools import AnyJson
from structdiff.denoiser import Prompt
from structdiff.errors import ConstraintError, DenoiserError, UnsupportedConstraint
from structdiff.lift import free
from structdiff.machine import DEAD, run
from structdiff.noise import Uniform
from structdiff.result import Status
from structdiff.row import Request, Row, Settings
from structdiff.schedule import Schedule
from structdiff.vocab import Vocab


def constraint_of(kind: str, value: Any) -> Constraint:
    """Returns what a field of vLLM's `StructuredOutputsParams` asks for.

    Raises:
        ConstraintError: it is at fault.
    """
    match kind, value:
        case "json", dict() | bool():
            return JsonSchema(value)
        case "json_object", _:
            return AnyJson(object_only=True)
        case "regex", str():
            return Regex(value)
        case "choice", list():
            return Choice(tuple(value))
        case "grammar", str() if "\n" in value or ":" in value:      # a client's grammar is never a path
            return Grammar(value)
    raise UnsupportedConstraint(f"{kind} cannot be {type(value).__name__} here; give a json schema, a regex, a choice of strings, "
                                "the text of a grammar, or json_object")


@dataclass(frozen=True)
class Served:
    """What a row asks of its denoiser beside forwards, which the server makes.

    Raises:
        DenoiserError: the vocabulary has no filler.
    """

    vocab: Vocab
    block_length: int
    schedule: Schedule

    def __post_init__(self) -> None:
        self.filler                                  # a vocabulary without one is refused now, not when a request needs it

    @cached_property
    def noise(self) -> Uniform:
        return Uniform(len(self.vocab))

    @cached_property
    def filler(self) -> int:
        """A token that stands for no text and ends none: what is sent where there is nothing to send."""
        for token, text in enumerate(self.vocab.tokens):
            if text is None and token not in self.vocab.end_tokens:
                return token
        raise DenoiserError("the vocabulary has no token without text, such as padding")


def row(served: Served, constraint: Constraint, budget: int, seed: int, written: Sequence[int] = ()) -> Row:
    """Returns a row that writes at most `budget` tokens, its end token not counted. written: those of them that are sent already.

    Raises:
        ConstraintError: the constraint is at fault, or no satisfying text fits the budget, or none goes on from `written`.
    """
    if budget < 1:
        raise ConstraintError("there is no room for a token and an end token; raise max_tokens")
    made = compiled(constraint, served.vocab)
    made.require(budget)
    begun = Row(Request(Prompt(""), made, seed), served, Settings(max_tokens=budget, review=False), free(served.vocab))
    text = served.vocab.text(written)
    begun.frontier, begun.tokens, begun.done = run(made.plan.machine, text, made.start), list(written), len(written) >= budget
    if begun.frontier == DEAD or begun.done and not made.check(text.decode(errors="replace")).valid:
        raise ConstraintError("what is written already cannot go on")
    return begun


@dataclass
class Writer:
    """Takes a request from canvas to canvas. It ends with an end token when, and only when, its text satisfies the constraint.

    row: None where the request was refused. What is refused, or fails on the way, sends the filler from there on, which no end token
    ends: the server ends it for its length.

    canvas Int[L]: for the next forward. text: the canvas is text. reason: why there is none to come; empty while there is.
    """

    served: Served
    row: Row | None
    reason: str = ""
    canvas: np.ndarray = field(init=False)
    text: bool = field(init=False, default=False)

    def begin(self) -> None:
        """Turns to the next block: after the prompt is read, and after a canvas of text is."""
        if self.row is None or self.reason:
            return self._send([self.served.filler] * self.served.block_length)
        if self.row.done:
            return self._send([])
        self._step(self.row.begin)

    def advance(self, logits: Tensor) -> None:
        """Takes the logits Float[L, V] of a forward on the canvas to the next canvas."""
        assert self.row is not None and not self.text, "a canvas of text has no logits to heed"
        self._step(lambda: self.row.advance(logits))

    def _step(self, step: Callable[[], object]) -> None:
        try:
            step()
            if self.row.settled:
                self.row.commit()
        except Exception as error:                   # whatever it is, it ends this request and not its server
            self.reason = f"{type(error).__name__}: {error}"
        else:
            if self.row.done and self.row.status is not Status.VALID:
                self.reason = self.row.status.value
        if self.reason:
            self.begin()
        elif self.row.settled:
            self._send(self.row.proposal.tokens)
        else:
            self.canvas, self.text = self.row.canvas, False

    def _send(self, tokens: Sequence[int]) -> None:
        """Makes the canvas text: these tokens, and end tokens after them."""
        self.canvas = np.full(self.served.block_length, self.served.vocab.end_tokens[0])
        self.canvas[: len(tokens)] = tokens
        self.text = True
