"""TOML as it gets broken: the automaton that reads its atoms, and how what is read is written."""

from __future__ import annotations

from functools import lru_cache

from structdiff.channel import toml_prices
from structdiff.channel.rules import Atoms, Nameless, Rules
from structdiff.channel.toml_atoms import DOUBLE, FANCIES, LINES, SINGLES
from structdiff.channel.toml_prices import INSERTED
from structdiff.channel.toml_spelling import spelled

BLANKS = "LINE AFTER ITEMS PAIRS HEAD HEADED KEY KEYED VALUE ITEM PAIR0 PAIR PAIRKEY PAIRED PAIRVALUE"     # may hold some
VALUES = {"VALUE": "AFTER", "ITEM": "ITEMS", "PAIRVALUE": "PAIRS"}                # of a value -> the state behind it
KEYS = {"LINE": "KEYED", "KEY": "KEYED", "HEAD0": "HEADED", "HEAD": "HEADED", "PAIR0": "PAIRED", "PAIR": "PAIRED", "PAIRKEY": "PAIRED"}
ALTERED = (".odd", ".other", ".bare")     # odd: double, and an odd number of quotes in it were content; other: other quotes
BRACKETS = "LBRACE RBRACE LBRACK RBRACK"
NEWLINES = f"{LINES} BREAK +NEWLINE"
EVERYTHING = ("BLANK WIDE HASH REMARK SLASHES EQUALS JOINED COLON SPACED COMMA SEMI DOT LPAREN RPAREN TRIPLE TRIPLET ESCAPE LASTSLASH "
              f"NEEDLESS BADESCAPE PLAIN LITERAL FOREIGN LOOSE LOOSEKEY WORD TEXT {BRACKETS} {DOUBLE} {SINGLES} {FANCIES}")

# A double quote, by what stands about it: the price of its opening a string, of its closing one, and of its being content.
QUOTED = {
    "OPENING": (0.0, 1.5, 4.3), "CLOSING": (1.5, 0.0, 5.5), "EITHER": (0.0, 0.0, 5.0), "NEITHER": (0.7, 0.9, 3.4),
    "MAYOPEN": (0.3, 1.0, 3.4), "MAYCLOSE": (1.2, 0.3, 3.6), "PARTING": (0.3, 0.3, 6.0), "DOUBLED": (0.5, 0.7, 4.2),
    "TWIN": (0.5, 0.7, 4.2),
}


def atoms(text: str) -> Atoms:
    """Returns the text's atoms, each with its class and the prices of what may have been done to it."""
    return toml_prices.atoms(text, rules().symbols)


@lru_cache(maxsize=1)
def rules() -> Nameless:
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
    return Nameless(tables, made.states["LINE"], made.symbols, {i: name for name, i in made.states.items()},
                    spelled)


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
    _over_lines(made, place, "multi", "TRIPLE", behind)
    _over_lines(made, place, "literal", "TRIPLET", behind)
    made.stay(place, "HALF", f"{place}.multi")
    made.stay(f"{place}.multi", "HALF", behind)
    made.stay(f"{place}.multi", "BADESCAPE NEEDLESS", f"{place}.multi", 2.5)


def _over_lines(made: Rules, place: str, opened: str, quote: str, behind: str) -> None:
    """A string in three quotes, of which a line that looks like a key or a table is rarely part."""
    state = f"{place}.{opened}"
    made.stay(place, quote, state)
    made.stay(state, EVERYTHING.replace(quote + " ", ""), state)
    made.stay(state, "CONTROL", state, 2.0)
    made.stay(state, "NEWLINE STOPLINE", state)
    made.stay(state, "LINE", state, 2.5)
    made.stay(state, f"{quote} CLOSEMULTI", behind)


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
    _held(made, state, opened == "bare", key)
    _escaped(made, state, opened, key)
    {"double": _double, "odd": _double, "single": _single, "other": _other, "bare": _bare}[opened](made, state, behind)
    made.stay(state, "CLOSEBARE" if opened == "bare" else "CLOSE", behind)


def _held(made: Rules, state: str, bare: bool, key: bool) -> None:
    """Delimiters are rare in strings, and rarer in keys and where no quotes are."""
    made.stay(state, "WORD TEXT", state)
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


def _escaped(made: Rules, state: str, opened: str, key: bool) -> None:
    """What must be escaped, which single quotes know nothing of; a line's end, but for them and where no quotes are."""
    single = opened == "single"
    made.stay(state, "ESCAPE", state, 0.3 if opened in ("single", "other", "bare") else 0.0)
    made.stay(state, "CONTROL", state, 5.0 if single else 2.0)
    made.stay(state, "BADESCAPE LASTSLASH NEEDLESS", state, 0.0 if single else 0.2 if opened == "other" else 2.5)
    if opened in ("double", "odd", "other"):
        made.stay(state, "NEWLINE", state, 8.0 if key else 3.0)
        made.stay(state, "LINE STOPLINE", state, 12.0 if key else 8.0)


def _double(made: Rules, state: str, behind: str) -> None:
    """Quotes that are content come in pairs: the second of them costs little, and an end before it more."""
    place, _, opened = state.partition(".")
    extra = 1.0 if opened == "odd" else 0.0
    if place in VALUES:
        made.stay(state, "INNER", f"{place}.odd" if opened == "double" else f"{place}.double", 1.0 - 3.4 * extra)
    made.stay(state, f"{SINGLES} {FANCIES}", state, 0.03)
    made.stay(state, "TRIPLET", state, 0.5)
    made.stay(state, "LASTOTHER", behind, extra)
    for quote, (_, closing, _) in QUOTED.items():
        made.stay(state, quote, behind, extra + closing)


def _single(made: Rules, state: str, behind: str) -> None:
    made.stay(state, f"{DOUBLE} {FANCIES} TRIPLE", state, 0.4)
    made.stay(state, "RIGHT BOTH LASTDOUBLE", behind)
    made.stay(state, "SINGLE LEFT", behind, 1.0)


def _other(made: Rules, state: str, behind: str) -> None:
    made.stay(state, DOUBLE, state, 0.6)
    made.stay(state, "CLOSING EITHER", state, 1.5)
    made.stay(state, "SINGLE LEFT FANCY FANCYLEFT", state, 0.05)
    made.stay(state, "RIGHT BOTH FANCYRIGHT LASTDOUBLE LASTOTHER", behind)


def _bare(made: Rules, state: str, behind: str) -> None:
    """The quote before it is lost, or both."""
    made.stay(state, DOUBLE, behind, 0.8)
    made.stay(state, "RIGHT BOTH", behind, 1.5)
    made.stay(state, f"SINGLE LEFT {FANCIES}", state, 0.3)


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
