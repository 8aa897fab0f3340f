"""The ready kinds: known puzzles have their published solutions, formats of a puzzle are equal, and a faulty text is told where."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from structdiff.errors import ConstraintError
from structdiff.puzzle.kinds import KINDS
from structdiff.puzzle.puzzle import MOST_VALUES, Puzzle

CORPUS = Path(__file__).parents[3] / "shared/data/sudoku-dev"
ONE_LINE = "530070000600195000098000060800060003400803001700020006060000280000419005000080079"
# Wikipedia's Sudoku, killer Sudoku, KenKen, Kakuro; Hakan Kjellerstrand's Futoshiki; picture 1 of webpbn.com; Dudeney's
# SEND + MORE = MONEY; the Zebra puzzle of Life International, 1962. Sudoku-X and the Latin square were made by a plain search.
SOLUTIONS = {
    "sudoku": "534678912672195348198342567859761423426853791713924856961537284287419635345286179",
    "sudoku-x": "214879356673125948589436271921367485846512793735948612168294537452783169397651824",
    "killer-sudoku": "215647398368952174794381652586274931142593867973816425821739546659428713437165289",
    "latin-square": "1245331245543214351225134",
    "futoshiki": "5132414253231453541242531",
    "kenken": "563412614523452361341256236145125634",
    "kakuro": "97879" "898957" "68597" "6126" "46132" "893114" "31221",
    "queens": "15863724",
    "magic-square": "276951438",
    "nonogram": "01100011010010101110101001010000110010100101111000",
    "cryptarithm": "95671082" "1101",
    "zebra": "34215" "35412" "43125" "52341" "31245",
}


def solution(name: str) -> list[int]:
    return [int(digit) for digit in SOLUTIONS[name]]


def solutions(puzzle: Puzzle) -> Iterator[tuple[int, ...]]:
    """Every assignment that the rules hold for, by plain backtracking; a rule is asked once all its cells have values."""
    place = {cell: i for i, cell in enumerate(puzzle.cells)}
    last = [[] for _ in puzzle.cells]
    for rule in puzzle.rules:
        places = [place[cell] for cell in rule.cells]
        last[max(places)].append((rule, places))
    told = dict(puzzle.givens)

    def further(values: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(values) == len(puzzle.cells):
            yield values
            return
        here = len(values)
        for value in puzzle.domains[here]:
            longer = (*values, value)
            if told.get(puzzle.cells[here], value) == value and all(
                    rule.holds([longer[i] for i in places]) for rule, places in last[here]):
                yield from further(longer)

    return further(())


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_example_has_its_known_solution_and_no_neighbour_of_it(kind):
    puzzle, values = kind.parse(kind.example), solution(kind.name)
    assert puzzle.kind == kind.name and hash(puzzle) == hash(kind.parse(kind.example))
    verdict = puzzle.check(values)
    assert verdict.valid, [violation.message for violation in verdict.violations]
    for i, domain in enumerate(puzzle.domains):
        others = [value for value in domain if value != values[i]]
        assert not others or not puzzle.check([*values[:i], others[0], *values[i + 1 :]]).valid


@pytest.mark.parametrize("name", ["latin-square", "futoshiki", "queens", "magic-square"])
def test_the_example_has_one_solution(name):
    assert list(solutions(KINDS[name].parse(KINDS[name].example))) == [tuple(solution(name))]


@pytest.mark.parametrize("name", set(SOLUTIONS) - {"killer-sudoku", "kenken", "nonogram", "cryptarithm", "zebra"})
def test_a_solved_board_is_a_text_of_its_kind(name):
    puzzle = KINDS[name].parse(KINDS[name].example)
    values = solution(name)
    solved = KINDS[name].parse(puzzle.write(values))
    assert [value for _, value in solved.givens] == values and set(solved.rules) == set(puzzle.rules)


def test_solved_boards_look_as_people_write_them():
    def written(name):
        return KINDS[name].parse(KINDS[name].example).write(solution(name)).splitlines()

    assert written("sudoku")[2:5] == ["1 9 8 | 3 4 2 | 5 6 7", "------+-------+------", "8 5 9 | 7 6 1 | 4 2 3"]
    assert written("futoshiki")[:4] == ["5 > 1   3   2 < 4", "        v", "1   4   2   5   3", "        v   v   ^"]
    assert written("kakuro")[1:3] == [r"  \16     9     7     # 17\24     8     7     9", r"  \17     8     9 15\29     8     9     5     7"]
    assert written("queens")[:3] == ["Q . . . . . . .", ". . . . Q . . .", ". . . . . . . Q"]
    assert written("nonogram")[:4] == [".##..", ".##.#", "..#.#", ".###."]
    assert written("cryptarithm") == ["S=9 E=5 N=6 D=7 M=1 O=0 R=8 Y=2, carries 1 0 1 1"]
    assert written("zebra")[0] == "nation: Englishman=3 Spaniard=4 Ukrainian=2 Norwegian=1 Japanese=5"
    assert KINDS["magic-square"].parse("4").write([16, 3, 2, 13, *[None] * 12]).splitlines()[0] == "16  3  2 13"


COUNTS = [                                               # OEIS A000170, A002860, A107739, A274171; the Lo Shu; by hand
    ("queens", "1", 1), ("queens", "3", 0), ("queens", "4", 2), ("queens", "6", 4),
    ("latin-square", "....", 2), ("latin-square", "...\n...\n...", 12), ("latin-square", "." * 16, 576), ("sudoku", "." * 16, 288),
    ("magic-square", "8 . .\n. . .\n. . .", 2), ("sudoku-x", "1234" + "." * 12, 2),
    ("futoshiki", ". < .\n^\n. . ", 1), ("futoshiki", ". > .\n^\n. . ", 0),
    ("cryptarithm", "TO + GO = OUT", 1), ("cryptarithm", "OUT - GO = TO", 1), ("cryptarithm", "A + A = A", 1), ("cryptarithm", "AA = BB", 0),
    ("kenken", "2\n3+: r1c1 r1c2\n1-: r2c1 r2c2", 2), ("kenken", "2\n1: r1c1\n2÷: R1C2, r2c2\n2: r2c1", 1),
    ("kakuro", "# 3\\ 4\\\n\\3 . .\n\\4 . .", 1), ("nonogram", "rows: 1, 1\ncolumns: 1, 1", 2), ("nonogram", "rows: 2, 0\ncolumns: 1, -", 0),
    ("zebra", "houses: 3\nwho: a b c\na next-to b", 4), ("zebra", "houses: 3\nwho: a b c\na left-of b\nc at last", 1),
    ("zebra", "houses: 3\nwho: a b c\nb right-of a\nc not a", 2), ("zebra", "houses: 3\nwho: a b c\na before b", 3),
    ("zebra", "houses: 3\nwho: a b c\na after b\na at middle", 1), ("zebra", "houses: 2\nwho: a b\npet: d e\na=d\n", 2),
]


@pytest.mark.parametrize(("name", "text", "count"), COUNTS, ids=[f"{name} {text!r}" for name, text, _ in COUNTS])
def test_tiny_puzzles_have_as_many_solutions_as_they_should(name, text, count):
    assert sum(1 for _ in solutions(KINDS[name].parse(text))) == count


def test_to_plus_go_is_out():
    assert [dict(zip("TOGU", values)) for values in solutions(KINDS["cryptarithm"].parse("TO + GO = OUT"))] == [
        {"T": 2, "O": 1, "G": 8, "U": 0}]


ROWS = [ONE_LINE[i : i + 9] for i in range(0, 81, 9)]
SAME = [
    ("sudoku", ["\n".join(ROWS), " ".join(ONE_LINE), ONE_LINE.replace("0", "*"), ONE_LINE.replace("0", "-"), ONE_LINE.replace("0", "x"),
                ONE_LINE.replace("0", "_"), "\ufeff" + ONE_LINE[:40] + "\n\n" + ONE_LINE[40:], KINDS["sudoku"].example,
                "#AJohn\n#D easy\n[Puzzle]\n" + "\n".join(ROWS).replace("0", ".") + "\n[State]\n" + SOLUTIONS["sudoku"],
                "+---+---+---+\n" + "\n".join(f"|{row[:3]}|{row[3:6]}|{row[6:]}|" for row in ROWS) + "\n+===+===+===+\n",
                "\n-----------\n".join("\n".join(ROWS[i : i + 3]) for i in (0, 3, 6))]),
    ("killer-sudoku", [KINDS["killer-sudoku"].example.upper().replace("R", " r0"), "." * 81 + "\n" + KINDS["killer-sudoku"].example]),
    ("latin-square", [KINDS["latin-square"].example.replace(" ", ""), KINDS["latin-square"].example.replace(" ", "|").replace(".", "0")]),
    ("kenken", [KINDS["kenken"].example.replace("*", " × ").replace("/", "÷").replace("-", "−")]),
    ("kakuro", [KINDS["kakuro"].example.replace(".", "_").replace("     ", " ")]),
    ("queens", ["Q.......\n----Q---\n" + "........\n" * 6]),
    ("magic-square", ["2 7 0\n0 0 0\n0 0 0", "2 | 7 | .\n---+---+---\n. | . | .\n---+---+---\n. | . | .", "2 7 - - - - - - -"]),
    ("nonogram", ['title "a dancer"\nwidth 5\nheight 10\n\nrows\n2\n2,1\n1,1\n3\n1,1\n1,1\n2\n1,1\n1,2\n2\n\ncolumns\n2,1\n2,1,3\n7\n1,3\n2,1\n\n'
                  f'goal "{SOLUTIONS["nonogram"]}"\n']),
    ("cryptarithm", ["send+more=money"]),
    ("zebra", [KINDS["zebra"].example.replace(" = ", "=").replace("first", "1").replace("middle", "3")]),
]


@pytest.mark.parametrize(("name", "texts"), SAME, ids=[name for name, _ in SAME])
def test_one_puzzle_in_several_formats(name, texts):
    for text in texts:
        assert KINDS[name].parse(text) == KINDS[name].parse(KINDS[name].example), text


def test_an_empty_row_of_dashes_is_a_row():
    puzzle = KINDS["sudoku"].parse("-" * 9 + "\n" + "\n".join(ROWS[1:]))
    assert len(puzzle.givens) == 27 and puzzle.givens[0] == ("r2c1", 6)


@pytest.mark.parametrize(("size", "shift"), [(6, lambda row: 3 * row + row // 2), (16, lambda row: 4 * row + row // 4)])
def test_other_sizes_of_sudoku(size, shift):
    values = [(shift(row) + column) % size + 1 for row in range(size) for column in range(size)]
    puzzle = KINDS["sudoku"].parse("." * size**2)
    assert puzzle.check(values).valid and not puzzle.check([*values[size:], *values[:size]]).valid
    solved = KINDS["sudoku"].parse(puzzle.write(values))
    assert [value for _, value in solved.givens] == values
    assert KINDS["sudoku"].parse(puzzle.write(values).lower()) == solved


def test_a_large_latin_square_has_numbers():
    values = [(row + column) % 12 + 1 for row in range(12) for column in range(12)]
    puzzle = KINDS["latin-square"].parse("\n".join([" ".join(["."] * 12)] * 12))
    written = puzzle.write(values)
    assert puzzle.check(values).valid and written.splitlines()[0] == " 1  2  3  4  5  6  7  8  9 10 11 12"
    assert [value for _, value in KINDS["latin-square"].parse(written).givens] == values


def test_rules_have_names_for_people():
    assert {"all different in row 3", "all different in column 9", "all different in box 2"} <= {
        str(rule) for rule in KINDS["sudoku"].parse(ONE_LINE).rules}
    assert {"rising diagonal sums to 15", "row 3 sums to 15"} <= {str(rule) for rule in KINDS["magic-square"].parse("3").rules}
    assert "column 1 has runs of 2 1" in map(str, KINDS["nonogram"].parse(KINDS["nonogram"].example).rules)
    assert "ivory is directly left of green" in map(str, KINDS["zebra"].parse(KINDS["zebra"].example).rules)
    assert "the queens of rows 1 and 3 share no rising diagonal" in map(str, KINDS["queens"].parse("4").rules)


def test_box_two_of_a_six_is_right_of_box_one():
    rules = {rule.name: rule.cells for rule in KINDS["sudoku"].parse("." * 36).rules}
    assert rules["box 2"] == ("r1c4", "r1c5", "r1c6", "r2c4", "r2c5", "r2c6")


def test_contradictions_are_puzzles():
    for name, text in [("sudoku", "11" + "." * 79), ("queens", "Q.\nQ."), ("kakuro", "# 99\\\n\\1 ."), ("nonogram", "rows: 9\ncolumns: 9"),
                       ("futoshiki", "1 > 2\n. ."), ("magic-square", "1 1 1\n. . .\n. . ."), ("cryptarithm", "AB = CD")]:
        assert KINDS[name].parse(text).kind == name


BAD = [
    ("sudoku", "." * 80, r"line 1, column 1: the grid has 80 cells in lines of 80; a sudoku has 16, 36, 81"),
    ("sudoku", "\n".join(ROWS[:4] + [ROWS[4][:8]] + ROWS[5:]), r"line 5, column 1: the grid has 80 cells in lines of 9, 9, 9, 9, 8"),
    ("sudoku", "\n".join(ROWS[:4]), r"36 cells in lines of 9, 9, 9, 9"),
    ("sudoku", "12a." + "." * 12, r"line 1, column 3: 'a' is no digit of a 4 by 4 grid; write 1 to 4, or \."),
    ("sudoku", "....\n.7..\n....\n....", r"line 2, column 2: '7' is no digit"),
    ("sudoku", "²" + "." * 80, r"'²' is no digit"),
    ("sudoku", "H" + "." * 255, r"'H' is no digit of a 16 by 16 grid; write 1 to G"),
    ("sudoku", "[State]\n" + ONE_LINE, r"line 1, column 1: there is no section \[Puzzle\]"),
    ("sudoku", "[Puzzle]\n[State]\n" + ONE_LINE, r"there is nothing under \[Puzzle\]"),
    ("sudoku", "# only a comment", r"the text is empty; write a grid"),
    ("sudoku-x", "123", r"the grid has 3 cells"),
    ("killer-sudoku", "3: r1c1 r1c2", r"r1c3 is in no cage, one of 14 such cells"),
    ("killer-sudoku", "3: r1c1 r1c2\n\n4: r1c2 r2c2", r"line 3, column 4: r1c2 is in the cage of line 1 already"),
    ("killer-sudoku", "3: r1c1 r1c1", r"line 1, column 9: r1c1 is in the cage of line 1 already"),
    ("killer-sudoku", "3: r1c17", r"r1c17 is not on the board of 16 by 16"),
    ("killer-sudoku", "." * 16 + "\n3: r1c5", r"line 2, column 4: r1c5 is not on the board of 4 by 4"),
    ("killer-sudoku", "3: r0c1", r"r0c1 is not on the board"),
    ("killer-sudoku", "3: a1", r"'a1' names no cell; write r1c2"),
    ("killer-sudoku", "3:", r"a cage has a cell at least"),
    ("killer-sudoku", "three: r1c1", r"a cage reads “total: cells”"),
    ("killer-sudoku", ": r1c1", r"a cage reads “total: cells”"),
    ("killer-sudoku", "9" * 5000 + ": r1c1", r"the total of a cage is a number"),
    ("killer-sudoku", "\n".join(f"3*: r{r}c{c}" for r in range(1, 5) for c in range(1, 5)), r"line 1, column 2: the cages of a killer sudoku are sums"),
    ("latin-square", "....\n...\n....\n....", r"line 2, column 1: the grid has 15 cells in lines of 4, 3, 4, 4"),
    ("latin-square", "123\n456\n...", r"line 2, column 1: '4' is no digit of a 3 by 3 grid"),
    ("latin-square", "13 " + ". " * 143, r"line 1, column 1: a cell is a number from 1 to 12, not '13'"),
    ("latin-square", ". " * 101, r"the grid has 101 cells"),
    ("futoshiki", ". < .", r"there are 1 rows of cells; a futoshiki has 2 to 9"),
    ("futoshiki", "^", r"there are 0 rows"),
    ("futoshiki", ". .\n. . .", r"line 2, column 1: this row has 3 cells, and there are 2 rows"),
    ("futoshiki", "< . .\n. .", r"line 1, column 1: < stands between two cells"),
    ("futoshiki", ". . >\n. .", r"line 1, column 5: > stands between two cells"),
    ("futoshiki", ". < > .\n. .", r"line 1, column 3: < stands between two cells"),
    ("futoshiki", ". .\n ^\n. .", r"line 2, column 2: \^ stands right below a cell; those of the row above are in columns 1 3"),
    ("futoshiki", "^\n. .\n. .", r"line 1, column 1: \^ stands between two rows"),
    ("futoshiki", ". .\n. .\nv", r"line 3, column 1: v stands between two rows"),
    ("futoshiki", ". 3\n. .", r"line 1, column 3: '3' is no digit of a 2 by 2 grid"),
    ("kenken", "3: r1c1", rf"line 1, column 1: the first line is the size, which is a number from 2 to {MOST_VALUES}"),
    ("kenken", "4 4", r"line 1, column 3: the size stands alone"),
    ("kenken", "2", r"r1c1 is in no cage, one of 4 such cells"),
    ("kenken", "2\n3: r1c1 r1c2\n3+: r2c1 r2c2", r"line 2, column 2: a cage of 2 cells has an operation"),
    ("kenken", "1", r"not '1'"),
    ("kenken", "2\n3%: r1c1 r1c2\n3+: r2c1 r2c2", r"'%' is no operation; write \+ - \* or /"),
    ("kenken", "2\n3+: r1c1 r1c2 r2c2\n1-: r2c1", r"line 3, column 2: '-' takes two cells or more"),
    ("kenken", "2\nr1c1 r1c2", r"line 2, column 1: a cage reads “total: cells”"),
    ("kakuro", "# #\n# #", r"the board has no white cell"),
    ("kakuro", "# 3\\\n\\3", r"line 2, column 1: this row has 1 fields, and the first has 2"),
    ("kakuro", ". .", r"the run across that begins here has no clue"),
    ("kakuro", "# 3\\\n\\3 .\n# .", r"line 3, column 3: the run across that begins here has no clue; write it in place of '#'"),
    ("kakuro", "# #\n\\3 .", r"line 2, column 4: the run down that begins here has no clue"),
    ("kakuro", "# 3\\4\n\\3 .", r"line 1, column 5: the clue 4 across has no run"),
    ("kakuro", "# 3\\\n5\\3 .", r"line 2, column 1: the clue 5 down has no run"),
    ("kakuro", "# 3/\n\\3 .", r"line 1, column 3: '3/' is no field"),
    ("kakuro", "# 0\\\n\\12 10", r"'10' is no field"),
    ("queens", "0", r"the number of rows is a number from 1 to 32, not '0'"),
    ("queens", "33", r"not '33'"),
    ("queens", "9" * 5000, r"the number of rows"),
    ("queens", "eight", r"line 1, column 1: 'e' is neither Q nor \."),
    ("queens", "..\n...", r"line 2, column 1: this row has 3 squares and the board 2 rows"),
    ("queens", "QQ\n..", r"line 1, column 2: this row has a queen already"),
    ("queens", "." * 33 + ("\n" + "." * 33) * 32, r"of 1 to 32 rows"),
    ("magic-square", "2", r"the size of a magic square is a number from 3 to 6, not '2'"),
    ("magic-square", "10 . .\n. . .\n. . .", r"line 1, column 1: a cell is a number from 1 to 9, not '10'"),
    ("magic-square", ". .\n. .", r"the grid has 4 cells in lines of 2, 2; a magic square has 9"),
    ("magic-square", "one . .\n. . .\n. . .", r"not 'one'"),
    ("nonogram", "rows: 1", r"line 1, column 1: there are no clues of columns"),
    ("nonogram", "rows: 1\ncolumns: ", r"line 2, column 1: there are no clues of columns"),
    ("nonogram", "rows: 1,,1\ncolumns: 1", r"line 1, column 9: there is no clue at this comma"),
    ("nonogram", "rows: 1, x\ncolumns: 1", r"line 1, column 10: a run is a number from 1 to 9999, not 'x'"),
    ("nonogram", "rows: 0 1\ncolumns: 1", r"a run is a number from 1 to 9999, not '0'"),
    ("nonogram", "rows: 1\nrows: 1\ncolumns: 1", r"line 2, column 1: the rows are on line 1 already"),
    ("nonogram", "rows: 1,\n1\ncolumns: 1", r"there is no clue at this comma"),
    ("nonogram", "rows: 1\n1\ncolumns: 1", r"line 2, column 1: '1' stands under neither rows nor columns"),
    ("nonogram", "rows\n2, 1 1\ncolumns\n1", r"line 2, column 4: a run is a number from 1 to 9999, not '1 1'"),
    ("nonogram", "width 2\nheight 1\nrows\n1\ncolumns\n1", r"line 5, column 1: there are 1 clues of columns and the width is 2"),
    ("nonogram", "width two\nrows\n1\ncolumns\n1", r"line 1, column 7: the width is a number"),
    ("nonogram", "height", r"the height is a number from 1 to 9999, not ''"),
    ("cryptarithm", "SEND + MORE", r"line 1, column 8: the equation ends here without ="),
    ("cryptarithm", "SEND + MORE =", r"line 1, column 13: the equation ends here without a word"),
    ("cryptarithm", "A = B = C", r"line 1, column 7: '=' is out of place"),
    ("cryptarithm", "A * B = C", r"line 1, column 3: '\*' is out of place"),
    ("cryptarithm", "A B = C", r"line 1, column 3: 'B' is out of place"),
    ("cryptarithm", "A + 1 = C", r"line 1, column 5: '1' stands where a word of letters does"),
    ("cryptarithm", "= A", r"line 1, column 1: '=' stands where a word"),
    ("cryptarithm", "ABCDEF + GHIJ = K", r"there are 11 letters, A B C D E F G H I J K, for 10 digits"),
    ("cryptarithm", "A + B\n= C", r"line 2, column 1: the equation goes on here"),
    ("zebra", "colour: red", r"line 1, column 1: the first line says how many houses"),
    ("zebra", "houses: none", rf"line 1, column 9: the number of houses is a number from 1 to {MOST_VALUES}, not 'none'"),
    ("zebra", "houses: 2\na = b", r"there is no category"),
    ("zebra", "houses: 2\n\npet: dog", r"line 3, column 5: pet has 1 items for 2 houses"),
    ("zebra", "houses: 2\npet: dog dog", r"line 2, column 10: dog is an item of line 2 already"),
    ("zebra", "houses: 2\npet: dog cat\nhouse: cat red", r"line 3, column 8: cat is an item of line 2 already"),
    ("zebra", "houses: 2\npet: dog cat\npet: fox hen", r"line 3, column 1: the category pet is there already"),
    ("zebra", "houses: 2\npet: dog {cat}", r"line 2, column 10: '\{cat\}' is no name"),
    ("zebra", "houses: 2\npet: dog cat\n# clues\ndgo = cat", r"line 4, column 1: 'dgo' is no item; is it dog\?"),
    ("zebra", "houses: 2\npet: dog cat\ndog = whale", r"line 3, column 7: 'whale' is no item; declare it"),
    ("zebra", "houses: 2\npet: dog cat\ndog near cat", r"line 3, column 5: 'near' is no relation; write item =\|not\|next-to"),
    ("zebra", "houses: 2\npet: dog cat\ndog is not cat", r"line 3, column 1: a clue has three words, not 4"),
    ("zebra", "houses: 2\npet: dog cat\nthe dog: cat", r"line 3, column 1: 'the' is no item"),
    ("zebra", "houses: 2\npet: dog cat\n: dog", r"line 3, column 1: a clue has three words, not 2"),
    ("zebra", "houses: 2\npet: dog cat\ndog at 3", r"line 3, column 8: a house is a number from 1 to 2, not '3'"),
    ("zebra", "houses: 2\npet: dog cat\ndog at third", r"not 'third'"),
    ("zebra", "houses: 2\npet: dog cat\ndog at 1\ndog at 2", r"line 4, column 1: dog was placed on line 3 already"),
    ("zebra", "houses: 2\npet: dog cat\ndog = dog", r"a clue is about two items, and this one about dog twice"),
]


@pytest.mark.parametrize(("name", "text", "message"), BAD, ids=[f"{name} {text[:30]!r}" for name, text, _ in BAD])
def test_a_faulty_text_is_told_what_and_where(name, text, message):
    with pytest.raises(ConstraintError, match=message):
        KINDS[name].parse(text)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_an_empty_text_is_told_what_to_write(kind):
    for text in "", " \n\t\n":
        with pytest.raises(ConstraintError, match="line 1, column 1: the text is empty; write "):
            kind.parse(text)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_example_parses_or_is_a_constraint_error(kind, data):
    letters = st.text(alphabet=kind.example + "{}!:[]²９\x85\\Q#,=-", max_size=3)
    begin = data.draw(st.integers(0, len(kind.example)))
    end = data.draw(st.integers(begin, min(begin + 5, len(kind.example))))
    text = kind.example[:begin] + data.draw(letters) + kind.example[end:]
    try:
        puzzle = kind.parse(text)
    except ConstraintError as error:
        assert type(error) is ConstraintError and str(error)
    else:
        assert puzzle.write([domain[0] for domain in puzzle.domains])


def test_published_sudokus_have_their_solutions():
    if not CORPUS.is_dir():
        pytest.skip("the Sudoku corpus is not there")
    for file in sorted(CORPUS.glob("*.csv")):
        for row in list(csv.DictReader(file.read_text().splitlines()))[:20]:
            puzzle, values = KINDS["sudoku"].parse(row["puzzle"]), [int(digit) for digit in row["solution"]]
            assert puzzle.check(values).valid
            swapped = [{1: 2, 2: 1}.get(value, value) for value in values]
            assert all(violation.rule == "given" for violation in puzzle.check(swapped).violations)


def test_a_kind_is_a_frozen_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        KINDS["sudoku"].name = "other"
    assert all(name == kind.name and kind.about.endswith(".") for name, kind in KINDS.items())
