"""How XML, SVG and HTML break."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tasks.markup_repair.edits import (
    Edit, Edits, Kind, choose, doubled, dropped, fenced, prefaced, substituted, swapped, truncated,
)

TOKEN = re.compile(
    r"(?P<comment><!--.*?-->)|(?P<cdata><!\[CDATA\[.*?\]\]>)|(?P<instruction><\?.*?\?>)|(?P<doctype><!(?:[^>\[]|\[.*?\]\s*)*>)"
    r"|(?P<end></(?P<closed>[^\s>]+)\s*>)"
    r"|(?P<tag><(?P<name>[^\s/>]+)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^\"'>])*?)(?P<empty>/?)>)"
    r"|(?P<text>[^<]+)", re.S)
ATTRIBUTE = re.compile(r"\s+(?P<name>[^\s=\"'>/]+)(?:\s*(?P<equals>=)\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
RAW = frozenset(("script", "style", "textarea", "title"))
WRONG = {"<": "({[", ">": ")}]", "/": "\\|", "=": ":-", '"': "'`", "'": "\"`"}


@dataclass(frozen=True)
class Token:
    kind: str                           # tag, end, text, comment, cdata, instruction, doctype
    begin: int
    end: int
    name: str                           # of a tag or an end tag


@dataclass(frozen=True)
class Attribute:
    """Where an attribute of a tag stands; -1 where it has no equals sign, no quotes or none before it in its tag."""

    begin: int
    equals: int
    opening: int
    closing: int
    first: bool


@dataclass(frozen=True)
class Markup:
    """A valid document and its tokens. html: script, style, textarea and title hold no tags."""

    text: str
    html: bool

    @cached_property
    def tokens(self) -> list[Token]:
        return list(self._tokens())

    def _tokens(self) -> Iterator[Token]:
        place = 0
        while place < len(self.text):
            found = TOKEN.match(self.text, place)
            if found is None:
                return
            kind = next(name for name in ("comment", "cdata", "instruction", "doctype", "end", "tag", "text")
                        if found[name] is not None)
            name = (found["closed"] or found["name"] or "").lower() if self.html else found["closed"] or found["name"] or ""
            yield Token(kind, place, found.end(), name)
            place = found.end()
            if self.html and kind == "tag" and name in RAW:
                ending = re.compile(f"</{name}", re.I).search(self.text, place)
                if ending is not None and ending.start() > place:
                    yield Token("raw", place, ending.start(), "")
                    place = ending.start()

    def of(self, *kinds: str) -> list[Token]:
        return [token for token in self.tokens if token.kind in kinds]

    @cached_property
    def attributes(self) -> list[Attribute]:
        return [attribute for token in self.of("tag") for attribute in self._attributes(token)]

    def _attributes(self, token: Token) -> Iterator[Attribute]:
        begin = token.begin + 1 + len(token.name)
        for found in ATTRIBUTE.finditer(self.text, begin, token.end - 1):
            quoted = found["value"] is not None and found["value"][0] in "\"'"
            yield Attribute(found.start("name"), found.start("equals"), found.start("value") if quoted else -1,
                            found.end("value") - 1 if quoted else -1, found.start() == begin)

    @cached_property
    def quoted(self) -> list[Attribute]:
        return [attribute for attribute in self.attributes if attribute.opening >= 0]

    @cached_property
    def angles(self) -> list[int]:
        """Where `<` of a tag stands."""
        return [token.begin for token in self.of("tag", "end")]

    @cached_property
    def closing_angles(self) -> list[int]:
        return [token.end - 1 for token in self.of("tag", "end")]

    @cached_property
    def slashes(self) -> list[int]:
        empty = [token.end - 2 for token in self.of("tag") if self.text[token.end - 2] == "/"]
        return sorted([token.begin + 1 for token in self.of("end")] + empty)

    @cached_property
    def quotes(self) -> list[int]:
        return [place for attribute in self.quoted for place in (attribute.opening, attribute.closing)]

    @cached_property
    def equals(self) -> list[int]:
        return [attribute.equals for attribute in self.attributes if attribute.equals >= 0]

    @cached_property
    def delimiters(self) -> list[int]:
        return sorted(self.angles + self.closing_angles + self.slashes + self.quotes + self.equals)


def unquoted(source: Markup, rng: random.Random) -> Edits:
    return choose(rng, ((Edit(one.opening, one.opening + 1), Edit(one.closing, one.closing + 1)) for one in source.quoted))


def joined(source: Markup, rng: random.Random) -> Edits:
    """The blank between two attributes is missing."""
    return choose(rng, (Edit(one.begin - 1, one.begin) for one in source.attributes if not one.first
                        and source.text[one.begin - 2] in "\"'"))


def missing_end(source: Markup, rng: random.Random) -> Edits:
    return choose(rng, (Edit(token.begin, token.end) for token in source.of("end")))


def stray_end(source: Markup, rng: random.Random) -> Edits:
    """An end tag stands twice."""
    return choose(rng, (Edit(token.end, token.end, source.text[token.begin : token.end]) for token in source.of("end")))


def misnested(source: Markup, rng: random.Random) -> Edits:
    """Two end tags, one right behind the other, have changed places."""
    def swap(one: Token, other: Token) -> Edits:
        first, second = source.text[one.begin : one.end], source.text[other.begin : other.end]
        return Edit(one.begin, one.end, second), Edit(other.begin, other.end, first)
    ends = [token for token in source.tokens if not (token.kind == "text" and source.text[token.begin : token.end].isspace())]
    return choose(rng, (swap(one, other) for one, other in zip(ends, ends[1:])
                        if one.kind == other.kind == "end" and one.name != other.name))


def mistyped(source: Markup, rng: random.Random) -> Edits:
    """A tag's or an end tag's name has a letter wrong, doubled, missing, in the other case or before its neighbour."""
    def edit(token: Token) -> Edit:
        begin = token.begin + (2 if token.kind == "end" else 1)
        name = source.text[begin : begin + len(token.name)]
        return Edit(begin, begin + len(name), typo(name, rng))
    return choose(rng, [edit(rng.choice(source.of("tag", "end")))])


def typo(name: str, rng: random.Random) -> str:
    place = rng.randrange(len(name))
    before, letter, after = name[:place], name[place], name[place + 1 :]
    return rng.choice([
        before + rng.choice(string.ascii_lowercase) + after, before + letter * 2 + after,
        before + after if before else name + name[-1],
        before + after[:1] + letter + after[1:], before + letter.swapcase() + after])


def bare(source: Markup, rng: random.Random) -> Edits:
    """An ampersand or a less-than sign of the text is not escaped."""
    plain = {"&amp;": "&", "&lt;": "<"}
    return choose(rng, (Edit(*found.span(), plain[found[0]]) for found in _references(source, "&amp;|&lt;")))


def lost_semicolon(source: Markup, rng: random.Random) -> Edits:
    return choose(rng, (Edit(found.end() - 1, found.end()) for found in _references(source, r"&#?\w+;")))


def _references(source: Markup, pattern: str) -> Iterator[re.Match[str]]:
    """What looks like the pattern in texts and attributes."""
    for token in source.of("text", "tag"):
        yield from re.compile(pattern).finditer(source.text, token.begin, token.end)


def broken_section(source: Markup, rng: random.Random) -> Edits:
    """One letter of the marks of a comment, a CDATA section, an instruction or the doctype is missing."""
    marks = {"comment": (4, 3), "cdata": (9, 3), "instruction": (2, 2), "doctype": (2, 1)}
    places = [place for token in source.of(*marks) for place in
              (*range(token.begin, token.begin + marks[token.kind][0]), *range(token.end - marks[token.kind][1], token.end))]
    return dropped(places, rng)


def closers_lost(source: Markup, rng: random.Random) -> Edits:
    """Some or all of the end tags at the very end are missing."""
    ends, tokens = 0, [token for token in source.tokens if token.kind != "text"
                       or not source.text[token.begin : token.end].isspace()]
    while tokens[-ends - 1].kind == "end":
        ends += 1
    return (Edit(tokens[-rng.randint(1, ends) - 1].end, len(source.text)),) if ends else ()


def kinds(name: str) -> tuple[Kind, ...]:
    """Returns the kinds of a markup format. name: as a fence has it."""
    return (
        Kind("lost <", 5, lambda source, rng: dropped(source.angles, rng)),
        Kind("lost >", 6, lambda source, rng: dropped(source.closing_angles, rng)),
        Kind("lost /", 4, lambda source, rng: dropped(source.slashes, rng)),
        Kind("lost quote", 6, lambda source, rng: dropped(source.quotes, rng)),
        Kind("lost =", 2, lambda source, rng: dropped(source.equals, rng)),
        Kind("unquoted", 4, unquoted),
        Kind("doubled", 4, lambda source, rng: doubled(source.text, source.delimiters, rng)),
        Kind("swapped", 3, lambda source, rng: swapped(source.text, source.delimiters, rng)),
        Kind("substituted", 3, lambda source, rng: substituted(source.text, source.delimiters, WRONG, rng)),
        Kind("joined", 2, joined),
        Kind("missing end tag", 8, missing_end),
        Kind("stray end tag", 3, stray_end),
        Kind("misnested", 5, misnested),
        Kind("mistyped", 6, mistyped),
        Kind("bare & or <", 5, bare),
        Kind("lost ;", 1.5, lost_semicolon),
        Kind("broken section", 1, broken_section),
        Kind("closers lost", 4, closers_lost),
        Kind("truncated", 1.5, lambda source, rng: truncated(source.text, rng)),
        Kind("fence", 2, lambda source, rng: fenced(source.text, name, rng)),
        Kind("prose", 1, lambda source, rng: prefaced(source.text, name, rng)),
    )
