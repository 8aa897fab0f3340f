"""The kernels: propagation to a fixed point, and a complete search that a denoiser's scores may guide.

Sets of values are the bits of an integer. Nothing here knows of puzzles, only of `network.Factors`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from structdiff.puzzle.network import DIFFERENT, DIAGRAM, PAIR, Factors

FIRST_FAIL, GUIDED = 0, 1       # which cell is next: the one with the fewest values left; of these the surest by the scores
EXHAUSTED, ENOUGH, STOPPED = 0, 1, 2


@njit(cache=True, inline="always")
def _count(bits):
    many = 0
    while bits:
        bits &= bits - 1
        many += 1
    return many


@njit(cache=True, inline="always")
def _lowest(bits):
    """Returns the index of the lowest bit."""
    place = 0
    while not bits & 1:
        bits >>= 1
        place += 1
    return place


@njit(cache=True)
def _different(domains, cells):
    """Values that are taken leave the others; as many values as cells: each has its place; so many cells with no more values
    than they are keep these to themselves (Hall's sets, those that are some cell's domain). False: it cannot be."""
    k = len(cells)
    changed = True
    while changed:
        changed = False
        union, once, twice = np.int64(0), np.int64(0), np.int64(0)
        for i in range(k):
            bits = domains[cells[i]]
            if bits == 0:
                return False
            twice |= once & bits
            once |= bits
            union |= bits
        free = _count(union)
        if free < k:
            return False
        if free == k:                                    # each value is somewhere: what only one cell can have is its
            single = once & ~twice
            if single:
                for i in range(k):
                    own = domains[cells[i]] & single
                    if own and own != domains[cells[i]]:
                        if own & (own - 1):
                            return False
                        domains[cells[i]] = own
                        changed = True
        for i in range(k):
            bits = domains[cells[i]]
            size = _count(bits)
            if size >= k:
                continue
            inside = 0
            for j in range(k):
                inside += (domains[cells[j]] & ~bits) == 0
            if inside > size:
                return False
            if inside == size:
                for j in range(k):
                    other = domains[cells[j]]
                    if other & bits and other & ~bits:
                        domains[cells[j]] = other & ~bits
                        changed = True
    return True


@njit(cache=True)
def _pair(domains, one, other, pairs):
    for side in range(2):
        a, b = (one, other) if side == 0 else (other, one)
        allowed, bits = np.int64(0), domains[a]
        while bits:
            value = _lowest(bits)
            bits &= bits - 1
            allowed |= pairs[side, value]
        domains[b] &= allowed
        if domains[b] == 0:
            return False
    return True


@njit(cache=True)
def _diagram(domains, cells, layers, after, alive):
    """Keeps the values that some path through the diagram has. alive Bool[S]: room to work in."""
    k, width = len(cells), after.shape[1]
    first, last = layers[0], layers[k]
    if first == layers[1]:
        return False
    for state in range(first, last + 1):
        alive[state] = False
    alive[first] = True
    for i in range(k):
        bits = domains[cells[i]]
        for state in range(layers[i], layers[i + 1]):
            if alive[state]:
                for value in range(width):
                    if bits >> value & 1 and after[state, value] >= 0:
                        alive[after[state, value]] = True
    if not alive[last]:
        return False
    for i in range(k - 1, -1, -1):
        bits, kept = domains[cells[i]], np.int64(0)
        for state in range(layers[i], layers[i + 1]):
            if alive[state]:
                leads = False
                for value in range(width):
                    if bits >> value & 1 and after[state, value] >= 0 and alive[after[state, value]]:
                        kept |= np.int64(1) << value
                        leads = True
                alive[state] = leads
        domains[cells[i]] = kept
        if kept == 0:
            return False
    return True


@njit(cache=True)
def _linear(domains, cells, weights, relation, bound, values):
    """Keeps the values with which the rest can still reach the bound."""
    k = len(cells)
    low, high = np.int64(0), np.int64(0)
    lows, highs = np.empty(k, np.int64), np.empty(k, np.int64)
    for i in range(k):
        bits = domains[cells[i]]
        if bits == 0:
            return False
        least, most = np.int64(2**62), np.int64(-(2**62))
        while bits:
            term = weights[i] * values[_lowest(bits)]
            bits &= bits - 1
            least, most = min(least, term), max(most, term)
        lows[i], highs[i] = least, most
        low += least
        high += most
    for i in range(k):
        bits, kept = domains[cells[i]], np.int64(0)
        while bits:
            value = _lowest(bits)
            bits &= bits - 1
            term = weights[i] * values[value]
            least, most = low - lows[i] + term, high - highs[i] + term
            if relation == 0:
                fits = least <= bound <= most
            elif relation == 1:
                fits = not (least == bound and most == bound)
            elif relation == 2:
                fits = least <= bound
            else:
                fits = most >= bound
            if fits:
                kept |= np.int64(1) << value
        domains[cells[i]] = kept
        if kept == 0:
            return False
    return True


@njit(cache=True)
def revise(net, f, domains, alive):
    """Narrows the domains of factor `f`'s cells as far as the rule alone tells; False where it cannot hold."""
    begin, end = net.scope[f], net.scope[f + 1]
    cells = net.cells[begin:end]
    kind = net.kind[f]
    if kind == DIFFERENT:
        return _different(domains, cells)
    if kind == PAIR:
        return _pair(domains, cells[0], cells[1], net.pairs[f])
    if kind == DIAGRAM:
        return _diagram(domains, cells, net.layers[begin + f : end + f + 1], net.after, alive)
    return _linear(domains, cells, net.weights[begin:end], net.relation[f], net.bound[f], net.values)


@njit(cache=True)
def propagate(net, domains, queue, waiting, size, alive):
    """Revises the factors of the queue, and those of what changes, until nothing does. Returns -1, or the factor that fails.

    queue Int[F]: the first `size` are to be revised; waiting Bool[F]: which are in it.
    """
    before = np.empty(net.scope.max() if len(net.scope) else 0, np.int64)
    head = 0
    many = len(net.kind)
    while size > 0:
        f = queue[head]
        head = (head + 1) % many
        size -= 1
        waiting[f] = False
        begin, end = net.scope[f], net.scope[f + 1]
        for e in range(begin, end):
            before[e - begin] = domains[net.cells[e]]
        if not revise(net, f, domains, alive):
            for k in range(size):
                waiting[queue[(head + k) % many]] = False
            return f
        for e in range(begin, end):
            cell = net.cells[e]
            if domains[cell] != before[e - begin]:
                for t in range(net.touched[cell], net.touched[cell + 1]):
                    g = net.factors[t]
                    if not waiting[g] and (g != f or net.kind[f] != DIFFERENT):
                        waiting[g] = True
                        queue[(head + size) % many] = g
                        size += 1
    return -1


@njit(cache=True)
def settled(net, domains):
    """Narrows `domains` to arc consistency; returns -1, or the factor that fails."""
    many = len(net.kind)
    alive = np.zeros(len(net.after) + 1, np.bool_)
    for cell in range(len(domains)):
        if domains[cell] == 0:
            return many
    if many == 0:
        return -1
    return propagate(net, domains, np.arange(many), np.ones(many, np.bool_), many, alive)


class Found(NamedTuple):
    """solutions Int[K, N]: indices of values. ended: EXHAUSTED: there are no others; ENOUGH were found; STOPPED at the most nodes.
    nodes: guesses made. failed Int[F]: how often each factor failed."""

    solutions: np.ndarray
    ended: int
    nodes: int
    failed: np.ndarray


@njit(cache=True)
def _next_cell(net, domains, scores, failed, how):
    """Returns the cell to guess next, -1 where all have their value."""
    best, lowest = -1, np.inf
    for cell in range(len(domains)):
        bits = domains[cell]
        size = _count(bits)
        if size > 1:
            trouble = 1.0
            for t in range(net.touched[cell], net.touched[cell + 1]):
                trouble += failed[net.factors[t]]
            rank = size / trouble
            if how == GUIDED:
                rank = _doubt(bits, scores[cell]) / trouble
            if rank < lowest:
                best, lowest = cell, rank
    return best


@njit(cache=True)
def _doubt(bits, scores):
    """Returns exp of the entropy of the scores (log-probabilities) among the values that are left."""
    top, total, plain = -np.inf, 0.0, 0.0
    for value in range(len(scores)):
        if bits >> value & 1:
            top = max(top, scores[value])
    for value in range(len(scores)):
        if bits >> value & 1:
            weight = np.exp(scores[value] - top)
            total += weight
            plain += weight * (scores[value] - top)
    return np.exp(np.log(total) - plain / total)


@njit(cache=True)
def search(net, start, scores, how, want, most):
    """Returns up to `want` solutions within the domains `start`, which are narrowed already; complete unless stopped.

    scores Float[N, D]: of a cell the values are tried in falling order. most: guesses, at most. A guess that fails takes its value
    from the cell, and what follows from that is drawn before the next guess.
    """
    n, many = len(start), len(net.kind)
    levels = np.empty((n + 1, n), np.int64)
    levels[0] = start
    cells, tried = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    queue, waiting, alive = np.zeros(max(many, 1), np.int64), np.zeros(many, np.bool_), np.zeros(len(net.after) + 1, np.bool_)
    failed = np.zeros(many, np.float64)
    solutions, found, nodes, level = np.empty((want, n), np.int64), 0, 0, 0
    while True:
        domains = levels[level]
        cell = _next_cell(net, domains, scores, failed, how)
        if cell < 0:
            for i in range(n):
                solutions[found, i] = _lowest(domains[i])
            found += 1
            if found == want:
                return Found(solutions, ENOUGH, nodes, failed)
            level -= 1
        else:
            if nodes == most:
                return Found(solutions[:found], STOPPED, nodes, failed)
            nodes += 1
            bits, best = domains[cell], -1
            for value in range(len(net.values)):
                if bits >> value & 1 and (best < 0 or scores[cell, value] > scores[cell, best]):
                    best = value
            cells[level], tried[level] = cell, best
            levels[level + 1] = domains
            levels[level + 1, cell] = np.int64(1) << best
            broken = _follow(net, levels[level + 1], cell, queue, waiting, alive)
            if broken < 0:
                level += 1
                continue
            failed[broken] += 1
        while level >= 0:                                # what was guessed here is refuted
            cell = cells[level]
            levels[level, cell] &= ~(np.int64(1) << tried[level])
            if levels[level, cell]:
                broken = _follow(net, levels[level], cell, queue, waiting, alive)
                if broken < 0:
                    break
                failed[broken] += 1
            level -= 1
        if level < 0:
            return Found(solutions[:found], EXHAUSTED, nodes, failed)


@njit(cache=True)
def _follow(net, domains, cell, queue, waiting, alive):
    """Draws what follows from a change of one cell; returns -1, or the factor that fails."""
    size = 0
    for t in range(net.touched[cell], net.touched[cell + 1]):
        queue[size] = net.factors[t]
        waiting[net.factors[t]] = True
        size += 1
    return propagate(net, domains, queue, waiting, size, alive)
