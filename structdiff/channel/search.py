"""The k cheapest ways to read a broken text as a valid one: best-first search, and the bound that guides it.

A text is a row of atoms (a delimiter, a word, a run of blanks). Reading moves a pushdown automaton: an atom is read as
what it is, or at a price is deleted, read as another, exchanged with the next, or jumped over with those after it; or
something that is not there is read before it. `bounds` solves the same problem backwards with the stack reduced to its
depth (a one-counter automaton), which never costs more; with it, `search` (A*; Hart, Nilsson and Raphael 1968,
doi:10.1109/TSSC.1968.300136) visits few nodes off the best path. The k cheapest paths come out in order, since each node
may be left k times.

Symbols, states and names are small integers; state 0 and symbol 0 are none. Prices are in nats.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

COPY, DELETE, INSERT, SUBSTITUTE, SWAP, JUMP, CLOSE = range(7)       # what a step of a path does
STAY, PUSH, POP, NAMED_POP = range(4)                                # what reading a symbol does to the stack
FAR = np.float32(1e9)      # and beyond: never
NAMES, STATES = 1 << 20, 64    # more than any text or format has
MANY = 12               # entries never closed, beyond which the price of closing them is counted ahead
SLIGHT = np.float32(1e-4)  # no lower bound is worth less
UNLEVEL = np.float32(1.2)
MISNAMED = np.float32(11)


class Tables(NamedTuple):
    """A format's pushdown automaton, and what may be read for what.

    target, action Int[S, X]: state after a symbol, and what it does to the stack. A pop goes on in the state that its push
    laid down: back Int[S, X], for PUSH. A NAMED_POP must name what was pushed, if the symbol comes from an atom.
    bottom Bool[S]: states that only the pop of the last entry goes on in; others are gone on in while some are left.
    final Bool[S]: states that a text may end in, with an empty stack. jumping Bool[S]: states in which atoms may be jumped over.
    closing Bool[S]: states in which the end of what is open may be implied.
    altered Bool[S]: states that only an edit leads to, and in which atoms may be spelled anew; anew Bool[X]: symbols
    that may be so though they cost nothing.
    copying Float[S, X]: price of reading an atom as what it is. inserted Int[Y]: the symbols that may be read without
    an atom. read_as Int[R], offsets Int[X + 1], price Float[R]: what an atom of a symbol may be read as instead.
    """

    target: np.ndarray
    action: np.ndarray
    back: np.ndarray
    bottom: np.ndarray
    final: np.ndarray
    jumping: np.ndarray
    closing: np.ndarray
    altered: np.ndarray
    anew: np.ndarray
    copying: np.ndarray
    inserted: np.ndarray
    offsets: np.ndarray
    read_as: np.ndarray
    price: np.ndarray


class Lattice(NamedTuple):
    """One text's atoms. symbol, name Int[n]; deletion, swap Float[n] (with the next); insertion Float[n + 1, Y]: before each
    atom; jump Int[n]: the atom that is gone on with, 0: none, and its price, jump_price Float[n].

    level Int[n]: the depth of the stack that the indentation after an atom shows, -1: it shows none; UNLEVEL is the price of another.

    distance Float[N, N]: price of a pop that names another. Name 0 is that of atoms that have none. implying Int[n + 1]: what
    each atom, and the end, implies the end of: implied Bool[N, I] says which names' entries are popped for nothing before it.
    nesting Float[N, N]: price of reading an atom that has the second name where the stack's last entry has the first. Names from N
    on have no prices of their own: none in nesting, MISNAMED in distance.
    """

    symbol: np.ndarray
    name: np.ndarray
    deletion: np.ndarray
    swap: np.ndarray
    insertion: np.ndarray
    jump: np.ndarray
    jump_price: np.ndarray
    level: np.ndarray
    distance: np.ndarray
    implying: np.ndarray
    implied: np.ndarray
    nesting: np.ndarray


@njit(cache=True)
def _lower(row, price, action, after, least):
    """Lowers Float[D], the bounds in a state by depth, to those after a symbol of that price and action; returns whether it did.

    after Float[D]: the bounds in the state that the symbol leads to, if it does not pop; least Float[D]: those after a pop.
    """
    deepest, lowered = len(row) - 1, False
    for d in range(len(row)):
        if action == STAY:
            low = price + after[d]
        elif action == PUSH:
            low = price + after[min(d + 1, deepest)]
        elif d == 0:
            continue
        else:
            low = price + (least[d - 1] if d < deepest else min(least[d - 1], least[d]))
        if low < row[d] - SLIGHT:
            row[d] = low
            lowered = True
    return lowered


@njit(cache=True)
def _least(bottom, at, backs, least):
    """Sets `least` Float[D]: the lowest bound of the states that a pop may go on in, by depth after it."""
    for d in range(at.shape[1]):
        low = FAR
        for k in range(len(backs)):
            if bottom[backs[k]] == (d == 0):
                low = min(low, at[backs[k], d])
        least[d] = low


@njit(cache=True)
def _backs(tables):
    """Returns the states that pops go on in."""
    found = np.zeros(tables.target.shape[0], np.bool_)
    for s in range(tables.target.shape[0]):
        for x in range(tables.target.shape[1]):
            if tables.action[s, x] == PUSH:
                found[tables.back[s, x]] = True
    return np.flatnonzero(found)


@njit(cache=True)
def _readers(tables):
    """Returns the states in which each symbol can be read: Int[...], and offsets Int[X + 1]."""
    states, symbols = tables.target.shape
    readers, offsets = np.empty(states * symbols, np.int32), np.zeros(symbols + 1, np.int32)
    count = 0
    for x in range(symbols):
        for s in range(1, states):
            if tables.action[s, x] != STAY or tables.target[s, x] > 0:
                readers[count] = s
                count += 1
        offsets[x + 1] = count
    return readers[:count], offsets


@njit(cache=True)
def bounds(tables, lattice, depth, open_end):
    """Returns Float32[n + 1, S, D]: no reading from an atom, in a state, at a depth, costs less. Depths beyond `depth` are one.

    open_end: the atoms are not all there are, so that a reading may stop behind them in any state.
    """
    target, action, copying, bottom, jumping = tables.target, tables.action, tables.copying, tables.bottom, tables.jumping
    n, states = len(lattice.symbol), target.shape[0]
    h = np.full((n + 1, states, depth), FAR, np.float32)
    backs = _backs(tables)
    readers, readers_of = _readers(tables)
    least, ahead, beyond = np.empty(depth, np.float32), np.empty(depth, np.float32), np.empty(depth, np.float32)
    between = np.empty((states, depth), np.float32)
    if open_end:
        h[n, 1:] = 0
    else:
        h[n, :, 0] = np.where(tables.final, np.float32(0), FAR)
    for i in range(n, -1, -1):
        here = h[i]
        if i < n:
            x, after, level = lattice.symbol[i], h[i + 1], lattice.level[i]
            _least(bottom, after, backs, ahead)
            for k in range(readers_of[x], readers_of[x + 1]):
                s = readers[k]
                _lower(here[s], copying[s, x], action[s, x], after[target[s, x]], ahead)
                if level >= 0 and jumping[s]:
                    for d in range(depth - 1):
                        if d != level:
                            here[s, d] += UNLEVEL
            for r in range(tables.offsets[x], tables.offsets[x + 1]):
                other = tables.read_as[r]
                for k in range(readers_of[other], readers_of[other + 1]):
                    s = readers[k]
                    _lower(here[s], tables.price[r] + copying[s, other], action[s, other], after[target[s, other]], ahead)
            if lattice.deletion[i] < FAR:
                for s in range(1, states):
                    _lower(here[s], lattice.deletion[i], STAY, after[s], ahead)
            if lattice.jump[i] > 0:
                for s in range(1, states):
                    if jumping[s]:
                        _lower(here[s], lattice.jump_price[i], STAY, h[lattice.jump[i], s], ahead)
            if lattice.swap[i] < FAR:                    # the next atom first, then this one
                y = lattice.symbol[i + 1]
                _least(bottom, h[i + 2], backs, beyond)
                between[:] = FAR
                for k in range(readers_of[x], readers_of[x + 1]):
                    s = readers[k]
                    _lower(between[s], copying[s, x], action[s, x], h[i + 2][target[s, x]], beyond)
                _least(bottom, between, backs, beyond)
                for k in range(readers_of[y], readers_of[y + 1]):
                    s = readers[k]
                    _lower(here[s], lattice.swap[i] + copying[s, y], action[s, y], between[target[s, y]], beyond)
        _settle(tables.inserted, lattice.insertion[i], here, action, target, readers, readers_of, bottom, backs, least,
                tables.closing & (lattice.implying[i] > 0))
    return h


@njit(cache=True)
def _settle(inserted, prices, here, action, target, readers, readers_of, bottom, backs, least, implying):
    """Lowers the bounds at one atom by what may be inserted before it, until nothing changes."""
    changed = True
    while changed:
        changed = False
        _least(bottom, here, backs, least)
        for y in range(len(inserted)):
            if prices[y] < FAR:
                x = inserted[y]
                for k in range(readers_of[x], readers_of[x + 1]):
                    s = readers[k]
                    if _lower(here[s], prices[y], action[s, x], here[target[s, x]], least):
                        changed = True
        for s in range(1, here.shape[0]):
            if implying[s]:
                if _lower(here[s], np.float32(0), POP, here[s], least):
                    changed = True


@njit(cache=True)
def sound(tables, lattice, atom, state, stack, end):
    """Returns the atom, at most `end`, to which the text can be read as it is, the state there, and the stack Int[K, 2]."""
    entries = np.empty((len(stack) + end - atom, 2), np.int32)
    entries[: len(stack)] = stack
    height = len(stack)
    while atom < end and not tables.altered[state]:
        if lattice.jump[atom] > 0 and lattice.jump_price[atom] == 0:
            atom = lattice.jump[atom]
            continue
        x = lattice.symbol[atom]
        action, t = tables.action[state, x], tables.target[state, x]
        if tables.copying[state, x] >= 1 or action == STAY and t == 0 or action >= POP and height == 0:
            break
        if action == PUSH:
            entries[height, 0], entries[height, 1] = lattice.name[atom], tables.back[state, x]
            height += 1
        elif action >= POP:
            if action == NAMED_POP and entries[height - 1, 0] != lattice.name[atom]:
                break
            height -= 1
            t = entries[height, 1]
        state = t
        atom += 1
    return atom, state, entries[:height].copy()


# --- a heap of nodes and two hash tables ------------------------------------------------------------------------------


@njit(cache=True)
def _sift_up(heap, rank, place):
    node = heap[place]
    while place > 0:
        parent = (place - 1) // 2
        if rank[heap[parent]] <= rank[node]:
            break
        heap[place] = heap[parent]
        place = parent
    heap[place] = node


@njit(cache=True)
def _sift_down(heap, size, rank):
    node, place = heap[0], 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and rank[heap[child + 1]] < rank[heap[child]]:
            child += 1
        if rank[node] <= rank[heap[child]]:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = node


@njit(cache=True)
def _slot(keys, key):
    """Returns where `key` > 0 is in an open-addressed table, or the free place for it."""
    mask = len(keys) - 1
    place = ((key * np.int64(-7046029254386353131)) >> 20) & mask
    while keys[place] != 0 and keys[place] != key:
        place = (place + 1) & mask
    return place


@njit(cache=True)
def _distance(distance, called, name):
    if max(called, name) < len(distance):
        return distance[called, name]
    return np.float32(0) if called == name else MISNAMED


@njit(cache=True)
def _nesting(nesting, outer, called):
    return nesting[outer, called] if max(outer, called) < len(nesting) else np.float32(0)


@njit(cache=True)
def trail(parent, node):
    """Returns the nodes from the first to `node`."""
    length, at = 1, node
    while at > 0:
        at = parent[at]
        length += 1
    nodes = np.empty(length, np.int64)
    for k in range(length - 1, -1, -1):
        nodes[k] = node
        node = parent[node]
    return nodes


@njit(cache=True)
def _opened_ahead(tables, lattice):
    """Returns Int[n + 1]: how many more atoms, from each on, push than pop; none where entries are closed by implication."""
    n = len(lattice.symbol)
    opened = np.zeros(n + 1, np.int64)
    if lattice.implied.any():
        return opened - n
    for i in range(n - 1, -1, -1):
        action = tables.action[:, lattice.symbol[i]].max()
        opened[i] = opened[i + 1] + (1 if action == PUSH else -1 if action >= POP else 0)
    return opened


@njit(cache=True)
def _cheapest_pop(tables, lattice):
    """Returns the lowest price of inserting a symbol that pops."""
    low = FAR
    for y in range(len(tables.inserted)):
        if tables.action[:, tables.inserted[y]].max() >= POP:
            low = min(low, lattice.insertion[:, y].min())
    return low


BELOW, BACK, NAME, HEIGHT = range(4)                                 # columns of the stacks' entries
TO, SYMBOL, CALLED, KIND, WHAT = range(5)                            # columns of moves


@njit(cache=True, inline="always")
def _pushed(stacks, index, below, name, back):
    """Returns the entry of that name on `below`.

    stacks Int[M, 4]: all stacks of a search, as entries that know what is below them; equal ones are one. Entry 0 is the empty
    stack; in place of what is below it stands how many there are. index Int[H, 2]: a table of them, key and entry.
    """
    key = (np.int64(below) * NAMES + name) * STATES + back + 1
    place = _slot(index[:, 0], key)
    if index[place, 0] == 0:
        stacks[0, BELOW] += 1
        entry = stacks[0, BELOW]
        index[place, 0], index[place, 1] = key, entry
        stacks[entry, BELOW], stacks[entry, BACK], stacks[entry, NAME] = below, back, name
        stacks[entry, HEIGHT] = stacks[below, HEIGHT] + 1
    return index[place, 1]


@njit(cache=True, inline="always")
def _offer(moves, prices, m, price, to, symbol, name, kind, what):
    prices[m] = price
    moves[m, TO], moves[m, SYMBOL], moves[m, CALLED], moves[m, KIND], moves[m, WHAT] = to, symbol, name, kind, what
    return m + 1


@njit(cache=True, inline="always")
def _offered(tables, lattice, i, s, called, height, moves, prices):
    """Fills `moves` Int[M, 5] and `prices` with all that may be done at atom `i` in state `s`; returns how many.

    called, height: the name of the stack's last entry, 0 where it is empty, and its depth.
    """
    m, n = 0, len(lattice.symbol)
    for y in range(len(tables.inserted)):
        x = tables.inserted[y]
        if lattice.insertion[i, y] < FAR and (tables.target[s, x] > 0 or tables.action[s, x] >= POP and height > 0):
            m = _offer(moves, prices, m, lattice.insertion[i, y], i, x, 0, INSERT, y)
    if height > 0 and tables.closing[s] and called < len(lattice.implied) and lattice.implied[called, lattice.implying[i]]:
        m = _offer(moves, prices, m, np.float32(0), i, 0, 0, CLOSE, 0)
    if i < n:
        x, name = lattice.symbol[i], lattice.name[i]
        price = tables.copying[s, x]
        if lattice.level[i] >= 0 and tables.jumping[s] and height != lattice.level[i]:
            price += UNLEVEL
        m = _offer(moves, prices, m, price, i + 1, x, name, COPY, i)
        for r in range(tables.offsets[x], tables.offsets[x + 1]):
            other = tables.read_as[r]
            m = _offer(moves, prices, m, tables.price[r] + tables.copying[s, other], i + 1, other, name, SUBSTITUTE, other)
        m = _offer(moves, prices, m, lattice.deletion[i], i + 1, 0, 0, DELETE, i)
        if lattice.jump[i] > 0 and tables.jumping[s]:
            m = _offer(moves, prices, m, lattice.jump_price[i], lattice.jump[i], 0, 0, JUMP, i)
        if lattice.swap[i] < FAR:
            first = lattice.symbol[i + 1]
            m = _offer(moves, prices, m, lattice.swap[i] + tables.copying[s, first], i + 2, first, lattice.name[i + 1], SWAP, i)
    return m


class Found(NamedTuple):
    """The nodes of a search, each with its parent. goals Int[G]: the ends of the cheapest paths, cheapest first.

    atom, state, top Int[N], paid Float[N], kind, what Int[N]: the step that led to a node, and the symbol or atom it is about.
    stacks Int[M, 4]: the entries that `top` says. weight: what the search was given. exhausted: the limit on nodes was reached.
    """

    goals: np.ndarray
    atom: np.ndarray
    state: np.ndarray
    top: np.ndarray
    paid: np.ndarray
    parent: np.ndarray
    kind: np.ndarray
    what: np.ndarray
    stacks: np.ndarray
    weight: float
    exhausted: bool


@njit(cache=True)
def search(tables, lattice, h, start, below_start, open_end, count, margin, weight, limit):
    """Returns up to `count` cheapest paths, none dearer than the cheapest by more than `margin` nats.

    below_start Int[K, 2]: the stack to begin with, lowest first: names, and the states to go on in. open_end: as for `bounds`.
    weight: 1 finds the cheapest; above 1 finds one at most that many times as dear sooner. limit: nodes made, in all.
    """
    n, states, depth = len(lattice.symbol), h.shape[1], h.shape[2]
    limit += len(below_start)
    atom, state, tops = np.empty(limit, np.int32), np.empty(limit, np.int32), np.empty(limit, np.int32)
    paid, rank = np.empty(limit, np.float32), np.empty(limit, np.float32)
    parent, kind, what = np.empty(limit, np.int32), np.empty(limit, np.int8), np.empty(limit, np.int32)
    room = 1
    while room < 2 * limit:
        room *= 2
    stacks, index = np.zeros((limit + 1, 4), np.int32), np.zeros((room, 2), np.int64)
    keys, times, best = np.zeros(room, np.int64), np.zeros(room, np.int16), np.full(room, FAR, np.float32)     # of the places left
    heap, goals = np.empty(limit, np.int32), np.empty(count, np.int32)
    most = 8 + len(tables.inserted) + (tables.offsets[1:] - tables.offsets[:-1]).max()
    moves, prices = np.empty((most, 5), np.int32), np.empty(most, np.float32)
    opened, closing = _opened_ahead(tables, lattice), _cheapest_pop(tables, lattice)

    tops[0] = 0
    for k in range(len(below_start)):
        tops[0] = _pushed(stacks, index, tops[0], below_start[k, 0], below_start[k, 1])
    atom[0], state[0], paid[0], parent[0], kind[0], what[0] = 0, start, 0, -1, 0, 0
    rank[0] = weight * h[0, start, min(len(below_start), depth - 1)]
    heap[0], size, nodes, found, cutoff = 0, 1, 1, 0, FAR
    while size > 0 and found < count:
        if max(nodes, stacks[0, BELOW]) + 2 * most > limit:
            return Found(goals[:found], atom, state, tops, paid, parent, kind, what, stacks, weight, True)
        node = heap[0]
        size -= 1
        if size > 0:
            heap[0] = heap[size]
            _sift_down(heap, size, rank)
        if rank[node] > cutoff:
            break
        i, s, top = atom[node], state[node], tops[node]
        if i == n and (open_end or tables.final[s] and top == 0):
            if found == 0:
                cutoff = rank[node] + margin
            goals[found] = node
            found += 1
            continue
        key = ((np.int64(top) * (n + 1) + i) * states + s) + 1
        place = _slot(keys, key)
        keys[place] = key
        if times[place] >= count:
            continue
        times[place] += 1
        for m in range(_offered(tables, lattice, i, s, stacks[top, NAME], stacks[top, HEIGHT], moves, prices)):
            price, t, below, x, name = prices[m], s, top, moves[m, SYMBOL], moves[m, CALLED]
            if moves[m, KIND] == CLOSE:
                t, below = stacks[top, BACK], stacks[top, BELOW]
            turns = 2 if moves[m, KIND] == SWAP else 1
            for turn in range(turns if x > 0 and price < FAR else 0):
                if turn == 1:                            # of two that are exchanged, the one that stands first
                    x, name = lattice.symbol[i], lattice.name[i]
                    price += tables.copying[t, x]
                action, from_atom = tables.action[t, x], moves[m, KIND] != INSERT
                if action <= PUSH and name > 0 and from_atom:
                    price += _nesting(lattice.nesting, stacks[below, NAME], name)
                if action == STAY:
                    t = tables.target[t, x]
                elif action == PUSH:
                    below, t = _pushed(stacks, index, below, name, tables.back[t, x]), tables.target[t, x]
                elif below == 0:
                    t = 0
                else:
                    if action == NAMED_POP and from_atom:
                        price += _distance(lattice.distance, name, stacks[below, NAME])
                    t, below = stacks[below, BACK], stacks[below, BELOW]
                if t == 0:
                    price = FAR
                    break
            j, total = moves[m, TO], paid[node] + price
            f = total + weight * h[j, t, min(stacks[below, HEIGHT], depth - 1)]
            unclosed = stacks[below, HEIGHT] + opened[j] - MANY
            if unclosed > 0 and not open_end:
                f += weight * unclosed * closing
            if f > cutoff or f >= FAR:
                continue
            key = ((np.int64(below) * (n + 1) + j) * states + t) + 1
            place = _slot(keys, key)
            if times[place] >= count or count == 1 and total >= best[place]:
                continue
            keys[place], best[place] = key, min(best[place], total)
            atom[nodes], state[nodes], tops[nodes], paid[nodes] = j, t, below, total
            parent[nodes], kind[nodes], what[nodes] = node, moves[m, KIND], moves[m, WHAT]
            rank[nodes] = f - 1e-5 * j
            heap[size] = nodes
            size += 1
            nodes += 1
            _sift_up(heap, rank, size - 1)
    return Found(goals[:found], atom, state, tops, paid, parent, kind, what, stacks, weight, False)
