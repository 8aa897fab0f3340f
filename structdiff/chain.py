"""The numerical kernels: one pass over the logits into class sums, then recursions over the arcs.

Sums of products are kept as `mantissa * 2**exponent` with the mantissa in [1, 2) and a 32-bit exponent: the range of
logarithms at the price of products, so nothing that is possible underflows to impossible. Zero has mantissa 0 and the
exponent ZERO. Maxima of products are kept as logarithms in nats.
"""

from __future__ import annotations

import math
from threading import Lock

import numpy as np
from numba import njit, prange

ZERO = -(1 << 30)
REACH = np.float32(160.0)      # nats below a row's largest logit that float32 sums still see
LIFT = 107                     # binades added so that e**-REACH stays normal: 2**107 * 262,144 tokens still fits float32
FLOOR = -700.0                 # nats below the largest logit at which a finite logit counts as just this unlikely
FLAT, WIDE = 2.0 ** -700, 900  # a sum from FLAT up, of terms up to 2**WIDE, is exact: what it lost is below 2**-1000
FAINT = math.exp(-60.0)        # a class's mass from which single tokens below REACH are lost in its rounding
STRIDE = 1024                  # tokens a draw steps over at a time
TILE = 2048                    # tokens whose weights are held at a time: they stay in the first cache
CHUNK = 8 * TILE               # tokens summed in float32 before the sums move to float64
FAST = {"reassoc", "contract", "arcp", "nsz"}
NO_NAN = FAST | {"nnan"}       # where NaN has been ruled out
_alone = Lock()                # not every threading layer of Numba's runs two parallel kernels at once
LEAST, LARGEST = np.int32(-0x7F800001), np.int32(0x7F800000)     # -inf and +inf as `_ordered` has them


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
    """e**x * 2**LIFT in float32 for x in [-REACH, 0], to 2 units in the last place (degree-7 Taylor on half a binade).

    Rounds by way of a positive integer: a call to floor would keep the loop around it from being vectorised.
    """
    k = np.int32(x * np.float32(1.44269504) + np.float32(256.5)) - np.int32(256)
    whole = np.float32(k)
    r = (x - whole * np.float32(0.693359375)) - whole * np.float32(-2.12194440e-4)
    p = np.float32(1 / 5040) * r + np.float32(1 / 720)
    p = p * r + np.float32(1 / 120)
    p = p * r + np.float32(1 / 24)
    p = p * r + np.float32(1 / 6)
    p = p * r + np.float32(0.5)
    p = p * r + np.float32(1)
    p = p * r + np.float32(1)
    return p * np.int32((k + np.int32(127 + LIFT)) << np.int32(23)).view(np.float32)


@njit(inline="always")
def _ordered(bits):
    """Maps a float32's bits to an int32 that orders as the float does, NaN beyond both infinities; its own inverse."""
    return np.int32(bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF)))


# --- the pass over the logits ---------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _extremes(row):
    """Returns the least and the largest of a row of float32; NaN twice when it has any. Integers, so it vectorises."""
    bits = row.view(np.int32)
    low, high = np.int32(0x7FFFFFFF), np.int32(-0x80000000)
    for v in range(len(bits)):
        key = _ordered(bits[v])
        low, high = min(low, key), max(high, key)
    if low < LEAST or high > LARGEST:
        return np.float32(np.nan), np.float32(np.nan)
    return _ordered(np.int32(low)).view(np.float32), _ordered(np.int32(high)).view(np.float32)


@njit(fastmath=NO_NAN, cache=True, nogil=True)
def _weigh(row, high, scale, weight, moment):
    """Fills weight with e**x * 2**LIFT and moment with x times that; 0 below REACH. Vectorised: mind what you add."""
    for v in range(len(row)):
        x = (row[v] - high) * scale
        seen = max(x, -REACH)
        w = _exp32(seen)
        w = w if x >= -REACH else np.float32(0)
        weight[v] = w
        moment[v] = w * seen


@njit(fastmath=NO_NAN, cache=True, nogil=True)
def _sum_of(values, class_of, common):
    """Returns the sum of the values whose class is `common`, without a scatter."""
    total = np.float32(0)
    for v in range(len(class_of)):
        total += values[v] if class_of[v] == common else np.float32(0)
    return total


@njit(cache=True, nogil=True)
def _split(class_of, classes):
    """Returns the most common class, the tokens of all others, and where each tile's begin among those."""
    counts = np.zeros(classes, np.int64)
    for c in class_of:
        counts[c] += 1
    common = np.argmax(counts)
    others = np.empty(len(class_of) - counts[common], np.int32)
    tiles = np.zeros((len(class_of) + TILE - 1) // TILE + 1, np.int64)
    found = 0
    for v in range(len(class_of)):
        if class_of[v] != common:
            others[found] = v
            found += 1
        tiles[v // TILE + 1] = found
    return common, others, tiles


def class_sums(logits, class_of, classes, scale):
    """Returns per position and class: sum of e**x and of x * e**x, with x = scale * (logit - the row's largest).

    logits Float32[L, V]; class_of Int32[V]. Returns mass Float64[L, C], mean Float64[L, C], top Float32[L].
    A row that is all -inf has top -inf and no mass; one with NaN or +inf has that as its top and no mass.
    """
    with _alone:
        return _class_sums(logits, class_of, classes, scale)


@njit(parallel=True, fastmath=FAST, cache=True, nogil=True)
def _class_sums(logits, class_of, classes, scale):
    length, size = logits.shape
    mass = np.zeros((length, classes))
    mean = np.zeros((length, classes))
    top = np.empty(length, np.float32)
    unlift = 2.0 ** -LIFT
    common, others, tiles = _split(class_of, classes)
    for i in prange(length):
        row = logits[i]
        low, high = _extremes(row)
        top[i] = high
        if not abs(high) < np.inf:
            continue
        weight, moment = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
        sums, moments = np.zeros((classes, 4), np.float32), np.zeros((classes, 4), np.float32)     # four adders in turn
        for begin in range(0, size, TILE):
            stop = min(begin + TILE, size)
            _weigh(row[begin:stop], high, scale, weight, moment)
            sums[common, 0] += _sum_of(weight, class_of[begin:stop], common)
            moments[common, 0] += _sum_of(moment, class_of[begin:stop], common)
            first, last = tiles[begin // TILE], tiles[begin // TILE + 1]
            for k in range(first, last - 3, 4):
                for j in range(4):
                    v = np.uint32(others[k + j])
                    c = np.uint32(class_of[v])
                    sums[c, j] += weight[v - np.uint32(begin)]
                    moments[c, j] += moment[v - np.uint32(begin)]
            for k in range(last - (last - first) % 4, last):
                v = others[k]
                c = class_of[v]
                sums[c, 0] += weight[v - begin]
                moments[c, 0] += moment[v - begin]
            if stop % CHUNK == 0 or stop == size:
                for c in range(classes):
                    for j in range(4):
                        mass[i, c] += sums[c, j] * unlift
                        mean[i, c] += moments[c, j] * unlift
                sums[:] = 0
                moments[:] = 0
        if (low - high) * scale < -REACH:
            for v in range(size):
                x = (np.float64(row[v]) - np.float64(high)) * np.float64(scale)
                if x < -REACH and x > -np.inf:
                    w = math.exp(max(x, FLOOR))
                    mass[i, class_of[v]] += w
                    mean[i, class_of[v]] += w * x
    return mass, mean, top


def class_best(logits, class_of, classes, scale):
    """Returns per position and class the largest scale * logit Float64[L, C] (-inf: none) and its token Int32[L, C]."""
    with _alone:
        return _class_best(logits, class_of, classes, scale)


@njit(parallel=True, cache=True, nogil=True)
def _class_best(logits, class_of, classes, scale):
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


@njit(fastmath=NO_NAN, cache=True, nogil=True)
def _mass_of(row, members, scale, high):
    """Returns the sum of e**(scale * (logit - high)) over a few thousand tokens at most; what is below REACH is 0."""
    total = np.float32(0)
    for k in range(len(members)):
        x = (row[members[k]] - high) * scale
        w = _exp32(max(x, -REACH))
        total += w if x >= -REACH else np.float32(0)
    return np.float64(total) * 2.0 ** -LIFT


@njit(cache=True, nogil=True)
def draw_in_class(row, members, scale, high, mass, u):
    """Returns a member drawn in proportion to e**(scale * (logit - high)); `mass` is their sum, u in [0, 1).

    Steps over STRIDE members at a time, then token by token; a class too faint for float32 token by token throughout.
    """
    count, ahead = len(members), u <= 0.5
    left = u * mass if ahead else (1.0 - u) * mass
    begin = 0                                        # tokens passed, from the end that is nearer
    if mass > FAINT:
        narrow, peak = np.float32(scale), np.float32(high)
        while begin + STRIDE < count:
            low = begin if ahead else count - begin - STRIDE
            passed = _mass_of(row, members[low : low + STRIDE], narrow, peak)
            if left < passed:
                break
            left -= passed
            begin += STRIDE
    last = -1
    for k in range(begin, count):
        token = members[k] if ahead else members[count - 1 - k]
        x = (np.float64(row[token]) - high) * scale
        if x > -np.inf:
            last = token
            left -= math.exp(max(x, FLOOR))
            if left < 0:
                return last
    while last < 0:                                  # rounding led past the last possible one
        begin -= 1
        token = members[begin] if ahead else members[count - 1 - begin]
        last = token if row[token] > -np.inf else -1
    return last


# --- set weights ----------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def class_odds(per_set, offsets, items, classes):
    """Returns Float64[L, C]: for each class, the sum of `per_set` Float64[L, T] over the sets that hold it."""
    length = per_set.shape[0]
    out = np.zeros((length, classes))
    for i in range(length):
        for t in range(len(offsets) - 1):
            if per_set[i, t] != 0.0:
                for k in range(offsets[t], offsets[t + 1]):
                    out[i, items[k]] += per_set[i, t]
    return out


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _careful(mantissa, exponent, w, end, held, arcs):
    """Returns the sum over `arcs` of value times weight, as a float64 times 2**shift, with the shift found first."""
    high = ZERO
    for a in arcs:
        if mantissa[end[a]] > 0 and w[held[a]] > 0:
            high = max(high, exponent[end[a]] + _exponent(w[held[a]]))
    total = 0.0
    if high > ZERO:
        for a in arcs:
            x = mantissa[end[a]]
            if x > 0 and w[held[a]] > 0:
                e = _exponent(w[held[a]])
                total += x * (w[held[a]] * _power(-e)) * _power(exponent[end[a]] + e - high)
    return total, high


@njit(cache=True, nogil=True)
def _raise(mantissa, exponent, power):
    """Raises each number in place to `power`."""
    for s in range(len(mantissa)):
        if mantissa[s] > 0:
            binary = power * (math.log2(mantissa[s]) + exponent[s])
            whole = math.floor(binary)
            mantissa[s], exponent[s] = 2.0 ** (binary - whole), np.int32(whole)


@njit(cache=True, nogil=True)
def backward(weights, by_source, target, held, final, lookahead):
    """Returns the weight of all ways on from each state, and the message that it passes to what comes before it.

    Each as mantissas Float64[L + 1, S] and exponents Int32[L + 1, S]. weights Float64[L, T] of token sets; arcs sorted by
    source; final Bool[S]: where the canvas may stop. A message is the weight to the power `lookahead`; at 1 they are one.
    """
    length, states = weights.shape[0], len(final)
    mantissa = np.zeros((length + 1, states))
    exponent = np.full((length + 1, states), ZERO, np.int32)
    for s in range(states):
        if final[s]:
            mantissa[length, s] = 1.0
            exponent[length, s] = 0
    message, message_scale = mantissa, exponent
    if lookahead != 1.0:
        message, message_scale = mantissa.copy(), exponent.copy()
    near = np.zeros(states, np.int32)                # the last exponent of each state: the next is not far from it
    order = np.arange(len(target), dtype=np.int32)
    for i in range(length - 1, -1, -1):
        w, after, scale = weights[i], message[i + 1], message_scale[i + 1]
        for s in range(states):
            total, high, shift = 0.0, ZERO, near[s]
            for a in range(by_source[s], by_source[s + 1]):
                scaled = scale[target[a]]
                high = max(high, scaled)
                total += after[target[a]] * w[held[a]] * _power(min(scaled - shift, WIDE))
            if high > ZERO and (total < FLAT or high - shift > WIDE):
                total, shift = _careful(after, scale, w, target, held, order[by_source[s] : by_source[s + 1]])
            if total > 0:
                e = _exponent(total)
                mantissa[i, s] = total * _power(-e)
                exponent[i, s] = near[s] = shift + e
        if lookahead != 1.0:
            message[i], message_scale[i] = mantissa[i], exponent[i]
            _raise(message[i], message_scale[i], lookahead)
    return mantissa, exponent, message, message_scale


@njit(inline="always")
def _chance(w, message, message_scale, total, total_scale):
    """Returns the probability of an arc, given its source: its weight times its target's message, of the source's total."""
    e = _exponent(w)
    return message * (w * _power(-e)) / total * _power(message_scale + e - total_scale)


@njit(cache=True, nogil=True)
def set_marginals(weights, by_source, target, held, frontier, total, total_scale, message, message_scale):
    """Returns Float64[L, T]: the probability that position i takes an arc of each set."""
    length, states = weights.shape[0], total.shape[1]
    out = np.zeros(weights.shape)
    here = np.zeros(states)
    here[frontier] = 1.0
    for i in range(length):
        after = np.zeros(states)
        for s in range(states):
            if here[s] == 0 or total[i, s] == 0:
                continue
            for a in range(by_source[s], by_source[s + 1]):
                x, w = message[i + 1, target[a]], weights[i, held[a]]
                if x > 0 and w > 0:
                    p = here[s] * _chance(w, x, message_scale[i + 1, target[a]], total[i, s], total_scale[i, s])
                    out[i, held[a]] += p
                    after[target[a]] += p
        here = after
    return out


@njit(cache=True, nogil=True)
def draw_path(weights, by_source, target, held, frontier, total, total_scale, message, message_scale, u):
    """Returns Int32[L]: the arcs of one joint draw, each chosen by its u in [0, 1), given what all later ones weigh."""
    length = weights.shape[0]
    path = np.empty(length, np.int32)
    s = frontier
    for i in range(length):
        left = u[i]
        chosen = -1
        for a in range(by_source[s], by_source[s + 1]):
            x, w = message[i + 1, target[a]], weights[i, held[a]]
            if x > 0 and w > 0:
                chosen = a
                left -= _chance(w, x, message_scale[i + 1, target[a]], total[i, s], total_scale[i, s])
                if left < 0:
                    break
        path[i] = chosen
        s = target[chosen]
    return path


# --- max-product recursion ------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def first_regret(best, held_values, states, by_source, target, held, offsets, items, message):
    """Returns the first position at which a class that may stand there has a larger value than what is held, and the best such class;
    -1 twice when there is none, or before it a position at which nothing may stand.

    best Float[L, C]. held_values Float[N], N <= L. states Int[L + 1]: those of the canvas that is held. message Float[L + 1, S]: positive
    where the end can be reached. Of classes that are equally good it is the first.
    """
    for i in range(len(held_values)):
        liked = -1
        for a in range(by_source[states[i]], by_source[states[i] + 1]):
            if message[i + 1, target[a]] > 0:
                for c in items[offsets[held[a]] : offsets[held[a] + 1]]:
                    if liked < 0 or best[i, c] > best[i, liked] or (best[i, c] == best[i, liked] and c < liked):
                        liked = c
        if liked < 0:
            return -1, -1
        if best[i, liked] > held_values[i]:
            return i, liked
    return -1, -1
