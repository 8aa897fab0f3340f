"""JSON text read strictly, with where each value stands in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from json.decoder import scanstring
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Located:
    """A JSON value and the byte span `[start, end)` of every value within it, by JSON pointer."""

    value: Any
    spans: dict[str, tuple[int, int]]

    def span(self, path: Iterable[str | int]) -> tuple[str, tuple[int, int]]:
        """Returns the pointer and span of the deepest value on `path` that the text has."""
        pointer = ""
        for part in path:
            deeper = pointer + "/" + escape(str(part))
            if deeper not in self.spans:
                break
            pointer = deeper
        return pointer, self.spans[pointer]


    def parties(self, path: Iterable[str | int]) -> tuple[str, tuple[tuple[int, int], ...]]:
        """Returns the pointer of the value at `path`, and the spans of the scalars it is made of: who may be at fault."""
        pointer, span = self.span(path)
        inner = [part for part in self.spans if part.startswith(pointer + "/")]
        scalars = [part for part in inner if not any(other.startswith(part + "/") for other in inner)]
        return pointer, tuple(self.spans[part] for part in scalars) or (span,)


def escape(key: str) -> str:
    """Returns a key as JSON pointers spell it (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def resolve(document: Any, pointer: str) -> Any:
    """Returns the value at a JSON pointer (with or without `#`).

    Raises:
        KeyError: there is none; its argument is the part that is missing.
    """
    pointer = unquote(pointer[1:]) if pointer.startswith("#") else pointer
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            document = document[_index(part)] if isinstance(document, list) else document[part]
        except (LookupError, ValueError, TypeError):
            raise KeyError(part) from None
    return document


def _index(part: str) -> int:
    if not (part.isascii() and part.isdigit() and str(int(part)) == part):
        raise ValueError(f"{part!r} is not an index")
    return int(part)


def locate(text: str) -> Located:
    """Returns the value of a JSON text and where its parts stand.

    Raises:
        ValueError: the text is not JSON, or has an object with the same key twice; the message says where.
    """
    reader = _Reader(text)
    value, end = reader.value(reader.blank(0), "")
    if reader.blank(end) != len(text):
        raise ValueError(f"text after the JSON value at character {end}")
    return Located(value, reader.spans)


def _not_json(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class _Reader:
    def __init__(self, text: str):
        self.text, self.spans = text, {}
        self._scalar = json.JSONDecoder(parse_constant=_not_json).raw_decode
        self._ascii = text.isascii()

    def blank(self, i: int) -> int:
        while i < len(self.text) and self.text[i] in " \t\n\r":
            i += 1
        return i

    def value(self, i: int, pointer: str) -> tuple[Any, int]:
        opener = self.text[i : i + 1]
        if opener in ("{", "["):
            value, end = self._members(i, pointer, opener)
        else:
            value, end = self._scalar(self.text, i)
        self.spans[pointer] = (self._byte(i), self._byte(end))
        return value, end

    def _members(self, i: int, pointer: str, opener: str) -> tuple[Any, int]:
        into: Any = {} if opener == "{" else []
        closer = "}" if opener == "{" else "]"
        i = self.blank(i + 1)
        while self.text[i : i + 1] != closer:
            if into:
                i = self.blank(self._expect(",", i))
            if opener == "{":
                key, end = scanstring(self.text, self._expect('"', i), True)
                if key in into:
                    raise ValueError(f"the key {key!r} stands twice in one object, at character {i}")
                into[key], i = self.value(self.blank(self._expect(":", self.blank(end))), f"{pointer}/{escape(key)}")
            else:
                item, i = self.value(i, f"{pointer}/{len(into)}")
                into.append(item)
            i = self.blank(i)
        return into, i + 1

    def _expect(self, character: str, i: int) -> int:
        if self.text[i : i + 1] != character:
            raise ValueError(f"expected {character!r} at character {i}")
        return i + 1

    def _byte(self, i: int) -> int:
        return i if self._ascii else len(self.text[:i].encode("utf-8", "surrogatepass"))
