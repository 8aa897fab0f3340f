"""What a user passes to `Markup`, read and checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from structdiff.constraints.markup import content, expressions
from structdiff.constraints.markup.common import STRUCTURE
from structdiff.constraints.markup.content import Term
from structdiff.constraints.markup.html import KNOWN, SVG, Html
from structdiff.constraints.markup.html_dialect import HtmlDialect
from structdiff.constraints.markup.xml_dialect import XmlDialect
from structdiff.errors import ConstraintError
from structdiff.machine import accepts

Elements = tuple[tuple[str, tuple[str, ...]], ...]
Contents = tuple[tuple[str, str], ...]
_CUSTOM = re.compile(r"[a-z][a-z0-9._]*-[a-z0-9._-]*")


def elements(form: str, given: Mapping[str, Iterable[str]] | Iterable[str] | None) -> Elements | None:
    """Returns the allowed elements, each with its attributes, in their order.

    Raises:
        ConstraintError: a name is none of the format's.
    """
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, (Mapping, Iterable)):
        raise ConstraintError(f"elements is a dict of names to attribute names, or names, not {given!r}", "/elements")
    listed = given if isinstance(given, Mapping) else dict.fromkeys(given, ())
    found = {}
    for name, attributes in listed.items():
        _check_element(form, name, f"/elements/{name}")
        if isinstance(attributes, str) or not isinstance(attributes, Iterable):
            raise ConstraintError(f"the attributes of '{name}' are names, not {attributes!r}", f"/elements/{name}")
        found[name] = tuple(dict.fromkeys(attributes))
        for attribute in found[name]:
            _check_attribute(form, attribute, f"/elements/{name}")
    _check_prefixes(form, found)
    return tuple(found.items())


def contents(form: str, given: Mapping[str, str] | None, listed: Elements | None) -> Contents | None:
    """Returns the content of elements.

    Raises:
        ConstraintError: a fault in an expression; or an element that is not listed, or that the format has elsewhere.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise ConstraintError(f"content is a dict of element names to expressions, not {given!r}", "/content")
    if not given:
        raise ConstraintError("content is of no element", "/content")
    known = None if listed is None else {name for name, _ in listed}
    for name, expression in given.items():
        if not isinstance(expression, str):
            raise ConstraintError(f"the content of '{name}' is an expression, not {expression!r}", f"/content/{name}")
        children = {child.decode() for child in content.names(expressions.read(name, expression))}
        for one in sorted({name, *children}):
            _check_element(form, one, f"/content/{name}")
            if known is not None and one not in known:
                raise ConstraintError(f"the content of '{name}' speaks of '{one}', which elements does not list",
                                      f"/content/{name}")
        if form == "html":
            _check_children(name, children)
    return tuple(given.items())


def terms(given: Mapping[str, str]) -> dict[str, Term]:
    """Returns the terms of content expressions; an element that they speak of and that has none holds text.

    But for a page's frame, of which it does not matter.
    """
    found = {name: expressions.read(name, expression) for name, expression in given.items()}
    spoken = {child.decode() for term in found.values() for child in content.names(term)}.difference(STRUCTURE)
    leaves = expressions.read("", "text")
    return {**found, **{name: leaves for name in sorted(spoken - set(found))}}


def root(form: str, given: str, known: Iterable[str]) -> str:
    """Returns the root's name; known: the only elements, or none."""
    known = list(known)
    if given and form != "xml":
        raise ConstraintError(f"the root of {form} is not to be chosen", "/root")
    if given:
        _check_element(form, given, "/root")
        if known and given not in known:
            raise ConstraintError(f"the root '{given}' is none of the elements", "/root")
    return given


def names(form: str, given: Iterable[str] | None) -> tuple[str, ...] | None:
    """Returns the names of elements to write."""
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ConstraintError(f"names is 'any' or names of elements, not {given!r}", "/names")
    found = tuple(dict.fromkeys(given))
    for name in found:
        _check_element(form, name, "/names")
    return found


def _check_element(form: str, name: str, pointer: str) -> None:
    if not isinstance(name, str):
        raise ConstraintError(f"an element's name is a string, not {name!r}", pointer)
    if form != "html":
        if not accepts(XmlDialect().names, name.encode()):
            raise ConstraintError(f"{name!r} is no name of an XML element", pointer)
    elif name.encode() not in KNOWN | SVG and not _CUSTOM.fullmatch(name):
        near = difflib.get_close_matches(name, [known.decode() for known in sorted(KNOWN | SVG)], 1)
        raise ConstraintError(f"HTML has no element {name!r}" + (f"; is it {near[0]!r}?" if near else ""), pointer)


def _check_attribute(form: str, name: str, pointer: str) -> None:
    table = HtmlDialect().attributes if form == "html" else XmlDialect().attributes
    if not isinstance(name, str) or not accepts(table, name.encode()):
        raise ConstraintError(f"{name!r} is no name of an attribute", pointer)


def _check_prefixes(form: str, listed: Mapping[str, tuple[str, ...]]) -> None:
    """Raises ConstraintError for a prefix that no listed attribute can declare."""
    if form == "html":
        return
    declared = {name[6:] for attributes in listed.values() for name in attributes if name.startswith("xmlns:")} | {"xml", "xmlns"}
    for element, attributes in listed.items():
        for name in (element, *attributes):
            prefix, colon, _ = name.partition(":")
            if colon and prefix not in declared:
                raise ConstraintError(f"the prefix of {name!r} needs 'xmlns:{prefix}' among the attributes of some element",
                                      f"/elements/{element}")


def _check_children(name: str, children: set[str]) -> None:
    for child in sorted(children):
        if not Html().may_hold(name.encode(), child.encode()):
            raise ConstraintError(f"in HTML '{child}' does not stand in '{name}'", f"/content/{name}")
