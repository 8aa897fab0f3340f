"""LR grammars with a lexer, as machines over bytes: lexer and parser in one deterministic state, to any depth."""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from structdiff.lexer import Lexeme, Lexer
from structdiff.machine import DEAD, States, product
from structdiff.parts import NOWHERE, Moves

END_OF_TEXT = "$END"
ACCEPTED = -1


@dataclass(frozen=True)
class Production:
    head: str
    body: tuple[str, ...]


@dataclass(frozen=True)
class Tables:
    """An LR automaton. actions: of each state, terminal -> the state to shift to, or ~n to reduce by production n.

    gotos: of each state, nonterminal -> state. kernels: of each state, (production, how much of it is read) pairs.
    start, end: the state that a text begins in, and the one in which all of it is read. root: the production whose body is
    a whole text.
    """

    productions: tuple[Production, ...]
    actions: tuple[Mapping[str, int], ...]
    gotos: tuple[Mapping[str, int], ...]
    kernels: tuple[tuple[tuple[int, int], ...], ...]
    start: int
    end: int
    root: str


@dataclass(frozen=True)
class Layout:
    """Indentation as tokens: a `newline` lexeme, tagged with the width of the indentation that it ends in, is followed by
    an `indent`, or by as many `dedent` as it leaves blocks; between brackets it is nothing."""

    newline: str
    indent: str
    dedent: str
    opening: frozenset[str]
    closing: frozenset[str]


class Position(NamedTuple):
    """Where a text has come to between two lexemes. stack: of the parser; margins: of the blocks that are open."""

    stack: int
    margins: tuple[int, ...] = (0,)
    brackets: int = 0


class LR:
    """The texts of a grammar, as a machine.

    A state is a position, the lexer's state in the lexeme that was begun there, and the state that would be if that
    lexeme had ended where it last could (DEAD: it could not). The last goes on in step with the first; it takes over
    when the lexeme gets no further, and is forgotten when the lexeme ends anew. So a lexeme is as long as it can be,
    and nothing is read twice.
    """

    def __init__(self, tables: Tables, lexers: Sequence[Lexer], ignored: frozenset[str], costs: Mapping[str, float],
                 layout: Layout | None = None):
        """lexers: of each parser state. costs: the fewest bytes of each terminal."""
        self._tables, self._lexers, self._ignored, self._layout = tables, lexers, ignored, layout
        self._costs = _costs(tables, costs)
        self._stacks, self._positions, self._states = States(), States(), States()
        self._known: dict[int, Moves] = {DEAD: NOWHERE}
        self._fed: dict[tuple[int, str], int] = {}
        self._finishes: dict[int, float] = {ACCEPTED: 0.0}
        self._bounds: dict[int, float] = {DEAD: math.inf}
        self.start = self._fresh(Position(self._stacks.of((tables.start, DEAD))))

    def moves(self, state: int) -> Moves:
        known = self._known.get(state)
        if known is None:
            position, reading, ended = self._states.keys[state]
            lexer = self._lexer(position)
            known = self._known[state] = product(
                (lexer.moves(reading), self.moves(ended)), lambda after: self._read(position, lexer, *after))
        return known

    def _read(self, position: Position, lexer: Lexer, reading: int, ended: int) -> int:
        if reading == DEAD:
            return ended
        lexeme = lexer.lexeme(reading)
        if lexeme is not None:
            after = self._emit(position, lexeme)
            ended = DEAD if after is None or self._finish(after.stack) == math.inf else self._fresh(after)
        ahead = lexer.ahead(reading)
        if not ahead:                                    # the lexeme ends here, whatever comes
            return ended
        if ended == DEAD and all(self._bound_after(position, name) == math.inf for name, _ in ahead):
            return DEAD
        return self._states.of((position, reading, ended))

    def _fresh(self, position: Position) -> int:
        """Returns the state at a position where no lexeme is begun."""
        return self._states.of((position, self._lexer(position).start, DEAD))

    def _lexer(self, position: Position) -> Lexer:
        return self._lexers[self._stacks.keys[position.stack][0]]

    def accepts(self, state: int) -> bool:
        while state != DEAD:
            position, reading, ended = self._states.keys[state]
            if reading == self._lexer(position).start:
                return self._whole(position)
            state = ended
        return False

    def _whole(self, position: Position) -> bool:
        stack = position.stack
        for _ in position.margins[1:]:
            stack = self._feed(stack, self._layout.dedent)
        return self._feed(stack, END_OF_TEXT) == ACCEPTED

    def completion(self, state: int) -> float:
        known = self._bounds.get(state)
        if known is None:
            position, reading, ended = self._states.keys[state]
            bounds = [far + self._bound_after(position, name) for name, far in self._lexer(position).ahead(reading)]
            known = self._bounds[state] = 0.0 if self.accepts(state) else min([self.completion(ended), *bounds])
        return known

    # --- between lexemes --------------------------------------------------------------------------------------------

    def _emit(self, position: Position, lexeme: Lexeme) -> Position | None:
        """Returns the position behind a lexeme; None when the parser does not take it."""
        name = lexeme.terminal
        if name in self._ignored:
            return position
        if self._layout and name == self._layout.newline:
            return self._emit_newline(position, lexeme.tag)
        stack = self._feed(position.stack, name)
        if stack == DEAD:
            return None
        return position._replace(stack=stack, brackets=position.brackets + self._nesting(name))

    def _nesting(self, name: str) -> int:
        return (name in self._layout.opening) - (name in self._layout.closing) if self._layout else 0

    def _emit_newline(self, position: Position, width: Hashable) -> Position | None:
        if position.brackets:
            return position
        if width is None:                                # no line was ended
            return None
        stack, margins = self._feed(position.stack, self._layout.newline), position.margins
        if width > margins[-1]:
            stack, margins = self._feed(stack, self._layout.indent), (*margins, width)
        while width < margins[-1]:
            stack, margins = self._feed(stack, self._layout.dedent), margins[:-1]
        return Position(stack, margins) if stack != DEAD and width == margins[-1] else None

    def _bound_after(self, position: Position, name: str) -> float:
        """Returns a lower bound on the bytes that must follow a lexeme at `position`; inf when the parser does not take it."""
        if self._layout and name == self._layout.newline:
            margins = position.margins
            after = [self._emit_newline(position, width) for width in (margins[-1] + 1, *margins)]
        else:
            after = [self._emit(position, Lexeme(name))]
        return min((self._finish(one.stack) for one in after if one is not None), default=math.inf)

    # --- the parser's stack: an LR state and the stack below it -----------------------------------------------------

    def _feed(self, stack: int, terminal: str) -> int:
        """Returns the stack after a terminal: ACCEPTED at the end of a whole text, DEAD when it is not taken."""
        if stack == DEAD:
            return DEAD
        known = self._fed.get((stack, terminal))
        if known is None:
            known = self._fed[stack, terminal] = self._fed_anew(stack, terminal)
        return known

    def _fed_anew(self, stack: int, terminal: str) -> int:
        while True:
            top, _ = self._stacks.keys[stack]
            if top == self._tables.end and terminal == END_OF_TEXT:
                return ACCEPTED
            action = self._tables.actions[top].get(terminal)
            if action is None:
                return DEAD
            if action >= 0:
                return self._stacks.of((action, stack))
            production = self._tables.productions[~action]
            stack = self._reduced(stack, production.head, len(production.body))

    def _reduced(self, stack: int, head: str, length: int) -> int:
        for _ in range(length):
            stack = self._stacks.keys[stack][1]
        return self._stacks.of((self._tables.gotos[self._stacks.keys[stack][0]][head], stack))

    def _finish(self, stack: int) -> float:
        """Returns the fewest bytes that complete a stack, blanks between lexemes not counted: by Dijkstra's algorithm
        over the stacks that reading the rest of one production leads to."""
        distance, heap, before = {stack: 0.0}, [(0.0, stack)], {}
        while heap:
            far, at = heapq.heappop(heap)
            if at == ACCEPTED:
                break
            if far > distance[at]:
                continue
            for onward, cost in self._onward(at):
                if far + cost < distance.get(onward, math.inf):
                    distance[onward], before[onward] = far + cost, at
                    heapq.heappush(heap, (far + cost, onward))
        found = distance.get(ACCEPTED, math.inf)
        at = before.get(ACCEPTED)
        while at is not None:                            # what a shortest way goes through, it finishes shortest
            self._finishes[at] = found - distance[at]
            at = before.get(at)
        return self._finishes.setdefault(stack, found)

    def _onward(self, stack: int) -> list[tuple[int, float]]:
        """Returns the stacks once a production that is being read is whole, and the fewest bytes of the rest of it."""
        if stack in self._finishes:
            return [(ACCEPTED, self._finishes[stack])]
        onward = []
        for number, read in self._tables.kernels[self._stacks.keys[stack][0]]:
            production = self._tables.productions[number]
            cost = sum(self._costs[symbol] for symbol in production.body[read:])
            if cost < math.inf:
                root = production.head == self._tables.root
                onward.append((ACCEPTED if root else self._reduced(stack, production.head, read), cost))
        return onward


def _costs(tables: Tables, terminals: Mapping[str, float]) -> dict[str, float]:
    """Returns the fewest bytes of every symbol; inf for a nonterminal that has no finite text."""
    costs = dict(terminals)
    for production in tables.productions:
        costs.setdefault(production.head, math.inf)
    changed = True
    while changed:
        changed = False
        for production in tables.productions:
            cost = sum(costs[symbol] for symbol in production.body)
            if cost < costs[production.head]:
                costs[production.head], changed = cost, True
    return costs
