"""Machines over bytes: lazy, deterministic, and closed under the operations constraints are made of.

A state is a small integer that its machine hands out when it is first reached; 0 is dead. `Table` is a finite
automaton; `Words` a list of texts; `Intersection` accepts what two machines accept, `ExactlyOne` what one of several
does, `Complement` what another does not; `Escaped` reads the inside of a JSON string and shows another machine the text
it stands for; `Spans` accepts the spans of a source text. Recursive languages are in `structdiff.network`.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np

from structdiff import compose
from structdiff.parts import BYTES, NOWHERE, Moves, Parts, moves_by, moves_of, moves_on, part, refined

DEAD = 0
FEW = 16                # states of a closed text
NOT_BLANK = [byte for byte in range(256) if byte not in b" \t\r\n"]


@runtime_checkable
class ByteMachine(Protocol):
    """A deterministic machine over bytes; states are hash-consed ints, 0 is dead."""

    start: int

    def moves(self, state: int) -> Moves:
        """Returns the live states one byte on, and the bytes that lead to each; NOWHERE when `state` is dead."""
        ...

    def accepts(self, state: int) -> bool: ...

    def completion(self, state: int) -> float:
        """Returns a lower bound on the bytes still needed to accept: 0 when `state` accepts, inf when nothing can."""
        ...


def step(machine: ByteMachine, state: int, byte: int) -> int:
    targets, parts = machine.moves(state)
    which = parts.which[byte]
    return targets[which - 1] if which else DEAD


def row(machine: ByteMachine, state: int) -> np.ndarray:
    """Returns Int[256]: the state after each byte."""
    targets, parts = machine.moves(state)
    return np.array([DEAD, *targets], dtype=np.int32)[parts.which]


def run(machine: ByteMachine, text: bytes, state: int | None = None) -> int:
    """Returns the state after `text`; DEAD when no accepted text begins so."""
    state = machine.start if state is None else state
    for byte in text:
        if state == DEAD:
            break
        state = step(machine, state, byte)
    return state


def forced(machine: ByteMachine, state: int, most: int) -> bytes:
    """Returns the bytes, up to `most`, that every text goes on with from `state`: until it may end or there is a choice."""
    text = bytearray()
    while len(text) < most and not machine.accepts(state):
        targets, parts = machine.moves(state)
        if len(targets) != 1 or np.count_nonzero(parts.which) != 1:
            break
        text.append(parts.first[0])
        state = targets[0]
    return bytes(text)


def closed(machine: ByteMachine, state: int) -> bool:
    """Whether nothing but blanks, and few ways of them, may follow a text that ends in `state`."""
    seen, ahead = {state}, [state]
    while ahead and len(seen) <= FEW:
        targets, parts = machine.moves(ahead.pop())
        live = {number: target for number, target in enumerate(targets, 1) if machine.completion(target) < np.inf}
        if np.isin(parts.which, list(live))[NOT_BLANK].any():
            return False
        ahead += set(live.values()) - seen
        seen.update(live.values())
    return not ahead


def accepts(machine: ByteMachine, text: bytes) -> bool:
    """Whether `text`, whole, belongs to the machine's language."""
    return machine.accepts(run(machine, text))


class States:
    """Hash-consed states: a key gets the next integer the first time it is seen; DEAD stands for none."""

    def __init__(self) -> None:
        self.keys: list = [None]
        self._of: dict = {}

    def of(self, key) -> int:
        state = self._of.get(key)
        if state is None:
            state = self._of[key] = len(self.keys)
            self.keys.append(key)
        return state


# --- finite automata ------------------------------------------------------------------------------------------------


class Table:
    """A finite automaton given by its transition table; states that cannot reach acceptance are dead.

    rows: Int[S, 256], row 0 all DEAD. accepting: Bool[S].
    """

    def __init__(self, rows: np.ndarray, accepting: np.ndarray, start: int = 1):
        distance = _distances(rows, accepting)
        self.rows = np.where(np.isinf(distance)[rows], DEAD, rows).astype(np.int32)
        self.accepting = accepting
        self.distance = distance
        self.start = DEAD if math.isinf(distance[start]) else start
        self._moves: dict[int, Moves] = {}

    def moves(self, state: int) -> Moves:
        known = self._moves.get(state)
        if known is None:
            known = self._moves[state] = moves_of(self.rows[state])
        return known

    def accepts(self, state: int) -> bool:
        return bool(self.accepting[state])

    def completion(self, state: int) -> float:
        return float(self.distance[state])


def _distances(rows: np.ndarray, accepting: np.ndarray) -> np.ndarray:
    """Returns Float[S]: the fewest bytes from each state to acceptance, by breadth-first search backwards."""
    states = len(rows)
    edges = np.unique(rows.astype(np.int64) * states + np.arange(states)[:, None])
    target, source = np.divmod(edges, states)
    offsets = np.searchsorted(target, np.arange(states + 1))
    distance = np.full(states, np.inf)
    reached, depth = np.flatnonzero(accepting), 0
    reached = reached[reached != DEAD]
    while len(reached):
        distance[reached] = depth
        before = np.concatenate([source[offsets[state] : offsets[state + 1]] for state in reached])
        reached, depth = np.unique(before[np.isinf(distance[before])]), depth + 1
    return distance


def tabulated(machine: ByteMachine, most: int) -> Table | None:
    """Returns the smallest automaton with the language of `machine`; None when it has more than `most` states."""
    index, order, found = {machine.start: 1}, [machine.start], []
    for state in order:
        targets, parts = machine.moves(state)
        for target in targets:
            if target not in index:
                index[target] = len(index) + 1
                order.append(target)
        if len(order) > most:
            return None
        found.append((parts, [DEAD, *(index[target] for target in targets)]))
    met, columns = refined(tuple([parts for parts, _ in found]))
    rows = [[DEAD] * met.count, *([targets[p] for p in lies] for (_, targets), lies in zip(found, zip(*columns)))]
    if not met.count:
        rows = [[] for _ in range(len(order) + 1)]
    accepting = np.array([False, *(machine.accepts(state) for state in order)])
    return _minimal(np.array(rows, dtype=np.int64), met, accepting)


def _minimal(rows: np.ndarray, bytes_: Parts, accepting: np.ndarray) -> Table:
    """Returns the automaton with equal states merged (Moore's algorithm). rows Int[S, K]: by part of the bytes."""
    group, groups = accepting.astype(np.int64), 0
    width = rows.shape[1] + 1
    offsets = np.arange(0, len(rows) * width + 1, width)
    while groups < (groups := int(group.max()) + 1):
        group, first = compose.distinct(offsets, np.column_stack([group, group[rows]]).ravel())      # DEAD comes first
    whole = np.column_stack([np.zeros(len(first), dtype=np.int64), group[rows[first]]])
    return Table(whole[:, bytes_.which], accepting[first], int(group[1]))


class Words:
    """Accepts the texts of a list. A state is the part of the sorted list that begins with what was read: nothing is
    built ahead, so a list of a hundred thousand costs its sorting."""

    def __init__(self, texts: Iterable[bytes]):
        self._texts = sorted(set(texts))
        self._states = States()
        self.start = self._states.of((0, len(self._texts), 0)) if self._texts else DEAD

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NOWHERE
        low, high, depth = self._states.keys[state]
        low += len(self._texts[low]) == depth
        bytes_, targets = [], []
        while low < high:
            byte = self._texts[low][depth]
            end = high if self._texts[high - 1][depth] == byte else bisect_left(
                self._texts, byte + 1, low, high, key=lambda text: text[depth])
            bytes_.append(byte)
            targets.append(self._states.of((low, end, depth + 1)))
            low = end
        return moves_on(tuple(bytes_), tuple(targets))

    def accepts(self, state: int) -> bool:
        if state == DEAD:
            return False
        low, _, depth = self._states.keys[state]
        return len(self._texts[low]) == depth

    def tag(self, state: int) -> bytes:
        """Returns the text that was read."""
        return self._texts[self._states.keys[state][0]]

    def completion(self, state: int) -> float:
        if state == DEAD:
            return math.inf
        low, high, depth = self._states.keys[state]
        return float(min(map(len, self._texts[low:high])) - depth if high - low <= 64 else not self.accepts(state))


@lru_cache(maxsize=4096)
def literal(text: bytes) -> Words:
    """The machine that accepts exactly `text`."""
    return Words([text])


# --- products and transductions -------------------------------------------------------------------------------------


class Intersection:
    """Accepts what both machines accept."""

    def __init__(self, left: ByteMachine, right: ByteMachine):
        self._left, self._right = left, right
        self._states = States()
        self.start = self._state(left.start, right.start)

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NOWHERE
        left, right = self._states.keys[state]
        return product((self._left.moves(left), self._right.moves(right)), lambda pair: self._state(*pair))

    def accepts(self, state: int) -> bool:
        return state != DEAD and all(
            machine.accepts(part) for machine, part in zip((self._left, self._right), self._states.keys[state])
        )

    def completion(self, state: int) -> float:
        if state == DEAD:
            return math.inf
        left, right = self._states.keys[state]
        return max(self._left.completion(left), self._right.completion(right))

    def _state(self, left: int, right: int) -> int:
        return self._states.of((left, right)) if left != DEAD and right != DEAD else DEAD


class ExactlyOne:
    """Accepts what exactly one of the machines accepts."""

    def __init__(self, machines: tuple[ByteMachine, ...]):
        self._machines = machines
        self._states = States()
        self.start = self._state(tuple(machine.start for machine in machines))

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NOWHERE
        inner = zip(self._machines, self._states.keys[state])
        return product([machine.moves(part) for machine, part in inner], self._state)

    def accepts(self, state: int) -> bool:
        return state != DEAD and sum(
            machine.accepts(part) for machine, part in zip(self._machines, self._states.keys[state])) == 1

    def completion(self, state: int) -> float:
        if state == DEAD:
            return math.inf
        return min(machine.completion(part) for machine, part in zip(self._machines, self._states.keys[state]))

    def _state(self, parts: tuple[int, ...]) -> int:
        return self._states.of(parts) if any(parts) else DEAD


class Complement:
    """Accepts every text that the machine does not."""

    def __init__(self, machine: ByteMachine):
        self._machine = machine
        self._states = States()
        self.start = self._states.of(machine.start)

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NOWHERE
        inner = self._states.keys[state]
        return product([ALIVE, self._machine.moves(inner)], lambda pair: self._states.of(pair[1]))

    def accepts(self, state: int) -> bool:
        return state != DEAD and not self._machine.accepts(self._states.keys[state])

    def completion(self, state: int) -> float:
        return math.inf if state == DEAD else float(not self.accepts(state))


def shortest(machine: ByteMachine, limit: int = 4096) -> float:
    """Returns the length in bytes of the shortest accepted text, inf when there is none.

    Best first; after `limit` states it settles for the machine's own lower bound.
    """
    if machine.start == DEAD:
        return math.inf
    heap, seen = [(machine.completion(machine.start), 0, machine.start)], {DEAD, machine.start}
    while heap and len(seen) < limit:
        total, depth, state = heapq.heappop(heap)
        if machine.accepts(state):
            return float(depth)
        for target in set(machine.moves(state).targets) - seen:
            bound = machine.completion(target)
            if bound < math.inf:
                seen.add(target)
                heapq.heappush(heap, (depth + 1 + bound, depth + 1, target))
    return heap[0][0] if heap else math.inf


ALIVE = moves_of(np.ones(BYTES, dtype=np.int32))


def product(parts_of_all: Sequence[Moves], state: Callable[[tuple[int, ...]], int]) -> Moves:
    """Returns the moves to `state` of the states that all the machines of a product lead to: the live ones or DEAD."""
    met, columns = refined(tuple([parts for _, parts in parts_of_all]))
    targets = [(DEAD, *targets) for targets, _ in parts_of_all]
    return moves_by([state(tuple([of[p] for of, p in zip(targets, column)])) for column in columns], met)


SHORT_ESCAPES = {ord('"'): b'"', ord("\\"): b"\\", 8: b"b", 9: b"t", 10: b"n", 12: b"f", 13: b"r"}


class Escaped:
    """Reads the inside of a JSON string literal and shows `inner` the text it stands for.

    The spelling is canonical, so that each text has one: short escapes where JSON has them, `\\u00xx` for the other
    control characters, every other character as itself.
    """

    def __init__(self, inner: ByteMachine):
        self._inner = inner
        self._states = States()
        self.start = self._plain(inner.start)

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NOWHERE
        inner, spelled = self._states.keys[state]
        targets, parts = self._inner.moves(inner)
        met, reading = _escaped(parts, spelled)
        return moves_by([self._states.of((inner, read)) if read else self._plain(targets[p - 1]) for p, read in reading], met)

    def accepts(self, state: int) -> bool:
        if state == DEAD:
            return False
        inner, spelled = self._states.keys[state]
        return not spelled and self._inner.accepts(inner)

    def tag(self, state: int) -> Hashable:
        """Returns the inner machine's tag of the text it was shown."""
        return self._inner.tag(self._states.keys[state][0])

    def completion(self, state: int) -> float:
        if state == DEAD:
            return math.inf
        return self._inner.completion(self._states.keys[state][0])

    def _plain(self, inner: int) -> int:
        return self._states.of((inner, b"")) if inner != DEAD else DEAD


ESCAPES = {
    byte: b"\\" + SHORT_ESCAPES[byte] if byte in SHORT_ESCAPES else b"\\u%04x" % byte
    for byte in [*range(0x20), ord('"'), ord("\\")]
}
ESCAPED = np.array(list(ESCAPES))


@lru_cache(maxsize=1 << 16)
def _escaped(parts: Parts, spelled: bytes) -> tuple[Parts, list[tuple[int, bytes]]]:
    """Returns how bytes part in a string after `spelled`, which begins an escape or is empty, where the characters part
    as `parts`; and for each part the part of the character that it ends, or the escape it has come to."""
    reading = [] if spelled else [(p, b"") for p in range(1, parts.count + 1)]
    labels = np.zeros(BYTES, dtype=np.int32) if spelled else np.where(np.isin(np.arange(BYTES), ESCAPED), 0, parts.which)
    for byte, escape in ESCAPES.items():
        if parts.which[byte] and escape.startswith(spelled):
            read = escape[: len(spelled) + 1]
            reading.append((int(parts.which[byte]), b"") if read == escape else (0, read))
            labels[read[-1]] = len(reading)
    met, found = part(labels)
    return met, [reading[label - 1] for label in found.tolist()]


class Spans:
    """Accepts the non-empty spans of a source text that do not cut a word or a number in two.

    A state is the set of places in the source that the text read so far may end at (the determinised suffix
    automaton, found as it is walked).
    """

    def __init__(self, source: bytes):
        self._source = np.frombuffer(source, dtype=np.uint8)
        self._begins, self._ends = _word_edges(source)
        self._states = States()
        self.start = self._state(np.flatnonzero(self._begins)) if source else DEAD

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NOWHERE
        places = np.frombuffer(self._states.keys[state], dtype=np.int32)
        places = places[places < len(self._source)]
        read = self._source[places]
        bytes_ = np.unique(read)
        return moves_on(tuple(bytes_.tolist()), tuple([self._state(places[read == byte] + 1) for byte in bytes_]))

    def accepts(self, state: int) -> bool:
        return state not in (DEAD, self.start) and self._ends[self._places(state)].any()

    def completion(self, state: int) -> float:
        return math.inf if state == DEAD else float(not self.accepts(state))

    def _places(self, state: int) -> np.ndarray:
        return np.frombuffer(self._states.keys[state], dtype=np.int32)

    def _state(self, places: np.ndarray) -> int:
        return self._states.of(places.astype(np.int32).tobytes())


def _word_edges(source: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Returns Bool[n], Bool[n + 1]: where a span may begin, and where it may end."""
    kinds = []                                       # per byte: what it may not be parted from
    for character in source.decode("utf-8", errors="replace"):
        width = len(character.encode())
        kind = "letter" if character.isalpha() else "digit" if character.isdigit() else ""
        kinds += [(kind, True)] + [(kind, False)] * (width - 1)
    kinds = kinds[: len(source)] + [("", True)] * max(0, len(source) - len(kinds))
    edge = np.ones(len(source) + 1, dtype=bool)
    for i in range(1, len(source)):
        (before, _), (here, first) = kinds[i - 1], kinds[i]
        edge[i] = first and not (here and here == before)
    return edge[:-1], edge


ANYTHING = Table(np.repeat(np.arange(2, dtype=np.int32)[:, None], BYTES, axis=1), np.array([False, True]))


def intersect(left: ByteMachine, right: ByteMachine) -> ByteMachine:
    """Returns the machine that accepts what both do; ANYTHING is its identity."""
    if left is ANYTHING:
        return right
    return left if right is ANYTHING else Intersection(left, right)


def all_but(texts: tuple[bytes, ...]) -> Table:
    """The machine that accepts every text except `texts`."""
    prefixes = {b"": 1}
    for spelled in texts:
        for end in range(1, len(spelled) + 1):
            prefixes.setdefault(spelled[:end], len(prefixes) + 1)
    other = len(prefixes) + 1
    rows = np.full((other + 1, BYTES), other, dtype=np.int32)
    rows[DEAD] = DEAD
    for prefix, state in prefixes.items():
        if prefix:
            rows[prefixes[prefix[:-1]], prefix[-1]] = state
    accepting = np.ones(other + 1, dtype=bool)
    accepting[DEAD] = False
    accepting[[prefixes[spelled] for spelled in texts]] = False
    return Table(rows, accepting)
