"""Cryptarithms: sums whose digits are written as letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import AllDifferent, Linear

WORD = r"[^\W\d_]+"
EXPECTED = "words with + or - between and one =, such as SEND + MORE = MONEY"
Term = tuple[int, str]                                   # +1 or -1, once all is on the left side; the word


def cryptarithm(text: str) -> Puzzle:
    """Returns the puzzle of an equation of sums and differences, one digit a letter, no word of several letters beginning with 0.

    It is solved column by column: carry1 goes from the units to the tens, and so on.
    """
    line, *more = lines(text, EXPECTED)
    if more:
        raise more[0].fault("the equation goes on here; write it on one line")
    terms = _terms(line)
    letters = tuple(dict.fromkeys(letter for _, word in terms for letter in word))
    if len(letters) > 10:
        raise line.fault(f"there are {len(letters)} letters, {' '.join(letters)}, for 10 digits; use 10 at most")
    columns = _columns(terms)
    carries = _carries(columns)
    first = {word[0] for _, word in terms if len(word) > 1}
    domains = [tuple(range(letter in first, 10)) for letter in letters] + list(carries.values())
    rules = (AllDifferent(letters, "the letters"), *_sums(columns, tuple(carries)))
    return Puzzle((*letters, *carries), tuple(domains), rules, (), _layout(letters, tuple(carries)), (), "cryptarithm")


def _terms(line: Piece) -> list[Term]:
    pieces = line.find(rf"{WORD}|\S")
    terms, side, sign = [], 1, 1
    for i, piece in enumerate(pieces):
        if i % 2 == 0:
            terms.append((side * sign, _word(piece)))
        elif piece.text == "=" and side == 1:
            side, sign = -1, 1
        elif piece.text in "+-":
            sign = 1 if piece.text == "+" else -1
        else:
            raise piece.fault(f"{piece.text!r} is out of place; write {EXPECTED}")
    if len(pieces) % 2 == 0 or side == 1:
        raise pieces[-1].fault(f"the equation ends here without {'a word' if len(pieces) % 2 == 0 else '='}; write {EXPECTED}")
    return terms


def _word(piece: Piece) -> str:
    if piece.groups(WORD) is None:
        raise piece.fault(f"{piece.text!r} stands where a word of letters does; write {EXPECTED}")
    return piece.text.upper()


def _columns(terms: Sequence[Term]) -> list[dict[str, int]]:
    """Returns the weight of each letter in each column, from the units on, without the letters that cancel out."""
    columns = [Counter[str]() for _ in range(max(len(word) for _, word in terms))]
    for sign, word in terms:
        for column, letter in zip(columns, reversed(word)):
            column[letter] += sign
    return [{letter: weight for letter, weight in column.items() if weight} for column in columns]


def _carries(columns: Sequence[dict[str, int]]) -> dict[str, tuple[int, ...]]:
    """Returns the carries out of all columns but the last, with what each can be."""
    domains, least, most = {}, 0, 0
    for number, column in enumerate(columns[:-1], 1):
        least = -((-least - 9 * sum(min(weight, 0) for weight in column.values())) // 10)
        most = (most + 9 * sum(max(weight, 0) for weight in column.values())) // 10
        domains[f"carry{number}"] = tuple(range(least, most + 1))
    return domains


def _sums(columns: Sequence[dict[str, int]], carries: Sequence[str]) -> Iterator[Linear]:
    for number, (column, into, out) in enumerate(zip_longest(columns, ("", *carries), carries, fillvalue=""), 1):
        weights = column | ({into: 1} if into else {}) | ({out: -10} if out else {})
        if weights:
            yield Linear(tuple(weights), tuple(weights.values()), "==", 0, f"column {number} from the right")


def _layout(letters: Sequence[str], carries: Sequence[str]) -> str:
    digits = " ".join(f"{letter}={{{letter}}}" for letter in letters)
    return digits + (", carries " + " ".join(f"{{{carry}}}" for carry in reversed(carries)) if carries else "")


CRYPTARITHM = Kind("cryptarithm", cryptarithm, "SEND + MORE = MONEY\n",
                   "Each letter is a digit, no two the same one, and no word begins with 0. Words with + or - between, and one =.", 1)
