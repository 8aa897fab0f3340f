"""Repair under any machine: the result is accepted, the edits say all that changed, and small slips are mended as expected."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from structdiff import Grammar, JsonSchema, Regex
from structdiff.channel import beam
from structdiff.channel.edits import applied
from structdiff.machine import accepts

ARITHMETIC = Grammar("arithmetic")
CASES = [
    (ARITHMETIC, "1 + (2 * 3", "1 + (2 * 3)"),                       # a closer lost at the end
    (ARITHMETIC, "1 + 2 * 3)", "1 + 2 * 3"),
    (Grammar("ini"), "[a\nb=1\n", "[a]\nb=1\n"),                      # within a line
    (Grammar("toml"), 'a = 1\n[b\nc = "x"\n', 'a = 1\n[b]\nc = "x"\n'),
    (Grammar("toml"), 'é = "ü"\n', 'é = "ü"\n'[:0] + '"é" = "ü"\n'),
    (JsonSchema({"enum": ["fast", "slow"]}), '"fasst"', '"fast"'),    # a letter too many
    (JsonSchema({"type": "integer"}), '"12"', "12"),
    (Regex("[0-9]{4}-[0-9]{2}"), "2024.05", "2024-05"),
]


@pytest.mark.parametrize(("constraint", "broken", "expected"), CASES, ids=[broken for _, broken, _ in CASES])
def test_mends_small_slips(constraint, broken, expected):
    found = beam.reading(constraint.plan("").machine, broken)
    assert found is not None
    if "é" not in broken:                                # several ways cost alike
        assert found.text == expected
    assert accepts(constraint.plan("").machine, found.text.encode())


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="0123()+-*/ é", max_size=24))
def test_what_it_returns_is_accepted_and_its_edits_make_it(broken):
    machine = ARITHMETIC.plan("").machine
    found = beam.reading(machine, broken)
    if found is not None:
        assert accepts(machine, found.text.encode())
        assert applied(broken, found.edits) == found.text
        assert all(broken[edit.begin : edit.end] == edit.old for edit in found.edits)
    if accepts(machine, broken.encode()):
        assert found.text == broken and not found.edits
