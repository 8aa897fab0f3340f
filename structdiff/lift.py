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

from structdiff import compose
from structdiff.automaton import END, UNUSED, Arcs, Automaton, Csr
from structdiff.errors import ConstraintTooLarge, UnsatisfiableConstraint, UnspellableConstraint
from structdiff.machine import DEAD, ByteMachine
from structdiff.parts import Moves, Parts, refined
from structdiff.vocab import Vocab


LOOKED_FOR = 4             # how many times as many states as are in view a shortest text is looked for among
MARGIN = 1.2               # on the count of tokens that are out of view
LONG = 0.02                # bits that each byte counts for, however forced: of two ways the shorter comes first


@dataclass(frozen=True)
class Limits:
    """How much may be materialised for one block: byte states in view of its frontier, and arcs between them.

    seconds: of CPU time for the view; it ends there with what it has.
    """

    view: int = 700
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
    return _assemble(found, _token_acts(found, vocab), vocab, limits)


# --- the byte states a block can see --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """machine_states Int[S]: the frontier is 0. table Int[S, K]: the local index of the state after a byte of each part
    but the first, which leads nowhere; -1 where dead or out of view. part_of Int[256]: the part of each byte, 0 to K.

    beyond Float[S]: the bytes to acceptance for a state that accepts (0) or leads out of view, else inf.
    whole: nothing is out of view. shortest: a shortest text, as far as it was looked for.
    """

    machine_states: np.ndarray
    table: np.ndarray
    part_of: np.ndarray
    accepting: np.ndarray
    beyond: np.ndarray
    whole: bool
    shortest: bytes

    def tokens_beyond(self, vocab: Vocab) -> np.ndarray:
        """Returns Float[S]: the tokens from each state to acceptance out of view.

        What is that many bytes from the end is taken to go on as the shortest text does there.
        """
        needed, length = vocab.fewest(self.shortest), len(self.shortest)
        rate = length / needed[-1] if length else 1.0
        far = np.where(np.isfinite(self.beyond), self.beyond, 0.0)
        margin = MARGIN if rate > 1 else 1.0         # other texts of that length may take more tokens
        tokens = needed[np.minimum(far, length).astype(int)] + np.maximum(far - length, 0.0) / rate
        return np.where(np.isinf(self.beyond), np.inf, np.ceil(margin * tokens))


def _explore(machine: ByteMachine, frontier: int, limits: Limits) -> _Found:
    """Returns states reachable from `frontier`: those of a shortest accepted text, then the likeliest first.

    Likely: when each byte leads to any of the live next states as well as to another. So a long key counts for no
    more than the choice of it, and values within values within values come late.
    """
    bounds = _Bounds(machine)
    path, shortest = _shortest_path(machine, bounds, frontier, limits.view, limits.seconds)
    view = _View(machine, bounds)
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


class _Bounds(dict):
    """State -> the machine's lower bound on the bytes to acceptance, asked for once."""

    def __init__(self, machine: ByteMachine):
        self._machine = machine

    def __missing__(self, state: int) -> float:
        bound = self[state] = self._machine.completion(state)
        return bound


class _View:
    """The states found so far, in the order found, and what each byte does to them."""

    def __init__(self, machine: ByteMachine, bounds: _Bounds):
        self._machine, self._bounds = machine, bounds
        self.order: list[int] = []
        self.index: dict[int, int] = {}
        self._moves: list[Moves] = []

    def add(self, state: int) -> list[int]:
        """Returns the live states one byte on; `state` is in view from now on."""
        at = self.index.get(state)
        if at is None:
            at = self.index[state] = len(self.order)
            self.order.append(state)
            self._moves.append(self._machine.moves(state))
        bounds = self._bounds
        return [target for target in self._moves[at].targets if bounds[target] < math.inf]

    def found(self, shortest: bytes) -> _Found:
        accepting = np.fromiter(map(self._machine.accepts, self.order), dtype=bool, count=len(self.order))
        by_parts: dict[Parts, list[int]] = {}            # rows whose bytes part alike are filled together
        for i, (_, parts) in enumerate(self._moves):
            by_parts.setdefault(parts, []).append(i)
        bytes_, columns = refined(tuple(by_parts))
        table = np.empty((len(self.order), bytes_.count), dtype=np.int32)
        index = self.index
        for (parts, rows), column in zip(by_parts.items(), np.array(columns, dtype=np.int64).reshape(-1, len(by_parts)).T):
            local = [[-1, *[index.get(target, -1) for target in self._moves[i].targets]] for i in rows]
            table[rows] = np.array(local, dtype=np.int32)[:, column]
        beyond, whole = self._beyond(accepting)
        return _Found(np.array(self.order), table, bytes_.which, accepting, beyond, whole, shortest)

    def _beyond(self, accepting: np.ndarray) -> tuple[np.ndarray, bool]:
        """Returns what `_Found` calls beyond and whole."""
        ahead = [min([math.inf, *[self._bounds[target] for target in moves.targets if target not in self.index]])
                 for moves in self._moves]
        return np.where(accepting, 0.0, np.add(ahead, 1.0)), min(ahead) == math.inf


def _shortest_path(machine: ByteMachine, bounds: _Bounds, frontier: int, limit: int, seconds: float) -> tuple[list[int], bytes]:
    """Returns the first `limit` states of a shortest accepted text, and the text; of the furthest text that was found
    when more than `LOOKED_FOR` times as many states are looked at before its end."""
    before: dict[int, tuple[int, int]] = {frontier: (DEAD, 0)}
    heap = [(bounds[frontier], 0, frontier)]
    state, left = frontier, LOOKED_FOR * limit
    deadline = time.process_time() + seconds
    while heap and left and time.process_time() < deadline:
        _, depth, state = heapq.heappop(heap)
        depth, left = -depth, left - 1
        if machine.accepts(state):
            break
        targets, parts = machine.moves(state)
        for part, target in enumerate(targets):
            if target not in before:
                before[target] = state, parts.first[part]
                bound = bounds[target]
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
class _Acts:
    """What tokens do: a token of function `f` leads from `source[k]` to `target[k]` wherever `function[k]` is `f`."""

    of_token: np.ndarray            # Int[V]; NOTHING leads nowhere
    source: np.ndarray
    target: np.ndarray
    function: np.ndarray            # ascending

    def where(self, kept: np.ndarray) -> _Acts:
        return _Acts(self.of_token, self.source[kept], self.target[kept], self.function[kept])


def _token_acts(found: _Found, vocab: Vocab) -> _Acts:
    trie = vocab.trie
    of_node, offsets, sources, targets = compose.functions(found.table, found.part_of, trie.parent, trie.byte)
    of_token = np.where(trie.node >= 0, of_node[trie.node], compose.NOTHING)
    sizes = np.diff(offsets)
    sizes_used = np.where(np.bincount(of_token, minlength=len(sizes)) > 0, sizes, 0)
    used = np.repeat(sizes_used > 0, sizes)
    return _Acts(of_token, sources[used], targets[used], np.repeat(np.arange(len(sizes), dtype=np.int32), sizes_used))


# --- arcs, sets and classes -----------------------------------------------------------------------------------------


def _assemble(found: _Found, acts: _Acts, vocab: Vocab, limits: Limits) -> Automaton:
    distance, kept = _live(acts, found.tokens_beyond(vocab))
    if not kept[0]:
        raise UnspellableConstraint("the vocabulary has no tokens to spell any text that satisfies the constraint")
    acts = acts.where(kept[acts.source] & kept[acts.target])
    class_of_function, first = _classes(acts, len(kept))
    class_of = class_of_function[acts.of_token]
    end_class = int(class_of.max(initial=0)) + 1
    class_of[list(vocab.end_tokens)] = end_class
    renumber = np.cumsum(kept)                       # END takes 0
    acts = acts.where(first[acts.function])
    arcs, sets = _arcs(renumber[acts.source], renumber[acts.target], class_of_function[acts.function],
                       renumber[kept & found.accepting], end_class, limits)
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


def _live(acts: _Acts, beyond: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns Float[S]: tokens to acceptance; Bool[S]: reached from state 0 by tokens, and able to accept.

    beyond Float[S]: the tokens from a state to acceptance that are not in view.
    """
    distance = compose.fewest(beyond, acts.target, acts.source)
    finite = np.isfinite(distance)
    useful = finite[acts.source] & finite[acts.target]
    begin = np.full(len(beyond), np.inf)
    begin[:1] = np.where(finite[:1], 0.0, np.inf)
    return distance, np.isfinite(compose.fewest(begin, acts.source[useful], acts.target[useful])) & finite


def _classes(acts: _Acts, states: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns Int[F]: the class of each function, once it is seen only where it matters; Bool[F]: the first of its class."""
    functions = int(acts.of_token.max(initial=0)) + 1
    bounds = np.searchsorted(acts.function, np.arange(functions + 1))
    number, firsts = compose.distinct(bounds, acts.source.astype(np.int64) * states + acts.target)
    first = np.zeros(functions, dtype=bool)      # functions that lead nowhere are the first class, UNUSED: NOTHING is one
    first[firsts[1:]] = True
    return number, first


def _arcs(source: np.ndarray, target: np.ndarray, class_: np.ndarray, accepting: np.ndarray, end_class: int,
          limits: Limits) -> tuple[Arcs, Csr]:
    """Returns the arcs, one a pair of states, and the token sets they share. Each (source, target, class) comes once."""
    states, classes = int(max(source.max(initial=0), target.max(initial=0))) + 1, end_class + 1
    ends, class_ = np.divmod(np.sort((source.astype(np.int64) * states + target) * classes + class_), classes)
    fresh = np.ones(len(ends), dtype=bool)
    fresh[1:] = ends[1:] != ends[:-1]
    begins = np.append(np.flatnonzero(fresh), len(ends))
    if len(begins) > limits.arcs:
        raise ConstraintTooLarge(f"the constraint has more than {limits.arcs:,} arcs over this vocabulary")
    held, firsts = compose.distinct(begins, class_)
    sizes = np.diff(begins)[firsts]
    offsets = np.concatenate([[0, classes, classes + 1], classes + 1 + np.cumsum(sizes)])      # EVERYTHING, the end class
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    items = np.concatenate([np.arange(classes), [end_class], class_[np.repeat(begins[firsts], sizes) + within]])
    between, to = np.divmod(ends[fresh], states)
    sources = np.concatenate([[END], between, accepting]).astype(np.int32)
    targets = np.concatenate([[END], to, np.full(len(accepting), END)]).astype(np.int32)
    sets = np.concatenate([[0], held + 2, np.full(len(accepting), 1)]).astype(np.int32)
    order = np.argsort(sources, kind="stable")
    return Arcs(sources[order], targets[order], sets[order]), Csr(offsets.astype(np.int64), items.astype(np.int32))


@lru_cache(maxsize=8)
def free(vocab: Vocab) -> Automaton:
    """Returns the automaton of no constraint at all: state 1 takes every token, an end token ends."""
    class_of = np.zeros(len(vocab), dtype=np.int32)
    class_of[list(vocab.end_tokens)] = 1
    sets = Csr(np.array([0, 2, 3, 4], dtype=np.int64), np.array([0, 1, 1, 0], dtype=np.int32))
    arcs = Arcs(*(np.array(part, dtype=np.int32) for part in ([END, 1, 1], [END, END, 1], [0, 1, 2])))
    return Automaton(class_of, sets, arcs, np.array([True, True]), np.array([-1, 1]), np.zeros(2), vocab.end_tokens[0], True)
