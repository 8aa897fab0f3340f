"""The kernel of lifting: what each prefix of a token does to the byte states, in one walk of the trie."""

from __future__ import annotations

import numpy as np
from numba import njit

NOTHING, IDENTITY = 0, 1     # the functions that are always there: of a dead prefix, of the empty one


@njit(cache=True)
def _grown(array, size):
    grown = np.empty(max(size, 2 * len(array)), array.dtype)
    grown[: len(array)] = array
    return grown


@njit(inline="always")
def _mixed(code, item):
    """A hash of one more item: multiplied by an odd number (2**64 over the golden ratio) and folded."""
    code = (code ^ np.int64(item)) * np.int64(-7046029254386353131)
    return code ^ (code >> 29)


@njit(cache=True)
def functions(table, part_of, parent, byte):
    """Returns the function of each node Int32[N], and of each function where its arguments begin, these and its values.

    table Int32[S, K]: the state after a byte of part k + 1, or -1. part_of Int16[256]: the part of each byte, 0: nowhere.
    parent Int32[N], byte UInt8[N]: the trie, each node behind its parent. A function maps `sources` to `targets` and
    all other states to nothing; equal functions are one, found by a hash of both.
    """
    states, parts = table.shape
    of_node = np.zeros(len(parent), np.int32)
    of_node[0] = IDENTITY
    offsets = np.zeros(1024, np.int64)
    offsets[2] = states
    sources = np.empty(max(8 * states, 4096), np.int32)
    sources[:states] = np.arange(states)
    targets = sources.copy()
    count = 2
    after = np.full((1024, parts + 1), -1, np.int32)     # of a function and a part: the function of both in turn
    slots = np.full(4096, -1, np.int32)                  # a hash table of functions, open addressing
    hashes = np.zeros(1024, np.int64)
    for node in range(1, len(parent)):
        above, part = of_node[parent[node]], part_of[byte[node]]
        if above == NOTHING or part == 0:
            continue
        found = after[above, part]
        if found < 0:
            begin, stop, end = offsets[above], offsets[above + 1], offsets[count]
            if end + stop - begin > len(sources):
                sources, targets = _grown(sources, end + stop - begin), _grown(targets, end + stop - begin)
            size, code = 0, np.int64(1)
            for k in range(begin, stop):
                target = table[targets[k], part - 1]
                if target >= 0:
                    sources[end + size], targets[end + size] = sources[k], target
                    code = _mixed(code, np.int64(sources[k]) << 32 | np.int64(target))
                    size += 1
            found = NOTHING if size == 0 else _find(slots, hashes, code, offsets, sources, targets, count, size)
            if found == count:
                hashes[count] = code
                offsets[count + 1] = end + size
                count += 1
                if count + 2 > len(after):
                    wider = np.full((2 * len(after), parts + 1), -1, np.int32)
                    wider[: len(after)] = after
                    after, offsets, hashes = wider, _grown(offsets, 2 * len(after)), _grown(hashes, 2 * len(after))
                if 2 * count > len(slots):
                    slots = np.full(4 * len(slots), -1, np.int32)
                    for f in range(2, count):
                        _insert(slots, hashes[f], f)
            after[above, part] = found
        of_node[node] = found
    return of_node, offsets[: count + 1], sources[: offsets[count]], targets[: offsets[count]]


@njit(cache=True)
def _insert(slots, code, function):
    at = code & (len(slots) - 1)
    while slots[at] >= 0:
        at = (at + 1) & (len(slots) - 1)
    slots[at] = function


@njit(cache=True)
def _find(slots, hashes, code, offsets, sources, targets, count, size):
    """Returns the function that is the same as the one just written as number `count`, which is entered if it is new."""
    end = offsets[count]
    at = code & (len(slots) - 1)
    while slots[at] >= 0:
        f = slots[at]
        begin = offsets[f]
        if hashes[f] == code and offsets[f + 1] - begin == size:
            same = True
            for k in range(size):
                if sources[begin + k] != sources[end + k] or targets[begin + k] != targets[end + k]:
                    same = False
                    break
            if same:
                return f
        at = (at + 1) & (len(slots) - 1)
    slots[at] = count
    return count


@njit(cache=True)
def distinct(offsets, items):
    """Returns which of the distinct runs each run is, Int32[R], numbered as they first come, and the first of each.

    Run r is `items[offsets[r] : offsets[r + 1]]`, Int64.
    """
    runs = len(offsets) - 1
    number, first, hashes = np.empty(runs, np.int32), np.empty(runs, np.int64), np.empty(runs, np.int64)
    size = 16
    while size < 2 * runs:
        size *= 2
    slots = np.full(size, -1, np.int32)
    count = 0
    for run in range(runs):
        begin, length = offsets[run], offsets[run + 1] - offsets[run]
        code = np.int64(length)
        for k in range(begin, begin + length):
            code = _mixed(code, items[k])
        at = code & (size - 1)
        while slots[at] >= 0:
            met = slots[at]
            start = offsets[first[met]]
            if hashes[met] == code and offsets[first[met] + 1] - start == length:
                if np.all(items[start : start + length] == items[begin : begin + length]):
                    break
            at = (at + 1) & (size - 1)
        if slots[at] < 0:
            slots[at], first[count], hashes[count] = count, run, code
            count += 1
        number[run] = slots[at]
    return number, first[:count]


@njit(cache=True)
def fewest(begin, source, target):
    """Returns Float[S]: the least of `begin` at some state plus the number of edges from there; inf: no path.

    begin Float[S], whole numbers or inf; edge e leads from `source[e]` to `target[e]`.
    """
    states = len(begin)
    offsets = np.zeros(states + 1, np.int64)
    for s in source:
        offsets[s + 1] += 1
    offsets = np.cumsum(offsets)
    heads, free = np.empty(len(source), np.int32), offsets.copy()
    for e in range(len(source)):
        heads[free[source[e]]] = target[e]
        free[source[e]] += 1
    return _spread(begin, offsets, heads)


@njit(cache=True)
def _spread(begin, offsets, heads):
    """Visits states by rising distance: those that begin with it, and those that were reached with it."""
    distance = begin.copy()
    order = np.argsort(begin)
    queue = np.empty(len(begin), np.int64)
    first, last, fresh = 0, 0, 0
    done = np.zeros(len(begin), np.bool_)
    while True:
        while fresh < len(order) and done[order[fresh]]:
            fresh += 1
        while first < last and done[queue[first]]:
            first += 1
        begun = fresh < len(order) and distance[order[fresh]] < np.inf
        if first < last and (not begun or distance[queue[first]] <= distance[order[fresh]]):
            state = queue[first]
        elif begun:
            state = order[fresh]
        else:
            return distance
        done[state] = True
        for k in range(offsets[state], offsets[state + 1]):
            if distance[state] + 1 < distance[heads[k]]:
                distance[heads[k]] = distance[state] + 1
                queue[last] = heads[k]
                last += 1
