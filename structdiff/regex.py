"""Regular expressions as byte machines: outlines-core's automata for the characters, our rules for what holds them.

The accepted dialect is what ECMA 262, Python and Rust's regex crate share. `\\d`, `\\w` and `\\s` are ASCII, and `\\S`
(or `[^\\s]`) is what neither ECMA nor Python calls a space; look-around and back-references are not regular and are refused.
A pattern whose automaton would be too large is walked lazily.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from outlines_core import Index, Vocabulary

from structdiff import regex_rules
from structdiff.errors import ConstraintError, ConstraintTooLarge, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.machine import BYTES, DEAD, ByteMachine, Table, tabulated

MAX_PATTERN = 20_000
MOST_STATES = 1_000        # of an automaton; a pattern that needs more is walked lazily
_END = BYTES
_SPACES = r" \t\n\r\x0b\x0c\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\x0b\x0c"}
_FLAGS = re.compile(r"\(\?[is]*(?:-[is]+)?[:)]")
_CODE = re.compile(r"\\x(?:[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]{1,6}\})")
_ANY = ["[\\x{0}-\\x{10FFFF}]", "*"]
_COUNT = re.compile(r"\{([0-9]{1,9})(?:,([0-9]{1,9})?)?\}")


@lru_cache(maxsize=1024)
def whole(pattern: str) -> ByteMachine:
    """Returns the machine of the texts that `pattern` matches whole; `^` and `$` at its ends are allowed.

    Raises:
        UnsupportedConstraint: the pattern is not a regular expression this dialect has.
        UnsatisfiableConstraint: it matches nothing.
        ConstraintTooLarge: it is too long, or its counts can be read in too many ways at once.
    """
    return _machine(pattern, [["(?:", *parts, ")"] for parts, _, _ in _alternatives(pattern)])


@lru_cache(maxsize=1024)
def containing(pattern: str) -> ByteMachine:
    """Returns the machine of the texts in which `pattern` matches somewhere, as JSON Schema's `pattern` means it."""
    sides: dict[tuple[bool, bool], list[str]] = {}   # alternatives with the same sides share them
    for parts, begins, ends in _alternatives(pattern):
        sides.setdefault((begins, ends), []).extend(["|", "(?:", *parts, ")"])
    return _machine(pattern, [
        [*([] if begins else _ANY), "(?:", *parts[1:], ")", *([] if ends else _ANY)]
        for (begins, ends), parts in sides.items()])


def _machine(pattern: str, alternatives: list[list[str]]) -> ByteMachine:
    """Returns the automaton of a translated pattern; where that would be large, a machine that is walked lazily."""
    pieces = [piece for parts in alternatives for piece in ("|", *parts)][1:]
    try:
        lazy = regex_rules.machine(pieces, _atom)
    except ConstraintError as error:
        raise type(error)(f"the regular expression {_shown(pattern)} does not compile: {error}") from None
    if lazy.start == DEAD:
        raise UnsatisfiableConstraint(f"the regular expression {_shown(pattern)} matches nothing")
    return tabulated(lazy, MOST_STATES) or lazy


@lru_cache(maxsize=4096)
def _atom(piece: str) -> Table | None:
    """Returns the machine of a character or a class in Rust's dialect; None when it holds no character.

    No text of it begins another, so that it does not matter that outlines-core 0.2.14 loses the arcs that lead from an
    accepting state to one that is not.
    """
    try:
        index = Index(piece, _bytes())
    except ValueError as error:
        reason = str(error).split(", missing tokens")[0]
        if "no transitions" in reason:
            return None
        raise UnsupportedConstraint(reason) from None
    transitions = index.get_transitions()
    number = {state: n for n, state in enumerate(
        {index.get_initial_state(), *transitions, *index.get_final_states()}, start=1)}
    rows = np.zeros((len(number) + 1, BYTES), dtype=np.int32)
    for state, moves in transitions.items():
        for byte, target in moves.items():
            if byte != _END:
                rows[number[state], byte] = number[target]
    accepting = np.zeros(len(rows), dtype=bool)
    accepting[[number[state] for state in index.get_final_states()]] = True
    return Table(rows, accepting, number[index.get_initial_state()])


@lru_cache(maxsize=1)
def _bytes() -> Vocabulary:
    return Vocabulary(_END, {bytes([byte]): [byte] for byte in range(BYTES)})


def _shown(pattern: str) -> str:
    return repr(pattern if len(pattern) <= 60 else pattern[:57] + "…")


# --- from the shared dialect to Rust's ------------------------------------------------------------------------------


def _alternatives(pattern: str) -> list[tuple[list[str], bool, bool]]:
    """Returns the top-level alternatives, in translated pieces, each with whether it is anchored at its begin and its end."""
    if len(pattern) > MAX_PATTERN:
        raise ConstraintTooLarge(f"the regular expression has {len(pattern):,} characters; {MAX_PATTERN:,} are allowed")
    found, parts, begins, ends, depth, i = [], [], False, False, 0, 0
    flags: list[str] = []                            # `(?i)` at the begin holds for every alternative
    while i < len(pattern):
        piece, width = _piece(pattern, i)
        if depth == 0 and piece == "|":
            found.append((flags + parts, begins, ends))
            parts, begins, ends = [], False, False
        elif piece in "^$" and piece:
            if depth or (piece == "^" and parts) or (piece == "$" and not _closes(pattern, i)):
                raise UnsupportedConstraint(
                    f"the regular expression {_shown(pattern)} has {piece!r} at {i}, where it is not at an end; "
                    "anchor the whole pattern or its top-level alternatives")
            begins, ends = begins or piece == "^", ends or piece == "$"
        elif i == 0 and piece.startswith("(?") and piece.endswith(")"):
            flags = [piece]
        elif piece == "+" and parts and (parts[-1] in "*+?" or parts[-1][0] == "{"):
            raise UnsupportedConstraint(
                f"the regular expression {_shown(pattern)} has a possessive count at {i}, which is not regular")
        else:
            depth += {"(": not piece.endswith(")"), ")": -1}.get(piece[0], 0)
            parts.append(piece)
        i += width
    return [*found, (flags + parts, begins, ends)]


def _closes(pattern: str, i: int) -> bool:
    return i + 1 == len(pattern) or pattern[i + 1] == "|"


def _piece(pattern: str, i: int) -> tuple[str, int]:
    """Returns one translated element of `pattern` at `i`, and how many characters it takes there."""
    match pattern[i]:
        case "\\":
            return _escape(pattern, i, inside=False)
        case "[":
            return _class(pattern, i)
        case "(" if pattern[i + 1 : i + 2] == "?" and pattern[i + 2 : i + 3] in ("=", "!", "<"):
            if pattern[i + 2] == "<" and pattern[i + 3 : i + 4] not in ("=", "!"):
                return "(?:", pattern.index(">", i) - i + 1 if ">" in pattern[i:] else 3
            raise UnsupportedConstraint(f"the regular expression {_shown(pattern)} looks around at {i}, which is not regular")
        case "(" if flags := _FLAGS.match(pattern, i):
            return flags.group(), len(flags.group())
        case "(":
            return "(?:", 1
        case "{" if count := _COUNT.match(pattern, i):
            return count.group(), len(count.group())
    return pattern[i], 1


def _escape(pattern: str, i: int, inside: bool) -> tuple[str, int]:
    letter = pattern[i + 1 : i + 2]
    if letter in _CLASSES and letter:
        return (_CLASSES[letter] if inside else f"[{_CLASSES[letter]}]"), 2
    if letter.lower() in _CLASSES and letter:
        return f"[^{_SPACES if letter == 'S' else _CLASSES[letter.lower()]}]", 2
    if letter == "u" and len(pattern) >= i + 6:
        return rf"\x{{{pattern[i + 2 : i + 6]}}}", 6
    if code := _CODE.match(pattern, i):
        return code.group(), len(code.group())
    if letter == "c" and len(pattern) > i + 2:
        return rf"\x{{{ord(pattern[i + 2].upper()) ^ 64:x}}}", 3
    if letter == "b" and inside:
        return r"\x08", 2
    if letter in "bB" and letter:
        raise UnsupportedConstraint(f"the regular expression {_shown(pattern)} has a word boundary at {i}")
    if letter == "0":
        return r"\x00", 2
    if letter.isdigit():
        raise UnsupportedConstraint(f"the regular expression {_shown(pattern)} refers back at {i}, which is not regular")
    if letter == "k":
        raise UnsupportedConstraint(f"the regular expression {_shown(pattern)} refers back at {i}, which is not regular")
    if letter in "AZzG" and letter:
        raise UnsupportedConstraint(f"the regular expression {_shown(pattern)} has '\\{letter}' at {i}; anchor with '^' and '$'")
    if letter in "<>" and letter:
        return letter, 2
    if letter in ("p", "P") and pattern[i + 2 : i + 3] == "{" and "}" in pattern[i:]:
        width = pattern.index("}", i) - i + 1
        return pattern[i : i + width], width
    if letter and (letter.isalpha() and letter not in "fnrtvx" or not letter.isascii() or letter == " "):
        return letter, 2
    return pattern[i : i + 2], 2


def _class(pattern: str, i: int) -> tuple[str, int]:
    j, parts = i + 1, ["["]
    negated = pattern[j : j + 1] == "^"
    if negated:
        parts.append("^")
        j += 1
    while j < len(pattern) and pattern[j] != "]":
        single = _single(pattern, j)
        piece, width = _member(pattern, j, negated)
        parts.append(piece)
        j += width
        if single and pattern[j : j + 1] == "-" and pattern[j + 1 : j + 2] not in ("", "]") and _single(pattern, j + 1):
            piece, width = _member(pattern, j + 1, negated)
            parts.append("-" + piece)
            j += 1 + width
    if j >= len(pattern):
        raise UnsupportedConstraint(f"the regular expression {_shown(pattern)} has an unclosed '[' at {i}")
    return "".join(parts) + "]", j - i + 1


def _member(pattern: str, i: int, negated: bool) -> tuple[str, int]:
    """Returns one translated member of a class; Rust gives `[`, `&&`, `--` and `~~` a meaning of their own there."""
    if negated and pattern[i : i + 2] == "\\s":
        return _SPACES, 2
    if pattern[i] == "\\":
        return _escape(pattern, i, inside=True)
    return ("\\" + pattern[i] if pattern[i] in "[&~-^" else pattern[i]), 1


def _single(pattern: str, i: int) -> bool:
    """Whether the class member at `i` is one character, so that a range may begin or end with it."""
    return pattern[i] != "\\" or pattern[i + 1 : i + 2] not in set("dDwWsSpP")
