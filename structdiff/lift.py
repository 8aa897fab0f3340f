"""Lifting: a byte machine and a vocabulary in, an automaton over token classes out.

A token acts on byte states as a partial function, the composition of its bytes. Tokens with the same function are one
class. All functions are found in one walk of the token trie, in which equal functions are met once however many
tokens share them; so the string states of a schema share their work, and a dead branch costs nothing.
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from structdiff.automaton import END, UNUSED, Arcs, Automaton, Csr
from structdiff.errors import ConstraintTooLarge, UnsatisfiableConstraint, UnspellableConstraint
from structdiff.machine import BYTES, DEAD, ByteMachine, moves
from structdiff.vocab import Vocab


LOOKED_FOR = 4             # how many times as many states as are in view a shortest text is looked for among
MARGIN = 1.2               # on the count of tokens that are out of view
LONGEST_TOKEN = 64         # bytes looked ahead for it
LONG = 0.02                # bits that each byte counts for, however forced: of two ways the shorter comes first


@dataclass(frozen=True)
class Limits:
    """How much may be materialised for one block: byte states in view of its frontier, and arcs between them.

    seconds: of CPU time for the view; it ends there with what it has.
    """

    view: int = 1_200
    arcs: int = 2_000_000
    seconds: float = 3.0

    def __post_init__(self) -> None:
        if min(self.view, self.arcs, self.seconds) <= 0:
            raise ValueError(f"limits must be positive: {self}")


def lift(machine: ByteMachine, vocab: Vocab, frontier: int, limits: Limits = Limits()) -> Automaton:
    """Returns the automaton whose texts from `frontier` are the machine's, spelled in every way the vocabulary can.

    A machine with more than `limits.view` states is seen from `frontier` outwards: those of a shortest text, then
    the likeliest first. The next block's frontier sees further, so size is bounded by no more than the budget.

    Raises:
        ConstraintTooLarge: the arcs pass their limit.
        UnsatisfiableConstraint: nothing completes `frontier`.
        UnspellableConstraint: something does, but not in these tokens.
    """
    if frontier == DEAD:
        raise UnsatisfiableConstraint("no text satisfies the constraint")
    found = _explore(machine, frontier, limits)
    if np.isinf(found.beyond).all():
        raise UnsatisfiableConstraint("no text satisfies the constraint: its parts contradict each other")
    functions = _token_functions(found.table, vocab)
    return _assemble(found, functions, vocab, limits)


# --- the byte states a block can see --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """machine_states Int[S]: the frontier is 0. table Int[S, 256]: local indices, -1 where dead or out of view.

    beyond Float[S]: the bytes to acceptance for a state that accepts (0) or leads out of view, else inf.
    whole: nothing is out of view. shortest: a shortest text, as far as it was looked for.
    """

    machine_states: np.ndarray
    table: np.ndarray
    accepting: np.ndarray
    beyond: np.ndarray
    whole: bool
    shortest: bytes

    def tokens_beyond(self, vocab: Vocab) -> np.ndarray:
        """Returns Float[S]: the tokens from each state to acceptance out of view, by a greedy reading of the shortest text.

        What is that many bytes from the end is taken to go on as the shortest text does there.
        """
        begins, at = [], 0
        while at < len(self.shortest):
            begins.append(at)
            at += vocab.longest(self.shortest[at : at + LONGEST_TOKEN])
        length = len(self.shortest)
        left = np.array([length - begin for begin in reversed(begins)])         # bytes left where each token begins
        within = np.searchsorted(left, self.beyond, side="right") + ~np.isin(self.beyond, left) * 1.0    # one cut in two
        rate = length / len(begins) if begins else 1.0
        further = np.where(np.isfinite(self.beyond), np.maximum(self.beyond - length, 0.0), 0.0)
        margin = MARGIN if rate > 1 else 1.0         # other texts of that length may take more tokens
        tokens = np.ceil(margin * (within + further / rate))
        return np.where(self.beyond == 0, 0.0, np.where(np.isinf(self.beyond), np.inf, tokens))


def _explore(machine: ByteMachine, frontier: int, limits: Limits) -> _Found:
    """Returns states reachable from `frontier`: those of a shortest accepted text, then the likeliest first.

    Likely: when each byte leads to any of the live next states as well as to another. So a long key counts for no
    more than the choice of it, and values within values within values come late.
    """
    view = _View(machine)
    path, shortest = _shortest_path(machine, frontier, limits.view, limits.seconds)
    for state in path:
        view.add(state)
    bits = {frontier: 0.0}
    heap, taken = [(0.0, frontier)], set()
    deadline = time.process_time() + limits.seconds
    while heap and (len(view.order) < limits.view or heap[0][1] in view.index) and time.process_time() < deadline:
        far, state = heapq.heappop(heap)
        if state in taken:
            continue
        taken.add(state)
        targets = view.add(state)
        step = far + math.log2(len(targets)) + LONG if targets else far
        for target in targets:
            if step < bits.get(target, math.inf):
                bits[target] = step
                heapq.heappush(heap, (step, target))
    return view.found(shortest)


class _View:
    """The states found so far, in the order found, and what each byte does to them."""

    def __init__(self, machine: ByteMachine):
        self._machine = machine
        self.order: list[int] = []
        self.index: dict[int, int] = {}
        self._moves: list[tuple[list[int], np.ndarray]] = []
        self._bounds: dict[int, float] = {}

    def add(self, state: int) -> list[int]:
        """Returns the live states one byte on; `state` is in view from now on."""
        at = self.index.get(state)
        if at is None:
            at = self.index[state] = len(self.order)
            self.order.append(state)
            self._moves.append(moves(self._machine, state))
        return [target for target in self._moves[at][0] if self._bound(target) < math.inf]

    def _bound(self, state: int) -> float:
        bound = self._bounds.get(state)
        if bound is None:
            bound = self._bounds[state] = self._machine.completion(state)
        return bound

    def found(self, shortest: bytes) -> _Found:
        accepting = np.fromiter((self._machine.accepts(state) for state in self.order), dtype=bool, count=len(self.order))
        table = np.empty((len(self.order), BYTES), dtype=np.int32)
        beyond = np.where(accepting, 0.0, np.inf)
        for i, (targets, which) in enumerate(self._moves):
            local = [self.index.get(target, -1) for target in targets]
            table[i] = np.array([-1, *local], dtype=np.int32)[which]
            if -1 in local and not accepting[i]:
                beyond[i] = 1 + min(self._bound(target) for target, at in zip(targets, local) if at < 0)
        whole = all(target in self.index or math.isinf(self._bound(target)) for targets, _ in self._moves for target in targets)
        return _Found(np.array(self.order), table, accepting, beyond, whole, shortest)


def _shortest_path(machine: ByteMachine, frontier: int, limit: int, seconds: float) -> tuple[list[int], bytes]:
    """Returns the first `limit` states of a shortest accepted text, and the text; of the furthest text that was found
    when more than `LOOKED_FOR` times as many states lie before its end."""
    before: dict[int, tuple[int, int]] = {frontier: (DEAD, 0)}
    heap = [(machine.completion(frontier), 0, frontier)]
    state = frontier
    deadline = time.process_time() + seconds
    while heap and len(before) < LOOKED_FOR * limit and time.process_time() < deadline:
        _, depth, state = heapq.heappop(heap)
        depth = -depth
        if machine.accepts(state):
            break
        targets, which = moves(machine, state)
        for part, target in enumerate(targets, start=1):
            if target not in before:
                before[target] = state, int(np.argmax(which == part))
                bound = machine.completion(target)
                if bound < math.inf:
                    heapq.heappush(heap, (depth + 1 + bound, -depth - 1, target))
    path, text = [], bytearray()
    while state != DEAD:
        path.append(state)
        state, byte = before[state]
        text.append(byte)
    return path[::-1][:limit], bytes(text[:-1][::-1])


# --- what each token does to them -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Functions:
    """Function `f` maps `sources[f][k]` to `targets[f][k]` and all else to nothing; 0 maps everything to nothing."""

    of_token: np.ndarray            # Int[V]
    sources: list[np.ndarray]
    targets: list[np.ndarray]


def _token_functions(table: np.ndarray, vocab: Vocab) -> _Functions:
    columns, byte_class = _byte_classes(table)
    width = columns.shape[1]
    nothing = np.zeros(0, dtype=np.int32)
    identity = np.arange(len(table), dtype=np.int32)
    sources, targets = [nothing, identity], [nothing, identity]
    known = {(b"", b""): 0}
    memo = np.full((1024, width), -1, dtype=np.int32)
    memo[0] = 0
    of_token = np.zeros(len(vocab), dtype=np.int32)
    above = np.array([1], dtype=np.int32)
    for level in vocab.trie:
        parent, edge = above[level.parent], byte_class[level.byte]
        met = memo[parent, edge]
        for key in np.unique(parent[met < 0].astype(np.int64) * width + edge[met < 0]).tolist():
            function, column = divmod(key, width)
            target = columns[targets[function], column]
            live = target >= 0
            source, target = sources[function][live], target[live]
            name = (source.tobytes(), target.tobytes())
            if name not in known:
                known[name] = len(sources)
                sources.append(source)
                targets.append(target)
            memo[function, column] = known[name]
        above = np.where(met < 0, memo[parent, edge], met)
        of_token[level.tokens] = above[level.nodes]
        if len(sources) > len(memo) - 1:
            memo = np.vstack([memo, np.full((2 * len(sources), width), -1, dtype=np.int32)])
        if not above.any():
            break
    return _Functions(of_token, sources, targets)


def _byte_classes(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the distinct columns Int[S, K] of `table`, and which of them each byte has, Int[256]."""
    names: dict[bytes, int] = {}
    transposed = np.ascontiguousarray(table.T)
    byte_class = np.array([names.setdefault(column.tobytes(), len(names)) for column in transposed])
    first = np.unique(byte_class, return_index=True)[1]
    return np.ascontiguousarray(transposed[first].T), byte_class


# --- arcs, sets and classes -----------------------------------------------------------------------------------------


def _assemble(found: _Found, functions: _Functions, vocab: Vocab, limits: Limits) -> Automaton:
    source, target, function = _triples(functions)
    distance, kept = _live(source, target, found.tokens_beyond(vocab))
    if not kept[0]:
        raise UnspellableConstraint("the vocabulary has no tokens to spell any text that satisfies the constraint")
    alive = kept[source] & kept[target]
    source, target, function = source[alive], target[alive], function[alive]
    renumber = np.cumsum(kept)                       # END takes 0
    source, target = renumber[source].astype(np.int32), renumber[target].astype(np.int32)
    class_of_function = _merge(source, target, function, len(functions.sources))
    class_of = class_of_function[functions.of_token]
    classes = int(class_of.max(initial=0)) + 1
    end_class = classes
    class_of = class_of.astype(np.int32)
    class_of[list(vocab.end_tokens)] = end_class
    arcs, sets = _arcs(source, target, class_of_function[function], renumber[kept & found.accepting], end_class, limits)
    return Automaton(
        class_of=class_of,
        sets=sets,
        arcs=arcs,
        accepting=np.concatenate([[True], found.accepting[kept]]),
        machine_states=np.concatenate([[-1], found.machine_states[kept]]),
        distance=np.concatenate([[0.0], distance[kept]]),
        end_token=vocab.end_tokens[0],
        whole=found.whole,
    )


def _triples(functions: _Functions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns every (source, target, function) for the functions that are tokens'."""
    used = [f for f in np.unique(functions.of_token).tolist() if f]
    if not used:
        return (np.zeros(0, dtype=np.int32),) * 3
    lengths = [len(functions.sources[f]) for f in used]
    return (np.concatenate([functions.sources[f] for f in used]), np.concatenate([functions.targets[f] for f in used]),
            np.repeat(np.array(used, dtype=np.int32), lengths))


def _live(source: np.ndarray, target: np.ndarray, beyond: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns Float[S]: tokens to acceptance; Bool[S]: reached from state 0 by tokens, and able to accept.

    beyond Float[S]: the tokens from a state to acceptance that are not in view.
    """
    states = len(beyond)
    edges = np.unique(source.astype(np.int64) * states + target)
    source, target = edges // states, edges % states
    distance = _fewest(beyond, target, source)
    finite = np.isfinite(distance)
    useful = finite[source] & finite[target]
    begin = np.full(states, np.inf)
    begin[:1] = np.where(finite[:1], 0.0, np.inf)
    return distance, np.isfinite(_fewest(begin, source[useful], target[useful])) & finite


def _fewest(begin: np.ndarray, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Returns Float[S]: the least of `begin` at some state plus the number of edges from there; inf: no path."""
    states = len(begin)
    order = np.argsort(source, kind="stable")
    offsets = np.searchsorted(source[order], np.arange(states + 1))
    target = target[order]
    distance = begin.copy()
    waiting = np.unique(begin[np.isfinite(begin)])[::-1].tolist()      # values still to be spread, the least last
    depth = -1.0
    roots = np.zeros(0, dtype=np.int64)
    while len(roots) or waiting:
        if not len(roots):
            depth = waiting[-1] - 1
        depth += 1
        if waiting and waiting[-1] == depth:
            waiting.pop()
            roots = np.flatnonzero(distance == depth)
        lengths = offsets[roots + 1] - offsets[roots]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        reached = np.unique(target[np.repeat(offsets[roots], lengths) + within])
        roots = reached[distance[reached] > depth + 1]
        distance[roots] = depth + 1
    return distance


def _merge(source: np.ndarray, target: np.ndarray, function: np.ndarray, functions: int) -> np.ndarray:
    """Returns Int[functions]: the class of each function, once it is seen only where it matters."""
    order = np.lexsort((source, function))
    source, target, function = source[order], target[order], function[order]
    bounds = np.searchsorted(function, np.arange(functions + 1))
    names: dict[tuple[bytes, bytes], int] = {(b"", b""): UNUSED}
    classes = np.zeros(functions, dtype=np.int32)
    for f in range(functions):
        part = slice(bounds[f], bounds[f + 1])
        classes[f] = names.setdefault((source[part].tobytes(), target[part].tobytes()), len(names))
    return classes


def _arcs(source: np.ndarray, target: np.ndarray, class_: np.ndarray, accepting: np.ndarray, end_class: int,
          limits: Limits) -> tuple[Arcs, Csr]:
    order = np.lexsort((class_, target, source))
    source, target, class_ = source[order], target[order], class_[order]
    distinct = np.ones(len(source), dtype=bool)
    distinct[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1]) | (class_[1:] != class_[:-1])
    source, target, class_ = source[distinct], target[distinct], class_[distinct]
    fresh = np.ones(len(source), dtype=bool)
    fresh[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
    begins = np.append(np.flatnonzero(fresh), len(source))
    if len(begins) > limits.arcs:
        raise ConstraintTooLarge(f"the constraint has more than {limits.arcs:,} arcs over this vocabulary")
    everything = np.arange(end_class + 1, dtype=np.int32)
    ends = np.array([end_class], dtype=np.int32)
    names = {everything.tobytes(): 0, ends.tobytes(): 1}
    sets = [everything, ends]
    spelled, bounds = class_.astype(np.int32).tobytes(), (4 * begins).tolist()
    found = []
    for begin, stop in zip(bounds, bounds[1:]):
        name = spelled[begin:stop]
        held = names.get(name)
        if held is None:
            held = names[name] = len(sets)
            sets.append(np.frombuffer(name, dtype=np.int32))
        found.append(held)
    held = np.array(found, dtype=np.int32)
    all_sources = np.concatenate([[END], source[fresh], accepting]).astype(np.int32)
    all_targets = np.concatenate([[END], target[fresh], np.full(len(accepting), END)]).astype(np.int32)
    all_sets = np.concatenate([[0], held, np.full(len(accepting), 1)]).astype(np.int32)
    order = np.argsort(all_sources, kind="stable")
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in sets])]).astype(np.int64)
    csr = Csr(offsets, np.concatenate(sets).astype(np.int32))
    return Arcs(all_sources[order], all_targets[order], all_sets[order]), csr


@lru_cache(maxsize=8)
def free(vocab: Vocab) -> Automaton:
    """Returns the automaton of no constraint at all: state 1 takes every token, an end token ends."""
    class_of = np.zeros(len(vocab), dtype=np.int32)
    class_of[list(vocab.end_tokens)] = 1
    sets = Csr(np.array([0, 2, 3, 4], dtype=np.int64), np.array([0, 1, 1, 0], dtype=np.int32))
    arcs = Arcs(*(np.array(part, dtype=np.int32) for part in ([END, 1, 1], [END, END, 1], [0, 1, 2])))
    return Automaton(class_of, sets, arcs, np.array([True, True]), np.array([-1, 1]), np.zeros(2), vocab.end_tokens[0], True)
