"""Lifting: a byte machine and a vocabulary in, an automaton over token classes out.

A token acts on byte states as a partial function, the composition of its bytes. Tokens with the same function are one
class. All functions are found in one walk of the token trie, in which equal functions are met once however many
tokens share them; so the string states of a schema share their work, and a dead branch costs nothing.
"""

from __future__ import annotations

import heapq
from functools import lru_cache
from dataclasses import dataclass

import numpy as np

from structdiff.automaton import END, UNUSED, Arcs, Automaton, Csr
from structdiff.errors import ConstraintTooLarge, UnsatisfiableConstraint, UnspellableConstraint
from structdiff.machine import BYTES, DEAD, ByteMachine
from structdiff.vocab import Vocab


@dataclass(frozen=True)
class Limits:
    """How much may be materialised: byte states of a finite machine; of one block's view of an unbounded one."""

    states: int = 60_000
    view: int = 2_500
    arcs: int = 2_000_000

    def __post_init__(self) -> None:
        if min(self.states, self.view, self.arcs) < 1:
            raise ValueError(f"limits must be positive: {self}")


def lift(machine: ByteMachine, vocab: Vocab, frontier: int, limits: Limits = Limits()) -> Automaton:
    """Returns the automaton whose texts from `frontier` are the machine's, spelled in every way the vocabulary can.

    An unbounded machine (recursion) is seen from `frontier` outwards, states nearest to completion first, as far as
    `limits.view`; the next block's frontier sees further, so nesting is bounded by no more than the budget.

    Raises:
        ConstraintTooLarge: a finite machine has more than `limits.states` byte states, or the arcs pass their limit.
        UnsatisfiableConstraint: nothing completes `frontier`.
        UnspellableConstraint: something does, but not in these tokens.
    """
    if frontier == DEAD:
        raise UnsatisfiableConstraint("no text satisfies the constraint")
    found = _explore(machine, frontier, limits)
    if not found.accepting.any():
        raise UnsatisfiableConstraint("no text satisfies the constraint: its parts contradict each other")
    functions = _token_functions(found.table, vocab)
    return _assemble(found, functions, vocab, limits)


# --- the byte states a block can see --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    machine_states: np.ndarray      # Int[S]; the frontier is 0
    table: np.ndarray               # Int[S, 256]: local indices, -1 where dead or out of view
    accepting: np.ndarray           # Bool[S]


def _explore(machine: ByteMachine, frontier: int, limits: Limits) -> _Found:
    """Returns the states reachable from `frontier`, those nearest to acceptance first."""
    limit = limits.states if machine.finite else limits.view
    order: list[int] = []
    rows: list[np.ndarray] = []
    index: dict[int, int] = {DEAD: -1}
    seen, heap = {DEAD, frontier}, [(machine.completion(frontier), 0, frontier)]
    while heap and len(order) < limit:
        _, _, state = heapq.heappop(heap)
        index[state] = len(order)
        order.append(state)
        row = machine.row(state)
        rows.append(row)
        for target in set(row.tolist()) - seen:
            seen.add(target)
            heapq.heappush(heap, (machine.completion(target), len(seen), target))
    if heap and machine.finite:
        raise ConstraintTooLarge(f"the constraint has more than {limit:,} byte states; simplify it or raise the limit")
    local = np.full(max(seen) + 1, -1, dtype=np.int32)
    local[order] = np.arange(len(order))
    accepting = np.fromiter((machine.accepts(state) for state in order), dtype=bool, count=len(order))
    return _Found(np.array(order), local[np.stack(rows)], accepting)


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
    distance, kept = _live(source, target, found.accepting)
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
    )


def _triples(functions: _Functions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns every (source, target, function) for the functions that are tokens'."""
    used = [f for f in np.unique(functions.of_token).tolist() if f]
    if not used:
        return (np.zeros(0, dtype=np.int32),) * 3
    lengths = [len(functions.sources[f]) for f in used]
    return (np.concatenate([functions.sources[f] for f in used]), np.concatenate([functions.targets[f] for f in used]),
            np.repeat(np.array(used, dtype=np.int32), lengths))


def _live(source: np.ndarray, target: np.ndarray, accepting: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns Float[S]: tokens to acceptance; Bool[S]: reached from state 0 by tokens, and able to accept."""
    states = len(accepting)
    edges = np.unique(source.astype(np.int64) * states + target)
    source, target = edges // states, edges % states
    distance = _breadth_first(np.flatnonzero(accepting), target, source, states)
    finite = np.isfinite(distance)
    useful = finite[source] & finite[target]
    start = np.zeros(1, dtype=np.int64) if finite[0] else np.zeros(0, dtype=np.int64)
    reached = np.isfinite(_breadth_first(start, source[useful], target[useful], states))
    return distance, reached & finite


def _breadth_first(roots: np.ndarray, source: np.ndarray, target: np.ndarray, states: int) -> np.ndarray:
    """Returns Float[states]: the number of edges from the nearest root, inf where there is no path."""
    order = np.argsort(source, kind="stable")
    offsets = np.searchsorted(source[order], np.arange(states + 1))
    target = target[order]
    distance = np.full(states, np.inf)
    distance[roots] = 0
    depth = 0
    while len(roots):
        depth += 1
        lengths = offsets[roots + 1] - offsets[roots]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        reached = np.unique(target[np.repeat(offsets[roots], lengths) + within])
        roots = reached[np.isinf(distance[reached])]
        distance[roots] = depth
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
    held = np.zeros(len(begins) - 1, dtype=np.int32)
    for a, (begin, stop) in enumerate(zip(begins[:-1].tolist(), begins[1:].tolist())):
        classes = class_[begin:stop]
        name = classes.tobytes()
        if name not in names:
            names[name] = len(sets)
            sets.append(classes)
        held[a] = names[name]
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
    return Automaton(class_of, sets, arcs, np.array([True, True]), np.array([-1, 1]), np.zeros(2), vocab.end_tokens[0])
