"""What HTML's elements are to a repair: which are void, which end tags are implied, and what may stand in what.

It is the HTML of html5lib's parser: what it reports no error for.
"""

from __future__ import annotations

from functools import lru_cache

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
RAW = frozenset(("script", "style"))                            # hold no markup at all
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
PHRASING = FORMATTING | frozenset("""abbr bdi bdo cite data del dfn ins kbd label map mark meter output progress q samp span sub sup
    time var ruby rt rp picture audio video canvas""".split())
_BLOCKS = HEADINGS | frozenset("""address article aside blockquote center details dir div dl fieldset figcaption figure footer form
    header hgroup hr listing main menu nav ol p pre section summary table ul""".split())
_LISTED = frozenset("li dd dt".split())
_ROWS = frozenset("tr tbody thead tfoot".split())
_CELLS = frozenset("td th".split())
_IN_HEAD = frozenset("meta title link style script base noscript template".split())
_ANYWHERE = frozenset("script style template".split())
FOREIGN = frozenset("""path rect circle ellipse line polyline polygon g use defs stop tspan symbol lineargradient radialgradient
    clippath mask marker pattern svg filter fegaussianblur image animate""".split())
KNOWN = VOID | _BLOCKS | PHRASING | FOREIGN | _LISTED | _ROWS | _CELLS | frozenset("""html head body title style script noscript template
    select iframe object button textarea datalist optgroup option legend dialog caption colgroup slot search math text""".split())
BOOLEAN = frozenset("""allowfullscreen async autofocus autoplay checked controls default defer disabled formnovalidate hidden inert
    ismap itemscope loop multiple muted nomodule novalidate open playsinline readonly required reversed selected""".split())

IMPLIED_BY = {          # the end of an element, by the start of one of these
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "p": _BLOCKS | _LISTED | _ROWS | _CELLS,
    "option": {"option", "optgroup"}, "optgroup": {"optgroup"}, "tr": _ROWS, "td": _CELLS | _ROWS, "th": _CELLS | _ROWS,
    "thead": {"tbody", "tfoot", "thead"}, "tbody": {"tbody", "tfoot", "thead"}, "tfoot": {"tbody"},
    "colgroup": _ROWS, "caption": _ROWS | {"colgroup"}, "head": {"body"},
}
_IMPLIED_BY_ANY = frozenset("dd dt li option optgroup p rp rt".split())
_NO_IMPLYING = FORMATTING | PHRASING            # end tags of these imply no other's
AT_END = frozenset("dd dt li p tbody td tfoot th thead tr body html".split())
OPTIONAL = frozenset(IMPLIED_BY) | {"html", "body", "tfoot"}


def implied_by_end(one: str, closed: str) -> bool:
    """Whether the end tag `</closed>` implies the end of an element `one` that stands in it."""
    if one == closed or closed in _NO_IMPLYING:
        return False
    if one in _IMPLIED_BY_ANY:
        return closed in KNOWN
    if one in _CELLS:
        return closed in _ROWS | {"table"}
    if one in _ROWS:
        return closed == "table" or one == "tr" and closed in _ROWS
    return one == "colgroup" and closed == "table" or one == "body" and closed == "html"


HARD, SOFT = 14.0, 4.0
_ONLY = {
    "html": frozenset(("head", "body")), "head": _IN_HEAD, "table": _ROWS | _ANYWHERE | {"caption", "colgroup", "col"},
    "tbody": _ANYWHERE | {"tr"}, "thead": _ANYWHERE | {"tr"}, "tfoot": _ANYWHERE | {"tr"}, "tr": _ANYWHERE | _CELLS,
    "colgroup": frozenset(("col", "template")), "select": frozenset(("option", "optgroup", "script", "template", "hr")),
    "optgroup": frozenset(("option", "script", "template")), "option": frozenset(), "title": frozenset(), "textarea": frozenset(),
}
_WITHIN = {             # what stands nowhere else
    "head": {"html"}, "body": {"html"}, "tr": {"table", "tbody", "thead", "tfoot"}, "td": {"tr"}, "th": {"tr"}, "tbody": {"table"},
    "thead": {"table"}, "tfoot": {"table"}, "caption": {"table"}, "colgroup": {"table"}, "col": {"table", "colgroup"},
}
_USUALLY = {
    "li": {"ul", "ol", "menu"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "option": {"select", "optgroup", "datalist"},
    "optgroup": {"select"}, "figcaption": {"figure"}, "legend": {"fieldset"}, "summary": {"details"}, "meta": {"head"},
    "title": {"head", "svg", "g"}, "base": {"head"}, "source": {"picture", "audio", "video"}, "rt": {"ruby"}, "rp": {"ruby"},
}
_CHILDREN = {"ul": {"li"}, "ol": {"li"}, "menu": {"li"}, "dl": {"dt", "dd", "div"}, "datalist": {"option"}}


@lru_cache(maxsize=65_536)
def misplaced(parent: str, child: str, whole: bool) -> float:
    """Returns the price of an element or text, "#text", that stands in another; HARD where that is an error.

    parent: "" for none. whole: the page has its `body` tag, so that nothing else is to stand in `html`.
    """
    if child == "#text":
        wordless = parent in ("table", "colgroup", "head") or parent in _ROWS or parent == "html" and whole
        return HARD if wordless else SOFT if parent in _CHILDREN or parent in ("html", "select") else 0.0
    if parent == "" or child == "html":
        return HARD if parent and child == "html" or child in _WITHIN and child not in ("head", "body") else 0.0
    if parent == "html":
        return 0.0 if child in ("head", "body") else HARD if whole else 1.0
    if parent in _ONLY:
        return 0.0 if child in _ONLY[parent] else HARD
    if child in _WITHIN:
        return 0.0 if parent in _WITHIN[child] else HARD
    if parent == child and child in ("a", "form", "button", "nobr", "p") or parent in HEADINGS and child in HEADINGS:
        return HARD
    if parent == "p" and child in _BLOCKS:
        return HARD
    unusual = (child in _USUALLY and parent not in _USUALLY[child], parent in _CHILDREN and child not in _CHILDREN[parent] | _ANYWHERE,
               child in _BLOCKS and (parent in PHRASING - {"a", "ins", "del"} or parent in HEADINGS))
    return SOFT if any(unusual) else 0.0
