"""JSON as it gets broken: the automaton that reads its atoms, and how what is read is written."""

from __future__ import annotations

import re
from functools import lru_cache

from structdiff.channel import json_prices
from structdiff.channel.json_atoms import CUT, DOUBLE, FOREIGN, LINES, NUMBER, SINGLES
from structdiff.channel.json_prices import INSERTED
from structdiff.channel.rules import Atoms, Nameless, Rules

STRUCTURAL = "TOP END ITEM0 ITEM ITEMS KEY0 KEY COLON VALUE MEMBERS"
PLACES = {"KEY": "COLON", "TOP": "END", "ITEM": "ITEMS", "VALUE": "MEMBERS"}      # of a string -> the state behind it
OPENED = ("double", "odd", "single", "bare")       # odd: double, and an odd number of quotes in it were content
ALTERED = (".odd", ".single", ".bare", ".nested")  # nested: double, and what it holds is JSON that no quote is escaped in
BRACKETS = "LBRACE SET RBRACE LBRACK RBRACK"

# A double quote, by what stands about it: the price of its opening a string, of its closing one, and of its being content.
QUOTED = {
    "OPENING": (0.0, 1.2, 4.3), "CLOSING": (1.5, 0.0, 5.5), "EITHER": (0.0, 0.0, 5.0), "NEITHER": (0.7, 0.9, 2.6),
    "MAYOPEN": (0.3, 1.0, 2.8), "MAYCLOSE": (1.2, 0.3, 3.0), "PARTING": (0.3, 0.3, 6.0), "DOUBLED": (0.5, 0.7, 4.2),
    "NESTING": (0.0, 1.2, 4.3), "NESTED": (1.5, 0.0, 5.5),
}


def atoms(text: str) -> Atoms:
    """Returns the text's atoms, each with its class and the prices of what may have been done to it."""
    return json_prices.atoms(text, rules().symbols)


@lru_cache(maxsize=1)
def rules() -> Nameless:
    made = Rules()
    for state in STRUCTURAL.split():
        made.stay(state, f"BLANK TAB {LINES}", state)
        made.stay(state, "SPECIAL", state, 1.5)
    for state, behind in (("TOP", "END"), ("ITEM0", "ITEMS"), ("ITEM", "ITEMS"), ("VALUE", "MEMBERS")):
        made.push(state, "LBRACE SET +LBRACE", "KEY0", behind)
        made.push(state, "LBRACK +LBRACK", "ITEM0", behind)
        made.stay(state, "LITERAL NULL NORMAL", behind)
        _string(made, state, "ITEM" if state == "ITEM0" else state)
    for state in ("KEY0", "KEY"):
        _string(made, state, "KEY")
    made.stay("COLON", "COLON SOFTCOLON +COLON", "VALUE")
    made.stay("ITEMS", "COMMA SOFTCOMMA +COMMA", "ITEM")
    made.stay("MEMBERS", "COMMA SOFTCOMMA +COMMA", "KEY")
    made.pop("ITEM0", "RBRACK +RBRACK")
    made.pop("ITEMS", "RBRACK +RBRACK")
    made.pop("KEY0", "RBRACE +RBRACE")
    made.pop("MEMBERS", "RBRACE +RBRACE")
    for place, behind in PLACES.items():
        _inside(made, place, behind)
    for place in ("ITEM", "VALUE"):
        _nested(made, f"{place}.nested", PLACES[place])
    _mistaken(made)
    tables = made.tables("END", "END", STRUCTURAL, INSERTED, ALTERED)
    return Nameless(tables, made.states["TOP"], made.symbols, {i: name for name, i in made.states.items()},
                    _spell)


def _mistaken(made: Rules) -> None:
    """What an atom may have been written for."""
    for quote, (_, _, content) in QUOTED.items():
        made.read_as(quote, "INNER", content)
        made.read_as(quote, "LASTDOUBLE", 2.2)
    made.read_as("NESTING", "NEST", 3.5)
    made.read_as("NESTED", "NESTEND", 0.0)
    made.read_as("NESTLEFT", "NEST", 1.0)
    made.read_as("RIGHT USED BOTH", "NESTEND", 1.0)
    made.read_as("RIGHT BOTH", "LASTSINGLE", 4.3)
    made.read_as("RIGHT BOTH USED", "APOSTROPHE", 4.5)
    made.read_as("LEFT SINGLE", "LASTSINGLE", 6.0)
    made.read_as("FOREIGN LOOSE", "NORMAL", 3.0)
    made.read_as("RBRACE", "RBRACK", 5.5)
    made.read_as("RBRACK", "RBRACE", 5.5)
    made.read_as("LBRACE", "LBRACK", 5.5)
    made.read_as("SET", "LBRACK", 2.5)
    made.read_as("LBRACK", "LBRACE", 5.5)
    made.read_as("MARK", "COLON COMMA", 4.2)
    made.read_as("COLON SOFTCOLON", "COMMA", 5.3)
    made.read_as("COMMA SOFTCOMMA", "COLON", 5.3)
    made.read_as("LPAREN", "LBRACK LBRACE", 3.5)
    made.read_as("RPAREN", "RBRACK RBRACE", 3.5)


def _string(made: Rules, state: str, place: str) -> None:
    """A string may open here: with a quote, another quote, or none. A document is rarely one string."""
    extra = 3.0 if place == "TOP" else 0.0
    for quote, (opening, _, _) in QUOTED.items():
        made.stay(state, quote, f"{place}.double", extra + opening)
    made.stay(state, "LEFT BOTH", f"{place}.single", extra + 2.3)
    made.stay(state, "RIGHT SINGLE", f"{place}.single", extra + 3.5)
    made.stay(state, "USED", f"{place}.single", extra + 0.5)
    made.stay(state, "NESTLEFT", f"{place}.single", extra + 1.5)
    made.stay(state, "OPEN", f"{place}.bare", extra)
    if place in ("ITEM", "VALUE"):
        made.stay(state, "NEST", f"{place}.nested")


def _inside(made: Rules, place: str, behind: str) -> None:
    """A string's content: what it may hold, what that costs, and what closes it."""
    key = place == "KEY"
    for opened in OPENED:
        state, bare, single = f"{place}.{opened}", opened == "bare", opened == "single"
        made.stay(state, "WORD ESCAPE SPECIAL", state)
        made.stay(state, "ELLIPSIS", state, 0.5)
        made.stay(state, "LITERAL FOREIGN LOOSE", state, 1.5 if bare else 0.0)
        made.stay(state, "MARK LPAREN RPAREN", state, 0.5 if key else 0.05)
        made.stay(state, "BLANK", state, 0.3 if bare else 0.02)
        made.stay(state, "SOFTCOLON", state, (4.0 if bare else 2.0) if key else (1.5 if bare else 0.02))
        made.stay(state, "COLON", state, (5.0 if bare else 3.0) if key else (2.5 if bare else 1.5))
        made.stay(state, "SOFTCOMMA", state, (5.0 if bare else 3.0) if key else (5.0 if bare else 0.02))
        made.stay(state, "COMMA", state, (5.0 if bare else 4.0) if key else (4.0 if bare else 2.5))
        made.stay(state, BRACKETS, state, 6.0 if bare else 3.0 if key else 0.3)
        made.stay(state, "TAB CONTROL", state, 2.0)
        made.stay(state, "BADESCAPE", state, 0.2 if single else 2.5)
        if not bare:
            made.stay(state, "NEWLINE", state, 8.0 if key else 2.6)
            made.stay(state, "LINE", state, 9.0 if key else 6.5)
        if opened in ("double", "odd"):
            other, extra = (f"{place}.odd", 0.0) if opened == "double" else (f"{place}.double", 2.0)
            made.stay(state, "INNER", other, 1.0 - 0.9 * extra if key else -0.9 * extra)
            made.stay(state, "JOIN", state, 2.0)
            made.stay(state, SINGLES, state, 0.03)
            made.stay(state, "LASTSINGLE", behind, extra)
            for quote, (_, closing, _) in QUOTED.items():
                made.stay(state, quote, behind, extra + closing)
        elif single:
            made.stay(state, DOUBLE, state, 2.0 if key else 0.4)
            made.stay(state, "CLOSING EITHER", state, 3.0 if key else 0.5)
            made.stay(state, "RIGHT BOTH", behind, 0.2)
            made.stay(state, "USED", behind, 1.0)
            made.stay(state, "SINGLE", state, 0.05)
            made.stay(state, "LEFT NESTLEFT", state, 1.5)
            made.stay(state, "APOSTROPHE", state)
            made.stay(state, "LASTDOUBLE LASTSINGLE", behind)
        else:
            made.stay(state, DOUBLE, behind, 0.8)
            made.stay(state, SINGLES, state, 0.3)
        made.stay(state, "CLOSEBARE" if bare else "CLOSE", behind)


def _nested(made: Rules, state: str, behind: str) -> None:
    """JSON in a string, whose quotes are all to be escaped."""
    made.stay(state, "WORD ESCAPE SPECIAL LITERAL FOREIGN LOOSE ELLIPSIS MARK LPAREN RPAREN BLANK COLON SOFTCOLON COMMA SOFTCOMMA", state)
    made.stay(state, f"{BRACKETS} {DOUBLE}", state, 0.1)
    made.stay(state, SINGLES, state, 0.2)
    made.stay(state, f"{LINES} TAB CONTROL BADESCAPE", state, 2.0)
    made.stay(state, "NESTEND", behind)


ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
SHAPES = {"COLON": ":", "COMMA": ",", "LBRACE": "{", "RBRACE": "}", "LBRACK": "[", "RBRACK": "]"}
WRITTEN = re.compile(NUMBER)


def _spell(state: str, symbol: str, text: str) -> str:
    """Returns what an atom is written as, read as `symbol` in `state`; without a text, what is not there."""
    if not text:
        return "null" if symbol == "NULL" else SHAPES.get(symbol[1:], '"')
    opened = state.partition(".")[2]
    if symbol in ("LASTSINGLE", "LASTDOUBLE", "NEST", "NESTEND"):
        return '"'
    if symbol == "NORMAL":
        return FOREIGN.get(text) or CUT.get(text) or _number(text)
    if not opened:
        if symbol == "SPECIAL":
            return " "
        return '"' if symbol in SINGLES.split() else SHAPES.get(symbol, text)
    if symbol == "INNER":
        return '\\"'
    if symbol == "JOIN":
        return ""
    if symbol in DOUBLE.split():
        return '\\"' if opened in ("single", "nested") else text
    if symbol in ("RIGHT", "BOTH", "USED"):
        return '"' if opened == "single" else text
    if symbol == "BADESCAPE":
        return text[1:] if text[1:] in ("'", "`") else "\\\\" + _escaped(text[1:])
    if symbol in ("NEWLINE", "LINE", "TAB", "CONTROL"):
        return _escaped(text)
    return text


def _escaped(text: str) -> str:
    return "".join(ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text)


def _number(text: str) -> str:
    """Returns the JSON number that a loose one means; a string where it means none."""
    body = text.lstrip("+")
    sign, body = ("-", body[1:]) if body.startswith("-") else ("", body)
    if body[:2] in ("0x", "0X"):
        return sign + str(int(body, 16)) if len(body) > 2 else "0"
    mantissa, e, exponent = body.replace("E", "e").partition("e")
    whole, dot, fraction = mantissa.partition(".")
    digits = exponent.lstrip("+-")
    written = sign + (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "") + (f"e{exponent}" if digits else "")
    return written if WRITTEN.fullmatch(written) else f'"{text}"'
