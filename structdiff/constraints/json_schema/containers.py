"""Arrays and objects as rules, part by part; each rule is made when it is reached."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from structdiff import regex
from structdiff.constraints.json_schema.algebra import matches_something, member_goal
from structdiff.constraints.json_schema.keys import Keys
from structdiff.constraints.json_schema.shapes import ANY, NONE, Array, Goal, Object, String, both
from structdiff.constraints.json_schema.strings import contents, spelled, utf8
from structdiff.machine import ByteMachine, Complement, Escaped, Words, accepts
from structdiff.network import Alt, Later, Leaf, Network, Rule, Switch, seq, text

if TYPE_CHECKING:
    from structdiff.constraints.json_schema.compiler import Compiler, Node


class Bracketed:
    """The rules of an array or object, part by part: what may follow depends only on the place that has been reached."""

    opener: str
    closer: str
    _start: Hashable

    def __init__(self, compiler: Compiler):
        self._compiler = compiler
        self._later: dict[Hashable, Later] = {}
        self._settled = False                            # whether costs can no longer fall

    def cost(self) -> float:
        return 1.0 + self._ahead(self._start)

    @cached_property
    def rule(self) -> Rule:
        self._settled = True
        empty = [text(self.closer)] if self._closes(self._start) else []
        return seq(text(self.opener), self._compiler.blank, Alt((*empty, *self._next(self._start))))

    def _after(self, place: Hashable) -> Rule:
        """Returns the rule of what stands after the part that led to `place`."""
        later = self._later.get(place)
        if later is None:
            later = self._later[place] = Later(max(self._ahead(place), 1.0), lambda: self._follow(place))
        return later

    def _follow(self, place: Hashable) -> Rule:
        close = [seq(self._compiler.blank, text(self.closer))] if self._closes(place) else []
        more = self._next(place)
        return Alt((*close, *([seq(self._compiler.comma, Alt(more))] if more else [])))

    def _ahead(self, place: Hashable) -> float:
        """Returns a lower bound on the bytes from `place`, before a part, to the end; inf: there is no way."""
        raise NotImplementedError

    def _closes(self, place: Hashable) -> bool:
        """Whether the bracket may close at `place`."""
        raise NotImplementedError

    def _next(self, place: Hashable) -> tuple[Rule, ...]:
        """Returns the ways to go on: one more part and all that follows it; none when there can be no more."""
        raise NotImplementedError


# --- arrays ---------------------------------------------------------------------------------------------------------


class Items(Bracketed):
    """The rules of an array, item by item. A place is (items read, capped; how many each `contains` has, capped)."""

    opener, closer = "[", "]"

    def __init__(self, shape: Array, compiler: Compiler):
        super().__init__(compiler)
        self.shape = shape
        self._cap = max(len(shape.prefix), shape.low, shape.high or 0)
        self._counted = tuple((goal, low, high) for goal, low, high in shape.contains if low or high is not None)
        self._start = (0, (0,) * len(self._counted))

    def needed(self) -> Iterable[Node]:
        return [self._compiler._node(goal) for goal in dict.fromkeys(self._goals())]

    def _goals(self) -> Iterable[Goal]:
        yield from self.shape.prefix
        yield self.shape.rest
        for i in range(len(self.shape.prefix) + 1):
            for goal, _, _ in self._counted:
                yield both(self.shape.item(i), goal)

    def blocked(self) -> list[Node]:
        count = min(self.shape.low, len(self.shape.prefix) + 1)
        items = [self._compiler.node(self.shape.item(i)) for i in range(count)]
        return [node for node in items if node.cost == math.inf]

    def _ahead(self, place: tuple) -> float:
        read, counts = place
        missing = [max(low - count, 0) for (_, low, _), count in zip(self._counted, counts)]
        items = max(self.shape.low - read, max(missing, default=0), 0)
        if self.shape.high is not None and read + items > self.shape.high:
            return math.inf
        total = 1.0
        for i in range(read, read + items):
            if i > len(self.shape.prefix):
                each = self._item_cost(i)
                return total + (read + items - i) * (each + 1) - (read == 0)
            total += self._item_cost(i) + 1
        for (goal, _, _), count in zip(self._counted, missing):
            if count:
                possible = range(min(read, len(self.shape.prefix)), len(self.shape.prefix) + 1)
                if all(self._compiler._node(both(self.shape.item(i), goal)).cost == math.inf for i in possible):
                    return math.inf
        return total - (read == 0 and items > 0)

    def _item_cost(self, i: int) -> float:
        return self._compiler._node(self.shape.item(i)).cost

    def _closes(self, place: tuple) -> bool:
        read, counts = place
        return read >= self.shape.low and all(count >= low for (_, low, _), count in zip(self._counted, counts))

    def _next(self, place: tuple) -> tuple[Rule, ...]:
        read, counts = place
        if self.shape.high is not None and read >= self.shape.high:
            return ()
        after = min(read + 1, self._cap)
        found = []
        for goal, counted in self._kinds(self.shape.item(read), counts):
            place = (after, counted)
            node = self._compiler.node(goal)
            if node.cost < math.inf and self._ahead(place) < math.inf:
                found.append(seq(node, self._after(place)))
        return tuple(found)

    def _kinds(self, goal: Goal, counts: tuple[int, ...]) -> list[tuple[Goal, tuple[int, ...]]]:
        """Returns the goals of an item by which `contains` it counts for, and the counts after it."""
        kinds = [(goal, counts)]
        for k, (counted, low, high) in enumerate(self._counted):
            grown = []
            for kind, now in kinds:
                if high is None and now[k] >= low:       # nothing more depends on it
                    grown.append((kind, now))
                    continue
                if high is None or now[k] < high:
                    grown.append((both(kind, counted), (*now[:k], now[k] + 1, *now[k + 1 :])))
                opposite = self._opposite(counted)
                grown.append((kind if opposite is None else both(kind, opposite), now))
            kinds = grown
        return kinds

    def _opposite(self, goal: Goal) -> Goal | None:
        """Returns the goal of what `goal` does not hold of, where that is one literal."""
        if len(goal) != 1:
            return NONE if goal == ANY else None
        (kind, what, holds), = goal
        return ANY if goal == NONE else ((kind, what, not holds),)


# --- objects --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """How far an object has been read.

    position: in schema order, the first name that may still come. seen: the names that matter later. count: members
    read, capped where no limit looks at them.
    """

    position: int = 0
    seen: frozenset[int] = frozenset()
    count: int = 0


class Members(Bracketed):
    """The rules of an object, member by member."""

    opener, closer = "{", "}"
    _start = Place()

    def __init__(self, shape: Object, compiler: Compiler):
        super().__init__(compiler)
        self.shape = shape
        declared = dict.fromkeys(name for closure in shape.closures for name, _ in closure.names)
        needed = dict.fromkeys([*shape.required, *(name for _, names in shape.implied for name in names)])
        listed = self._listed_keys()
        self.names = tuple(dict.fromkeys([*declared, *needed, *(name for name, _ in shape.implied), *(listed or ())]))
        self._index = {name: i for i, name in enumerate(self.names)}
        self._required = frozenset(self._index[name] for name in shape.required)
        self._implied = [(self._index[name], frozenset(self._index[other] for other in names))
                         for name, names in shape.implied]
        self._watched = frozenset(i for name, names in self._implied for i in (name, *names))
        self._cap = max(shape.low, shape.high + 1 if shape.high is not None else 0)
        self._patterns = () if listed is not None else tuple(dict.fromkeys(
            pattern for closure in shape.closures for pattern, _ in closure.patterns if matches_something(pattern)))
        self._rest = NONE if listed is not None else reduce(both, (closure.rest for closure in shape.closures), ANY)
        stated = {one.stated for one in shape.closures}
        if self.ordered and shape.low <= len(self.names) and True not in stated and (shape.required or False in stated):
            self._rest = NONE                            # the canonical form: who declares members, and no more, closes
        self._fewest_known: dict[Place, float] = {}
        self._dues: dict[Place, frozenset[int]] = {}
        self._limited = bool(shape.implied or shape.low or shape.high is not None)
        self._behind: dict[tuple[int, Place], Rule] = {}
        self._other: dict[Place, Rule] = {}
        self._spelled = [spelled(name).encode()[1:] for name in self.names]      # with the closing quote

    def _listed_keys(self) -> list[str] | None:
        """Returns the only keys there can be, where `propertyNames` lists them."""
        if self.shape.keys == ANY:
            return None
        shapes = [shape for shape in self._compiler.algebra.shapes(self.shape.keys) if isinstance(shape, String)]
        if any(shape.values is None for shape in shapes):
            return None
        return [name for shape in shapes for name in shape.values]

    # --- what it costs ---------------------------------------------------------------------------------------------

    @cached_property
    def _goals(self) -> tuple[Goal, ...]:
        return tuple(NONE if not self._names_allowed(name) else member_goal(self.shape, name) for name in self.names)

    def _names_allowed(self, name: str) -> bool:
        machine = self._key_machine
        return machine is None or accepts_text(machine, name)

    @cached_property
    def _key_machine(self) -> ByteMachine | None:
        """The machine of what `propertyNames` leaves; None: any key."""
        if self.shape.keys == ANY:
            return None
        found = [shape for shape in self._compiler.algebra.shapes(self.shape.keys) if isinstance(shape, String)]
        machines = [contents(shape, None, plain=True) for shape in found]
        return Network(Alt(tuple(Leaf(machine) for machine in machines)))

    def needed(self) -> Iterable[Node]:
        found = [goal for closure in self.shape.closures for _, goal in closure.patterns]
        return [self._compiler._node(goal) for goal in dict.fromkeys((*self._goals, self._rest, *found)) if goal != NONE]

    def blocked(self) -> list[Node]:
        nodes = [self._compiler.node(self._goals[i]) for i in sorted(self._required)]
        return [node for node in nodes if node.cost == math.inf]

    def _value_cost(self, i: int) -> float:
        goal = self._goals[i]
        return math.inf if goal == NONE else self._compiler._node(goal).cost

    def _due(self, seen: frozenset[int]) -> frozenset[int]:
        """Returns the names that must be present, given those that are."""
        due = self._required
        grown = True
        while grown and self._implied:
            present, grown = due | seen, False
            for name, names in self._implied:
                if name in present and not names <= due:
                    due, grown = due | names, True
        return due

    def _ahead(self, place: Place) -> float:
        if not self._settled:                            # costs may still fall
            return self._fewest(place)
        known = self._fewest_known.get(place)
        if known is None:
            known = self._fewest_known[place] = self._fewest(place)
        return known

    def _fewest(self, place: Place) -> float:
        due = self._missing(place)
        if self.ordered and any(i < place.position for i in due):
            return math.inf
        if self.shape.high is not None and place.count + len(due) > self.shape.high:
            return math.inf
        total = 1.0 + sum(len(self._spelled[i]) + self._value_cost(i) + 3 for i in due)
        more = self.shape.low - place.count - len(due)
        if more > 0:
            if not self._more(place, due, more):
                return math.inf
            total += 5 * more
        return total - (place.count == 0 and not place.seen and len(due) + max(more, 0) > 0)

    def _more(self, place: Place, due: frozenset[int], more: int) -> bool:
        if self._rest != NONE and self._compiler._node(self._rest).cost < math.inf or self._patterns:
            return True
        first = place.position if self.ordered else 0
        spare = [i for i in range(first, len(self.names)) if i not in due and i not in place.seen and self._value_cost(i) < math.inf]
        return len(spare) >= more

    @property
    def ordered(self) -> bool:
        return self._compiler.ordered

    def _missing(self, place: Place) -> frozenset[int]:
        """Returns the names that must still come."""
        due = self._due(place.seen)
        if self.ordered:                                 # required names before the position have come
            return frozenset(i for i in due if i not in place.seen and (i >= place.position or i not in self._required))
        return due - place.seen

    # --- rules -----------------------------------------------------------------------------------------------------

    def _closes(self, place: Place) -> bool:
        return not self._missing(place) and place.count >= self.shape.low

    def _next(self, place: Place) -> tuple[Rule, ...]:
        if self.shape.high is not None and place.count >= self.shape.high:
            return ()
        named = [i for i in self._candidates(place) if self._value_cost(i) < math.inf]
        if self._limited:
            named = [i for i in named if self._ahead(self._then(place, i)) < math.inf]
        rules = [self._named(named, place)] if named else []
        extra = self._extra(place)
        if extra is not None:
            rules.append(self._others(extra))
        return (seq(text('"'), Alt(tuple(rules))),) if rules else ()

    def _named(self, names: list[int], place: Place) -> Rule:
        """Returns the rule of a declared key and all that follows: a switch on what tells the keys apart, then the rest."""
        keys = {self._spelled[i]: i for i in names}
        ordered = sorted(keys)
        shared = [0, *map(_in_common, ordered, ordered[1:]), 0]
        heads = {key[: max(shared[k], shared[k + 1]) + 1]: key for k, key in enumerate(ordered)}

        def branch(head: bytes) -> Rule:
            i = keys[heads[head]]
            return seq(text(heads[head][len(head) :]), self._member_rule(i, self._then(place, i)))

        return Switch(Words(heads), branch, min(
            len(key) - len(head) + self._value_cost(keys[key]) + 1 + self._ahead_after(keys[key], place)
            for head, key in heads.items()))

    def _ahead_after(self, i: int, place: Place) -> float:
        """Returns `_ahead` of the place after member `i`."""
        if self._limited:
            return max(self._ahead(self._then(place, i)), 1.0)
        own = len(self._spelled[i]) + self._value_cost(i) + 3 if i in self._due_at(place) else 0.0
        return max(self._ahead(place) - own, 1.0)

    def _due_at(self, place: Place) -> frozenset[int]:
        due = self._dues.get(place)
        if due is None:
            due = self._dues[place] = self._missing(place)
        return due

    def _member_rule(self, i: int, then: Place) -> Rule:
        """Returns the rule of what follows a declared key; one object for one (key, place)."""
        rule = self._behind.get((i, then))
        if rule is None:
            node = self._compiler.node(self._goals[i])
            rule = self._behind[i, then] = seq(self._compiler.colon, node, self._after(then))
        return rule

    def _others(self, then: Place) -> Rule:
        """Returns the rule of a key that is not declared, and all that follows."""
        rule = self._other.get(then)
        if rule is None:
            rule = self._other[then] = Switch(
                self._other_keys, lambda found: self._unnamed_rule(found, then), 3.0 + max(self._ahead(then), 1.0))
        return rule

    @cached_property
    def _other_keys(self) -> ByteMachine:
        """The keys that are not declared; the tag says which patterns are found in one."""
        names = [name.encode("utf-8", "surrogatepass") for name in self.names]
        lawful = [utf8(), *([Complement(Words(names))] if names else [])]
        lawful += [self._key_machine] if self._key_machine is not None else []
        found = {pattern: regex.containing(pattern) for pattern in self._patterns}
        return Escaped(Keys(lawful, found, self._rest != NONE))

    def _unnamed_rule(self, found: frozenset[str], then: Place) -> Rule:
        node = self._compiler.node(self._unnamed(found))
        return seq(text('"'), self._compiler.colon, node, self._after(then))

    def _candidates(self, place: Place) -> Iterable[int]:
        """Returns the declared names that may come next."""
        if not self.ordered:
            return [i for i in range(len(self.names)) if i not in place.seen]
        due = self._missing(place)
        found = []
        for i in range(place.position, len(self.names)):
            found.append(i)
            if i in due:
                break
        return found

    def _then(self, place: Place, i: int) -> Place:
        count = min(place.count + 1, self._cap)
        if self.ordered:
            return Place(i + 1, place.seen | ({i} & self._watched), count)
        return Place(0, place.seen | {i}, count)

    def _extra(self, place: Place) -> Place | None:
        """Returns the place after a member that is not declared; None where none may come."""
        if self._rest == NONE and not self._patterns:
            return None
        count = min(place.count + 1, self._cap)
        if self.ordered and self._missing(place):
            return None
        then = Place(len(self.names) if self.ordered else 0, place.seen, count)
        return then if self._ahead(then) < math.inf else None

    def _unnamed(self, patterns: frozenset[str]) -> Goal:
        found = ANY
        for closure in self.shape.closures:
            spoken = [goal for pattern, goal in closure.patterns if pattern in patterns]
            for goal in spoken or [closure.rest]:
                found = both(found, goal)
        return found


def _in_common(left: bytes, right: bytes) -> int:
    """Returns how many bytes both begin with."""
    return next((i for i, (one, other) in enumerate(zip(left, right)) if one != other), min(len(left), len(right)))


def accepts_text(machine: ByteMachine, name: str) -> bool:
    return accepts(machine, name.encode("utf-8", "surrogatepass"))
