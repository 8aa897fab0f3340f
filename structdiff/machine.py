"""Machines over bytes: lazy, deterministic, and closed under the operations constraints are made of.

A state is a small integer that its machine hands out when it is first reached; 0 is dead. `Table` is a finite
automaton; `Network` a system of recursive rules (a context-free language), determinised as it is walked;
`Intersection` accepts what two machines accept, `ExactlyOne` what one of several does; `Escaped` reads a JSON string literal and shows another machine the
text it stands for; `Spans` accepts the spans of a source text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np

DEAD = 0
BYTES = 256


@runtime_checkable
class ByteMachine(Protocol):
    """A deterministic machine over bytes; states are hash-consed ints, 0 is dead."""

    start: int
    finite: bool        # False when no bound on the number of states is known

    def row(self, state: int) -> np.ndarray:
        """Returns Int[256]: the state after each byte."""
        ...

    def accepts(self, state: int) -> bool: ...

    def completion(self, state: int) -> float:
        """Returns a lower bound on the bytes still needed to accept: 0 when `state` accepts, inf when nothing can."""
        ...


def step(machine: ByteMachine, state: int, byte: int) -> int:
    return int(machine.row(state)[byte])


def run(machine: ByteMachine, text: bytes, state: int | None = None) -> int:
    """Returns the state after `text`; DEAD when no accepted text begins so."""
    state = machine.start if state is None else state
    for byte in text:
        if state == DEAD:
            break
        state = step(machine, state, byte)
    return state


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

    finite = True

    def __init__(self, rows: np.ndarray, accepting: np.ndarray, start: int = 1):
        distance = _distances(rows, accepting)
        self.rows = np.where(np.isinf(distance)[rows], DEAD, rows).astype(np.int32)
        self.accepting = accepting
        self.distance = distance
        self.start = DEAD if math.isinf(distance[start]) else start

    def row(self, state: int) -> np.ndarray:
        return self.rows[state]

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


@lru_cache(maxsize=4096)
def literal(text: bytes) -> Table:
    """The machine that accepts exactly `text`."""
    rows = np.zeros((len(text) + 2, BYTES), dtype=np.int32)
    rows[np.arange(1, len(text) + 1), np.frombuffer(text, dtype=np.uint8)] = np.arange(2, len(text) + 2)
    accepting = np.zeros(len(text) + 2, dtype=bool)
    accepting[-1] = True
    return Table(rows, accepting)


# --- rules: what a Network is made of -------------------------------------------------------------------------------


class Rule:
    """An expression over machines. Rules are compared by identity; build each once."""


@dataclass(frozen=True, eq=False)
class Leaf(Rule):
    machine: ByteMachine


@dataclass(frozen=True, eq=False)
class Seq(Rule):
    parts: tuple[Rule, ...]


@dataclass(frozen=True, eq=False)
class Alt(Rule):
    options: tuple[Rule, ...]


@dataclass(frozen=True, eq=False)
class Repeat(Rule):
    """`body`, at least `low` and at most `high` times (None: any number); counted as it is walked, never unrolled."""

    body: Rule
    low: int
    high: int | None


@dataclass(frozen=True, eq=False)
class Ref(Rule):
    """The rule of that name, which may refer back to this one."""

    name: str


EMPTY = Seq(())


def text(spelled: str | bytes) -> Rule:
    return Leaf(literal(spelled.encode() if isinstance(spelled, str) else spelled))


def seq(*parts: Rule) -> Rule:
    return Seq(parts)


def alt(*options: Rule) -> Rule:
    return Alt(options)


class Network:
    """The language of recursive rules, as a machine.

    A state is the set of places the text may have come to; a place is a leaf machine's state and what must follow it
    (a linked list of rules). The set is found as it is walked, so nesting is bounded by nothing, and a repetition's
    counter is just the rule that remains. This is the derivative of a grammar (Might, Darais & Spiewak,
    doi:10.1145/2034773.2034801) with leaves taken by whole machines.
    """

    def __init__(self, start: Rule, rules: Mapping[str, Rule] | None = None):
        self._rules = dict(rules or {})
        self._states = States()
        self._rows: dict[int, np.ndarray] = {}
        self._tails = States()                       # (rule, tail) pairs: a linked list, DEAD is its end
        self._remainders: dict[tuple, Repeat] = {}   # (body, low, high) -> the rule that remains
        self._leaves: list[ByteMachine] = []
        self._leaf_of: dict[int, int] = {}
        self._moves: dict[tuple[int, int], list[tuple[int, np.ndarray]]] = {}
        self._tail_costs: dict[int, float] = {DEAD: 0.0}
        self._costs = _Costs(self._rules)
        self._end = (self._leaf(literal(b"")), literal(b"").start, DEAD)
        self.finite = not _recursive(start, self._rules)
        self.start = self._state(self._expand(start, DEAD))

    def row(self, state: int) -> np.ndarray:
        row = self._rows.get(state)
        if row is None:
            row = self._rows[state] = self._row(state)
        return row

    def accepts(self, state: int) -> bool:
        return state != DEAD and any(
            tail == DEAD and self._leaves[leaf].accepts(inner) for leaf, inner, tail in self._states.keys[state]
        )

    def completion(self, state: int) -> float:
        if state == DEAD:
            return math.inf
        return min(self._leaves[leaf].completion(inner) + self._tail_cost(tail)
                   for leaf, inner, tail in self._states.keys[state])

    def _state(self, places: set[tuple[int, int, int]]) -> int:
        return self._states.of(tuple(sorted(places))) if places else DEAD

    def _row(self, state: int) -> np.ndarray:
        row = np.zeros(BYTES, dtype=np.int32)
        if state == DEAD:
            return row
        places = self._states.keys[state]
        if len(places) == 1:
            (leaf, _, tail), = places
            for target, reached in self._leaf_moves(*places[0][:2]):
                row[reached] = self._state(self._arrive(leaf, target, tail))
            return row
        after: dict[int, list[tuple[int, int, int]]] = {}
        for leaf, inner, tail in places:
            for target, reached in self._leaf_moves(leaf, inner):
                for byte in reached.tolist():
                    after.setdefault(byte, []).append((leaf, target, tail))
        met: dict[tuple, int] = {}
        for byte, arrivals in after.items():
            key = tuple(arrivals)
            if key not in met:
                met[key] = self._state(set().union(*(self._arrive(*arrival) for arrival in arrivals)))
            row[byte] = met[key]
        return row

    def _leaf_moves(self, leaf: int, inner: int) -> list[tuple[int, np.ndarray]]:
        """Returns, for each live state one byte on, the bytes that lead there."""
        moves = self._moves.get((leaf, inner))
        if moves is None:
            row = self._leaves[leaf].row(inner)
            moves = [(int(target), np.flatnonzero(row == target)) for target in np.unique(row) if target != DEAD]
            self._moves[leaf, inner] = moves
        return moves

    def _arrive(self, leaf: int, inner: int, tail: int) -> set[tuple[int, int, int]]:
        places = {(leaf, inner, tail)} if self._leaf_moves(leaf, inner) else set()
        if self._leaves[leaf].accepts(inner):
            places |= self._expand(*self._tails.keys[tail]) if tail != DEAD else {self._end}
        return places

    def _expand(self, rule: Rule, tail: int) -> set[tuple[int, int, int]]:
        """Returns the places from which `rule`, then `tail`, may begin."""
        places: set[tuple[int, int, int]] = set()
        seen: set[tuple[int, int]] = set()
        pending = [(rule, tail)]
        while pending:
            rule, tail = pending.pop()
            if (id(rule), tail) in seen or math.isinf(self._costs.of(rule) + self._tail_cost(tail)):
                continue
            seen.add((id(rule), tail))
            match rule:
                case Leaf(machine):
                    leaf = self._leaf(machine)
                    places.add((leaf, machine.start, tail))
                    if machine.accepts(machine.start):
                        pending.append((EMPTY, tail))
                case Seq(()):
                    if tail != DEAD:
                        pending.append(self._tails.keys[tail])
                    else:
                        places.add(self._end)
                case Seq(parts):
                    for part in reversed(parts[1:]):
                        tail = self._tails.of((part, tail))
                    pending.append((parts[0], tail))
                case Alt(options):
                    pending.extend((option, tail) for option in options)
                case Repeat(body, low, high):
                    if low == 0:
                        pending.append((EMPTY, tail))
                    if high != 0:
                        pending.append((body, self._tails.of((self._remainder(rule), tail))))
                case Ref(name):
                    pending.append((self._rules[name], tail))
        return places

    def _leaf(self, machine: ByteMachine) -> int:
        index = self._leaf_of.get(id(machine))
        if index is None:
            index = self._leaf_of[id(machine)] = len(self._leaves)
            self._leaves.append(machine)
        return index

    def _remainder(self, rule: Repeat) -> Repeat:
        """Returns what is left of a repetition once its body is read: the same object for the same count."""
        if rule.low == 0 and rule.high is None:
            return rule
        low, high = max(rule.low - 1, 0), None if rule.high is None else rule.high - 1
        return self._remainders.setdefault((id(rule.body), low, high), Repeat(rule.body, low, high))

    def _tail_cost(self, tail: int) -> float:
        """Returns the fewest bytes a tail can be spelled in."""
        unknown = []
        while tail not in self._tail_costs:
            unknown.append(tail)
            tail = self._tails.keys[tail][1]
        cost = self._tail_costs[tail]
        for tail in reversed(unknown):
            cost += self._costs.of(self._tails.keys[tail][0])
            self._tail_costs[tail] = cost
        return cost


class _Costs:
    """The fewest bytes each rule can be spelled in; inf for a rule that needs itself."""

    def __init__(self, rules: Mapping[str, Rule]):
        self._known: dict[int, float] = {}
        self._alive: list[Rule] = []                 # what is known by id must live as long
        self._names = dict.fromkeys(rules, math.inf)
        while True:
            found = {name: self._cost(rule, {}) for name, rule in rules.items()}
            if found == self._names:
                break
            self._names = found

    def of(self, rule: Rule) -> float:
        known = self._known.get(id(rule))
        if known is None:
            self._alive.append(rule)
            known = self._cost(rule, self._known)
        return known

    def _cost(self, rule: Rule, seen: dict[int, float]) -> float:
        """Post-order over the rule's graph without recursion: schemas nest deeper than Python's stack."""
        pending = [rule]
        while pending:
            node = pending[-1]
            if id(node) in seen:
                pending.pop()
                continue
            children = _children(node)
            missing = [child for child in children if id(child) not in seen]
            if missing:
                pending.extend(missing)
                continue
            seen[id(node)] = self._combine(node, [seen[id(child)] for child in children])
            pending.pop()
        return seen[id(rule)]

    def _combine(self, rule: Rule, costs: list[float]) -> float:
        match rule:
            case Leaf(machine):
                return machine.completion(machine.start)
            case Seq():
                return sum(costs)
            case Alt():
                return min(costs, default=math.inf)
            case Repeat(_, low, _):
                return low * costs[0] if low else 0.0
            case Ref(name):
                return self._names[name]
        raise TypeError(f"not a rule: {rule!r}")


def _children(rule: Rule) -> tuple[Rule, ...]:
    match rule:
        case Seq(parts):
            return parts
        case Alt(options):
            return options
        case Repeat(body, _, _):
            return (body,)
    return ()


def _recursive(start: Rule, rules: Mapping[str, Rule]) -> bool:
    """Whether a rule reachable from `start` refers, through others, to itself, or a leaf is itself unbounded."""
    mentions = {name: set(mentioned(rule)) for name, rule in rules.items()}
    reach, pending = set(), list(mentioned(start))
    while pending:
        name = pending.pop()
        if name not in reach:
            reach.add(name)
            pending.extend(mentions[name])
    if not all(leaf.finite for rule in [start, *(rules[name] for name in reach)] for leaf in _leaves(rule)):
        return True
    resolved: set[str] = set()
    while free := {name for name in reach - resolved if mentions[name] <= resolved}:
        resolved |= free
    return resolved != reach


def _walk(rule: Rule) -> Iterator[Rule]:
    seen, pending = set(), [rule]
    while pending:
        node = pending.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            pending.extend(_children(node))


def mentioned(rule: Rule) -> Iterator[str]:
    """Yields the names that `rule` refers to itself."""
    return (node.name for node in _walk(rule) if isinstance(node, Ref))


def _leaves(rule: Rule) -> Iterator[ByteMachine]:
    return (node.machine for node in _walk(rule) if isinstance(node, Leaf))


# --- products and transductions -------------------------------------------------------------------------------------


class Intersection:
    """Accepts what both machines accept."""

    def __init__(self, left: ByteMachine, right: ByteMachine):
        self._left, self._right = left, right
        self._states = States()
        self.finite = left.finite and right.finite
        self.start = self._state(left.start, right.start)

    def row(self, state: int) -> np.ndarray:
        if state == DEAD:
            return np.zeros(BYTES, dtype=np.int32)
        left, right = self._states.keys[state]
        return _paired(self._left.row(left), self._right.row(right), self._state)

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
        self.finite = all(machine.finite for machine in machines)
        self.start = self._state(tuple(machine.start for machine in machines))

    def row(self, state: int) -> np.ndarray:
        row = np.zeros(BYTES, dtype=np.int32)
        if state == DEAD:
            return row
        rows = np.stack([machine.row(part) for machine, part in zip(self._machines, self._states.keys[state])])
        parts, where = np.unique(rows, axis=1, return_inverse=True)
        return np.array([self._state(tuple(part)) for part in parts.T.tolist()], dtype=np.int32)[where.ravel()]

    def accepts(self, state: int) -> bool:
        return state != DEAD and sum(
            machine.accepts(part) for machine, part in zip(self._machines, self._states.keys[state])) == 1

    def completion(self, state: int) -> float:
        if state == DEAD:
            return math.inf
        return min(machine.completion(part) for machine, part in zip(self._machines, self._states.keys[state]))

    def _state(self, parts: tuple[int, ...]) -> int:
        return self._states.of(parts) if any(parts) else DEAD


def _paired(left: np.ndarray, right: np.ndarray, state: Callable[[int, int], int]) -> np.ndarray:
    """Returns the row of pairs: each distinct pair is looked up once."""
    live = np.flatnonzero((left != DEAD) & (right != DEAD))
    row = np.zeros(BYTES, dtype=np.int32)
    pairs, where = np.unique(left[live].astype(np.int64) << 32 | right[live], return_inverse=True)
    row[live] = np.array([state(int(pair >> 32), int(pair & 0xFFFFFFFF)) for pair in pairs], dtype=np.int32)[where]
    return row


SHORT_ESCAPES = {ord('"'): b'"', ord("\\"): b"\\", 8: b"b", 9: b"t", 10: b"n", 12: b"f", 13: b"r"}


class Escaped:
    """Reads the inside of a JSON string literal and shows `inner` the text it stands for.

    The spelling is canonical, so that each text has one: short escapes where JSON has them, `\\u00xx` for the other
    control characters, every other character as itself.
    """

    def __init__(self, inner: ByteMachine):
        self._inner = inner
        self._states = States()
        self.finite = inner.finite
        self.start = self._plain(inner.start)

    def row(self, state: int) -> np.ndarray:
        row = np.zeros(BYTES, dtype=np.int32)
        if state == DEAD:
            return row
        inner, spelled = self._states.keys[state]
        after = self._inner.row(inner)
        if not spelled:
            targets = np.unique(after[0x20:])
            for target in targets[targets != DEAD]:
                row[0x20:][after[0x20:] == target] = self._plain(int(target))
            row[ord('"')] = row[ord("\\")] = DEAD
        for byte, escape in ESCAPES.items():
            if after[byte] != DEAD and escape.startswith(spelled):
                rest = escape[len(spelled) + 1 :]
                row[escape[len(spelled)]] = self._plain(int(after[byte])) if not rest else self._states.of(
                    (inner, escape[: len(spelled) + 1]))
        return row

    def accepts(self, state: int) -> bool:
        if state == DEAD:
            return False
        inner, spelled = self._states.keys[state]
        return not spelled and self._inner.accepts(inner)

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


class Spans:
    """Accepts the non-empty spans of a source text that do not cut a word or a number in two.

    A state is the set of places in the source that the text read so far may end at (the determinised suffix
    automaton, found as it is walked).
    """

    finite = True

    def __init__(self, source: bytes):
        self._source = np.frombuffer(source, dtype=np.uint8)
        self._begins, self._ends = _word_edges(source)
        self._states = States()
        self.start = self._state(np.flatnonzero(self._begins)) if source else DEAD

    def row(self, state: int) -> np.ndarray:
        row = np.zeros(BYTES, dtype=np.int32)
        if state == DEAD:
            return row
        places = np.frombuffer(self._states.keys[state], dtype=np.int32)
        places = places[places < len(self._source)]
        read = self._source[places]
        for byte in np.unique(read):
            row[byte] = self._state(places[read == byte] + 1)
        return row

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
