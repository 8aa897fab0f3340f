"""Choices, regular expressions and Python types as constraints, and how constraints combine."""

from __future__ import annotations

import enum
import random
import re
from datetime import date
from typing import Annotated, Literal, Optional

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, Field, field_validator, model_validator

import strategies
from structdiff.constraint import Both, Constraint, compile
from structdiff.constraints.choice import Choice
from structdiff.constraints.json_schema import JsonSchema
from structdiff.constraints.pydantic_model import Validated, schema_of
from structdiff.constraints.regex import Regex
from structdiff.errors import (
    ConstraintError, ConstraintTooLarge, UnsatisfiableConstraint, UnspellableConstraint, UnsupportedConstraint,
)
from structdiff.lift import Limits
from structdiff.machine import accepts
from structdiff.verdict import Verdict
from structdiff.vocab import Vocab

BYTES = Vocab((*(bytes([byte]) for byte in range(256)), None), (256,))


def valid(constraint: Constraint, text: str, prompt: str = "") -> bool:
    """Whether machine and checkers take `text`."""
    plan = constraint.plan(prompt)
    return accepts(plan.machine, text.encode()) and all(checker.check(text).valid for checker in plan.checkers)


# --- choice, regex --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [["yes", "no"], ["a", "ab", "abc"], [""], ["é", "e"], ["x", "x"], [str(n) for n in range(500)]])
def test_a_choice_is_exactly_its_options(options):
    machine = Choice(options).plan("").machine
    assert all(accepts(machine, option.encode()) for option in options)
    assert not any(accepts(machine, text.encode()) for text in ["maybe", "abcd", "y", "1000", " "] if text not in options)


def test_a_choice_of_nothing_is_unsatisfiable():
    with pytest.raises(UnsatisfiableConstraint, match="at least one option"):
        Choice([])


def test_one_text_is_not_a_list_of_options():
    with pytest.raises(ConstraintError, match="list of texts"):
        Choice("yes")


@given(strategies.seeds)
@settings(max_examples=60)
def test_a_regex_is_what_it_matches_whole(seed):
    r = random.Random(seed)
    pattern = strategies.pattern(r)
    for _ in range(10):
        text = strategies.text(r)
        assert valid(Regex(pattern), text) == bool(re.fullmatch(pattern, text))


def test_a_regex_is_refused_before_it_meets_a_vocabulary():
    with pytest.raises(UnsupportedConstraint, match="looks around"):
        Regex("a(?=b)").plan("")


@pytest.mark.parametrize("pattern, vocab, error", [
    ("[a-z]{40}", BYTES, ConstraintTooLarge),
    ("ab", Vocab((b"a", None), (1,)), UnspellableConstraint),
])
def test_compiling_says_what_a_vocabulary_or_a_limit_refuses(pattern, vocab, error):
    with pytest.raises(error):
        compile(Regex(pattern), vocab, limits=Limits(arcs=20))


def test_the_shortest_text_is_counted_in_tokens_and_held_against_the_budget():
    compiled = compile(Regex("(ab){5}c?"), Vocab((b"a", b"b", b"abab", None), (3,)))
    assert compiled.shortest == 4                                      # abab abab a b
    compiled.require(4)
    with pytest.raises(UnsatisfiableConstraint, match="takes 4 tokens and the budget is 3"):
        compiled.require(3)


# --- combination ----------------------------------------------------------------------------------------------------


@given(strategies.seeds)
@settings(max_examples=60)
def test_a_and_b_accepts_iff_both_do(seed):
    r = random.Random(seed)
    left, right = Regex(strategies.pattern(r)), Regex(strategies.pattern(r))
    for _ in range(10):
        text = strategies.text(r)
        assert valid(left & right, text) == (valid(left, text) and valid(right, text))


def test_conjunctions_flatten_and_are_equal_by_content():
    a, b, c = Regex("a*"), Regex(".*"), Choice(["a"])
    assert (a & b & c).parts == (a, b, c)
    assert a & b == Both((Regex("a*"), Regex(".*")))
    assert hash(a & b) == hash(Both((a, b)))


@pytest.mark.parametrize("constraint", [Regex("a"), Choice(["a"]), JsonSchema({}), Validated(int), Regex("a") & Choice(["a"])])
def test_a_constraint_is_frozen_hashable_and_keyed_by_content(constraint):
    assert isinstance(constraint, Constraint)
    assert hash(constraint.key("")) == hash(constraint.key(""))
    with pytest.raises((AttributeError, TypeError)):
        constraint.parts = constraint.pattern = ()


def test_contradicting_parts_are_unsatisfiable():
    with pytest.raises(UnsatisfiableConstraint):
        compile(Regex("a+") & Regex("b+"), BYTES)


def test_check_asks_the_machine_too_and_gives_the_last_value():
    compiled = compile(JsonSchema({"type": "integer"}) & Validated(int), BYTES)
    assert compiled.check("12") == Verdict(value=12)
    assert not compiled.check("1.5").valid
    assert not compiled.check('"12"').valid                            # Pydantic alone would take it


# --- Python types ---------------------------------------------------------------------------------------------------


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    name: str = Field(min_length=1)
    price: float = Field(gt=0)


class Order(BaseModel):
    items: list[Item] = Field(min_length=1, max_length=3)
    color: Color
    start: int
    end: int
    note: Optional[str] = None

    @model_validator(mode="after")
    def ordered(self):
        if self.end <= self.start:
            raise ValueError("end must come after start")
        return self


class Node(BaseModel):
    value: int
    children: list["Node"] = []


class Picky(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def no_x(cls, name):
        if "x" in name:
            raise RuntimeError("boom")
        return name


def typed(kind) -> Both:
    return JsonSchema(schema_of(kind)) & Validated(kind)


GOOD = '{"items": [{"name": "é", "price": 1.5}], "color": "red", "start": 1, "end": 2, "note": null}'


@pytest.mark.parametrize("kind, yes, no", [
    (Order, [GOOD, GOOD.replace(', "note": null', "")],
     [GOOD.replace('"end": 2', '"end": 1'), GOOD.replace("red", "green"), GOOD.replace("1.5", "0"), GOOD.replace("[{", "[").replace("}]", "]")]),
    (Node, ['{"value": 1}', '{"value": 1, "children": [{"value": 2, "children": [{"value": 3}]}]}'],
     ['{"value": "1"}', '{"value": 1, "children": [{}]}']),
    (list[int], ["[]", "[1,2]"], ["[1.5]", "1"]),
    (dict[str, int], ["{}", '{"a":1}'], ['{"a":"b"}']),
    (Literal["a", 1], ['"a"', "1"], ['"b"', "2"]),
    (Optional[bool], ["true", "null"], ["1"]),
    (Color, ['"red"'], ['"green"']),
    (date, ['"2024-02-29"'], ['"2023-02-29"', '"today"']),
    (Annotated[int, Field(gt=3)], ["4"], ["3"]),
    (Annotated[list[int], Field(max_length=1)], ["[1]"], ["[1,2]"]),
], ids=str)
def test_a_python_types_texts_are_those_it_validates(kind, yes, no):
    constraint = typed(kind)
    assert hash(constraint.key("")) is not None
    assert all(valid(constraint, text) for text in yes)
    assert not any(valid(constraint, text) for text in no)


def test_the_value_is_an_instance():
    value = compile(typed(Order), BYTES).check(GOOD).value
    assert isinstance(value, Order) and value.color is Color.RED and value.items[0].price == 1.5


def test_a_model_validators_objection_is_a_violation_with_its_message():
    verdict = compile(typed(Order), BYTES).check(GOOD.replace('"end": 2', '"end": 0'))
    assert not verdict.valid and verdict.value is None
    assert "end must come after start" in verdict.violations[0].message


def test_a_fields_objection_names_its_place_in_the_text():
    text = GOOD.replace("1.5", "-15")
    violation = Validated(Order).plan("").checkers[0].check(text).violations[0]
    (start, end), = violation.spans
    assert violation.pointer == "/items/0/price"
    assert text.encode()[start:end] == b"-15"


def test_a_validator_that_raises_anything_refuses_the_value_and_ends_nothing():
    checker = Validated(Picky).plan("").checkers[0]
    assert checker.check('{"name":"a"}').valid
    verdict = checker.check('{"name":"x"}')
    assert (verdict.violations[0].rule, verdict.violations[0].message) == ("RuntimeError", "boom")


@pytest.mark.parametrize("text", ["", "{", "nope", '{"items": ', "\x00"])
def test_what_is_not_json_is_a_violation(text):
    assert not Validated(Order).plan("").checkers[0].check(text).valid


class Opaque:
    pass


@pytest.mark.parametrize("kind, says", [(Opaque, "Opaque has no JSON Schema"), (object(), "has no JSON Schema")])
def test_a_type_without_a_schema_is_a_constraint_error(kind, says):
    with pytest.raises(ConstraintError, match=says):
        schema_of(kind)
