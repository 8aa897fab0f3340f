"""JSON text read strictly, against Python's json and JSON pointers against RFC 6901."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from structdiff.json_text import escape, locate, resolve

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10**20, 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4), max_leaves=12)


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans())
@settings(max_examples=300)
def test_the_value_is_what_json_reads_and_every_span_holds_its_part(value, indent, ascii):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    located = locate(f" \n{text}\t")
    assert located.value == json.loads(text)
    spelled = f" \n{text}\t".encode()
    for pointer, (start, end) in located.spans.items():
        assert json.loads(spelled[start:end]) == resolve(located.value, pointer), pointer
    assert len(located.spans) == parts(value)


def parts(value) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(parts, inner))


@pytest.mark.parametrize("text", [
    "", " ", "[1,]", "[,1]", '{"a":1,}', "[1", '{"a"', '{"a":', "{1:2}", "[1 2]", "1 2", "01", "+1", "1.", ".5", "nul", "NaN",
    "Infinity", "-Infinity", "[NaN]", '"\n"', '"\\x"', "'a'", "\ufeff1", "\u00a01", '{"a":1 "b":2}', "]", "}", '"', "[}", "{]",
])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError):
        locate(text)


@pytest.mark.parametrize("text", ['{"a":1,"a":2}', '{"a":1,"\\u0061":1}', '[{"x":{"k":0,"k":0}}]'])
def test_a_key_that_stands_twice_is_refused_and_named(text):
    with pytest.raises(ValueError, match="stands twice"):
        locate(text)


@pytest.mark.parametrize("path, pointer, text", [
    (["a", 1, "b/c~d"], "/a/1/b~1c~0d", "7"),
    (["a", 0], "/a/0", '"é"'),
    (["a", 5, "x"], "/a", '["é", {"b/c~d": 7}]'),
    (["missing"], "", '{"a": ["é", {"b/c~d": 7}]}'),
    ([], "", '{"a": ["é", {"b/c~d": 7}]}'),
])
def test_a_path_leads_to_the_deepest_value_the_text_has(path, pointer, text):
    document = '{"a": ["é", {"b/c~d": 7}]}'
    found, (start, end) = locate(document).span(path)
    assert (found, document.encode()[start:end].decode()) == (pointer, text)


DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8,
            "x": {"": {"y": 9}}}


@pytest.mark.parametrize("pointer, value", [
    ("", DOCUMENT), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3), ("/g|h", 4),
    ("/i\\j", 5), ('/k"l', 6), ("/ ", 7), ("/m~0n", 8), ("#/foo/1", "baz"), ("#", DOCUMENT), ("/x//y", 9),
    ("#/c%25d", 2), ("#/e%5Ef", 3), ("#/k%22l", 6), ("#/%20", 7),
])
def test_pointers_resolve_as_rfc_6901_says(pointer, value):
    assert resolve(DOCUMENT, pointer) == value


@pytest.mark.parametrize("pointer", ["/nope", "/foo/2", "/foo/-1", "/foo/01", "/foo/+0", "/foo/x", "/foo/0/x", "/x/y"])
def test_a_pointer_to_nothing_is_a_key_error(pointer):
    with pytest.raises(KeyError):
        resolve(DOCUMENT, pointer)


@given(st.text(max_size=10))
def test_an_escaped_key_resolves_to_its_value(key):
    assert resolve({key: 1}, "/" + escape(key)) == 1
