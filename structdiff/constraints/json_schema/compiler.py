"""A JSON Schema in, a byte machine out; every keyword is enforced by it or by the checker, none is dropped.

Goals (`shapes`) become nodes; a node is a choice between the rules of its shapes (`containers` has those of arrays and
objects).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from structdiff import regex
from structdiff.constraints.json_schema import numbers
from structdiff.constraints.json_schema.algebra import Algebra
from structdiff.constraints.json_schema.containers import Items, Members
from structdiff.constraints.json_schema.document import Document
from structdiff.constraints.json_schema.shapes import Array, Boolean, Goal, Null, Number, Object, Shape, String
from structdiff.constraints.json_schema.strings import contents
from structdiff.errors import ConstraintTooLarge, UnsatisfiableConstraint
from structdiff.machine import Escaped, Words, shortest
from structdiff.network import EMPTY, Alt, Later, Leaf, Network, Repeat, Rule, seq, text

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
