"""How TOML, CSV, YAML and Python break."""

from __future__ import annotations

import random
import re

from tasks.markup_repair import json_damage
from tasks.markup_repair.edits import (
    Edit, Edits, Kind, choose, doubled, dropped, fenced, prefaced, substituted, swapped, truncated,
)
from tasks.markup_repair.tokens import Tokens

TOKEN = {
    "toml": re.compile(
        r'#[^\n]*|"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[\[\]{}=,]|[^\s\[\]{}=,"\'#]+', re.S),
    "csv": re.compile(r'"(?:[^"]|"")*"|,|[^,"\n]+'),
    "yaml": re.compile(
        r'(?<!\S)#[^\n]*|(?<![\w.])"(?:[^"\\]|\\.)*"|(?<![\w.])\'(?:[^\']|\'\')*\''
        r"|[\[\]{},]|:(?=\s)|-(?=\s)|(?:[^\s\[\]{},:]|:(?!\s))+"),
    "python": re.compile(
        r'#[^\n]*|"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
        r"|[()\[\]{}:,]|[^\s()\[\]{}:,\"'#]+", re.S),
}
MARKS = {"toml": "[]{}=,", "csv": ",", "yaml": "[]{},:-", "python": "()[]{}:,"}
WRONG = json_damage.WRONG | {"=": ":", "'": "\"`", "(": "[{", ")": "]}"}


def unquoted(source: Tokens, rng: random.Random) -> Edits:
    """A plain string has no quotes."""
    return choose(rng, ((Edit(token.start(), token.start() + 1), Edit(token.end() - 1, token.end()))
                        for token in source.strings
                        if re.fullmatch(r"(\"|')[\w .:/@-]+\1", token[0])))


def missing_line_break(source: Tokens, rng: random.Random) -> Edits:
    """Two lines are one."""
    return choose(rng, (Edit(end, begin, " ") for end, begin in source.gaps if "\n" in source.text[end:begin]
                        and not source.text[end:begin].strip()))


def note(source: Tokens, rng: random.Random) -> Edits:
    """A remark as C has it."""
    return choose(rng, (Edit(end, end, f" // {rng.choice(json_damage.REMARKS)}") for end, begin in source.gaps
                        if "\n" in source.text[end:begin]))


def foreign_literal(source: Tokens, rng: random.Random) -> Edits:
    return choose(rng, (Edit(token.start(), token.end(), token[0].capitalize()) for token in source.tokens
                        if token[0] in ("true", "false")))


def odd_indent(source: Tokens, rng: random.Random) -> Edits:
    """A line begins one blank too early, one too late, or with a tab."""
    return choose(rng, (rng.choice([Edit(begin, begin + 1), Edit(begin, begin, " "), Edit(begin, end, "\t")])
                        for begin, end in source.indents))


def lost_blank(source: Tokens, rng: random.Random) -> Edits:
    """No blank follows a mark that needs one."""
    return dropped((place + 1 for place in source.punctuation if source.text[place + 1 : place + 2] == " "), rng)


def single_inner_quote(source: Tokens, rng: random.Random) -> Edits:
    """A quote in a quoted field stands alone."""
    return dropped((token.start() + found.start() for token in source.strings for found in re.finditer('""', token[0])
                    if 0 < found.start() < len(token[0]) - 2), rng)


def _common(name: str) -> tuple[Kind, ...]:
    return (
        Kind("dropped", 8, lambda source, rng: dropped(source.punctuation, rng)),
        Kind("lost quote", 6, json_damage.lost_quote),
        Kind("doubled", 4, lambda source, rng: doubled(source.text, source.delimiters, rng)),
        Kind("swapped", 3, lambda source, rng: swapped(source.text, source.delimiters, rng)),
        Kind("substituted", 4, lambda source, rng: substituted(source.text, source.delimiters, WRONG, rng)),
        Kind("truncated", 1.5, lambda source, rng: truncated(source.text, rng)),
        Kind("fence", 3, lambda source, rng: fenced(source.text, name, rng)),
        Kind("prose", 1.5, lambda source, rng: prefaced(source.text, name, rng)),
    )


KINDS = {
    "toml": (
        *_common("toml"), Kind("unquoted", 5, unquoted), Kind("missing comma", 4, json_damage.missing_comma),
        Kind("missing line break", 4, missing_line_break),
        Kind("foreign literal", 3, foreign_literal), Kind("note", 2, note),
        Kind("unescaped quote", 3, json_damage.unescaped_quote),
        Kind("raw newline", 2, json_damage.raw_newline), Kind("raw backslash", 1, json_damage.raw_backslash),
        Kind("closers lost", 1, json_damage.closers_lost)),
    "csv": (*_common("csv"), Kind("missing line break", 4, missing_line_break),
            Kind("single inner quote", 5, single_inner_quote)),
    "yaml": (*_common("yaml"), Kind("odd indent", 8, odd_indent), Kind("lost blank", 5, lost_blank),
             Kind("closers lost", 3, json_damage.closers_lost),
             Kind("unescaped quote", 3, json_damage.unescaped_quote)),
    "python": (*_common("python"), Kind("odd indent", 6, odd_indent), Kind("missing comma", 4, json_damage.missing_comma),
               Kind("missing line break", 3, missing_line_break)),
}
