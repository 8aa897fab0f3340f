"""`structdiff repair`, as it is typed."""

from __future__ import annotations

import json
import os

import pytest
from typer.testing import CliRunner

from structdiff import cli

BROKEN = '{"a": 1,\r\n\t"é": [1, 2}\r\n'
WHOLE = '{"a": 1,\r\n\t"é": [1, 2]}\r\n'


def run(*arguments: str, stdin: str | bytes | None = None):
    return CliRunner().invoke(cli.app, ["repair", *arguments], input=stdin)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(BROKEN.encode())
    return path


def test_the_repaired_text_goes_to_stdout_and_what_was_done_to_stderr(file):
    done = run(str(file))
    assert done.exit_code == 1 and done.stdout_bytes == WHOLE.encode() and file.read_bytes() == BROKEN.encode()
    assert "2:12: insert ']'" in done.stderr and "repaired with 1 edit, confidence" in done.stderr


def test_a_valid_text_comes_back_as_it_is():
    done = run("-", stdin=WHOLE)
    assert done.exit_code == 0 and done.stdout_bytes == WHOLE.encode() and done.stderr == "valid as it is\n"


def test_a_file_is_written_anew_in_place(file):
    os.chmod(file, 0o640)
    done = run(str(file), "--in-place")
    assert done.exit_code == 1 and done.stdout == "" and file.read_bytes() == WHOLE.encode()
    assert file.stat().st_mode & 0o777 == 0o640 and os.listdir(file.parent) == ["a.json"]
    before = file.stat()
    assert run(str(file), "--in-place").exit_code == 0 and file.stat().st_ino == before.st_ino      # valid: not written


def test_what_is_refused_leaves_the_file_as_it_is(file):
    done = run(str(file), "--in-place", "--max-edits", "0")
    assert done.exit_code == 2 and "no change that mends it was found within the limits" in done.stderr
    assert file.read_bytes() == BROKEN.encode() and os.listdir(file.parent) == ["a.json"]


def test_check_says_nothing(file):
    for arguments, code in ((["--check"], 1), (["--check", "--in-place"], 1), (["--check", "--max-edits", "0"], 2)):
        done = run(str(file), *arguments)
        assert (done.exit_code, done.stdout, done.stderr) == (code, "", "") and file.read_bytes() == BROKEN.encode()


def test_a_diff_is_one_that_patch_takes(file):
    done = run(str(file), "--diff")
    assert done.exit_code == 1 and b'-\t"\xc3\xa9": [1, 2}\r\n+\t"\xc3\xa9": [1, 2]}\r\n' in done.stdout_bytes


def test_a_report_lists_every_edit():
    done = run("-", "--report", "json", "-k", "2", stdin='{"a": "x" "b": [True]}')
    report = json.loads(done.stdout)
    assert done.exit_code == 1 and report["outcome"] == "repaired" and json.loads(report["text"]) == {"a": "x", "b": [True]}
    assert [(edit["begin"], edit["end"], edit["old"], edit["new"]) for edit in report["edits"]] == [(9, 9, "", ","), (16, 20, "True", "true")]
    assert 0 < report["confidence"] < 1 and len(report["alternatives"]) <= 1
    refused = run("-", "--report", "json", "--max-edits", "0", stdin="{")
    assert refused.exit_code == 2 and json.loads(refused.stdout)["outcome"] == "refused" and json.loads(refused.stdout)["text"] is None


@pytest.mark.parametrize(("arguments", "text", "expected"), [
    ([], "<a><b></a>", "<a><b></b></a>"), ([], '<svg xmlns="http://www.w3.org/2000/svg"><g></svg>', '<svg xmlns="http://www.w3.org/2000/svg"><g></g></svg>'),
    ([], "title: Foo: bar\nn: 1\n", "title: 'Foo: bar'\nn: 1\n"),
    (["--format", "toml"], "a = [1, 2\nb = 3\n", "a = [1, 2]\nb = 3\n"), (["--grammar", "arithmetic"], "(1 + 2", "(1 + 2)"),
    (["--schema", "name, age int"], '{"nmae": "a", "age": "3"}', '{"name": "a", "age": 3}'),
], ids=str)
def test_the_format_is_told_or_guessed(arguments, text, expected):
    done = run("-", *arguments, stdin=text)
    assert done.exit_code == 1 and done.stdout == expected


@pytest.mark.parametrize(("arguments", "says"), [
    (["-", "--format", "jsn"], "no format is called 'jsn'"), (["-"], "cannot tell its format"), (["nothing.json"], "cannot read"),
    (["-", "--policy", "x"], "there are llm, human, transmission"), (["-", "--in-place"], "--in-place is for a file"),
    (["-", "--format", "xml", "--schema", "a"], "give one of them"), (["-", "--start", "x"], "--start is only for --grammar"),
    (["-", "--protect", "9:2"], "a span is BEGIN:END"), (["-", "--format", "json", "--report", "xml"], "there is only json"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else value)
def test_wrong_usage_is_told(arguments, says):
    done = run(*arguments, stdin="plain text")
    assert done.exit_code == 2 and says in done.stderr and done.stdout == ""


def test_bytes_that_are_no_text_are_refused():
    done = run("-", "--format", "json", stdin=b'{"a": "\xff"}')
    assert done.exit_code == 2 and "not UTF-8 at byte 7" in done.stderr
