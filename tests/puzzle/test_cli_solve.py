"""`structdiff solve`."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from structdiff import cli, puzzle_live, read_puzzle
from structdiff.puzzle.kinds import KINDS
from structdiff.puzzle.refine import Step

EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
HARDEST = "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


def run(*arguments: str, stdin: str | None = None):
    return CliRunner().invoke(cli.app, ["solve", *arguments], input=stdin)


def test_a_board_is_solved():
    done = run("sudoku", EASY, "--whole")
    assert done.exit_code == 0 and re.sub(r"\D", "", done.stdout) == SOLVED and done.stdout.startswith("5 3 4 | 6 7 8")


def test_a_stream_goes_on_behind_what_is_no_puzzle_and_has_a_line_each():
    bad, twice = EASY[:-1] + "?", "55" + EASY[2:]
    done = run("sudoku", "-", stdin="\n".join([EASY, bad, EASY[:-1], twice, "", EASY]) + "\n")
    assert done.stdout.split() == [SOLVED, SOLVED] and done.exit_code == 2
    said = done.stderr.strip().split("\n")
    assert [line.split(":")[0] for line in said] == ["line 2", "line 3", "line 4"]
    assert "'?'" in said[0] and "80" in said[1] and "r1c1=5 r1c2=5" in said[2]


def test_what_is_written_in_a_line_stays_as_it_is_written():
    assert run("cryptarithm", "SEND + MORE = MONEY").stdout == "S=9 E=5 N=6 D=7 M=1 O=0 R=8 Y=2, carries 1 0 1 1\n"


def test_bytes_that_are_no_text_are_a_line_at_fault():
    done = CliRunner().invoke(cli.app, ["solve", "sudoku", "-"], input=EASY.encode() + b"\n\xff" + EASY[1:].encode() + b"\n")
    assert done.exit_code == 2 and done.stdout.split() == [SOLVED] and done.stderr.startswith("line 2:")


def test_whether_a_solution_is_the_only_one():
    assert run("sudoku", EASY, "--count", "2").stderr == "line 1: the only solution\n"
    done = run("latin-square", "12\n21", "--count", "3")
    assert done.stderr == "the only solution\n"
    done = run("latin-square", "..\n..", "--count", "3")
    assert done.stdout == "1 2\n2 1\n2 1\n1 2\n" and done.stderr == "2 solutions, and no others\n"
    assert run("queens", "8", "--count", "5").stderr == "5 solutions; there may be more\n"


def test_json_has_it_all():
    done = run("sudoku", "-", "--json", "--count", "2", "--explain", stdin=f"{EASY}\n55{EASY[2:]}\nx\n")
    good, contradictory, bad = map(json.loads, done.stdout.strip().split("\n"))
    assert good["valid"] and good["unique"] and good["values"]["r1c3"] == 4 and "r1c3 = 4" in " ".join(good["explanation"])
    assert contradictory["status"] == "UNSATISFIABLE" and contradictory["core"] == {"r1c1": 5, "r1c2": 5} and contradictory["text"] == ""
    assert bad["status"] == "bad input" and bad["line"] == 3 and done.stderr == ""


def test_what_has_no_solution_is_told_by_the_exit_code():
    done = run("latin-square", "11\n..")
    assert done.exit_code == 3 and done.stdout == "" and "contradict each other: r1c1=1 r1c2=1" in done.stderr


def test_an_explanation_names_the_rule_of_each_step():
    done = run("sudoku", EASY, "--explain", "--whole")
    steps = done.stderr.strip().split("\n")
    assert any(re.fullmatch(r"r\dc\d = \d: all different in (row|column|box) \d", step) for step in steps) and len(steps) > 51


def test_a_trace_is_one_page(tmp_path):
    page = tmp_path / "solved.html"
    assert run("kakuro", KINDS["kakuro"].example, "--trace", str(page)).exit_code == 0
    text = page.read_text()
    assert "http" not in text.replace("http-equiv", "") and "Content-Security-Policy" in text and text.count("<script") == 2
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["title"] == "kakuro" and len(data["steps"]) > 10 and data["steps"][-1]["said"]


@pytest.mark.parametrize("arguments, code, says", [
    (["chess", "x"], 2, "no puzzle is called 'chess'; there are cryptarithm"), (["sudoku", "123"], 2, "a sudoku has 16, 36, 81 or 256"),
    (["sudoku", ""], 2, "empty|no cells"), (["sudoku", EASY, "--trace", "/nowhere/x.html"], 1, "there is no folder"),
    (["cryptarithm", "A + B = "], 2, "line 1"), (["magic-square", "2"], 2, ""),
])
def test_bad_usage_says_what_to_do(arguments, code, says):
    done = run(*arguments)
    assert done.exit_code == code and re.search(says, done.stderr) and done.stdout == ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_solves_its_example(kind):
    done = run(kind, KINDS[kind].example, "--json", "--whole", "--count", "2")
    found = json.loads(done.stdout)
    assert found["valid"] and found["unique"], done.stdout


def test_the_board_is_watched_filling_in():
    done = run("sudoku", HARDEST, "--stream")
    steps = done.stderr.splitlines()
    assert done.exit_code == 0 and all(re.fullmatch(r"forward \d+: kept \d+ of \d+, rules broken \d+", step) for step in steps)
    assert [int(step.split()[1].rstrip(":")) for step in steps] == list(range(1, len(steps) + 1))


def test_a_board_marks_what_breaks_a_rule():
    puzzle = read_puzzle("sudoku", "1..." * 4)
    step = Step(1, (1, 1, 2, 3) * 4, (True, True, False, True) * 4, {"r1c2": "row 1 has no value twice"})
    board = puzzle_live.board(puzzle, step)
    styles = {board.plain[span.start]: span.style for span in board.spans}
    assert styles["2"] == puzzle_live.NOISE and puzzle_live.BROKEN in {span.style for span in board.spans}
    assert puzzle_live.summary(puzzle, step) == "forward 1: kept 8 of 12, rules broken 1"
