"""Regular expressions as byte machines, through outlines-core's automata over the 256 single bytes.

The accepted dialect is what ECMA 262, Python and Rust's regex crate share. `\\d`, `\\w` and `\\s` are ASCII, and `\\S`
is what neither ECMA nor Python calls a space; look-around and back-references are not regular and are refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from outlines_core import Index, Vocabulary

from structdiff.errors import ConstraintTooLarge, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.machine import BYTES, DEAD, Table

MAX_PATTERN = 20_000
MAX_REPEAT = 20_000
_END = BYTES
_FIRST_PATTERN, _FIRST = r"\x{10FFFE}", "\U0010fffe".encode()
_LAST_PATTERN, _LAST = r"\x{10FFFF}", "\U0010ffff".encode()
_SPACES = r" \t\n\r\x0b\x0c\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
_WIDE = re.compile(r"(?<!\\)\.|\[\^|\\[pP]")                        # only speed hangs on it
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\x0b\x0c"}
_FLAGS = re.compile(r"\(\?[is]*(?:-[is]+)?[:)]")
_ANY = "(?s:.)*"
_COUNT = re.compile(r"\{([0-9]{1,9})?(?:,([0-9]{1,9})?)?\}")


@lru_cache(maxsize=1024)
def whole(pattern: str) -> Table:
    """Returns the machine of the texts that `pattern` matches whole; `^` and `$` at its ends are allowed.

    Raises:
        UnsupportedConstraint: the pattern is not a regular expression this dialect has.
        UnsatisfiableConstraint: it matches nothing.
        ConstraintTooLarge: it is too long, or its counts multiply to too much.
    """
    return _table("|".join(f"(?:{body})" for body, _, _ in _alternatives(pattern)), pattern)


@lru_cache(maxsize=1024)
def containing(pattern: str) -> Table:
    """Returns the machine of the texts in which `pattern` matches somewhere, as JSON Schema's `pattern` means it."""
    return _table("|".join(
        ("" if begins else _ANY) + f"(?:{body})" + ("" if ends else _ANY)
        for body, begins, ends in _alternatives(pattern)), pattern)


def _table(translated: str, pattern: str) -> Table:
    """Returns the machine of a pattern in Rust's dialect.

    outlines-core 0.2.14 loses the arcs that lead from an accepting state to one that is not (`x(ab)?` refuses `xab`).
    So every text is compiled with a last character behind it: no state that matters accepts, and a state of ours
    accepts when that character would end the text. Texts that hold the character themselves, a noncharacter, are
    not in the language. It also determinises the pattern's unanchored search, which for counts that overlap
    (`1[0-9]{14}|[0-9]{12}`) has exponentially many states. Behind a first character a search has one place to begin,
    unless the pattern can match that character too: then it would be one more way to begin, and is left out.
    """
    first = (b"", "") if _WIDE.search(translated) else (_FIRST, _FIRST_PATTERN)
    try:
        index = Index(f"{first[1]}(?:{translated}){_LAST_PATTERN}", _bytes())
    except ValueError as error:
        reason = str(error).split(", missing tokens")[0]
        kind = UnsatisfiableConstraint if "no transitions" in reason else UnsupportedConstraint
        raise kind(f"the regular expression {_shown(pattern)} does not compile: {reason}") from None
    transitions = index.get_transitions()
    finals = index.get_final_states()
    number = {state: n for n, state in enumerate({index.get_initial_state(), *transitions, *finals}, start=1)}
    rows = np.zeros((len(number) + 1, BYTES), dtype=np.int32)
    for state, moves in transitions.items():
        for byte, target in moves.items():
            if byte != _END:
                rows[number[state], byte] = number[target]
    ended = np.zeros(len(rows), dtype=bool)
    ended[[number[state] for state in finals]] = True
    after = np.arange(len(rows))
    for byte in _LAST:
        after = rows[after, byte]
    accepting = ended[after]
    start = number[index.get_initial_state()]
    for byte in first[0]:
        start = int(rows[start, byte])
    machine = Table(np.where(ended[rows], DEAD, rows), accepting, start)
    if machine.start == DEAD:
        raise UnsatisfiableConstraint(f"the regular expression {_shown(pattern)} matches nothing")
    return machine


@lru_cache(maxsize=1)
def _bytes() -> Vocabulary:
    return Vocabulary(_END, {bytes([byte]): [byte] for byte in range(BYTES)})


def _shown(pattern: str) -> str:
    return repr(pattern if len(pattern) <= 60 else pattern[:57] + "…")


# --- from the shared dialect to Rust's ------------------------------------------------------------------------------


def _alternatives(pattern: str) -> list[tuple[str, bool, bool]]:
    """Returns the top-level alternatives, translated, each with whether it is anchored at its begin and its end."""
    if len(pattern) > MAX_PATTERN:
        raise ConstraintTooLarge(f"the regular expression has {len(pattern):,} characters; {MAX_PATTERN:,} are allowed")
    found, parts, begins, ends, depth, i = [], [], False, False, 0, 0
    flags = ""                                       # `(?i)` at the begin holds for every alternative
    while i < len(pattern):
        piece, width = _piece(pattern, i)
        if depth == 0 and piece == "|":
            found.append((flags + "".join(parts), begins, ends))
            parts, begins, ends = [], False, False
        elif piece in "^$" and piece:
            if depth or (piece == "^" and parts) or (piece == "$" and not _closes(pattern, i)):
                raise UnsupportedConstraint(
                    f"the regular expression {_shown(pattern)} has {piece!r} at {i}, where it is not at an end; "
                    "anchor the whole pattern or its top-level alternatives")
            begins, ends = begins or piece == "^", ends or piece == "$"
        elif i == 0 and piece.startswith("(?") and piece.endswith(")"):
            flags = piece
        elif piece == "+" and parts and parts[-1] in ("*", "+", "?", "}"):
            raise UnsupportedConstraint(
                f"the regular expression {_shown(pattern)} has a possessive count at {i}, which is not regular")
        else:
            depth += {"(": not piece.endswith(")"), ")": -1}.get(piece[0], 0)
            parts.append(piece)
        i += width
    _bound_counts(pattern)
    return [*found, (flags + "".join(parts), begins, ends)]


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
    return pattern[i], 1


def _escape(pattern: str, i: int, inside: bool) -> tuple[str, int]:
    letter = pattern[i + 1 : i + 2]
    if letter in _CLASSES and letter:
        return (_CLASSES[letter] if inside else f"[{_CLASSES[letter]}]"), 2
    if letter.lower() in _CLASSES and letter:
        return f"[^{_SPACES if letter == 'S' else _CLASSES[letter.lower()]}]", 2
    if letter == "u" and len(pattern) >= i + 6:
        return rf"\x{{{pattern[i + 2 : i + 6]}}}", 6
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
    if pattern[j : j + 1] == "^":
        parts.append("^")
        j += 1
    while j < len(pattern) and pattern[j] != "]":
        single = _single(pattern, j)
        piece, width = _member(pattern, j)
        parts.append(piece)
        j += width
        if single and pattern[j : j + 1] == "-" and pattern[j + 1 : j + 2] not in ("", "]") and _single(pattern, j + 1):
            piece, width = _member(pattern, j + 1)
            parts.append("-" + piece)
            j += 1 + width
    if j >= len(pattern):
        raise UnsupportedConstraint(f"the regular expression {_shown(pattern)} has an unclosed '[' at {i}")
    return "".join(parts) + "]", j - i + 1


def _member(pattern: str, i: int) -> tuple[str, int]:
    """Returns one translated member of a class; Rust gives `[`, `&&`, `--` and `~~` a meaning of their own there."""
    if pattern[i] == "\\":
        return _escape(pattern, i, inside=True)
    return ("\\" + pattern[i] if pattern[i] in "[&~-^" else pattern[i]), 1


def _single(pattern: str, i: int) -> bool:
    """Whether the class member at `i` is one character, so that a range may begin or end with it."""
    return pattern[i] != "\\" or pattern[i + 1 : i + 2] not in set("dDwWsSpP")


def _bound_counts(pattern: str) -> None:
    """Raises ConstraintTooLarge where counts multiply beyond what an automaton can hold."""
    sizes, last, i = [0], 0, 0                       # of each open group so far; of the element read last
    while i < len(pattern):
        if counts := _COUNT.match(pattern, i):
            times = max(int(count) for count in counts.groups(default="0"))
            sizes[-1] += last * (max(times, 1) - 1)
            last *= max(times, 1)
            i = counts.end()
        else:
            piece, width = _piece(pattern, i)
            i += width
            if piece[0] == "(" and not piece.endswith(")"):
                sizes.append(0)
            elif piece == ")" and len(sizes) > 1:
                last = sizes.pop()
                sizes[-1] += last
            elif piece not in "*+?|^$)":
                last = 1
                sizes[-1] += 1
        if sizes[-1] > MAX_REPEAT:
            raise ConstraintTooLarge(f"the counts of the regular expression {_shown(pattern)} multiply to more than "
                                     f"{MAX_REPEAT:,} states")
