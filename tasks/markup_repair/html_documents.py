"""Whole HTML pages: articles, tables, forms, lists, questions, galleries."""

from __future__ import annotations

from collections.abc import Callable

from tasks.markup_repair.elements import Element, Raw, drawn_style, tag, written
from tasks.markup_repair.words import Scribe

Kind = Callable[[Scribe], list[Element | Raw]]


def page(scribe: Scribe, body: list[Element | Raw]) -> str:
    """Returns a page with that body. Nothing here says that it is valid: the judge does."""
    style = drawn_style(scribe.rng, html=True)
    head = [tag("meta", attributes={"charset": "utf-8"}), tag("title", scribe.title())]
    if scribe.maybe(0.4):
        head.append(tag("meta", attributes={"name": "viewport", "content": "width=device-width, initial-scale=1"}))
    if scribe.maybe(0.3):
        head.append(tag("link", attributes={"rel": "stylesheet", "href": f"/{scribe.noun()}.css"}))
    if scribe.maybe(0.2):
        head.append(tag("style", Raw(f"body {{ margin: 0 auto; }} .{scribe.noun()} > p {{ color: {scribe.colour()}; }}")))
    if scribe.maybe(0.2):
        loop = f"for (let i = 0; i < {scribe.number(1, 9)}; i++) {{ console.log(\"{scribe.spoken()}\", i && 1); }}"
        head.append(tag("script", Raw(loop)))
    attributes: dict[str, str | None] = {"lang": scribe.one("en", "de", "fr")} if scribe.maybe(0.7) else {}
    doctype = scribe.one("<!DOCTYPE html>", "<!DOCTYPE html>", "<!doctype html>") + ("" if style.indent is None else "\n")
    root = tag("html", tag("head", *head), tag("body", *body), attributes=attributes)
    return doctype + written(root, style) + scribe.one("", "\n")


def prose(scribe: Scribe, low: int = 1, high: int = 3) -> tuple[Element | Raw | str, ...]:
    """A sentence or a few, with words emphasised, linked or broken."""
    parts: list[Element | Raw | str] = []
    for _ in scribe.some(low, high):
        parts.append(scribe.sentence() + " ")
        if scribe.maybe(0.5):
            parts += [inline(scribe), " "]
        if scribe.maybe(0.12):
            parts.append(scribe.one(f"{scribe.noun()} & {scribe.noun()} ", f"{scribe.number()} < {scribe.number()} ",
                                    f"“{scribe.spoken()}” "))
        if scribe.maybe(0.08):
            parts.append(Raw(scribe.one("&nbsp;", "&copy; ", "&mdash;", "&eacute;", "&#8230;")))
    return tuple(parts)


def inline(scribe: Scribe) -> Element:
    word = scribe.one(scribe.noun(), scribe.title(), scribe.foreign())
    return scribe.one(
        tag("em", word), tag("strong", word), tag("b", tag("i", word)), tag("code", f"{scribe.noun()}()"), tag("br"),
        tag("a", word, attributes={"href": scribe.url()}),
        tag("a", tag("strong", word), attributes={"href": f"#{scribe.slug()}", "title": scribe.sentence()}),
        tag("span", word, attributes={"class": scribe.noun()}),
        tag("em", scribe.noun() + " ", tag("b", word)), tag("small", word), tag("kbd", scribe.noun()),
        tag("img", attributes={"src": f"/{scribe.slug()}.png", "alt": word}))


def paragraph(scribe: Scribe) -> Element:
    return tag("p", *prose(scribe), attributes=scribe.one({}, {}, {"class": scribe.noun()}, {"id": scribe.slug()}))


def listing(scribe: Scribe, depth: int = 1) -> Element:
    items = [tag("li", *prose(scribe, 1, 1), *([listing(scribe, 0)] if depth and scribe.maybe(0.2) else []))
             for _ in scribe.some(2, 5)]
    return tag(scribe.one("ul", "ul", "ol"), *items)


def table(scribe: Scribe) -> Element:
    names = scribe.keys(scribe.number(2, 5))
    def cell() -> Element:
        return tag("td", scribe.one(scribe.noun(), str(scribe.number()), scribe.title(), f"{scribe.decimal()} €"))
    rows = [tag("tr", *(cell() for _ in names)) for _ in scribe.some(2, 6)]
    head = tag("thead", tag("tr", *(tag("th", name, attributes=scribe.one({}, {"scope": "col"})) for name in names)))
    return tag("table", *([tag("caption", scribe.title())] if scribe.maybe(0.3) else []), head, tag("tbody", *rows))


def article(scribe: Scribe) -> list[Element | Raw]:
    author = tag("a", scribe.person(), attributes={"href": f"mailto:{scribe.email()}"})
    made: list[Element | Raw] = [tag("header", tag("h1", scribe.title()), tag("p", "By ", author))]
    for _ in scribe.some(1, 3):
        made.append(tag("section", tag("h2", scribe.title()), *(paragraph(scribe) for _ in scribe.some(1, 3)),
                        *([listing(scribe)] if scribe.maybe(0.3) else [])))
    if scribe.maybe(0.4):
        made.append(Raw(f"<!-- {scribe.sentence()} -->"))
    return [tag("main", tag("article", *made)),
            tag("footer", tag("p", Raw("&copy; "), scribe.date()[:4], " ", scribe.person()))]


def data(scribe: Scribe) -> list[Element | Raw]:
    return [tag("h1", scribe.title()), paragraph(scribe), *(table(scribe) for _ in scribe.some(1, 2)), tag("hr"),
            paragraph(scribe)]


def form(scribe: Scribe) -> list[Element | Raw]:
    made: list[Element] = []
    for key in scribe.keys(scribe.number(2, 5)):
        field = scribe.one(
            tag("input", attributes={"type": scribe.one("text", "email", "number"), "name": key, "id": key,
                                     "placeholder": scribe.spoken(), "required": None}),
            tag("select", *(tag("option", scribe.title(), attributes={"value": str(number)}) for number in scribe.some(2, 4)),
                attributes={"name": key, "id": key}),
            tag("textarea", scribe.sentence(), attributes={"name": key, "id": key, "rows": "4"}))
        made.append(tag("div", tag("label", scribe.title(), attributes={"for": key}), field, attributes={"class": "row"}))
    made.append(tag("button", "Send ", tag("b", scribe.noun()), attributes={"type": "submit"}))
    return [tag("h1", scribe.title()), tag("form", *made, attributes={"action": f"/{scribe.noun()}", "method": "post"})]


def navigation(scribe: Scribe) -> list[Element | Raw]:
    links = [tag("li", tag("a", scribe.title(), attributes={"href": f"/{scribe.slug()}"})) for _ in scribe.some(3, 7)]
    return [tag("nav", tag("ul", *links), attributes={"class": "menu", "aria-label": scribe.title()}),
            tag("div", tag("h1", scribe.title()), *(paragraph(scribe) for _ in scribe.some(1, 3)), listing(scribe),
                attributes={"id": "content"})]


def reference(scribe: Scribe) -> list[Element | Raw]:
    terms = [part for _ in scribe.some(2, 5) for part in (tag("dt", tag("code", scribe.noun())), tag("dd", *prose(scribe)))]
    listed = f"{scribe.noun()} = \"{scribe.spoken()}\"\nif {scribe.noun()} < {scribe.number()} && x:\n    pass"
    return [tag("h1", scribe.title()), paragraph(scribe), tag("dl", *terms), tag("pre", tag("code", listed)),
            tag("blockquote", paragraph(scribe))]


def products(scribe: Scribe) -> list[Element | Raw]:
    cards = [tag("div", tag("h3", scribe.title()),
                 tag("img", attributes={"src": scribe.url(), "alt": scribe.title(), "width": str(scribe.number(10, 400))}),
                 tag("p", *prose(scribe, 1, 2)), tag("span", f"{scribe.decimal()} EUR", attributes={"class": "price"}),
                 attributes={"class": "card", "data-id": scribe.code()}) for _ in scribe.some(2, 5)]
    return [tag("h1", scribe.title()), tag("div", *cards, attributes={"class": "grid"})]


def questions(scribe: Scribe) -> list[Element | Raw]:
    asked = [tag("details", tag("summary", scribe.sentence()), paragraph(scribe)) for _ in scribe.some(2, 5)]
    return [tag("h1", scribe.title()), *asked, tag("aside", listing(scribe))]


def gallery(scribe: Scribe) -> list[Element | Raw]:
    return [tag("main", tag("h2", scribe.title()), *(
        tag("figure", tag("img", attributes={"src": f"{scribe.slug()}.jpg", "alt": scribe.sentence(), "loading": "lazy"}),
            tag("figcaption", *prose(scribe, 1, 2)))
        for _ in scribe.some(2, 5)))]


def changes(scribe: Scribe) -> list[Element | Raw]:
    return [part for _ in scribe.some(2, 4) for part in (
        tag("h2", scribe.version(), " ", tag("time", scribe.date(), attributes={"datetime": scribe.date()})), listing(scribe),
        Raw(f"<!-- {scribe.noun()} -->"))]


def letter(scribe: Scribe) -> list[Element | Raw]:
    cell = tag("td", tag("p", f"Dear {scribe.person()},"), *(paragraph(scribe) for _ in scribe.some(1, 3)), table(scribe),
               attributes={"align": "left", "style": "padding: 8px"})
    last = tag("td", tag("center", tag("font", scribe.sentence(), attributes={"color": scribe.colour()})))
    return [tag("table", tag("tbody", tag("tr", cell), tag("tr", last)),
                attributes={"width": "100%", "border": "0"})]


SHARED: tuple[Kind, ...] = (article, data)
KINDS: dict[str, tuple[Kind, ...]] = {
    "dev": (*SHARED, form, navigation, reference),
    "test": (*SHARED, products, questions, gallery, changes, letter),
}
