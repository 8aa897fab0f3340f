"""What HTML says of elements (html.spec.whatwg.org): what each may hold, and which tags may be left out.

Less than parsers take without complaint, and nothing that one complains of: what differs between the standard of today
and that of 2013, which html5lib implements, is left out. Obsolete elements and MathML are too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from structdiff.constraints.markup.content import TEXT
from structdiff.constraints.markup.rules import NONE


def _set(names: str) -> frozenset[bytes]:
    return frozenset(names.encode().split())


HEADINGS = _set("h1 h2 h3 h4 h5 h6")
VOID = _set("area base br col embed hr img input link meta param source track wbr")
RAW = _set("script style iframe textarea title")        # whose content is not markup
PHRASING = _set(
    "a abbr area audio b bdi bdo br button canvas cite code data datalist del dfn em embed i iframe img input ins kbd label "
    "link map mark meta meter noscript object output picture progress q ruby s samp script select slot small span strong "
    "sub sup svg template textarea time u var video wbr")
BLOCKS = HEADINGS | _set(
    "address article aside blockquote details dialog div dl fieldset figure footer form header hgroup hr main menu nav ol p "
    "pre search section table ul")
FLOW = PHRASING | BLOCKS
HEAD = _set("base link meta noscript script style title")
SVG = _set(
    "a animate animateMotion animateTransform circle clipPath defs desc ellipse feBlend feColorMatrix feComposite feFlood "
    "feGaussianBlur feMerge feMergeNode feMorphology feOffset feTile feTurbulence filter g line linearGradient marker mask "
    "metadata path pattern polygon polyline radialGradient rect set stop svg switch symbol text textPath title tspan use view")
_SVG_TEXT = _set("desc metadata title")                  # where a parser turns back to HTML, or nothing is to be drawn
_TRANSPARENT = _set("a audio canvas del ins map noscript object slot template video")
_SCRIPTS = _set("script template")
_CUSTOM = re.compile(rb"[a-z][a-z0-9._]*-[a-z0-9._-]*")

# kind -> the elements it may hold
_HOLDS = {
    "start": NONE, "typed": _set("html"), "end": NONE,
    "html": _set("head body"), "headed": _set("body"), "bodied": NONE,
    "head": HEAD, "head noscript": _set("link meta style"),
    "flow": FLOW, "phrasing": PHRASING,
    "details": FLOW | {b"summary"}, "fieldset": FLOW | {b"legend"}, "figure": FLOW | {b"figcaption"},
    "summary": PHRASING | HEADINGS, "legend": PHRASING | HEADINGS, "hgroup": HEADINGS | {b"p"},
    "flow media": FLOW | _set("source track"), "phrasing media": PHRASING | _set("source track"),
    "flow object": FLOW | {b"param"}, "phrasing object": PHRASING | {b"param"},
    "ul": _SCRIPTS | {b"li"}, "dl": _SCRIPTS | _set("dt dd div"), "dl div": _SCRIPTS | _set("dt dd"),
    "ruby": PHRASING | _set("rt rp"), "datalist": PHRASING | {b"option"}, "picture": _set("source img"),
    "select": _set("option optgroup"), "optgroup": _set("option"), "text": NONE, "void": NONE,
    "table": _set("caption colgroup thead tbody tr tfoot"), "columns": _set("colgroup thead tbody tr tfoot"),
    "head rows": _set("tbody tr tfoot"), "bodies": _set("tbody tfoot"), "rows": _set("tr tfoot"), "foot": NONE,
    "colgroup": _set("col"), "tbody": _set("tr"), "tr": _set("td th"),
    "svg": SVG, "svg text": NONE,
}
_TEXTED = {kind for kind in _HOLDS if kind.split()[0] in (
    "flow", "phrasing", "details", "fieldset", "figure", "summary", "legend", "ruby", "datalist", "text", "svg")}
_KIND_OF = {
    "flow": "address article aside blockquote body caption dd dialog div dt figcaption footer form header li main nav search "
            "section td th",
    "phrasing": "h1 h2 h3 h4 h5 h6 p pre abbr b bdi bdo button cite code data dfn em i kbd label mark meter output progress q "
                "rt s samp small span strong sub sup time u var",
    "text": "option rp script style iframe textarea title", "ul": "ul ol menu", "tbody": "tbody thead tfoot", "tr": "tr",
}
_KIND = {name: kind for kind, names in _KIND_OF.items() for name in names.encode().split()}
_AFTER_IN_TABLE = {b"caption": "columns", b"colgroup": "columns", b"thead": "head rows", b"tbody": "bodies", b"tr": "rows",
                   b"tfoot": "foot"}
KNOWN = frozenset().union(*(held for kind, held in _HOLDS.items() if not kind.startswith("svg")))

# an element -> the start tags that imply its end
_ROWS = _set("tbody tfoot")
_CLOSED_BY = {
    b"p": HEADINGS | _set("address article aside blockquote details div dl fieldset figcaption figure footer form header hgroup "
                          "hr main menu nav ol p pre section summary table ul li dt dd td th tr") | _ROWS,
    b"li": _set("li"), b"dt": _set("dt dd"), b"dd": _set("dt dd"), b"rt": _set("rt rp"), b"rp": _set("rt rp"),
    b"option": _set("option optgroup"), b"optgroup": _set("optgroup"),
    b"td": _set("td th tr") | _ROWS, b"th": _set("td th tr") | _ROWS, b"tr": {b"tr"} | _ROWS, b"tbody": _ROWS, b"thead": _ROWS,
    b"colgroup": _set("colgroup thead tr") | _ROWS, b"head": (FLOW - HEAD) | {b"body", TEXT},
}
# an element -> the parents with whose end it ends
_ENDS_WITH = {
    b"p": frozenset(name for name, kind in _KIND.items() if kind == "flow") - {b"search"} | _set("details fieldset figure"),
    b"li": _set("ul ol menu"), b"dt": _set("dl div"), b"dd": _set("dl div"), b"rt": _set("ruby"), b"rp": _set("ruby"),
    b"option": _set("select optgroup datalist"), b"optgroup": _set("select"), b"td": _set("tr"), b"th": _set("tr"),
    b"tr": _set("table tbody thead tfoot"), b"tbody": _set("table"), b"thead": _set("table"), b"tfoot": _set("table"),
    b"colgroup": _set("table"), b"head": _set("html"), b"body": _set("html"), b"html": frozenset([b""]),
}
_ALONE = _set("a form button")                           # not in itself at any depth
# Not in itself twice: parsers that meet the same one four times lose count of them.
_PAIRED = _set("b code em i s small strong u")


@dataclass(frozen=True)
class Html:
    """explicit: with all tags. embodied: with all content that is asked for, and so with a body, be its tags implied."""

    explicit: bool = False
    embodied: bool = False

    start = "start"
    roots = frozenset([b"html"])
    known = KNOWN | SVG

    def children(self, kind: str) -> frozenset[bytes] | None:
        return _HOLDS[kind]

    def may_hold(self, name: bytes, child: bytes) -> bool:
        """Whether there is a place where an element `name` may have that child."""
        kinds = {self._kind_of(kind, name) for kind, held in _HOLDS.items() if name in held or self.may_be_custom(kind, name)}
        return any(child in _HOLDS[kind] or self.may_be_custom(kind, child) for kind in kinds)

    def may_be_custom(self, kind: str, name: bytes) -> bool:
        return b"span" in _HOLDS[kind] and _CUSTOM.fullmatch(name) is not None

    def entered(self, kind: str, name: bytes) -> tuple[str, str]:
        after = kind
        if kind in ("typed", "html", "headed"):
            after = {b"html": "end", b"head": "headed", b"body": "bodied"}[name]
        elif name in _AFTER_IN_TABLE and kind in ("table", "columns", "head rows", "bodies", "rows"):
            after = _AFTER_IN_TABLE[name]
        return after, self._kind_of(kind, name)

    def _kind_of(self, parent: str, name: bytes) -> str:
        if parent == "svg" or name == b"svg":
            return "svg text" if name in _SVG_TEXT else "svg"
        if name in VOID:
            return "void"
        if parent.startswith("head") and name == b"noscript":
            return "head noscript"
        if parent == "dl" and name == b"div":
            return "dl div"
        if name in _TRANSPARENT or name not in KNOWN:
            base = "flow" if b"div" in _HOLDS[parent] else "phrasing"
            return base + {b"audio": " media", b"video": " media", b"object": " object"}.get(name, "")
        return _KIND.get(name, name.decode())

    def texted(self, kind: str) -> str | None:
        return kind if kind in _TEXTED else None

    def spaced(self, kind: str) -> str:
        return kind

    def misc(self, kind: str) -> tuple[str, ...]:
        return ("comment", "doctype") if kind == "start" else ("comment",)

    def passed(self, kind: str, misc: str) -> str:
        return "typed" if misc == "doctype" else kind

    def whole(self, kind: str) -> bool:
        return kind not in ("start", "typed", "html", "headed") if self.explicit or self.embodied else kind != "start"

    def preamble(self, kind: str) -> float:
        return len("<!doctype html>") if kind == "start" else 0.0

    def needs_root(self, kind: str) -> bool:
        return (self.explicit or self.embodied) and kind in ("start", "typed")

    def tags(self, name: bytes, whole: bool) -> float:
        if name in (b"html", b"head", b"body") and not self.explicit:
            return 0.0
        if name in VOID or name in _ENDS_WITH and not self.explicit:
            return len(name) + 2.0
        return len(name) + 3.0 if whole and name in SVG - KNOWN else 2 * len(name) + 5.0

    def barred(self, barred: frozenset[bytes], name: bytes) -> frozenset[bytes]:
        once = name + b"/"                               # no name: it only counts
        if name in _PAIRED and once not in barred:
            return barred | {once}
        return barred | {name} if name in _PAIRED or name in _ALONE else barred

    def is_raw(self, kind: str, name: bytes) -> bool:
        return kind == "text" and name in RAW

    def is_void(self, name: bytes) -> bool:
        return name in VOID

    def may_close_itself(self, kind: str, name: bytes) -> bool:
        return name in VOID and not self.explicit or kind in ("svg", "svg text") and name not in KNOWN

    def implied(self, kind: str, child: bytes) -> bytes:
        if self.explicit:
            return b""
        content = child == TEXT or child in FLOW or _CUSTOM.fullmatch(child) is not None
        if kind == "typed" and (content or child in HEAD or child in (b"head", b"body")):
            return b"html"
        if kind == "html" and child in HEAD:
            return b"head"
        return b"body" if kind in ("html", "headed") and content and child not in HEAD else b""

    def implies_tags(self) -> bool:
        return not self.explicit

    def closes(self, name: bytes, child: bytes) -> bool:
        if self.explicit:
            return False
        return child in _CLOSED_BY.get(name, NONE) or name == b"head" and _CUSTOM.fullmatch(child) is not None

    def ends_with(self, name: bytes, parent: bytes) -> bool:
        return not self.explicit and parent in _ENDS_WITH.get(name, NONE)
