"""TOML as it gets broken: the automaton that reads its atoms, and how what is read is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from structdiff.channel import toml_prices
from structdiff.channel.rules import Atoms, Rules
from structdiff.channel.search import Tables
from structdiff.channel.toml_atoms import CUT, DOUBLE, FANCIES, FOREIGN, LINES, SINGLES
from structdiff.channel.toml_prices import INSERTED

BLANKS = "LINE AFTER ITEMS PAIRS HEAD HEADED KEY KEYED VALUE ITEM PAIR0 PAIR PAIRKEY PAIRED PAIRVALUE"     # may hold some
VALUES = {"VALUE": "AFTER", "ITEM": "ITEMS", "PAIRVALUE": "PAIRS"}                # of a value -> the state behind it
KEYS = {"LINE": "KEYED", "KEY": "KEYED", "HEAD0": "HEADED", "HEAD": "HEADED", "PAIR0": "PAIRED", "PAIR": "PAIRED", "PAIRKEY": "PAIRED"}
ALTERED = (".odd", ".other", ".bare")     # odd: double, and an odd number of quotes in it were content; other: other quotes
BRACKETS = "LBRACE RBRACE LBRACK RBRACK"
NEWLINES = f"{LINES} BREAK +NEWLINE"
EVERYTHING = ("BLANK WIDE HASH REMARK SLASHES EQUALS JOINED COLON SPACED COMMA SEMI DOT LPAREN RPAREN TRIPLE TRIPLET ESCAPE LASTSLASH NEEDLESS BADESCAPE PLAIN "
              f"LITERAL FOREIGN LOOSE LOOSEKEY WORD TEXT {BRACKETS} {DOUBLE} {SINGLES} {FANCIES}")

# A double quote, by what stands about it: the price of its opening a string, of its closing one, and of its being content.
QUOTED = {
    "OPENING": (0.0, 1.5, 4.3), "CLOSING": (1.5, 0.0, 5.5), "EITHER": (0.0, 0.0, 5.0), "NEITHER": (0.7, 0.9, 3.4),
    "MAYOPEN": (0.3, 1.0, 3.4), "MAYCLOSE": (1.2, 0.3, 3.6), "PARTING": (0.3, 0.3, 6.0), "DOUBLED": (0.5, 0.7, 4.2), "TWIN": (0.5, 0.7, 4.2),
}


@dataclass(frozen=True, eq=False)
class TomlFormat:
    tables: Tables
    start: int
    symbols: dict[str, int]
    states: dict[int, str]

    def spell(self, state: int, symbol: int, text: str, top: str) -> str:
        return _spell(self.states[state], self.called[symbol], text)

    def misnamed(self, opened: str, closed: str) -> bool:
        return False

    @cached_property
    def called(self) -> dict[int, str]:
        return {number: name for name, number in self.symbols.items()}


def atoms(text: str) -> Atoms:
    """Returns the text's atoms, each with its class and the prices of what may have been done to it."""
    return toml_prices.atoms(text, rules().symbols)


@lru_cache(maxsize=1)
def rules() -> TomlFormat:
    made = Rules()
    for state in BLANKS.split():
        made.stay(state, "BLANK WIDE", state)
    _lines(made)
    _keys(made)
    _collections(made)
    for place, behind in VALUES.items():
        _value(made, place, behind)
    _mistaken(made)
    tables = made.tables("LINE AFTER LINE.comment", "AFTER", "LINE", INSERTED, ALTERED)
    return TomlFormat(tables, made.states["LINE"], made.symbols, {i: name for name, i in made.states.items()})


def _lines(made: Rules) -> None:
    """A line is blank, a comment, a table's name in one pair of brackets or two, or a key and its value."""
    for state in ("LINE", "AFTER"):
        made.stay(state, NEWLINES if state == "AFTER" else LINES, "LINE")
        made.stay(state, "HASH REMARK +HASH", "LINE.comment")
    _comment(made, "LINE.comment", "LINE")
    made.push("LINE", "LBRACK +LBRACK", "HEAD0", "AFTER")
    made.push("HEAD0", "LBRACK +LBRACK", "HEAD", "SECOND")
    made.pop("SECOND", "RBRACK +RBRACK")
    made.stay("SECOND", "BLANK WIDE", "SECOND", 2.0)
    made.stay("HEAD0", "BLANK WIDE", "HEAD")
    made.pop("HEADED", "RBRACK +RBRACK")


def _comment(made: Rules, state: str, behind: str) -> None:
    made.stay(state, EVERYTHING, state)
    made.stay(state, "CONTROL", state, 2.0)
    made.stay(state, LINES, behind)


def _keys(made: Rules) -> None:
    """Keys are words or strings, parted by dots."""
    for state, behind in KEYS.items():
        made.stay(state, "WORD PLAIN LOOSEKEY FOREIGN", behind)
        place = behind.replace("ED", "NAME")
        _opened(made, state, place)
    for behind, more in (("KEYED", "KEY"), ("HEADED", "HEAD"), ("PAIRED", "PAIRKEY")):
        place = behind.replace("ED", "NAME")
        made.stay(behind, "DOT", more)
        for opened in ("double", "single", "other", "bare"):
            _inside(made, f"{place}.{opened}", behind, key=True)
    for behind, value in (("KEYED", "VALUE"), ("PAIRED", "PAIRVALUE")):
        made.stay(behind, "EQUALS JOINED +EQUALS SPACEDEQUALS BETWEEN", value)


def _collections(made: Rules) -> None:
    """Arrays go over lines, with comments; inline tables do not."""
    for state in ("ITEM", "ITEMS"):
        made.stay(state, "NEWLINE STOPLINE", state)
        made.stay(state, "LINE", state, 3.0)
        made.stay(state, "HASH REMARK", f"{state}.comment")
        _comment(made, f"{state}.comment", state)
        made.pop(state, "RBRACK +RBRACK")
    made.stay("ITEMS", "COMMA +COMMA", "ITEM")
    made.stay("PAIRS", "COMMA +COMMA", "PAIR")
    for state in ("PAIR0", "PAIR", "PAIRS"):
        made.stay(state, LINES, state, 1.5)
    made.pop("PAIR0", "RBRACE +RBRACE")
    made.pop("PAIRS", "RBRACE +RBRACE")


def _value(made: Rules, place: str, behind: str) -> None:
    made.stay(place, "LITERAL PLAIN NORMAL NOTHING", behind)
    made.push(place, "LBRACK +LBRACK", "ITEM", behind)
    made.push(place, "LBRACE +LBRACE", "PAIR0", behind)
    if place != "ITEM":
        made.stay(place, LINES, place, 4.5)
    _opened(made, place, place)
    for opened in ("double", "odd", "single", "other", "bare"):
        _inside(made, f"{place}.{opened}", behind, key=False)
    for opened, quote in (("multi", "TRIPLE"), ("literal", "TRIPLET")):
        state = f"{place}.{opened}"
        made.stay(place, quote, state)
        made.stay(state, EVERYTHING.replace(quote + " ", ""), state)
        made.stay(state, "CONTROL", state, 2.0)
        made.stay(state, "NEWLINE STOPLINE", state)
        made.stay(state, "LINE", state, 2.5)
        made.stay(state, f"{quote} CLOSEMULTI", behind)
    made.stay(place, "HALF", f"{place}.multi")
    made.stay(f"{place}.multi", "HALF", behind)
    made.stay(f"{place}.multi", "BADESCAPE NEEDLESS", f"{place}.multi", 2.5)


def _opened(made: Rules, state: str, place: str) -> None:
    """A string may open here: with a quote, another quote, or none."""
    for quote, (opening, _, _) in QUOTED.items():
        made.stay(state, quote, f"{place}.double", opening)
    made.stay(state, "LEFT BOTH", f"{place}.single")
    made.stay(state, "RIGHT SINGLE", f"{place}.single", 1.5)
    made.stay(state, "OTHER", f"{place}.other")
    made.stay(state, "OPEN", f"{place}.bare")


def _inside(made: Rules, state: str, behind: str, key: bool) -> None:
    """A string's content: what it may hold, what that costs, and what closes it."""
    opened = state.partition(".")[2]
    bare = opened == "bare"
    made.stay(state, "WORD TEXT", state)
    made.stay(state, "ESCAPE", state, 0.3 if opened in ("single", "other", "bare") else 0.0)
    made.stay(state, "PLAIN LITERAL FOREIGN LOOSE LOOSEKEY", state, 0.5 if bare else 0.0)
    made.stay(state, "SEMI LPAREN RPAREN DOT", state, 0.5 if key else 0.05)
    made.stay(state, "BLANK", state, 0.3 if bare else 0.02)
    made.stay(state, "WIDE", state, 1.5 if bare else 0.3)
    made.stay(state, "COLON SPACED", state, 3.0 if key else 0.3 if bare else 0.05)
    made.stay(state, "COMMA", state, 0.5 if state == "VALUE.bare" else 4.0 if bare or key else 1.0)
    made.stay(state, "EQUALS", state, 6.0 if bare or key else 1.0)
    made.stay(state, "JOINED", state, 4.0 if key else 1.0 if bare else 0.1)
    made.stay(state, "HASH", state, 4.0 if bare else 0.3)
    made.stay(state, "REMARK SLASHES", state, 5.0 if bare else 1.5)
    made.stay(state, BRACKETS, state, 6.0 if bare else 3.0 if key else 0.5)
    if opened != "single":
        made.stay(state, "CONTROL", state, 2.0)
        made.stay(state, "BADESCAPE LASTSLASH NEEDLESS", state, 0.2 if opened == "other" else 2.5)
    else:
        made.stay(state, "BADESCAPE LASTSLASH NEEDLESS", state)
        made.stay(state, "CONTROL", state, 5.0)
    if opened in ("double", "odd", "other"):
        made.stay(state, "NEWLINE", state, 8.0 if key else 3.0)
        made.stay(state, "LINE STOPLINE", state, 12.0 if key else 8.0)
    if opened in ("double", "odd"):
        other, extra = (state.replace("double", "odd"), 0.0) if opened == "double" else (state.replace("odd", "double"), 1.0)
        if not key:
            made.stay(state, "INNER", other, 1.0 - 3.4 * extra)
        made.stay(state, f"{SINGLES} {FANCIES}", state, 0.03)
        made.stay(state, "TRIPLET", state, 0.5)
        made.stay(state, "LASTOTHER", behind, extra)
        for quote, (_, closing, _) in QUOTED.items():
            made.stay(state, quote, behind, extra + closing)
    elif opened == "single":
        made.stay(state, f"{DOUBLE} {FANCIES} TRIPLE", state, 0.4)
        made.stay(state, "RIGHT BOTH", behind)
        made.stay(state, "SINGLE LEFT", behind, 1.0)
        made.stay(state, "LASTDOUBLE", behind)
    elif opened == "other":
        made.stay(state, DOUBLE, state, 0.6)
        made.stay(state, "CLOSING EITHER", state, 1.5)
        made.stay(state, "SINGLE LEFT FANCY FANCYLEFT", state, 0.05)
        made.stay(state, "RIGHT BOTH FANCYRIGHT", behind)
        made.stay(state, "LASTDOUBLE LASTOTHER", behind)
    else:
        made.stay(state, DOUBLE, behind, 0.8)
        made.stay(state, "RIGHT BOTH", behind, 1.5)
        made.stay(state, f"SINGLE LEFT {FANCIES}", state, 0.3)
    made.stay(state, "CLOSEBARE" if bare else "CLOSE", behind)


def _mistaken(made: Rules) -> None:
    """What an atom may have been written for."""
    for quote, (_, _, content) in QUOTED.items():
        made.read_as(quote, "INNER", content)
        made.read_as(quote, "LASTDOUBLE", 3.8)
    made.read_as("TWIN", "HALF", 4.5)
    made.read_as("LEFT", "OTHER", 3.8)
    made.read_as("SINGLE RIGHT BOTH", "OTHER", 4.8)
    made.read_as("FANCYLEFT", "OTHER", 1.5)
    made.read_as("FANCY FANCYRIGHT", "OTHER", 3.0)
    made.read_as("RIGHT BOTH FANCYRIGHT", "LASTOTHER", 3.5)
    made.read_as("LEFT SINGLE FANCY FANCYLEFT", "LASTOTHER", 6.0)
    made.read_as("FOREIGN", "NORMAL", 2.5)
    made.read_as("LOOSE LOOSEKEY", "NORMAL", 3.0)
    made.read_as("RBRACE", "RBRACK", 5.5)
    made.read_as("RBRACK", "RBRACE", 5.5)
    made.read_as("LBRACE", "LBRACK", 5.5)
    made.read_as("LBRACK", "LBRACE", 5.5)
    made.read_as("COLON", "SPACEDEQUALS", 2.5)
    made.read_as("SPACED", "EQUALS", 2.5)
    made.read_as("TRIPLE TRIPLET", "NOTHING", 4.5)
    made.read_as("BLANK", "BETWEEN", 4.5)
    made.read_as("WIDE", "BETWEEN", 3.0)
    made.read_as("BLANK WIDE", "BREAK", 3.7)
    made.read_as("SEMI COLON SPACED DOT", "COMMA", 4.2)
    made.read_as("COMMA", "EQUALS", 5.3)
    made.read_as("EQUALS JOINED", "COMMA", 6.0)
    made.read_as("LPAREN", "LBRACK LBRACE", 3.5)
    made.read_as("RPAREN", "RBRACK RBRACE", 3.5)
    made.read_as("SLASHES", "HASH", 2.5)


SHAPES = {"COMMA": ",", "LBRACE": "{", "RBRACE": "}", "LBRACK": "[", "RBRACK": "]", "EQUALS": "=", "SPACEDEQUALS": " =", "BETWEEN": " = ",
          "BREAK": "\n", "NEWLINE": "\n", "HASH": "# "}
ESCAPES = {"\r": "\\r", "\b": "\\b", "\f": "\\f"}
NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|0x[0-9a-f]+|0o[0-7]+|0b[01]+")


def _spell(state: str, symbol: str, text: str) -> str:
    """Returns what an atom is written as, read as `symbol` in `state`; without a text, what is not there."""
    opened = state.partition(".")[2]
    if not text:
        return _lost(opened, symbol)
    if symbol == "NORMAL":
        return FOREIGN.get(text) or CUT.get(text) or _number(text)
    if symbol in ("HALF", "NOTHING"):
        return '""'
    if not opened:
        return _structure(state, symbol, text)
    return _content(opened, symbol, text)


def _structure(state: str, symbol: str, text: str) -> str:
    """Returns what an atom that is in no string is written as."""
    if symbol in LINES.split():
        return " " if state.startswith(("VALUE", "PAIR")) else text
    if symbol in ("BLANK", "WIDE"):
        return "" if state == "SECOND" else text
    return {"OTHER": '"', "HASH": "#", "REMARK": "#"}.get(symbol) or SHAPES.get(symbol, text)


def _lost(opened: str, symbol: str) -> str:
    if symbol == "NOTHING":
        return '""'
    if symbol == "CLOSEMULTI":
        return '"""' if opened == "multi" else "'''"
    if symbol == "CLOSE" and opened == "single":
        return "'"
    return SHAPES.get(symbol.removeprefix("+"), '"')


def _content(opened: str, symbol: str, text: str) -> str:
    """Returns what an atom in a string, or in a comment, is written as."""
    if symbol == "CONTROL":
        return "" if opened in ("single", "literal", "comment") else "".join(ESCAPES.get(c) or f"\\u{ord(c):04x}" for c in text)
    if symbol == "LASTDOUBLE" and opened == "single":
        return "'"
    if symbol in ("LASTOTHER", "LASTDOUBLE") or opened in ("other", "bare") and symbol in ("RIGHT", "BOTH", "FANCYRIGHT"):
        return '"'
    if symbol == "INNER" or opened == "other" and symbol in DOUBLE.split():
        return '\\"'
    if opened in ("single", "literal", "comment"):
        return text
    if symbol == "NEEDLESS":
        return ""
    if symbol in ("BADESCAPE", "LASTSLASH"):
        return "\\\\"
    if symbol in LINES.split() and opened != "multi":
        return text.replace("\r", "\\r").replace("\n", "\\n")
    return text


def _number(text: str) -> str:
    """Returns the TOML number that a loose one means; a string where it means none."""
    sign, body = (text[0], text[1:].lower()) if text[0] in "+-" else ("", text.lower())
    body = body.replace("_", "")
    if body[:2] in ("0x", "0o", "0b"):
        sign = ""
    else:
        mantissa, _, exponent = body.partition("e")
        whole, _, fraction = mantissa.partition(".")
        body = (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "") + (f"e{exponent}" if exponent.lstrip("+-") else "")
    return sign + body if NUMBER.fullmatch(body) else f'"{text}"'
