"""The machines of a constraint on documents: of the texts that are written, and of all that satisfy it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from structdiff.constraints.markup import common, expressions, options
from structdiff.constraints.markup.content import Model, Term
from structdiff.constraints.markup.html import Html
from structdiff.constraints.markup.html_dialect import HtmlDialect
from structdiff.constraints.markup.machine import Document
from structdiff.constraints.markup.rules import Rules
from structdiff.constraints.markup.xml import Xml
from structdiff.constraints.markup.xml_dialect import XmlDialect

Attributes = Mapping[str, tuple[str, ...]]
_METADATA = ("meta", "link", "base", "style", "script")
_ATTRIBUTES = {"html": common.HTML_ATTRIBUTES, "svg": common.SVG_ATTRIBUTES}
_REQUIRED = {"html": common.HTML_REQUIRED, "svg": common.SVG_REQUIRED}
_FIXED = {"html": common.HTML_FIXED, "svg": {("svg", "xmlns"): common.SVG_NAMESPACE}}


@dataclass(frozen=True)
class Wanted:
    """form: "xml", "html" or "svg". elements: with their attributes, None: any. content: of elements, None: any.
    root: of XML, empty: any. comments: whether there are any."""

    form: str
    elements: Attributes | None
    content: Mapping[str, str] | None
    root: str
    comments: bool


def checked(wanted: Wanted) -> Document:
    """Returns the machine of all texts that are as wanted."""
    listed, models = wanted.elements, {} if wanted.content is None else options.terms(wanted.content)
    if listed is None and models:
        listed = dict.fromkeys([*models, "title"] if wanted.form == "html" else models, ())
    if wanted.form == "html" and models:
        models = {**_page(listed), **models}
    form = Html(embodied=bool(models)) if wanted.form == "html" else Xml()
    dialect = HtmlDialect if wanted.form == "html" else XmlDialect
    fixed = _FIXED["svg"] if wanted.form == "svg" else {}
    return Document(_rules(wanted.form, form, listed, models, wanted.root, {}, fixed, wanted.elements is None),
                    dialect(comments=wanted.comments, fixed=_encoded(fixed)))


def written(wanted: Wanted, names: tuple[str, ...] | None, prompt: str) -> Document:
    """Returns the machine of the spellings that are written: texts of `checked`, one of each document.

    names: the elements, where nothing else says which.
    """
    is_free = wanted.elements is None and wanted.content is None
    expressions = wanted.content or {}
    if is_free and names is None and wanted.form != "xml":
        expressions = common.HTML_CONTENT if wanted.form == "html" else common.SVG_CONTENT
    models = options.terms(expressions)
    listed = wanted.elements
    root, required = wanted.root, {}
    if listed is None and wanted.form == "xml" and is_free and names is None:
        listed = common.xml_elements(prompt)
        root = root or next(iter(listed))
    elif listed is None:
        known, required = _ATTRIBUTES.get(wanted.form, {}), _REQUIRED.get(wanted.form, {})
        title = ["title"] if wanted.form == "html" else []
        listed = {name: known.get(name, ()) for name in [*models, *(names or ()), *title]}
    if root:
        listed = {**listed, root: listed.get(root, ())}
    if wanted.form == "html":
        models = {**_page(listed), **models}
    form = Html(explicit=True) if wanted.form == "html" else Xml(separate=is_free and wanted.form == "xml")
    shapes = {name.encode(): shape for name, shape in common.SHAPES.items()}
    dialect = HtmlDialect if wanted.form == "html" else XmlDialect
    fixed = _FIXED.get(wanted.form, {})
    return Document(_rules(wanted.form, form, listed, models, root, required, fixed),
                    dialect(tidy=True, comments=wanted.comments, shapes=shapes, fixed=_encoded(fixed)))


def _page(listed: Attributes) -> dict[str, Term]:
    """Returns the content of a page's frame."""
    metadata = " | ".join(name for name in _METADATA if name in listed)
    around = f"({metadata})*" if metadata else "empty"
    head = f"{around}, title, {around}" if "title" in listed else around
    return {"html": expressions.read("html", "head, body"), "head": expressions.read("head", head)}


def _rules(name: str, form: Html | Xml, listed: Attributes | None, models: Mapping[str, Term], root: str,
           required: Attributes, fixed: Mapping[tuple[str, str], str], any_attributes: bool = False) -> Rules:
    if listed is not None and name == "html":
        listed = {**dict.fromkeys(common.STRUCTURE, ()), **listed}
    if name == "svg":
        root, required = "svg", {**required, "": ("xmlns",)}
        listed = None if listed is None else {**listed, "svg": tuple(dict.fromkeys(("xmlns", *listed.get("svg", ()))))}
    return Rules(form, None if listed is None else _encoded_names(listed),
                 {element.encode(): Model(term) for element, term in models.items()}, root.encode(),
                 _encoded_names(required), _encoded(fixed), any_attributes)


def _encoded_names(listed: Attributes) -> dict[bytes, tuple[bytes, ...]]:
    return {name.encode(): tuple(attribute.encode() for attribute in attributes) for name, attributes in listed.items()}


def _encoded(fixed: Mapping[tuple[str, str], str]) -> dict[tuple[bytes, bytes], bytes]:
    return {(name.encode(), attribute.encode()): value.encode() for (name, attribute), value in fixed.items()}
