"""Lexers as machines: which terminal a text begins with, the first in order that matches at all, as far as it matches."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from structdiff.machine import DEAD, ByteMachine, States, product
from structdiff.parts import NOWHERE, Moves


@dataclass(frozen=True, eq=False)
class Terminal:
    """rank: of two terminals that match, the one of lower rank is taken, whatever their lengths.

    Of equal rank are a word and the terminal that it is taken from when all of a lexeme is that word; the word is listed
    first.
    """

    name: str
    machine: ByteMachine
    rank: int


@dataclass(frozen=True)
class Lexeme:
    """A whole lexeme: of which terminal, and the tag of its machine's state (None: the machine has none)."""

    terminal: str
    tag: Hashable = None


class Lexer:
    """Reads one lexeme. A state is the terminals that it may still turn out to be, each with its machine's state; the
    start is a state of its own, though others may be the same but for having read something.

    When a terminal has matched, those that come after it in rank are out of the running.
    """

    def __init__(self, terminals: Sequence[Terminal]):
        self._terminals = tuple(terminals)
        self._states = States()
        self._known: dict[int, Moves] = {DEAD: NOWHERE}
        running = tuple((i, one.machine.start) for i, one in enumerate(self._terminals) if one.machine.start != DEAD)
        self.start = self._states.of((running, False))

    def moves(self, state: int) -> Moves:
        known = self._known.get(state)
        if known is None:
            running, _ = self._states.keys[state]
            inner = [self._terminals[i].machine.moves(at) for i, at in running]
            known = self._known[state] = product(inner, lambda after: self._ran(running, after))
        return known

    def _ran(self, running: tuple[tuple[int, int], ...], after: tuple[int, ...]) -> int:
        alive = [(i, at) for (i, _), at in zip(running, after) if at != DEAD]
        matched = [self._terminals[i].rank for i, at in alive if self._terminals[i].machine.accepts(at)]
        if matched:
            alive = [(i, at) for i, at in alive if self._terminals[i].rank <= min(matched)]
        return self._states.of((tuple(alive), True)) if alive else DEAD

    def lexeme(self, state: int) -> Lexeme | None:
        """Returns what the text is if it ends here; None when it is no lexeme."""
        matched = [(self._terminals[i].rank, i, at) for i, at in self._states.keys[state][0]
                   if self._terminals[i].machine.accepts(at)]
        if not matched:
            return None
        _, i, at = min(matched)
        terminal = self._terminals[i]
        tag = getattr(terminal.machine, "tag", None)
        return Lexeme(terminal.name, tag(at) if tag else None)

    def ahead(self, state: int) -> list[tuple[str, float]]:
        """Returns the terminals that a longer text may be, each with a lower bound on the bytes to its end."""
        return [(self._terminals[i].name, max(1.0, self._terminals[i].machine.completion(at)))
                for i, at in self._states.keys[state][0] if self._terminals[i].machine.moves(at).targets]
