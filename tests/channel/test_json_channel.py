"""JSON: what becomes of each kind of damage, that nothing else changes, and that what comes back is JSON."""

from __future__ import annotations

import json
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from structdiff.channel import json as channel
from structdiff.channel.edits import applied
from structdiff.channel.json_atoms import lexed
from structdiff.channel.json_levels import levels
from structdiff.channel.json_prior import prior
from structdiff.repairs import repair

REPAIRED = [
    # delimiters that were lost
    ('[1 2 3]', '[1, 2, 3]', "numbers are not one number"),
    ('{"a": "b" "c": 1}', '{"a": "b", "c": 1}', "two strings on a line are two"),
    ('{"a" 1}', '{"a": 1}', "a colon is lost"),
    ('[0.5,-3-2.5]', '[0.5,-3,-2.5]', "a sign begins a number"),
    ('{"name: "value", "k": 2}', '{"name": "value", "k": 2}', "a key holds no colon"),
    ('{"a": "b}', '{"a": "b"}', "a string ends before the bracket"),
    ('[{"a": 1, "b": 2, {"a": 3, "b": 4}]', '[{"a": 1, "b": 2}, {"a": 3, "b": 4}]', "a record gets its bracket back where the next begins"),
    ('[\n {\n  "a": 1\n \n ,{}\n]', '[\n {\n  "a": 1\n }\n ,{}\n]', "blanks that nothing stands on are where a bracket was"),
    # delimiters that are too many, or wrong
    ('{"a": 1,, "b": 2,}', '{"a": 1, "b": 2}', "a comma too many, twice"),
    ('{"a":: 1}', '{"a": 1}', "a colon too many"),
    ('{"a":1}}', '{"a":1}', "a bracket too many"),
    ('{"a": "x"; "b": 1}', '{"a": "x", "b": 1}', "a semicolon for a comma"),
    ('{"a": [1, 2}', '{"a": [1, 2]}', "a bracket between"),
    ('{"a": [1, 2)}', '{"a": [1, 2]}', "a bracket of another kind"),
    ('{"a":"x,""b":1}', '{"a":"x","b":1}', "a comma and a quote have changed places"),
    # quotes
    ('""hello" world"', '"\\"hello\\" world"', "a quoted word begins the string"),
    ('{"a": "he said "hi" to me"}', '{"a": "he said \\"hi\\" to me"}', "quotes within a string"),
    ('{"a": "{"b": 1, "c": "d"}"}', '{"a": "{\\"b\\": 1, \\"c\\": \\"d\\"}"}', "JSON within a string"),
    ('{"a": "x`, "b": 1}', '{"a": "x", "b": 1}', "another quote closes"),
    ("{'it's': 'a', 'b': 1}", '{"it\'s": "a", "b": 1}', "an apostrophe closes nothing"),
    ('{“a”: “b”}', '{"a": "b"}', "typographic quotes"),
    ('{\\"a\\":1}', '{"a":1}', "JSON as it stands in a string"),
    ('{"a": "x" + "y"}', '{"a": "xy"}', "strings that are joined"),
    ('{a: hello world, "b": 1}', '{"a": "hello world", "b": 1}', "no quotes at all"),
    ('{url: https://example.com/a?b=1, n: 2}', '{"url": "https://example.com/a?b=1", "n": 2}', "an address is no comment"),
    ('{"a": #fff, "b": 1}', '{"a": "#fff", "b": 1}', "a colour is no comment"),
    # letters in strings
    ('{"a": "one\n\ttwo"}', '{"a": "one\\n\\ttwo"}', "line breaks and tabs are escaped"),
    ('{"a": "C:\\dir"}', '{"a": "C:\\\\dir"}', "a backslash that escapes nothing is doubled"),
    # values of other languages
    ('[TRUE, None, undefined, NaN]', '[true, null, null, null]', "literals of Python and JavaScript"),
    ('[007, .5, +1, 1., 0x1F]', '[7, 0.5, 1, 1, 31]', "numbers of other languages"),
    ('[2012-10-11]', '["2012-10-11"]', "a date is no number"),
    ('{"a": , "b": 1}', '{"a": null, "b": 1}', "a value is missing"),
    ('(1, 2, "x")', '[1, 2, "x"]', "a tuple"),
    ('{"d": ISODate("2012-12-19"), "n": NumberLong(2)}', '{"d": "2012-12-19", "n": 2}', "types of MongoDB"),
    ('[1, 2, ...]', '[1, 2]', "an ellipsis"),
    ('{"a":\u00a01}', '{"a": 1}', "a blank that JSON has not"),
    # what stands about the document, or between
    ('```json\n{"a": 1}\n```\nDone.', '{"a": 1}', "a fence"),
    ('Here it is: {"a": 1}', '{"a": 1}', "prose"),
    ('callback({"a": 1});', '{"a": 1}', "a call"),
    ('{"a":1}\n{"a":2}', '[{"a":1},\n{"a":2}]', "several documents are one array"),
    ('{\n  "a": 1, // note\n  # alone\n  "b": 2\n}', '{\n  "a": 1,\n  "b": 2\n}', "a comment goes with its blanks, and with its line"),
    ('{"p": "/x/*/y", "q": 1} /* note */', '{"p": "/x/*/y", "q": 1}', "what a string holds begins no comment"),
    # the end is missing
    ('{"a": tru', '{"a": true}', "a literal"),
    ('{"a":', '{"a":null}', "a value"),
    ('[[1,2', '[[1,2]]', "brackets"),
    ('{\n "a": [\n  1,\n  "b', '{\n "a": [\n  1,\n  "b"\n ]\n}\n', "brackets, as the document writes them"),
]


@pytest.mark.parametrize("broken, whole, why", REPAIRED, ids=[why for _, _, why in REPAIRED])
def test_damage_is_undone(broken, whole, why):
    assert repair(broken).text == whole, why


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from([None, 1, 4, "\t"]), st.booleans())
def test_json_comes_back_byte_for_byte(value, indent, ascii):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    assert repair(text).text == text


@settings(max_examples=60, deadline=None)
@given(VALUES, st.sampled_from([None, 2]))
def test_the_atoms_are_the_text_and_are_read_for_nothing(value, indent):
    text = json.dumps(value, indent=indent)
    atoms = channel.atoms(text)
    assert "".join(atoms.piece(i) for i in range(len(atoms.begins) - 1)) == text


@settings(max_examples=150, deadline=None)
@given(VALUES, st.sampled_from([None, 2]), st.data())
def test_whatever_is_damaged_comes_back_as_json_and_only_the_edits_differ(value, indent, data):
    text = json.dumps(value, indent=indent)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(["", *"{}[]:,\"'\\\n (;/#-"])) + text[at + data.draw(st.integers(0, 1)):]
    made = repair(text)
    json.loads(made.text)
    assert applied(text, made.edits) == made.text
    assert all(text[edit.begin : edit.end] == edit.old for edit in made.edits)
    assert all(one.end <= two.begin for one, two in zip(made.edits, made.edits[1:]))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="{}[]:,\"'`\\/*#+-. \n\ta1e(;…\u00a0", max_size=24))
def test_any_text_becomes_json(text):
    json.loads(repair(text).text)


@pytest.mark.parametrize("unit", ['"', "[", '"{[,:', "/*", "#", "\n", "1e1.", "a(", '"+ ', "'", "\\", "<!--", "// "])
def test_the_atoms_of_a_hostile_text_are_found_in_linear_time(unit):
    channel.atoms(unit)
    started = time.process_time()
    channel.atoms(unit * (100_000 // len(unit)))
    assert time.process_time() - started < 3


def test_indentation_shows_the_depth_of_a_line_also_where_two_brackets_open_at_once():
    row = lexed('{\n  "a" : [ {\n    "b" : 1\n  }, {\n    "b" : [ {\n      "c" : 2\n    } ]\n  } ]\n}')
    assert levels(row)[levels(row) >= 0].tolist() == [1, 3, 3, 3, 5, 5, 3, 1]


def test_indentation_that_does_not_follow_brackets_shows_nothing():
    assert (levels(lexed('{\n"a": [\n1,\n    2\n],\n  "b": {\n}\n}')) == -1).all()


@pytest.mark.parametrize("plain, odd", [
    ('{"a": 1, "b": 2}', '{"a": 1, "a": 2}'),
    ('[{"a": 1}, {"a": 2}, {"a": 3}]', '[{"a": 1}, {"a": 2}, {"b": 3}]'),
    ('[[1, 2], [3, 4], [5, 6]]', '[[1, 2], [3, 4], [5]]'),
    ('["a", "b"]', '["a\\", \\"b"]'),
    ('{"a": "b"}', '{"a, b": "b"}'),
])
def test_odd_documents_cost_more(plain, odd):
    assert prior(plain) == 0 < prior(odd) < math.inf
