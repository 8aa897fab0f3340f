"""Other solvers of the same `Puzzle`: OR-Tools CP-SAT and python-constraint2, by one translation of the rules each."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, islice, product
from math import prod
from typing import Any

from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import (
    RELATIONS, Adjacent, AllDifferent, Cage, Count, Difference, Equal, Less, Line, Linear, Product, Rule, Sum, Table)

LARGEST_TABLE = 20_000


class Inexpressible(Exception):
    """The peer has no way to say a rule."""


@dataclass(frozen=True)
class Answer:
    """values: of the cells, in order; None: there was none in time. unique: proven; None: not settled in time."""

    values: tuple[int, ...] | None
    unique: bool | None
    seconds: float


Peer = Callable[[Puzzle, float], Answer]                 # the limit in seconds


def _domains(puzzle: Puzzle) -> list[tuple[int, ...]]:
    given = dict(puzzle.givens)
    return [(given[cell],) if cell in given else tuple(domain) for cell, domain in zip(puzzle.cells, puzzle.domains)]


# --- OR-Tools CP-SAT --------------------------------------------------------------------------------------------------


def cp_sat(puzzle: Puzzle, limit: float) -> Answer:
    """One worker. That a solution is the only one is proven by solving once more without it.

    Raises:
        Inexpressible: a rule has no translation.
    """
    cp_model = import_module("ortools.sat.python.cp_model")
    started = time.perf_counter()
    model = cp_model.CpModel()
    cells = {cell: model.new_int_var_from_domain(cp_model.Domain.from_values(domain), cell)
             for cell, domain in zip(puzzle.cells, _domains(puzzle))}
    domains = dict(zip(puzzle.cells, puzzle.domains))
    for rule in puzzle.rules:
        _say(cp_model, model, rule, [cells[cell] for cell in rule.cells], [domains[cell] for cell in rule.cells])
    found: list[tuple[int, ...]] = []
    while len(found) < 2:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = max(limit - (time.perf_counter() - started), 0.001)
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        found.append(tuple(solver.value(cell) for cell in cells.values()))
        model.add_forbidden_assignments(list(cells.values()), [found[-1]])
    unique = len(found) == 1 if len(found) > 1 or status == cp_model.INFEASIBLE else None
    return Answer(found[0] if found else None, unique, time.perf_counter() - started)


def _say(cp_model: Any, model: Any, rule: Rule, cells: list[Any], domains: Sequence[Sequence[int]]) -> None:
    """Adds the rule to the model."""
    match rule:
        case AllDifferent():
            model.add_all_different(cells)
        case Sum(_, total):
            model.add(sum(cells) == total)
        case Linear(_, weights, relation, bound):
            left = sum(weight * cell for weight, cell in zip(weights, cells))
            model.add(RELATIONS[relation](left, bound))
        case Less():
            model.add(cells[0] < cells[1])
        case Equal():
            model.add(cells[0] == cells[1])
        case Adjacent():
            model.add_linear_expression_in_domain(cells[0] - cells[1], cp_model.Domain.from_values([-1, 1]))
        case Difference(_, _, amount):
            model.add_linear_expression_in_domain(cells[0] - cells[1], cp_model.Domain.from_values([-amount, amount]))
        case Product(_, total):
            model.add_multiplication_equality(total, cells)
        case Line(_, clue):
            _automaton(model, clue, cells)
        case Count(_, value, count) if set(chain(*domains)) <= {0, 1}:
            model.add(sum(cells) == (count if value else len(cells) - count))
        case Table(_, allowed):
            model.add_allowed_assignments(cells, allowed)
        case Cage():
            _cage(model, rule, cells, domains)
        case _:
            raise Inexpressible(f"“{rule}” has no translation")


def _cage(model: Any, rule: Cage, cells: list[Any], domains: Sequence[Sequence[int]]) -> None:
    if rule.distinct and len(cells) > 1:
        model.add_all_different(cells)
    if rule.operation in ("", "+") or len(cells) == 1:
        model.add(sum(cells) == rule.total)
    elif rule.operation == "*":
        model.add_multiplication_equality(rule.total, cells)
    elif prod(map(len, domains)) <= LARGEST_TABLE:
        model.add_allowed_assignments(cells, [values for values in product(*domains) if rule.holds(values)])
    else:
        raise Inexpressible(f"“{rule}” has too many combinations for a table")


def _automaton(model: Any, clue: Sequence[int], cells: list[Any]) -> None:
    """Adds that the runs of ones are these. States: before run 1 (0), after each of its cells, the blank behind it, and so on."""
    if not clue:
        model.add(sum(cells) == 0)
        return
    arcs, state = [(0, 0, 0)], 0
    for number, run in enumerate(clue, 1):
        for _ in range(run):
            arcs.append((state, 1, state + 1))
            state += 1
        if number < len(clue):
            arcs += [(state, 0, state + 1), (state + 1, 0, state + 1)]
            state += 1
    model.add_automaton(cells, 0, [state, state + 1], [*arcs, (state, 0, state + 1), (state + 1, 0, state + 1)])


# --- python-constraint2 -----------------------------------------------------------------------------------------------


def python_constraint(puzzle: Puzzle, limit: float) -> Answer:
    """Its solver by default. It has no limit of its own: it runs in a process that is stopped, and only its own time counts."""
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_constrained, args=(puzzle, there), daemon=True)
    process.start()
    try:
        if here.poll(limit):
            return here.recv()
        return Answer(None, None, limit)
    finally:
        process.kill()
        process.join()


def _constrained(puzzle: Puzzle, there: Any) -> None:
    constraint = import_module("constraint")
    started = time.perf_counter()
    problem = constraint.Problem()
    for cell, domain in zip(puzzle.cells, _domains(puzzle)):
        problem.addVariable(cell, list(domain))
    for rule in puzzle.rules:
        for one in _demands(constraint, rule):
            problem.addConstraint(one, list(rule.cells))
    found = [tuple(one[cell] for cell in puzzle.cells) for one in islice(problem.getSolutionIter(), 2)]
    there.send(Answer(found[0] if found else None, len(found) == 1 if found else None, time.perf_counter() - started))


def _demands(constraint: Any, rule: Rule) -> Iterator[Any]:
    """Yields what says the rule: its own constraints where it has them, else a function that it calls when all cells have a value."""
    match rule:
        case AllDifferent():
            yield constraint.AllDifferentConstraint()
        case Sum(_, total):
            yield constraint.ExactSumConstraint(total)
        case Product(_, total):
            yield constraint.ExactProdConstraint(total)
        case Linear(_, weights, "==", bound) if min(weights) > 0:
            yield constraint.ExactSumConstraint(bound, weights)
        case Cage(_, operation, total, distinct) if operation in ("", "+", "*"):
            if distinct:
                yield constraint.AllDifferentConstraint()
            yield constraint.ExactProdConstraint(total) if operation == "*" else constraint.ExactSumConstraint(total)
        case _:
            yield constraint.FunctionConstraint(lambda *values: rule.holds(values))


def available() -> tuple[dict[str, Peer], tuple[str, ...]]:
    """Returns the peers that are installed, and a sentence about each that is not."""
    peers, missing = {}, []
    for name, module, package, peer in (("CP-SAT", "ortools.sat.python.cp_model", "ortools", cp_sat),
                                        ("python-constraint", "constraint", "python-constraint2", python_constraint)):
        try:
            import_module(module)
            peers[name] = peer
        except ImportError as error:
            missing.append(f"{name} is skipped: {error}; install {package}, or tell the folder that it is in by --peers")
    return peers, tuple(missing)
