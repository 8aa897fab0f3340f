"""What one rule alone tells of each value of its cells, under beliefs in the values of its other cells: sum-product, one factor."""

from __future__ import annotations

import numpy as np
from numba import njit

from structdiff.puzzle.network import DIAGRAM, DIFFERENT, PAIR

FLOOR = 1e-4            # a message tells no more than this: beliefs are no proof
TIGHT = 0.25            # variance of a sum whose other terms are all known; terms are integers


@njit(cache=True)
def told(net, beliefs):
    """Returns Float[B, N, D]: of each value the log of the share that the rules other than all-different leave to it, the likeliest
    value of each rule and cell at 0, summed over the rules. beliefs Float[B, N, D], each cell's sum to one."""
    out = np.zeros(beliefs.shape, np.float32)
    room = np.empty((2, len(net.after) + 1))
    share = np.empty((net.scope.max() if len(net.scope) else 0, beliefs.shape[2]))
    for f in range(len(net.kind)):
        begin, end = net.scope[f], net.scope[f + 1]
        cells = net.cells[begin:end]
        for b in range(len(beliefs)):
            if net.kind[f] == DIFFERENT:
                break
            if net.kind[f] == PAIR:
                _pair(net.pairs[f], beliefs[b], cells, share)
            elif net.kind[f] == DIAGRAM:
                _diagram(net.layers[begin + f : end + f + 1], net.after, beliefs[b], cells, room, share)
            else:
                _linear(net.weights[begin:end], net.relation[f], net.bound[f], net.values, beliefs[b], cells, share)
            for i in range(len(cells)):
                most = max(share[i].max(), 1e-30)
                for value in range(beliefs.shape[2]):
                    out[b, cells[i], value] += np.log(max(share[i, value] / most, FLOOR))
    return out


@njit(cache=True)
def _pair(pairs, beliefs, cells, share):
    for side in range(2):
        other = beliefs[cells[1 - side]]
        for value in range(len(other)):
            share[side, value] = 0.0
            for against in range(len(other)):
                if pairs[side, value] >> against & 1:
                    share[side, value] += other[against]


@njit(cache=True)
def _diagram(layers, after, beliefs, cells, room, share):
    """Forward and backward over the layers, each layer scaled to a sum of one."""
    k, width = len(cells), after.shape[1]
    forward, backward = room[0], room[1]
    first, last = layers[0], layers[k]
    forward[first : last + 1] = 0.0
    backward[first : last + 1] = 0.0
    if layers[0] == layers[1]:
        share[:k] = 1.0
        return
    forward[first], backward[last] = 1.0, 1.0
    for i in range(k):
        total = 1e-300
        for state in range(layers[i], layers[i + 1]):
            for value in range(width):
                if after[state, value] >= 0:
                    weight = forward[state] * beliefs[cells[i], value]
                    forward[after[state, value]] += weight
                    total += weight
        for state in range(layers[i + 1], last + 1 if i == k - 1 else layers[i + 2]):
            forward[state] /= total
    for i in range(k - 1, -1, -1):
        total = 1e-300
        share[i] = 0.0
        for state in range(layers[i], layers[i + 1]):
            for value in range(width):
                if after[state, value] >= 0:
                    behind = backward[after[state, value]]
                    share[i, value] += forward[state] * behind
                    backward[state] += behind * beliefs[cells[i], value]
            total += backward[state]
        for state in range(layers[i], layers[i + 1]):
            backward[state] /= total


@njit(cache=True)
def _linear(weights, relation, bound, values, beliefs, cells, share):
    """The other terms' sum taken as normal."""
    k, width = len(cells), len(values)
    means, variances = np.zeros(k), np.zeros(k)
    for i in range(k):
        square = 0.0
        for value in range(width):
            term = weights[i] * values[value]
            means[i] += beliefs[cells[i], value] * term
            square += beliefs[cells[i], value] * term * term
        variances[i] = max(square - means[i] ** 2, 0.0)
    mean, variance = means.sum(), variances.sum()
    for i in range(k):
        spread = np.sqrt(max(variance - variances[i], 0.0) + TIGHT)
        for value in range(width):
            away = (bound - (mean - means[i]) - weights[i] * values[value]) / spread
            share[i, value] = _normal(away, relation)


@njit(cache=True)
def _normal(away, relation):
    if relation == 0:
        return np.exp(-0.5 * away * away)
    if relation == 1:
        return 1.0
    below = 1.0 / (1.0 + np.exp(-1.702 * min(max(away, -20.0), 20.0)))       # the logistic's share below, near the normal's
    return below if relation == 2 else 1.0 - below
