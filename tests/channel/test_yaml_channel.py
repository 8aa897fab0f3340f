"""Broken YAML and what it was meant to be. Each pair is a text as a person would mend it, not what the code makes of it."""

import random
import time

import pytest
import yaml

from structdiff.channel.edits import applied
from structdiff.channel.yaml_parser import fault
from structdiff.repairs import Outcome, Within, repair

REPAIRED = [
    # broken, repaired, what happened to it
    ("title: Foo: bar\n", "title: 'Foo: bar'\n", "a colon in a value"),
    ("a: @home\n", "a: '@home'\n", "a value that begins with a mark that is reserved"),
    ("a: `ls`\n", "a: '`ls`'\n", "backticks"),
    ("a: %d items\nb: 1\n", "a: '%d items'\nb: 1\n", "a percent sign"),
    ('a: "x\nb: 2\n', 'a: "x"\nb: 2\n', "a closing quote is lost"),
    ("a: x'\nb: 'y'\nc: it's\n", "a: x'\nb: 'y'\nc: it's\n", "quotes within plain words are no fault"),
    ("- 'a\n- b\n", "- 'a'\n- b\n", "a closing quote is lost in an entry"),
    ("a: ''x'\nb: 1\n", "a: 'x'\nb: 1\n", "a quote is doubled"),
    ("a: 'it's here'\n", "a: 'it''s here'\n", "an apostrophe in single quotes"),
    ('a: "say "hi" now"\n', 'a: "say \\"hi\\" now"\n', "quotes in a string"),
    ("a: 'x\"\nb: 'y'\n", "a: 'x'\nb: 'y'\n", "a quote of another kind closes"),
    ('a: "C:\\dir"\n', 'a: "C:\\\\dir"\n', "a path: its backslash escapes nothing"),
    ("'a: 1\nb: 2\n", "'a': 1\nb: 2\n", "the closing quote of a key is lost"),
    ("name: x\nage 3\n", "name: x\nage: 3\n", "a colon is lost"),
    ("name: x\nage:3\nsize: 2\n", "name: x\nage: 3\nsize: 2\n", "the blank behind a colon is lost"),
    ("name: x\nage :3\n", "name: x\nage: 3\n", "it stands before the colon"),
    ("name: x\nage = 3\n", "name: x\nage: 3\n", "a sign of equality"),
    ("a:\n  b 1\n  c: 2\n", "a:\n  b: 1\n  c: 2\n", "a colon is lost further in"),
    ("list\n  - a\n  - b\nc: 1\n", "list:\n  - a\n  - b\nc: 1\n", "a colon is lost before a list"),
    ("a: 1\n b: 2\nc: 3\n", "a: 1\nb: 2\nc: 3\n", "a line begins too late"),
    ("x:\n  a: 1\n b: 2\n  c: 3\n", "x:\n  a: 1\n  b: 2\n  c: 3\n", "a line begins too early"),
    ("x:\n\ta: 1\n\tb: 2\n", "x:\n  a: 1\n  b: 2\n", "tabs"),
    ("x:\n  a: 1\n\tb: 2\n", "x:\n  a: 1\n  b: 2\n", "a tab among blanks"),
    ("- a: 1\n  b: 2\n c: 3\n", "- a: 1\n  b: 2\n  c: 3\n", "a key of an entry begins too early"),
    ("x:\n- a\n-b\n- c\n", "x:\n- a\n- b\n- c\n", "the blank behind a dash is lost"),
    ("- a\n- b\nc\n", "- a\n- b\n- c\n", "a dash is lost"),
    ("- a: 1\n-- b: 2\n", "- a: 1\n- b: 2\n", "a dash is doubled"),
    ("- a\n* b\n- c\n", "- a\n- b\n- c\n", "a star for a dash"),
    ("a: [1, 2\nb: 3\n", "a: [1, 2]\nb: 3\n", "a bracket is not closed"),
    ("a: {x: 1, y: 2\nb: 3\n", "a: {x: 1, y: 2}\nb: 3\n", "a brace is not closed"),
    ("a: [1, 2)\nb: 3\n", "a: [1, 2]\nb: 3\n", "another bracket"),
    ("a: [1, 2]]\nb: 3\n", "a: [1, 2]\nb: 3\n", "a bracket is doubled"),
    ("a: {x: 1 y: 2}\n", "a: {x: 1, y: 2}\n", "a comma is lost"),
    ("a: ['x' 'y']\n", "a: ['x', 'y']\n", "a comma is lost between strings"),
    ("a: [1,, 2]\n", "a: [1, 2]\n", "a comma is doubled"),
    ("a: *nobody\n", "a: '*nobody'\n", "an alias of nothing"),
    ("```yaml\na: 1\n```\n", "a: 1\n", "a fence"),
    ("Here is the file you asked for:\n\n```yaml\na: 1\n```\n\nLet me know if it works.\n", "a: 1\n", "a fence with prose about it"),
    ("text: > first line\n  second line\nb: 1\n", "text: >\n  first line\n  second line\nb: 1\n", "folded text begins on its own line"),
    ("a: [x,\n  y]\nb: c: d\n", "a: [x,\n  y]\nb: 'c: d'\n", "what is right stays, over lines too"),
    ("a: 1\x00\nb: 2\n", "a: 1\nb: 2\n", "a control character"),
    ("# settings\nport: 80\nhost: \"here\nname: x # y\n", "# settings\nport: 80\nhost: \"here\"\nname: x # y\n", "comments stay"),
    ("a: 1\r\nb 2\r\nc: 3\r\n", "a: 1\r\nb: 2\r\nc: 3\r\n", "line breaks stay"),
]
VALID = ["", "a: 1\n", "- 1\n- [a, {b: c}]\n", "a: !Ref x\nb: !!int 3\n", "a: &x 1\nb: *x\n", "--- 1\n---\nb: 2\n...\n", "%YAML 1.1\n---\na: 1\n",
         "a: |\n  free: text\n   - [ of any kind\nb: 1\n", "a: 1\na: 2\n", "? [a]\n: b\n", "\ufeffa: 1\n", "a: 'é'\r\nb: \"\\u00e9\"\r\n"]


@pytest.mark.parametrize(("broken", "meant"), [pair[:2] for pair in REPAIRED], ids=[pair[2] for pair in REPAIRED])
def test_broken_yaml_is_repaired_as_a_person_would(broken, meant):
    assert repair(broken, "yaml").text == meant


@pytest.mark.parametrize("text", VALID)
def test_valid_yaml_is_left_as_it_is(text):
    assert repair(text, "yaml").outcome is Outcome.UNCHANGED and fault(text) is None


def test_the_edits_make_the_text_and_are_confined_to_what_they_say():
    broken = "# list\n- name: a\n  url: http://x\n- name b\n  url: @y\n"
    done = repair(broken, "yaml")
    assert done.outcome is Outcome.REPAIRED and yaml.safe_load(done.text) == [{"name": "a", "url": "http://x"}, {"name": "b", "url": "@y"}]
    assert applied(broken, done.edits) == done.text
    assert [broken[edit.begin : edit.end] for edit in done.edits] == [edit.old for edit in done.edits]


def test_what_is_protected_is_not_touched():
    broken = "a: 1\nb: c: d\n"
    assert repair(broken, "yaml", within=Within(protected=((0, len(broken)),))).outcome is Outcome.REFUSED


def test_what_cannot_be_mended_is_kept_as_comments():
    broken = "a: 1\n" + "]]}}: [[ {{ %%% '\" :: \t @@ `` &&&& *\n" * 3 + "b: 2\n"
    done = repair(broken, "yaml")
    assert done.text is not None and fault(done.text) is None
    assert yaml.safe_load(done.text)["a"] == 1


def test_whatever_is_given_ends_soon_and_valid_or_refused():
    rng = random.Random(7)
    whole = "a: 1\nb:\n  - {c: 'd', e: [f, \"g\"]}\n  - &x h\nt: |\n  text\nz: *x\n"
    for _ in range(60):
        text = list(whole)
        for _ in range(rng.randint(1, 12)):
            at = rng.randrange(len(text))
            text[at : at + rng.randint(0, 3)] = rng.choices("\n\t -:#[]{},'\"&*!|>%@`\\\x00é\ud83d", k=rng.randint(0, 3))
        started = time.process_time()
        done = repair("".join(text), "yaml")
        assert time.process_time() - started < 20
        assert done.text is None or fault(done.text) is None


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 50_000, "a: 'x\n" * 20_000, "{a: " * 20_000, "&a [*a,*a]\n" * 5_000, "\t" * 50_000 + "a:\n",
                                  "a:\n" + "".join(" " * n + "a:\n" for n in range(900))], ids=lambda text: text[:6].strip() or "tabs")
def test_hostile_text_is_answered_in_time(text):
    started = time.process_time()
    repair(text, "yaml")
    assert time.process_time() - started < 30


def test_a_long_file_is_mended_entry_by_entry():
    entries = [f"item{n}:\n  name: 'x{n}'\n  size: [1, {n}]\n" for n in range(8_000)]
    broken = list(entries)
    broken[100] = broken[100].replace("name:", "name")
    broken[7_000] = broken[7_000].replace("]", "")
    started = time.process_time()
    done = repair("".join(broken), "yaml")
    assert done.text == "".join(entries) and len(done.edits) == 2
    assert time.process_time() - started < 30
