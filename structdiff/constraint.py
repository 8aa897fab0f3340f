"""The protocol a constraint fulfils, what it compiles to, and how constraints combine."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import reduce
from typing import Protocol, runtime_checkable

from structdiff.automaton import Automaton
from structdiff.errors import UnsatisfiableConstraint
from structdiff.lift import Limits, lift
from structdiff.machine import ByteMachine, accepts, intersect
from structdiff.verdict import Checker, Verdict, Violation
from structdiff.vocab import Vocab


@dataclass(frozen=True)
class Plan:
    """A constraint before it meets a vocabulary: one machine, and the checkers for what the machine leaves open.

    The constraint's language is within the machine's (up to the canonical form the constraint declares), and what the
    machine and every checker accept is within the constraint's.
    """

    machine: ByteMachine
    checkers: tuple[Checker, ...] = ()


@runtime_checkable
class Constraint(Protocol):
    """Frozen and hashable; knows nothing of tokens."""

    def plan(self, prompt: str) -> Plan:
        """Returns the machine and checkers for a request with this prompt.

        Raises:
            ConstraintError: the constraint is at fault.
        """
        ...

    def hint(self) -> str:
        """Returns one line that tells a model the shape of the answer; empty when there is nothing to tell."""
        ...

    def key(self, prompt: str) -> Hashable:
        """Returns what `plan(prompt)` depends on, so that equal plans are made and lifted once."""
        ...


@dataclass(frozen=True)
class Both:
    """Satisfied by what satisfies every part; `a & b` in code."""

    parts: tuple[Constraint, ...]

    def plan(self, prompt: str) -> Plan:
        plans = [part.plan(prompt) for part in self.parts]
        return Plan(reduce(intersect, (plan.machine for plan in plans)),
                    tuple(checker for plan in plans for checker in plan.checkers))

    def hint(self) -> str:
        return next(filter(None, (part.hint() for part in self.parts)), "")

    def key(self, prompt: str) -> Hashable:
        return (Both, *(part.key(prompt) for part in self.parts))

    def __and__(self, other: Constraint) -> Both:
        return Both((*self.parts, other))


class Combinable:
    """Gives a constraint the operator `&`."""

    def __and__(self, other: Constraint) -> Both:
        return Both((self, other))


@dataclass(frozen=True, eq=False)
class CompiledConstraint:
    """A plan lifted to a vocabulary. `automaton(frontier)` is cached: a finite machine has one for all frontiers."""

    plan: Plan
    vocab: Vocab
    limits: Limits = Limits()
    _views: dict[int, Automaton] = field(default_factory=dict, repr=False)

    @property
    def start(self) -> int:
        return self.plan.machine.start

    def automaton(self, frontier: int | None) -> Automaton:
        """Returns an automaton that has `frontier` (a machine state; None: the text has ended)."""
        for view in self._views.values():
            if self.plan.machine.finite and view.state(frontier) is not None:
                return view
        key = self.start if frontier is None else frontier
        if key not in self._views:
            self._views[key] = lift(self.plan.machine, self.vocab, key, self.limits)
        return self._views[key]

    @property
    def shortest(self) -> int:
        """The fewest tokens a satisfying text can have, its end token not counted."""
        automaton = self.automaton(self.start)
        return int(automaton.distance[automaton.state(self.start)])

    def require(self, budget: int) -> None:
        """Raises UnsatisfiableConstraint when no satisfying text fits `budget` tokens."""
        if self.shortest > budget:
            raise UnsatisfiableConstraint(
                f"the shortest satisfying text takes {self.shortest} tokens and the budget is {budget}; raise max_tokens")

    def check(self, text: str) -> Verdict:
        """Returns what the machine and the checkers say of a finished text; the last value given is the value."""
        if not accepts(self.plan.machine, text.encode()):
            return Verdict((Violation("automaton", "the text is not one the automaton accepts"),))
        value, violations = text, []
        for checker in self.plan.checkers:
            verdict = checker.check(text)
            violations.extend(verdict.violations)
            value = verdict.value if verdict.valid else value
        return Verdict(tuple(violations), value if not violations else None)


def compile(constraint: Constraint, vocab: Vocab, prompt: str = "", limits: Limits = Limits()) -> CompiledConstraint:
    """Returns `constraint` ready for a denoiser with `vocab`; its start is already lifted.

    Raises:
        ConstraintError: see `structdiff.errors`.
    """
    plan = constraint.plan(prompt)
    if plan.machine.completion(plan.machine.start) == float("inf"):
        raise UnsatisfiableConstraint("no finite text satisfies the constraint")
    compiled = CompiledConstraint(plan, vocab, limits)
    compiled.automaton(compiled.start)
    return compiled
