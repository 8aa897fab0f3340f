"""`structdiff infill` and `structdiff edit`, with the embedded model."""

from __future__ import annotations

import json
import os
import re

import pytest
from typer.testing import CliRunner

from structdiff import cli

TEXT = "a {<|hole|>}\r\n\tb <|hole|>é"


def run(*arguments: str, stdin: str | None = None):
    return CliRunner().invoke(cli.app, list(arguments), input=stdin)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode())
    return path


def test_holes_are_filled_and_the_rest_stays_byte_for_byte(file):
    done = run("infill", str(file), "--regex", "[xyz]{2}")
    assert done.exit_code == 0, done.stderr
    assert re.fullmatch("a \\{[xyz]{2}\\}\r\n\tb [xyz]{2}é".encode(), done.stdout_bytes)
    assert file.read_bytes() == TEXT.encode()


def test_a_whole_file_is_of_a_grammar():
    done = run("infill", "-", "--grammar", "json", "--json", stdin='{"a": [1, <|hole|>], "b": <|hole|>}\n')
    found = json.loads(done.stdout)
    assert done.exit_code == 0 and found["valid"] and set(json.loads(found["text"])) == {"a", "b"}


def test_a_file_is_written_anew_in_place(file):
    os.chmod(file, 0o640)
    done = run("infill", str(file), "--regex", "[xyz]{2}", "--in-place")
    assert done.exit_code == 0 and done.stdout == ""
    assert re.fullmatch("a \\{[xyz]{2}\\}\r\n\tb [xyz]{2}é".encode(), file.read_bytes())
    assert file.stat().st_mode & 0o777 == 0o640 and os.listdir(file.parent) == ["a.txt"]


def test_a_span_is_written_anew(file):
    done = run("edit", str(file), "three digits", "--span", "3:11", "--regex", "[0-9]{3}")
    assert done.exit_code == 0 and re.fullmatch("a \\{[0-9]{3}\\}\r\n\tb <\\|hole\\|>é", done.stdout_bytes.decode())


@pytest.mark.parametrize("arguments, says", [
    (["infill", "FILE", "--mark", "@@"], "there is no '@@' in it"), (["infill", "FILE", "--mark", ""], "there is no ''"),
    (["infill", "nothing.txt"], "cannot read"), (["infill", "FILE", "--regex", "("], "does not compile"),
    (["infill", "FILE", "--grammar", "json"], "no text satisfies|cannot|contradict"),
    (["infill", "FILE", "--start", "x"], "--start is only for --grammar"),
    (["edit", "FILE", "p", "--span", "9:3"], "a span is BEGIN:END"), (["edit", "FILE", "p", "--span", "0:99"], "the text's 26 characters"),
    (["edit", "-", "p", "--span", "0:1", "--in-place"], "--in-place is for a file"),
])
def test_bad_usage_exits_with_2_and_touches_nothing(file, arguments, says):
    done = run(*[str(file) if argument == "FILE" else argument for argument in arguments], stdin="abc")
    assert done.exit_code == 2 and re.search(says, done.stderr) and done.stdout == ""
    assert file.read_bytes() == TEXT.encode()
