"""JSON documents as programs and people write them: responses, settings, records, messages, maps."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tasks.markup_repair.words import Scribe

Kind = Callable[[Scribe], Any]


def written(scribe: Scribe, value: Any) -> str:
    """Returns the value as JSON, compact or indented in one of the usual ways."""
    escaped = scribe.maybe(0.3)
    style = scribe.rng.random()
    if style < 0.2:
        return json.dumps(value, ensure_ascii=escaped, separators=(",", ":"))
    if style < 0.35:
        return json.dumps(value, ensure_ascii=escaped)
    indent = scribe.one(2, 2, 2, 4, 4, 1, "\t")
    if style < 0.8:
        return json.dumps(value, ensure_ascii=escaped, indent=indent) + scribe.one("", "\n")
    return _folded(value, " " * indent if isinstance(indent, int) else indent, "", escaped) + scribe.one("", "\n")


def _folded(value: Any, indent: str, margin: str, escaped: bool) -> str:
    """Indented, but what is short stands on one line, as people write it."""
    flat = json.dumps(value, ensure_ascii=escaped)
    if len(flat) <= 60 or not isinstance(value, (dict, list)):
        return flat
    inner = margin + indent
    if isinstance(value, dict):
        items = [f"{json.dumps(key, ensure_ascii=escaped)}: {_folded(item, indent, inner, escaped)}"
                 for key, item in value.items()]
    else:
        items = [_folded(item, indent, inner, escaped) for item in value]
    opener, closer = "{}" if isinstance(value, dict) else "[]"
    return f"{opener}\n{inner}" + f",\n{inner}".join(items) + f"\n{margin}{closer}"


def scalar(scribe: Scribe) -> Any:
    """A value of the sort that stands in a field."""
    return scribe.one(
        scribe.number(), scribe.number(-50, 50), scribe.decimal(), scribe.decimal(-1, 1, 5), True, False, None,
        scribe.title(), scribe.noun(),
        scribe.sentence(), scribe.url(), scribe.email(), scribe.date(), scribe.time(), scribe.uuid(), scribe.code(),
        scribe.foreign(),
        scribe.path(), "", scribe.version(), quoting(scribe))


def quoting(scribe: Scribe) -> str:
    """A text with quotes, backslashes, line breaks or delimiters in it."""
    return scribe.one(
        f'{scribe.person()} said "{scribe.spoken()}" and left', f"<a href=\"{scribe.url()}\">{scribe.title()}</a>",
        f"first line\n{scribe.sentence()}\n\tlast: {scribe.noun()}", f"C:\\{scribe.noun()}\\{scribe.noun()}.txt",
        f"^{scribe.noun()}\\d+$",
        f"{{{scribe.noun()}}}, [{scribe.noun()}]: {scribe.sentence()}",
        f"it's {scribe.noun()}; {scribe.noun()}, {scribe.noun()}",
        f'SELECT "{scribe.noun()}" FROM {scribe.noun()} WHERE x = \'{scribe.noun()}\'', scribe.foreign(),
        scribe.paragraph(2, 3))


def record(scribe: Scribe, keys: list[str]) -> dict[str, Any]:
    return {key: scalar(scribe) for key in keys}


def response(scribe: Scribe) -> Any:
    keys = scribe.keys(scribe.number(3, 8))
    return {"status": scribe.one("ok", "error", 200), "data": [record(scribe, keys) for _ in scribe.some(1, 8)],
            "meta": {"page": scribe.number(1, 9), "per_page": 20, "next": scribe.one(None, scribe.url()),
                     "took_ms": scribe.decimal(0, 90)}}


def package(scribe: Scribe) -> Any:
    def versions() -> dict[str, str]:
        return {f"{scribe.one('', '', '@' + scribe.noun() + '/')}{scribe.slug()}": scribe.one("^", "~", ">=", "")
                + scribe.version()
                for _ in scribe.some(1, 8)}

    def command() -> str:
        return f"{scribe.noun()} --{scribe.noun()} \"{scribe.path()}\" && {scribe.noun()}"
    return {"name": scribe.slug(), "version": scribe.version(), "description": scribe.sentence(), "main": scribe.path(),
            "scripts": {scribe.one("build", "test", "lint", "start", "dev"): command() for _ in scribe.some(1, 4)},
            "keywords": [scribe.noun() for _ in scribe.some(0, 6)], "author": f"{scribe.person()} <{scribe.email()}>",
            "license": scribe.one("MIT", "ISC"), "dependencies": versions(), "devDependencies": versions(),
            "private": scribe.one(True, False)}


def settings(scribe: Scribe, depth: int = 2) -> Any:
    made: dict[str, Any] = {}
    for key in scribe.keys(scribe.number(3, 6)):
        kind = scribe.rng.random()
        if depth and kind < 0.35:
            made[key] = settings(scribe, depth - 1)
        elif kind < 0.55:
            made[key] = [scalar(scribe) for _ in scribe.some(0, 5)]
        else:
            made[key] = scalar(scribe)
    return made


def records(scribe: Scribe) -> Any:
    keys = scribe.keys(scribe.number(3, 7))
    return [record(scribe, keys) | scribe.one({}, {scribe.noun(): record(scribe, keys[:2])}) for _ in scribe.some(2, 12)]


def numbers(scribe: Scribe) -> Any:
    width = scribe.number(2, 12)
    rows = [[scribe.one(scribe.number(-9, 99), scribe.decimal(-1, 1, 6), scribe.decimal(0, 1, 2) * 1e-9)
             for _ in range(width)]
            for _ in scribe.some(2, 14)]
    return scribe.one(rows, {"shape": [len(rows), width], "values": rows, "dtype": "float32"})


def texts(scribe: Scribe) -> Any:
    return {scribe.noun() + str(number): scribe.one(quoting(scribe), quoting(scribe), [quoting(scribe), scribe.title()],
                                                    scalar(scribe))
            for number in scribe.some(4, 16)}


def geography(scribe: Scribe) -> Any:
    def point() -> list[float]:
        return [scribe.decimal(-180, 180, 5), scribe.decimal(-90, 90, 5)]
    def shape() -> dict[str, Any]:
        return scribe.one({"type": "Point", "coordinates": point()},
                          {"type": "LineString", "coordinates": [point() for _ in scribe.some(2, 8)]},
                          {"type": "Polygon", "coordinates": [[point() for _ in scribe.some(4, 8)]]})
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": shape(),
         "properties": {"name": scribe.pick("places"), "population": scribe.number(100, 999999),
                        "capital": scribe.one(True, False)}}
        for _ in scribe.some(1, 7)]}


def call(scribe: Scribe) -> Any:
    arguments = {key: scalar(scribe) for key in scribe.keys(scribe.number(2, 5))} | {"query": quoting(scribe)}
    return {"role": "assistant", "content": scribe.one(None, scribe.paragraph()), "tool_calls": [
        {"id": f"call_{scribe.hexadecimal(12)}", "type": "function",
         "function": {"name": f"get_{scribe.noun()}", "arguments": scribe.one(arguments, json.dumps(arguments))}}
         for _ in scribe.some(1, 3)]}


def notebook(scribe: Scribe) -> Any:
    def cell() -> dict[str, Any]:
        if scribe.maybe(0.5):
            return {"cell_type": "markdown", "metadata": {}, "source": [f"# {scribe.title()}\n", "\n", scribe.sentence()]}
        return {"cell_type": "code", "execution_count": scribe.one(None, scribe.number(1, 90)), "metadata": {}, "outputs": [],
                "source": [f"import {scribe.noun()}\n", f"print(\"{scribe.spoken()}\", {scribe.noun()}['{scribe.noun()}'])"]}
    return {"cells": [cell() for _ in scribe.some(2, 8)],
            "metadata": {"language_info": {"name": "python", "version": scribe.version()}},
            "nbformat": 4, "nbformat_minor": scribe.number(0, 5)}


def schema(scribe: Scribe, depth: int = 2) -> Any:
    if depth == 0 or scribe.maybe(0.3):
        return scribe.one({"type": "string", "minLength": scribe.number(0, 9)},
                          {"type": ["integer", "null"], "default": None}, {"enum": [scribe.noun(), scribe.noun(), False]},
                          {"type": "number", "exclusiveMinimum": scribe.decimal()},
                          {"type": "string", "pattern": f"^{scribe.noun()}\\s+\\d{{2,4}}$"},
                          {"$ref": f"#/$defs/{scribe.noun()}"})
    names = scribe.keys(scribe.number(2, 6))
    return {"type": "object", "title": scribe.title(), "description": scribe.sentence(),
            "properties": {name: schema(scribe, depth - 1) for name in names},
            "required": names[:2], "additionalProperties": scribe.one(True, False)}


def conversation(scribe: Scribe) -> Any:
    return {"model": scribe.slug(), "temperature": scribe.decimal(0, 1, 1), "stream": scribe.one(True, False), "messages": [
        {"role": scribe.one("system", "user", "assistant"),
         "content": scribe.one(quoting(scribe), scribe.paragraph(), [{"type": "text", "text": scribe.spoken()}])}
        for _ in scribe.some(2, 8)]}


def translations(scribe: Scribe) -> Any:
    def phrase() -> str:
        return scribe.one(scribe.foreign(), scribe.spoken(), f"{{count}} {scribe.noun()}s, {{name}}!", quoting(scribe))
    return {scribe.one("de", "fr", "pl", "ja"): {f"{scribe.noun()}.{scribe.noun()}": phrase()
                                                for _ in scribe.some(4, 18)}, "fallback": scribe.one(None, "en")}


def events(scribe: Scribe) -> Any:
    return [{"ts": scribe.number(10**9, 2 * 10**9), "level": scribe.one("info", "warn", "error"),
             "msg": scribe.one(scribe.sentence(), quoting(scribe)),
             "ctx": scribe.one({}, {"host": scribe.host(), "pid": scribe.number(), "ok": scribe.one(True, False)},
                               [scribe.number(), None])} for _ in scribe.some(2, 14)]


def chart(scribe: Scribe) -> Any:
    return {"$schema": scribe.url(), "title": {"text": scribe.title(), "fontSize": scribe.number(8, 30)}, "data": {"values": [
        {"x": scribe.decimal(), "y": scribe.number(), "c": scribe.noun()} for _ in scribe.some(3, 16)]},
        "mark": scribe.one("bar", {"type": "line", "point": True}),
        "encoding": {"x": {"field": "x", "type": "quantitative"},
                     "y": {"field": "y", "scale": {"domain": [0, scribe.number()]}}}}


SHARED: tuple[Kind, ...] = (response, settings, records)
KINDS: dict[str, tuple[Kind, ...]] = {
    "dev": (*SHARED, package, numbers, texts, geography, call),
    "test": (*SHARED, notebook, schema, conversation, translations, events, chart),
}
