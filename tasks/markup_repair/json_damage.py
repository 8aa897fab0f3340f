"""How JSON breaks."""

from __future__ import annotations

import random
import re

from tasks.markup_repair.edits import (
    Edit, Edits, Kind, choose, doubled, dropped, fenced, prefaced, substituted, swapped, truncated,
)
from tasks.markup_repair.tokens import Tokens

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.S)
MARKS = "{}[]:,"
WRONG = {"{": "[(", "}": "])", "[": "{(", "]": "})", ":": "=;,", ",": ";.:", '"': "'`"}
REMARKS = ("todo: check", "was changed, see the notes", "optional", "do not edit: made by hand", "the \"real\" value")


def _bare(token: re.Match[str]) -> Edits:
    return Edit(token.start(), token.start() + 1), Edit(token.end() - 1, token.end())


def unquoted_key(source: Tokens, rng: random.Random) -> Edits:
    plain = [_bare(token) for token in source.keys if re.fullmatch(r'"[A-Za-z_$][\w$]*"', token[0])]
    return sum(plain, ()) if plain and rng.random() < 0.25 else choose(rng, plain)


def unquoted_value(source: Tokens, rng: random.Random) -> Edits:
    keys = set(source.keys)
    return choose(rng, (_bare(token) for token in source.strings if token not in keys
                        and re.fullmatch(r'"[A-Za-z][\w .-]*"', token[0])))


def other_quotes(source: Tokens, rng: random.Random) -> Edits:
    """Single or typographic quotes for double: of one string, or single ones throughout, as Python prints."""
    def requoted(token: re.Match[str], left: str, right: str) -> Edits:
        inner = token[0][1:-1].replace('\\"', '"')
        return (Edit(token.start(), token.end(), left + inner + right),)
    plain = [token for token in source.strings if "'" not in token[0]]
    if plain and rng.random() < 0.25:
        return sum((requoted(token, "'", "'") for token in plain), ())
    left, right = rng.choice(["''", "''", "''", "“”", "``"])
    return choose(rng, (requoted(token, left, right) for token in plain))


def _unescaped(source: Tokens, rng: random.Random, escape: str, letter: str) -> Edits:
    """The escapes of one string are gone, all or one of them."""
    found = [[Edit(token.start() + place, token.start() + place + 2, letter) for place in _escapes(token[0], escape)]
             for token in source.strings]
    found = [edits for edits in found if edits]
    if not found:
        return ()
    edits = rng.choice(found)
    return tuple(edits) if rng.random() < 0.6 else (rng.choice(edits),)


def _escapes(string: str, escape: str) -> list[int]:
    return [match.start() for match in re.finditer(r"\\.", string, re.S) if match[0] == escape]


def unescaped_quote(source: Tokens, rng: random.Random) -> Edits:
    return _unescaped(source, rng, '\\"', '"')


def raw_newline(source: Tokens, rng: random.Random) -> Edits:
    return _unescaped(source, rng, "\\n", "\n") or _unescaped(source, rng, "\\t", "\t")


def raw_backslash(source: Tokens, rng: random.Random) -> Edits:
    return _unescaped(source, rng, "\\\\", "\\")


def trailing_comma(source: Tokens, rng: random.Random) -> Edits:
    return choose(rng, (Edit(token.end(), token.end(), ",") for token, after in zip(source.tokens, source.tokens[1:])
                        if after[0] in "}]" and token[0] not in "{["))


def missing_comma(source: Tokens, rng: random.Random) -> Edits:
    return dropped((place for place in source.punctuation if source.text[place] == ","), rng)


def lost_quote(source: Tokens, rng: random.Random) -> Edits:
    return dropped(source.quotes, rng)


def foreign_literal(source: Tokens, rng: random.Random) -> Edits:
    """A literal as Python or JavaScript has it; all of them, now and then."""
    names = {"null": rng.choice(["None", "None", "NaN", "undefined", "nil", "NULL"]),
             "true": rng.choice(["True", "True", "TRUE"]), "false": rng.choice(["False", "False", "FALSE"])}
    found = [Edit(token.start(), token.end(), names[token[0]]) for token in source.tokens if token[0] in names]
    return tuple(found) if rng.random() < 0.3 else choose(rng, found)


def comment(source: Tokens, rng: random.Random) -> Edits:
    remark = rng.choice(REMARKS)
    mark = rng.choice(["//", "//", "#"])
    lines = [Edit(end, end, f" {mark} {remark}") for end, begin in source.gaps if "\n" in source.text[end:begin]]
    blocks = [Edit(begin, begin, f"/* {remark} */ ") for end, begin in source.gaps]
    return choose(rng, lines if lines and rng.random() < 0.7 else blocks)


def odd_number(source: Tokens, rng: random.Random) -> Edits:
    """A number as other languages write it: +1, .5, 1., 007, 1_000."""
    def odd(number: str) -> str:
        ways = ["+" + number]
        ways += [number[1:]] if number.startswith("0.") else []
        ways += [number + ".", "00" + number] if number.isdigit() else []
        return rng.choice(ways)
    return choose(rng, (Edit(token.start(), token.end(), odd(token[0])) for token in source.tokens if token[0][0].isdigit()))


def closers_lost(source: Tokens, rng: random.Random) -> Edits:
    """Some or all of the brackets at the very end are missing."""
    closers = next((count for count, token in enumerate(reversed(source.tokens)) if token[0] not in "]})"), 0)
    if not closers:
        return ()
    return (Edit(source.tokens[-rng.randint(1, closers) - 1].end(), len(source.text)),)


KINDS = (
    Kind("dropped", 8, lambda source, rng: dropped(source.punctuation, rng)),
    Kind("missing comma", 6, missing_comma),
    Kind("lost quote", 6, lost_quote),
    Kind("doubled", 4, lambda source, rng: doubled(source.text, source.delimiters, rng)),
    Kind("swapped", 3, lambda source, rng: swapped(source.text, source.delimiters, rng)),
    Kind("substituted", 4, lambda source, rng: substituted(source.text, source.delimiters, WRONG, rng)),
    Kind("unquoted key", 5, unquoted_key),
    Kind("unquoted value", 2, unquoted_value),
    Kind("other quotes", 5, other_quotes),
    Kind("unescaped quote", 4, unescaped_quote),
    Kind("raw newline", 3, raw_newline),
    Kind("raw backslash", 1, raw_backslash),
    Kind("trailing comma", 6, trailing_comma),
    Kind("foreign literal", 4, foreign_literal),
    Kind("comment", 4, comment),
    Kind("odd number", 1, odd_number),
    Kind("closers lost", 4, closers_lost),
    Kind("truncated", 1.5, lambda source, rng: truncated(source.text, rng)),
    Kind("fence", 3, lambda source, rng: fenced(source.text, "json", rng)),
    Kind("prose", 2, lambda source, rng: prefaced(source.text, "json", rng)),
)
