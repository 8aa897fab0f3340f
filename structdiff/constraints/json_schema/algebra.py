"""From schemas to shapes: the boolean algebra of JSON Schema, in disjunctive form.

`shapes(goal)` is a union of shapes that together cover every value the goal holds of. Where covering exactly is not
possible, or would take too many shapes, it covers more, and `relaxed` says where and why: a checker decides there.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import regex as backtracking

from structdiff import regex
from structdiff.constraints.json_schema import read
from structdiff.constraints.json_schema.document import Document
from structdiff.constraints.json_schema.formats import KNOWN, PATTERNS
from structdiff.constraints.json_schema.numbers import Bound
from structdiff.constraints.json_schema.shapes import (
    ANY, EVERYTHING, NONE, Array, Boolean, Closure, Goal, Null, Number, Object, Shape, String, both,
)
from structdiff.errors import ConstraintTooLarge, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.machine import accepts

MOST = 64                  # shapes of one goal; beyond, what would multiply them is left to a checker
CONTAINERS = 32            # arrays and objects of one enum that are spelled out as shapes
ALIKE = 6                  # other branches of a oneOf that may hold with one, before a checker tells them apart
PATIENCE = 1024            # pairs of shapes met for one keyword
SHALLOW = 3                # levels looked down to find that a shape has no values

UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
TYPES = {"null": Null(), "boolean": Boolean(), "integer": Number(whole=True), "number": Number(), "string": String(),
         "array": Array(), "object": Object()}
Shapes = tuple[Shape, ...]


class Algebra:
    """The shapes of the goals of one document."""

    def __init__(self, document: Document, seconds: float):
        self.document = document
        self._seconds, self._deadline = seconds, time.process_time() + seconds
        self.relaxed: dict[str, str] = {}            # pointer of a keyword -> why a checker decides there
        self.emptied: dict[str, str] = {}            # pointer of a schema -> the keyword after which nothing was left
        self._literals: dict[tuple, Shapes] = {}
        self._goals: dict[Goal, Shapes] = {}
        self._raw: dict[Goal, Shapes] = {}           # before those without values are left out
        self._without: dict[tuple[Goal, int], bool] = {}
        self._open: list[tuple] = []                 # literals being read
        self._hit = sys.maxsize                      # the outermost of them that was met again

    def require_time(self) -> None:
        """Raises ConstraintTooLarge once the CPU time that compiling may take is spent."""
        if time.process_time() > self._deadline:
            raise ConstraintTooLarge(f"the schema takes more than {self._seconds} s to compile; simplify it")

    # --- goals -----------------------------------------------------------------------------------------------------

    def goal(self, pointer: str, holds: bool = True) -> Goal:
        schema = self.document.at(pointer)
        if schema is True or schema == {}:
            return ANY if holds else NONE
        if schema is False:
            return NONE if holds else ANY
        return (("@", pointer, holds),)

    def shapes(self, goal: Goal) -> Shapes:
        """Returns shapes that cover what `goal` holds of, in order of the schema; none when nothing does."""
        found = self._goals.get(goal)
        if found is None:
            raw = self.before_pruning(goal)
            found = self._goals[goal] = tuple(shape for shape in raw if not self._empty(shape, SHALLOW))
        return found

    def before_pruning(self, goal: Goal) -> Shapes:
        """Returns the shapes of `goal` without a look at what they hold."""
        found = self._raw.get(goal)
        if found is None:
            found = EVERYTHING
            for literal in goal:
                found = self._meet(found, self._literal(literal), literal[1])
            if all(literal in self._literals for literal in goal):   # else true only where it was asked
                self._raw[goal] = found
        return found

    def _empty(self, shape: Shape, depth: int) -> bool:
        """Whether, looking `depth` levels down, no value has this shape."""
        match shape:
            case Object():
                needed = [member_goal(shape, name) for name in shape.required]
            case Array():
                needed = [shape.item(i) for i in range(min(shape.low, len(shape.prefix) + 1))]
            case _:
                return False
        return any(goal == NONE or depth > 0 and self._nothing(goal, depth - 1) for goal in needed)

    def _nothing(self, goal: Goal, depth: int) -> bool:
        """Whether, looking `depth` levels down, the goal holds of nothing."""
        if self._open and any(literal in self._open for literal in goal):
            return False
        known = self._without.get((goal, depth))
        if known is None:
            known = all(self._empty(shape, depth) for shape in self.before_pruning(goal))
            if not self._open:
                self._without[goal, depth] = known
        return known

    def _meet(self, left: Iterable[Shape], right: Iterable[Shape], at: str) -> Shapes:
        """Returns the shapes of what is in both unions; `left` alone where that would be too many."""
        self.require_time()
        left, right = tuple(left), tuple(right)
        if left == EVERYTHING or right == EVERYTHING:
            return right if left == EVERYTHING else left
        if len(left) * len(right) > PATIENCE:
            return self._relax(at, "too many alternatives", left)
        met = dict.fromkeys(shape for one in left for other in right
                            if one.kind == other.kind and (shape := one.meet(other)) is not None)
        if len(met) > MOST:
            met = dict.fromkeys(shape for shape in met if not self._empty(shape, 1))
        return tuple(met) if len(met) <= MOST else self._relax(at, "too many alternatives", left)

    def _join(self, unions: Iterable[Shapes], at: str) -> Shapes:
        """Returns the shapes of what is in any of the unions."""
        joined = dict.fromkeys(shape for union in unions for shape in union)
        if set(EVERYTHING) <= joined.keys():
            return EVERYTHING
        whole = [shape for shape in joined if shape in EVERYTHING]
        joined = dict.fromkeys(shape for shape in joined if shape in whole or not any(shape.kind == w.kind for w in whole))
        return tuple(joined) if len(joined) <= 4 * MOST else self._relax(at, "too many alternatives", EVERYTHING)

    def _relax(self, at: str, why: str, to: Shapes) -> Shapes:
        self.relaxed.setdefault(at, why)
        return to

    # --- literals --------------------------------------------------------------------------------------------------

    def _literal(self, literal: tuple[str, str, bool]) -> Shapes:
        found = self._literals.get(literal)
        if found is not None:
            return found
        kind, what, holds = literal
        if kind == "!":
            return ()
        if kind == "=":
            found = self._value(json.loads(what)) if holds else self._not_values([json.loads(what)], "")
        elif literal in self._open:              # itself in place of itself: the least language is meant, so nothing more
            self._hit = min(self._hit, self._open.index(literal))
            return ()
        else:
            self._open.append(literal)
            schema = self.document.at(what)
            if isinstance(schema, bool):
                found = EVERYTHING if schema == holds else ()
            else:
                found = (self._holds if holds else self._fails)(self.document.keywords(what), what)
            self._open.pop()
            if self._hit < len(self._open):      # true only within the literal that was hit
                return found
            self._hit = sys.maxsize
        self._literals[literal] = found
        return found

    def _at(self, pointer: str, holds: bool = True) -> Shapes:
        found = EVERYTHING
        for literal in self.goal(pointer, holds):
            found = self._literal(literal)
        return found

    def _holds(self, schema: Mapping[str, Any], at: str) -> Shapes:
        met = self._assertions(schema, at)
        for keyword, part in self._applicators(schema, at):
            before, met = met, self._meet(met, part, f"{at}/{keyword}")
            if before and not met:
                self.emptied[at] = f"{at}/{keyword}"
        if "oneOf" in schema:
            branches = [self.document.child(at, "oneOf", i) for i in range(len(read.schemas(schema, "oneOf")))]
            before, met = met, self._one_of(met, branches, at)
            if before and not met:
                self.emptied[at] = f"{at}/oneOf"
        return met

    def _fails(self, schema: Mapping[str, Any], at: str) -> Shapes:
        """Not (A and B and …) is not A, or not B, or …"""
        unions = self._failed_assertions(schema, at)
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            if keyword in schema:
                unions.append(self._reference(at, keyword, False))
        children = self.document.child
        unions += [self._at(children(at, "allOf", i), False) for i in range(len(read.schemas(schema, "allOf")))]
        if "anyOf" in schema:
            unions.append(self._none_of([children(at, "anyOf", i) for i in range(len(read.schemas(schema, "anyOf")))], at))
        if "oneOf" in schema:
            branches = [children(at, "oneOf", i) for i in range(len(read.schemas(schema, "oneOf")))]
            unions.append(self._none_of(branches, at))
            for i, left in enumerate(branches):
                unions += [self._meet(self._at(left), self._at(right), at) for right in branches[:i]]
        if "not" in schema:
            unions.append(self._at(children(at, "not")))
        if "if" in schema:
            test = children(at, "if")
            if "then" in schema:
                unions.append(self._meet(self._at(test), self._at(children(at, "then"), False), at))
            if "else" in schema:
                unions.append(self._meet(self._at(test, False), self._at(children(at, "else"), False), at))
        for name, pointer in self._dependent_schemas(schema, at):
            unions.append(self._meet((Object(required=(name,)),), self._at(pointer, False), at))
        return self._join(unions, at)

    def _none_of(self, pointers: Iterable[str], at: str) -> Shapes:
        found = EVERYTHING
        for pointer in pointers:
            found = self._meet(found, self._at(pointer, False), at)
        return found

    # --- keywords that hold other schemas of the same value --------------------------------------------------------

    def _applicators(self, schema: Mapping[str, Any], at: str) -> Iterable[tuple[str, Shapes]]:
        child = self.document.child
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            if keyword in schema:
                yield keyword, self._reference(at, keyword, True)
        for i in range(len(read.schemas(schema, "allOf"))):
            yield "allOf", self._at(child(at, "allOf", i))
        if "if" in schema and ("then" in schema or "else" in schema):
            yield "if", self._conditional(schema, at)
        for name, pointer in self._dependent_schemas(schema, at):
            absent = (Object((Closure(((name, NONE),)),)), *(shape for shape in EVERYTHING if shape.kind != "object"))
            yield "dependentSchemas", self._join([absent, self._meet((Object(required=(name,)),), self._at(pointer), at)], at)
        if "not" in schema:
            yield "not", self._at(child(at, "not"), False)
        if "anyOf" in schema:
            count = len(read.schemas(schema, "anyOf"))
            yield "anyOf", self._join([self._at(child(at, "anyOf", i)) for i in range(count)], f"{at}/anyOf")

    def _reference(self, at: str, keyword: str, holds: bool) -> Shapes:
        target = self.document.target(at, keyword)
        if keyword != "$ref" and sum(self.document.dynamic.values()) > 1:
            return self._relax(f"{at}/{keyword}", "what it means depends on how it was reached", EVERYTHING)
        return self._at(target, holds)

    def _conditional(self, schema: Mapping[str, Any], at: str) -> Shapes:
        child = self.document.child
        test = child(at, "if")
        then, other = self._at(test), self._at(test, False)
        if "then" in schema:
            then = self._meet(then, self._at(child(at, "then")), f"{at}/then")
        if "else" in schema:
            other = self._meet(other, self._at(child(at, "else")), f"{at}/else")
        return self._join([then, other], f"{at}/if")

    def _dependent_schemas(self, schema: Mapping[str, Any], at: str) -> Iterable[tuple[str, str]]:
        for keyword in ("dependentSchemas", "dependencies"):
            for name, value in read.mapping(schema, keyword).items():
                if keyword == "dependentSchemas" or not isinstance(value, list):
                    yield name, self.document.child(at, keyword, name)

    def _one_of(self, beside: Shapes, branches: list[str], at: str) -> Shapes:
        """Returns what is in `beside` and in one branch, and in none of those that can hold with it there."""
        shapes = [self._meet(beside, self._at(pointer), f"{at}/oneOf") for pointer in branches]
        overlapping = {pair for i, left in enumerate(shapes) for j, right in enumerate(shapes[:i])
                       if self._overlap(left, right) for pair in ((i, j), (j, i))}
        found = []
        for i, mine in enumerate(shapes):
            others = [pointer for j, pointer in enumerate(branches) if (i, j) in overlapping]
            if len(others) > ALIKE:
                self._relax(f"{at}/oneOf", "many of its branches can hold together", ())
            else:
                for pointer in others:
                    mine = self._meet(mine, self._at(pointer, False), f"{at}/oneOf")
            found.append(mine)
        joined = self._join(found, f"{at}/oneOf")
        return beside if joined == EVERYTHING else joined

    def _overlap(self, left: Shapes, right: Shapes) -> bool:
        if len(left) * len(right) > PATIENCE:
            return True
        return any(one.kind == other.kind and (shape := one.meet(other)) is not None and not self._empty(shape, SHALLOW)
                   for one in left for other in right)

    # --- assertions ------------------------------------------------------------------------------------------------

    def _assertions(self, schema: Mapping[str, Any], at: str) -> Shapes:
        shapes = tuple(dict.fromkeys(TYPES[kind] for kind in read.types(schema, at))) if "type" in schema else EVERYTHING
        if Number() in shapes and Number(whole=True) in shapes:
            shapes = tuple(shape for shape in shapes if shape != Number(whole=True))
        limits = {kind: getattr(self, f"_{kind}")(schema, at)
                  for kind in ("object", "array", "string", "number") if any(shape.kind == kind for shape in shapes)}
        met = tuple(shape for one in shapes if (shape := self._limited(one, limits)) is not None)
        if not met:
            self.emptied[at] = f"{at}/{next((keyword for keyword in UPPER if keyword in schema), 'type')}"
        for keyword in ("const", "enum"):
            if keyword in schema:
                values = [schema["const"]] if keyword == "const" else schema["enum"]
                before, met = met, self._meet(met, self._values(values, at), f"{at}/{keyword}")
                if before and not met:
                    self.emptied[at] = f"{at}/{keyword}"
        return met

    @staticmethod
    def _limited(shape: Shape, limits: Mapping[str, Shape | None]) -> Shape | None:
        """Returns the shape within the limits of its kind; None when these contradict each other."""
        if shape.kind not in limits:
            return shape
        limit = limits[shape.kind]
        return None if limit is None else shape.meet(limit)

    def _failed_assertions(self, schema: Mapping[str, Any], at: str) -> list[Shapes]:
        """Returns a union of shapes for each assertion: those of values that fail it."""
        failed: list[Shapes] = []
        if "type" in schema:
            stated = {TYPES[kind] for kind in read.types(schema, at)}
            others = [shape for shape in EVERYTHING if not any(shape.kind == other.kind for other in stated)]
            if Number(whole=True) in stated and Number() not in stated:
                others.append(Number(whole=False))
            failed.append(tuple(others))
        if "const" in schema:
            failed.append(self._not_values([schema["const"]], f"{at}/const"))
        if "enum" in schema:
            failed.append(self._not_values(schema["enum"], f"{at}/enum"))
        return failed + [self._not_object(schema, at), self._not_array(schema, at), self._not_string(schema, at),
                         self._not_number(schema, at)]

    # --- fixed values ----------------------------------------------------------------------------------------------

    def _values(self, values: Any, at: str) -> Shapes:
        strings = tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
        numbers = frozenset(read.decimal(value) for value in values if read.is_number(value))
        booleans = frozenset(value for value in values if isinstance(value, bool))
        containers = [value for value in values if isinstance(value, (dict, list))]
        found: list[Shape] = [String(values=strings)] if strings else []
        found += [Number(values=numbers)] if numbers else []
        found += [Boolean(booleans)] if booleans else []
        found += [Null()] if None in values else []
        if len(containers) > CONTAINERS:
            kinds = {isinstance(value, dict) for value in containers}
            return self._relax(f"{at}/enum", "many of its values are objects or arrays",
                               (*found, *(Object() if kind else Array() for kind in kinds)))
        return (*found, *(shape for value in containers for shape in self._value(value)))

    def _value(self, value: Any) -> Shapes:
        match value:
            case dict():
                names = tuple((name, _equal_to(item)) for name, item in value.items())
                return (Object((Closure(names, (), NONE),), tuple(value)),)
            case list():
                return (Array(tuple(_equal_to(item) for item in value), NONE, len(value), len(value)),)
        return self._values([value], "")

    def _not_values(self, values: list, at: str) -> Shapes:
        if any(isinstance(value, (dict, list)) for value in values):
            self._relax(at, "that an object or array is none of these", ())
        booleans = frozenset({False, True} - {value for value in values if isinstance(value, bool)})
        return (
            Object(), Array(), String(refused=frozenset(value for value in values if isinstance(value, str))),
            Number(refused=frozenset(read.decimal(value) for value in values if read.is_number(value))),
            *([Boolean(booleans)] if booleans else []), *([Null()] if None not in values else []))

    # --- strings ---------------------------------------------------------------------------------------------------

    def _string(self, schema: Mapping[str, Any], at: str) -> String | None:
        low, high = read.count(schema, "minLength", 0), read.count(schema, "maxLength", None)
        patterns = frozenset([schema["pattern"]]) if self._known_pattern(schema, at) else frozenset()
        formats = frozenset([schema["format"]]) if self._known_format(schema, at) else frozenset()
        return String().meet(String(low, high, patterns, formats=formats))

    def _known_pattern(self, schema: Mapping[str, Any], at: str) -> bool:
        return "pattern" in schema and self._has_machine(schema["pattern"], f"{at}/pattern")

    def _has_machine(self, pattern: str, at: str) -> bool:
        """Whether a pattern is regular and small; one that is not is left to a checker."""
        try:
            regex.containing(pattern)
        except (UnsupportedConstraint, ConstraintTooLarge) as error:
            require_pattern(pattern, at)
            self._relax(at, str(error), ())
            return False
        except UnsatisfiableConstraint:
            return True
        return True

    def _known_format(self, schema: Mapping[str, Any], at: str) -> bool:
        asserted = self.document.validator.FORMAT_CHECKER.checkers
        if schema.get("format") in asserted and schema["format"] not in PATTERNS:
            self._relax(f"{at}/format", "the automaton knows the format's outline", ())
        return schema.get("format") in KNOWN and (schema["format"] in asserted or schema["format"] in PATTERNS)

    def _not_string(self, schema: Mapping[str, Any], at: str) -> Shapes:
        shapes: list[Shape] = []
        low, high = read.count(schema, "minLength", 0), read.count(schema, "maxLength", None)
        if low:
            shapes.append(String(high=low - 1))
        if high is not None:
            shapes.append(String(low=high + 1))
        if "pattern" in schema:
            known = self._known_pattern(schema, at)
            shapes.append(String(not_patterns=frozenset([schema["pattern"]])) if known else String())
        if "format" in schema:
            self._relax(f"{at}/format", "that a format does not hold", ())
            shapes.append(String())
        return tuple(shapes)

    # --- numbers ---------------------------------------------------------------------------------------------------

    def _number(self, schema: Mapping[str, Any], at: str) -> Number | None:
        found: Number | None = Number()
        for bound, is_low in read.bounds(schema, at):
            found = found and found.meet(Number(low=bound) if is_low else Number(high=bound))
        if "multipleOf" in schema and found is not None:
            found = found.meet(Number(multiples=frozenset([read.decimal(schema["multipleOf"])])))
        return found

    def _not_number(self, schema: Mapping[str, Any], at: str) -> Shapes:
        shapes: list[Shape] = [
            Number(high=Bound(bound.value, not bound.strict)) if is_low else Number(low=Bound(bound.value, not bound.strict))
            for bound, is_low in read.bounds(schema, at)]
        if "multipleOf" in schema:
            shapes.append(Number(not_multiples=frozenset([read.decimal(schema["multipleOf"])])))
        return tuple(shapes)

    # --- arrays ----------------------------------------------------------------------------------------------------

    def _array(self, schema: Mapping[str, Any], at: str) -> Array | None:
        low, high = read.count(schema, "minItems", 0), read.count(schema, "maxItems", None)
        prefix = tuple(self._child(at, "prefixItems", i) for i in range(len(read.schemas(schema, "prefixItems"))))
        rest = self._child(at, "items") if "items" in schema else ANY
        if "unevaluatedItems" in schema:
            prefix, rest = self._unevaluated_items(schema, at, prefix, rest)
        contains = ()
        if "contains" in schema:
            least, most = read.count(schema, "minContains", 1), read.count(schema, "maxContains", None)
            contains = ((self._child(at, "contains"), least, most),)
        unique = schema.get("uniqueItems") is True
        if unique:
            self._relax(f"{at}/uniqueItems", "no two items are equal", ())
        return Array().meet(Array(prefix, rest, low, high, contains, unique))

    def _unevaluated_items(self, schema: Mapping[str, Any], at: str, prefix: tuple[Goal, ...], rest: Goal):
        beside = [pointer for pointer in self._in_place(at) if pointer != at]
        if self._ambiguous([at, *beside]) or "items" in schema or any({"items", "contains", "unevaluatedItems"} & set(self.document.keywords(pointer)) for pointer in beside) or "contains" in schema:
            self._relax(f"{at}/unevaluatedItems", "what is evaluated depends on which branches hold", ())
            return prefix, rest
        width = max([len(prefix), *(len(self.document.keywords(pointer).get("prefixItems", ())) for pointer in beside)])
        if beside:
            self._relax(f"{at}/unevaluatedItems", "which items are evaluated depends on which branches hold", ())
        return prefix + (ANY,) * (width - len(prefix)), self._child(at, "unevaluatedItems")

    def _not_array(self, schema: Mapping[str, Any], at: str) -> Shapes:
        low, high = read.count(schema, "minItems", 0), read.count(schema, "maxItems", None)
        shapes: list[Array | None] = []
        if low:
            shapes.append(Array(high=low - 1))
        if high is not None:
            shapes.append(Array(low=high + 1))
        width = len(read.schemas(schema, "prefixItems"))
        for i in range(width):
            shapes.append(Array((ANY,) * i + (self._child(at, "prefixItems", i, holds=False),), low=i + 1))
        if "items" in schema and self._child(at, "items", holds=False) != NONE:
            if width:
                self._relax(f"{at}/items", "that some later item fails", ())
            shapes.append(Array(low=width + 1, contains=((self._child(at, "items", holds=False), 1, None),)))
        if "contains" in schema:
            goal = self._child(at, "contains")
            least, most = read.count(schema, "minContains", 1), read.count(schema, "maxContains", None)
            if least:
                shapes.append(Array(contains=((goal, 0, least - 1),)))
            if most is not None:
                shapes.append(Array(contains=((goal, most + 1, None),)))
        if schema.get("uniqueItems") is True:
            self._relax(f"{at}/uniqueItems", "that two items are equal", ())
            shapes.append(Array(low=2))
        if "unevaluatedItems" in schema:
            self._relax(f"{at}/unevaluatedItems", "that some item fails", ())
            shapes.append(Array(low=1))
        return tuple(met for shape in shapes if (met := Array().meet(shape)) is not None)

    # --- objects ---------------------------------------------------------------------------------------------------

    def _object(self, schema: Mapping[str, Any], at: str) -> Object | None:
        names = tuple((name, self._child(at, "properties", name)) for name in read.mapping(schema, "properties"))
        patterns = tuple((pattern, self._child(at, "patternProperties", pattern))
                         for pattern in read.mapping(schema, "patternProperties"))
        rest = self._child(at, "additionalProperties") if "additionalProperties" in schema else ANY
        if not all([self._has_machine(pattern, f"{at}/patternProperties") for pattern, _ in patterns]):
            patterns, rest = (), ANY
        stated = True if "additionalProperties" in schema else False if names else None
        closures = (Closure(names, patterns, rest, stated),) if names or patterns or stated else ()
        if "unevaluatedProperties" in schema and "additionalProperties" not in schema:
            closures += self._unevaluated_properties(at)
        keys = self._child(at, "propertyNames") if "propertyNames" in schema else ANY
        return Object().meet(Object(
            closures, read.names(schema, "required"), read.count(schema, "minProperties", 0),
            read.count(schema, "maxProperties", None), keys, tuple(self._implied(schema, at))))

    def _implied(self, schema: Mapping[str, Any], at: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        for keyword in ("dependentRequired", "dependencies"):
            for name, value in read.mapping(schema, keyword).items():
                if keyword == "dependentRequired" or isinstance(value, list):
                    yield name, read.names(schema[keyword], name)

    def _unevaluated_properties(self, at: str) -> tuple[Closure, ...]:
        """Members that no schema in place of this one speaks of; one that could speak of them lets them pass."""
        names: dict[str, Goal] = {}
        patterns: dict[str, Goal] = {}
        beside = self._in_place(at)
        if self._ambiguous(beside):
            return self._relax(f"{at}/unevaluatedProperties", "what is evaluated depends on how it was reached", ())
        for pointer in beside:
            schema = self.document.keywords(pointer)
            names |= dict.fromkeys(read.mapping(schema, "properties"), ANY)
            patterns |= dict.fromkeys(read.mapping(schema, "patternProperties"), ANY)
            if not all([self._has_machine(pattern, f"{pointer}/patternProperties") for pattern in patterns]):
                return ()
            if pointer != at and {"additionalProperties", "unevaluatedProperties"} & set(schema):
                self._relax(f"{at}/unevaluatedProperties", "what is evaluated depends on which branches hold", ())
                return ()
        if any({"anyOf", "oneOf", "if", "dependentSchemas", "not"} & set(self.document.keywords(pointer)) for pointer in beside):
            self._relax(f"{at}/unevaluatedProperties", "which members are evaluated depends on which branches hold", ())
        return (Closure(tuple(names.items()), tuple(patterns.items()), self._child(at, "unevaluatedProperties"), True),)

    def _ambiguous(self, pointers: Iterable[str]) -> bool:
        """Whether one of these schemas has a dynamic reference that may mean several."""
        return sum(self.document.dynamic.values()) > 1 and any(
            {"$dynamicRef", "$recursiveRef"} & set(self.document.keywords(pointer)) for pointer in pointers)

    def _in_place(self, at: str) -> list[str]:
        """Returns the pointers of `at` and of every schema that may apply to the same value."""
        found, pending = [], [at]
        while pending:
            pointer = pending.pop(0)
            if pointer in found or not isinstance(self.document.at(pointer), dict):
                continue
            found.append(pointer)
            schema = self.document.keywords(pointer)
            pending += [self.document.target(pointer, keyword)
                        for keyword in ("$ref", "$dynamicRef", "$recursiveRef") if keyword in schema]
            pending += [self.document.child(pointer, keyword, i)
                        for keyword in ("allOf", "anyOf", "oneOf") for i in range(len(read.schemas(schema, keyword)))]
            pending += [self.document.child(pointer, keyword) for keyword in ("if", "then", "else") if keyword in schema]
            pending += [place for _, place in self._dependent_schemas(schema, pointer)]
        return found

    def _not_object(self, schema: Mapping[str, Any], at: str) -> Shapes:
        shapes: list[Object | None] = []
        low, high = read.count(schema, "minProperties", 0), read.count(schema, "maxProperties", None)
        if low:
            shapes.append(Object(high=low - 1))
        if high is not None:
            shapes.append(Object(low=high + 1))
        shapes += [_without(name) for name in read.names(schema, "required")]
        for name in read.mapping(schema, "properties"):
            goal = self._child(at, "properties", name, holds=False)
            if goal != NONE:
                shapes.append(Object((Closure(((name, goal),)),), (name,)))
        for trigger, needed in self._implied(schema, at):
            shapes += [_without(name).meet(Object(required=(trigger,))) for name in needed]
        for keyword in ("patternProperties", "additionalProperties", "propertyNames", "unevaluatedProperties"):
            if keyword in schema and schema[keyword] is not True and schema[keyword] != {}:
                self._relax(f"{at}/{keyword}", "that some member fails", ())
                shapes.append(Object(low=1))
        return tuple(met for shape in shapes if shape is not None and (met := Object().meet(shape)) is not None)

    def _child(self, at: str, *parts: str | int, holds: bool = True) -> Goal:
        return self.goal(self.document.child(at, *parts), holds)


def member_goal(shape: Object, name: str) -> Goal:
    """Returns the goal of the member called `name`."""
    found = ANY
    for closure in shape.closures:
        spoken = [goal for key, goal in closure.names if key == name]
        spoken += [goal for pattern, goal in closure.patterns if found_in(pattern, name)]
        for goal in spoken or [closure.rest]:
            found = both(found, goal)
    return found


@lru_cache(maxsize=65536)
def found_in(pattern: str, text: str) -> bool:
    """Whether a pattern that has a machine matches somewhere in `text`."""
    try:
        return accepts(regex.containing(pattern), text.encode("utf-8", "surrogatepass"))
    except UnsatisfiableConstraint:
        return False


def matches_something(pattern: str) -> bool:
    try:
        regex.containing(pattern)
    except UnsatisfiableConstraint:
        return False
    return True


def _without(name: str) -> Object:
    return Object((Closure(((name, NONE),)),))


def _equal_to(value: Any) -> Goal:
    return (("=", json.dumps(value), True),)


def require_pattern(pattern: str, at: str) -> None:
    """Raises UnsupportedConstraint when not even the checker can read the pattern."""
    try:
        backtracking.compile(pattern)
    except backtracking.error as error:
        raise UnsupportedConstraint(f"the regular expression {pattern[:60]!r} cannot be read: {error}", at) from None
