"""Random texts of the machines of documents, before parsers that know nothing of them."""

from __future__ import annotations

import random
import warnings
from itertools import product
from xml.parsers import expat

import html5lib
import pytest
from lxml import etree

from structdiff import Markup
from structdiff.machine import DEAD, accepts, run, shortest

WALKS = 120
INFINITY = float("inf")


# --- the judges -----------------------------------------------------------------------------------------------------


def xml_fault(text: str) -> str:
    """Returns what lxml or expat, both with namespaces, says against a text; empty: nothing."""
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True)
    try:
        etree.fromstring(text.encode(), parser)
        expat.ParserCreate("utf-8", namespace_separator=" ").Parse(text.encode(), True)
    except (etree.XMLSyntaxError, expat.ExpatError) as error:
        return str(error)
    return ""


def html_fault(text: str) -> str:
    parser = html5lib.HTMLParser()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser.parse(text)
    return str(parser.errors or "")


def fault(form: str, text: str) -> str:
    return html_fault(text) if form == "html" else xml_fault(text)


# --- the walks ------------------------------------------------------------------------------------------------------


def completed(machine, state: int, r: random.Random) -> bytes:
    """Returns bytes that lead from `state` to acceptance, each where the bound is least; they are what the bound says at least."""
    text, bounds = bytearray(), []
    while not machine.accepts(state):
        bounds.append(machine.completion(state))
        targets, parts = machine.moves(state)
        best = min(range(len(targets)), key=lambda i: (machine.completion(targets[i]), r.random()))
        text.append(parts.first[best])
        state = targets[best]
        assert len(text) < 5000 and machine.completion(state) < INFINITY, f"no end: {bytes(text)[-200:]}"
    for at, bound in enumerate(bounds):
        assert bound <= len(text) - at, (bytes(text), at, bound)
    return bytes(text)


def byte_walk(machine, r: random.Random, longest: int) -> str:
    """Returns a random text of the machine, of random bytes at first: any live next state is as likely as another."""
    text, state, bounds = bytearray(), machine.start, []
    for _ in range(r.randint(0, longest)):
        targets, parts = machine.moves(state)
        known = [byte for byte in range(256) if parts.which[byte]]
        liked = [byte for byte in b"abpx<>/= \"'&;#-!?:" if parts.which[byte]]
        if not known or machine.accepts(state) and r.random() < 0.05:
            break
        if len(targets) > 30 and liked and r.random() < 0.97:        # within a name, of which each byte is a part
            byte = r.choice(liked)
        else:
            part = r.randint(1, len(targets))
            byte = r.choice([byte for byte in known if parts.which[byte] == part])
        if machine.completion(targets[parts.which[byte] - 1]) == INFINITY:
            continue
        bounds.append(machine.completion(state))
        text.append(byte)
        state = targets[parts.which[byte] - 1]
    text += completed(machine, state, r)
    for at, bound in enumerate(bounds):
        assert bound <= len(text) - at, (bytes(text), at, bound)
    return text.decode()


def piece_walk(machine, pieces: list[bytes], begin: bytes, r: random.Random, longest: int) -> str:
    """Returns a random text of the machine, of pieces at first, each taken where it leads on."""
    text, state = begin, run(machine, begin)
    for _ in range(longest):
        piece = r.choice(pieces)
        after = run(machine, piece, state)
        if after != DEAD and machine.completion(after) < INFINITY:
            text, state = text + piece, after
    return (text + completed(machine, state, r)).decode()


CONSTRAINTS = {
    "xml": Markup("xml"),
    "xml of any names": Markup("xml", names="any"),
    "svg": Markup("svg"),
    "svg of any names": Markup("svg", names="any"),
    "html": Markup("html"),
    "html of any names": Markup("html", names="any"),
    "with comments": Markup("xml", comments=True, names=("a", "bc")),
    "listed in xml": Markup("xml", {"note": ("id", "xmlns:p", "p:q"), "to": (), "body": (), "p:e": ("p:f",)}, comments=True),
    "listed in svg": Markup("svg", {"g": ("id",), "path": ("d",), "svg": ("width",)}),
    "listed in html": Markup("html", {"p": (), "a": ("href", "title"), "title": (), "script": ("src",), "x-y": ("a",),
                                      "meta": ("charset",), "table": (), "tr": (), "td": ("colspan",)}),
    "named in html": Markup("html", names=("table", "tr", "td", "select", "option", "p", "form", "input", "textarea", "svg", "rect")),
    "xml with content": Markup("xml", content={"feed": "title, entry*", "entry": "title, (p | ul)*, footer?", "ul": "li+"}),
    "interleaved": Markup("xml", content={"a": "(b & c? & d+), text", "b": "any", "c": "empty", "d": "(text | b)*"}, comments=True),
    "html with content": Markup("html", content={"body": "h1, (p | ul)+", "ul": "li+", "li": "(text | b)*"}),
}


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_random_texts_are_well_formed_and_satisfy(name):
    constraint, r = CONSTRAINTS[name], random.Random(name)
    plan = constraint.plan("Write a feed")
    machine = plan.machine
    for _ in range(WALKS):
        text = byte_walk(machine, r, r.choice((20, 80, 300)))
        assert not fault(constraint.form, text), text
        assert plan.check(text).valid, text


@pytest.mark.parametrize("name", [name for name in CONSTRAINTS if "any" not in name])
def test_random_spellings_that_are_not_written_satisfy_too(name):
    constraint, r = CONSTRAINTS[name], random.Random(name)
    plan = constraint.plan("")
    machine = plan.wide()
    for _ in range(WALKS // 3):
        text = byte_walk(machine, r, r.choice((20, 80, 300)))
        assert not fault(constraint.form, text), text
        assert plan.check(text).valid, text


XML_PIECES = [
    b"<a>", b"<b ", b"<p:c", b"<", b">", b"/>", b"</a>", b"</b>", b"</p:c>", b' xmlns:p="urn:p"', b" p:q='1'", b' xmlns="urn:d"',
    b' q:q="2"', b' xmlns:q="urn:p"', b' a="1"', b" b = '2'", b"x", b" ", b"]]", b">", b"&lt;", b"&#65;", b"&#xe9;", b"<!-- a -->",
    b"<?p q?>", b"<![CDATA[a]]b]]>", b"<?xml version='1.0'?>", b"<!DOCTYPE a>", b'<!DOCTYPE a SYSTEM "a.dtd">', b"\r\n",
    b'<!DOCTYPE a PUBLIC "-//A" "http://a/b.dtd">', b'xml:lang="en"', b' xml:space="preserve"', b" xml:base='q'", b"<xmlx",
    b" xml:id='a'", b"\xf0\x9f\x98\x80", b"\x00", b"\xef\xbf\xbf", b"<\xc3\xa9/>", b"-->", b"<e f='<'/>",
]
HTML_NAMES = """a abbr address area article aside audio b blockquote body br button caption code col colgroup datalist dd del
    details dialog div dl dt em embed fieldset figcaption figure footer form g h1 h2 head header hgroup hr html i iframe img
    input ins label legend li link main map meta nav noscript object ol optgroup option output p picture pre q rect rp rt ruby
    samp script search section select slot small source span strong style summary sup svg table tbody td template textarea tfoot
    th thead title tr track u ul var video wbr x-y""".split()
OFTEN = "p li ul ol dl dt dd div table tr td th thead tbody tfoot a b select option optgroup ruby rt button form object".split()
HTML_PIECES = [piece.encode() for piece in (
    *(f"<{name}>" for name in HTML_NAMES + OFTEN * 6), *(f"<{name} a=b c>" for name in HTML_NAMES),
    *(f"</{name}>" for name in HTML_NAMES + OFTEN * 6),
    *["x", " ", "&amp;", "& ", "<!-- c -->", "<br/>", "é", "/>", "a < b", "<SPAN>", "</Div>", "<b><b><b>", "<table><tr><td>"] * 5)]


@pytest.mark.parametrize("form, pieces, begin, longest", [
    ("xml", XML_PIECES, b"", 150), ("html", HTML_PIECES, b"<!DOCTYPE html>", 300), ("html", HTML_PIECES, b"<!DOCTYPE html><table>", 200),
    ("svg", XML_PIECES, b"<svg xmlns='http://www.w3.org/2000/svg'>", 100),
])
def test_texts_of_random_pieces_are_well_formed(form, pieces, begin, longest):
    machine, r = Markup(form, names="any").plan("").machine, random.Random(f"{form}{begin}")
    for _ in range(WALKS):
        text = piece_walk(machine, pieces, begin, r, r.randint(5, longest))
        assert not fault(form, text), text


def test_elements_within_elements_and_what_their_end_implies():
    machine, r = Markup("html", names="any").plan("").machine, random.Random(3)
    pairs = list(product(("", "<table><tr><td>", "<ul><li>", "<dl><dd>", "<ruby>"), HTML_NAMES, HTML_NAMES))
    judged = 0
    for before, outer, inner in r.sample(pairs, 6 * WALKS):
        begin = f"<!DOCTYPE html>{before}<{outer}><{inner}>x"
        for end in (f"</{outer}>", f"<{r.choice(OFTEN)}>", "</body>"):
            state = run(machine, (begin + end).encode())
            if state != DEAD and machine.completion(state) < INFINITY:
                text = begin + end + completed(machine, state, r).decode()
                assert not html_fault(text), text
                judged += 1
    assert judged > 100


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_the_bound_at_the_start_is_the_length_of_a_shortest_text(name):
    machine = CONSTRAINTS[name].plan("").machine
    found = shortest(machine, limit=20_000)
    bound = machine.completion(machine.start)
    assert bound == found == len(completed(machine, machine.start, random.Random(0)))


def test_a_text_that_lost_or_doubled_a_byte_is_judged_as_the_parsers_do_or_refused():
    """What the machine accepts of mutated texts the parsers do too; and it accepts what leaves the structure as it is."""
    r, accepted = random.Random(5), 0
    for form in ("xml", "html"):
        machine = Markup(form, names="any").plan("").machine
        for _ in range(WALKS):
            text = byte_walk(machine, r, 80)
            at = r.randrange(len(text))
            text = text[:at] + r.choice(("", text[at] * 2, r.choice(text))) + text[at + 1 :]
            if accepts(machine, text.encode()):
                accepted += 1
                assert not fault(form, text), text
    assert accepted > 20
