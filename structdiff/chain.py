"""The numerical kernels: one pass over the logits into class sums, then recursions over the arcs.

Sums of products are kept as `mantissa * 2**exponent` with the mantissa in [1, 2) and a 32-bit exponent: the range of
logarithms at the price of products, so nothing that is possible underflows to impossible. Zero has mantissa 0 and the
exponent ZERO. Maxima of products are kept as logarithms in nats.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

ZERO = -(1 << 30)
REACH = np.float32(160.0)      # nats below a row's largest logit that float32 sums still see
LIFT = np.float32(74.0)        # e**74 * 262,144 tokens still fits float32
FLOOR = -700.0                 # nats below the largest logit at which a finite logit counts as just this unlikely
CHUNK = 16384                  # tokens summed in float32 before the sums move to float64
FAST = {"reassoc", "contract", "arcp", "nsz"}


# --- scalars --------------------------------------------------------------------------------------------------------


@njit(inline="always")
def _power(exponent):
    """2**exponent in float64, 0 below its range."""
    if exponent < -1022:
        return 0.0
    return np.int64((np.int64(exponent) + 1023) << 52).view(np.float64)


@njit(inline="always")
def _exponent(x):
    """The binary exponent of a positive normal float64."""
    return (np.float64(x).view(np.int64) >> 52) - 1023


@njit(inline="always", fastmath=FAST)
def _exp32(x):
    """e**x in float32 for x in [-86, 86], to 2 units in the last place (degree-6 Taylor on half a binade)."""
    k = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
    r = (x - k * np.float32(0.693359375)) - k * np.float32(-2.12194440e-4)
    p = np.float32(1 / 5040) * r + np.float32(1 / 720)
    p = p * r + np.float32(1 / 120)
    p = p * r + np.float32(1 / 24)
    p = p * r + np.float32(1 / 6)
    p = p * r + np.float32(0.5)
    p = p * r + np.float32(1)
    p = p * r + np.float32(1)
    return p * np.int32((np.int32(k) + 127) << 23).view(np.float32)


# --- the pass over the logits ---------------------------------------------------------------------------------------


@njit(parallel=True, fastmath=FAST, cache=True)
def class_sums(logits, class_of, classes, scale):
    """Returns per position and class: sum of e**x and of x * e**x, with x = scale * (logit - the row's largest).

    logits Float32[L, V]; class_of Int32[V]. Returns mass Float64[L, C], mean Float64[L, C], top Float32[L].
    A row that is all -inf has top -inf and no mass.
    """
    length, size = logits.shape
    mass = np.zeros((length, classes))
    mean = np.zeros((length, classes))
    top = np.empty(length, np.float32)
    for i in prange(length):
        row = logits[i]
        high, low = row[0], np.float32(np.inf)
        for v in range(size):
            high = max(high, row[v])
        top[i] = high
        if high == -np.inf or high != high:
            continue
        weight = np.empty(CHUNK, np.float32)
        sums = np.zeros((4, classes, 2), np.float32)
        for begin in range(0, size, CHUNK):
            stop = min(begin + CHUNK, size)
            for v in range(begin, stop):
                x = (row[v] - high) * scale
                low = min(low, x)
                seen = max(x, -REACH)
                weight[v - begin] = _exp32(seen + LIFT) if x >= -REACH else np.float32(0)
            aligned = begin + (stop - begin) // 4 * 4
            for v in range(begin, aligned, 4):
                for j in range(4):
                    c, w = class_of[v + j], weight[v + j - begin]
                    sums[j, c, 0] += w
                    sums[j, c, 1] += w * max((row[v + j] - high) * scale, -REACH)
            for v in range(aligned, stop):
                c, w = class_of[v], weight[v - begin]
                sums[0, c, 0] += w
                sums[0, c, 1] += w * max((row[v] - high) * scale, -REACH)
            for c in range(classes):
                for j in range(4):
                    mass[i, c] += sums[j, c, 0]
                    mean[i, c] += sums[j, c, 1]
                    sums[j, c, 0] = 0
                    sums[j, c, 1] = 0
        unlift = math.exp(-np.float64(LIFT))
        for c in range(classes):
            mass[i, c] *= unlift
            mean[i, c] *= unlift
        if low < -REACH:
            for v in range(size):
                x = (np.float64(row[v]) - np.float64(high)) * np.float64(scale)
                if x < -REACH and x > -np.inf:
                    w = math.exp(max(x, FLOOR))
                    mass[i, class_of[v]] += w
                    mean[i, class_of[v]] += w * x
    return mass, mean, top


@njit(parallel=True, cache=True)
def class_best(logits, class_of, classes, scale):
    """Returns per position and class the largest scale * logit Float64[L, C] (-inf: none) and its token Int32[L, C]."""
    length, size = logits.shape
    best = np.full((length, classes), -np.inf)
    token = np.zeros((length, classes), np.int32)
    for i in prange(length):
        for v in range(size):
            x = np.float64(logits[i, v]) * scale
            c = class_of[v]
            if x > best[i, c]:
                best[i, c] = x
                token[i, c] = v
    return best, token


@njit(cache=True)
def draw_in_class(row, members, scale, high, mass, u):
    """Returns a member drawn in proportion to e**(scale * (logit - high)); `mass` is their sum, u in [0, 1)."""
    left = u * mass
    last = -1
    for k in range(len(members)):
        x = (np.float64(row[members[k]]) - high) * scale
        if x > -np.inf:
            last = members[k]
            left -= math.exp(max(x, FLOOR))
            if left < 0:
                return last
    return last


# --- set weights ----------------------------------------------------------------------------------------------------


@njit(cache=True)
def set_sums(mass, offsets, items):
    """Returns Float64[L, T]: the mass of each token set."""
    length, sets = mass.shape[0], len(offsets) - 1
    out = np.zeros((length, sets))
    for i in range(length):
        for t in range(sets):
            total = 0.0
            for k in range(offsets[t], offsets[t + 1]):
                total += mass[i, items[k]]
            out[i, t] = total
    return out


@njit(cache=True)
def set_best(best, offsets, items):
    """Returns Float64[L, T] the best class value of each set, and Int32[L, T] that class."""
    length, sets = best.shape[0], len(offsets) - 1
    out = np.full((length, sets), -np.inf)
    which = np.zeros((length, sets), np.int32)
    for i in range(length):
        for t in range(sets):
            for k in range(offsets[t], offsets[t + 1]):
                if best[i, items[k]] > out[i, t]:
                    out[i, t] = best[i, items[k]]
                    which[i, t] = items[k]
    return out, which


# --- sum-product recursions -----------------------------------------------------------------------------------------


@njit(cache=True)
def backward(weights, by_source, target, held, final):
    """Returns mantissas Float64[L + 1, S] and exponents Int32[L + 1, S] of the weight of all ways on from each state.

    weights Float64[L, T] of token sets; arcs sorted by source; final Bool[S]: where the canvas may stop.
    """
    length, states = weights.shape[0], len(final)
    mantissa = np.zeros((length + 1, states))
    exponent = np.full((length + 1, states), ZERO, np.int32)
    for s in range(states):
        if final[s]:
            mantissa[length, s] = 1.0
            exponent[length, s] = 0
    for i in range(length - 1, -1, -1):
        w, after, scale = weights[i], mantissa[i + 1], exponent[i + 1]
        for s in range(states):
            high = ZERO
            for a in range(by_source[s], by_source[s + 1]):
                if after[target[a]] > 0 and w[held[a]] > 0:
                    high = max(high, scale[target[a]] + _exponent(w[held[a]]))
            if high == ZERO:
                continue
            total = 0.0
            for a in range(by_source[s], by_source[s + 1]):
                x = after[target[a]]
                if x > 0 and w[held[a]] > 0:
                    e = _exponent(w[held[a]])
                    total += x * (w[held[a]] * _power(-e)) * _power(scale[target[a]] + e - high)
            e = _exponent(total)
            mantissa[i, s] = total * _power(-e)
            exponent[i, s] = high + e
    return mantissa, exponent


@njit(cache=True)
def forward(weights, into, arcs, source, held, frontier):
    """Returns mantissas and exponents, as `backward`, of the weight of all ways from `frontier` to each state.

    into Int[S + 1], arcs Int[A]: the arcs into state `s` are `arcs[into[s] : into[s + 1]]`.
    """
    length, states = weights.shape[0], len(into) - 1
    mantissa = np.zeros((length + 1, states))
    exponent = np.full((length + 1, states), ZERO, np.int32)
    mantissa[0, frontier] = 1.0
    exponent[0, frontier] = 0
    for i in range(length):
        w, before, scale = weights[i], mantissa[i], exponent[i]
        for s in range(states):
            high = ZERO
            for k in range(into[s], into[s + 1]):
                a = arcs[k]
                if before[source[a]] > 0 and w[held[a]] > 0:
                    high = max(high, scale[source[a]] + _exponent(w[held[a]]))
            if high == ZERO:
                continue
            total = 0.0
            for k in range(into[s], into[s + 1]):
                a = arcs[k]
                x = before[source[a]]
                if x > 0 and w[held[a]] > 0:
                    e = _exponent(w[held[a]])
                    total += x * (w[held[a]] * _power(-e)) * _power(scale[source[a]] + e - high)
            e = _exponent(total)
            mantissa[i + 1, s] = total * _power(-e)
            exponent[i + 1, s] = high + e
    return mantissa, exponent


@njit(cache=True)
def set_marginals(weights, source, target, held, ahead, ahead_scale, behind, behind_scale, frontier):
    """Returns Float64[L, T]: the posterior probability that position i takes an arc of each set."""
    length, sets = weights.shape
    out = np.zeros((length, sets))
    norm, norm_scale = behind[0, frontier], behind_scale[0, frontier]
    for i in range(length):
        for a in range(len(source)):
            x, y, w = ahead[i, source[a]], behind[i + 1, target[a]], weights[i, held[a]]
            if x > 0 and y > 0 and w > 0:
                e = _exponent(w)
                shift = ahead_scale[i, source[a]] + behind_scale[i + 1, target[a]] + e - norm_scale
                out[i, held[a]] += x * y * (w * _power(-e)) / norm * _power(shift)
    return out


@njit(cache=True)
def draw_path(weights, by_source, target, held, behind, behind_scale, frontier, u):
    """Returns Int32[L]: the arcs of one joint draw, each chosen by its u in [0, 1), given what all later ones weigh."""
    length = weights.shape[0]
    path = np.empty(length, np.int32)
    s = frontier
    for i in range(length):
        left = u[i] * behind[i, s]
        chosen = -1
        for a in range(by_source[s], by_source[s + 1]):
            x, w = behind[i + 1, target[a]], weights[i, held[a]]
            if x > 0 and w > 0:
                e = _exponent(w)
                chosen = a
                left -= x * (w * _power(-e)) * _power(behind_scale[i + 1, target[a]] + e - behind_scale[i, s])
                if left < 0:
                    break
        path[i] = chosen
        s = target[chosen]
    return path


# --- max-product recursion ------------------------------------------------------------------------------------------


@njit(cache=True)
def best_path(weights, by_source, target, held, final, frontier):
    """Returns Int32[L] the arcs of the best path (empty: there is none) and its weight; weights are logarithms.

    Ties go to the first arc, so the same logits give the same path.
    """
    length, states = weights.shape[0], len(final)
    value = np.full((length + 1, states), -np.inf)
    choice = np.zeros((length, states), np.int32)
    for s in range(states):
        if final[s]:
            value[length, s] = 0.0
    for i in range(length - 1, -1, -1):
        for s in range(states):
            best = -np.inf
            for a in range(by_source[s], by_source[s + 1]):
                x = weights[i, held[a]] + value[i + 1, target[a]]
                if x > best:
                    best = x
                    choice[i, s] = a
            value[i, s] = best
    path = np.empty(length if value[0, frontier] > -np.inf else 0, np.int32)
    s = frontier
    for i in range(len(path)):
        path[i] = choice[i, s]
        s = target[path[i]]
    return path, value[0, frontier]
