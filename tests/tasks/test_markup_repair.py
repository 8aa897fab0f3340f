"""The benchmark of repair: its documents are valid, its damages are damages, its judges judge, and its figures are right."""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path

import pytest
from lxml import etree

from tasks.markup_repair import cases, evaluate, peers, several
from tasks.markup_repair.damage import KINDS, Undamageable, damage, lexed_of
from tasks.markup_repair.documents import LEAST, MOST, documents, kinds, real_documents
from tasks.markup_repair.edits import applied
from tasks.markup_repair.judges import FORMATS, nearly_same, parsed, read_html, same, text_content, text_kept, valid
from tasks.markup_repair.peers import Answer
from tasks.markup_repair.trials import calibration_error, score, trial, unchanged
from tasks.markup_repair.trials import cases as drawn_cases

WRITTEN = tuple(name for name in FORMATS if name != "python")


@pytest.mark.parametrize("format", WRITTEN)
def test_documents_are_valid_and_repeat_with_the_seed(format: str) -> None:
    dev, test = (documents(format, split, 8, seed=3, real=0) for split in ("dev", "test"))
    assert all(valid(format, one.text) and LEAST <= len(one.text) <= MOST for one in dev + test)
    assert len({one.text for one in dev + test}) == 16
    assert dev == documents(format, "dev", 8, seed=3, real=0) != documents(format, "dev", 8, seed=4, real=0)


@pytest.mark.parametrize("format", ["json", "xml", "html", "svg", "toml"])
def test_some_kinds_of_documents_are_only_in_one_split(format: str) -> None:
    dev, test = ({kind.__name__ for kind in kinds(format, split)} for split in ("dev", "test"))
    assert dev - test and test - dev


def test_real_documents_fall_to_one_split() -> None:
    dev, test = ({one.text for one in real_documents("toml", split)} for split in ("dev", "test"))
    assert not dev & test
    assert all(valid("toml", text) for text in dev | test)


def words(format: str, text: str) -> set[str]:
    """The longer words of a document's strings or text, by its parser."""
    if format == "json":
        found: list[str] = []
        json.loads(text, object_pairs_hook=lambda pairs: found.extend(key for key, _ in pairs)
                   or found.extend(v for _, v in pairs if isinstance(v, str)))
        content = " ".join(found)
    else:
        content = " ".join(etree.fromstring(text.encode()).itertext())
    return set(re.findall(r"(?<!\\)\b[a-z]{5,}\b", content))


@pytest.mark.parametrize("format", ["json", "xml", "html", "svg", "toml", "csv", "yaml"])
def test_damaged_documents_are_refused_and_keep_their_text(format: str) -> None:
    for number, document in enumerate(documents(format, "dev", 5, seed=8, real=0)):
        for errors in (1, 2, 8):
            damaged = damage(document.text, format, errors, random.Random(number))
            assert not valid(format, damaged.text)
            assert len(damaged.kinds) == errors
            assert set(damaged.kinds) <= {kind.name for kind in KINDS[format]}
            assert damaged == damage(document.text, format, errors, random.Random(number))
            assert text_kept(format, damaged.source, document.text)
            if format in ("json", "xml", "svg") and "truncated" not in damaged.kinds:
                assert damaged.source == document.text
                assert all(word in damaged.text for word in words(format, document.text))


def test_one_damage_is_one_edit_apart() -> None:
    text = '{"a": [1, 2], "b": null}'
    found = {applied(text, edits) for seed in range(400)
             if (edits := _kind("json", "missing comma")(lexed_of(text, "json"), random.Random(seed)))}
    assert found == {'{"a": [1 2], "b": null}', '{"a": [1, 2] "b": null}'}


@pytest.mark.parametrize(("format", "kind", "text", "possible"), [
    ("json", "trailing comma", '{"a": [1, []]}', {'{"a": [1, [],]}', '{"a": [1, []],}'}),
    ("json", "lost quote", '{"a": "b"}', {'{a": "b"}', '{"a: "b"}', '{"a": b"}', '{"a": "b}'}),
    ("json", "closers lost", '{"a": [1, [2]]}\n', {'{"a": [1, [2]]', '{"a": [1, [2]', '{"a": [1, [2'}),
    ("json", "unescaped quote", r'["a \"b\""]', {'["a "b""]', r'["a "b\""]', r'["a \"b""]'}),
    ("xml", "missing end tag", "<a><b>x</b></a>", {"<a><b>x</a>", "<a><b>x</b>"}),
    ("xml", "misnested", "<a><b>x</b>\n</a>", {"<a><b>x</a>\n</b>"}),
    ("xml", "lost <", '<a><b c="d"/></a>', {'a><b c="d"/></a>', '<a>b c="d"/></a>', '<a><b c="d"/>/a>'}),
    ("xml", "lost /", '<a><b c="d"/></a>', {'<a><b c="d"></a>', '<a><b c="d"/><a>'}),
    ("xml", "bare & or <", "<a b='&amp;'>&lt; &gt;</a>", {"<a b='&'>&lt; &gt;</a>", "<a b='&amp;'>< &gt;</a>"}),
    ("html", "lost <", "<title>a <b> c</title>", {"title>a <b> c</title>", "<title>a <b> c/title>"}),
    ("toml", "missing line break", "a = 1\nb = 2\n", {"a = 1 b = 2\n"}),
    ("csv", "single inner quote", 'a\n"b ""c"" d"\n', {'a\n"b "c"" d"\n', 'a\n"b ""c" d"\n'}),
])
def test_a_kind_of_damage_does_what_it_says(format: str, kind: str, text: str, possible: set[str]) -> None:
    drawn = (_kind(format, kind)(lexed_of(text, format), random.Random(seed)) for seed in range(200))
    assert {applied(text, edits) for edits in drawn} == possible


def _kind(format: str, name: str):
    return next(kind.edits for kind in KINDS[format] if kind.name == name)


def test_a_document_without_place_for_the_damages_is_said_so() -> None:
    with pytest.raises(Undamageable, match="no place for 8 damages in a document of 2 characters"):
        damage("17", "json", 8, random.Random(0))


@pytest.mark.parametrize(("format", "left", "right", "equal"), [
    ("json", '{"a": 1, "b": 2}', '{"b": 2,\n"a": 1}', True), ("json", "[1]", "[1.0]", False),
    ("json", "[1]", "[true]", False), ("json", "[0]", "[false]", False),
    ("json", '"\\u00e9"', '"é"', True), ("json", "[1.0]", "[1.00]", True), ("json", "[null]", "[]", False),
    ("json", "NaN", "NaN", False),
    ("xml", "<a b='1' c='2'/>", '<a c="2" b="1"></a>', True), ("xml", "<a> </a>", "<a/>", False),
    ("xml", "<a><![CDATA[<]]></a>", "<a>&lt;</a>", True),
    ("xml", "<a><!--x--></a>", "<a/>", False), ("xml", "<a>&nbsp;</a>", "<a>&nbsp;</a>", False),
    ("xml", "<a/><a/>", "<a/><a/>", False),
    ("html", "<!DOCTYPE html><title>a</title><p>b",
     "<!doctype html>\n<html><head><title>a</title></head><body><p>b</p></body></html>", True),
    ("html", "<!DOCTYPE html><title>a</title><b><i>b</b></i>", "<!DOCTYPE html><title>a</title><b><i>b</b></i>", False),
    ("html", "<!DOCTYPE html><title>a</title><p>b</p>", "<!DOCTYPE html><title>a</title><div>b</div>", False),
    ("svg", '<svg xmlns="http://www.w3.org/2000/svg"/>', '<svg xmlns="http://www.w3.org/2000/svg"></svg>', True),
    ("svg", "<a/>", "<a/>", False),
    ("toml", "a = 1", "a=1 # one", True), ("toml", "a = 1", "a = 1.0", False), ("toml", "a = True", "a = True", False),
    ("csv", 'a,b\n"c",d\n', "a,b\r\nc,d\r\n", True), ("csv", "a,b\nc\n", "a,b\nc\n", False),
    ("csv", 'a\n"b"c\n', 'a\n"b"c\n', False),
    ("yaml", "a: [1, 2]", "a:\n- 1\n- 2\n", True), ("yaml", "a: [1", "a: [1", False),
    ("python", "f(1)", "f( 1 ) # one", True), ("python", "f(1", "f(1", False),
])
def test_judges_know_what_is_valid_and_the_same(format: str, left: str, right: str, equal: bool) -> None:
    assert same(format, left, right) is equal


def test_blanks_in_markup_are_told_from_text() -> None:
    assert nearly_same("xml", "<a><b>x y</b></a>", "<a>\n  <b>x\ny </b>\n</a>") and not nearly_same("xml", "<a>x</a>",
        "<a>y</a>")
    page = "<!DOCTYPE html><title>a</title><body>{}</body>"
    assert nearly_same("html", page.format("<p>b</p><p>c</p>"),
                       page.format("\n<p>b</p>\n<p>c</p>\n"))
    assert not nearly_same("html", page.format("<p>b"), page.format("<p>b<p>"))
    assert not nearly_same("json", '["a b"]', '["ab"]')


def test_no_entity_is_expanded_and_nothing_is_fetched(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("hidden words")
    text = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{file.as_uri()}"><!ENTITY y "hidden words">]><a>&x;</a>'
    assert "&x;" in parsed("xml", text) and "hidden words" not in parsed("xml", text.replace("hidden words", "others"))


def test_html_is_read_as_its_tests_write_it() -> None:
    reading = read_html("<!DOCTYPE html><p>One<p title=x>Two</b>")
    assert reading.tree.split("\n") == [
        "| <!DOCTYPE html>", "| <html>", "|   <head>", "|   <body>", "|     <p>", '|       "One"', "|     <p>", '|       title="x"',
        '|       "Two"']
    assert reading.errors == ("unexpected-end-tag",)
    assert read_html("<td>a", container="tr").tree == '| <td>\n|   "a"'


@pytest.mark.parametrize(("format", "text", "content"), [
    ("json", '{"a": "b\\n\\u00e9c", "d": None, e: True}', "abécdnulletrue"),
    ("xml", '<a b="c">d &amp; <![CDATA[e<f]]><!-- g -->&lt;h</a>', "defh"),
    ("html", "<!DOCTYPE html><p class='x>y'>One &eacute;<br>2</p>", "Oneé2"), ("csv", 'a,"b ""c"""', "abc"),
])
def test_the_text_of_a_document(format: str, text: str, content: str) -> None:
    assert text_content(format, text) == content


def test_text_may_grow_and_not_shrink() -> None:
    assert text_kept("json", "{'a': None}", '{"a": null, "b": 1}') and not text_kept("json", '{"a": "bc"}', '{"a": "cb"}')
    assert text_kept("xml", "<a>b</a>", "<a><c>b</c></a>") and not text_kept("xml", "<a>b</a>", '<a c="b"/>')


def test_the_untouched_the_true_and_the_faulty_answer_are_marked() -> None:
    drawn = drawn_cases("json", "dev", 4, [1, 2], seed=5, real=0)
    truths = {case.damaged.text: case.document.text for case in drawn} | {case.document.text: case.document.text
        for case in drawn}
    untouched = score("untouched", "json", [trial(Answer, case, 5) for case in drawn], unchanged(Answer, drawn, 5))
    assert (untouched.exact, untouched.valid, untouched.refused, untouched.unchanged, untouched.cases) == (0, 0, 0, 1, 8)

    def knowing(text: str) -> Answer:
        return Answer("[]", 0.25, (truths[text],))
    second = score("knowing", "json", [trial(knowing, case, 5) for case in drawn], unchanged(knowing, drawn, 5))
    assert (second.exact, second.valid, second.kept, second.unchanged, second.calibration_error) == (0, 1, 0, 0, 0.25)
    assert second.recall == {1: 0, 2: 1, 4: 1, 8: 1}
    perfect = score("perfect", "json", [trial(lambda text: Answer(truths[text]), case, 5) for case in drawn], 1.0)
    assert (perfect.exact, perfect.bytes, perfect.near, perfect.kept, perfect.exact_by_errors) == (1, 1, 1, 1, {1: 1, 2: 1})


def test_a_tool_that_raises_or_hangs_refuses() -> None:
    drawn = drawn_cases("json", "dev", 2, [1], seed=6, real=0)

    def hanging(text: str) -> Answer:
        while True:
            pass
    raising = score("raising", "json", [trial(lambda text: Answer(str(1 / 0)), case, 5) for case in drawn], 0.0)
    assert raising.refused == 1 and raising.raised == {"ZeroDivisionError: division by zero": 2}
    assert trial(hanging, drawn[0], 0.05).message == "TimeoutError: over 0.05 s"


def test_calibration_error_of_known_marks() -> None:
    assert calibration_error([(0.9, True), (0.9, False)]) == pytest.approx(0.4)
    assert calibration_error([(1.0, True), (0.0, False)]) == 0
    assert calibration_error([(0.1, True), (0.99, True)]) == pytest.approx((0.9 + 0.01) / 2)


def test_a_failure_shows_what_was_broken_and_what_came_back() -> None:
    drawn = drawn_cases("xml", "dev", 1, [1], seed=7, real=0)
    shown = "\n".join(evaluate.failures([trial(Answer, drawn[0], 5)], 1, None, random.Random(0)))
    assert drawn[0].damaged.kinds[0] in shown and "answer, NOT VALID" in shown and "truth not among the answers" in shown


def test_the_evaluation_runs_from_the_command_line(capsys: pytest.CaptureFixture[str],
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(peers.PEERS, "lxml", peers.Peer(("xml",), lambda format: lambda text: None))
    evaluate.main(["--format", "xml", "--documents", "2", "--errors", "1", "--tools", "lxml", "--real", "0", "--kinds"])
    table = capsys.readouterr().out
    assert "xml, 2 cases" in table and "| lxml " in table and "one damage, exact by kind" in table
    evaluate.main(["--format", "xml", "--documents", "2", "--errors", "1", "--tools", "lxml", "--real", "0", "--json"])
    assert json.loads(capsys.readouterr().out)[0]["refused"] == 1.0


def test_real_cases_are_marked(tmp_path: Path) -> None:
    rows = [{"id": "1", "format": "json", "input": "{a: 1}", "expected": '{"a":1}', "expected_kind": "text"},
            {"id": "2", "format": "json", "input": "{", "expected_kind": "throws"},
            {"id": "3", "format": "html", "input": "<b>x",
             "expected": '| <html>\n|   <head>\n|   <body>\n|     <b>\n|       "x"', "expected_kind": "tree",
             "fragment": None, "script": None},
            {"id": "4", "format": "json", "input": "[ ]", "expected": "[]", "expected_kind": "text"}]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    verdicts = [cases.verdict(lambda text: Answer({"{a: 1}": '{ "a": 1 }', "<b>x": "<b>x</b>", "[ ]": "[]"}.get(text)), case,
                              5) for case in cases.real_cases(path)]
    assert [(one.valid, one.agree, one.unchanged) for one in verdicts] == [(True, True, None), (False, True, None),
        (True, True, None), (True, True, False)]
    assert "changed" in "\n".join(cases.disagreements(verdicts))
    assert cases.file_score("ours", verdicts).agree == 1


def test_two_documents_in_one_text() -> None:
    assert several.outcome("json", ("[1]", "2"), "[[1], 2]") == "list"
    assert [several.outcome("xml", ("<a/>", "<b/>"), made) for made in ("<a></a>", "<b/>", "<c/>", "<c>", None)] == ["first",
        "last", "other", "not valid", "refused"]


def test_a_tool_that_is_not_there_says_what_would_bring_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(peers, "FOLDER", tmp_path)
    with pytest.raises(peers.Missing, match="python -m tasks.markup_repair peers"):
        peers.started("jsonrepair", "json")
    with pytest.raises(peers.Missing, match="json_repair does not repair xml"):
        peers.started("json_repair", "xml")


def test_the_options_have_defaults() -> None:
    options = evaluate.parser().parse_args([])
    assert isinstance(options, argparse.Namespace) and options.split == "dev" and options.errors == [1, 2, 4, 8]
