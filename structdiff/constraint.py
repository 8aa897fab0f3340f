"""The protocol a constraint fulfils, what it compiles to, and how constraints combine."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Protocol, runtime_checkable

from structdiff.automaton import Automaton
from structdiff.errors import UnsatisfiableConstraint
from structdiff.lift import Limits, lift
from structdiff.machine import DEAD, ByteMachine, accepts, intersect, step
from structdiff.verdict import UNCHANGED, Checker, Spelling, Verdict, Violation
from structdiff.vocab import Vocab


@dataclass(frozen=True)
class Plan:
    """A constraint before it meets a vocabulary: one machine, and the checkers for what the machine leaves open.

    The constraint's language is within the machine's (up to the canonical form the constraint declares), and what the
    machine and every checker accept is within the constraint's. respell: a text in that form, None where it has none.
    wide: makes the machine of the constraint's texts beyond that form, by which a finished text that is not in it is judged.
    judge: what judges a finished text in place of all these, for constraints made of others. early: judges of the begin of a
    text, which accuse what no way to go on would mend. framed: fixed text comes behind text that is free, so that what is right in a
    place does not show from what comes before it alone. limits: of what is lifted at once.
    """

    machine: ByteMachine
    checkers: tuple[Checker, ...] = ()
    respell: Callable[[str], Spelling | None] | None = None
    wide: Callable[[], ByteMachine] | None = None
    judge: Callable[[str], Verdict] | None = None
    early: tuple[Callable[[str], Verdict], ...] = ()
    framed: bool = False
    limits: Limits = Limits()

    def check(self, text: str) -> Verdict:
        """Returns what the machine and the checkers say of a finished text; the last value given is the value.

        A text that the machine refuses gets a second hearing in its canonical spelling, where the constraint has one.
        """
        verdict = self.judged(text)
        return replace(verdict, value=text) if verdict.valid and verdict.value is UNCHANGED else verdict

    def judged(self, text: str) -> Verdict:
        """Returns what `check` does; its value is UNCHANGED where nothing gave one."""
        if self.judge is not None:
            return self.judge(text)
        return together(text, [self._read, *(checker.check for checker in self.checkers)])

    def _read(self, text: str) -> Verdict:
        spelling = self.respell(text) if self.respell else Spelling(text)
        return Verdict(tuple(self._refusal(text, spelling)), UNCHANGED)

    def _refusal(self, text: str, spelling: Spelling | None) -> list[Violation]:
        """Returns where and why the machine refuses; nothing when it accepts the text or its canonical spelling."""
        if spelling is None:                             # not of the language at all: the checkers say where
            return [Violation("automaton", "the text has no canonical spelling", by="automaton")]
        if accepts(self.machine, text.encode("utf-8", "surrogatepass")):
            return []
        machine = self.wide() if self.wide else self.machine
        data = spelling.text.encode("utf-8", "surrogatepass")
        read, state = 0, machine.start
        while state != DEAD and read < len(data):
            state = step(machine, state, data[read])
            read += state != DEAD
        if state != DEAD and machine.accepts(state):
            return []
        _, pointer, span = max((part for part in spelling.origins if part[0] <= read), default=(0, "", (read, read + 1)))
        shown = data[:read][-40:].decode(errors="replace")
        what = f"cannot go on after {shown!r}" if read < len(data) else f"cannot end after {shown!r}"
        return [Violation("automaton", f"the text {what}", pointer, (span,), "automaton")]


def together(text: str, judges: Iterable[Callable[[str], Verdict]]) -> Verdict:
    """Returns the violations that any of the judges finds; where there are none, the last value that one gives."""
    value, violations = UNCHANGED, []
    for judge in judges:
        verdict = judge(text)
        violations.extend(verdict.violations)
        value = verdict.value if verdict.valid and verdict.value is not UNCHANGED else value
    return Verdict(tuple(violations), value if not violations else None)


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
                    tuple(checker for plan in plans for checker in plan.checkers),
                    judge=lambda text: together(text, [plan.judged for plan in plans]),
                    early=tuple(judge for plan in plans for judge in plan.early), framed=any(plan.framed for plan in plans),
                    limits=max((plan.limits for plan in plans), key=lambda limits: limits.view))

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
    """A plan lifted to a vocabulary. `automaton(frontier)` is cached: a machine that fits
    one view has one for all frontiers."""

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
            if view.whole and view.state(frontier) is not None:
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
        """Returns what the machine and the checkers say of a finished text."""
        return self.plan.check(text)

    def check_begin(self, text: str) -> Verdict:
        """Returns what is wrong with the begin of a text, however it goes on; as far as that is looked at."""
        return together(text, self.plan.early)


def compile(constraint: Constraint, vocab: Vocab, prompt: str = "", limits: Limits | None = None) -> CompiledConstraint:
    """Returns `constraint` ready for a denoiser with `vocab`; its start is already lifted. limits None: the plan's own.

    Raises:
        ConstraintError: see `structdiff.errors`.
    """
    plan = constraint.plan(prompt)
    if plan.machine.completion(plan.machine.start) == float("inf"):
        raise UnsatisfiableConstraint("no finite text satisfies the constraint")
    compiled = CompiledConstraint(plan, vocab, limits or plan.limits)
    compiled.automaton(compiled.start)
    return compiled
