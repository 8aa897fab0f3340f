"""How markup is spelled: text, values, names, comments; in one tidy way, or in all ways there are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from structdiff import regex
from structdiff.constraints.markup.pieces import Piece, piece
from structdiff.machine import ByteMachine, Complement, Intersection, Table, Words, tabulated

MOST_STATES = 2_000


class Values(NamedTuple):
    """How a value is spelled: behind each quote, up to that quote; bare: without any, None where that is not done."""

    quoted: dict[int, Piece]
    bare: ByteMachine | None = None


class Dialect:
    """tidy: double quotes, one blank before an attribute and none elsewhere in tags, no references but those that are needed.

    comments: whether there are any, and what else is neither text nor element. shapes: attribute -> a pattern of its
    values. fixed: element and attribute -> its only value.
    """

    has_namespaces = False
    folds = False                                        # names may be in capitals
    has_bare = False                                     # attributes may be without value

    def __init__(self, tidy: bool = False, comments: bool = True, shapes: Mapping[bytes, str] | None = None,
                 fixed: Mapping[tuple[bytes, bytes], bytes] | None = None):
        self.tidy, self.comments = tidy, comments
        self._shapes, self.fixed = dict(shapes or {}), dict(fixed or {})
        self._values: dict[tuple[bytes, bytes], Values] = {}
        self._pieces: dict[tuple, Piece] = {}

    # --- what each dialect says -----------------------------------------------------------------------------------

    @property
    def text(self) -> Piece:
        """Text up to and with a `<`."""
        raise NotImplementedError

    @property
    def names(self) -> Table:
        """Names of elements."""
        raise NotImplementedError

    @property
    def attributes(self) -> Table:
        """Names of attributes."""
        raise NotImplementedError

    @property
    def any_value(self) -> Values:
        raise NotImplementedError

    @property
    def misc_kinds(self) -> Mapping[str, ByteMachine]:
        """What may follow a `<` and is no tag: by its name in `Format.misc`."""
        raise NotImplementedError

    def raw(self, name: bytes, has_text: bool) -> Piece:
        """Returns the content of an element that is not markup, with the begin of its end tag."""
        raise NotImplementedError

    # --- what they share ------------------------------------------------------------------------------------------

    @property
    def blanks(self) -> bytes:
        """The blanks within tags."""
        return b" " if self.tidy else b" \t\n\r"

    @cached_property
    def space(self) -> Piece:
        """Blanks between tags: where it is tidy, a line break and an indentation."""
        return piece(r"(?:\n[ \t]*)?<" if self.tidy else f"[{self.blanks.decode()}]*<")

    @cached_property
    def line(self) -> Piece:
        """Blanks around the root: where it is tidy, a line break."""
        return piece(r"\n?<") if self.tidy else self.space

    @cached_property
    def nothing(self) -> Piece:
        return piece("<")

    def misc(self, kinds: tuple[str, ...]) -> Piece | None:
        """Returns what may follow `<`, of these kinds; None: nothing."""
        known = {kind: self.misc_kinds[kind] for kind in kinds if kind in self.misc_kinds}
        return self._pieces.setdefault(tuple(known), Piece(known)) if known else None

    def values(self, element: bytes, attribute: bytes) -> Values:
        key = element, attribute
        if key not in self._values:
            self._values[key] = self._value(element, attribute)
        return self._values[key]

    def _value(self, element: bytes, attribute: bytes) -> Values:
        if (element, attribute) in self.fixed:
            value = self.fixed[element, attribute]
            return Values({quote: Piece({"": Words([value + bytes([quote])])}) for quote in self.quotes})
        return self.shaped(self._shapes[attribute]) if attribute in self._shapes else self.any_value

    def shaped(self, shape: str) -> Values:
        """Returns the values that a pattern matches."""
        return Values({quote: piece(f"(?:{shape}){chr(quote)}") for quote in self.quotes})

    @property
    def quotes(self) -> bytes:
        return b'"' if self.tidy else b"\"'"


def without(pattern: str, never: str) -> Table:
    """Returns the machine of the texts that `pattern` matches whole, but for those in which `never` matches."""
    return tabulated(Intersection(regex.whole(pattern), Complement(regex.containing(never))), MOST_STATES)
