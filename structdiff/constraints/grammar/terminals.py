"""The terminals of a Lark grammar as machines, and in which order Lark's lexer tries them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

import numpy as np
from lark.lexer import PatternStr, TerminalDef

from structdiff import regex
from structdiff.errors import ConstraintError, UnsupportedConstraint
from structdiff.lexer import Terminal
from structdiff.machine import BYTES, DEAD, ByteMachine, States, accepts, literal, product
from structdiff.parts import NOWHERE, Moves, moves_of

TAB = 8                    # columns, as Lark's indenter for Python counts them

# `common.ESCAPED_STRING` looks behind for backslashes; this is what it means.
_LOOKS_BEHIND = re.compile(r'(\\?["\'])\.\*\?\(\?<!\\\\\)\(\\\\\\\\\)\*\?\1')
_NOT_COUNTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def machine(terminal: TerminalDef) -> ByteMachine:
    """Returns the machine of a terminal's lexemes.

    Raises:
        ConstraintError: its pattern is not regular, or matches nothing.
    """
    pattern = terminal.pattern
    if isinstance(pattern, PatternStr) and not pattern.flags:
        return literal(pattern.value.encode())
    written = _LOOKS_BEHIND.sub(lambda found: rf"{found[1]}(?:[^{found[1]}\\\n]|\\[^\n])*{found[1]}", pattern.to_regexp())
    try:
        found = regex.whole(written)
    except ConstraintError as error:
        raise type(error)(f"terminal {terminal.name}: {error}") from None
    return Shortest(found) if re.search(r"[*+?}]\?", _NOT_COUNTS.sub("x", written)) else found


def hosts(terminals: Sequence[TerminalDef], machines: dict[str, ByteMachine]) -> dict[str, set[str]]:
    """Returns, of each terminal that is a word, the regular expressions of the same priority that match it."""
    words = [one for one in terminals if isinstance(one.pattern, PatternStr)]
    patterns = [one for one in terminals if not isinstance(one.pattern, PatternStr)]
    return {word.name: {one.name for one in patterns if one.priority == word.priority
                        and accepts(machines[one.name], word.pattern.value.encode())} for word in words}


def ranked(terminals: Sequence[TerminalDef], machines: dict[str, ByteMachine], hosts: dict[str, set[str]]) -> list[Terminal]:
    """Returns terminals that are possible in one place, ranked as Lark's lexer tries them there.

    By priority, then the longest width, then the longest pattern. A word that has a host there is not tried by itself: it
    is what the host's lexeme is taken for when it is all of it.
    """
    order = sorted(terminals, key=lambda one: (-one.priority, -one.pattern.max_width, -len(one.pattern.value), one.name))
    found, embedded = [], set()
    for rank, host in enumerate(order):
        if isinstance(host.pattern, PatternStr):
            continue
        for word in order:
            if host.name in hosts.get(word.name, ()):
                found.append(Terminal(word.name, machines[word.name], rank))
                if set(word.pattern.flags) <= set(host.pattern.flags):
                    embedded.add(word.name)
    found += [Terminal(one.name, machines[one.name], rank) for rank, one in enumerate(order) if one.name not in embedded]
    return found


class Shortest:
    """Accepts the texts of a machine that no shorter one of its texts begins: what a lazy pattern matches."""

    def __init__(self, machine: ByteMachine):
        self._machine = machine
        self.start = machine.start
        self.accepts, self.completion = machine.accepts, machine.completion

    def moves(self, state: int) -> Moves:
        return NOWHERE if self._machine.accepts(state) else self._machine.moves(state)


def _blanks() -> Moves:
    row = np.ones(BYTES, dtype=np.int32)
    row[[ord("\n"), ord(" "), ord("\t")]] = 2, 3, 4
    return moves_of(row)


OTHER, LINE, SPACE, TABULATOR = 1, 2, 3, 4
BLANKS = _blanks()


class Indentation:
    """Accepts what a machine does; the tag is how wide the blanks after the last line break are, None without one."""

    def __init__(self, machine: ByteMachine):
        self._machine = machine
        self._states = States()
        self.start = self._states.of((machine.start, None)) if machine.start != DEAD else DEAD

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NOWHERE
        inner, width = self._states.keys[state]
        after = {OTHER: width, LINE: 0, SPACE: None if width is None else width + 1,
                 TABULATOR: None if width is None else width + TAB}
        return product((BLANKS, self._machine.moves(inner)),
                       lambda to: self._states.of((to[1], after[to[0]])) if to[1] != DEAD else DEAD)

    def accepts(self, state: int) -> bool:
        return state != DEAD and self._machine.accepts(self._states.keys[state][0])

    def tag(self, state: int) -> Hashable:
        return self._states.keys[state][1]

    def completion(self, state: int) -> float:
        return float("inf") if state == DEAD else self._machine.completion(self._states.keys[state][0])


def require_text(terminal: TerminalDef, found: ByteMachine) -> None:
    """Raises UnsupportedConstraint when a terminal matches the empty text: a lexer would not get past it."""
    if found.start != DEAD and found.accepts(found.start):
        raise UnsupportedConstraint(f"terminal {terminal.name} matches the empty text; give it at least one character")
