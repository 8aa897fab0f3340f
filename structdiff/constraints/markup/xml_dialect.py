"""How XML 1.0 with namespaces is spelled, where parsers of its first and its fifth edition agree."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache

from structdiff import regex
from structdiff.constraints.markup.alphabet import XML
from structdiff.constraints.markup.dialect import MOST_STATES, Dialect, Values, without
from structdiff.constraints.markup.pieces import Piece, piece
from structdiff.machine import ByteMachine, Complement, Intersection, Table, Words, tabulated
from structdiff.network import Leaf, Network, alt, seq, text

B = r"[ \t\n\r]"
# Letters of both editions.
_START = r"A-Z_a-z\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{131}\x{134}-\x{13e}\x{141}-\x{148}\x{14a}-\x{17e}\x{388}-\x{38a}" \
         r"\x{38e}-\x{3a1}\x{3a3}-\x{3ce}\x{401}-\x{40c}\x{40e}-\x{44f}\x{451}-\x{45c}\x{45e}-\x{481}\x{531}-\x{556}" \
         r"\x{561}-\x{586}\x{5d0}-\x{5ea}\x{621}-\x{63a}\x{641}-\x{64a}\x{905}-\x{939}\x{e01}-\x{e2e}\x{10d0}-\x{10f6}" \
         r"\x{1e00}-\x{1e9b}\x{1ea0}-\x{1ef9}\x{3041}-\x{3094}\x{30a1}-\x{30fa}\x{4e00}-\x{9fa5}\x{ac00}-\x{d7a3}"
NAME = f"[{_START}][{_START}0-9.\\-\\x{{b7}}]*"            # without colons: Namespaces in XML [4]
_QUALIFIED = f"(?:{NAME}:)?{NAME}"
_RESERVED = "^[xX][mM][lL]"
_SHARED = (b"xmlns", b"xml:lang", b"xml:space", b"xml:base")       # reserved names that attributes may have
# What parsers take for a URI, and a bit less.
_SEGMENTS = r"[A-Za-z0-9._~:;=@/\-]*"
_URI = rf"[A-Za-z][A-Za-z0-9+.\-]*:(?://[A-Za-z0-9.\-]+(?:/{_SEGMENTS})?|[A-Za-z0-9._~:;=@\-]{_SEGMENTS})" \
       rf"(?:\?{_SEGMENTS})?(?:#{_SEGMENTS})?"
_RESERVED_URIS = "^(?:http://www[.]w3[.]org/XML/1998/namespace|http://www[.]w3[.]org/2000/xmlns/)$"
_REFERENCE = f"&(?:amp|lt|gt|apos|quot);|{XML.numeric('x')}"
_DECLARATION = (rf"\?xml{B}+version{B}*={B}*(?:'1\.0'|\"1\.0\")"
                rf"(?:{B}+encoding{B}*={B}*(?:'[Uu][Tt][Ff]-8'|\"[Uu][Tt][Ff]-8\"))?"
                rf"(?:{B}+standalone{B}*={B}*(?:'(?:yes|no)'|\"(?:yes|no)\"))?{B}*\?>")
_SYSTEM = "(?:'[A-Za-z0-9:/._~?=;+,@-]*'|\"[A-Za-z0-9:/._~?=;+,@-]*\")"
_PUBLIC = r"(?:'[ a-zA-Z0-9()+,./:=?;!*#@$_%\-]*'|\"[ a-zA-Z0-9'()+,./:=?;!*#@$_%\-]*\")"
_EXTERNAL = f"{B}+(?:SYSTEM{B}+{_SYSTEM}|PUBLIC{B}+{_PUBLIC}{B}+{_SYSTEM})"
_DOCTYPE = f"!DOCTYPE{B}+{_QUALIFIED}(?:{_EXTERNAL})?{B}*>"         # without declarations of its own
_CDATA = rf"!\[CDATA\[(?:\]?{XML.but(']')}|\]\]+{XML.but(']>')})*\]\]+>"


class XmlDialect(Dialect):
    has_namespaces = True

    @cached_property
    def text(self) -> Piece:
        if self.tidy:
            return piece(f"(?:{XML.but('<>&' + chr(13))}|&(?:amp|lt|gt);)*<")
        return Piece({"": without(f"(?:{XML.but('<&')}|{_REFERENCE})*<", r"\]\]>")})

    @cached_property
    def misc_kinds(self) -> Mapping[str, ByteMachine]:
        declaration = r'\?xml version="1\.0" encoding="UTF-8"\?>' if self.tidy else _DECLARATION
        found: dict[str, ByteMachine] = {"declaration": regex.whole(declaration)}
        if self.comments:
            found["comment"] = regex.whole(f"!--(?:-?{XML.but('-')})*-->")
        if self.comments and not self.tidy:
            found |= {"instruction": _instruction(), "cdata": regex.whole(_CDATA), "doctype": regex.whole(_DOCTYPE)}
        return found

    @property
    def names(self) -> Table:
        return _names()

    @property
    def attributes(self) -> Table:
        return _attributes()

    @cached_property
    def any_value(self) -> Values:
        if self.tidy:
            return self.shaped(f"(?:{XML.but('<>&' + chr(13) + chr(34))}|&(?:amp|lt|gt|quot);)*")
        return Values({quote: piece(f"(?:{XML.but('<&' + chr(quote))}|{_REFERENCE})*{chr(quote)}") for quote in self.quotes})

    def _value(self, element: bytes, attribute: bytes) -> Values:
        declares = attribute == b"xmlns" or attribute.startswith(b"xmlns:")
        if not declares or (element, attribute) in self.fixed:
            return super()._value(element, attribute)
        uri = Leaf(without(f"(?:{_URI})?" if attribute == b"xmlns" else _URI, _RESERVED_URIS))
        return Values({quote: Piece({"": Network(seq(uri, text(bytes([quote]))))}) for quote in self.quotes})


@lru_cache(maxsize=1)
def _names() -> Table:
    return without(_QUALIFIED, _RESERVED)


@lru_cache(maxsize=1)
def _attributes() -> Table:
    declarations = Intersection(regex.whole(f"xmlns:{NAME}"), Complement(regex.containing("^xmlns:[xX][mM][lL]")))
    return tabulated(Network(alt(Leaf(_names()), Leaf(declarations), Leaf(Words(_SHARED)))), MOST_STATES)


@lru_cache(maxsize=1)
def _instruction() -> ByteMachine:
    target = without(NAME, "^[xX][mM][lL]$")
    data = rf"(?:\?>|{B}(?:{XML.but('?')}|\?+{XML.but('?>')})*\?+>)"
    return Network(seq(text("?"), Leaf(target), Leaf(regex.whole(data))))
