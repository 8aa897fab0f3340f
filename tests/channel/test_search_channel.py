"""The search against one that knows no bound: on small random automata, texts and prices, the cheapest readings cost the same."""

from __future__ import annotations

import heapq

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from structdiff.channel import search
from structdiff.channel.rules import EMPTY
from structdiff.channel.search import FAR, NAMED_POP, POP, PUSH, STAY, Lattice, Tables

STATES, SYMBOLS, INSERTED = 5, 4, 2            # the first state and symbol are none
GROUND, INSIDE = (1, 2), (3, 4)                # states with an empty stack, and with another
PRICES = st.sampled_from([1.0, 2.0, 3.5, 5.0])
MAYBE = st.sampled_from([1.5, 4.0, float(FAR)])


def array(draw, elements, shape, dtype):
    count = int(np.prod(shape))
    return np.array(draw(st.lists(elements, min_size=count, max_size=count)), dtype).reshape(shape)


@st.composite
def problems(draw):
    """A format and a text of up to five atoms, of two names."""
    action = array(draw, st.sampled_from([STAY, STAY, PUSH, POP, NAMED_POP]), (STATES, SYMBOLS), np.int32)
    side = array(draw, st.integers(0, 1), (STATES, SYMBOLS), np.int32)
    inside = np.isin(np.arange(STATES), INSIDE)[:, None]
    back = np.where(inside, INSIDE[0], GROUND[0]) + side
    dead = array(draw, st.booleans(), (STATES, SYMBOLS), np.bool_) & (action == STAY)
    target = np.where(dead, 0, np.where(action == PUSH, INSIDE[0] + side, back)).astype(np.int32)
    action[:, 0] = action[0] = target[:, 0] = target[0] = 0
    back = back.astype(np.int32)
    counts = array(draw, st.integers(0, 1), (SYMBOLS,), np.int32) * (np.arange(SYMBOLS) > 0)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    other = st.integers(1, SYMBOLS - 1)
    tables = Tables(
        target, action, back, bottom=np.isin(np.arange(STATES), GROUND),
        final=array(draw, st.booleans(), (STATES,), np.bool_) & np.isin(np.arange(STATES), GROUND),
        jumping=array(draw, st.booleans(), (STATES,), np.bool_), closing=np.ones(STATES, np.bool_), altered=np.zeros(STATES, np.bool_), anew=np.zeros(SYMBOLS, np.bool_),
        copying=array(draw, st.sampled_from([0.0, 0.0, 0.5]), (STATES, SYMBOLS), np.float32),
        inserted=array(draw, other, (INSERTED,), np.int32), offsets=offsets,
        read_as=array(draw, other, (int(offsets[-1]),), np.int32), price=array(draw, PRICES, (int(offsets[-1]),), np.float32))
    n = draw(st.integers(0, 5))
    jump = np.array([draw(st.sampled_from([0, i + 1, min(i + 2, n)])) for i in range(n)], np.int32)
    swap = array(draw, MAYBE, (n,), np.float32)
    swap[n - 1 :] = FAR
    lattice = Lattice(
        symbol=array(draw, other, (n,), np.int32), name=array(draw, st.integers(0, 1), (n,), np.int32),
        deletion=array(draw, MAYBE, (n,), np.float32), swap=swap, insertion=array(draw, MAYBE, (n + 1, INSERTED), np.float32), jump=jump,
        jump_price=array(draw, PRICES, (n,), np.float32), level=np.full(n, -1, np.int32),
        distance=np.array([[0.0, 2.0], [2.0, 0.0]], np.float32), implying=array(draw, st.integers(0, 1), (n + 1,), np.int32) * 0,
        implied=np.zeros((2, 2), np.bool_), nesting=np.zeros((2, 2), np.float32))
    return tables, lattice


DEEPEST = 5


def read(tables, state, stack, symbol, name, inserted, lattice):
    """Yields (state, stack, price) after a symbol: at most one."""
    action = tables.action[state, symbol]
    if action == STAY:
        if tables.target[state, symbol]:
            yield int(tables.target[state, symbol]), stack, 0.0
    elif action == PUSH:
        if len(stack) < DEEPEST:
            yield int(tables.target[state, symbol]), (*stack, (int(name), int(tables.back[state, symbol]))), 0.0
    elif stack:
        called, back = stack[-1]
        yield back, stack[:-1], float(lattice.distance[name, called]) if action == NAMED_POP and not inserted else 0.0


def moves(tables, lattice, i, state, stack):
    """Yields (atom, state, stack, price) for whatever may be done in a place."""
    n = len(lattice.symbol)
    for y, symbol in enumerate(tables.inserted):
        if lattice.insertion[i, y] < FAR:
            for s, below, price in read(tables, state, stack, symbol, 0, True, lattice):
                yield i, s, below, price + float(lattice.insertion[i, y])
    if i == n:
        return
    x, name = lattice.symbol[i], lattice.name[i]
    for s, below, price in read(tables, state, stack, x, name, False, lattice):
        yield i + 1, s, below, price + float(tables.copying[state, x])
    for r in range(tables.offsets[x], tables.offsets[x + 1]):
        other = tables.read_as[r]
        for s, below, price in read(tables, state, stack, other, name, False, lattice):
            yield i + 1, s, below, price + float(tables.price[r] + tables.copying[state, other])
    if lattice.deletion[i] < FAR:
        yield i + 1, state, stack, float(lattice.deletion[i])
    if lattice.jump[i] and tables.jumping[state]:
        yield int(lattice.jump[i]), state, stack, float(lattice.jump_price[i])
    if lattice.swap[i] < FAR:
        y = lattice.symbol[i + 1]
        for s, below, price in read(tables, state, stack, y, lattice.name[i + 1], False, lattice):
            for t, lower, more in read(tables, s, below, x, name, False, lattice):
                yield i + 2, t, lower, price + more + float(lattice.swap[i] + tables.copying[state, y] + tables.copying[s, x])


def cheapest(tables, lattice, start, count):
    """Returns the prices of the cheapest readings: uniform-cost search in which each place may be left `count` times."""
    heap, left, found = [(0.0, 0, start, ())], {}, []
    while heap and len(found) < count and len(left) < 20_000:
        paid, i, state, stack = heapq.heappop(heap)
        if i == len(lattice.symbol) and tables.final[state] and not stack:
            found.append(paid)
            continue
        place = (i, state, stack)
        if left.get(place, 0) >= count:
            continue
        left[place] = left.get(place, 0) + 1
        for j, s, below, price in moves(tables, lattice, i, state, stack):
            heapq.heappush(heap, (paid + price, j, s, below))
    return found


@settings(deadline=None, max_examples=300)
@given(problems(), st.integers(1, 3), st.sampled_from([2, 3, 8]))
def test_finds_the_cheapest_readings(problem, count, depth):
    tables, lattice = problem
    h = search.bounds(tables, lattice, depth, False)
    found = search.search(tables, lattice, h, 1, EMPTY, False, count, np.float32(1e6), np.float32(1), 20_000)
    expected = cheapest(tables, lattice, 1, count)
    prices = found.paid[found.goals].tolist()
    if found.exhausted:
        return
    if expected and max(expected) < 12:                  # dearer ones may go deeper than the other search does
        np.testing.assert_allclose(prices[: len(expected)], expected, atol=1e-3)
    if prices and prices[0] < 12 and expected:
        assert abs(prices[0] - expected[0]) < 1e-3 or prices[0] < expected[0]


@settings(deadline=None, max_examples=300)
@given(problems(), st.sampled_from([2, 3, 8]))
def test_no_reading_costs_less_than_its_bound(problem, depth):
    tables, lattice = problem
    h = search.bounds(tables, lattice, depth, False)
    for i in range(len(lattice.symbol) + 1):
        rest = lattice._replace(**{name: getattr(lattice, name)[i:] for name in ("symbol", "name", "deletion", "swap", "insertion",
                                                                                 "jump_price", "level", "implying")},
                                jump=np.where(lattice.jump[i:] > 0, lattice.jump[i:] - i, 0).astype(np.int32))
        for state in GROUND:
            for price in cheapest(tables, rest, state, 1):
                assert h[i, state, 0] <= price + 1e-3


def test_a_weight_finds_a_reading_at_most_that_many_times_as_dear():
    rng = np.random.default_rng(0)
    for _ in range(50):
        tables, lattice = _brackets(rng)
        h = search.bounds(tables, lattice, 4, False)
        exact, rough = (search.search(tables, lattice, h, 1, EMPTY, False, 1, np.float32(0), np.float32(weight), 50_000)
                        for weight in (1, 2))
        assert exact.paid[exact.goals[0]] <= rough.paid[rough.goals[0]] <= 2 * exact.paid[exact.goals[0]] + 1e-3


def _brackets(rng):
    """Balanced brackets of one kind, and a random text of them; state 1 is outside of all, 2 inside."""
    action = np.array([[0, 0, 0], [0, PUSH, STAY], [0, PUSH, POP]], np.int32)
    target = np.array([[0, 0, 0], [0, 2, 0], [0, 2, 0]], np.int32)
    outside, no = np.array([False, True, False]), np.zeros(3, np.bool_)
    tables = Tables(target, action, np.array([[0, 0, 0], [0, 1, 0], [0, 2, 0]], np.int32), outside, outside, no, no, no, no,
                    np.zeros((3, 3), np.float32), np.array([1, 2], np.int32), np.zeros(4, np.int32),
                    np.zeros(0, np.int32), np.zeros(0, np.float32))
    n = 12
    return tables, Lattice(
        rng.integers(1, 3, n).astype(np.int32), np.zeros(n, np.int32), rng.uniform(1, 3, n).astype(np.float32), np.full(n, FAR, np.float32),
        rng.uniform(1, 3, (n + 1, 2)).astype(np.float32), np.zeros(n, np.int32), np.zeros(n, np.float32), np.full(n, -1, np.int32),
        np.zeros((1, 1), np.float32), np.zeros(n + 1, np.int32), np.zeros((1, 1), np.bool_), np.zeros((1, 1), np.float32))
