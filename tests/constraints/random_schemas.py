"""Random schemas over a few names and values, so that their keywords meet; and instances they might hold of."""

from __future__ import annotations

import json
import math
import random
from typing import Any

from structdiff.machine import ByteMachine

NAMES = ("a", "b", "ab", "c")
SCALARS = (None, True, False, 0, 1, 2, -1, 1.5, 0.5, 3, "", "a", "b", "ab", "aa", "abc", 10)
PATTERNS = ("a", "^a", "b$", "^a?b*$", "^.$", "[^a]")
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null",
         ["object", "array"], ["string", "number"], ["integer", "null", "array"])


def value(r: random.Random, depth: int = 2) -> Any:
    kind = r.randrange(10) if depth else 0
    if kind < 5:
        return r.choice(SCALARS)
    if kind < 7:
        return [value(r, depth - 1) for _ in range(r.randrange(4))]
    return {name: value(r, depth - 1) for name in r.sample(NAMES, r.randrange(4))}


def document(r: random.Random, depth: int) -> dict:
    """A schema that may refer to definitions, and from a member or an item to the whole of itself."""
    drawn = schema(r, depth)
    drawn = drawn if isinstance(drawn, dict) else {"allOf": [drawn]}
    if '"$ref"' in json.dumps(drawn):
        drawn["$defs"] = {name: _unreferring(r) for name in ("x", "y")}
    for keyword in ("properties", "patternProperties"):
        for name in drawn.get(keyword, {}):
            if r.random() < 0.1:
                drawn[keyword][name] = {"$ref": "#"}
    return drawn


def _unreferring(r: random.Random) -> Any:
    drawn = schema(r, 1)
    return drawn if '"$ref"' not in json.dumps(drawn) else _unreferring(r)


def schema(r: random.Random, depth: int) -> Any:
    if r.random() < 0.07:
        return r.choice((True, False, {}, True))
    drawn = {"type": r.choice(TYPES)} if r.random() < 0.5 else {}
    for _ in range(r.randrange(1, 4)):
        keyword = r.choice((*PLAIN, *NESTED, *NESTED))
        if keyword in PLAIN:
            drawn[keyword] = PLAIN[keyword](r)
        elif depth:
            drawn[keyword] = NESTED[keyword](r, depth - 1)
        beside = {"then": "if", "else": "if", "minContains": "contains", "maxContains": "contains"}.get(keyword)
        if beside and depth:
            drawn.setdefault(beside, schema(r, depth - 1))
    return drawn


def _count(r: random.Random) -> int:
    return r.randrange(4)


def _one(*options: Any):
    return lambda r: r.choice(options)


def _list(r: random.Random, depth: int) -> list:
    return [schema(r, depth) for _ in range(r.randrange(1, 4))]


def _named(names: tuple[str, ...]):
    return lambda r, depth: {name: schema(r, depth) for name in r.sample(names, r.randrange(1, 3))}


PLAIN = {
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains", "minProperties",
                     "maxProperties"), _count),
    "enum": lambda r: [value(r, 1) for _ in range(r.randrange(1, 4))],
    "const": value,
    "pattern": _one(*PATTERNS),
    "minimum": _one(-1, 0, 0.5, 1, 2), "maximum": _one(0, 0.5, 1, 2),
    "exclusiveMinimum": _one(-1, 0, 0.5, 1), "exclusiveMaximum": _one(0, 1, 1.5, 3),
    "multipleOf": _one(1, 2, 0.5, 3),
    "uniqueItems": _one(True, True, False),
    "required": lambda r: r.sample(NAMES, r.randrange(1, 3)),
    "dependentRequired": lambda r: {name: r.sample(NAMES, r.randrange(3)) for name in r.sample(NAMES, 2)},
}
NESTED = {
    **dict.fromkeys(("additionalProperties", "propertyNames", "unevaluatedProperties", "items", "contains",
                     "unevaluatedItems", "not", "if", "then", "else"), schema),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _list),
    **dict.fromkeys(("properties", "dependentSchemas"), _named(NAMES)),
    "patternProperties": _named(PATTERNS),
    "$ref": lambda r, depth: r.choice(("#/$defs/x", "#/$defs/y")),
}


def instance(r: random.Random, wanted: Any, depth: int = 3) -> Any:
    """A value with some chance of being an instance of `wanted`."""
    if not isinstance(wanted, dict) or not depth or r.random() < 0.3:
        return value(r)
    if "const" in wanted and r.random() < 0.6:
        return wanted["const"]
    if "enum" in wanted and r.random() < 0.6:
        return r.choice(wanted["enum"])
    kind = _kind(r, wanted)
    if kind == "object":
        names = [*{*wanted.get("required", ()), *r.sample(NAMES, r.randrange(3))}]
        members, rest = wanted.get("properties", {}), wanted.get("additionalProperties", True)
        return {name: instance(r, members.get(name, rest), depth - 1) for name in r.sample(sorted(names), len(names))}
    if kind == "array":
        first, rest = wanted.get("prefixItems", []), wanted.get("items", wanted.get("contains", True))
        return [instance(r, [*first, *[rest] * 3][i], depth - 1) for i in range(r.randrange(4))]
    branches = [branch for keyword in ("allOf", "anyOf", "oneOf") for branch in wanted.get(keyword, ())]
    return instance(r, r.choice(branches), depth - 1) if branches else value(r)


def _kind(r: random.Random, wanted: dict) -> str | None:
    stated = wanted.get("type")
    if stated is not None:
        return r.choice(stated) if isinstance(stated, list) else stated
    if {"properties", "required", "patternProperties"} & wanted.keys():
        return "object"
    return "array" if {"items", "prefixItems", "contains"} & wanted.keys() else None


def written(r: random.Random, machine: ByteMachine, length: int = 40) -> bytes | None:
    """A random text that the machine accepts, without blanks where it can; None when it grew too long."""
    state, text = machine.start, bytearray()
    while len(text) < 4 * length:
        targets, parts = machine.moves(state)
        alive = [i for i, target in enumerate(targets) if machine.completion(target) < math.inf]
        if machine.accepts(state) and (not alive or r.random() < 0.3):
            return bytes(text)
        if len(text) > length:
            nearest = min(machine.completion(targets[i]) for i in alive)
            alive = [i for i in alive if machine.completion(targets[i]) == nearest]
        chosen = r.choice(alive)
        leading = [byte for byte in range(256) if parts.which[byte] == chosen + 1]
        text.append(r.choice([byte for byte in leading if byte not in b" \t\r\n"] or leading))
        state = targets[chosen]
    return None
