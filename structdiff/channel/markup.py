"""How XML and HTML are read: their automata, and how what is read is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape

import numpy as np

from structdiff.channel import markup_prices as prices
from structdiff.channel.markup_atoms import FIRST_NAME, NAME
from structdiff.channel.markup_row import SVG, Row, row
from structdiff.channel.rules import Atoms, Rules
from structdiff.channel.search import FAR, Lattice, Tables

WHOLE_END = re.compile(rf"</{NAME}\s*>")
DECLARED = re.compile(rf"\bxmlns:({NAME})")
CONTENT = "WORD KEY NAMESPACE REPEATED TEXT BLANK NEWLINE EQUALS DOUBLE SINGLE SLASH ENTITY MISC RAW CONTROL"
IN_VALUE = "WORD TEXT EQUALS SLASH ENTITY BLANK CONTROL"
TAG_SYMBOLS = "LESS LESS2 OPEN TAG EMPTY CLOSE CUT VOID VOIDTAG ROOTTAG ROOTOPEN"
END_OF_TAG = "MORE MORE2 +MORE"
KINDS = f"{CONTENT} ASSIGN {TAG_SYMBOLS} {END_OF_TAG} SELF FOREIGNSELF AMPERSAND CDATA BOGUS XMLDECL DOCTYPE OLDDOCTYPE FORK BAR"


@dataclass(frozen=True, eq=False)
class MarkupFormat:
    """known: the names that are likely no slips. prefixes: those that the text declares. quote: the one that values mostly have."""

    html: bool
    tables: Tables
    start: int
    symbols: dict[str, int]
    states: dict[int, str]
    known: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    quote: str = '"'

    def spell(self, state: int, symbol: int, text: str, top: str) -> str:
        where, called = self.states[state], self._called[symbol]
        return _spell(where, called, text, top, self.html, self.quote) if text else _lost(where, called, top, self.quote)

    def misnamed(self, opened: str, closed: str) -> bool:
        if self._bound(opened) != self._bound(closed):
            return self._bound(closed)
        if (opened in self.known) != (closed in self.known):
            return closed in self.known
        return opened not in self.known and _likelier(closed, opened)

    def _bound(self, name: str) -> bool:
        prefix, parted, _ = name.partition(":")
        return not parted or self.html or prefix in self.prefixes

    @cached_property
    def _called(self) -> dict[int, str]:
        return {number: name for name, number in self.symbols.items()}


def _likelier(one: str, other: str) -> bool:
    """Whether of two names, one a slip of the other, the first is likelier the right one."""
    if one.lower() == other.lower():
        return sum(map(str.isupper, one)) < sum(map(str.isupper, other))
    doubled = any(other[: k] + other[k + 1 :] == one and other[k] == other[k - 1] for k in range(1, len(other)))
    halved = any(one[: k] + one[k + 1 :] == other and one[k] == one[k - 1] for k in range(1, len(one)))
    return doubled or not halved and len(one) > len(other)


# --- the automata -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def rules(html: bool) -> MarkupFormat:
    made = Rules()
    for symbol in (*prices.INSERTED, *KINDS.split()):
        made.symbol(symbol)
    _whole_html(made) if html else _whole_xml(made)
    _content(made, "CONTENT", "CONTENT", html)
    _tag(made, "", html)
    if html:
        _tag(made, "V", html)
    made.read_as("LESS2", "LESS", 2.0)
    made.read_as("CUT", "CLOSE", 4.0)
    made.read_as("SINGLE", "ASDOUBLE", 4.5)
    made.read_as("DOUBLE", "ASSINGLE", 4.5)
    made.read_as("SELF", "MORE", 5.0)
    made.read_as("SLASH", "MORE SELF", 5.0)
    made.read_as("LESS LESS2", "MORE", 5.0)
    made.read_as("TAG ROOTTAG", "CLOSE", 4.5)
    made.read_as("OPEN VOID TAG VOIDTAG EMPTY CLOSE", "TAGTEXT", 12.0)
    if not html:
        made.read_as("TAG", "EMPTY", 5.0)
        made.read_as("EMPTY", "TAG", 5.5)
        made.read_as("MORE MORE2", "SELF", 5.0)
    every = " ".join(made.states)
    last = "EPILOG ROOT" if html else "EPILOG"
    tables = made.tables(last, last, every, " ".join(prices.INSERTED), (".bare",), "ENTITY CONTROL", "CONTENT")
    return MarkupFormat(html, tables, made.states["START"], made.symbols, {i: name for name, i in made.states.items()})


def _whole_xml(made: Rules) -> None:
    """A declaration, a doctype, one element."""
    made.stay("START", "XMLDECL", "PROLOG")
    for state in ("START", "PROLOG"):
        made.stay(state, "BLANK NEWLINE MISC DOCTYPE", "PROLOG")
        made.push(state, "TAG", "CONTENT", "EPILOG")
        made.push(state, "OPEN", "TAG", "EPILOG")
        made.stay(state, "EMPTY", "EPILOG")
    made.stay("EPILOG", "BLANK NEWLINE MISC", "EPILOG")


def _whole_html(made: Rules) -> None:
    """A doctype, and an `html` element or what would stand in its body."""
    made.stay("START", "BLANK NEWLINE MISC", "START")
    made.stay("START", "DOCTYPE +DOCTYPE", "PROLOG")
    made.stay("START", "OLDDOCTYPE", "PROLOG", 3.0)
    _content(made, "PROLOG", "ROOT", True)
    made.stay("PROLOG", "BLANK NEWLINE MISC", "PROLOG")
    made.push("PROLOG", "ROOTTAG", "CONTENT", "EPILOG")
    made.push("PROLOG", "ROOTOPEN", "TAG", "EPILOG")
    _content(made, "ROOT", "ROOT", True)
    made.stay("EPILOG", "BLANK NEWLINE MISC", "EPILOG")


def _content(made: Rules, state: str, back: str, html: bool) -> None:
    """Text and elements. A `<` or `&` that begins nothing is text, escaped."""
    made.stay(state, CONTENT, back)
    made.stay(state, "CDATA BOGUS", back, 3.0 if html else 0.0)
    made.stay(state, "ASSIGN", back, 2.5)
    made.stay(state, "MORE", back, 3.5)
    made.stay(state, "MORE2 SELF FOREIGNSELF", back, 5.0)
    made.stay(state, "AMPERSAND", back, 2.5)
    made.stay(state, "LESS", back, 4.0)
    made.stay(state, "TAGTEXT", back)
    made.push(state, "TAG", "CONTENT", back)
    made.push(state, "OPEN", "TAG", back)
    made.push(state, "VOID", "VTAG", back)
    made.stay(state, "EMPTY VOIDTAG", back)
    made.pop(state, "CLOSE", named=True)
    made.pop(state, "+END")


def _tag(made: Rules, kind: str, html: bool) -> None:
    """The inside of a start tag: attributes, then its end. kind: "" for one that has content, "V" for a void one."""
    void = kind == "V"
    name, gap, key, keygap, value, free = (f"{kind}{state}" for state in ("TAG", "GAP", "KEY", "KEYGAP", "VALUE", "FREE"))

    def ended(state: str) -> None:
        if void:
            made.pop(state, f"{END_OF_TAG} SELF")
        else:
            made.stay(state, END_OF_TAG, "CONTENT")
            made.pop(state, "FOREIGNSELF" if html else "SELF")
            if html:
                made.stay(state, "SELF", "CONTENT", 4.0)

    for state in (name, gap, key, keygap) if html else (name, gap):
        ended(state)
    for state in (name, gap):
        made.stay(state, "BLANK NEWLINE", gap)
    made.stay(name, "+SPACE", gap)
    made.stay(gap, "KEY NAMESPACE", key)
    made.stay(gap, "WORD REPEATED", key, 3.0 if html else 0.0)
    for state in (key, keygap):
        made.stay(state, "BLANK NEWLINE", keygap)
        made.stay(state, "EQUALS ASSIGN +EQUALS", value)
        if not html:
            made.stay(state, "+VALUE", name)
    if html:
        made.stay(keygap, "KEY", key)
        made.stay(keygap, "WORD REPEATED", key, 3.0)
        made.stay(value, "WORD KEY REPEATED TEXT SLASH", free)
        made.stay(free, "WORD KEY REPEATED TEXT SLASH ENTITY", free)
        made.stay(free, "BLANK NEWLINE", gap)
        ended(free)
    made.stay(value, "BLANK NEWLINE", value)
    made.stay(value, "DOUBLE ASDOUBLE", f"{kind}IN.double")
    made.stay(value, "SINGLE ASSINGLE", f"{kind}IN.single")
    made.stay(value, "+QUOTE", f"{kind}IN.bare")
    for opened in ("double", "single", "bare"):
        _value(made, f"{kind}IN.{opened}", opened, name)


def _value(made: Rules, state: str, opened: str, behind: str) -> None:
    """The inside of an attribute's value. opened: with which quotes; bare, where they are lost."""
    bare = opened == "bare"
    made.stay(state, IN_VALUE, state)
    made.stay(state, "KEY REPEATED", state, 1.5)
    made.stay(state, "NAMESPACE", state, 8.0)
    made.stay(state, "ASSIGN", state, 3.5)
    made.stay(state, "NEWLINE", state, 2.0)
    made.stay(state, "AMPERSAND", state, 2.5)
    made.stay(state, "MORE MORE2 SELF FOREIGNSELF", state, 4.0 if bare else 2.0)
    made.stay(state, TAG_SYMBOLS, state, 7.0)
    made.stay(state, "DOUBLE", behind if opened == "double" else state, 0.0 if opened == "double" else 0.3)
    made.stay(state, "SINGLE", behind if opened == "single" else state, 0.0 if opened == "single" else 0.1)
    if bare:
        made.stay(state, "DOUBLE SINGLE", behind, 0.8)
    else:
        made.stay(state, "ASDOUBLE" if opened == "double" else "ASSINGLE", behind)
    made.stay(state, "+UNQUOTEBARE" if bare else "+UNQUOTE", behind)


# --- how it is written ------------------------------------------------------------------------------------------------

IN_TAG = frozenset("TAG GAP KEY KEYGAP FREE VTAG VGAP VKEY VKEYGAP VFREE".split())
VOID_TAG = frozenset(state for state in IN_TAG if state.startswith("V"))
LOST = {"+MORE": ">", "+EQUALS": "=", "+VALUE": '=""', "+SPACE": " ", "+DOCTYPE": "<!DOCTYPE html>"}


def _lost(state: str, symbol: str, top: str, quote: str) -> str:
    """Returns what is written for `symbol`, which is not there."""
    if symbol == "+END":
        return f"</{top}>"
    return LOST.get(symbol, {"IN.single": "'", "IN.double": '"'}.get(state.removeprefix("V"), quote))


def _spell(state: str, symbol: str, text: str, top: str, html: bool, quote: str) -> str:
    """Returns what an atom is written as, read as `symbol` in `state`."""
    if symbol == "CONTROL":
        return "\ufffd" if "\ud800" <= text <= "\udfff" else ""
    if symbol == "AMPERSAND":
        return "&amp;"
    if symbol == "ENTITY":
        return _entity(text, html)
    if symbol in ("ASDOUBLE", "ASSINGLE"):
        return '"' if symbol == "ASDOUBLE" else "'"
    if "IN." in state:
        return quote if symbol in ("DOUBLE", "SINGLE") and state.endswith(".bare") else text.replace("<", "&lt;")
    match symbol:
        case "CLOSE":
            name = FIRST_NAME.search(text)[0]
            return text if WHOLE_END.fullmatch(text) and (name.lower() if html else name) == top else f"</{top}>"
        case "EMPTY" | "TAG":
            return f"<{text.strip('</> ')}{'/' if symbol == 'EMPTY' else ''}>" if text.endswith("/>") != (symbol == "EMPTY") else text
        case "LESS" | "TAGTEXT":
            return text if html and top in ("script", "style") else text.replace("<", "&lt;")
        case "OLDDOCTYPE":
            return "<!DOCTYPE html>"
        case "BOGUS":
            return f"<!--{text[1:-1].replace('--', '- -')}-->"
        case "CDATA" if html:
            return text[9:-3].replace("&", "&amp;").replace("<", "&lt;")
        case "MORE" if state != "CONTENT":
            return ">"
        case "SELF" if state in IN_TAG:
            return "/>" if not html or state in VOID_TAG else ">"
    return text


def _entity(text: str, html: bool) -> str:
    """Returns an entity as one that the format has."""
    if text[1] == "#":
        number = int(text[3:-1], 16) if text[2] in "xX" else int(text[2:-1])
        control = number < 32 and number not in (9, 10, 13) or 0xD800 <= number < 0xE000 or number in (0xFFFE, 0xFFFF) or number > 0x10FFFF
        return "&#xFFFD;" if control or html and 127 <= number < 160 else text.replace("X", "x") if not html else text
    character = unescape(text)
    if character == text:
        return f"&amp;{text[1:]}"
    if html or text in ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;"):
        return text
    return "".join(f"&#{ord(letter)};" for letter in character)


# --- a text -----------------------------------------------------------------------------------------------------------


def atoms(text: str, html: bool) -> tuple[MarkupFormat, Atoms]:
    """Returns the text's atoms, each with its class and the prices of what may have been done to it; and its format."""
    format, made = rules(html), row(text, html)
    pieces = made.pieces
    names = prices.Names(pieces, html, SVG in text)
    numbers = prices.named(made, names)
    jump, jump_price, deletion = _ways(made)
    lattice = Lattice(
        np.array([format.symbols[piece.kind] for piece in pieces], np.int32), numbers, deletion, prices.swaps(pieces),
        prices.insertions(made), jump, jump_price, prices.levels(made, html), prices.distances(names),
        prices.implying(pieces, names, html), prices.implied(pieces, names, html), prices.nesting(made, names, html))
    written = {i: piece.written for i, piece in enumerate(pieces) if piece.written is not None}
    begins = np.array([piece.begin for piece in pieces] + [len(text)], np.int64)
    own = MarkupFormat(html, format.tables, format.start, format.symbols, format.states, frozenset(names.known),
                       frozenset(DECLARED.findall(text)), "'" if text.count("='") > text.count('="') else '"')
    return own, Atoms(text, begins, lattice, tuple(names.listed), written=written, margin=made.margin)


def _ways(made: Row) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the lattice's jump, jump_price and deletion."""
    n = len(made.pieces)
    jump, price, deletion = np.zeros(n, np.int32), np.full(n, FAR, np.float32), prices.deletions(made.text, made.pieces)
    for at, (place, paid) in made.jump.items():
        jump[at], price[at] = place, paid
    for at, paid in made.deletion.items():
        deletion[at] = paid
    return jump, price, deletion


