"""Schemas made to be too much: each gets an answer within seconds, and the answer is right or says what is too large."""

from __future__ import annotations

import time

import pytest

import structdiff
from structdiff.constraint import compile
from structdiff.constraints.json_schema import JsonSchema
from structdiff.errors import ConstraintError, ConstraintTooLarge, UnsatisfiableConstraint
from structdiff.vocab import Vocab

BYTES = Vocab((*(bytes([byte]) for byte in range(256)), None), (256,))
PATIENCE = 20              # seconds of CPU time, on a slow machine


def nested(depth: int, keyword: str) -> dict:
    schema: dict = {"type": "integer"}
    for level in range(depth):
        schema = {keyword: [schema, {"type": "string", "minLength": level},
                            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": [f"a{level}"]}]}
    return schema


def doubling(depth: int, keyword: str) -> dict:
    definitions: dict = {f"d{depth}": {"type": "integer"}}
    for level in range(depth):
        below = {"$ref": f"#/$defs/d{level + 1}"}
        definitions[f"d{level}"] = (
            {"type": "object", "properties": {"a": below, "b": below}} if keyword == "properties" else {keyword: [below, below]})
    return {"$ref": "#/$defs/d0", "$defs": definitions}


def many(count: int, **others) -> dict:
    return {"type": "object", "properties": {f"property_{i}": {"type": "string"} for i in range(count)},
            "additionalProperties": False, **others}


def deep(levels: int) -> dict:
    schema: dict = {"type": "integer"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    return schema


ANSWERED = {               # schema, a text of it, a text that is not
    "a long enum": ({"enum": [f"value {i}" for i in range(100_000)]}, '"value 77777"', '"value"'),
    "many optional properties": (many(5000), '{"property_17":"a","property_4000":""}', '{"property_5000":""}'),
    "many required properties": (
        many(500, required=[f"property_{i}" for i in range(500)]),
        "{" + ",".join(f'"property_{i}":""' for i in range(500)) + "}", '{"property_1":""}'),
    "oneOf nested": (nested(16, "oneOf"), "7", "[]"),
    "anyOf nested": (nested(16, "anyOf"), '"abc"', "[]"),
    "definitions that double by properties": (doubling(25, "properties"), '{"a":{"b":{}}}', '{"a":{"b":7}}'),
    "definitions that double by anyOf": (doubling(25, "anyOf"), "7", '"a"'),
    "definitions that double by allOf": (doubling(25, "allOf"), "7", '"a"'),
    "a large maxLength": ({"type": "string", "maxLength": 1_000_000}, '"abc"', "1"),
    "a large maxItems": ({"type": "array", "maxItems": 1_000_000, "items": {"type": "integer"}}, "[1,2]", '["a"]'),
    "a large count in a pattern": ({"type": "string", "pattern": "^x{0,100000}$"}, '"xxx"', '"xxy"'),
    "a pattern that explodes": ({"type": "string", "pattern": "^[ab]*a[ab]{20}$"}, '"a' + "b" * 20 + '"', '"' + "b" * 21 + '"'),
    "patterns side by side": (
        {"type": "string", "pattern": "|".join(f"WORD_{i}_WORD" for i in range(30))}, '"a WORD_7_WORD"', '"WORD_7"'),
    "a pattern that is only checked": ({"type": "string", "pattern": "^(?=a)a+$"}, '"aaa"', '"b"'),
    "counts that are only checked": ({"type": "string", "pattern": "^((a{0,100}){0,100}){0,100}$"}, '"aaa"', '"b"'),
    "choices that multiply": ({"allOf": [{"anyOf": [
        {"properties": {f"a{i}_{j}": {"type": "integer"}}, "required": [f"a{i}_{j}"]} for j in range(6)]} for i in range(6)]},
        "{" + ",".join(f'"a{i}_0":1' for i in range(6)) + "}", '{"a0_0":1}'),
    "a step of many residues": ({"type": "integer", "multipleOf": 123456789}, "246913578", "1"),
    "a long bound": ({"type": "integer", "minimum": -10**100, "maximum": 10**100}, str(10**99), str(10**101)),
    "alternatives that overlap at every depth": (
        {"anyOf": [{"type": "array", "items": {"$ref": "#"}}, {"type": "array", "items": {"$ref": "#"}, "maxItems": 3},
                   {"type": "integer"}]}, "[" * 60 + "1" + "]" * 60, "[" * 60 + '"1"' + "]" * 60),
    "a deep object": (deep(150), '{"a":' * 150 + "1" + "}" * 150, "1"),
}


@pytest.mark.parametrize("keys", ["schema", "any"])
@pytest.mark.parametrize("schema, accepted, refused", ANSWERED.values(), ids=ANSWERED.keys())
def test_a_hostile_schema_gets_an_answer_and_not_a_hang(schema, accepted, refused, keys):
    started = time.process_time()
    constraint = JsonSchema(schema, keys=keys)
    compile(constraint, BYTES)
    assert structdiff.check(accepted, constraint).valid
    assert not structdiff.check(refused, constraint).valid
    assert time.process_time() - started < PATIENCE


@pytest.mark.parametrize("schema, pointer", [
    ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "/properties/a"),
    ({"type": "string", "enum": [1, 2]}, "/enum"), ({"const": 1, "type": "string"}, "/const"),
    ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "/allOf"),
    ({"type": "string", "minLength": 3, "maxLength": 2}, "/maxLength"),
    ({"type": "object", "properties": {"x": {"type": "number", "minimum": 5, "maximum": 3}}, "required": ["x"]},
     "/properties/x/maximum"),
    ({"type": "array", "minItems": 1, "items": False}, "/maxItems"),
    (doubling(25, "oneOf"), "/$ref"),
])
def test_what_nothing_satisfies_is_found_when_it_is_compiled(schema, pointer):
    with pytest.raises(UnsatisfiableConstraint) as caught:
        JsonSchema(schema).plan("")
    assert caught.value.pointer.startswith(pointer.rsplit("/", 1)[0])


def test_a_shortest_text_beyond_the_budget_is_refused_before_any_forward():
    compiled = compile(JsonSchema({"type": "string", "minLength": 1_000_000}), BYTES)
    with pytest.raises(UnsatisfiableConstraint, match="raise max_tokens"):
        compiled.require(1024)


def test_a_schema_of_too_many_characters_is_refused():
    with pytest.raises(ConstraintTooLarge, match="characters"):
        JsonSchema({"description": "x" * 5_000_000})


def test_a_schema_nested_beyond_reason_is_refused():
    schema: dict = {"type": "integer"}
    for _ in range(5000):
        schema = {"allOf": [schema, {"minimum": 0}]}
    with pytest.raises(ConstraintError):
        JsonSchema(schema).plan("")
