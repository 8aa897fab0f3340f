"""Rules as layered decision diagrams: one layer a cell, and a path for each way to satisfy the rule.

A rule is told by what has to be remembered from one cell to the next: a running sum, the runs of a line so far. States that
allow the same continuations are one, so that a sum over nine cells has some hundred states and not millions of tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from structdiff.puzzle.rules import Cage, Count, Line, Linear, Product, Rule, Sum, Table

MOST = 60_000           # states of one diagram, before equal ones are merged


@dataclass(frozen=True)
class Memory:
    """What is remembered over a rule's cells: `start`, then `after(state, place, value)`, None where no way on is right;
    `accepts` says of the last state whether the rule holds."""

    start: Hashable
    after: Callable[[Any, int, int], Hashable | None]
    accepts: Callable[[Any], bool]


@dataclass(frozen=True, eq=False)
class Diagram:
    """layers Int[K + 1]: where each layer's states begin; the last layer is one state. after Int[S, D]: the state behind each
    value, by the index of the value; -1: none."""

    layers: np.ndarray
    after: np.ndarray


def memory(rule: Rule, domains: Sequence[Sequence[int]]) -> Memory | None:
    """Returns what the rule has to remember; None where the rule is of a kind that is not told so."""
    match rule:
        case Sum(_, total):
            return _running_sum([1] * len(domains), domains, "==", total)
        case Linear(_, weights, relation, bound):
            return _running_sum(weights, domains, relation, bound)
        case Product(_, total):
            return _running_product(total)
        case Count(cells, value, count):
            return Memory(0, lambda seen, i, one: seen + (one == value) if seen + (one == value) <= count else None,
                          lambda seen: seen == count)
        case Line(_, clue):
            return _runs(clue)
        case Table(_, allowed):
            begins = {row[:i] for row in allowed for i in range(len(row) + 1)}
            return Memory((), lambda read, i, one: (*read, one) if (*read, one) in begins else None, lambda read: True)
        case Cage():
            return _cage(rule, domains)
    return None


def _running_sum(weights: Sequence[int], domains: Sequence[Sequence[int]], relation: str, bound: int) -> Memory:
    """The sum so far; where what is left cannot bring it out of reach, or back, it is no more told from others."""
    spans = [sorted((weight * min(domain), weight * max(domain))) for weight, domain in zip(weights, domains)]
    low, high = [0] * (len(spans) + 1), [0] * (len(spans) + 1)
    for i in range(len(spans) - 1, -1, -1):
        low[i], high[i] = low[i + 1] + spans[i][0], high[i + 1] + spans[i][1]

    def after(total: int, i: int, value: int) -> int | None:
        total += weights[i] * value
        least, most = total + low[i + 1], total + high[i + 1]
        match relation:
            case "==":
                return total if least <= bound <= most else None
            case "!=":
                return total
            case "<=":
                return None if least > bound else min(total, 10**15) if most > bound else bound - high[i + 1]
            case _:
                return None if most < bound else total if least < bound else bound - low[i + 1]

    accepts = {"==": lambda total: total == bound, "!=": lambda total: total != bound, "<=": lambda total: total <= bound,
               ">=": lambda total: total >= bound}[relation]
    return Memory(0, after, accepts)


def _running_product(total: int) -> Memory:
    def after(product: int, i: int, value: int) -> int | None:
        product *= value
        fits = product == 0 or total % product == 0
        return product if total == 0 or fits and product != 0 else None

    return Memory(1, after, lambda product: product == total)


def _runs(clue: tuple[int, ...]) -> Memory:
    """(runs that are whole, cells of the one that is open)."""

    def after(state: tuple[int, int], i: int, value: int) -> tuple[int, int] | None:
        done, opened = state
        if value == 1:
            return (done, opened + 1) if done < len(clue) and opened < clue[done] else None
        if value != 0:
            return None
        return state if not opened else (done + 1, 0) if opened == clue[done] else None

    def accepts(state: tuple[int, int]) -> bool:
        done, opened = state
        return done == len(clue) and not opened or done == len(clue) - 1 and opened == clue[done]

    return Memory((0, 0), after, accepts)


def _cage(cage: Cage, domains: Sequence[Sequence[int]]) -> Memory:
    """The sum or product, the largest where it counts, and the values that are used where they are distinct."""
    adds = cage.operation in ("+", "-", "")
    needs_largest = cage.operation in ("-", "/")
    most = sum(max(domain) for domain in domains)

    def after(state: tuple, i: int, value: int) -> tuple | None:
        result, largest, used = state
        if cage.distinct and value in used:
            return None
        result = result + value if adds else result * value
        if cage.operation in ("+", "") and min(map(min, domains)) >= 0 and result > cage.total or result > most and adds:
            return None
        if cage.operation == "*" and (cage.total != 0 and (result == 0 or cage.total % result)):
            return None
        return result, max(largest, value) if needs_largest else 0, used | {value} if cage.distinct else used

    def accepts(state: tuple) -> bool:
        result, largest, _ = state
        match cage.operation:
            case "-":
                return 2 * largest - result == cage.total
            case "/":
                return result != 0 and largest * largest == cage.total * result
        return result == cage.total

    return Memory((0 if adds else 1, min(map(min, domains)) if needs_largest else 0, frozenset()), after, accepts)


def diagram(told: Memory, domains: Sequence[Sequence[int]], values: Sequence[int], most: int = MOST) -> Diagram | None:
    """Returns the diagram of what is remembered; None where it has more than `most` states. An empty rule has no layers' states."""
    index = {value: i for i, value in enumerate(values)}
    layers: list[dict[Hashable, int]] = [{told.start: 0}]
    arcs: list[list[tuple[int, int, int]]] = []
    size = 1
    for i, domain in enumerate(domains):
        here, following = layers[-1], {}
        arcs.append([])
        for state, source in here.items():
            for value in domain:
                reached = told.after(state, i, value)
                if reached is not None:
                    target = following.setdefault(reached, len(following))
                    arcs[-1].append((source, index[value], target))
        size += len(following)
        if size > most:
            return None
        layers.append(following)
    return _reduced(layers, arcs, [told.accepts(state) for state in layers[-1]], len(values))


def _reduced(layers: list[dict], arcs: list[list[tuple[int, int, int]]], accepted: list[bool], width: int) -> Diagram:
    """Returns the diagram with states that no path leads through left out, and equal ones merged."""
    name = [0 if good else -1 for good in accepted]      # of each state of the layer behind: its number there, -1: none
    tables: list[np.ndarray] = []
    for layer, between in zip(reversed(layers[:-1]), reversed(arcs)):
        rows = np.full((len(layer), width), -1, np.int64)
        for source, value, target in between:
            rows[source, value] = name[target]
        unique: dict[bytes, int] = {}
        name = [-1 if (row < 0).all() else unique.setdefault(row.tobytes(), len(unique)) for row in rows]
        tables.append(np.array([np.frombuffer(row, np.int64) for row in unique]).reshape(-1, width))
    tables.reverse()
    sizes = [len(table) for table in tables] + [1]
    begins = np.concatenate([[0], np.cumsum(sizes)])
    after = [np.where(table >= 0, table + begins[i + 1], -1) for i, table in enumerate(tables)]
    return Diagram(begins[:-1].astype(np.int32), np.concatenate([*after, np.full((1, width), -1)]).astype(np.int32))
