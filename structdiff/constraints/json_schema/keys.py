"""Keys that a schema does not name, as a machine that says which patterns are found in one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from structdiff.machine import ALIVE, DEAD, ByteMachine, States, product
from structdiff.parts import NOWHERE, Moves


class Keys:
    """Accepts, as decoded text, the keys that every machine of `lawful` accepts and, unless `plain`, a pattern is in.

    The tag of a key is the set of the patterns found in it. A state is the states of all the machines.
    """

    def __init__(self, lawful: Sequence[ByteMachine], patterns: Mapping[str, ByteMachine], plain: bool):
        self._machines = (*lawful, *patterns.values())
        self._lawful, self._patterns, self._plain = len(lawful), tuple(patterns), plain
        self._states = States()
        self._moves = {DEAD: NOWHERE}
        self.start = self._state(tuple(machine.start for machine in self._machines))

    def moves(self, state: int) -> Moves:
        known = self._moves.get(state)
        if known is None:
            parts = self._states.keys[state]
            inner = [machine.moves(part) for machine, part in zip(self._machines, parts)]
            known = self._moves[state] = product([ALIVE, *inner], lambda after: self._state(after[1:]))
        return known

    def _state(self, parts: tuple[int, ...]) -> int:
        alive = DEAD not in parts[: self._lawful] and (self._plain or any(parts[self._lawful :]))
        return self._states.of(parts) if alive else DEAD

    def tag(self, state: int) -> frozenset[str]:
        parts = self._states.keys[state]
        return frozenset(pattern for pattern, machine, part in zip(
            self._patterns, self._machines[self._lawful :], parts[self._lawful :]) if part != DEAD and machine.accepts(part))

    def accepts(self, state: int) -> bool:
        if state == DEAD:
            return False
        lawful = zip(self._machines[: self._lawful], self._states.keys[state])
        return all(machine.accepts(part) for machine, part in lawful) and (self._plain or bool(self.tag(state)))

    def completion(self, state: int) -> float:
        return math.inf if state == DEAD else float(not self.accepts(state))
