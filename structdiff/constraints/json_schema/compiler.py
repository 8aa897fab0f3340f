"""A JSON Schema in, the rules of a byte machine out; every keyword is enforced or refused, none is dropped.

Canonical form, declared: properties in the schema's order and additional ones after them; an object that declares
properties is closed unless `additionalProperties` opens it; strings spell their text directly, with short escapes;
ranged numbers have no exponent, integers no fraction; `enum` and `const` are spelled as Python's json does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache, reduce
from typing import Any

from structdiff import regex
from structdiff.constraints.json_schema import numbers
from structdiff.constraints.json_schema.formats import PATTERNS
from structdiff.errors import ConstraintError, ConstraintTooLarge, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.json_text import escape, resolve
from structdiff.machine import (
    EMPTY, Alt, ByteMachine, Escaped, ExactlyOne, Intersection, Leaf, Network, Ref, Repeat, Rule, Spans, all_but, alt, mentioned, seq, text,
)

ANNOTATIONS = {
    "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$schema", "$id", "$comment",
    "$defs", "definitions", "discriminator", "contentMediaType", "contentEncoding",
}
KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "pattern", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
}
KEYWORDS["integer"] = KEYWORDS["number"]
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
GENERAL = {"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"}

_CHARACTER = (
    r'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u(?:[0-9a-cefA-CEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}'
    r"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})))"
)
WHITESPACE_RUN = 12
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Report:
    """What enforces each keyword, as `pointer: rule` lines."""

    automaton: list[str] = field(default_factory=list)
    checkers: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class Compiler:
    """Compiles one schema document. `source`: the text whose spans free strings must be; None: any text.

    `lenient` collects refusals in the report instead of raising the first.
    """

    def __init__(self, document: Any, compact: bool = False, source: str | None = None, lenient: bool = False):
        self.document, self.source, self.lenient = document, source, lenient
        self.blank: Rule = EMPTY if compact else Leaf(regex.whole(rf"[ \t\n\r]{{0,{WHITESPACE_RUN}}}"))
        self.comma = seq(self.blank, text(","), self.blank)
        self.colon = seq(self.blank, text(":"), self.blank)
        self.rules: dict[str, Rule] = {}
        self.report = Report()

    def machine(self) -> Network:
        """Returns the machine of the document's instances.

        Raises:
            ConstraintError: a keyword is refused, malformed, or leaves no instance; with its JSON pointer.
        """
        try:
            start = self.value(self.document, "")
        except RecursionError:
            raise ConstraintTooLarge("the schema is nested too deeply; name its parts in $defs") from None
        _require_well_formed(self.document, "")      # also what stands where it has no effect
        return Network(start, self.rules)

    def _dialect(self) -> Any:
        stated = self.document.get("$schema") if isinstance(self.document, dict) else None
        return stated if isinstance(stated, str) else DIALECT

    # --- schemas ---------------------------------------------------------------------------------------------------

    def value(self, schema: Any, at: str) -> Rule:
        if schema is True or schema == {}:
            return self.anything()
        if schema is False:
            return Alt(())
        if not isinstance(schema, dict):
            raise ConstraintError(f"a schema is an object or a boolean, not {_kind(schema)}", at or "/")
        self._refuse_unknown(schema, at)
        assertions = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
        if not assertions:
            return self.anything()
        if "$ref" in assertions:
            return self._reference(assertions, at)
        if "allOf" in assertions:
            return self._all_of(assertions, at)
        for union in ("anyOf", "oneOf"):
            if union in assertions:
                return self._union(assertions, union, at)
        if "enum" in assertions or "const" in assertions:
            return self._listed(assertions, at)
        return alt(*(self._typed(kind, assertions, at) for kind in self._types(assertions, at)))

    def _refuse_unknown(self, schema: Mapping[str, Any], at: str) -> None:
        known = GENERAL | ANNOTATIONS | set().union(*KEYWORDS.values())
        for keyword in schema:
            if keyword not in known:
                self._refuse(f"the keyword {keyword!r} is not enforced yet, so it is refused; remove it", at, keyword)

    def _refuse(self, message: str, at: str, keyword: str) -> None:
        pointer = f"{at}/{escape(keyword)}"
        if not self.lenient:
            raise UnsupportedConstraint(message, pointer)
        self.report.refused.append(f"{pointer}: {message}")

    def _types(self, schema: Mapping[str, Any], at: str) -> tuple[str, ...]:
        stated = schema.get("type")
        if stated is None:
            implied = [kind for kind in ("object", "array", "string", "number") if KEYWORDS[kind] & set(schema)]
            others = [kind for kind in TYPES if kind != "integer"]
            return tuple(implied) if len(implied) == 1 else tuple(others)
        kinds = stated if isinstance(stated, list) else [stated]
        for kind in kinds:
            if kind not in TYPES:
                raise ConstraintError(f"{kind!r} is not a type; the types are {', '.join(TYPES)}", f"{at}/type")
        return tuple(dict.fromkeys(kind for kind in kinds if not (kind == "integer" and "number" in kinds)))

    def _typed(self, kind: str, schema: Mapping[str, Any], at: str) -> Rule:
        for keyword in KEYWORDS.get(kind, set()) & set(schema):
            self.report.automaton.append(f"{at}/{keyword}: {keyword}")
        if kind in ("object", "array", "string"):
            return getattr(self, f"_{kind}")(schema, at)
        if kind in ("number", "integer"):
            return Leaf(self._number(schema, at, kind == "integer"))
        return text("null") if kind == "null" else alt(text("true"), text("false"))

    def _reference(self, schema: Mapping[str, Any], at: str) -> Rule:
        reference = schema["$ref"]
        if len(schema) > 1:
            other = next(key for key in schema if key != "$ref")
            self._refuse(f"{other!r} beside $ref is not enforced yet; move it into the referenced schema", at, other)
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise UnsupportedConstraint(
                f"$ref {reference!r} is not local; only references within the document (#/…) are followed", f"{at}/$ref")
        if reference not in self.rules:
            self.rules[reference] = EMPTY            # reserved: the schema may refer to itself
            try:
                target = resolve(self.document, reference)
            except KeyError as missing:
                raise ConstraintError(f"$ref {reference!r} points at nothing: there is no {missing}", f"{at}/$ref") from None
            self.rules[reference] = self.value(target, reference.removeprefix("#"))
        return Ref(reference)

    def _all_of(self, schema: Mapping[str, Any], at: str) -> Rule:
        parts = _schemas(schema["allOf"], f"{at}/allOf")
        if len(parts) == 1 and len(schema) == 1:
            return self.value(parts[0], f"{at}/allOf/0")
        self._refuse("allOf of more than one schema is not enforced yet; merge the schemas", at, "allOf")
        return self.anything()

    def _union(self, schema: Mapping[str, Any], union: str, at: str) -> Rule:
        siblings = {key: value for key, value in schema.items() if key != union}
        branches = _schemas(schema[union], f"{at}/{union}")
        rules = [self.value(self._merged(siblings, branch, f"{at}/{union}/{i}"), f"{at}/{union}/{i}")
                 for i, branch in enumerate(branches)]
        self.report.automaton.append(f"{at}/{union}: one of {len(rules)} schemas")
        if union == "anyOf" or len(rules) == 1:
            return alt(*rules)
        if any(name for rule in rules for name in mentioned(rule)):
            self.report.checkers.append(f"{at}/oneOf: no more than one of them")
            return alt(*rules)
        return Leaf(ExactlyOne(tuple(Network(rule) for rule in rules)))

    def _merged(self, siblings: Mapping[str, Any], branch: Any, at: str) -> Any:
        if not siblings or branch is False or not isinstance(branch, (dict, bool)):
            return branch                            # what is no schema at all is refused where it is compiled
        branch = {} if branch is True else branch
        clash = set(siblings) & set(branch) - {"type"}
        nested = {"$ref", "anyOf", "oneOf", "enum", "const"} & (set(branch) if "type" not in siblings or len(siblings) > 1
                                                               else {"anyOf", "oneOf"} & set(branch))
        if clash or nested or ("additionalProperties" in siblings and "properties" in branch):
            keyword = min(clash or nested or {"additionalProperties"})
            self._refuse(f"{keyword!r} both here and beside the union is not enforced yet; merge the schemas", at, keyword)
            return True
        if "type" in siblings and "type" in branch:
            kinds = [_listed(siblings["type"]), _listed(branch["type"])]
            shared = [kind for kind in kinds[1] if kind in kinds[0] or (kind == "integer" and "number" in kinds[0])]
            return {**siblings, **branch, "type": shared} if shared else False
        return {**siblings, **branch}

    # --- values ----------------------------------------------------------------------------------------------------

    def _listed(self, schema: Mapping[str, Any], at: str) -> Rule:
        keyword = "const" if "const" in schema else "enum"
        values = [schema["const"]] if keyword == "const" else schema["enum"]
        if not isinstance(values, list):
            raise ConstraintError(f"enum is a list of values, not {_kind(values)}", f"{at}/enum")
        others = {key: value for key, value in schema.items() if key != keyword}
        _require_well_formed({**others, "$schema": self._dialect()}, at)
        values = [value for value in values if satisfies(value, others)]
        if not values:
            raise UnsatisfiableConstraint(f"no value of {keyword} satisfies the keywords beside it", f"{at}/{keyword}")
        self.report.automaton.append(f"{at}/{keyword}: one of {len(values)} values")
        return alt(*(self._constant(value) for value in values))

    def _constant(self, value: Any) -> Rule:
        if isinstance(value, dict):
            members = [seq(text(_spelled(key)), self.colon, self._constant(item))
                       for key, item in value.items()]
            return self._bracketed("{", members, "}")
        if isinstance(value, list):
            return self._bracketed("[", [self._constant(item) for item in value], "]")
        return text(_spelled(value))

    def _bracketed(self, opener: str, items: Iterable[Rule], closer: str) -> Rule:
        separated = [part for item in items for part in (self.comma, item)][1:]
        return seq(text(opener), self.blank, *separated, *([self.blank] if separated else []), text(closer))

    def _object(self, schema: Mapping[str, Any], at: str) -> Rule:
        declared = schema.get("properties", {})
        required = schema.get("required", [])
        if not isinstance(declared, dict):
            raise ConstraintError(f"properties is an object of schemas, not {_kind(declared)}", f"{at}/properties")
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            raise ConstraintError("required is a list of property names", f"{at}/required")
        extra = schema.get("additionalProperties", not declared and not required)
        names = list(dict.fromkeys([*declared, *required]))
        schemas = {name: declared.get(name, schema.get("additionalProperties", True)) for name in names}
        members = [
            (seq(text(_spelled(name)), self.colon,
                 self.value(schemas[name], f"{at}/properties/{escape(name)}")), name in required)
            for name in names
        ]
        if extra is False:
            return self._members(members, None)
        key = seq(text('"'), Leaf(Escaped(Intersection(utf8(), all_but(tuple(name.encode("utf-8", "surrogatepass") for name in names))))), text('"'))
        self.report.checkers.append(f"{at}/additionalProperties: no key twice")
        return self._members(members, seq(key, self.colon, self.value(extra, f"{at}/additionalProperties")))

    def _members(self, members: list[tuple[Rule, bool]], extra: Rule | None) -> Rule:
        """Returns the object rule; built backwards so that every optional member is one choice, not two objects."""
        close = seq(self.blank, text("}"))
        later: Rule = close if extra is None else seq(Repeat(seq(self.comma, extra), 0, None), close)
        first: Rule = text("}") if extra is None else alt(text("}"), seq(extra, later))
        for member, required in reversed(members):
            first = seq(member, later) if required else alt(seq(member, later), first)
            later = seq(self.comma, member, later) if required else alt(seq(self.comma, member, later), later)
        return seq(text("{"), self.blank, first)

    def _array(self, schema: Mapping[str, Any], at: str) -> Rule:
        low = _count(schema, "minItems", 0, at)
        high = _count(schema, "maxItems", None, at)
        if high is not None and high < low:
            raise UnsatisfiableConstraint(f"minItems {low} is more than maxItems {high}", f"{at}/maxItems")
        item = self.value(schema.get("items", True), f"{at}/items")
        empty = text("]")
        if high == 0:
            return seq(text("["), self.blank, empty)
        more = Repeat(seq(self.comma, item), max(low - 1, 0), None if high is None else high - 1)
        filled = seq(item, more, self.blank, text("]"))
        return seq(text("["), self.blank, filled if low else alt(empty, filled))

    def _string(self, schema: Mapping[str, Any], at: str) -> Rule:
        low, high = _count(schema, "minLength", 0, at), _count(schema, "maxLength", None, at)
        if high is not None and high < low:
            raise UnsatisfiableConstraint(f"minLength {low} is more than maxLength {high}", f"{at}/maxLength")
        contents = self._contents(schema, at)
        counted = low > 0 or high is not None
        if not contents:
            character = Leaf(regex.whole(_CHARACTER))
            return seq(text('"'), Repeat(character, low, high), text('"'))
        if counted:
            contents.append(Network(Repeat(Leaf(regex.whole("(?s:.)")), low, high)))
        return seq(text('"'), Leaf(Escaped(reduce(Intersection, contents))), text('"'))

    def _contents(self, schema: Mapping[str, Any], at: str) -> list[ByteMachine]:
        """Returns the machines over decoded text that a string must satisfy; none for free text."""
        contents: list[ByteMachine] = []
        if "pattern" in schema:
            contents.append(_located(regex.containing, schema["pattern"], f"{at}/pattern"))
        if "format" in schema:
            if not isinstance(schema["format"], str):
                raise ConstraintError(f"format is a string, not {_kind(schema['format'])}", f"{at}/format")
            if schema["format"] in PATTERNS:
                contents.append(regex.whole(PATTERNS[schema["format"]]))
            else:
                self._refuse(f"the format {schema['format']!r} is not enforced yet; the formats are "
                             f"{', '.join(sorted(PATTERNS))}", at, "format")
        if self.source is not None:
            contents.append(spans(self.source))
        return contents

    def _number(self, schema: Mapping[str, Any], at: str, integer: bool) -> ByteMachine:
        machines = []
        for keyword, strict, side in (("minimum", False, numbers.at_least), ("exclusiveMinimum", True, numbers.at_least),
                                      ("maximum", False, numbers.at_most), ("exclusiveMaximum", True, numbers.at_most)):
            if keyword in schema:
                limit = schema[keyword]
                if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not math.isfinite(limit):
                    raise ConstraintError(f"{keyword} is a number, not {_kind(limit)}", f"{at}/{keyword}")
                machines.append(_located(regex.whole, side(numbers.Bound(Decimal(str(limit)), strict), integer), f"{at}/{keyword}"))
        if not machines:
            return regex.whole(numbers.ANY_INTEGER if integer else numbers.ANY_NUMBER)
        return reduce(Intersection, machines)

    def anything(self) -> Rule:
        """Returns the rule of any JSON value at all, nested without bound."""
        if "any" not in self.rules:
            self.rules["any"] = EMPTY                # reserved: values hold values
            string = seq(text('"'), Repeat(Leaf(regex.whole(_CHARACTER)), 0, None), text('"'))
            if self.source is not None:
                string = self._string({}, "")
            key = seq(text('"'), Repeat(Leaf(regex.whole(_CHARACTER)), 0, None), text('"'))
            member = seq(key, self.colon, Ref("any"))
            self.rules["any"] = alt(
                string, Leaf(regex.whole(numbers.ANY_NUMBER)), text("true"), text("false"), text("null"),
                self._members([], member),
                seq(text("["), self.blank, alt(text("]"), seq(
                    Ref("any"), Repeat(seq(self.comma, Ref("any")), 0, None), self.blank, text("]")))),
            )
        return Ref("any")


# --- helpers --------------------------------------------------------------------------------------------------------


def _require_well_formed(schema: Any, at: str) -> None:
    from structdiff.constraints.json_schema.checker import malformed

    fault = malformed(schema)
    if fault is not None:
        raise ConstraintError(fault.message, at + fault.pointer)


def satisfies(value: Any, keywords: Mapping[str, Any]) -> bool:
    from structdiff.constraints.json_schema.checker import validator

    return validator(dict(keywords)).is_valid(value)


@lru_cache(maxsize=1)
def utf8() -> ByteMachine:
    return regex.whole("(?s:.)*")


@lru_cache(maxsize=64)
def spans(source: str) -> ByteMachine:
    return Spans(source.encode())


def _spelled(value: Any) -> str:
    """Returns a scalar as JSON; a lone surrogate, which has no UTF-8, as its escape."""
    plain = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if any("\ud800" <= character <= "\udfff" for character in plain) else plain


def _located(compile, pattern: Any, at: str) -> ByteMachine:
    if not isinstance(pattern, str):
        raise ConstraintError(f"pattern is a string, not {_kind(pattern)}", at)
    try:
        return compile(pattern)
    except ConstraintError as error:
        raise type(error)(str(error), at) from None


def _schemas(value: Any, at: str) -> list:
    if not isinstance(value, list) or not value:
        raise ConstraintError("a non-empty list of schemas is needed here", at)
    return value


def _listed(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def _count(schema: Mapping[str, Any], keyword: str, default: int | None, at: str) -> int | None:
    value = schema.get(keyword, default)
    if keyword in schema and not _whole(value):
        raise ConstraintError(f"{keyword} is a whole number of at least 0, not {value!r}", f"{at}/{keyword}")
    return value if value is None else int(value)


def _whole(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 and value % 1 == 0


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}.get(
        type(value), "a number")
