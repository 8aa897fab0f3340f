"""The machines of formats against the official suite's optional format tests, and against the libraries that check them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from structdiff import JsonSchema, check
from structdiff.constraints.json_schema import formats
from structdiff.machine import accepts

SUITE = Path(__file__).parents[3] / "shared/data/json-schema-test-suite/tests/draft2020-12/optional/format"
ASSERTED = Draft202012Validator.FORMAT_CHECKER
# What the suite calls valid and the checkers' libraries do not: leap seconds, private-use characters in a query.
REFUSED_BY_LIBRARIES = ("leap second", "private-use")


def accepted(name: str, text: str) -> bool:
    return accepts(formats.machine(name), text.encode("utf-8", "surrogatepass"))


@pytest.mark.skipif(not SUITE.exists(), reason="the JSON-Schema-Test-Suite is not beside the checkout")
@pytest.mark.parametrize("name", sorted(formats.KNOWN))
def test_a_format_takes_what_the_official_suite_calls_valid_and_an_exact_one_no_more(name):
    for group in json.loads((SUITE / f"{'ecmascript-regex' if name == 'regex' else name}.json").read_text()):
        for case in group["tests"]:
            if not isinstance(case["data"], str) or any(words in case["description"] for words in REFUSED_BY_LIBRARIES):
                continue
            if case["valid"]:
                assert accepted(name, case["data"]), case
            elif name in formats.PATTERNS and name != "hostname":       # of A-labels only the form is known
                assert not accepted(name, case["data"]), case


SAMPLES = {
    "ipv6": ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "fe80::1:2", "::ffff:1.2.3.4",
             "1:2:3:4:5:6:1.2.3.4", "1::3:4:5:6:7:8"],
    "duration": ["P1D", "PT1H2M3S", "P1Y2M3DT4H", "P3W", "PT0.5S"],
    "json-pointer": ["", "/", "/a~0b~1c/0", "/ü"],
    "relative-json-pointer": ["0", "1/a", "12#"],
    "uri": ["http://user:pw@[::1]:80/a?b#c", "urn:isbn:1", "mailto:a@b.example", "http:///x", "a:"],
    "uri-reference": ["", "#a", "//h", "../x?y", "a:b"],
    "iri": ["http://ƒøø.ßår/?∂éœ=πîx#πîüx"],
    "uri-template": ["http://a.example/{x}{?q,r*}{#frag:3}"],
    "idn-hostname": ["실례.테스트"], "idn-email": ["실례@실례.테스트"],
    "regex": ["^a(b|[^c]]*)+?$", r"\d{3}-(?:x|y)", "", "a{2,3}|"],
    "email": ["a.b@c.example", '"a b"@c.example', "a@[127.0.0.1]"],
}


@pytest.mark.parametrize("name, text", [(name, text) for name, texts in SAMPLES.items() for text in texts])
def test_a_well_formed_text_is_taken_by_the_machine_and_by_the_library(name, text):
    assert accepted(name, text)
    assert check(json.dumps(text), JsonSchema({"type": "string", "format": name})).valid


@given(st.sampled_from(["ipv4", "ipv6", "json-pointer", "relative-json-pointer"]), st.data())
@settings(max_examples=400)
def test_a_few_characters_changed_are_judged_as_the_library_judges(name, data):
    text = list(data.draw(st.sampled_from([*SAMPLES.get(name, []), "1.22.0.255"])))
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 1))] = data.draw(st.sampled_from(["", "0", ":", "1", "~", "/", "f", ".", "#"]))
    text = "".join(text)
    assert accepted(name, text) == ASSERTED.conforms(text, name), text


@pytest.mark.parametrize("year", [0, 1, 4, 100, 400, 1900, 2000, 2023, 2024, 9999])
@pytest.mark.parametrize("day", ["02-28", "02-29", "02-30", "04-31", "12-31", "13-01", "00-10"])
def test_a_date_is_one_of_the_calendar(year, day):
    text = f"{year:04}-{day}"
    assert accepted("date", text) == ASSERTED.conforms(text, "date")


@pytest.mark.parametrize("text", ["(", "[a", "a**", "*", "a)", "(?:", "\\"])
def test_an_expression_that_is_not_closed_or_repeats_nothing_is_refused(text):
    assert not accepted("regex", text)


def test_a_format_of_which_only_the_outline_is_known_is_called_a_checkers():
    exact, outlined = (JsonSchema({"type": "string", "format": name}).report() for name in ("ipv6", "duration"))
    assert "/format: format" in exact.automaton
    assert any(line.startswith("/format: ") for line in outlined.checkers)
