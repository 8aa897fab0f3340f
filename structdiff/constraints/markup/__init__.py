"""XML, HTML and SVG documents."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.parsers import expat

from structdiff.constraint import Combinable, Plan
from structdiff.constraints.markup import common, options
from structdiff.constraints.markup.machine import Document
from structdiff.constraints.markup.making import Wanted, checked, written
from structdiff.constraints.markup.options import Contents, Elements
from structdiff.errors import ConstraintError
from structdiff.verdict import UNCHANGED, Verdict, Violation

FORMATS = ("xml", "html", "svg")
ANY = "any"
LONGEST_HINT = 2_000       # characters
_SHAPES = {"xml": "an XML document", "html": "an HTML page, from <!DOCTYPE html> to </html>",
           "svg": f'an SVG image, <svg xmlns="{common.SVG_NAMESPACE}">'}


@dataclass(frozen=True, init=False)
class Markup(Combinable):
    """The documents of a format, "xml", "html" or "svg", of which a parser has nothing to complain.

    Tags match at any depth. XML has one root and an internal subset in no document type; in HTML elements stand where the
    standard lets them, their tags may be left out as it says, and html5lib reports no parse error.

    elements: the only ones there are, each with its only attributes: a dict of names, or names (without attributes);
        then there are no comments and no instructions either. `html`, `head`, `body` and `svg` always are. What values
        say (`href`!) is not looked at.
    content: what elements hold: an expression for each, such as `title, (p | ul)*, footer?`, of names, `text`, `empty`
        and `any`, with `,` `|` `&` (in any order) `*` `+` `?` and parentheses. One that they speak of and that has no
        expression holds text. Without `elements`, there are no others. In XML the first is the root.
    names: the elements that are written where neither says; by default some common ones and, in XML, those a prompt names,
        in the root that it shows first or in `document`. "any": all. A text that is checked may have any.
    root: the document's element; for XML alone.
    comments: whether there are any; by default where there are no `elements`, though none are written.

    Written are tidy spellings alone: all tags, in lower case for HTML; `"` around values and a blank before each
    attribute; attributes in the order of `elements`; between tags at most a line break and an indentation; no CDATA, and
    only the references that are needed; in XML that nothing restricts, text or elements in an element, not both. A text
    that is checked may be spelled in any way.

    Raises:
        ConstraintError: an option is at fault; the pointer says which part of it.
    """

    form: str
    elements: Elements | None
    content: Contents | None
    names: tuple[str, ...] | str | None
    root: str
    comments: bool | None

    def __init__(self, form: str, elements: Mapping[str, Iterable[str]] | Iterable[str] | None = None,
                 content: Mapping[str, str] | None = None, names: Iterable[str] | str | None = None, root: str = "",
                 comments: bool | None = None):
        if form not in FORMATS:
            raise ConstraintError(f"markup is 'xml', 'html' or 'svg', not {form!r}")
        listed = options.elements(form, elements)
        contents = options.contents(form, content, listed)
        if names is not None and names != ANY and (elements is not None or content is not None):
            raise ConstraintError("names are for documents that neither elements nor content restricts", "/names")
        known = [name for name, _ in listed or ()] or list(options.terms(dict(contents or ())))
        object.__setattr__(self, "form", form)
        object.__setattr__(self, "elements", listed)
        object.__setattr__(self, "content", contents)
        object.__setattr__(self, "names", ANY if names == ANY else options.names(form, names))
        first = contents[0][0] if contents and form == "xml" else ""
        object.__setattr__(self, "root", options.root(form, root, known) or first)
        object.__setattr__(self, "comments", comments)

    def plan(self, prompt: str) -> Plan:
        checkers = () if self.form == "html" else (WellFormed(),)
        if self.names == ANY:
            return Plan(_checked(self), checkers)
        machine = written(self._wanted(bool(self.comments)), self.names, prompt)
        return Plan(machine, checkers, wide=lambda: _checked(self))

    def hint(self) -> str:
        content = dict(self.content or ())
        shown = [f"{name} = {content[name]}" if name in content else name
                 for name in dict.fromkeys([*content, *(name for name, _ in self.elements or ()), *self._named])]
        text = " ".join((_SHAPES[self.form] + (f", elements: {'; '.join(shown)}" if shown else "")).split())
        return text if len(text) <= LONGEST_HINT else text[:LONGEST_HINT] + "…"

    def key(self, prompt: str) -> Hashable:
        depends = self.form == "xml" and self.elements is None and self.content is None and self.names is None
        return self, tuple(common.xml_elements(prompt).items()) if depends else None

    @property
    def _named(self) -> tuple[str, ...]:
        """The elements that are written, where neither elements nor content says."""
        if self.names is None and self.elements is None and self.content is None:
            return tuple({"html": common.HTML_CONTENT, "svg": common.SVG_CONTENT}.get(self.form, ()))
        return self.names if isinstance(self.names, tuple) else ()

    def _wanted(self, comments: bool) -> Wanted:
        elements = None if self.elements is None else dict(self.elements)
        return Wanted(self.form, elements, None if self.content is None else dict(self.content), self.root, comments)


@lru_cache(maxsize=8)
def _checked(markup: Markup) -> Document:
    return checked(markup._wanted(markup.elements is None if markup.comments is None else markup.comments))


@dataclass(frozen=True)
class WellFormed:
    """Expat's word on a text of XML: another parser's than the machine's."""

    def check(self, text: str) -> Verdict:
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        try:
            parser.Parse(text.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            at = parser.ErrorByteIndex
            said = f"line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}"
            return Verdict((Violation("xml", said, "", ((at, at + 1),)),))
        return Verdict(value=UNCHANGED)
