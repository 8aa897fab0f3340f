"""A byte machine lifted to a vocabulary: sparse arcs over classes of tokens that no state can tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

END = 0            # the state after an end token: everything may follow, nothing there is read
UNUSED = 0         # the class of tokens that lead nowhere


@dataclass(frozen=True)
class Csr:
    """Rows of ints of varying length: row `i` is `items[offsets[i] : offsets[i + 1]]`."""

    offsets: np.ndarray
    items: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> np.ndarray:
        return self.items[self.offsets[row] : self.offsets[row + 1]]


@dataclass(frozen=True)
class Arcs:
    """Arc `a` leads from `source[a]` to `target[a]` under the tokens of set `set[a]`; sorted by source."""

    source: np.ndarray
    target: np.ndarray
    set: np.ndarray

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True, eq=False)
class Automaton:
    """Over tokens; immutable, shared by every request. States are 0..S-1; END (0) is where text has ended.

    class_of Int[V]: the class of each token. sets: token set -> classes. accepting Bool[S]: the text so far is whole.
    machine_states Int[S]: the byte-machine state each state stands for. distance Float[S]: the fewest tokens to
    acceptance (inf: none within this automaton). whole: no state of the machine is out of view.
    """

    class_of: np.ndarray
    sets: Csr
    arcs: Arcs
    accepting: np.ndarray
    machine_states: np.ndarray
    distance: np.ndarray
    end_token: int
    whole: bool = True

    @property
    def states(self) -> int:
        return len(self.accepting)

    @cached_property
    def classes(self) -> int:
        return int(self.class_of.max(initial=0)) + 1

    @cached_property
    def members(self) -> Csr:
        """class -> tokens, ascending."""
        order = np.argsort(self.class_of, kind="stable")
        counts = np.bincount(self.class_of, minlength=self.classes)
        return Csr(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), order.astype(np.int32))

    @cached_property
    def by_source(self) -> np.ndarray:
        """Int[S + 1]: the arcs of state `s` are `by_source[s] : by_source[s + 1]`."""
        return np.searchsorted(self.arcs.source, np.arange(self.states + 1)).astype(np.int64)

    @cached_property
    def _state_of(self) -> dict[int, int]:
        return {int(machine_state): state for state, machine_state in enumerate(self.machine_states) if state != END}

    def state(self, machine_state: int | None) -> int | None:
        """Returns the state that stands for `machine_state` (None: END); None when this automaton lacks it."""
        return END if machine_state is None else self._state_of.get(machine_state)

    def exits(self, budget: int) -> np.ndarray:
        """Returns Bool[S]: where a canvas may stop when `budget` tokens remain after it; monotone in `budget`."""
        allowed = self.distance <= budget
        allowed[END] = True
        return allowed

    def path(self, tokens: np.ndarray, state: int) -> np.ndarray | None:
        """Returns Int[L + 1]: the states `tokens` lead through from `state`; None where they lead nowhere."""
        states = [state]
        for token in tokens:
            arcs = slice(self.by_source[state], self.by_source[state + 1])
            held = [target for target, held in zip(self.arcs.target[arcs], self.arcs.set[arcs])
                    if self.class_of[token] in self.sets[held]]
            if not held:
                return None
            state = int(held[0])
            states.append(state)
        return np.array(states)
