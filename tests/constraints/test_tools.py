"""Tool calls: which are accepted, whose references mean what, what is refused; and JSON with no schema."""

from __future__ import annotations

import dataclasses
import json
from typing import Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field, model_validator

from structdiff import check, generate
from structdiff.constraints.rules import Rule
from structdiff.constraints.tools import AnyJson, Tools
from structdiff.errors import ConstraintError, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.machine import accepts
from structdiff.testing import check_constraint
from tasks import random_models

WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "Says what the\nweather is.", "strict": True,
    "parameters": {"type": "object", "properties": {"city": {"$ref": "#/$defs/Thing"}, "unit": {"enum": ["C", "F"]}},
                   "required": ["city"], "additionalProperties": False,
                   "$defs": {"Thing": {"enum": ["Oslo", "Łódź"]}}}}}
PLANT = {"name": "plant-tree", "parameters": {
    "$ref": "#/$defs/Node", "$defs": {"Thing": {"type": "integer"}, "Node": {
        "type": "object", "required": ["v"], "additionalProperties": False, "properties": {
            "v": {"$ref": "#/$defs/Thing"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}}}}
PING = {"type": "function", "function": {"name": "ping"}}


class Book(BaseModel):
    """Books a stay.

    At length.
    """

    start: int = Field(ge=0, le=9)
    end: int = Field(ge=0, le=9)

    @model_validator(mode="after")
    def ordered(self):
        if self.start >= self.end:
            raise ValueError("end must come after start")
        return self


@dataclasses.dataclass
class Point:
    x: int


def call_me(number: int, times: Literal[1, 2] = 1) -> None:
    """Calls a number."""
    raise AssertionError("a tool is described, not called")


def said(name: str, arguments) -> str:
    return json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)


YES = [("get_weather", {"city": "Oslo"}), ("get_weather", {"city": "Łódź", "unit": "C"}), ("ping", {}),
       ("plant-tree", {"v": 1, "kids": [{"v": 2, "kids": []}]}), ("Book", {"start": 1, "end": 2}), ("Point", {"x": 1}),
       ("call_me", {"number": 5}), ("call_me", {"number": 5, "times": 2})]
NO = [("get_weather", {"city": 1}), ("get_weather", {}), ("get_weather", {"city": "Oslo", "more": 1}),
      ("ping", {"x": 1}), ("plant-tree", {"v": "Oslo"}),
      ("plant-tree", {"v": 1, "kids": [{"v": "x"}]}), ("plant-tree", {"city": "Oslo"}),
      ("Book", {"start": 2, "end": 1}), ("Book", {"start": 1}), ("Point", {}), ("call_me", {"number": 5, "times": 3}),
      ("call_me", {}), ("other", {}), ("", {}), ("ping", []), ("ping", None)]
ALL = [WEATHER, PLANT, PING, Book, Point, call_me]


def test_a_call_is_accepted_iff_its_tool_takes_its_arguments() -> None:
    check_constraint(Tools(ALL), [said(*call) for call in YES], [
        *(said(*call) for call in NO), "", "{}", '{"name":"ping"}', '{"arguments":{}}', '"ping"',
        '{"name":"ping","arguments":{},"id":1}', f"[{said('ping', {})}]"])


def test_parallel_calls_are_an_array_of_at_least_one() -> None:
    one, two = said(*YES[0]), said(*YES[3])
    check_constraint(Tools(ALL, parallel=True), [f"[{one}]", f"[{one}, {two}]", f"[{two},{two},{one}]"],
                     ["[]", one, f"[{one},{said(*NO[0])}]", f"[{one},1]"])


def test_the_value_is_the_call() -> None:
    value = check(said("Book", {"start": 1, "end": 2}), Tools(ALL)).value
    assert value == {"name": "Book", "arguments": {"start": 1, "end": 2}}


@pytest.mark.parametrize("parallel, pointer", [(False, "/arguments"), (True, "/1/arguments")])
def test_a_classs_own_validator_accuses_its_arguments(parallel, pointer) -> None:
    call = said("Book", {"start": 8, "end": 3})
    text = f"[{said('ping', {})},{call}]" if parallel else call
    found, = check(text, Tools(ALL, parallel)).violations
    assert found.pointer == pointer and "end must come after start" in found.message
    assert [text[begin:end] for begin, end in found.spans] == ["8", "3"]


def test_choosing_leaves_one_tool() -> None:
    check_constraint(Tools(ALL, choose="ping"), [said("ping", {})], [said(*YES[0])])


def test_open_arguments_are_still_an_object() -> None:
    check_constraint(Tools([{"name": "f", "parameters": {}}, {"name": "g", "parameters": True}]),
                     [said("f", {"a": [1]}), said("g", {})], [said("f", 1), said("g", [])])


def drafted(name: str, draft: str) -> dict:
    return {"name": name, "parameters": {
        "$schema": f"http://json-schema.org/{draft}/schema#", "type": "object", "required": ["t"],
        "properties": {"t": {"$ref": "#/definitions/T", "not": {}}},      # siblings of $ref meant nothing then
        "definitions": {"T": {"type": "array", "items": [{"type": "integer"}], "additionalItems": False}}}}


@pytest.mark.parametrize("draft", ["draft-04", "draft-06", "draft-07"])
def test_tools_of_an_older_draft_keep_its_meaning(draft) -> None:
    tools = Tools([drafted("a", draft), drafted("b", draft)], parallel=True)
    parameters = drafted("a", draft)["parameters"]
    for arguments in ({"t": [1]}, {"t": []}, {"t": ["x"]}, {"t": [1, 2]}, {}, {"t": 1}):
        wanted = jsonschema.validators.validator_for(parameters)(parameters).is_valid(arguments)
        for name in "ab":
            assert check(f"[{said(name, arguments)}]", tools).valid == wanted


def test_a_schema_that_names_itself_is_found_by_that_name() -> None:
    own = {"name": "f", "parameters": {
        "$id": "https://example.org/f", "type": "object", "required": ["x"], "$defs": {"X": {"type": "integer"}},
        "properties": {"x": {"$ref": "https://example.org/f#/$defs/X"}}}}
    check_constraint(Tools([own, PING]), [said("f", {"x": 1})], [said("f", {"x": "1"}), said("f", {})])


def test_an_older_schema_that_is_a_reference_is_found() -> None:
    tool = {"name": "f", "parameters": {
        "$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/F", "required": ["nothing"],
        "definitions": {"F": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}}}}
    check_constraint(Tools([tool]), [said("f", {"x": 1})], [said("f", {"x": "1"}), said("f", {})])


@pytest.mark.parametrize("name", ["a", "b", "common.json", "https://example.org/common"])
def test_tools_that_name_their_schemas_alike_do_not_share_them(name) -> None:
    def tool(called: str, kind: str) -> dict:
        return {"name": called, "parameters": {"$id": name, "type": "object", "required": ["k"], "$defs": {
            "K": {"type": kind}}, "properties": {"k": {"$ref": f"{name}#/$defs/K"}}}}

    if name.startswith("https"):
        with pytest.raises(ConstraintError, match="at /1/parameters: 'https://example.org/common' names another schema"):
            Tools([tool("a", "integer"), tool("b", "string")])
        check_constraint(Tools([tool("a", "null"), tool("b", "null")]), [said("b", {"k": None})], [said("b", {"k": 1})])
    else:
        tools = Tools([tool("a", "integer"), tool("b", "string")])
        check_constraint(tools, [said("a", {"k": 1}), said("b", {"k": "1"})],
                         [said("a", {"k": "1"}), said("b", {"k": 1})])


def test_the_hint_names_every_tool_and_what_it_takes() -> None:
    assert Tools([WEATHER, PLANT, PING]).hint() == (
        "{name:get_weather,arguments:{city:Oslo|Łódź,unit:C|F}}(Says what the weather is.)|"
        "{name:plant-tree,arguments:{v:integer,kids:[{v:any,kids:any}]}}|{name:ping,arguments:{}}")
    assert Tools([PING], parallel=True).hint() == "[{name:ping,arguments:{}}]"
    assert Tools([call_me]).hint() == "{name:call_me,arguments:{number:integer,times:1|2}}(Calls a number.)"


def test_tools_are_values() -> None:
    assert Tools(ALL) == Tools(ALL) != Tools(ALL, parallel=True)
    assert hash(Tools(ALL)) == hash(Tools(ALL)) and Tools(ALL).key("p") == Tools(ALL).key("q")


@pytest.mark.parametrize("functions, pointer, says", [
    ([], "", "there are no tools"),
    ({"name": "f"}, "", "tools are a list of functions, not dict"),
    ([PING, 3], "/1", "a dict, a class or a function, not 3"),
    ([PING, PING], "/1/function/name", "the name 'ping' is that of /0/function too"),
    ([{"parameters": {}}], "/0", "a tool needs a name"),
    ([{"type": "function", "function": {"name": None}}], "/0/function", "a tool needs a name"),
    ([{"type": "function", "function": "f"}], "/0/function", "a function is a dict"),
    ([{"type": "retrieval", "function": {"name": "f"}}], "/0/type", "'function', not 'retrieval'"),
    ([{"name": "a b"}], "/0/name", "letters, digits, '_' and '-' only, not 'a b'"),
    ([{"name": ""}], "/0/name", "letters, digits"),
    ([{"name": 7}], "/0/name", "letters, digits"),
    ([{"name": "é"}], "/0/name", "letters, digits"),
    ([lambda x: x], "/0/name", "not '<lambda>'"),
    ([list[int]], "/0", "list takes what is no JSON object"),
    ([{"name": "f", "parameters": 3}], "/0/parameters", "parameters are a JSON Schema"),
    ([{"name": "f", "parameters": {"type": "objekt"}}], "/0/parameters/type", "objekt"),
    ([PING, {"type": "function", "function": {"name": "f", "parameters": {"$ref": "#/$defs/x"}}}],
     "/1/function/parameters/$ref", "points at nothing"),
    ([drafted("a", "draft-07"), PING], "/1/function/parameters", "different drafts"),
])
def test_a_tool_at_fault_is_an_error_that_says_where(functions, pointer, says) -> None:
    with pytest.raises(ConstraintError, match=says) as caught:
        Tools(functions).plan("")
    assert caught.value.pointer == pointer and str(caught.value).count("at /") <= 2


def test_two_drafts_are_unsupported_and_an_unknown_choice_says_what_there_is() -> None:
    with pytest.raises(UnsupportedConstraint, match="a of 7, ping of 2020"):
        Tools([drafted("a", "draft-07"), PING])
    with pytest.raises(ConstraintError, match="no tool is called 'pong'; there are get_weather, ping"):
        Tools([WEATHER, PING], choose="pong")


def test_a_tool_that_no_arguments_satisfy_is_unsatisfiable() -> None:
    with pytest.raises(UnsatisfiableConstraint):
        generate("go", Tools([{"name": "f", "parameters": {"type": "array"}}]), model=random_models.uniform(canvas=24))


# --- JSON with no schema --------------------------------------------------------------------------------------------


def test_any_json_and_any_object() -> None:
    values = ['{"a": [1, {"b": null}], "é": "ü"}', "{}"]
    others = ["1", '"x"', "[]", "null", "true", "-0.5e3"]
    nonsense = ["", "{", "{'a': 1}", "nope", "NaN", '{"a": 1,}', '{"a":1}x']
    check_constraint(AnyJson(), values + others, nonsense)
    check_constraint(AnyJson(object_only=True), values, others + nonsense)
    assert (AnyJson().hint(), AnyJson(object_only=True).hint()) == ("json", "json object")


# --- generation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [random_models.uniform, random_models.absorbing])
@pytest.mark.parametrize("parallel", [False, True])
def test_what_is_generated_can_be_called(make, parallel) -> None:
    model, tools = make(canvas=48), Tools([WEATHER, PLANT, PING, Book], parallel)
    schemas = {"get_weather": WEATHER["function"]["parameters"], "plant-tree": PLANT["parameters"],
               "ping": {"maxProperties": 0}}
    results = [generate("Call.", tools, model=model, seed=seed, max_tokens=96, steps=10) for seed in range(4)]
    assert sum(result.valid for result in results) >= 3
    for result in results:
        if result.valid:
            calls = json.loads(result.text) if parallel else [json.loads(result.text)]
            assert result.value == (calls if parallel else calls[0]) and calls
            for call in calls:
                assert set(call) == {"name", "arguments"}
                if call["name"] == "Book":
                    Book.model_validate(call["arguments"])
                else:
                    jsonschema.Draft202012Validator(schemas[call["name"]]).validate(call["arguments"])


def test_the_chosen_tool_is_called_and_its_class_obeyed() -> None:
    model, tools = random_models.uniform(canvas=48), Tools(ALL, choose="Book")
    results = [generate("Call.", tools, model=model, seed=seed, max_tokens=48, steps=16) for seed in range(4)]
    assert sum(result.valid for result in results) >= 3
    assert all(Book.model_validate(result.value["arguments"]) for result in results if result.valid)


def test_tools_combine_with_rules() -> None:
    def even(call) -> None:
        assert call["arguments"]["x"] % 2 == 0, "odd"

    tool = {"name": "f", "parameters": {"type": "object", "properties": {"x": {"enum": [1, 2, 3, 4, 5]}},
                                        "required": ["x"], "additionalProperties": False}}
    model, wanted = random_models.uniform(canvas=24), Tools([tool]) & Rule(even)
    results = [generate("Call.", wanted, model=model, seed=seed, max_tokens=24, steps=10) for seed in range(5)]
    assert sum(result.valid for result in results) >= 4
    assert all(result.value["arguments"]["x"] in (2, 4) for result in results if result.valid)


def test_any_json_generates_json() -> None:
    model = random_models.uniform(canvas=32)
    for seed in range(3):
        result = generate("Write.", AnyJson(object_only=True), model=model, seed=seed, max_tokens=64, steps=6)
        assert result.valid and json.loads(result.text) == result.value and isinstance(result.value, dict)


@pytest.mark.parametrize("text, valid", [
    ('{"name": "look_up", "arguments": {"id": 3}}', True), ('{"name": "look_up", "arguments": {}}', False), ("{", False), ("It is {blue}.", True),
    ("", True), ("[1]", True),
])
def test_a_call_that_is_optional_may_be_any_text_that_does_not_begin_like_one(text, valid):
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {
        "type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "additionalProperties": False}}}
    plan = Tools([tool], optional=True).plan("")
    verdict = plan.check(text)
    assert verdict.valid is valid and accepts(plan.machine, text.encode()) is valid
    assert not valid or verdict.value == (json.loads(text) if text.startswith("{") else text)
