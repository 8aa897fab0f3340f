"""A JSON Schema in, a byte machine out; every keyword is enforced by it or by the checker, none is dropped.

Goals (`shapes`) become nodes; a node is a choice between the rules of its shapes. Objects and arrays are walked
member by member: what may follow depends only on what has been seen, and is made when it is reached.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any

import numpy as np

from structdiff import regex
from structdiff.constraints.json_schema import numbers
from structdiff.constraints.json_schema.algebra import Algebra, matches_something, member_goal
from structdiff.constraints.json_schema.document import Document
from structdiff.constraints.json_schema.shapes import (
    ANY, NONE, Array, Boolean, Goal, Null, Number, Object, Shape, String, both,
)
from structdiff.constraints.json_schema.keys import Keys
from structdiff.constraints.json_schema.strings import contents, spelled, utf8
from structdiff.errors import ConstraintTooLarge, UnsatisfiableConstraint
from structdiff.machine import ByteMachine, Complement, Escaped, Words, accepts, shortest
from structdiff.network import EMPTY, Alt, Later, Leaf, Network, Repeat, Rule, Switch, alt, seq, text

CHARACTER = (
    r'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u(?:[0-9a-cefA-CEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}'
    r"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})))"
)
BLANK = r"[ \t\n\r]{0,2}|\r?\n[ \t]*"      # any two, or a line break and an indentation
MOST_NODES = 50_000
SECONDS = 20               # of CPU time, for the nodes of one schema


class Compiler:
    """Compiles one schema document.

    ordered: members come in the schema's order; otherwise in any. source: the text whose spans free strings must be.
    """

    def __init__(self, document: Document, compact: bool = False, ordered: bool = True, source: str | None = None):
        self.algebra = Algebra(document, SECONDS)
        self.ordered, self.source = ordered, source
        self.blank: Rule = EMPTY if compact else Leaf(regex.whole(BLANK))
        self.comma = seq(self.blank, text(","), self.blank)
        self.colon = seq(self.blank, text(":"), self.blank)
        self.character = Leaf(regex.whole(CHARACTER))
        self._nodes: dict[Goal, Node] = {}
        self._rules: dict[Shape, Any] = {}
        self._fresh: list[Node] = []

    def machine(self) -> Network:
        """Returns the machine of the document's instances.

        Raises:
            ConstraintError: a keyword is malformed, out of reach, or leaves no instance; with its JSON pointer.
        """
        try:
            start = self.node(self.algebra.goal(""))
        except RecursionError:
            raise ConstraintTooLarge("the schema is nested too deeply; name its parts in $defs") from None
        if start.cost == math.inf:
            raise UnsatisfiableConstraint(*self._contradiction(start))
        return Network(start)

    # --- nodes -----------------------------------------------------------------------------------------------------

    def node(self, goal: Goal) -> Node:
        """Returns the node of `goal`, its cost known."""
        known = self._nodes.get(goal)
        return known if known is not None else self._settle(self._node(goal))

    def _node(self, goal: Goal) -> Node:
        node = self._nodes.get(goal)
        if node is None:
            if len(self._nodes) >= MOST_NODES:
                raise ConstraintTooLarge(f"the schema has more than {MOST_NODES:,} different values to describe")
            node = self._nodes[goal] = Node(goal, self)
            self._fresh.append(node)
        return node

    def _settle(self, node: Node) -> Node:
        """Finds the cost of every node that has none yet: falling from inf, until none falls further."""
        found: list[Node] = []
        while self._fresh:
            self.algebra.require_time()
            fresh = self._fresh.pop()
            fresh.shapes = self.algebra.shapes(fresh.goal)
            found.append(fresh)
            for shape in fresh.shapes:
                for child in self.walker(shape).needed():
                    child.parents.append(fresh)
        waiting = dict.fromkeys(found)
        while waiting:
            one, _ = waiting.popitem()
            cost = min((self.walker(shape).cost() for shape in one.shapes), default=math.inf)
            if cost < one.cost:
                one.cost = cost
                waiting.update(dict.fromkeys(one.parents))
        return node

    def walker(self, shape: Shape) -> Any:
        walker = self._rules.get(shape)
        if walker is None:
            kinds = {Object: Members, Array: Items}
            walker = self._rules[shape] = kinds.get(type(shape), Scalar)(shape, self)
        return walker

    def rule(self, shape: Shape) -> Rule:
        return self.walker(shape).rule

    def _contradiction(self, node: Node) -> tuple[str, str]:
        """Returns what to say of a node without values, and the pointer of the deepest part that is to blame."""
        seen: set[Node] = set()
        while node not in seen:
            seen.add(node)
            node = next(iter(self._blocked(node)), node)
        deepest = next((child for child in self._blocked(node) if child in seen), None)
        pointer = next((what for kind, what, _ in node.goal if kind == "@"), "")
        if deepest is not None:
            return "no finite value satisfies the schema: what it requires requires itself", pointer
        at = self.algebra.emptied.get(pointer) or (pointer if not node.shapes else self._unmatched(pointer))
        return "no value satisfies the schema: its keywords contradict each other", at

    def _blocked(self, node: Node) -> list[Node]:
        """Returns the nodes without values that those of `node` would need."""
        return [child for shape in node.shapes or self.algebra.before_pruning(node.goal)
                for child in self.walker(shape).blocked()]

    def _unmatched(self, pointer: str) -> str:
        schema = self.algebra.document.at(pointer)
        return pointer + ("/pattern" if isinstance(schema, dict) and "pattern" in schema else "")


class Node(Later):
    """The rule of a goal. parents: the nodes whose cost may fall with this one's."""

    def __init__(self, goal: Goal, compiler: Compiler):
        super().__init__(math.inf, self._choice)
        self.goal, self._compiler = goal, compiler
        self.shapes: tuple[Shape, ...] = ()
        self.parents: list[Node] = []

    def _choice(self) -> Rule:
        walkers = [self._compiler.walker(shape) for shape in self.shapes]
        return Alt(tuple(walker.rule for walker in walkers if walker.cost() < math.inf))


# --- null, booleans, numbers, strings -------------------------------------------------------------------------------


class Scalar:
    """The rule of a shape that holds no other values."""

    def __init__(self, shape: Null | Boolean | Number | String, compiler: Compiler):
        self.shape, self._compiler = shape, compiler

    def needed(self) -> Iterable[Node]:
        return ()

    blocked = needed

    def cost(self) -> float:
        return self._cost

    @cached_property
    def _cost(self) -> float:
        shape = self.shape
        if isinstance(shape, String) and shape.values is None and not shape.patterns and not shape.formats and (
                not shape.refused and not shape.not_patterns and self._compiler.source is None):
            return 2.0 + shape.low
        try:
            rule = self.rule
        except UnsatisfiableConstraint:
            return math.inf
        if isinstance(rule, Leaf):
            return shortest(rule.machine)
        return min((shortest(part.machine) for part in rule.parts[1:2] if isinstance(part, Leaf)), default=0.0) + 2.0

    @cached_property
    def rule(self) -> Rule:
        match self.shape:
            case Null():
                return text("null")
            case Boolean(values):
                return Leaf(Words(json.dumps(value).encode() for value in values))
            case Number():
                return Leaf(numbers.machine(self.shape))
        return self._string(self.shape)

    def _string(self, shape: String) -> Rule:
        machine = contents(shape, self._compiler.source)
        if isinstance(machine, Words):
            return Leaf(machine)
        if machine is not None:
            return seq(text('"'), Leaf(Escaped(machine)), text('"'))
        return seq(text('"'), Repeat(self._compiler.character, shape.low, shape.high), text('"'))


# --- arrays ---------------------------------------------------------------------------------------------------------


class Items:
    """The rules of an array, item by item. A place is (items read, capped; how many each `contains` has, capped)."""

    def __init__(self, shape: Array, compiler: Compiler):
        self.shape, self._compiler = shape, compiler
        self._cap = max(len(shape.prefix), shape.low, shape.high or 0)
        self._later: dict[tuple, Later] = {}
        self._counted = tuple((goal, low, high) for goal, low, high in shape.contains if low or high is not None)

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

    def cost(self) -> float:
        return 1.0 + self._ahead((0, (0,) * len(self._counted)))

    @cached_property
    def rule(self) -> Rule:
        return seq(text("["), self._compiler.blank, self._begin((0, (0,) * len(self._counted))))

    def _ahead(self, place: tuple) -> float:
        """Returns the fewest bytes from `place`, before an item, to the end of the array."""
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

    def _begin(self, place: tuple) -> Rule:
        """Returns the rule of what stands after the bracket."""
        options = [text("]")] if self._closes(place) else []
        return Alt((*options, *self._items(place)))

    def _after(self, place: tuple) -> Rule:
        """Returns the rule of what stands after an item."""
        later = self._later.get(place)
        if later is None:
            later = self._later[place] = Later(max(self._ahead(place), 1.0), lambda: self._follow(place))
        return later

    def _follow(self, place: tuple) -> Rule:
        close = [seq(self._compiler.blank, text("]"))] if self._closes(place) else []
        items = self._items(place)
        return Alt((*close, *([seq(self._compiler.comma, Alt(items))] if items else [])))

    def _closes(self, place: tuple) -> bool:
        read, counts = place
        return read >= self.shape.low and all(count >= low for (_, low, _), count in zip(self._counted, counts))

    def _items(self, place: tuple) -> tuple[Rule, ...]:
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
    read, capped where no limit looks at them. extra: members that are not declared have begun.
    """

    position: int = 0
    seen: frozenset[int] = frozenset()
    count: int = 0


class Members:
    """The rules of an object, member by member."""

    def __init__(self, shape: Object, compiler: Compiler):
        self.shape, self._compiler = shape, compiler
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
        self._rules: dict[Place, Later] = {}
        self._fewest_known: dict[Place, float] = {}
        self._dues: dict[Place, frozenset[int]] = {}
        self._settled = False
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

    def cost(self) -> float:
        return 1.0 + self._ahead(Place())

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
        """Returns a lower bound on the bytes from `place`, before a member, to the end of the object; inf: no way."""
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

    @cached_property
    def rule(self) -> Rule:
        self._settled = True
        place = Place()
        empty = [text("}")] if self._closes(place) else []
        return seq(text("{"), self._compiler.blank, Alt((*empty, *self._member(place))))

    def _closes(self, place: Place) -> bool:
        return not self._missing(place) and place.count >= self.shape.low

    def _after(self, place: Place) -> Rule:
        later = self._rules.get(place)
        if later is None:
            later = self._rules[place] = Later(max(self._ahead(place), 1.0), lambda: self._follow(place))
        return later

    def _follow(self, place: Place) -> Rule:
        close = [seq(self._compiler.blank, text("}"))] if self._closes(place) else []
        member = self._member(place)
        return Alt((*close, *([seq(self._compiler.comma, *member)] if member else [])))

    def _member(self, place: Place) -> tuple[Rule, ...]:
        """Returns the rule of one more member and all that follows it, in a tuple; nothing when there can be none."""
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
