"""What formats have in common: tables written as rules, a text's atoms, and paths turned into edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from structdiff.channel import search
from structdiff.channel.edits import Author, Edit, Reading, applied, merged
from structdiff.channel.search import (
    BACK, BELOW, CLOSE, COPY, DELETE, FAR, HEIGHT, INSERT, JUMP, NAME, NAMED_POP, SUBSTITUTE, SWAP, Found, Lattice, Tables,
)

DEPTH = 10              # of the stack, as far as the bounds tell depths apart
CELLS = 60_000_000      # of the bounds, at most: a long text has fewer depths
NODES = 40              # an atom, at first
WHOLE = 12_000          # atoms of the longest text that is searched as one
BEFORE, AFTER = 150, 400        # atoms about a fault that are searched, in a longer one
EMPTY = np.zeros((0, 2), np.int32)


class Rules:
    """Tables in the making: states and symbols are names, numbered as they come."""

    def __init__(self) -> None:
        self.states: dict[str, int] = {}
        self.symbols: dict[str, int] = {}
        self._moves: list[tuple[int, int, int, int, int]] = []
        self._copying: list[tuple[int, int, float]] = []
        self._read_as: list[tuple[int, int, float]] = []

    def state(self, name: str) -> int:
        return self.states.setdefault(name, len(self.states) + 1)

    def symbol(self, name: str) -> int:
        return self.symbols.setdefault(name, len(self.symbols) + 1)

    def stay(self, state: str, symbols: str, target: str, price: float = 0.0) -> None:
        """In `state`, each of the `symbols` (names, parted by blanks) leads to `target`."""
        self._add(state, symbols, target, search.STAY, "", price)

    def push(self, state: str, symbols: str, target: str, back: str, price: float = 0.0) -> None:
        """Leads to `target`; the pop of what this lays down will go on in `back`."""
        self._add(state, symbols, target, search.PUSH, back, price)

    def pop(self, state: str, symbols: str, price: float = 0.0, named: bool = False) -> None:
        self._add(state, symbols, "", search.NAMED_POP if named else search.POP, "", price)

    def _add(self, state: str, symbols: str, target: str, action: int, back: str, price: float) -> None:
        for symbol in symbols.split():
            s, x = self.state(state), self.symbol(symbol)
            self._moves.append((s, x, self.state(target) if target else 0, action, self.state(back) if back else 0))
            self._copying.append((s, x, price))

    def read_as(self, symbols: str, others: str, price: float) -> None:
        for symbol in symbols.split():
            for other in others.split():
                self._read_as.append((self.symbol(symbol), self.symbol(other), price))

    def tables(self, final: str, bottom: str, jumping: str, inserted: str, altered: tuple[str, ...],
               anew: str = "", closing: str = "") -> Tables:
        """Returns the tables; lists of names are parted by blanks. altered: how the names of states end that only edits lead to.

        anew: symbols that may be spelled anew though they cost nothing. closing: see `Tables`.
        """
        states, symbols = len(self.states) + 1, len(self.symbols) + 1
        target, action, back = (np.zeros((states, symbols), np.int32) for _ in range(3))
        copying = np.zeros((states, symbols), np.float32)
        for s, x, *move in self._moves:
            target[s, x], action[s, x], back[s, x] = move
        for s, x, price in self._copying:
            copying[s, x] = price
        ordered = sorted(self._read_as)
        offsets = np.searchsorted([x for x, _, _ in ordered], np.arange(symbols + 1)).astype(np.int32)

        def flags(names: str) -> np.ndarray:
            flag = np.zeros(states, np.bool_)
            flag[[self.states[name] for name in names.split()]] = True
            return flag

        spelled = np.zeros(symbols, np.bool_)
        spelled[[self.symbols[name] for name in anew.split()]] = True
        return Tables(target, action, back, flags(bottom), flags(final), flags(jumping), flags(closing),
                      flags(" ".join(name for name in self.states if name.endswith(altered))), spelled, copying, np.array([self.symbols[name] for name in inserted.split()], np.int32), offsets,
                      np.array([other for _, other, _ in ordered], np.int32),
                      np.array([price for _, _, price in ordered], np.float32))


class Format(Protocol):
    """A format's rules, numbered, and how what is read is written."""

    tables: Tables
    start: int

    def spell(self, state: int, symbol: int, text: str, top: str) -> str:
        """Returns what an atom is written as where it is read so; `text` is empty for one that is not there.

        top: the name of the stack's last entry.
        """
        ...

    def misnamed(self, opened: str, closed: str) -> bool:
        """Whether of two names that should be one the first is the wrong one."""
        ...


@dataclass(frozen=True, eq=False)
class Nameless:
    """A format whose stack has no names. written(state, symbol, text): as `Format.spell`, by their names."""

    tables: Tables
    start: int
    symbols: dict[str, int]
    states: dict[int, str]
    written: Callable[[str, str, str], str]

    def spell(self, state: int, symbol: int, text: str, top: str) -> str:
        return self.written(self.states[state], self._called[symbol], text)

    def misnamed(self, opened: str, closed: str) -> bool:
        return False

    @cached_property
    def _called(self) -> dict[int, str]:
        return {number: name for name, number in self.symbols.items()}


@dataclass(frozen=True)
class Atoms:
    """A text in pieces, priced. begins Int[n + 1]: where each begins, and the text's length. names: those that the lattice
    numbers; the first is empty. finish: returns the edits of a text in its own style.
    written: what pieces are read as that are not read as they stand. margin: what is put, at the very end of the text, before the end
    of what a piece opened; and whether it is the first there."""

    text: str
    begins: np.ndarray
    lattice: Lattice
    names: tuple[str, ...] = ("",)
    finish: Callable[[str, tuple[Edit, ...]], tuple[Edit, ...]] = lambda text, edits: edits
    written: Mapping[int, str] = field(default_factory=dict)
    margin: Callable[[int, bool], str] = lambda opened, first: ""

    def piece(self, i: int) -> str:
        return self.text[self.begins[i] : self.begins[i + 1]]


def unnamed(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns the last four of a lattice whose atoms have no names."""
    return np.zeros((1, 1), np.float32), np.zeros(n + 1, np.int32), np.zeros((1, 1), np.bool_), np.zeros((1, 1), np.float32)


@dataclass(frozen=True)
class Step:
    """One step of a path: what it does to the atoms [begin, end), in which state, with which name on top of the stack.

    what: the symbol that is read, where that is not an atom's own. deeper: 1 where it pushes, -1 where it pops.
    """

    begin: int
    end: int
    state: int
    kind: int
    what: int
    top: int
    deeper: int
    paid: float


def as_broken_by(author: Author, atoms: Atoms) -> Atoms:
    """Returns the atoms with the prices of damage by this author."""
    lattice = atoms.lattice
    return replace(atoms, lattice=lattice._replace(
        jump_price=_dearer(lattice.jump_price, author.around), swap=_dearer(lattice.swap, author.swapped),
        insertion=_dearer(lattice.insertion, author.lost), deletion=_dearer(lattice.deletion, author.added)))


def _dearer(prices: np.ndarray, by: float) -> np.ndarray:
    return np.where((prices > 0) & (prices < FAR), np.maximum(prices + np.float32(by), np.float32(0.1)), prices)


def readings(format: Format, atoms: Atoms, count: int, margin: float) -> Iterator[Reading]:
    """Yields up to `count` readings, cheapest first, none dearer than the first by more than `margin` nats.

    When there are too many ways to look at all of them, one that is dearer than the cheapest is taken sooner, or none; a
    text of more than WHOLE atoms is read in windows about its faults, and has one reading.
    """
    if len(atoms.begins) - 1 > WHOLE:
        path = _in_windows(format, atoms)
        if path is not None:
            yield _reading(format, atoms, path, True)
        return
    found = _found(format, atoms.lattice, Place(0, format.start, EMPTY), False, count, margin)
    written = np.array(sorted(atoms.written), np.int64)
    for goal in found.goals:
        yield _reading(format, atoms, _path(format, atoms.lattice, found, int(goal), 0, written), found.weight > 1)


def whole(format: Format, atoms: Atoms) -> bool:
    """Whether the text is read as it is, to its end."""
    end = len(atoms.begins) - 1
    place = Place(*search.sound(format.tables, atoms.lattice, 0, format.start, EMPTY, end))
    return place.atom == end and bool(format.tables.final[place.state]) and not len(place.stack)


class Place(NamedTuple):
    """Where a reading has come to: the atom, the state, and the stack Int[K, 2]: names, and states to go on in, lowest first."""

    atom: int
    state: int
    stack: np.ndarray


def _found(format: Format, lattice: Lattice, start: Place, open_end: bool, count: int, margin: float) -> Found:
    n, tables = len(lattice.symbol), format.tables
    depth = int(np.clip(CELLS // ((n + 1) * len(tables.final)), 2, DEPTH))
    h = search.bounds(tables, lattice, depth, open_end)
    for weight, most in ((1.0, NODES), (1.3, NODES), (2.0, NODES), (6.0, 10 * NODES)):
        found = search.search(tables, lattice, h, start.state, start.stack, open_end, count if weight == 1 else 1,
                              np.float32(margin), np.float32(weight), most * (n + 1) + 20_000 + 8 * len(start.stack))
        if len(found.goals):
            break
    return found


def _path(format: Format, lattice: Lattice, found: Found, goal: int, offset: int, written: np.ndarray) -> list[Step]:
    """Returns the steps to `goal`, in atoms counted from `offset`, without those that read an atom as it is and no more.

    written Int[W]: the atoms that are not read as they stand.
    """
    tables = format.tables
    nodes = search.trail(found.parent, goal)
    before, nodes = nodes[:-1], nodes[1:]
    begin, end, state, kind = found.atom[before], found.atom[nodes], found.state[before], found.kind[nodes].astype(np.int64)
    what = np.where(kind == INSERT, tables.inserted[found.what[nodes] * (kind == INSERT)], found.what[nodes])
    what = np.where(kind == COPY, np.append(lattice.symbol, 0)[begin], what)
    paid, top = found.paid[nodes] - found.paid[before], found.top[before]
    deeper = found.stacks[found.top[nodes], HEIGHT] - found.stacks[top, HEIGHT]
    told = (kind != COPY) | (paid > 0) | (deeper != 0) | tables.altered[state] | tables.anew[what * (kind == COPY)]
    told |= np.isin(begin + offset, written)
    columns = (begin + offset, end + offset, state, kind, what, found.stacks[top, NAME], deeper, paid)
    return [Step(*row) for row in zip(*(column[told].tolist() for column in columns))]


def _in_windows(format: Format, atoms: Atoms) -> list[Step] | None:
    """Returns a path through a long text, without the steps that leave it as it is: about each fault a window is searched."""
    lattice, tables, steps, written = atoms.lattice, format.tables, [], np.array(sorted(atoms.written), np.int64)
    place, n = Place(0, format.start, EMPTY), len(atoms.begins) - 1
    while True:
        sound = Place(*search.sound(tables, lattice, *place, n))
        if sound.atom == n and tables.final[sound.state] and not len(sound.stack):
            return steps
        place = Place(*search.sound(tables, lattice, *place, max(place.atom, sound.atom - BEFORE)))
        end = min(n, sound.atom + AFTER)
        part = _window(lattice, place.atom, end)
        near = max(0, len(place.stack) - (end - place.atom) - DEPTH) if end < n else 0      # what matters here of the stack
        found = _found(format, part, place._replace(stack=place.stack[near:]), end < n, 1, 0.0)
        if not len(found.goals):
            return None
        path = _path(format, part, found, int(found.goals[0]), place.atom, written)
        if end == n:
            return steps + path
        node = _node(found, end - place.atom - AFTER // 2)
        steps += path[: sum(step.end <= place.atom + found.atom[node] for step in path)]
        stack = np.array(_entries(found, int(found.top[node])), np.int32).reshape(-1, 2)
        place = Place(place.atom + int(found.atom[node]), int(found.state[node]), np.concatenate([place.stack[:near], stack]))


def _node(found: Found, most: int) -> int:
    """Returns the last node of the best path that is not behind atom `most`."""
    node = int(found.goals[0])
    while found.atom[node] > most:
        node = int(found.parent[node])
    return node


def _entries(found: Found, top: int) -> list[tuple[int, int]]:
    entries = []
    while top:
        entries.append((int(found.stacks[top, NAME]), int(found.stacks[top, BACK])))
        top = int(found.stacks[top, BELOW])
    return entries[::-1]


def _window(lattice: Lattice, begin: int, end: int) -> Lattice:
    """Returns the lattice of the atoms [begin, end) alone; jumps that leave them are none."""
    here = slice(begin, end)
    inside = (lattice.jump[here] > 0) & (lattice.jump[here] <= end)
    swap = lattice.swap[here].copy()
    swap[-1:] = FAR
    return lattice._replace(
        symbol=lattice.symbol[here], name=lattice.name[here], deletion=lattice.deletion[here], swap=swap,
        insertion=lattice.insertion[begin : end + 1], jump=np.where(inside, lattice.jump[here] - begin, 0).astype(np.int32),
        jump_price=lattice.jump_price[here], level=lattice.level[here], implying=lattice.implying[begin : end + 1])


def _reading(format: Format, atoms: Atoms, path: Sequence[Step], rough: bool) -> Reading:
    edits = atoms.finish(atoms.text, tuple(merged(sorted(_edits(format, atoms, path), key=lambda edit: (edit.begin, edit.end)))))
    return Reading(applied(atoms.text, edits), edits, sum(step.paid for step in path), rough)


def _edits(format: Format, atoms: Atoms, path: Sequence[Step]) -> Iterable[Edit]:
    """Yields an edit for each step of the path that changes the text."""
    tables, opened, ending, forked = format.tables, [], False, 0.0
    for step in path:
        i, begin, end = step.begin, int(atoms.begins[step.begin]), int(atoms.begins[step.end])
        old, top = atoms.text[begin:end], atoms.names[step.top]
        if step.kind in (DELETE, JUMP):
            new = ""
        elif step.kind == SWAP:
            new = atoms.piece(i + 1) + atoms.piece(i)
        elif step.kind == CLOSE:
            new = old
        else:
            called = atoms.names[atoms.lattice.name[i]] if i < step.end else top
            if tables.action[step.state, step.what] == NAMED_POP and called != top and opened and opened[-1] not in atoms.written and format.misnamed(top, called):
                at = opened[-1]
                was = atoms.piece(at)
                yield Edit(int(atoms.begins[at]), int(atoms.begins[at + 1]), was, was.replace(top, called, 1), "rename", step.paid)
                top = called
            new = format.spell(step.state, step.what, atoms.written.get(i, old) if i < step.end else old, top)
            if step.kind == INSERT and step.deeper < 0 and begin == len(atoms.text) and opened:
                new = atoms.margin(opened[-1], not ending) + new
                ending = True
        if step.deeper > 0:
            opened.append(i)
        elif step.deeper < 0:
            del opened[-1:]
        if step.kind == DELETE and begin == end:          # a way of its own, whose price its edit has
            forked = step.paid
        elif new != old:
            yield Edit(begin, end, old, new, KINDS[step.kind], step.paid + forked)
            forked = 0.0


KINDS = {COPY: "respell", DELETE: "delete", INSERT: "insert", SUBSTITUTE: "replace", SWAP: "swap", JUMP: "delete"}
