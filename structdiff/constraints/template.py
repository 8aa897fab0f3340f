"""Fixed text with holes, each under a constraint of its own."""

from __future__ import annotations

import string
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from structdiff.constraint import Combinable, Constraint, Plan
from structdiff.errors import ConstraintError
from structdiff.machine import BYTES, DEAD, ByteMachine, States, accepts, product, step
from structdiff.network import Leaf, Network, seq, text
from structdiff.parts import NOWHERE, Moves, moves_of, moves_on
from structdiff.verdict import UNCHANGED, Verdict, Violation

MOST_SPLITS = 1_000        # of a finished text into the fixed parts and the holes that are tried


@dataclass(frozen=True, init=False)
class Template(Combinable):
    """The text with each `{name}` replaced by a text that satisfies the constraint of that name; `{{` and `}}` are braces.

    The value is a dict of the holes' values. A hole that stands behind blanks at the begin of a line is a block: its
    further lines begin with the same blanks (empty ones may do without), and its constraint sees them without.

        Template("def area(r):\\n    {body}\\n", body=Grammar("python"))

    Raises:
        ConstraintError: a brace is not closed, or a hole and its constraint do not match up.
    """

    text: str
    holes: tuple[tuple[str, Constraint], ...]

    def __init__(self, text: str, /, **holes: Constraint) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "holes", tuple(sorted(holes.items())))
        named = [name for _, name in _pieces(text) if name is not None]
        for name in named:
            if name not in holes:
                raise ConstraintError(f"the template has a hole {{{name}}} without a constraint; give {name}=…")
            if named.count(name) > 1:
                raise ConstraintError(f"the template has the hole {{{name}}} twice; give each a name of its own")
        for name, constraint in holes.items():
            if name not in named:
                raise ConstraintError(f"there is a constraint {name!r} and no hole {{{name}}} in the template")
            if not isinstance(constraint, Constraint) or isinstance(constraint, type):
                raise ConstraintError(f"{name} is a constraint value such as Regex('[a-z]+'), not {constraint!r}")

    @classmethod
    def between(cls, fixed: Sequence[str], hole: Constraint) -> Template:
        """Returns the template of fixed texts with a hole between each two, named hole_1 and on, all under `hole`."""
        escaped = [part.replace("{", "{{").replace("}", "}}") for part in fixed]
        names = [f"hole_{i}" for i in range(1, len(fixed))]
        return cls(escaped[0] + "".join(f"{{{name}}}{part}" for name, part in zip(names, escaped[1:])), **dict.fromkeys(names, hole))

    def plan(self, prompt: str) -> Plan:
        plans = {name: constraint.plan(prompt) for name, constraint in self.holes}
        fixed, holes, line = [""], [], ""
        for literal, name in _pieces(self.text):
            fixed[-1] += literal
            line = (line + literal).rpartition("\n")[2]
            if name is not None:
                holes.append(_Hole(name, plans[name], line if not line.strip(" \t") else ""))
                fixed.append("")
                line += "\0"                             # no hole behind this one begins its line
        rules = [text(fixed[0])]
        for hole, after in zip(holes, fixed[1:]):
            rules += [Leaf(hole.machine), text(after)]
        machine = Network(seq(*rules))
        checkers = tuple(checker for hole in holes for checker in hole.plan.checkers)
        return Plan(machine, checkers, judge=_Filled(tuple(fixed), tuple(holes), Plan(machine)).judge,
                    framed=any(fixed[1:]))

    def hint(self) -> str:
        return ""

    def key(self, prompt: str) -> Hashable:
        return Template, self.text, tuple((name, constraint.key(prompt)) for name, constraint in self.holes)


def _pieces(template: str) -> Iterator[tuple[str, str | None]]:
    """Yields fixed texts, each with the name of the hole behind it (None: there is none)."""
    try:
        for literal, name, spec, conversion in string.Formatter().parse(template):
            if name is not None and (not name.isidentifier() or spec or conversion):
                shown = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
                raise ConstraintError(f"a hole is a name in braces, not {{{shown}}}; write {{{{ and }}}} for braces")
            yield literal, name
    except ValueError as error:
        raise ConstraintError(f"the template does not parse: {error}; write {{{{ and }}}} for braces") from None


@dataclass(frozen=True, eq=False)
class _Hole:
    """margin: the blanks that its further lines begin with."""

    name: str
    plan: Plan
    margin: str

    @property
    def machine(self) -> ByteMachine:
        return Indented(self.plan.machine, self.margin.encode()) if self.margin else self.plan.machine

    def check(self, filled: str, begin: int) -> Verdict:
        """Returns the verdict on the hole's text, which begins at byte `begin` of the whole; accusing the whole's bytes."""
        inner = filled.replace("\n" + self.margin, "\n") if self.margin else filled
        verdict = self.plan.check(inner)
        place = self._places(filled, inner)
        violations = [self._moved(found, place, begin) for found in verdict.violations]
        return Verdict(tuple(violations), inner if verdict.value is UNCHANGED else verdict.value)

    def _places(self, filled: str, inner: str) -> list[int]:
        """Returns where each byte of the dedented text, and its end, is in the indented one."""
        if filled == inner:
            return list(range(len(filled.encode()) + 1))
        shown = [True] * len(filled)
        at = filled.find("\n" + self.margin)
        while at >= 0:
            shown[at + 1 : at + 1 + len(self.margin)] = [False] * len(self.margin)
            at = filled.find("\n" + self.margin, at + 1 + len(self.margin))
        widths = [len(character.encode()) for character in filled]
        starts = [0, *accumulate(widths)]
        places = [starts[i] + k for i, width in enumerate(widths) if shown[i] for k in range(width)]
        return [*places, starts[-1]]

    @staticmethod
    def _moved(found: Violation, place: list[int], begin: int) -> Violation:
        spans = found.spans or ((0, len(place) - 1),)
        last = len(place) - 1
        return replace(found, spans=tuple((begin + place[min(a, last)], begin + place[min(b, last)]) for a, b in spans))


@dataclass(frozen=True)
class _Filled:
    """Judges a filled template: by its holes, in the first way to find them that each hole's constraint is content with."""

    fixed: tuple[str, ...]
    holes: tuple[_Hole, ...]
    whole: Plan

    def judge(self, text: str) -> Verdict:
        verdict = self.whole.check(text)
        if not verdict.valid:
            return verdict
        first = None
        for tried, split in enumerate(self._splits(text, len(self.fixed[0]), 0)):
            verdicts = [hole.check(text[begin:end], len(text[:begin].encode()))
                        for hole, (begin, end) in zip(self.holes, split)]
            found = Verdict(tuple(violation for one in verdicts for violation in one.violations),
                            {hole.name: one.value for hole, one in zip(self.holes, verdicts)})
            if found.valid:
                return found
            first = first or replace(found, value=None)
            if tried + 1 == MOST_SPLITS:
                break
        return first or verdict

    def _splits(self, text: str, begin: int, hole: int) -> Iterator[tuple[tuple[int, int], ...]]:
        """Yields the spans that hole number `hole`, which begins at `begin`, and those behind it may have."""
        if hole == len(self.holes):
            yield ()
            return
        after, last = self.fixed[hole + 1], hole + 1 == len(self.holes)
        end = len(text) - len(after) if last else text.find(after, begin)
        while end >= begin:
            if accepts(self.holes[hole].machine, text[begin:end].encode()):
                for rest in self._splits(text, end + len(after), hole + 1):
                    yield ((begin, end), *rest)
            end = -1 if last else text.find(after, end + 1)


def _breaks() -> Moves:
    row = np.ones(BYTES, dtype=np.int32)
    row[ord("\n")] = 2
    return moves_of(row)


BREAKS = _breaks()


class Indented:
    """Reads lines that, but for the first and for empty ones, begin with a margin; shows `inner` the text without it."""

    def __init__(self, inner: ByteMachine, margin: bytes):
        self._inner, self._margin = inner, margin
        self._states = States()
        self.start = self._state(inner.start, len(margin))

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NOWHERE
        inner, read = self._states.keys[state]
        if read == len(self._margin):
            return product((BREAKS, self._inner.moves(inner)), lambda to: self._state(to[1], 0 if to[0] == 2 else read))
        ways = {self._margin[read]: self._state(inner, read + 1)}
        if read == 0 and (empty := step(self._inner, inner, ord("\n"))) != DEAD:
            ways[ord("\n")] = self._state(empty, 0)
        return moves_on(tuple(sorted(ways)), tuple(ways[byte] for byte in sorted(ways)))

    def _state(self, inner: int, read: int) -> int:
        return self._states.of((inner, read)) if inner != DEAD else DEAD

    def accepts(self, state: int) -> bool:
        if state == DEAD:
            return False
        inner, read = self._states.keys[state]
        return read in (0, len(self._margin)) and self._inner.accepts(inner)

    def completion(self, state: int) -> float:
        return float("inf") if state == DEAD else self._inner.completion(self._states.keys[state][0])
