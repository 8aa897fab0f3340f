"""Judges SVG 1.1 with lxml (libxml2), then its elements, path data, points, transformations and view boxes by hand.

Laxer than the specification: values of other attributes and which element has which attribute are not looked at, nor
are references and CDATA sections of blanks where an element holds only elements. Stricter: it asks what Namespaces in
XML asks of names with colons and of the values of `xmlns`.
"""

from __future__ import annotations

import re

from lxml import etree

_DESCRIPTIVE = "desc metadata title "
_ANIMATION = "animate animateColor animateMotion animateTransform set "
_COLOR_ANIMATION = "animate animateColor set "
_SHAPE = "circle ellipse line path polygon polyline rect "
_GRAPHICS = _DESCRIPTIVE + _ANIMATION
_CONTAINER = _GRAPHICS + _SHAPE + (
    "defs g svg symbol use linearGradient radialGradient a altGlyphDef clipPath color-profile cursor filter font "
    "font-face foreignObject image marker mask pattern script style switch text view ")
_PRIMITIVES = (
    "feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap "
    "feFlood feGaussianBlur feImage feMerge feMorphology feOffset feSpecularLighting feTile feTurbulence ")
_LIGHTS = "feDistantLight fePointLight feSpotLight "
_ANY = set("desc foreignObject metadata title".split())
_TEXT = set("a altGlyph script style text textPath tspan".split()) | _ANY
_EMPTY = set("font-face-format font-face-name glyphRef hkern vkern".split())

_CHILDREN = {
    parent: set(children.split())
    for parents, children in (
        ("svg g defs symbol marker mask pattern glyph missing-glyph a", _CONTAINER),
        (_SHAPE + "use image", _GRAPHICS),
        ("switch", _GRAPHICS + _SHAPE + "a foreignObject g image svg switch text use"),
        ("clipPath", _GRAPHICS + _SHAPE + "text use"),
        ("view cursor color-profile mpath animate animateColor animateTransform set", _DESCRIPTIVE),
        ("animateMotion", _DESCRIPTIVE + "mpath"),
        ("text", _GRAPHICS + "altGlyph textPath tref tspan a"),
        ("tspan textPath", _DESCRIPTIVE + _COLOR_ANIMATION + "altGlyph tref tspan a"),
        ("tref", _DESCRIPTIVE + _COLOR_ANIMATION),
        ("style script altGlyph", ""),
        ("altGlyphDef", "glyphRef altGlyphItem"),
        ("altGlyphItem", "glyphRef"),
        ("linearGradient radialGradient", _DESCRIPTIVE + "animate animateTransform set stop"),
        ("filter", _DESCRIPTIVE + "animate set " + _PRIMITIVES),
        (_PRIMITIVES + _LIGHTS + "feFuncR feFuncG feFuncB feFuncA feMergeNode stop", _COLOR_ANIMATION),
        ("feImage", "animate animateTransform set"),
        ("feComponentTransfer", "feFuncR feFuncG feFuncB feFuncA"),
        ("feMerge", "feMergeNode"),
        ("feDiffuseLighting feSpecularLighting", _DESCRIPTIVE + _COLOR_ANIMATION + _LIGHTS),
        ("font", _DESCRIPTIVE + "font-face glyph hkern missing-glyph vkern"),
        ("font-face", _DESCRIPTIVE + "font-face-src"),
        ("font-face-src", "font-face-name font-face-uri"),
        ("font-face-uri", "font-face-format"),
        (" ".join(_EMPTY), ""),
    )
    for parent in parents.split()
}

_UNSIGNED = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NUMBER = "[+-]?" + _UNSIGNED
_S = "[ \t\r\n]*"
_COMMA = f"(?:[ \t\r\n]+,?{_S}|,{_S})"
_PATH_ARGUMENTS = {"m": "nn", "z": "", "l": "nn", "h": "n", "v": "n", "c": "nnnnnn", "s": "nnnn", "q": "nnnn",
                   "t": "nn", "a": "uunffnn"}       # n: a number, u: one without a sign, f: a flag
_PATH_ARGUMENT = {"n": re.compile(_NUMBER), "u": re.compile(_UNSIGNED), "f": re.compile("[01]")}
_PATH_COMMA, _PATH_S = re.compile(_COMMA), re.compile(_S)
_POINT = f"{_NUMBER}(?:{_COMMA}{_NUMBER}|-{_UNSIGNED})"
_POINTS = re.compile(f"{_S}(?:{_POINT}(?:{_COMMA}{_POINT})*{_S})?")
_VIEW_BOX = re.compile(f"{_S}{_NUMBER}{_COMMA}{_NUMBER}{_COMMA}{_UNSIGNED}{_COMMA}{_UNSIGNED}{_S}")
_TRANSFORM = "(?:" + "|".join(
    rf"{name}{_S}\({_S}{_NUMBER}(?:{counts}){_S}\)" for name, counts in (
        ("matrix", f"(?:{_COMMA}{_NUMBER}){{5}}"), ("(?:translate|scale)", f"(?:{_COMMA}{_NUMBER})?"),
        ("rotate", f"(?:(?:{_COMMA}{_NUMBER}){{2}})?"), ("skew[XY]", ""))) + ")"
_TRANSFORMS = re.compile(f"{_S}(?:{_TRANSFORM}(?:[ \t\r\n,]+{_TRANSFORM})*{_S})?")


def accepts(text: str) -> bool:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        return False
    doctype = root.getroottree().docinfo.internalDTD
    return _name(root) == "svg" and (doctype is None or doctype.name == "svg") and _element(root)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if element.prefix is None else ""


def _element(element: etree._Element) -> bool:
    name = _name(element)
    if not all(_attribute(key, value) for key, value in element.items()):
        return False
    if name in _ANY:
        return True
    if name not in _CHILDREN or (name in _EMPTY and (len(element) or element.text)):
        return False
    children = [child for child in element if isinstance(child.tag, str)]
    names = [_name(child) for child in children]
    if name not in _TEXT and any((text or "").strip(" \t\r\n") for text in (element.text, *(e.tail for e in element))):
        return False
    if name.endswith("Lighting") and sum(child in _LIGHTS.split() for child in names) != 1:
        return False
    if name.startswith("altGlyph") and name != "altGlyph" and len(set(names)) != 1:
        return False
    return _CHILDREN[name].issuperset(names) and all(_element(child) for child in children)


def _attribute(name: str, value: str) -> bool:
    if name in ("d", "path"):
        return _path(value)
    if name == "points":
        return _POINTS.fullmatch(value) is not None
    if name in ("transform", "gradientTransform", "patternTransform"):
        return _TRANSFORMS.fullmatch(value) is not None
    return name != "viewBox" or _VIEW_BOX.fullmatch(value) is not None


def _path(data: str) -> bool:
    i = _PATH_S.match(data).end()
    if data[i : i + 1] not in ("M", "m", ""):
        return False
    while i < len(data):
        if (arguments := _PATH_ARGUMENTS.get(data[i].lower())) is None:
            return False
        i = end = _PATH_S.match(data, i + 1).end()
        n = 0
        while arguments and (argument := _PATH_ARGUMENT[arguments[n % len(arguments)]].match(data, i)):
            end, n = argument.end(), n + 1
            comma = _PATH_COMMA.match(data, end)
            i = comma.end() if comma else end
            if comma is None and arguments[n % len(arguments)] == "f" and n % len(arguments) == 3:
                return False
        if arguments and (n == 0 or n % len(arguments)):
            return False
        i = _PATH_S.match(data, end).end()
    return True
