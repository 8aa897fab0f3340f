"""SVG drawings: icons, charts, diagrams, logos, maps, badges."""

from __future__ import annotations

from collections.abc import Callable

from tasks.markup_repair.elements import Element, Raw, drawn_style, tag, written
from tasks.markup_repair.words import Scribe

Kind = Callable[[Scribe], tuple[Element | Raw, ...]]


def drawing(scribe: Scribe, children: tuple[Element | Raw, ...]) -> str:
    """Returns a whole drawing of those children."""
    style = drawn_style(scribe.rng, html=False)
    size = scribe.one(16, 24, 48, 100, 240, 640)
    attributes: dict[str, str | None] = {"xmlns": "http://www.w3.org/2000/svg"}
    if any("xlink:" in written(child, style) for child in children):
        attributes["xmlns:xlink"] = "http://www.w3.org/1999/xlink"
    attributes |= scribe.one({"width": str(size), "height": str(size), "viewBox": f"0 0 {size} {size}"},
                             {"viewBox": f"0 0 {size} {size}"},
                             {"viewBox": f"0 0 {size} {size}", "fill": "none", "stroke": "currentColor"})
    before = scribe.one("", "", '<?xml version="1.0" encoding="UTF-8"?>') + ("" if style.indent is None else "\n")
    return before.lstrip() + written(tag("svg", *children, attributes=attributes), style) + scribe.one("", "\n")


def path(scribe: Scribe) -> Element:
    parts = [f"M{scribe.decimal(0, 99, 1)} {scribe.number(0, 99)}"]
    for _ in scribe.some(3, 12):
        parts.append(scribe.one(f"L{scribe.decimal(0, 99, 2)},{scribe.decimal(0, 99, 2)}",
                                f"c{scribe.decimal(-9, 9, 2)} {scribe.decimal(-9, 9, 2)} 1.5-2 {scribe.number(-9, 9)} 3",
                                f"h{scribe.decimal(-9, 9, 1)}", f"v{scribe.number(-9, 9)}",
                                f"a2 2 0 0 1 {scribe.number(0, 9)}-2"))
    return tag("path", attributes={"d": "".join(parts) + scribe.one("z", "Z", "")} | paint(scribe))


def paint(scribe: Scribe) -> dict[str, str | None]:
    return scribe.one({}, {"fill": scribe.colour()},
                      {"fill": "none", "stroke": scribe.colour(), "stroke-width": str(scribe.decimal(0, 4, 1))},
                      {"class": scribe.noun()},
                      {"style": f"fill:{scribe.colour()};opacity:{scribe.decimal(0, 1, 1)}"},
                      {"fill": f"url(#{scribe.noun()})"})


def shape(scribe: Scribe) -> Element:
    def at(*names: str) -> dict[str, str | None]:
        return {name: str(scribe.one(scribe.number(0, 99), scribe.decimal(0, 99, 1))) for name in names} | paint(scribe)
    return scribe.one(
        tag("rect", attributes=at("x", "y", "width", "height")), tag("circle", attributes=at("cx", "cy", "r")),
        tag("ellipse", attributes=at("cx", "cy", "rx", "ry")),
        tag("line", attributes=at("x1", "y1", "x2", "y2")), path(scribe), path(scribe),
        tag("polygon", attributes={"points": " ".join(f"{scribe.number(0, 99)},{scribe.number(0, 99)}" for _ in range(4))}
            | paint(scribe)))


def label(scribe: Scribe) -> Element:
    at: dict[str, str | None] = {"x": str(scribe.number(0, 99)), "y": str(scribe.number(0, 99)),
                                 "font-size": str(scribe.number(6, 30))}
    return scribe.one(tag("text", scribe.title(), attributes=at),
                      tag("text", f"{scribe.noun()} & {scribe.noun()} < {scribe.number()}", attributes=at),
                      tag("text", scribe.noun() + " ", tag("tspan", scribe.foreign(),
                                                           attributes={"dy": "1.2em", "font-weight": "bold"}), attributes=at))


def group(scribe: Scribe, *children: Element) -> Element:
    return tag("g", *children, attributes=scribe.one({"transform": f"translate({scribe.number(0, 9)} {scribe.number(0, 9)})"},
                                                     {"id": scribe.slug()}, {"class": scribe.noun(), **paint(scribe)}))


def icon(scribe: Scribe) -> tuple[Element | Raw, ...]:
    return (*([tag("title", scribe.title())] if scribe.maybe(0.5) else []), *(shape(scribe) for _ in scribe.some(2, 7)))


def chart(scribe: Scribe) -> tuple[Element | Raw, ...]:
    bars = [tag("rect", attributes={"x": str(12 * number), "y": str(scribe.number(0, 80)), "width": "10",
                                    "height": str(scribe.number(1, 80)), "fill": scribe.colour()})
            for number in scribe.some(3, 10)]
    marks = [tag("text", str(scribe.decimal(0, 99, 1)),
                 attributes={"x": str(12 * number), "y": "98", "text-anchor": "middle"}) for number in range(len(bars))]
    return (tag("desc", scribe.sentence()), tag("g", *bars, attributes={"id": "bars"}),
            tag("g", *marks, attributes={"font-family": "sans-serif", "font-size": "9"}))


def diagram(scribe: Scribe) -> tuple[Element | Raw, ...]:
    arrow = tag("marker", tag("path", attributes={"d": "M0 0L6 3L0 6z"}),
                attributes={"id": "arrow", "refX": "6", "refY": "3", "orient": "auto"})
    boxes = [group(scribe, tag("rect", attributes={"width": "60", "height": "20", "rx": "3"}), label(scribe))
             for _ in scribe.some(2, 5)]
    return (tag("defs", arrow), Raw(f"<!-- {scribe.sentence()} -->"), *boxes,
            tag("line", attributes={"x1": "0", "y1": "9", "x2": "80", "y2": "9", "marker-end": "url(#arrow)"}))


def logo(scribe: Scribe) -> tuple[Element | Raw, ...]:
    stops = [tag("stop", attributes={"offset": f"{scribe.number(0, 100)}%", "stop-color": scribe.colour()})
             for _ in scribe.some(2, 4)]
    name = scribe.noun()
    return (tag("defs", tag("linearGradient", *stops, attributes={"id": name, "x1": "0", "x2": "1"})),
            group(scribe, *(shape(scribe) for _ in scribe.some(1, 4))),
            tag("circle", attributes={"r": "40", "fill": f"url(#{name})"}), label(scribe))


def plan(scribe: Scribe) -> tuple[Element | Raw, ...]:
    css = Raw(f"\n.{scribe.noun()} {{ fill: {scribe.colour()}; }}\n.{scribe.noun()} > text {{ font: 9px serif; }}\n")
    def way() -> Element:
        points = " ".join(f"{scribe.decimal(0, 99, 1)},{scribe.decimal(0, 99, 1)}" for _ in scribe.some(2, 9))
        return tag("polyline", attributes={"points": points, "class": scribe.noun()})
    ways = [way() for _ in scribe.some(2, 6)]
    names = group(scribe, *(label(scribe) for _ in scribe.some(1, 4)))
    return tag("style", Raw("<![CDATA["), css, Raw("]]>")), group(scribe, *ways), names


def badge(scribe: Scribe) -> tuple[Element | Raw, ...]:
    clip = tag("clipPath", tag("rect", attributes={"width": "90", "height": "20", "rx": "3"}), attributes={"id": "r"})
    clipped = tag("g", *(shape(scribe) for _ in scribe.some(2, 4)), attributes={"clip-path": "url(#r)"})
    return clip, clipped, label(scribe), label(scribe), tag("use", attributes={"xlink:href": "#r", "x": "4"})


SHARED: tuple[Kind, ...] = (icon,)
KINDS: dict[str, tuple[Kind, ...]] = {"dev": (*SHARED, chart, diagram), "test": (*SHARED, logo, plan, badge)}
