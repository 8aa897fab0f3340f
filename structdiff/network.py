"""Recursive languages: rules, and the machine that walks them."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from structdiff.errors import ConstraintTooLarge
from structdiff.machine import DEAD, ByteMachine, States, literal
from structdiff.parts import NOWHERE, Moves, Parts, moves_by, refined

MOST_PLACES = 20_000       # that one text may have come to


class Rule:
    """An expression over machines. Rules are compared by identity; build each once."""


@dataclass(frozen=True, eq=False)
class Leaf(Rule):
    machine: ByteMachine


@dataclass(frozen=True, eq=False)
class Seq(Rule):
    parts: tuple[Rule, ...]


@dataclass(frozen=True, eq=False)
class Alt(Rule):
    options: tuple[Rule, ...]


@dataclass(frozen=True, eq=False)
class Repeat(Rule):
    """`body`, at least `low` and at most `high` times (None: any number); counted as it is walked, never unrolled."""

    body: Rule
    low: int
    high: int | None


@dataclass(frozen=True, eq=False)
class Ref(Rule):
    """The rule of that name, which may refer back to this one."""

    name: str


class Later(Rule):
    """A rule that is made when it is first reached: what is not reached costs nothing, and may be without end.

    cost: the fewest bytes it can be spelled in, known beforehand.
    """

    def __init__(self, cost: float, make: Callable[[], Rule]):
        self.cost, self._make = cost, make

    @cached_property
    def rule(self) -> Rule:
        return self._make()


class Tagged(ByteMachine, Protocol):
    """A machine that also says which of its texts was read."""

    def tag(self, state: int) -> Hashable: ...


@dataclass(frozen=True, eq=False)
class Switch(Rule):
    """A text of `machine`, then the rule that `branch` has for its tag; `after`: the fewest bytes of any branch."""

    machine: Tagged
    branch: Callable[[Hashable], Rule]
    after: float = 0.0


@dataclass(frozen=True, eq=False)
class _Chosen(Rule):
    """What follows the text of a switch that is being read."""

    switch: Switch


EMPTY = Seq(())
THE_END = (None, DEAD)     # the way on where nothing follows


def text(spelled: str | bytes) -> Rule:
    return Leaf(literal(spelled.encode() if isinstance(spelled, str) else spelled))


def seq(*parts: Rule) -> Rule:
    return Seq(parts)


def alt(*options: Rule) -> Rule:
    return Alt(options)


class Network:
    """The language of recursive rules, as a machine.

    A state is the set of places the text may have come to; a place is a leaf machine's state and what must follow it
    (a linked list of rules). The set is found as it is walked, so nesting is bounded by nothing, and a repetition's
    counter is just the rule that remains. This is the derivative of a grammar (Might, Darais & Spiewak,
    doi:10.1145/2034773.2034801) with leaves taken by whole machines. Places that differ only in what follows are one,
    followed by either: lists that part share what they still have in common (Tomita's graph-structured stack), so
    alternatives that overlap at every depth do not multiply.
    """

    def __init__(self, start: Rule, rules: Mapping[str, Rule] | None = None):
        self._rules = dict(rules or {})
        self._states = States()
        self._known = {DEAD: NOWHERE}
        self._parts: dict[tuple, tuple[Parts, list]] = {}
        self._singles: dict[tuple[int, int, int], int] = {}
        self._leaf_states: dict[tuple[int, int], tuple[bool, bool]] = {}
        self._tails = States()                       # of each: its ways on, (rule, tail) pairs; DEAD has THE_END alone
        self._unions: dict[frozenset[int], int] = {}
        self._remainders: dict[tuple, Repeat] = {}   # (body, low, high) -> the rule that remains
        self._leaves: list[ByteMachine] = []
        self._leaf_of: dict[int, int] = {}
        self._afters: dict[int, set[tuple[int, int, int]]] = {}
        self._chosen: dict[int, _Chosen] = {}        # by the switch's id
        self._texts: dict[int, Leaf] = {}            # of switches, by the machine's id
        self._tail_costs: dict[int, float] = {DEAD: 0.0}
        self._costs = _Costs(self._rules)
        self._end = (self._leaf(literal(b"")), literal(b"").start, DEAD)
        self.start = self._state(self._expand([(start, DEAD)]))

    def moves(self, state: int) -> Moves:
        """How bytes part depends on the leaves' states alone, so it is found once for all the places that share them."""
        known = self._known.get(state)
        if known is None:
            places = self._states.keys[state]
            parts, arrivals = self._parted(tuple([place[:2] for place in places]))
            known = self._known[state] = moves_by([self._arrived(places, arrival) for arrival in arrivals], parts)
        return known

    def _parted(self, leaves: tuple[tuple[int, int], ...]) -> tuple[Parts, list[list[tuple[int, int]]]]:
        """Returns how bytes part, and for each part the (place, leaf state) pairs it leads to."""
        parted = self._parts.get(leaves)
        if parted is None:
            inner = [self._leaves[leaf].moves(state) for leaf, state in leaves]
            met, columns = refined(tuple([parts for _, parts in inner]))
            arrivals = [[(place, inner[place].targets[p - 1]) for place, p in enumerate(column) if p] for column in columns]
            parted = self._parts[leaves] = met, arrivals
        return parted

    def _arrived(self, places: tuple, arrival: list[tuple[int, int]]) -> int:
        """Returns the state of having come from some of `places` to leaf states."""
        if len(arrival) == 1:
            (place, inner), = arrival
            leaf, _, tail = places[place]
            return self._state_of(leaf, inner, tail)
        reached: set[tuple[int, int, int]] = set()
        for place, inner in arrival:
            leaf, _, tail = places[place]
            reached |= self._arrive(leaf, inner, tail)
        return self._state(reached)

    def _state_of(self, leaf: int, inner: int, tail: int) -> int:
        key = (leaf, inner, tail)
        state = self._singles.get(key)
        if state is None:
            state = self._singles[key] = self._state(self._arrive(leaf, inner, tail))
        return state

    def accepts(self, state: int) -> bool:
        return state != DEAD and any(
            THE_END in self._ways(tail) and self._leaves[leaf].accepts(inner)
            for leaf, inner, tail in self._states.keys[state]
        )

    def completion(self, state: int) -> float:
        if state == DEAD:
            return math.inf
        return min([self._leaves[leaf].completion(inner) + self._tail_cost(tail)
                    for leaf, inner, tail in self._states.keys[state]])

    def _state(self, places: set[tuple[int, int, int]]) -> int:
        if not places:
            return DEAD
        if len(places) == 1:
            return self._states.of(tuple(places))
        if len({place[:2] for place in places}) < len(places):
            tails: dict[tuple[int, int], set[int]] = {}
            for leaf, inner, tail in places:
                tails.setdefault((leaf, inner), set()).add(tail)
            places = {(*at, self._union(frozenset(met))) for at, met in tails.items()}
        return self._states.of(tuple(sorted(places)))

    def _union(self, tails: frozenset[int]) -> int:
        """Returns the tail that goes on as any of `tails` does."""
        if len(tails) == 1:
            return next(iter(tails))
        known = self._unions.get(tails)
        if known is None:
            rests: dict[Rule | None, set[int]] = {}
            for tail in tails:
                for rule, rest in self._ways(tail):
                    rests.setdefault(rule, set()).add(rest)
            ways = [(rule, self._union(frozenset(met))) for rule, met in rests.items()]
            known = self._unions[tails] = self._tails.of(tuple(sorted(ways, key=lambda way: id(way[0]))))
        return known

    def _ways(self, tail: int) -> tuple[tuple[Rule | None, int], ...]:
        return self._tails.keys[tail] if tail != DEAD else (THE_END,)

    def _then(self, rule: Rule, tail: int) -> int:
        """Returns the tail that is `rule`, then `tail`."""
        return self._tails.of(((rule, tail),))

    def _arrive(self, leaf: int, inner: int, tail: int) -> set[tuple[int, int, int]]:
        accepts, goes_on = self._leaf_state(leaf, inner)
        places = {(leaf, inner, tail)} if goes_on else set()
        if accepts:
            behind = self._behind(leaf, inner, tail)
            places |= self._after(tail) if behind is self._ways(tail) else self._expand(behind)
        return places

    def _after(self, tail: int) -> set[tuple[int, int, int]]:
        """Returns the places from which a tail may begin."""
        places = self._afters.get(tail)
        if places is None:
            places = self._afters[tail] = self._expand(self._ways(tail))
        return places

    def _behind(self, leaf: int, inner: int, tail: int) -> Sequence[tuple[Rule | None, int]]:
        """Returns the rules, each with its tail, that a leaf which accepts is followed by."""
        ways = self._ways(tail)
        for rule, _ in ways:
            if type(rule) is _Chosen:
                break
        else:
            return ways
        return [(rule.switch.branch(self._leaves[leaf].tag(inner)) if isinstance(rule, _Chosen) else rule, rest)
                for rule, rest in ways]

    def _leaf_state(self, leaf: int, inner: int) -> tuple[bool, bool]:
        """Returns whether a leaf's machine accepts in a state, and whether it may go on from there."""
        known = self._leaf_states.get((leaf, inner))
        if known is None:
            machine = self._leaves[leaf]
            accepts = machine.accepts(inner)         # what does not accept must go on: no need to see how
            known = self._leaf_states[leaf, inner] = accepts, not accepts or bool(machine.moves(inner).targets)
        return known

    def _expand(self, ways: Iterable[tuple[Rule | None, int]]) -> set[tuple[int, int, int]]:
        """Returns the places from which any of the rules, then its tail, may begin."""
        places: set[tuple[int, int, int]] = set()
        seen: set[tuple[int, int]] = set()
        pending = list(ways)
        while pending:
            rule, tail = pending.pop()
            if rule is None:
                places.add(self._end)
                continue
            if (id(rule), tail) in seen or math.isinf(self._costs.of(rule) + self._tail_cost(tail)):
                continue
            seen.add((id(rule), tail))
            if len(seen) > MOST_PLACES:
                raise ConstraintTooLarge(f"a text can be read in more than {MOST_PLACES:,} ways at once")
            kind = type(rule)                        # not `match`: this is the innermost loop
            if kind is Seq:
                if rule.parts:
                    for part in rule.parts[:0:-1]:
                        tail = self._then(part, tail)
                    pending.append((rule.parts[0], tail))
                else:
                    pending.extend(self._ways(tail))
            elif kind is Leaf:
                machine = rule.machine
                leaf = self._leaf(machine)
                places.add((leaf, machine.start, tail))
                if self._leaf_state(leaf, machine.start)[0]:
                    pending.extend(self._behind(leaf, machine.start, tail))
            elif kind is Alt:
                pending.extend([(option, tail) for option in rule.options])
            elif kind is Switch:
                chosen = self._chosen.setdefault(id(rule), _Chosen(rule))
                pending.append((self._begun(rule.machine), self._then(chosen, tail)))
            elif kind is Repeat:
                if rule.low == 0:
                    pending.append((EMPTY, tail))
                if rule.high != 0:
                    pending.append((rule.body, self._then(self._remainder(rule), tail)))
            elif kind is Ref:
                pending.append((self._rules[rule.name], tail))
            else:
                pending.append((rule.rule, tail))
        return places

    def _begun(self, machine: ByteMachine) -> Leaf:
        return self._texts.setdefault(id(machine), Leaf(machine))

    def _leaf(self, machine: ByteMachine) -> int:
        index = self._leaf_of.get(id(machine))
        if index is None:
            index = self._leaf_of[id(machine)] = len(self._leaves)
            self._leaves.append(machine)
        return index

    def _remainder(self, rule: Repeat) -> Repeat:
        """Returns what is left of a repetition once its body is read: the same object for the same count."""
        if rule.low == 0 and rule.high is None:
            return rule
        low, high = max(rule.low - 1, 0), None if rule.high is None else rule.high - 1
        return self._remainders.setdefault((id(rule.body), low, high), Repeat(rule.body, low, high))

    def _tail_cost(self, tail: int) -> float:
        """Returns the fewest bytes a tail can be spelled in."""
        known = self._tail_costs.get(tail)
        if known is not None:
            return known
        pending = [tail]
        while pending:
            at = pending[-1]
            if at not in self._tail_costs:
                ways = self._tails.keys[at]
                unknown = [rest for _, rest in ways if rest not in self._tail_costs]
                if unknown:
                    pending.extend(unknown)
                    continue
                self._tail_costs[at] = min([self._tail_costs[rest] + (self._costs.of(rule) if rule else 0.0)
                                            for rule, rest in ways])
            pending.pop()
        return self._tail_costs[tail]


class _Costs:
    """The fewest bytes each rule can be spelled in; inf for a rule that needs itself."""

    def __init__(self, rules: Mapping[str, Rule]):
        self._known: dict[int, float] = {}
        self._alive: list[Rule] = []                 # what is known by id must live as long
        self._names = dict.fromkeys(rules, math.inf)
        while True:
            found = {name: self._cost(rule, {}) for name, rule in rules.items()}
            if found == self._names:
                break
            self._names = found

    def of(self, rule: Rule) -> float:
        known = self._known.get(id(rule))
        if known is None:
            self._alive.append(rule)
            known = self._cost(rule, self._known)
        return known

    def _cost(self, rule: Rule, seen: dict[int, float]) -> float:
        """Post-order over the rule's graph without recursion: schemas nest deeper than Python's stack."""
        pending = [rule]
        while pending:
            node = pending[-1]
            if id(node) in seen:
                pending.pop()
                continue
            children = _children(node)
            missing = [child for child in children if id(child) not in seen]
            if missing:
                pending.extend(missing)
                continue
            seen[id(node)] = self._combine(node, [seen[id(child)] for child in children])
            pending.pop()
        return seen[id(rule)]

    def _combine(self, rule: Rule, costs: list[float]) -> float:
        match rule:
            case Leaf(machine):
                return machine.completion(machine.start)
            case Switch(machine, _, after):
                return machine.completion(machine.start) + after
            case _Chosen(switch):
                return switch.after
            case Later():
                return rule.cost
            case Seq():
                return sum(costs)
            case Alt():
                return min(costs, default=math.inf)
            case Repeat(_, low, _):
                return low * costs[0] if low else 0.0
            case Ref(name):
                return self._names[name]
        raise TypeError(f"not a rule: {rule!r}")


def _children(rule: Rule) -> tuple[Rule, ...]:
    match rule:
        case Seq(parts):
            return parts
        case Alt(options):
            return options
        case Repeat(body, _, _):
            return (body,)
    return ()
