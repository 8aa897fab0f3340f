"""A user's own rules: whom they accuse, that nothing they do ends a run, and that re-noising satisfies them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from structdiff import JsonSchema, Status, check, generate
from structdiff.constraints.pydantic_model import Validated, schema_of
from structdiff.constraints.rules import Broken, Rule
from structdiff.errors import ConstraintError
from structdiff.result import Result
from structdiff.testing import check_constraint
from tasks import random_models

DIGIT = {"type": "integer", "minimum": 0, "maximum": 9}
PAIR = {"type": "object", "properties": {"a": DIGIT, "b": DIGIT}, "required": ["a", "b"], "additionalProperties": False}


class Stay(BaseModel):
    a: int
    b: int


def ordered(value) -> None:
    assert value["a"] < value["b"], "a is not less than b"


def ordered_at_b(value) -> None:
    if value["a"] >= value["b"]:
        raise Broken("b is not greater than a", "b")


def predicate(value) -> bool:
    return value["a"] < value["b"]


@pytest.mark.parametrize("rule", [ordered, ordered_at_b, predicate])
def test_a_text_is_accepted_iff_the_schema_and_the_rule_hold(rule) -> None:
    texts = {json.dumps({"a": a, "b": b}): a < b for a in range(10) for b in range(10)}
    yes = [text for text, right in texts.items() if right]
    no = [text for text, right in texts.items() if not right]
    check_constraint(JsonSchema(PAIR) & Rule(rule), yes, [*no, "{}", "1", '{"a": 1, "b": 12}', "nonsense", ""])


def test_the_value_is_what_the_rule_was_handed() -> None:
    seen = []
    verdict = check('{"a":1,"b":2}', JsonSchema(PAIR) & Rule(seen.append))
    assert verdict.value == {"a": 1, "b": 2} == seen[0]
    verdict = check('{"a":1,"b":2}', JsonSchema(schema_of(Stay)) & Validated(Stay) & Rule(seen.append, kind=Stay))
    assert verdict.value == Stay(a=1, b=2) == seen[1] and type(seen[1]) is Stay


def test_a_rule_that_changes_what_it_is_handed_does_not_change_the_value() -> None:
    assert check('{"a":1,"b":2}', JsonSchema(PAIR) & Rule(lambda value: value.clear())).value == {"a": 1, "b": 2}


def test_a_rule_of_a_kind_refuses_what_the_kind_does_and_is_not_asked() -> None:
    verdict = check('{"a":"é","b":"x"}', Rule(ordered, kind=Stay))
    assert [(found.rule, found.pointer) for found in verdict.violations] == [
        ("int_parsing", "/a"), ("int_parsing", "/b")]


# --- whom a rule accuses --------------------------------------------------------------------------------------------

TEXT = '{"é": "ü", "lines": [{"n": 10}, {"n": 20}], "total": 31}'


def accused(rule, text: str = TEXT) -> list[tuple[str, str, list[str]]]:
    violations = check(text, Rule(rule)).violations
    return [(found.message, found.pointer, [text.encode()[begin:end].decode() for begin, end in found.spans])
            for found in violations]


def raising(error: Exception):
    def rule(value) -> None:
        raise error

    return rule


class Located(Exception):
    def __init__(self, loc):
        self.loc = loc
        super().__init__("no")


@pytest.mark.parametrize("error, pointer, parties", [
    (ValueError("no"), "", ['"ü"', "10", "20", "31"]),
    (Broken("no"), "", ['"ü"', "10", "20", "31"]),
    (Broken("no", "total"), "/total", ["31"]),
    (Broken("no", "é"), "/é", ['"ü"']),
    (Broken("no", "lines"), "/lines", ["10", "20"]),
    (Broken("no", "lines", 1, "n"), "/lines/1/n", ["20"]),
    (Broken("no", "lines", 7), "/lines", ["10", "20"]),
    (Located(["lines", 0]), "/lines/0", ["10"]),
    (Located("total"), "/total", ["31"]),
    (Located(None), "", ['"ü"', "10", "20", "31"]),
    (Located([object()]), "", ['"ü"', "10", "20", "31"]),
], ids=repr)
def test_who_is_party_is_what_the_exception_names(error, pointer, parties) -> None:
    assert accused(raising(error)) == [("no", pointer, parties)]


def test_a_validation_error_names_every_value_it_is_about() -> None:
    text = '{"a": "é", "b": "x"}'
    assert [found[1:] for found in accused(Stay.model_validate, text)] == [("/a", ['"é"']), ("/b", ['"x"'])]


class Unhashable:
    __hash__ = None

    def __call__(self, value) -> None:
        pass


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this")


class Broody(Exception):
    def errors(self):
        return [{"nothing": "useful"}]


@pytest.mark.parametrize("rule, message", [
    (lambda value: {}["missing"], "'missing'"),
    (lambda value: value["a"], "list indices must be integers"),
    (lambda value: 1 / 0, "division by zero"),
    (raising(KeyError()), "KeyError"),
    (raising(Mute()), "Mute"),
    (raising(Broody()), "Broody"),
    (lambda value, more: None, "missing 1 required positional argument"),
    (lambda value: False, "the rule does not hold"),
    (lambda value: "", "the rule does not hold"),
])
def test_nothing_a_rule_does_ends_the_run(rule, message) -> None:
    violation, = check("[1]", Rule(rule, "mine")).violations
    assert violation.rule == "mine" and message in violation.message and violation.spans == ((1, 2),)


def test_endless_recursion_is_an_objection() -> None:
    def endless(value):
        return endless(value)

    assert "recursion" in check("[1]", Rule(endless)).violations[0].message


def test_an_interrupt_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt):
        check("1", Rule(raising(KeyboardInterrupt())))


def test_a_rule_is_named_by_its_function_or_by_its_name() -> None:
    refused = '{"a":2,"b":1}'
    assert check(refused, Rule(ordered)).violations[0].rule == "ordered"
    assert check(refused, Rule(ordered, "order")).violations[0].rule == "order"


def test_rules_are_values() -> None:
    assert Rule(ordered) == Rule(ordered) != Rule(predicate)
    assert hash(JsonSchema(PAIR) & Rule(ordered)) == hash(JsonSchema(PAIR) & Rule(ordered))


@pytest.mark.parametrize("made, says", [
    (lambda: Rule("a < b"), "a rule is a function of the value, not 'a < b'"),
    (lambda: Rule(Unhashable()), "must be told from others: unhashable"),
    (lambda: Rule(ordered, kind=[]), "must be told from others: unhashable"),
])
def test_what_is_no_rule_is_an_error(made, says) -> None:
    with pytest.raises(ConstraintError, match=says):
        made()


# --- generation -----------------------------------------------------------------------------------------------------

SEEDS = range(6)


@pytest.mark.parametrize("make", [random_models.uniform, random_models.absorbing])
@pytest.mark.parametrize("rule", [ordered, ordered_at_b])
def test_renoising_satisfies_a_rule_in_most_seeds(make, rule) -> None:
    model = make(canvas=24)
    results = [generate("Write it.", JsonSchema(PAIR) & Rule(rule), model=model, seed=seed, max_tokens=24, steps=16)
               for seed in SEEDS]
    assert sum(result.valid for result in results) >= 4
    for result in results:
        value = json.loads(result.text)
        assert (value["a"] < value["b"]) == result.valid and result.status in (Status.VALID, Status.UNRESOLVED)


def test_a_rule_of_a_kind_yields_an_instance() -> None:
    class Small(BaseModel):
        low: int
        high: int

    schema = {**PAIR, "properties": {"low": DIGIT, "high": DIGIT}, "required": ["low", "high"]}

    def odd_sum(value: Small) -> None:
        if (value.low + value.high) % 2 == 0:
            raise ValueError("even")

    model = random_models.uniform(canvas=24)
    wanted = JsonSchema(schema) & Rule(odd_sum, kind=Small)
    results = [generate("Write it.", wanted, model=model, seed=seed, max_tokens=24, steps=12) for seed in SEEDS]
    assert sum(result.valid for result in results) >= 4
    assert all(isinstance(r.value, Small) and (r.value.low + r.value.high) % 2 for r in results if r.valid)


def test_a_rule_that_nothing_satisfies_ends_unresolved_with_its_message() -> None:
    wanted = JsonSchema(PAIR) & Rule(raising(Broken("never", "a")))
    result = generate("Write it.", wanted, model=random_models.uniform(canvas=24), max_tokens=24, steps=4)
    assert result.status is Status.UNRESOLVED and result.value is None
    assert [(found.message, found.pointer) for found in result.violations] == [("never", "/a")]


# --- the examples ---------------------------------------------------------------------------------------------------

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["booking", "receipt", "account"])
def test_an_example_runs_and_says_whether_its_rule_holds(name, capsys) -> None:
    code = example(name).main(steps=4, max_tokens=64)
    assert (code, capsys.readouterr().out.split(".")[0].split(":")[0]) in [
        (0, "The rule holds"), (3, "The rule does not hold")]


@pytest.mark.parametrize("name", ["booking", "receipt", "account"])
def test_an_example_admits_a_broken_rule_with_exit_code_3(name, capsys, monkeypatch) -> None:
    module = example(name)
    monkeypatch.setattr(module.structdiff, "generate", lambda *_, **__: Result(Status.UNRESOLVED, "{}", ()))
    assert module.main() == 3 and "The rule does not hold. UNRESOLVED" in capsys.readouterr().out


@pytest.mark.parametrize("number, right", [("4539578763621486", True), ("79927398713", True), ("79927398710", False)])
def test_the_examples_check_digit_is_luhns(number, right) -> None:
    assert (example("account").luhn(number) == 0) == right


def test_the_examples_rules_refuse() -> None:
    booking, account, receipt = example("booking"), example("account"), example("receipt")
    with pytest.raises(ValidationError, match="must come after"):
        booking.Booking(hotel="x", start="2025-05-15", end="2025-05-12")
    with pytest.raises(ValidationError, match="off by"):
        account.Account(holder="x", number="4539578763621487")
    with pytest.raises(ValueError, match="add up to 3, not to 4"):
        receipt.adds_up(receipt.Receipt(seller="x", lines=[1, 2], total=4))
