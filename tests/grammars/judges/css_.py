"""Judges CSS with tinycss2, selectors with cssselect2, and by hand what at-rules and values may hold.

Laxer than the specification: names of pseudo-classes, properties and functions, the arguments of functions, separators
and the order of values are not looked at. Stricter: cssselect2 knows the standard pseudo-elements only, and tinycss2
takes no custom property whose value holds a block in braces and more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import tinycss2
from cssselect2 import SelectorError
from cssselect2 import parser as selectors
from tinycss2.ast import Node
from tinycss2.nth import parse_nth

_KEYFRAMES = re.compile("@?(-(webkit|moz|o|ms)-)?keyframes")
_SELECTOR_FUNCTIONS = {"not", "is", "where", "has"}
_MEDIA_TYPES = set("all print screen speech tty tv projection handheld braille embossed aural".split())
# t: a media type, n: not, y: only, a: and, o: or, p: a condition in parentheses
_MEDIA_QUERY = re.compile("[ny]?t((ap)*|anp)|np|p((ap)*|(op)*)")
_CONDITION = re.compile("np|p((ap)*|(op)*)")
# i: a name, v: a value, o: an operator
_FEATURE = re.compile("i|i:[iv]|i[<>=][v]|i[<>=]i|v[<>=]i|v<i<v|v>i>v")
_HEX = re.compile("[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}")


def accepts(text: str) -> bool:
    if not _closed(text):
        return False
    rules = _parsed(tinycss2.parse_stylesheet(text))
    while rules and rules[0].type == "at-rule" and rules[0].at_keyword == "charset":
        if rules.pop(0).content is not None or not re.search(r'@charset "[^"\r\n\f]*";', text):
            return False
    namespaces: dict[str | None, str] = {}
    stage = ["import", "namespace"]
    for rule in rules:
        keyword = rule.lower_at_keyword if rule.type == "at-rule" else ""
        if keyword not in stage:
            stage = []
        elif keyword == "namespace":
            stage = ["namespace"]
            namespaces |= {token.value: "" for token in rule.prelude if token.type == "ident"}
        if not _rule(rule, stage, namespaces):
            return False
    return True


def _closed(text: str) -> bool:
    """Whether nothing is open at the end: an empty rule put there is one of its own."""
    rules = _parsed(tinycss2.parse_stylesheet(text + "*{}"))
    last = rules[-1] if rules else None
    return last is not None and last.type == "qualified-rule" and tinycss2.serialize([last]) == "*{}"


def _parsed(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if node.type not in ("comment", "whitespace")]


def _rule(rule: Node, stage: list[str], namespaces: dict[str | None, str]) -> bool:
    if rule.type == "qualified-rule":
        return _selectors(rule.prelude, namespaces) and _block(rule.content)
    if rule.type == "error" or not _sound(rule.prelude):
        return False
    keyword, prelude = rule.lower_at_keyword, _parsed(rule.prelude)
    kinds = ["string" if _quoted_url(node) else node.type for node in prelude]
    if keyword == "import":
        return (keyword in stage and rule.content is None and kinds[:1] in (["string"], ["url"])
                and (len(prelude) == 1 or _media(prelude[1:])))
    if keyword == "namespace":
        return (keyword in stage and rule.content is None
                and kinds in (["string"], ["url"], ["ident", "string"], ["ident", "url"]))
    if rule.content is None:
        return False
    if keyword == "font-face":
        return not prelude and _block(rule.content)
    if keyword == "page":
        return re.fullmatch("i?(:i)?", _shape(prelude, {})) is not None and _block(rule.content)
    inner = _parsed(tinycss2.parse_rule_list(rule.content))
    if _KEYFRAMES.fullmatch(keyword):
        return kinds in (["ident"], ["string"]) and all(map(_keyframe, inner))
    if keyword == "media":
        return (not prelude or _media(prelude)) and all(_rule(node, [], namespaces) for node in inner)
    return (keyword == "supports" and _condition(prelude, _supported)
            and all(_rule(node, [], namespaces) for node in inner))


def _keyframe(rule: Node) -> bool:
    return (rule.type == "qualified-rule" and _block(rule.content)
            and all(len(part) == 1 and (part[0].type == "percentage" or
                                        part[0].type == "ident" and part[0].lower_value in ("from", "to"))
                    for part in _split(_parsed(rule.prelude))))


def _split(nodes: list[Node]) -> list[list[Node]]:
    parts: list[list[Node]] = [[]]
    for node in nodes:
        if node == ",":
            parts.append([])
        else:
            parts[-1].append(node)
    return parts


# --- selectors ---


def _selectors(prelude: list[Node], namespaces: dict[str | None, str]) -> bool:
    try:
        list(selectors.parse(prelude, namespaces))
    except SelectorError:
        return False
    return _sound(prelude) and all(map(_selector_function, _functions(prelude)))


def _functions(nodes: list[Node]) -> list[Node]:
    found = [node for node in nodes if node.type == "function"]
    return found + [inner for node in found for inner in _functions(node.arguments)]


def _selector_function(node: Node) -> bool:
    if node.lower_name in ("nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"):
        try:
            return parse_nth(node.arguments) is not None
        except AttributeError:                       # raised by tinycss2 1.5.1 where a sign ends the arguments
            return False
    if node.lower_name == "lang":
        return [argument.type for argument in _parsed(node.arguments)] in (["ident"], ["string"])
    return node.lower_name in _SELECTOR_FUNCTIONS


# --- conditions ---


def _shape(nodes: list[Node], words: dict[str, str]) -> str:
    """One letter for each node: what `words` says or i for a name, p for parentheses, v for a value, else itself."""
    return "".join(
        words.get(node.lower_value, "i") if node.type == "ident" else
        "p" if node.type == "() block" else node.value if node.type == "literal" else "v"
        for node in nodes)


def _media(nodes: list[Node]) -> bool:
    words = {"not": "n", "only": "y", "and": "a", "or": "o"} | dict.fromkeys(_MEDIA_TYPES, "t")
    return all(_MEDIA_QUERY.fullmatch(_shape(part, words)) and _inside(part, _feature) for part in _split(nodes))


def _condition(nodes: list[Node], basic) -> bool:
    shape = _shape(nodes, {"not": "n", "and": "a", "or": "o"})
    return _CONDITION.fullmatch(shape) is not None and _inside(nodes, basic)


def _inside(nodes: list[Node], basic) -> bool:
    return all(basic(node) or _condition(_parsed(node.content), basic) for node in nodes if node.type == "() block")


def _feature(node: Node) -> bool:
    shape = _shape(_parsed(node.content), {})
    return _FEATURE.fullmatch(shape.replace("<=", "<").replace(">=", ">").replace("v/v", "v")) is not None


def _supported(node: Node) -> bool:
    return _declaration(tinycss2.parse_one_declaration(node.content))


# --- declarations ---


def _block(content: list[Node]) -> bool:
    return all(map(_declaration, _parsed(tinycss2.parse_blocks_contents(content))))


def _declaration(node: Node) -> bool:
    if node.type != "declaration" or not _sound(node.value):
        return False
    if node.name.startswith("--"):
        return all(inner != "!" for inner in node.value)
    return bool(_parsed(node.value)) and all(map(_value, node.value))


def _value(node: Node, inside: bool = False) -> bool:
    if node.type == "hash":
        return _HEX.fullmatch(node.value) is not None
    if node.type == "function" and node.lower_name == "url":
        return _quoted_url(node)
    if node.type == "function" or inside and node.type == "() block":
        return all(_value(inner, True) for inner in _content(node))
    return (node.type not in ("{} block", "() block", "at-keyword")
            and not (node.type == "literal" and node.value not in (",/*+-" if inside else ",/")))


def _quoted_url(node: Node) -> bool:
    return (node.type == "function" and node.lower_name == "url"
            and [argument.type for argument in _parsed(node.arguments)] == ["string"])


def _sound(nodes: list[Node]) -> bool:
    """Whether there is no bad string, bad address or stray bracket anywhere in `nodes`."""
    return all(node.type != "error" and _sound(_content(node)) for node in nodes)


def _content(node: Node) -> list[Node]:
    return node.arguments if node.type == "function" else getattr(node, "content", None) or []
