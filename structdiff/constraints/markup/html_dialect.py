"""How HTML is spelled (html.spec.whatwg.org, 13.1), where no parser has anything to complain of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from html.entities import html5

from structdiff import regex
from structdiff.constraints.markup.alphabet import HTML, HTML_REFERRED
from structdiff.constraints.markup.dialect import Dialect, Values
from structdiff.constraints.markup.html import KNOWN
from structdiff.constraints.markup.pieces import Piece, in_any_case, piece, until
from structdiff.machine import ByteMachine, Table, Words
from structdiff.network import Leaf, Network, Repeat, Rule, alt, seq, text

B = r"[ \t\n\f\r]"
_CONTROLS = "\t\n\f\r"
_QUOTES = "\"'"
_FORM_FEED_AND_RETURN = "\f\r"
_LEGACY = f"{B}+{in_any_case('system')}{B}+(?:'about:legacy-compat'|\"about:legacy-compat\")"
_DOCTYPE = f"!{in_any_case('doctype')}{B}+{in_any_case('html')}(?:{_LEGACY})?{B}*>"
_COMMENT = f"!--(?:-?{HTML.but('>-')}(?:-?{HTML.but('-')})*)?-->"
_BARE = HTML.but("&<>=` " + _CONTROLS + _QUOTES)
_FEW_REFERENCES = "&(?:amp|lt|gt|nbsp);"


class HtmlDialect(Dialect):
    @property
    def folds(self) -> bool:
        return not self.tidy

    @property
    def has_bare(self) -> bool:
        return not self.tidy

    @property
    def blanks(self) -> bytes:
        return b" " if self.tidy else b" \t\n\f\r"

    @cached_property
    def text(self) -> Piece:
        if self.tidy:
            return piece(f"(?:{HTML.but('<>&' + _FORM_FEED_AND_RETURN)}|{_FEW_REFERENCES})*<")
        return _referring(HTML.but("<&"), "<")

    @cached_property
    def misc_kinds(self) -> Mapping[str, ByteMachine]:
        doctype = {"doctype": regex.whole("!DOCTYPE html>" if self.tidy else _DOCTYPE)}
        return {**doctype, "comment": regex.whole(_COMMENT)} if self.comments else doctype

    @property
    def names(self) -> Table:
        return _names()

    @property
    def attributes(self) -> Table:
        return _attributes()

    @cached_property
    def any_value(self) -> Values:
        if self.tidy:
            return self.shaped(f"(?:{HTML.but('<>&' + _FORM_FEED_AND_RETURN + chr(34))}|&(?:amp|lt|gt|nbsp|quot);)*")
        unit = alt(Leaf(regex.whole(_BARE)), *_references())
        quoted = {quote: _referring(HTML.but("&" + chr(quote)), chr(quote)) for quote in self.quotes}
        return Values(quoted, Network(seq(unit, Repeat(unit, 0, None))))

    def raw(self, name: bytes, has_text: bool) -> Piece:
        key = name, has_text
        if key not in self._pieces:
            self._pieces[key] = self._raw(name, f"</{name.decode()}", has_text)
        return self._pieces[key]

    def _raw(self, name: bytes, end: str, has_text: bool) -> Piece:
        if not has_text:
            return piece(in_any_case(end))
        if name not in (b"title", b"textarea"):
            return until(Leaf(regex.whole(HTML.but(""))), end, "<!--" if name == b"script" else "")
        if self.tidy:
            return until(Leaf(regex.whole(f"{HTML.but('<&')}|{_FEW_REFERENCES}")), end)
        return until(_unit(HTML.but("&")), end)


@lru_cache(maxsize=1)
def _names() -> Table:
    known = "|".join(name.decode() for name in sorted(KNOWN))
    return regex.whole(f"(?i:{known})|[A-Za-z][A-Za-z0-9._]*-[A-Za-z0-9._\\-]*")


@lru_cache(maxsize=1)
def _attributes() -> Table:
    return regex.whole(f"{HTML.but(' /<>=`' + _CONTROLS + _QUOTES)}+")


def _referring(plain: str, end: str) -> Piece:
    """Returns the piece of the texts of characters that match `plain` and of references, up to and with `end`."""
    return Piece({"": Network(seq(Repeat(_unit(plain), 0, None), text(end)))})


def _unit(plain: str) -> Rule:
    """Returns a character or a reference; a `&` may stand for itself before a blank."""
    return alt(Leaf(regex.whole(f"{plain}|&+{B}")), *_references())


@lru_cache(maxsize=1)
def _references() -> tuple[Rule, Rule]:
    named = Words(b"&" + name.encode() for name in html5 if name.endswith(";"))
    return Leaf(named), Leaf(regex.whole(HTML_REFERRED.numeric("xX")))
