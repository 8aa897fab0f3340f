"""Repair, as a user calls it: what comes back, what is refused, and that nothing outside the edits changes."""

from __future__ import annotations

import json

import pydantic
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import structdiff
from structdiff import ConstraintError, InvalidResult, Outcome, Within, loads, repair
from structdiff.channel.edits import applied
from structdiff.targets import composed

VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
                      lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4), max_leaves=12)
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "kind": {"enum": ["fast", "slow"]},
                   "ok": {"type": "boolean", "default": True}, "next": {"$ref": "#"}},
    "required": ["name"], "additionalProperties": False,
}


class Person(pydantic.BaseModel):
    name: str
    age: int
    size: float | None = None


def edits_are_all(text, found):
    assert applied(text, found.edits) == found.text
    assert all(text[edit.begin : edit.end] == edit.old for edit in found.edits)
    assert list(found.edits) == sorted(found.edits, key=lambda edit: edit.begin)


@settings(deadline=None, max_examples=150)
@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_valid_json_comes_back_byte_for_byte(value, indent, ascii):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    found = repair(text)
    if found.outcome is Outcome.REFUSED:
        assert "surrogate" in found.reason
    else:
        assert found.outcome is Outcome.UNCHANGED and found.text == text and not found.edits


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet='{}[]:,"\' \n\\atrue01', max_size=40))
@example("[1 2 3]")
@example('{"a": ""hello" world"}')
def test_whatever_comes_back_is_json(broken):
    found = repair(broken)
    if found.text is not None:
        json.loads(found.text)
        edits_are_all(broken, found)
        assert 0 <= found.confidence <= 1
        for other in found.alternatives:
            json.loads(other.text)
    else:
        assert found.outcome is Outcome.REFUSED and found.reason


@pytest.mark.parametrize(("format", "broken", "expected"), [
    ("json", '{"a": 1, "b": [1, 2', '{"a": 1, "b": [1, 2]}'),
    ("json", "{'a': None, 'b': True,}", '{"a": null, "b": true}'),
    ("json", "[1 2 3]", "[1, 2, 3]"),
    ("json", '{"a": ""hello" world"}', '{"a": "\\"hello\\" world"}'),
    ("json", '[{"a": 1, "b": 2, {"a": 3, "b": 4}]', '[{"a": 1, "b": 2}, {"a": 3, "b": 4}]'),
    ("jsonl", '{"a": 1}\n{"a": 2\n', '{"a": 1}\n{"a": 2}\n'),
    ("xml", "<a><b>x</b><c>y</a>", "<a><b>x</b><c>y</c></a>"),
    ("svg", '<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M0 0"/></svg>',
     '<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M0 0"/></g></svg>'),
    ("html", "<!DOCTYPE html><title>t</title><ul><li>a<li>b</ul><p><b>x</p>", None),
    ("toml", 'a = "x\nb = [1, 2]\n', 'a = "x"\nb = [1, 2]\n'),
    ("arithmetic", "1 + (2 * 3", "1 + (2 * 3)"),
], ids=str)
def test_formats(format, broken, expected):
    found = repair(broken, format)
    assert found.outcome is Outcome.REPAIRED
    edits_are_all(broken, found)
    assert repair(found.text, format).outcome is Outcome.UNCHANGED
    if expected is not None:
        assert found.text == expected


@pytest.mark.parametrize(("wanted", "broken", "expected"), [
    (SCHEMA, "{nmae: 'Bob', age: \"3\",}", {"name": "Bob", "age": 3}),                     # a mistyped key, a number in quotes
    (SCHEMA, '{"name": "Bob", "kind": "Fasst"', {"name": "Bob", "kind": "fast"}),          # an enum one letter off, and a lost brace
    (SCHEMA, '{"name": "a", "next": {"NAME": "b", "ok": "yes"}}', {"name": "a", "next": {"name": "b", "ok": True}}),
    ({**SCHEMA, "required": ["ok"]}, "{}", {"ok": True}),                                  # a member that the schema tells itself
    (Person, '{"nam": "é", "age": "4", "size": "1,200.5"}', {"name": "é", "age": 4, "size": 1200.5}),
], ids=str)
def test_a_schema_takes_part(wanted, broken, expected):
    found = repair(broken, wanted)
    assert json.loads(found.text) == expected
    edits_are_all(broken, found)


def test_a_value_that_only_the_writer_knows_is_not_invented():
    found = repair('{"age": 3}', SCHEMA)
    assert found.outcome is Outcome.REFUSED and "'name' is a required property" in found.reason


def test_limits_are_kept():
    broken = '{"a": 1, "b": [1, 2}'
    assert repair(broken, within=Within(max_edits=0)).outcome is Outcome.REFUSED
    assert repair(broken, within=Within(max_edits=1)).text == '{"a": 1, "b": [1, 2]}'
    assert "within the limits" in repair("Hello there, here it is: {}", within=Within(min_keep=0.9)).reason
    found = repair('{"a": 1 "b": 2}', within=Within(protected=((0, 8),)))
    assert found.text is None or all(edit.begin >= 8 or edit.begin == 0 == edit.end for edit in found.edits)
    with pytest.raises(ConstraintError, match="min_keep is a share"):
        Within(min_keep=2)
    with pytest.raises(ConstraintError, match="max_edits must not be negative"):
        Within(max_edits=-1)


def test_what_is_no_format_is_named():
    with pytest.raises(ConstraintError, match="no format is called 'jsn'; there are json, jsonl, xml"):
        repair("{}", "jsn")
    with pytest.raises(ConstraintError, match="say what to repair the text into"):
        repair("{}", None)


def test_unwrap_raises_what_was_refused():
    found = repair("\ud800")
    assert found.outcome is Outcome.REFUSED and "half of a surrogate pair" in found.reason
    with pytest.raises(InvalidResult, match="not repaired: character 0"):
        found.unwrap()


def test_loads():
    assert loads("{a: 1, b: [True, None") == {"a": 1, "b": [True, None]}
    assert loads('{"a": 1, "b": [1, 2', partial=True) == {"a": 1, "b": [1]}              # 2 may go on
    assert loads('{"a": "x", "b": "hel', partial=True) == {"a": "x"}
    assert loads('[1, {"a": tr', partial=True) == [1, {}]
    assert loads("", partial=True) is None


@settings(deadline=None, max_examples=100)
@given(VALUES, st.data())
def test_what_is_certain_of_a_cut_text_stays(value, data):
    text = json.dumps(value)
    cut = data.draw(st.integers(0, len(text)))
    early, late = loads(text[:cut], partial=True), json.loads(text)
    assert early is None or begins(early, late)


def begins(early, late):
    """Whether the later value is the earlier one with more in it."""
    if isinstance(early, dict) and isinstance(late, dict):
        return all(key in late and begins(value, late[key]) for key, value in early.items())
    if isinstance(early, list) and isinstance(late, list):
        return len(early) <= len(late) and all(map(begins, early, late))
    return early == late


@settings(deadline=None, max_examples=1000)
@given(st.text(alphabet="ab{}", max_size=12), st.data())
def test_edits_made_one_after_the_other_are_edits_of_the_first_text(text, data):
    first = drawn_edits(text, data)
    middle = applied(text, first)
    second = drawn_edits(middle, data)
    both = composed(text, first, second)
    assert applied(text, both) == applied(middle, second)


def drawn_edits(text, data):
    at, edits = 0, []
    while at <= len(text) and data.draw(st.booleans()):
        begin = data.draw(st.integers(at, len(text)))
        end = data.draw(st.integers(begin, min(len(text), begin + 2)))
        new = data.draw(st.sampled_from(["", "x", "yz"]))
        edits.append(structdiff.Edit(begin, end, text[begin:end], new, "replace", 1.0))
        at = end + 1
    return edits


@pytest.mark.parametrize("text", ["[" * 30_000, '"' * 30_000, "]" * 30_000, "\0" * 9000, "," * 30_000, '[{"' * 9000, "\\" * 30_000, " " * 30_000,
                                  '{"a": 1,\r\n"b": [\r1,\n2' * 300, "\ufeff{}", ""], ids=lambda text: repr(text[:12]))
def test_hostile_json_is_answered(text):
    found = repair(text)
    assert found.text is None and found.reason or structdiff.check(found.text, True).valid or len(text) > 1000


@pytest.mark.parametrize("format", ["xml", "html"])
@pytest.mark.parametrize("text", ["<a>" * 9000, "<" * 9000, "&" * 9000, "<!--" * 9000, "<a>\0</a>" * 500, "<a " + 'b="c" ' * 9000, "</a>" * 9000,
                                  '<!DOCTYPE l [<!ENTITY a "b">' + '<!ENTITY a "&a;&a;&a;">' * 50 + "]><r>&a;", " " * 9000, "\ufeff<a>", ""],
                         ids=lambda text: repr(text[:12]))
def test_hostile_markup_is_answered(format, text):
    found = repair(text, format)
    assert found.text is not None or found.reason
