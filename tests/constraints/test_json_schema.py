"""JSON Schema: canonical texts against `jsonschema`, punctuation and blanks, grounding, faults, reports."""

from __future__ import annotations

import itertools
import json
import random
import socket
import time

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import structdiff
from structdiff.constraint import compile
from structdiff.constraints.json_schema import JsonSchema
from structdiff.errors import ConstraintError, ConstraintTooLarge, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.lift import Limits
from structdiff.machine import accepts
from structdiff.vocab import Vocab

BYTES = Vocab((*(bytes([byte]) for byte in range(256)), None), (256,))


def machine(schema, prompt: str = "", **options):
    return JsonSchema(schema, **options).plan(prompt).machine


def takes(plan, text: str) -> bool:
    """Whether machine and checkers take `text`."""
    return accepts(plan.machine, text.encode("utf-8", "surrogatepass")) and all(c.check(text).valid for c in plan.checkers)


def is_valid(schema, text: str) -> bool:
    """What jsonschema says of the parsed value."""
    kind = jsonschema.Draft202012Validator
    return kind(schema, format_checker=kind.FORMAT_CHECKER).is_valid(json.loads(text))


# --- each keyword, in canonical form, against jsonschema ------------------------------------------------------------


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}, "c": {"type": "null"}}}
TREE = {"$defs": {"tree": {"type": "object", "properties": {
    "v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}, "required": ["v"],
    "additionalProperties": False}}, "$ref": "#/$defs/tree"}
LINKED = {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
          "required": ["v", "next"], "additionalProperties": False}

CANONICAL = [
    ({"type": "integer"}, ["0", "-1", "12", "1.5", "true", '"1"', "null", "[]"]),
    ({"type": "number"}, ["0", "-1.5", "1e5", "12E-3", "true", '"1"']),
    ({"type": "boolean"}, ["true", "false", "0", "null", '"true"']),
    ({"type": "null"}, ["null", "false", "0", '""', "{}"]),
    ({"type": ["integer", "null"]}, ["1", "null", "1.5", '"a"']),
    ({"type": ["integer", "number"]}, ["1", "1.5", '"a"']),
    ({"type": "string"}, ['""', '"a"', '"é😀"', '"\\n\\u00e9\\/\\"\\\\"', '"\\ud83d\\ude00"', "1"]),
    ({"type": "string", "minLength": 2}, ['"a"', '"ab"', '"éé"', '"😀"', '"\\n\\n"', '"\\u00e9"']),
    ({"type": "string", "maxLength": 2}, ['""', '"ab"', '"abc"', '"éé"', '"😀😀"', '"\\n\\n\\n"', '"\\ud83d\\ude00a"']),
    ({"type": "string", "minLength": 1, "maxLength": 1.0}, ['""', '"a"', '"ab"']),
    ({"type": "string", "pattern": "b+"}, ['"abc"', '"ac"', '"b"', '""']),
    ({"type": "string", "pattern": "^[a-c]{2}$"}, ['"ab"', '"abc"', '"xab"', '"a"']),
    ({"type": "string", "pattern": "^a|b$", "maxLength": 3}, ['"axx"', '"xxb"', '"xax"', '"axxx"']),
    ({"type": "string", "pattern": '^"\\\\$'}, ['"\\"\\\\"', '"\\""']),
    ({"type": "integer", "minimum": -3, "maximum": 12}, ["-4", "-3", "0", "12", "13", "100"]),
    ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 3}, ["0", "1", "2", "3"]),
    ({"type": "number", "minimum": 0.5, "exclusiveMaximum": 2}, ["0.4", "0.5", "0.50", "1.99", "2", "2.0"]),
    ({"type": "integer", "minimum": 1.5}, ["1", "2"]),
    ({"type": "array", "items": {"type": "integer"}}, ["[]", "[1]", "[1,2]", "[1,[2]]", '["a"]', "{}"]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}, ["[]", "[1]", "[1,2]", "[1,2,3]", "[1,2,3,4]"]),
    ({"type": "array", "maxItems": 0}, ["[]", "[1]"]),
    ({"type": "array", "items": False}, ["[]", "[1]"]),
    ({"type": "array"}, ["[]", '[1,"a",{"b":[null]}]', "1"]),
    ({"type": "array", "items": {"type": "array", "items": {"type": "boolean"}, "minItems": 1}, "maxItems": 2},
     ["[]", "[[true]]", "[[]]", "[[true,false],[true]]", "[[true],[true],[true]]"]),
    ({"type": "object"}, ["{}", '{"a":1}', '{"a":{"b":[]}}', "[]"]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, ["{}", '{"a":1,"b":2}', '{"a":"x"}']),
    ({"type": "object", "additionalProperties": False}, ["{}", '{"a":1}']),
    ({**OBJECT, "additionalProperties": False}, ["{}", '{"a":1}', '{"a":"x"}', '{"b":"x"}', '{"d":1}', '{"a":1,"d":1}']),
    ({**OBJECT, "additionalProperties": {"type": "boolean"}},
     ["{}", '{"a":1,"x":true}', '{"x":true}', '{"x":1}', '{"b":true}', '{"aa":true,"":false}', '{"a":1,"x":true,"y":false}']),
    ({**OBJECT, "required": ["b"], "additionalProperties": False}, ["{}", '{"b":"x"}', '{"a":1}', '{"a":1,"b":"x"}']),
    ({"type": "object", "required": ["a"]}, ["{}", '{"a":1}', '{"a":[]}']),
    ({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["b"]}, ['{"a":1}', '{"b":1}', '{"a":1,"b":2}']),
    ({"type": "object", "properties": {"é\"\n": {"type": "integer"}}, "additionalProperties": False}, ['{"é\\"\\n":1}', '{"e":1}']),
    ({"enum": [1, "a", None, True, [1, {"b": 2}], {"c": []}, 1.5]},
     ["1", '"a"', "null", "true", '[1,{"b":2}]', '{"c":[]}', "1.5", "2", "false", "[]", '{"c":[1]}']),
    ({"const": {"a": [1, None]}}, ['{"a":[1,null]}', '{"a":[1]}', "{}"]),
    ({"const": "é"}, ['"é"', '"e"']),
    ({"enum": ["a", 1, 2.5], "type": "string"}, ['"a"', "1"]),
    ({"enum": [1, 5, 9], "minimum": 4}, ["1", "5", "9"]),
    ({"enum": [1, 2], "const": 2}, ["1", "2"]),
    ({"anyOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 0}]}, ["5", "0", "3"]),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ['"a"', "null", "1"]),
    ({"oneOf": [{"type": "integer", "minimum": 0}, {"type": "integer", "maximum": 5}]}, ["-1", "3", "6"]),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, ["1", "1.5"]),
    ({"type": "string", "anyOf": [{"maxLength": 1}, {"minLength": 3}]}, ['"a"', '"ab"', '"abc"']),
    ({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
     ["{}", '{"a":1}', '{"b":1}', '{"a":1,"b":2}']),
    ({"allOf": [{"type": "integer"}]}, ["1", '"a"']),
    ({"$ref": "#/$defs/x", "$defs": {"x": {"type": "integer"}}}, ["1", '"a"']),
    ({"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"type": "integer"}}}, ["1", '"a"']),
    (TREE, ['{"v":1}', '{"v":1,"kids":[]}', '{"v":1,"kids":[{"v":2,"kids":[{"v":3}]},{"v":4}]}', '{"v":1,"kids":[{"kids":[]}]}', "{}"]),
    (LINKED, ['{"v":1,"next":null}', '{"v":1,"next":{"v":2,"next":{"v":3,"next":null}}}', '{"v":1,"next":{"v":2}}', '{"v":1}']),
    (True, ["1", '{"a":[]}']),
    ({}, ["null", '[[[{"a":{}}]]]', '"x"']),
    ({"title": "t", "description": "d", "default": 1, "examples": [1], "$comment": "c", "deprecated": True}, ["1", '"a"']),
    ({"type": "string", "format": "date"}, ['"2024-02-29"', '"2023-02-29"', '"2024-13-01"', '"2024-1-1"', '"x"']),
    ({"type": "string", "format": "ipv4"}, ['"1.2.3.4"', '"256.1.1.1"', '"1.2.3"']),
    ({"type": "string", "format": "uuid"}, ['"123e4567-e89b-12d3-a456-426614174000"', '"123e4567"']),
    ({"type": "string", "format": "email"}, ['"a@b.co"', '"a"']),
]


@pytest.mark.parametrize("schema, texts", CANONICAL, ids=lambda part: json.dumps(part)[:60] if isinstance(part, (dict, bool)) else "")
def test_canonical_texts_are_taken_iff_jsonschema_says_they_are_valid(schema, texts):
    plan = JsonSchema(schema).plan("")
    assert {text: takes(plan, text) for text in texts} == {text: is_valid(schema, text) for text in texts}


@pytest.mark.parametrize("schema, texts", CANONICAL, ids=lambda part: json.dumps(part)[:60] if isinstance(part, (dict, bool)) else "")
def test_whitespace_is_the_models_choice_unless_compact(schema, texts):
    for text in texts:
        if not is_valid(schema, text):
            continue
        for indent, separators in [(None, None), (2, None), (1, (" ,", " : ")), (None, (",", ":\t"))]:
            spaced = json.dumps(json.loads(text), indent=indent, separators=separators, ensure_ascii=False)
            scalars = json.loads(text) == json.loads(spaced) and spaced.count('"') == text.count('"')
            if scalars and "\\u" not in text and "e" not in text.lower().replace("true", "").replace("false", ""):
                assert accepts(machine(schema), spaced.encode()), spaced
                bare = not any(c.isspace() for c in spaced.replace("\\n", ""))
                assert accepts(machine(schema, compact=True), spaced.encode()) == bare, spaced


@pytest.mark.parametrize("style", [",", " ,", ", ", "\t,\r", " \t, \n", ",\n" + " " * 12, ",\r\n\t\t\t"])
def test_two_blanks_or_an_indented_line_may_stand_between_tokens(style):
    assert accepts(machine({"type": "array", "items": {"type": "integer"}}), f"[1{style}2]".encode())


@pytest.mark.parametrize("style", [",   ", "," + " " * 13, ",\n\n\n", ",\n \n "])
def test_no_longer_run_may_but_a_finished_text_is_judged_by_its_value(style):
    constraint = JsonSchema({"type": "array", "items": {"type": "integer"}})
    assert not accepts(constraint.plan("").machine, f"[1{style}2]".encode())
    assert structdiff.check(f"[1{style}2]", constraint).value == [1, 2]


@pytest.mark.parametrize("style", [",\u00a0", ",\x0b", "\ufeff,"])
def test_nothing_else_is_a_blank(style):
    constraint = JsonSchema({"type": "array", "items": {"type": "integer"}})
    assert not accepts(constraint.plan("").machine, f"[1{style}2]".encode())
    assert not structdiff.check(f"[1{style}2]", constraint).valid


@pytest.mark.parametrize("schema, text", [
    ({"type": "integer"}, " 1 "), ({"type": "integer"}, "1e2"), ({"type": "integer"}, "1.0"), ({"minimum": 1}, "0.1E+2"),
    ({"pattern": "^é\n$"}, '"\\u00e9\\u000a"'), ({"enum": ["a/b"]}, '"a\\/b"'),
    ({"const": {"a": [1]}}, '{ "\\u0061" :\t[ 1.0 ] }'),
    ({"properties": {"a": {"type": "integer"}}, "additionalProperties": False}, '{"\\u0061":    1}'),
    ({"propertyNames": {"maxLength": 1}}, '{"\\ud83d\\ude00":null}'),
])
def test_a_finished_text_may_spell_its_value_in_any_way(schema, text):
    assert structdiff.check(text, JsonSchema(schema)).value == json.loads(text)
    assert not structdiff.check(text, JsonSchema({"not": schema})).valid


def test_optional_properties_come_in_all_combinations_in_the_schemas_order():
    names = "abcd"
    schema = {"type": "object", "properties": {name: {"type": "integer"} for name in names}, "required": ["c"]}
    closed = machine(schema, compact=True)
    for count in range(5):
        for chosen in itertools.permutations(names, count):
            text = json.dumps(dict.fromkeys(chosen, 1), separators=(",", ":"))
            assert accepts(closed, text.encode()) == ("c" in chosen and list(chosen) == sorted(chosen)), text


@pytest.mark.parametrize("text", ['{,}', '{"a":1,}', '{,"a":1}', '{"a":1 "b":"x"}', '{"a":1,,"b":"x"}', '{"a"}', '{"a":1}}', '{"a":1', "", " "])
def test_an_objects_punctuation_is_jsons(text):
    assert not accepts(machine(OBJECT), text.encode())


def test_a_key_never_stands_twice():
    plan = JsonSchema({"type": "object", "additionalProperties": True, "properties": {"a": True}}).plan("")
    assert takes(plan, '{"a":1,"b":2}')
    assert not takes(plan, '{"a":1,"b":2,"b":3}')
    for spelled in ('{"a":1,"a":2}', '{"a":1,"\\u0061":2}'):
        assert not takes(plan, spelled)


@pytest.mark.parametrize("inside", ["\n", "\x00", "\x1f", "\\x", "\\u12", "\\ud800", "\\udc00", "\\ud800\\u0041", '"', "\\"])
def test_no_string_holds_what_json_does_not(inside):
    for schema in ({"type": "string"}, {"type": "string", "pattern": ".*"}, {}):
        assert not accepts(machine(schema), f'"{inside}"'.encode())


def test_strings_are_utf8():
    for schema in ({"type": "string"}, {"type": "string", "minLength": 1}, {"type": "string", "pattern": ""}, {}):
        for broken in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf"):
            assert not accepts(machine(schema), b'"' + broken + b'"')


def test_a_lone_surrogate_is_spelled_as_its_escape():
    plan = JsonSchema({"const": "\ud800"}).plan("")
    assert takes(plan, '"\\ud800"')
    JsonSchema({"properties": {"\ud800": {}}, "additionalProperties": True}).plan("")


# --- grounded -------------------------------------------------------------------------------------------------------


PROMPT = 'Zoë owes "Halden & Co" 12.50 EUR.'


@pytest.mark.parametrize("text, taken", [
    ('{"name":"Zoë"}', True), ('{"name":"owes"}', True), ('{"name":"\\"Halden & Co\\""}', True), ('{"name":"12.50"}', True),
    ('{"name":"Zo"}', False), ('{"name":"Anna"}', False), ('{"name":""}', False), ('{"name":"Co Halden"}', False),
])
def test_grounded_strings_are_whole_word_spans_of_the_prompt(text, taken):
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    assert accepts(machine(schema, PROMPT, grounded=True), text.encode()) is taken


def test_grounding_leaves_enums_keys_and_numbers_alone():
    schema = {"type": "object", "properties": {"kind": {"enum": ["bill"]}, "n": {"type": "integer"}}}
    assert accepts(machine(schema, PROMPT, grounded=True), b'{"kind":"bill","n":99}')


def test_grounding_also_binds_free_values_and_bounded_strings():
    assert not accepts(machine({}, PROMPT, grounded=True), b'["Anna"]')
    assert accepts(machine({}, PROMPT, grounded=True), '["Zoë"]'.encode())
    short = machine({"type": "string", "maxLength": 4}, PROMPT, grounded=True)
    assert accepts(short, b'"owes"') and not accepts(short, b'"Halden"')


def test_only_a_grounded_schema_depends_on_the_prompt():
    assert JsonSchema({}).key("a") == JsonSchema({}).key("b")
    assert JsonSchema({}, grounded=True).key("a") != JsonSchema({}, grounded=True).key("b")
    assert JsonSchema({}).key("") != JsonSchema({}, compact=True).key("")


# --- counts are not unrolled ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema, text", [
    ({"type": "string", "maxLength": 100_000}, '"' + "a" * 300 + '"'),
    ({"type": "string", "maxLength": 100_000, "pattern": "^a"}, '"' + "a" * 300 + '"'),
    ({"type": "array", "maxItems": 100_000, "items": {"type": "integer"}}, "[" + "1," * 300 + "1]"),
])
def test_a_large_count_is_planned_and_walked_in_no_time(schema, text):
    started = time.process_time()
    assert accepts(machine(schema), text.encode())
    assert time.process_time() - started < 3


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema, pointer", [
    ({"$ref": "http://example.com/schema"}, "/$ref"),
    ({"$ref": "file:///etc/passwd"}, "/$ref"),
    ({"items": {"$ref": "other.json#/x"}}, "/items/$ref"),
    ({"properties": {"a/b": {"$ref": "x:y"}}}, "/properties/a~1b/$ref"),
    ({"pattern": "("}, "/pattern"),
    ({"$schema": "http://json-schema.org/draft-03/schema#"}, "/$schema"),
], ids=json.dumps)
def test_what_no_one_could_enforce_is_refused_with_its_pointer_and_without_a_connection(schema, pointer, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(UnsupportedConstraint) as caught:
        JsonSchema(schema).plan("")
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("schema, pointer", [
    ({"type": "string", "minLength": 3, "maxLength": 2}, None),
    ({"type": "object", "properties": {"a": {"enum": [1, 2], "type": "string"}}, "required": ["a"]}, None),
    ({"const": 1, "type": "string"}, None),
    ({"enum": []}, "/enum"),
    ({"type": "string", "pattern": r"[^\w\W]"}, None),
    ({"not": {}}, "/not"),
    ({"allOf": [{"type": "string"}, {"type": "null"}]}, "/allOf"),
    ({"type": "array", "contains": {"type": "integer"}, "items": {"type": "string"}}, None),
    ({"type": "object", "minProperties": 1, "propertyNames": False}, None),
    ({"type": "object", "required": ["a"], "patternProperties": {"^a": False}}, None),
    ({"type": "integer", "minimum": 5, "maximum": 4}, None),
    ({"type": "number", "exclusiveMinimum": 1, "maximum": 1}, None),
    ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, None),
    ({"type": "string", "pattern": "^aaa", "maxLength": 2}, None),
    ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, None),
    ({"$ref": "#"}, None),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, None),
    (False, None),
    ({"type": "array", "items": False, "minItems": 1}, None),
    ({"properties": {"a": False}, "required": ["a"], "type": "object"}, None),
    ({"oneOf": [{"type": "integer"}, {"type": "integer"}]}, None),
    ({"type": []}, None),
], ids=json.dumps)
def test_what_nothing_satisfies_is_unsatisfiable(schema, pointer):
    with pytest.raises(ConstraintError) as caught:
        compile(JsonSchema(schema), BYTES)
    if schema != {"type": []}:                                      # which the metaschema already forbids
        assert isinstance(caught.value, UnsatisfiableConstraint)
    assert pointer is None or caught.value.pointer == pointer


@pytest.mark.parametrize("schema", [
    {"items": {"type": "array", "minItems": 3, "maxItems": 2}}, {"properties": {"a": {"enum": [1, 2], "type": "string"}}},
    {"anyOf": [False, {"type": "integer"}]}, {"contains": False}, {"required": ["a"], "properties": {"a": False}},
], ids=json.dumps)
def test_a_part_that_nothing_satisfies_is_left_out(schema):
    jsonschema.Draft202012Validator(schema).validate(1)
    assert structdiff.check("1", schema).valid


@pytest.mark.parametrize("schema, pointer", [
    ({"minLength": "x"}, "/minLength"), ({"minLength": None}, "/minLength"), ({"maxItems": -1}, "/maxItems"),
    ({"maxItems": 1.5}, "/maxItems"), ({"minItems": True}, "/minItems"), ({"minimum": "1"}, "/minimum"),
    ({"exclusiveMinimum": True}, "/exclusiveMinimum"), ({"type": "strin"}, "/type"), ({"type": 5}, "/type"),
    ({"type": [["string"]]}, "/type"), ({"properties": []}, "/properties"), ({"properties": {"a": 5}}, "/properties/a"),
    ({"required": "a"}, "/required"), ({"required": [1]}, "/required"), ({"items": 5}, "/items"), ({"items": [{}]}, "/items"),
    ({"enum": 5}, "/enum"), ({"anyOf": 5}, "/anyOf"), ({"anyOf": []}, "/anyOf"), ({"anyOf": [5]}, "/anyOf/0"),
    ({"type": "string", "oneOf": [5]}, "/oneOf/0"), ({"pattern": 5}, "/pattern"), ({"format": []}, "/format"),
    ({"$ref": "#/$defs/missing"}, "/$ref"), ({"additionalProperties": 5}, "/additionalProperties"),
    ({"const": "a", "properties": "a"}, "/properties"),
    ({"type": "array", "items": {"enum": [1], "minimum": {}}}, "/items/minimum"),
    ({"not": 5}, "/not"), ({"if": True, "then": 5}, "/then"), ({"patternProperties": 5}, "/patternProperties"),
    ({"dependentRequired": {"a": "b"}}, "/dependentRequired"), ({"dependentSchemas": {"a": 5}}, "/dependentSchemas/a"),
    ({"contains": 5}, "/contains"), ({"contains": {}, "minContains": -1}, "/minContains"),
    ({"multipleOf": 0}, "/multipleOf"),
    ({"multipleOf": "1"}, "/multipleOf"), ({"propertyNames": 3}, "/propertyNames"), ({"prefixItems": 5}, "/prefixItems"),
    ({"prefixItems": [5]}, "/prefixItems/0"), ({"unevaluatedItems": 5}, "/unevaluatedItems"),
    ({"unevaluatedProperties": 5}, "/unevaluatedProperties"), ({"$ref": 5}, "/$ref"), ({"$dynamicRef": 5}, "/$dynamicRef"),
    ({"$ref": "#anchor"}, "/$ref"), ({"allOf": {}}, "/allOf"),
], ids=json.dumps)
def test_a_malformed_schema_is_a_constraint_error_with_its_pointer(schema, pointer):
    with pytest.raises(ConstraintError) as caught:
        JsonSchema(schema).plan("")
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("schema, pointer", [
    ({"$schema": {}}, "/$schema"), ({"$id": 5}, "/$id"), ({"type": "string", "maximum": "x"}, "/maximum"), ({"if": 5}, "/if"),
    ({"uniqueItems": "x"}, "/uniqueItems"), ({"$anchor": 5}, "/$anchor"),
    ({"$defs": {"unused": {"type": 5}}}, "/$defs/unused/type"),
], ids=json.dumps)
def test_a_fault_where_the_compiler_does_not_look_is_a_constraint_error_too(schema, pointer):
    with pytest.raises(ConstraintError) as caught:
        JsonSchema(schema).plan("")
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("schema, says", [
    ([], "a dict or a boolean, not list"), ("{}", "not str"), (None, "not NoneType"), ({"const": {1, 2}}, "not JSON"),
    ({"const": float("nan")}, "not JSON"), ({"minimum": float("inf")}, "not JSON"), ({"const": b"a"}, "not JSON"),
])
def test_what_is_not_a_schema_at_all_is_refused_at_construction(schema, says):
    with pytest.raises(ConstraintError, match=says):
        JsonSchema(schema)


def nested(depth: int) -> dict:
    schema: dict = {"type": "integer"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


def test_a_schema_nested_a_hundred_deep_works_and_one_too_deep_is_refused():
    for depth in (100, 250):
        assert structdiff.check("[" * depth + "1" + "]" * depth, nested(depth)).valid
        assert not structdiff.check("[" * depth + "null" + "]" * depth, nested(depth)).valid
    with pytest.raises(ConstraintError, match="deep|recursion"):
        JsonSchema(nested(5000)).plan("")


KEYWORDS = ["type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength",
            "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const", "anyOf", "oneOf",
            "allOf", "$ref", "$defs", "$schema", "$id", "title", "not", "x"]
WORDS = ["", "a", "string", "object", "array", "integer", "null", "#", "#/$defs/a", "#/x", "(", "[", "date", "^a$", "\ud800", "é"]


def junk(r: random.Random, depth: int):
    match r.randrange(9):
        case 0:
            return r.choice([None, True, False])
        case 1:
            return r.choice([0, -1, 3, 1.5, 1e300, -0.0, 10**30, 2.0])
        case 2 | 3:
            return r.choice(WORDS)
        case 4:
            return [junk(r, depth - 1) for _ in range(r.randrange(3))] if depth else []
        case _:
            return {r.choice([*KEYWORDS, "a"]): junk(r, depth - 1) for _ in range(r.randrange(4))} if depth else {}


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=2000)
def test_any_json_at_all_as_a_schema_works_or_is_a_constraint_error(seed):
    r = random.Random(seed)
    schema = {r.choice(KEYWORDS): junk(r, 3) for _ in range(r.randrange(1, 4))}
    try:
        constraint = JsonSchema(schema)
        plan = constraint.plan("")
    except ConstraintError as error:
        assert str(error)
        return
    assert isinstance(constraint.hint(), str)
    for text in ("{}", "1", '"a"', "[1]", '{"a": 1}', "nope"):
        takes(plan, text)
    if seed % 4 == 0:
        try:
            compile(constraint, BYTES, limits=Limits(view=60, arcs=20_000))
        except ConstraintError as error:
            assert str(error)


# --- reports and violations -----------------------------------------------------------------------------------------


def test_a_report_names_who_enforces_each_keyword():
    report = JsonSchema({"type": "object", "requird": ["a"], "properties": {
        "a": {"type": "integer", "not": {"const": 1}}, "b": {"type": "array", "uniqueItems": True, "x/y": 1},
        "c": {"pattern": "a(?=b)"}, "d": {"format": "duration"}, "e": {"format": "made-up"}, "f": {"format": "date", "title": "t"},
    }}).report()
    where = {line.split(":")[0] for line in report.automaton}
    assert {"/type", "/properties", "/properties/a/not", "/properties/a/not/const", "/properties/f/format"} <= where
    decided = {line.split(":")[0] for line in report.checkers}
    assert {"/properties/b/uniqueItems", "/properties/c/pattern", "/properties/d/format"} <= decided
    assert {line[0] == "/" or "stands twice" in line for line in decided} == {True} and len(decided) == 4
    assert [line.split(":")[0] for line in report.ignored] == ["/requird", "/properties/b/x~1y", "/properties/e/format"]
    assert not where & decided and report.refused == ()


def test_a_report_names_a_refusal_with_its_pointer():
    refused, = JsonSchema({"properties": {"a": {"$ref": "http://example.com/"}}}).report().refused
    assert "/properties/a/$ref" in refused and "not local" in refused


@pytest.mark.parametrize("older, keyword", [
    ({"$schema": "http://json-schema.org/draft-04/schema#", "const": 1}, "/const"),
    ({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/x", "minLength": 1,
      "definitions": {"x": {}}}, "/minLength"),
    ({"$schema": "https://json-schema.org/draft/2020-12/schema", "dependencies": {"a": ["b"]}}, "/dependencies"),
])
def test_a_report_says_what_a_draft_does_not_read(older, keyword):
    assert [line.split(":")[0] for line in JsonSchema(older).report().ignored] == [keyword]


def test_the_automatons_violation_names_its_place_in_the_text_as_it_was_written():
    text = '{ "é": [1,    "x"] }'
    found = structdiff.check(text, {"properties": {"é": {"type": "array", "items": {"type": "integer"}}}}).violations
    assert [(v.by, v.pointer) for v in found] == [("automaton", "/é/1"), ("checker", "/é/1")]
    assert {text.encode()[a:b] for v in found for a, b in v.spans} == {b'"x"'}


def test_a_violation_names_its_rule_pointer_and_place():
    checker, = JsonSchema({"type": "object", "properties": {"é": {"type": "array", "items": {"type": "integer"}}}}).plan("").checkers
    text = '{"é": [1, "x"]}'
    violation, = checker.check(text).violations
    assert (violation.rule, violation.pointer) == ("type", "/é/1")
    assert [text.encode()[a:b] for a, b in violation.spans] == [b'"x"']


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"a":1,"a":2}', "[" * 10_000])
def test_a_text_that_is_not_json_is_a_violation(text):
    checker, = JsonSchema({}).plan("").checkers
    assert [violation.rule for violation in checker.check(text).violations] == ["json"]


@pytest.mark.parametrize("pattern, text", [(r"\p{L}", "é"), (r"\cJ", "\n"), (r"^(?<n>a)$", "a")])
def test_a_pattern_pythons_re_cannot_read_is_still_checked(pattern, text):
    checker, = JsonSchema({"type": "string", "pattern": pattern}).plan("").checkers
    assert checker.check(json.dumps(text)).valid
    assert not checker.check('"1"').valid


def test_the_hint_for_a_large_schema_is_short():
    field = {"type": "object", "properties": {f"part_{i}": {"type": "integer"} for i in range(30)}}
    wide = {"type": "object", "properties": {f"field_{i}": field for i in range(20)}}
    assert len(JsonSchema(wide).hint()) <= 2_001 and JsonSchema(wide).hint().startswith("{field_0:{part_0:")
    assert JsonSchema({"type": "object", "properties": {"a" * 3_000: True}}).hint().endswith("…")
    assert JsonSchema({"type": "object", "properties": {"a": {"type": "integer"}}}).hint() == "{a:integer}"
