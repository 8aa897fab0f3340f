"""Every keyword of JSON Schema against `jsonschema`: one by one, and in random company."""

from __future__ import annotations

import itertools
import json
import random
import re

import jsonschema
import pytest
from hypothesis import given, settings

import random_schemas
import strategies
import structdiff
from structdiff.constraints.json_schema import JsonSchema
from structdiff.constraints.json_schema.canonical import canonical
from structdiff.errors import ConstraintError, UnsatisfiableConstraint
from structdiff.machine import accepts

DRAFT4 = "http://json-schema.org/draft-04/schema#"
DRAFT6 = "http://json-schema.org/draft-06/schema#"
DRAFT7 = "http://json-schema.org/draft-07/schema#"
DRAFT2019 = "https://json-schema.org/draft/2019-09/schema"
DRAFT2020 = "https://json-schema.org/draft/2020-12/schema"
INTEGER, STRING = {"type": "integer"}, {"type": "string"}


def is_instance(schema, value) -> bool:
    """What jsonschema says, formats asserted."""
    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    return kind(schema, format_checker=kind.FORMAT_CHECKER).is_valid(value)


# --- one by one: (schema, instances, what is none) ------------------------------------------------------------------


KEYWORDS = {
    "type": [
        (INTEGER, [0, -3, 1.0, 10**30], [1.5, "1", True, None]),
        ({"type": ["string", "null"]}, ["", None], [1, False, []]),
    ],
    "enum": [({"enum": [1, "a", None, [1, {"b": 2}], {}]}, [1, 1.0, "a", None, [1, {"b": 2}], {}],
              [True, [1], {"b": 2}, "b"])],
    "const": [
        ({"const": {"a": [0, False]}}, [{"a": [0, False]}], [{"a": [False, 0]}, {"a": [0]}, {}]),
        ({"const": "\"\\\n\u00e9"}, ["\"\\\n\u00e9"], ["e"]),
    ],
    "allOf": [({"allOf": [{"minimum": 1}, {"maximum": 3}, {"type": ["integer", "string"]}]}, [1, 3, "a"],
               [0, 4, 1.5, None])],
    "anyOf": [({"anyOf": [{"minLength": 3}, {"pattern": "^a"}]}, ["abc", "a", 1], ["b", ""])],
    "oneOf": [
        ({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]}, [2, 3, 4], [1, 6, "a"]),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"}, [{"a": 1}, {"b": 1}],
         [{}, {"a": 1, "b": 1}]),
    ],
    "not": [
        ({"not": INTEGER}, [1.5, "a", None], [1, 1.0]),
        ({"not": {"required": ["a"]}, "type": "object"}, [{}, {"b": 1}], [{"a": 1}]),
        ({"not": {"not": {"minItems": 2}}}, [[1, 2], 5], [[], [1]]),
        ({"not": {"enum": [1, "a", None]}}, [2, "b", True], [1, 1.0, "a", None]),
        ({"not": {"pattern": "a"}}, ["b"], ["a", "bab", 1]),
        ({"type": "array", "not": {"items": INTEGER}}, [["a"], [1, "a"]], [[], [1]]),
        ({"type": "array", "not": {"contains": INTEGER}}, [[], ["a"]], [[1], ["a", 1]]),
        ({"type": "object", "not": {"properties": {"a": INTEGER}}}, [{"a": "x"}], [{}, {"a": 1}, {"b": 1}]),
        ({"type": "object", "not": {"additionalProperties": INTEGER}}, [{"a": "x"}], [{}, {"a": 1}]),
        ({"not": {"anyOf": [STRING, {"minimum": 3}]}}, [1, 2], ["a", 3, None]),
    ],
    "if": [
        ({"if": INTEGER, "then": {"minimum": 3}, "else": STRING}, [3, "a"], [2, 1.5, None]),
        ({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"required": ["b"]}},
         [{}, {"a": 2}, {"a": 1, "b": 1}, 7], [{"a": 1}]),
        ({"if": False, "then": False}, [1], []),
        ({"if": INTEGER, "else": STRING}, [1, "a"], [None]),
        ({"then": False, "else": False}, [1], []),
    ],
    "$ref": [
        ({"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": INTEGER}}, [1], ["a"]),
        ({"$ref": "#/$defs/x", "maximum": 3, "$defs": {"x": INTEGER}}, [3], [4, 2.5]),
        ({"properties": {"a": {"$ref": "#"}}, "additionalProperties": False}, [{}, {"a": {"a": 1}}],
         [{"b": 1}, {"a": {"b": 1}}]),
        ({"properties": {"$ref": INTEGER}}, [{"$ref": 1}], [{"$ref": "a"}]),
        ({"$ref": "#x", "$defs": {"a": {"$anchor": "x", "type": "integer"}}}, [1], ["a"]),
        ({"$id": "http://x/", "$ref": "sub/leaf",
          "$defs": {"a": {"$id": "sub/", "$defs": {"b": {"$id": "leaf", **INTEGER}}}}},
         [1], ["a"]),
        ({"$ref": "urn:x:y", "$defs": {"a": {"$id": "urn:x:y", "type": "integer"}}}, [1], ["a"]),
        ({"$ref": "/q#z", "$defs": {"a": {"$id": "/q", "$anchor": "z", "type": "integer"}}}, [1], ["a"]),
    ],
    "$dynamicRef": [
        ({"$id": "http://x/t", "$dynamicAnchor": "node", "properties": {"kids": {"items": {"$dynamicRef": "#node"}}},
          "additionalProperties": False}, [{}, {"kids": [{"kids": []}]}], [{"x": 1}, {"kids": [{"x": 1}]}]),
        ({"items": {"$dynamicRef": "#item"}, "$defs": {"a": {"$dynamicAnchor": "item", "type": "string"}}}, [["a"]],
         [[1]]),
    ],
    "properties": [({"properties": {"a": INTEGER, "b": False}}, [{}, {"a": 1}, {"c": "x"}, []],
                    [{"a": "x"}, {"b": 1}])],
    "required": [
        ({"required": ["a", "b"]}, [{"a": 1, "b": None}, 3], [{}, {"a": 1}, {"b": 1}]),
        ({"required": ["b"], "properties": {"a": True, "b": STRING}}, [{"b": "x"}, {"a": 1, "b": "x"}],
         [{"a": 1}, {"b": 1}]),
    ],
    "additionalProperties": [
        ({"properties": {"a": True}, "additionalProperties": False}, [{}, {"a": 1}], [{"b": 1}, {"a": 1, "b": 1}]),
        ({"properties": {"a": True}, "patternProperties": {"^x": True}, "additionalProperties": INTEGER},
         [{"a": "s", "xy": "s"}, {"b": 1}], [{"b": "s"}, {"yx": None}]),
    ],
    "patternProperties": [
        ({"patternProperties": {"^x": INTEGER, "y$": {"minimum": 3}}}, [{"x": 1, "y": 3}, {"xy": 3}, {"z": "s"}],
         [{"x": "s"}, {"xy": 2}, {"xy": 3.5}]),
        ({"properties": {"xa": {"maximum": 3}}, "patternProperties": {"^x": INTEGER}}, [{"xa": 3}],
         [{"xa": 4}, {"xa": "s"}]),
        ({"patternProperties": {"^a(?!b)": INTEGER}}, [{"ab": "s", "ac": 1}], [{"ac": "s"}]),
    ],
    "propertyNames": [
        ({"propertyNames": {"maxLength": 2}}, [{}, {"ab": 1}, {"\u00e9\u00e9": 1}, "abc"], [{"abc": 1}]),
        ({"propertyNames": {"enum": ["a", "b"]}, "properties": {"a": INTEGER}}, [{"a": 1, "b": "x"}],
         [{"c": 1}, {"a": "x"}]),
        ({"propertyNames": {"not": {"pattern": "^a"}}}, [{"b": 1}], [{"a": 1}]),
        ({"propertyNames": {"format": "ipv6"}}, [{"::1": 1}], [{"x": 1}]),
        ({"propertyNames": False}, [{}, 1], [{"a": 1}]),
    ],
    "minProperties": [
        ({"minProperties": 2}, [{"a": 1, "b": 1}, 5], [{}, {"a": 1}]),
        ({"minProperties": 2, "properties": {"a": INTEGER, "b": INTEGER, "c": INTEGER}, "additionalProperties": False},
         [{"a": 1, "c": 1}], [{"b": 1}]),
    ],
    "maxProperties": [({"maxProperties": 1, "required": ["a"]}, [{"a": 1}], [{}, {"a": 1, "b": 1}])],
    "dependentRequired": [
        ({"dependentRequired": {"a": ["b"], "b": ["c"]}}, [{}, {"c": 1}, {"a": 1, "b": 1, "c": 1}],
         [{"a": 1}, {"a": 1, "b": 1}]),
    ],
    "dependentSchemas": [
        ({"dependentSchemas": {"a": {"required": ["b"]}, "c": False}}, [{}, {"a": 1, "b": 1}, 2], [{"a": 1}, {"c": 1}]),
    ],
    "unevaluatedProperties": [
        ({"allOf": [{"properties": {"a": True}}, {"patternProperties": {"^b": True}}], "unevaluatedProperties": False},
         [{"a": 1, "b": 1}], [{"c": 1}]),
        ({"oneOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]},
                    {"properties": {"b": {"const": 1}}, "required": ["b"]}],
          "unevaluatedProperties": False}, [{"a": 1}, {"b": 1}], [{}, {"a": 1, "b": 1}, {"a": 1, "b": 2}]),
        ({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"properties": {"b": True}},
          "unevaluatedProperties": STRING}, [{"a": 1, "b": 2}, {"a": "s"}], [{"a": 2}, {"a": 1, "c": 2}]),
        ({"$ref": "#/$defs/x", "unevaluatedProperties": False, "$defs": {"x": {"properties": {"a": True}}}}, [{"a": 1}],
         [{"b": 1}]),
    ],
    "items": [
        ({"items": INTEGER}, [[], [1, 2], {}], [["a"], [1, "a"]]),
        ({"prefixItems": [STRING], "items": INTEGER}, [[], ["a"], ["a", 1, 2]], [[1], ["a", "b"]]),
    ],
    "prefixItems": [({"prefixItems": [INTEGER, STRING]}, [[], [1], [1, "a", None]], [["a"], [1, 2]])],
    "contains": [
        ({"contains": INTEGER}, [[1], ["a", 1], {}], [[], ["a"]]),
        ({"contains": INTEGER, "minContains": 2, "maxContains": 3}, [[1, 2], ["a", 1, 2, 3]], [[1, "a"], [1, 2, 3, 4]]),
        ({"contains": INTEGER, "minContains": 0}, [[], ["a"]], []),
        ({"contains": INTEGER, "minContains": 0, "maxContains": 1}, [[], [1], ["a", 1]], [[1, 2]]),
        ({"minContains": 2, "maxContains": 1}, [[], [1, 2, 3]], []),
        ({"allOf": [{"contains": {"const": 1}}, {"contains": {"const": 2}}], "maxItems": 2}, [[1, 2], [2, 1]],
         [[1], [1, 1], [1, 3, 2]]),
        ({"prefixItems": [STRING], "contains": STRING, "minContains": 2}, [["a", "b"]], [["a"], ["a", 1]]),
    ],
    "minItems": [({"minItems": 2}, [[1, 2], 1], [[], [1]])],
    "maxItems": [({"maxItems": 1, "prefixItems": [INTEGER, INTEGER]}, [[], [1]], [[1, 2]])],
    "uniqueItems": [
        ({"uniqueItems": True}, [[], [1, True, "1"], [0, False], [[1], [True]]],
         [[1, 1.0], [{"a": 1, "b": 2}, {"b": 2, "a": 1}]]),
        ({"uniqueItems": False}, [[1, 1]], []),
    ],
    "unevaluatedItems": [
        ({"allOf": [{"prefixItems": [True]}], "unevaluatedItems": STRING}, [[1], [1, "a"]], [[1, 2]]),
        ({"anyOf": [{"contains": {"const": 1}}, {"contains": {"const": 2}}], "unevaluatedItems": False}, [[1], [1, 2]],
         [[1, 3], []]),
    ],
    "minLength": [({"minLength": 2}, ["ab", "\u00e9\u00e9", "\n\n"], ["", "a", "\U0001f600"])],
    "maxLength": [({"maxLength": 1}, ["", "a", "\U0001f600", "\""], ["ab"])],
    "pattern": [
        ({"pattern": "b+c"}, ["abbcd", 1], ["ab"]),
        ({"pattern": "^(?!ab)"}, ["b", "ac"], ["ab", "abc"]),
        ({"pattern": "(a|b)\\1"}, ["aa", "xbb"], ["ab"]),
        ({"pattern": "^\"\\\\$"}, ["\"\\"], ["\""]),
    ],
    "format": [
        ({"format": "date"}, ["2024-02-29", 1], ["2023-02-29", "x"]),
        ({"format": "ipv6"}, ["::1"], ["1", ":::"]),
        ({"format": "regex"}, ["a+"], ["(a"]),
        ({"format": "made-up"}, ["anything"], []),
    ],
    "minimum": [({"minimum": -1.5}, [-1.5, 0, "a"], [-2, -1.6])],
    "maximum": [({"maximum": 12, "type": "integer"}, [12, -99], [13, 120])],
    "exclusiveMinimum": [({"exclusiveMinimum": 0}, [1, 0.001], [0, -1])],
    "exclusiveMaximum": [({"exclusiveMaximum": 0.5}, [0.49, -3], [0.5, 1])],
    "multipleOf": [
        ({"multipleOf": 3}, [0, 3, -6, 9.0], [1, 3.5]),
        ({"multipleOf": 0.25}, [0.5, 1, -0.75], [0.3, 0.1]),
        ({"multipleOf": 2, "not": {"multipleOf": 3}}, [2, 4], [6, 3, "a"]),
        ({"multipleOf": 2, "minimum": 3, "maximum": 5}, [4], [2, 5, 6]),
    ],
    "boolean schemas": [
        (True, [1, None, {"a": []}], []),
        ({}, [1, None, {"a": []}], []),
        ({"items": False}, [[], 1], [[1]]),
        ({"properties": {"a": False}, "additionalProperties": True}, [{"b": 1}], [{"a": 1}]),
    ],
    "what is no keyword": [
        ({"x-unknown": 1, "requird": ["a"], "additionalItems": False, "dependencies": {"a": ["b"]}}, [{"a": 1}, [1]],
         []),
        ({"title": "t", "default": 1, "examples": [1], "$comment": "c", "contentEncoding": "base64", "readOnly": True},
         ["?"], []),
    ],
}
OLDER = {
    "items, additionalItems": [
        ({"items": [INTEGER, STRING], "additionalItems": {"type": "null"}}, [[], [1], [1, "a", None]],
         [["a"], [1, "a", 2]]),
        ({"items": INTEGER, "additionalItems": False}, [[1, 2]], [["a"]]),
        ({"additionalItems": False}, [[1, 2]], []),
    ],
    "$ref hides its siblings": [({"$ref": "#/definitions/x", "maximum": 1, "definitions": {"x": INTEGER}}, [5], ["a"])],
}
BEFORE_2019 = {
    "dependencies": [
        ({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, [{}, {"a": 1, "b": 1}, {"c": 1, "d": 1}],
         [{"a": 1}, {"c": 1}]),
    ],
    "what came later": [
        ({"dependentRequired": {"a": ["b"]}, "unevaluatedProperties": False, "prefixItems": [STRING]}, [{"a": 1}, [1]],
         []),
    ],
}
SINCE_6 = {
    "contains": [({"contains": INTEGER}, [["a", 1]], [[], ["a"]])],
    "propertyNames": [({"propertyNames": {"maxLength": 1}}, [{"a": 1}], [{"ab": 1}])],
    "const": [({"const": 1}, [1], [2])],
    "exclusiveMinimum": [({"exclusiveMinimum": 1}, [2], [1])],
    "$id": [({"$ref": "http://x/b#", "definitions": {"b": {"$id": "http://x/b", "type": "integer"}}}, [1], ["a"]),
            ({"$ref": "#b", "definitions": {"b": {"$id": "#b", "type": "integer"}}}, [1], ["a"])],
}
IN_4 = {
    "exclusiveMinimum": [({"minimum": 1, "exclusiveMinimum": True}, [1.5, 2],
                          [1]), ({"minimum": 1, "exclusiveMinimum": False}, [1], [0])],
    "exclusiveMaximum": [({"maximum": 1, "exclusiveMaximum": True}, [0.5], [1]), ({"exclusiveMaximum": True}, [9], [])],
    "id": [({"$ref": "http://x/b", "definitions": {"b": {"id": "http://x/b", "type": "integer"}}}, [1], ["a"])],
    "what came later": [({"const": 1, "contains": INTEGER, "propertyNames": False, "if": True, "then": False},
                         [2, [], {"a": 1}], [])],
}
SINCE_7 = {"if": [({"if": INTEGER, "then": {"minimum": 3}, "else": STRING}, [3, "a"], [2, None])]}
IN_2019 = {
    "$recursiveRef": [({"$recursiveAnchor": True, "properties": {"a": {"$recursiveRef": "#"}},
                        "additionalProperties": False},
                       [{"a": {}}], [{"b": 1}, {"a": {"b": 1}}])],
    "unevaluatedItems": [({"items": [INTEGER], "unevaluatedItems": False}, [[1]], [[1, 2]])],
    "dependentRequired": [({"dependentRequired": {"a": ["b"]}}, [{"b": 1}], [{"a": 1}])],
}
DRAFTS = {
    DRAFT4: (OLDER, BEFORE_2019, IN_4),
    DRAFT6: (OLDER, BEFORE_2019, SINCE_6),
    DRAFT7: (OLDER, BEFORE_2019, SINCE_6, SINCE_7),
    DRAFT2019: ({"items, additionalItems": OLDER["items, additionalItems"]}, SINCE_6 | {"$id": SINCE_6["$id"][:1]},
                SINCE_7, IN_2019),
}
ROWS = [pytest.param(*row, id=f"{keyword} {i}") for keyword, rows in KEYWORDS.items() for i, row in enumerate(rows)]
ROWS += [pytest.param({"$schema": draft, **schema}, *labelled, id=f"{keyword} {i} in {draft}")
         for draft, tables in DRAFTS.items() for table in tables
         for keyword, rows in table.items() for i, (schema, *labelled) in enumerate(rows)]


@pytest.mark.parametrize("schema, valid, invalid", ROWS)
def test_a_keyword_is_enforced_as_jsonschema_does(schema, valid, invalid):
    labels = [(value, True) for value in valid] + [(value, False) for value in invalid]
    assert [(value, is_instance(schema, value)) for value, _ in labels] == labels
    constraint = JsonSchema(schema, keys="any")
    assert [(value, structdiff.check(json.dumps(value), constraint).valid) for value, _ in labels] == labels


@pytest.mark.parametrize("schema, valid, invalid", ROWS)
def test_the_automaton_alone_refuses_no_instance(schema, valid, invalid):
    machine = JsonSchema(schema, keys="any").plan("").machine
    assert [value for value in valid if not accepts(machine, canonical(value)[0].encode())] == []


def test_every_keyword_that_jsonschema_knows_has_a_row():
    assert jsonschema.Draft202012Validator.VALIDATORS.keys() <= KEYWORDS.keys()


@pytest.mark.parametrize("keyword", [name for name in KEYWORDS if " " not in name and name != "$dynamicRef"])
def test_a_keyword_is_enforced_in_a_member_too(keyword):
    for schema, valid, invalid in KEYWORDS[keyword]:
        if "$ref" in json.dumps(schema):                            # its pointers start at the root
            continue
        member = JsonSchema({"properties": {"a/b": schema}}, keys="any")
        for values, label in ((valid, True), (invalid, False)):
            assert all(structdiff.check(json.dumps({"a/b": value}), member).valid is label for value in values)


# --- in random company ----------------------------------------------------------------------------------------------


@given(strategies.seeds)
@settings(max_examples=400)
def test_any_schema_holds_of_what_jsonschema_says(seed):
    r = random.Random(seed)
    schema = random_schemas.document(r, r.choice((1, 2, 2, 3)))
    values = [random_schemas.instance(r, schema) for _ in range(8)]
    labels = [(value, is_instance(schema, value)) for value in values]
    try:
        plan = JsonSchema(schema, keys="any").plan("")
    except UnsatisfiableConstraint:
        assert not any(label for _, label in labels), (schema, labels)
        return
    except ConstraintError as error:
        assert str(error)
        return
    assert [(value, plan.check(json.dumps(value)).valid) for value in values] == labels, schema
    refused = [value for value, label in labels if label and not accepts(plan.machine, canonical(value)[0].encode())]
    assert refused == [], schema


def orders(value):
    """Yields the value with the members of its objects in every order."""
    if isinstance(value, dict):
        for inner in itertools.product(*map(orders, value.values())):
            yield from map(dict, itertools.permutations(zip(value, inner)))
    elif isinstance(value, list):
        yield from map(list, itertools.product(*map(orders, value)))
    else:
        yield value


@given(strategies.seeds)
@settings(max_examples=200)
def test_every_instance_has_an_order_that_the_schemas_order_allows(seed):
    r = random.Random(seed)
    schema = random_schemas.document(r, 2)
    values = [value for _ in range(6) if is_instance(schema, value := random_schemas.instance(r, schema))]
    try:
        plan = JsonSchema(schema).plan("")
    except ConstraintError:
        return
    for value in values:
        spelled = (canonical(other)[0].encode() for other in itertools.islice(orders(value), 500))
        closed = "properties" in json.dumps(schema) or "required" in json.dumps(schema)     # who declares members closes
        assert closed or any(accepts(plan.machine, text) for text in spelled), (schema, value)
        assert plan.check(json.dumps(value)).valid, (schema, value)


@given(strategies.seeds)
@settings(max_examples=100)
def test_what_the_report_gives_to_no_checker_the_automaton_decides(seed):
    r = random.Random(seed)
    schema = random_schemas.document(r, 2)
    constraint = JsonSchema(schema, keys="any")
    try:
        plan, report = constraint.plan(""), constraint.report()
    except ConstraintError:
        return
    if any("stands twice" not in line for line in report.checkers):
        return
    for _ in range(3):
        text = random_schemas.written(r, plan.machine)
        if text is None or re.search(rb"[0-9.]{16}", text):         # more digits than a float has
            continue
        twice = "stands twice" in str(plan.check(text.decode()).violations)
        assert twice or is_instance(schema, json.loads(text)), (schema, text)


@pytest.mark.parametrize("keys", ["schema", "any"])
@pytest.mark.parametrize("schema, value", [
    ({"properties": {"a": True, "b": True}}, {"b": 1, "a": 1}),
    ({"properties": {"a": True}, "required": ["a"]}, {"x": 1, "a": 1}),
    ({"const": {"a": 1, "b": 2}}, {"b": 2, "a": 1}),
    ({"patternProperties": {"^a": True}, "properties": {"x": True}}, {"ab": 1, "x": 1}),
])
def test_members_come_in_any_order_only_where_the_constraint_says_so(schema, value, keys):
    assert is_instance(schema, value)
    machine = JsonSchema(schema, keys=keys).plan("").machine
    assert accepts(machine, canonical(value)[0].encode()) is (keys == "any")
    assert structdiff.check(json.dumps(value), JsonSchema(schema, keys=keys)).valid, "a finished text is judged by its value"


def test_a_typo_in_the_order_of_keys_is_an_error():
    with pytest.raises(ConstraintError, match="keys is 'schema' or 'any', not 'sorted'"):
        JsonSchema({}, keys="sorted")


# --- known faults: (schema, text, whether it is an instance) --------------------------------------------------------


URN = {"$ref": "urn:x:y", "$defs": {
    "bar": INTEGER, "foo": {"$id": "urn:x:y", "$defs": {"bar": STRING}, "$ref": "#/$defs/bar"}}}
CORNERS = {
    "jsonschema divides floats, and what it refuses is not called valid": ({"multipleOf": 0.1}, "0.3", False),
    "the same for cents": ({"multipleOf": 0.01}, "0.29", False),
    "steps of more places end the compiler": ({"multipleOf": 1e-20}, "1", True),
    "patternProperties is read with re": ({"patternProperties": {"^\\p{L}$": INTEGER}}, '{"\u00e9":1}', True),
    "\\w is more than ASCII for the checker": ({"patternProperties": {"^\\w$": INTEGER}}, '{"\u00e9":"x"}', True),
    "a fragment in a URN resource means the root": (URN, '"a"', True),
    "2019-09 has no dependencies": ({"$schema": DRAFT2019, "dependencies": {"a": ["b"]}}, '{"a":1}', True),
    "unevaluatedProperties turns the order round": (
        {"allOf": [{"properties": {"a": True}}, {"properties": {"b": True}}], "unevaluatedProperties": False},
        '{"a":1,"b":1}', True),
}


@pytest.mark.parametrize("schema, text, label", CORNERS.values(), ids=CORNERS.keys())
def test_a_corner_is_judged_rightly(schema, text, label):
    assert structdiff.check(text, schema).valid is label
