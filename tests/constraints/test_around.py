"""Constraints on a part of the text: where it begins and ends, what it stands for, and where its violations are."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from structdiff import JsonSchema, Regex, Status, check, generate
from structdiff.constraint import compile
from structdiff.constraints.around import After, Fenced, until
from structdiff.constraints.rules import Broken, Rule
from structdiff.errors import ConstraintError
from structdiff.machine import accepts
from structdiff.testing import BYTES, check_constraint
from tasks import random_models

DIGIT = {"type": "integer", "minimum": 0, "maximum": 9}
PAIR = JsonSchema({"type": "object", "properties": {"a": DIGIT, "b": DIGIT}, "required": ["a", "b"],
                   "additionalProperties": False})


def ordered(value) -> None:
    if value["a"] >= value["b"]:
        raise Broken("a is not less than b", "b")


# --- the marker -----------------------------------------------------------------------------------------------------

pieces = st.text("abé", min_size=1, max_size=5)


@given(pieces, st.text("abé", max_size=12))
def test_the_marker_machine_ends_at_the_first_occurrence(marker, text) -> None:
    right = text.find(marker) == len(text) - len(marker) and marker in text
    assert accepts(until(marker), text.encode()) == right


@given(st.text("ab", min_size=1, max_size=6), st.text("ab", max_size=16))
def test_markers_that_overlap_themselves_are_found(marker, text) -> None:
    assert accepts(until(marker), text.encode()) == (text.find(marker) == len(text) - len(marker) and marker in text)


@given(pieces, st.text("abé", max_size=9))
def test_after_a_marker_means_what_a_split_at_it_means(marker, text) -> None:
    _, found, rest = text.partition(marker)
    assert check(text, After(marker, Regex("(ab)*é?"))).valid == bool(found and re.fullmatch("(ab)*é?", rest))


@pytest.mark.parametrize("data", [b"\xff=", b"\xc3=", b"\xed\xa0\x80="])
def test_what_stands_before_a_marker_is_utf8(data) -> None:
    assert not accepts(until("="), data) and accepts(until("="), "é=".encode())


# --- accept and refuse ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("constraint, yes, no", [
    (After("=", Regex("1+")), ["=1", "héllo=11", "\n\n=1"], ["1", "x=", "x==1", "=1 ", ""]),
    (After("aab", Regex("b?")), ["aab", "aaab", "aabb"], ["aa", "aabaab"]),
    (Fenced(Regex("[a-z]*"), ""), ["```\nabc\n```", "```\n\n```"],
     ["```\n```", "abc", "```\nabc```", "```x\nabc\n```"]),
    (Fenced(Regex("(?s:.)*"), "text"), ["```text\na\n``\nb ```\n```"],
     ["```text\na\n```\nb\n```", "```text\n```\n```"]),
    (Fenced(PAIR), ['```json\n{"a": 1, "b": 2}\n```'], ['```json\n{"a": 1}\n```', '{"a": 1, "b": 2}']),
    (After("Answer: ", Fenced(PAIR & Rule(ordered))),
     ['I think. Answer: ```json\n{"a":1,"b":2}\n```', 'Answer: ```json\n{"a":1,"b":2}\n```'],
     ['Answer: ```json\n{"a":2,"b":1}\n```', '{"a":1,"b":2}', 'Answer: {"a":1,"b":2}']),
    (Fenced(After(">", PAIR), "txt"), ['```txt\nso>{"a":1,"b":2}\n```'], ['```txt\n{"a":1,"b":2}\n```']),
], ids=str)
def test_what_is_accepted_and_what_is_refused(constraint, yes, no) -> None:
    check_constraint(constraint, yes, no)


def test_the_value_is_the_inner_value() -> None:
    assert check("so=1", After("=", Regex("1"))).value == "1"
    assert check('```json\n{"a":1,"b":2}\n```', Fenced(PAIR)).value == {"a": 1, "b": 2}
    assert check('é Answer: ```json\n{"a":1,"b":2}\n```', After("Answer: ", Fenced(PAIR))).value == {"a": 1, "b": 2}


@pytest.mark.parametrize("constraint, before, after", [
    (After("Answer: ", PAIR & Rule(ordered)), "héé: Answer: ", ""),
    (Fenced(PAIR & Rule(ordered)), "```json\n", "\n```"),
    (After("Answer: ", Fenced(PAIR & Rule(ordered))), "ü Answer: ```json\n", "\n```"),
])
def test_violations_stand_where_they_are_in_the_whole_text(constraint, before, after) -> None:
    def spots(text: str) -> list[tuple[str, str, bytes]]:
        whole = before + text + after
        violations = check(whole, constraint).violations
        return [(found.by, found.pointer, whole.encode()[slice(*found.spans[0])]) for found in violations]

    assert spots('{"a":7,"b":3}') == [("checker", "/b", b"3")]
    assert ("automaton", "/b", b"42") in spots('{"a":7,"b":42}') and ("checker", "/b", b"42") in spots('{"a":7,"b":42}')


def test_a_violation_that_names_no_part_accuses_the_inner_part() -> None:
    whole = "é Answer: nonsense"
    found = next(found for found in check(whole, After("Answer: ", PAIR)).violations if found.by == "checker")
    assert whole.encode()[slice(*found.spans[0])] == b"nonsense"


def test_a_text_without_the_marker_is_refused_once_and_says_so() -> None:
    found, = check("no answer", After("Answer: ", PAIR)).violations
    assert found.by == "automaton" and "cannot end after" in found.message


@pytest.mark.parametrize("text", [
    'x Answer: {\r\n\t"\\u0061" : 1.0,\n     "b": 2e0 }', 'Answer: {"a":0.1e1,   "b":2.00}'])
def test_another_spelling_of_the_same_value_is_judged_alike(text) -> None:
    assert check(text.partition("Answer: ")[2], PAIR) == check(text, After("Answer: ", PAIR))
    assert check(text, After("Answer: ", PAIR)).value == {"a": 1, "b": 2}


def test_hint_and_key_are_those_of_what_is_inside() -> None:
    constraint = After("Answer: ", Fenced(PAIR))
    assert constraint.hint() == PAIR.hint()
    assert constraint.key("p") == After("Answer: ", Fenced(PAIR)).key("q") != After("So: ", Fenced(PAIR)).key("p")
    grounded = After("=", JsonSchema({"type": "string"}, grounded=True))
    assert grounded.key("p") != grounded.key("q")
    assert check('="fjord"', grounded, "Hotel fjord").valid and not check('="fjord"', grounded, "Hotel").valid


@pytest.mark.parametrize("made, says", [
    (lambda: After("", PAIR), "a marker is a text of at least one character, not ''"),
    (lambda: After(b"x", PAIR), "a marker is a text"),
    (lambda: After("\ud800", PAIR), "the marker is not Unicode text: surrogates not allowed at 0"),
    (lambda: After("x", {"type": "object"}), "a constraint value such as JsonSchema"),
    (lambda: Fenced(dict), "a constraint value such as JsonSchema"),
    (lambda: Fenced(PAIR, "js`on"), "one word without backticks"),
    (lambda: Fenced(PAIR, "json\n"), "one word without backticks"),
])
def test_what_cannot_be_put_around_is_an_error(made, says) -> None:
    with pytest.raises(ConstraintError, match=says):
        made()


def test_the_shortest_text_counts_what_is_around() -> None:
    assert compile(After("Answer: ", Fenced(Regex("ab"))), BYTES).shortest == len("Answer: ```json\nab\n```")


# --- generation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [random_models.uniform, random_models.absorbing])
def test_what_is_generated_is_free_text_and_then_the_answer(make) -> None:
    model, constraint = make(canvas=48), After("Answer: ", Fenced(PAIR & Rule(ordered)))
    results = [generate("Think.", constraint, model=model, seed=seed, max_tokens=96, steps=12) for seed in range(5)]
    assert sum(result.valid for result in results) >= 3
    for result in results:
        block = re.fullmatch(r"```json\n(.*)\n```", result.text.partition("Answer: ")[2], re.S)
        value = json.loads(block[1])
        assert set(value) == {"a", "b"} and (value["a"] < value["b"]) == result.valid
        assert result.value == (value if result.valid else None)
        assert result.status in (Status.VALID, Status.UNRESOLVED)
