"""Belief propagation on a puzzle's factors: what each rule, alone, tells each of its cells."""

from __future__ import annotations

import numpy as np
from numba import njit

from structdiff.puzzle.network import DIAGRAM, DIFFERENT, PAIR

SUBSETS = 14            # values of an all-different rule whose subsets are gone through; more are taken as independent
TINY = 1e-300
FLOOR = 1e-4            # a hint tells no more than this: beliefs are no proof


@njit(cache=True)
def messages(net, incoming):
    """Returns what each factor tells each of its cells, Float[E, D] with rows that sum to 1 (0: it cannot be), and the logarithms,
    Float[E], of what they were divided by.

    incoming Float[E, D]: what the cells tell the factors. Exact but for LINEAR factors (a normal distribution for the other
    terms' sum) and all-different rules over many values (independent cells).
    """
    out = np.zeros(incoming.shape)
    for f in range(len(net.kind)):
        message(net, f, incoming[net.scope[f] : net.scope[f + 1]], out[net.scope[f] : net.scope[f + 1]])
    scale = np.zeros(len(out))
    for e in range(len(out)):
        total = out[e].sum()
        scale[e] = np.log(max(total, TINY))
        if total > 0:
            out[e] /= total
    return out, scale


@njit(cache=True)
def message(net, f, told, said):
    """Adds to `said` Float[K, D] what factor `f` tells each of its cells, not normalised, where they told it `told` Float[K, D]."""
    begin, end, kind = net.scope[f], net.scope[f + 1], net.kind[f]
    if kind == DIFFERENT:
        _different(told, said)
    elif kind == PAIR:
        _pair(told, said, net.pairs[f])
    elif kind == DIAGRAM:
        _diagram(told, said, net.layers[begin + f : end + f + 1], net.after)
    else:
        _linear(told, said, net.weights[begin:end], net.relation[f], net.bound[f], net.values)


@njit(cache=True)
def _different(told, said):
    k, width = told.shape
    used = np.empty(width, np.int64)                     # the values that any cell may have
    many = 0
    for value in range(width):
        if told[:, value].max() > 0:
            used[many] = value
            many += 1
    if many > SUBSETS:
        _independent(told, said)
        return
    sets = 1 << many
    before, behind = np.zeros((k + 1, sets)), np.zeros((k + 1, sets))
    before[0, 0] = 1.0
    behind[k] = 1.0
    for i in range(k):                                   # the first i cells have exactly these values
        for taken in range(sets):
            if before[i, taken] > 0:
                for place in range(many):
                    if not taken >> place & 1:
                        before[i + 1, taken | 1 << place] += before[i, taken] * told[i, used[place]]
    for i in range(k - 1, -1, -1):                       # the cells from i on have none of these
        for taken in range(sets):
            total = 0.0
            for place in range(many):
                if not taken >> place & 1:
                    total += told[i, used[place]] * behind[i + 1, taken | 1 << place]
            behind[i, taken] = total
    for i in range(k):
        for taken in range(sets):
            if before[i, taken] > 0:
                for place in range(many):
                    if not taken >> place & 1:
                        said[i, used[place]] += before[i, taken] * behind[i + 1, taken | 1 << place]


@njit(cache=True)
def _independent(told, said):
    for i in range(len(told)):
        for value in range(told.shape[1]):
            others = 1.0
            for j in range(len(told)):
                if j != i:
                    others *= 1.0 - told[j, value]
            said[i, value] = max(others, 0.0)


@njit(cache=True)
def _pair(told, said, pairs):
    for side in range(2):
        for value in range(told.shape[1]):
            bits = pairs[side, value]
            for other in range(told.shape[1]):
                if bits >> other & 1:
                    said[side, value] += told[1 - side, other]


@njit(cache=True)
def _diagram(told, said, layers, after):
    k, width = told.shape
    first, last = layers[0], layers[k]
    if first == layers[1]:
        return
    before, behind = np.zeros(last - first + 1), np.zeros(last - first + 1)
    before[0], behind[last - first] = 1.0, 1.0
    for i in range(k):
        for state in range(layers[i], layers[i + 1]):
            for value in range(width):
                if after[state, value] >= 0:
                    before[after[state, value] - first] += before[state - first] * told[i, value]
    for i in range(k - 1, -1, -1):
        for state in range(layers[i], layers[i + 1]):
            for value in range(width):
                if after[state, value] >= 0:
                    on = behind[after[state, value] - first]
                    behind[state - first] += told[i, value] * on
                    said[i, value] += before[state - first] * on


@njit(cache=True)
def _linear(told, said, weights, relation, bound, values):
    k, width = told.shape
    means, spreads = np.zeros(k), np.zeros(k)
    for i in range(k):
        for value in range(width):
            means[i] += told[i, value] * weights[i] * values[value]
        for value in range(width):
            spreads[i] += told[i, value] * (weights[i] * values[value] - means[i]) ** 2
    mean, spread = means.sum(), spreads.sum()
    for i in range(k):
        deviation = np.sqrt(max(spread - spreads[i], 0.0) + 0.25)
        for value in range(width):
            if told[:, value].max() <= 0:
                continue
            missing = (bound - (mean - means[i]) - weights[i] * values[value]) / deviation
            if relation == 0:
                said[i, value] = np.exp(-0.5 * missing * missing) + TINY
            elif relation == 1:
                said[i, value] = 1.0 - 0.4 * np.exp(-0.5 * missing * missing) / deviation
            else:
                side = 1.0 if relation == 2 else -1.0
                said[i, value] = 1.0 / (1.0 + np.exp(-1.7 * side * missing)) + TINY


@njit(cache=True)
def hints(net, marginals):
    """Returns Float[B, N, D]: of each value the log of the share that the rules other than all-different leave to it, the likeliest
    value of each rule and cell at 0, summed over the rules. marginals Float[B, N, D]: beliefs in the cells' values, each cell's sum to one."""
    out = np.zeros(marginals.shape, np.float32)
    for f in range(len(net.kind)):
        if net.kind[f] == DIFFERENT:
            continue
        cells = net.cells[net.scope[f] : net.scope[f + 1]]
        told, said = np.empty((len(cells), marginals.shape[2])), np.empty((len(cells), marginals.shape[2]))
        for b in range(len(marginals)):
            for i in range(len(cells)):
                told[i] = marginals[b, cells[i]]
            said[:] = 0.0
            message(net, f, told, said)
            for i in range(len(cells)):
                most = max(said[i].max(), TINY)
                for value in range(marginals.shape[2]):
                    out[b, cells[i], value] += np.log(max(said[i, value] / most, FLOOR))
    return out


@njit(cache=True)
def propagated(net, prior, rounds, damping, close):
    """Returns the cells' marginals Float[N, D], the logarithm of Bethe's partition function, and whether the messages came to rest.

    prior Float[N, D]: of each cell, 0 where it cannot be. damping: the share of the last message that stays. close: the largest
    change of a message at rest.
    """
    edges, width = len(net.cells), prior.shape[1]
    said = np.ones((edges, width)) / width
    told = np.zeros((edges, width))
    scale = np.zeros(edges)
    rest = False
    for _ in range(rounds):
        _tell(net, prior, said, told)
        fresh, scale = messages(net, told)
        moved = 0.0
        for e in range(edges):
            for value in range(width):
                now = (1 - damping) * fresh[e, value] + damping * said[e, value] if fresh[e, value] > 0 else 0.0
                moved = max(moved, abs(now - said[e, value]))
                said[e, value] = now
        if moved < close:
            rest = True
            break
    _tell(net, prior, said, told)
    fresh, scale = messages(net, told)
    return *_marginals(net, prior, fresh, told, scale), rest


@njit(cache=True)
def _tell(net, prior, said, told):
    """What a cell tells a factor: all it knows but what the factor told it."""
    for cell in range(len(prior)):
        begin, end = net.touched[cell], net.touched[cell + 1]
        for value in range(prior.shape[1]):
            for t in range(begin, end):
                product = prior[cell, value]
                for u in range(begin, end):
                    if u != t:
                        product *= said[net.edges[u], value]
                told[net.edges[t], value] = product
        for t in range(begin, end):
            total = told[net.edges[t]].sum()
            if total > 0:
                told[net.edges[t]] /= total


@njit(cache=True)
def _marginals(net, prior, said, told, scale):
    marginals, log_z = prior.copy(), 0.0
    for cell in range(len(prior)):
        for t in range(net.touched[cell], net.touched[cell + 1]):
            marginals[cell] *= said[net.edges[t]]
        total = marginals[cell].sum()
        log_z += np.log(max(total, TINY))
        if total > 0:
            marginals[cell] /= total
    for f in range(len(net.kind)):
        first = net.scope[f]
        for e in range(first, net.scope[f + 1]):
            both = max((said[e] * told[e]).sum(), TINY)
            log_z -= np.log(both)
            if e == first:
                log_z += np.log(both) + scale[e]
    return marginals, log_z
