"""Broken TOML and what it was meant to be. Each pair is a text as a person would mend it, not what the code makes of it."""

import random
import time
import tomllib

import pytest

from structdiff.repairs import Outcome, repair

REPAIRED = [
    # broken, repaired, what happened to it
    ('a = "x\nb = 2\n', 'a = "x"\nb = 2\n', "a closing quote is lost: a line ends a string"),
    ('a = x"\n', 'a = "x"\n', "an opening quote is lost"),
    ('a = ["x, "y"]\n', 'a = ["x", "y"]\n', "a closing quote is lost in an array"),
    ("a = 'x\n", "a = 'x'\n", "a single quote is closed by one"),
    ('key" = 1\n', '"key" = 1\n', "the opening quote of a key is lost"),
    ("name = Tom Jones\n", 'name = "Tom Jones"\n', "words have no quotes"),
    ("version = 1.2.3\n", 'version = "1.2.3"\n', "a version is no number"),
    ("url = https://example.com/a?b=c  # home\n", 'url = "https://example.com/a?b=c"  # home\n', "an address has no quotes"),
    ("first name = 1\n", '"first name" = 1\n', "a key of two words needs quotes"),
    ("a = `hi`\n", 'a = "hi"\n', "other quotes"),
    ("a = “hi”\n", 'a = "hi"\n', "typographic quotes"),
    ("a = 'it's here'\n", 'a = "it\'s here"\n', "an apostrophe in single quotes"),
    ('a = "it said "hi" then"\n', 'a = "it said \\"hi\\" then"\n', "quotes in a string"),
    ('a = "x""\n', 'a = "x"\n', "a quote too many"),
    ('a = "x\n"b = 1\n', 'a = "x"\nb = 1\n', "a quote and the end of its line have changed places"),
    ('a = ["x," "y"]\n', 'a = ["x", "y"]\n', "a comma and a quote have changed places"),
    ('a = ["x]"\n', 'a = ["x"]\n', "a bracket and a quote have changed places"),
    ('a = "one\ntwo three"\n', 'a = "one\\ntwo three"\n', "a line break in a string"),
    ('a = "^x\\d+$"\n', 'a = "^x\\\\d+$"\n', "a backslash that escapes nothing"),
    ('a = "C:\\Users\\new"\n', 'a = "C:\\\\Users\\\\new"\n', "a path: no backslash of it was meant to escape"),
    ('a = """\nx\n""\nb = 1\n', 'a = """\nx\n"""\nb = 1\n', "a quote of three is lost"),
    ("a = True\n", "a = true\n", "a literal of Python"),
    ("a = +.5\n", "a = +0.5\n", "a number without a digit before its point"),
    ("a = 007\n", "a = 7\n", "a number with zeros before it"),
    ("a = 2023-02-30\n", 'a = "2023-02-30"\n', "a day that the calendar lacks"),
    ("a : 1\n", "a = 1\n", "a colon for the sign of equality"),
    ('"a": 1,\n"b": 2\n', '"a" = 1\n"b" = 2\n', "keys as in JSON"),
    ("a  1\n", "a = 1\n", "no sign of equality"),
    ("a == 1\n", "a = 1\n", "two of them"),
    ("a = 1;\n", "a = 1\n", "a semicolon at the end"),
    ("a = 1 b = 2\n", "a = 1\nb = 2\n", "two lines are one"),
    ("[a] b = 1\n", "[a]\nb = 1\n", "a table and its key are one line"),
    ("a = [1 2, 3]\n", "a = [1, 2, 3]\n", "a comma is lost"),
    ("a = [\n  1\n  2,\n]\n", "a = [\n  1,\n  2,\n]\n", "a comma is lost at the end of a line"),
    ("a = [1,, 2]\n", "a = [1, 2]\n", "a comma too many"),
    ("a = [1, 2\nb = 1\n", "a = [1, 2]\nb = 1\n", "an array is not closed"),
    ("a = [\n  1,\n\n\n[b]\nc = 1\n", "a = [\n  1,\n]\n\n[b]\nc = 1\n", "the line of a closing bracket is empty"),
    ("a = {b = 1, c = 2\n", "a = {b = 1, c = 2}\n", "an inline table is not closed"),
    ("a = {b = 1,}\n", "a = {b = 1}\n", "inline tables have no comma at the end"),
    ("a = {b = 1 c = 2}\n", "a = {b = 1, c = 2}\n", "a comma of an inline table is lost"),
    ("a = [1, 2)\n", "a = [1, 2]\n", "another bracket"),
    ("[a\nb = 1\n", "[a]\nb = 1\n", "a table's name is not closed"),
    ("a]\nb = 1\n", "[a]\nb = 1\n", "nor opened"),
    ("[[bin]\nb = 1\n", "[[bin]]\nb = 1\n", "a bracket of two is lost, of a table that is usually one of many"),
    ("[[a]]\nb = 1\n[[a]\nb = 2\n", "[[a]]\nb = 1\n[[a]]\nb = 2\n", "or of one that is one of many here"),
    ("[[a]\nb = 1\n", "[a]\nb = 1\n", "else a bracket is doubled"),
    ("a = 1 // why\n", "a = 1 # why\n", "a remark as C has it"),
    ("```toml\na = 1\n```\n", "a = 1\n", "a fence"),
    ("Here is the TOML:\n\na = 1\n\nHope this helps.\n", "a = 1\n", "prose"),
    ("a = [1, 2", "a = [1, 2]", "cut off in an array"),
    ('a = "b c', 'a = "b c"', "cut off in a string"),
    ("a = 1\nnot toml at all, is it?\nb = 2\n", "a = 1\n# not toml at all, is it?\nb = 2\n", "a line that means nothing"),
    ("a = 1\na = 2\n", "a = 1\n# a = 2\n", "a key twice: only the parser refuses it"),
    ("[a]\nb = 1\n[c]\n[a]\nd = 2\n", "[a]\nb = 1\n[c]\n# [a]\n# d = 2\n", "a table twice goes with its keys"),
    ("a = 1 # \x00\n", "a = 1 # \n", "a control character in a comment"),
]
VALID = [
    "", "\n", "# only a comment", "a = 1", 'a."b c".d = 1\n', "[a . b]\n", '[[a]]\n[[a]]\n[a.b]\n', "1 = 2\n2.5 = 3\n2020-01-01 = 4\n",
    "a = [ # one\n  1, # two\n  [2, 3],\n]\n", 'a = """x ""y"" \\\n   z"""""\n', "a = '''it's\n'''\n",
    "a = {b = {c = []}, d = 'C:\\'}\n", "a = 0xDE_AD\nb = -inf\nc = 1e-5\nd = 07:32:00\ne = 1979-05-27 07:32:00.5-07:00\n", "a = 1\r\nb = 2\r\n",
    'a = "# no comment, \\u00e9 = [1]"\n',
]
WHOLE = """# Settings
title = "An example"
path = 'C:\\temp'

[owner]
name = "Tom \\"T\\" Jones"
born = 1979-05-27T07:32:00Z
tags = ["a", "b"]
limits = { low = 1, high = 2.5 }  # both

[[servers]]
text = \"\"\"
two
lines\"\"\"
ports = [
  8000,
  8001,
]
"""


@pytest.mark.parametrize("broken, mended, why", REPAIRED, ids=[why for _, _, why in REPAIRED])
def test_the_least_change_that_makes_sense(broken, mended, why):
    assert repair(broken, "toml").text == mended


@pytest.mark.parametrize("text", VALID)
def test_what_is_valid_stays_as_it_is(text):
    tomllib.loads(text)
    assert repair(text, "toml").outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("text", [*VALID, WHOLE])
def test_what_is_valid_is_read_without_an_edit(text):
    from structdiff.channel import rules, toml

    assert next(rules.readings(toml.rules(), toml.atoms(text), 1, 0.0)).text == text


def test_random_damage_gives_valid_text_whose_edits_make_it():
    rng = random.Random(5)
    for _ in range(400):
        letters = list(WHOLE)
        for _ in range(rng.randint(1, 12)):
            place = rng.randrange(len(letters))
            letters[place] = rng.choice(["", letters[place] * 2, rng.choice('"\'[]{}=,#\\\n\x00:;. é`'), letters[place - 1]])
        broken = "".join(letters)
        mended = repair(broken, "toml")
        tomllib.loads(mended.unwrap())
        made, at = "", 0
        for edit in mended.edits:
            assert broken[edit.begin : edit.end] == edit.old and edit.begin >= at
            made, at = made + broken[at : edit.begin] + edit.new, edit.end
        assert made + broken[at:] == mended.text


@pytest.mark.parametrize("text", ['"' * 20_000, "[" * 20_000, "a = " + "{" * 20_000, "\x00" * 20_000, "a=\n" * 3_000, "=" * 20_000])
def test_hostile_texts_take_seconds_at_most(text):
    started = time.process_time()
    tomllib.loads(repair(text, "toml").unwrap())
    assert time.process_time() - started < 10


def test_a_long_text_is_mended_in_place():
    whole = "".join(f'[table{i}]\nname = "x{i}"\nvalues = [1, 2, 3]\n\n' for i in range(1500))
    broken = whole.replace('"x700"', '"x700').replace("[table1200]", "[table1200")
    assert repair(broken, "toml").text == whole
