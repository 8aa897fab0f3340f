"""What a user calls, and what it says when it is called wrongly."""

from __future__ import annotations

import socket
from typing import Literal

import pytest
from pydantic import BaseModel, field_validator

import structdiff
from structdiff import (
    Choice, ConstraintError, DenoiserError, JsonSchema, Status, UnsatisfiableConstraint, UnsupportedConstraint, as_constraint,
    explain, generate, generate_batch, load,
)
from structdiff.api import compiled
from structdiff.testing import BYTES
from tasks import random_models


class Order(BaseModel):
    kind: Literal["book", "pen"]
    count: int


@pytest.fixture(scope="module")
def model():
    return random_models.uniform(canvas=32)


def test_a_pydantic_class_gives_an_instance(model) -> None:
    result = generate("two pens", Order, model=model, max_tokens=96)
    assert isinstance(result.unwrap(), Order) and result.status is Status.VALID


def test_a_validator_of_the_class_takes_part(model) -> None:
    class Even(BaseModel):
        n: int

        @field_validator("n")
        @classmethod
        def even(cls, n: int) -> int:
            if n % 2:
                raise ValueError("n is odd")
            return n

    results = [generate("go", Even, model=model, max_tokens=64, seed=seed) for seed in range(6)]
    assert all(result.valid and result.value.n % 2 == 0 for result in results)


def test_a_validator_that_raises_anything_is_a_violation_not_a_crash(model) -> None:
    class Broken(BaseModel):
        n: int

        @field_validator("n")
        @classmethod
        def broken(cls, n: int) -> int:
            raise RuntimeError("the database is gone")

    result = generate("go", Broken, model=model, max_tokens=64, steps=2)
    assert result.status is Status.UNRESOLVED
    assert (result.violations[0].rule, result.violations[0].message) == ("RuntimeError", "the database is gone")


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda m: generate("  ", {}, model=m), ConstraintError, "the prompt is empty"),
    (lambda m: generate("x", {}, model=m, steps=0), ConstraintError, "steps must be at least 1, got 0"),
    (lambda m: generate("x", {}, model=m, max_tokens=0), ConstraintError, "max_tokens must be at least 1"),
    (lambda m: generate("x", {"type": "strin"}, model=m), ConstraintError, "at /type: 'strin' is not a type; the types are"),
    (lambda m: generate("x", {"anyOf": 5}, model=m), ConstraintError, "anyOf"),
    (lambda m: generate("x", {"not": {}}, model=m), UnsatisfiableConstraint, "at /not: no value satisfies the schema"),
    (lambda m: generate("x", {"enum": [1], "type": "string"}, model=m), UnsatisfiableConstraint, "at /enum"),
    (lambda m: generate("x", {"$ref": "#/$defs/a", "$defs": {"a": {
        "type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "required": ["a"]}}}, model=m),
     UnsatisfiableConstraint, "no finite value"),
    (lambda m: generate("x", {"type": "string", "minLength": 300}, model=m, max_tokens=9), UnsatisfiableConstraint,
     "raise max_tokens"),
    (lambda m: generate("x", {"$ref": "http://localhost/schema.json"}, model=m), UnsupportedConstraint, "is not local"),
    (lambda m: generate("x", socket.socket, model=m), ConstraintError, "socket has no JSON Schema"),
    (lambda m: generate_batch(["x"], [], model=m), ConstraintError, "1 prompts need as many constraints, not 0"),
    (lambda m: generate("x", Choice([]), model=m), UnsatisfiableConstraint, "at least one option"),
    (lambda m: load("/nowhere/at/all"), DenoiserError, "cannot load a DiffusionGemma from '/nowhere/at/all'"),
])
def test_bad_input_is_one_clear_error(call, error, message, model) -> None:
    with pytest.raises(error) as caught:
        call(model)
    assert message in str(caught.value)


def test_no_reference_is_ever_followed_out_of_the_document(monkeypatch) -> None:
    def refuse(*_, **__):
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for reference in ("http://127.0.0.1:9/x", "file:///etc/passwd", "other.json#/a", "//host/x"):
        with pytest.raises(UnsupportedConstraint, match="is not local"):
            JsonSchema({"$ref": reference}).plan("")


def test_equal_constraints_are_compiled_once_and_grounded_ones_once_a_prompt() -> None:
    assert compiled(JsonSchema({"type": "integer"}), BYTES) is compiled(JsonSchema({"type": "integer"}), BYTES)
    grounded = JsonSchema({"type": "string"}, grounded=True)
    assert compiled(grounded, BYTES, "a") is compiled(grounded, BYTES, "a")
    assert compiled(grounded, BYTES, "a") is not compiled(grounded, BYTES, "b")


def test_a_grounded_string_is_a_span_of_the_prompt(model) -> None:
    prompt = "Name: Åsa Holm; city: Łódź, 12 \"boxes\"."
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a", "b"]}
    for seed in range(5):
        value = generate(prompt, JsonSchema(schema, grounded=True), model=model, seed=seed, max_tokens=128, steps=6).unwrap()
        assert all(part and part in prompt for part in value.values())


def test_explain_says_what_enforces_what() -> None:
    told = explain({"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}, "b": {"oneOf": [
        {"$ref": "#/$defs/x"}, {"type": "null"}]}}, "required": ["a"], "$defs": {"x": {"type": "integer"}}}, BYTES)
    assert "/properties/a/maxLength: maxLength" in told.automaton
    assert "/properties/b/oneOf: oneOf" in told.automaton
    assert told.refused == () and told.shortest == len('{"a":""}')


def test_explain_says_what_checkers_decide_what_is_refused_and_what_says_nothing() -> None:
    told = explain({"type": "array", "uniqueItems": True, "requird": 1, "format": "slug"}, BYTES)
    assert "/uniqueItems: no two items are equal" in told.checkers
    assert told.ignored == ("/requird: not a keyword, so it says nothing", "/format: not a format, so it says nothing")
    told = explain({"$ref": "http://localhost/other.json"}, BYTES)
    assert told.shortest is None and told.refused[0].startswith("at /$ref:")


def test_a_schema_dict_a_class_and_a_constraint_all_mean_one() -> None:
    assert as_constraint({"type": "null"}) == JsonSchema({"type": "null"})
    assert as_constraint(Choice(["a"])) == Choice(["a"])
    assert as_constraint(None) is None
    assert as_constraint(list[int]).hint() == "[integer]"


def test_everything_exported_is_there() -> None:
    assert all(getattr(structdiff, name) is not None for name in structdiff.__all__)
