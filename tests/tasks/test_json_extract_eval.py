"""How the evaluation of the embedded model counts."""

from __future__ import annotations

import json

import pytest

from tasks.json_extract import evaluate


def test_every_method_answers_the_same_documents_and_what_is_constrained_is_valid(capsys) -> None:
    evaluate.main(["--split", "dev", "--documents", "2", "--seed", "4", "--json"])
    scores = {one["method"]: one for one in json.loads(capsys.readouterr().out)}
    assert tuple(scores) == evaluate.METHODS and len({one["fields"] for one in scores.values()}) == 1
    assert all(scores[method]["valid"] == 1.0 for method in ("grounded", "unreviewed", "ungrounded"))
    assert all(0 <= one["exact"] <= 1 and one["forwards"] >= 1 for one in scores.values())


def test_the_table_has_a_line_for_each_method(capsys) -> None:
    evaluate.main(["--split", "dev", "--documents", "1", "--methods", "grounded", "unreviewed"])
    shown = capsys.readouterr().out
    assert "1 dev documents" in shown and "| grounded |" in shown and "| unreviewed |" in shown


@pytest.mark.parametrize(("left", "right", "wanted"), [
    (12, 12.0, True), (1, True, False), (True, True, True), ("12", 12, False), (None, None, True), (None, "", False),
    ([1, 2], [1.0, 2], True), ([1, 2], [2, 1], False), ({"a": 1}, {"a": 1.0}, True), ({"a": 1}, {"a": 1, "b": 2}, False)])
def test_a_value_is_right_when_it_is_the_same_json(left, right, wanted) -> None:
    assert evaluate.equal(left, right) is wanted


def test_a_text_that_does_not_parse_has_no_field_right() -> None:
    assert not evaluate.same(evaluate.value_of('{"a": 1'), "a", 1) and not evaluate.same([1], "a", 1)
    assert evaluate.same(evaluate.value_of('{"a": 1}'), "a", 1) and not evaluate.same({}, "a", None)
