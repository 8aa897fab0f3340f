"""Broken XML, SVG and HTML, and what is to come of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from structdiff import repair
from structdiff.channel import markup
from structdiff.channel.fallback import fallback
from structdiff.channel.html import HARD, implied_by_end, misplaced
from structdiff.channel.markup_atoms import pieces
from structdiff.channel.names import slips_between
from structdiff.targets import target_of

XML = [
    ("lost end tag, before the next line", "<a>\n  <b>x\n  <b>y</b>\n</a>", "<a>\n  <b>x</b>\n  <b>y</b>\n</a>"),
    ("lost end tag on a line of its own", "<a>\n  <c>\n    <b>x</b>\n  \n  <c/>\n</a>", "<a>\n  <c>\n    <b>x</b>\n  </c>\n  <c/>\n</a>"),
    ("lost end tags at the end, in the document's layout", "<a>\n  <b>\n    <c>x", "<a>\n  <b>\n    <c>x</c>\n  </b>\n</a>"),
    ("lost end tags at the end, all in one line", "<a><b><c>x", "<a><b><c>x</c></b></a>"),
    ("a lost slash makes a start tag of an end tag", "<a><b>x<b><c>y</c></a>", "<a><b>x</b><c>y</c></a>"),
    ("a lost slash opens an empty element", '<a>\n  <b x="1">\n  <b x="2"/>\n  <b x="3"/>\n</a>', '<a>\n  <b x="1"/>\n  <b x="2"/>\n  <b x="3"/>\n</a>'),
    ("lost <", "<a><b>x</b>b>y</b></a>", "<a><b>x</b><b>y</b></a>"),
    ("lost < of an end tag", "<a><b>x/b></a>", "<a><b>x</b></a>"),
    ("lost < behind a word", "<a>one <b>two</b> threeb>four</b></a>", "<a>one <b>two</b> three<b>four</b></a>"),
    ("lost > before a word", "<a><b>x</b><bHello</b></a>", "<a><b>x</b><b>Hello</b></a>"),
    ("lost > before a tag", "<a><b<c>x</c></b></a>", "<a><b><c>x</c></b></a>"),
    ("lost > of an end tag", "<a><b>x</b<c/></a>", "<a><b>x</b><c/></a>"),
    ("lost closing quote", '<a x="1 y="2"/>', '<a x="1" y="2"/>'),
    ("lost opening quote", '<a x=1" y="2"/>', '<a x="1" y="2"/>'),
    ("lost quotes", '<a x=1 y="2"/>', '<a x="1" y="2"/>'),
    ("lost quotes of an address", '<a x=http://x.org/><b/></a>', '<a x="http://x.org/"><b/></a>'),
    ("the other quote at one end", "<a x=\"1' y=\"2\"/>", '<a x="1" y="2"/>'),
    ("lost =", '<a x"1"/>', '<a x="1"/>'),
    ("another letter for =", '<a x:"1" y-"2"/>', '<a x="1" y="2"/>'),
    ("no value", '<a x y="2"/>', '<a x="" y="2"/>'),
    ("attributes run together", '<a x="1"y="2"/>', '<a x="1" y="2"/>'),
    ("an attribute twice: the first stays", '<a x="1" y="2" x="3"/>', '<a x="1" y="2" />'),
    ("doubled delimiters", '<a><<b x=="1">>t</b></a>', '<a><b x="1">t</b></a>'),
    ("swapped </", "<a><b>x/<b></a>", "<a><b>x</b></a>"),
    ("swapped />", '<a><b x="1">/</a>', '<a><b x="1"/></a>'),
    ("swapped ><", "<a><b>x</b<>b>y</b></a>", "<a><b>x</b><b>y</b></a>"),
    ('swapped ="', '<a x"=1"/>', '<a x="1"/>'),
    ("swapped quote and blank", '<a x="1 "y="2"/>', '<a x="1" y="2"/>'),
    ("brackets for <", "<a>(b>x</b></a>", "<a><b>x</b></a>"),
    ("brackets for >", "<a><b>x</b)<b>y</b></a>", "<a><b>x</b><b>y</b></a>"),
    ("a backslash for /", "<a><b>x<\\b></a>", "<a><b>x</b></a>"),
    ("end tags in the other order", "<a><b><c>x</b></c></a>", "<a><b><c>x</c></b></a>"),
    ("end tags in the other order, on two lines", "<a>\n  <b>\n    <c>x</b>\n  </c>\n</a>", "<a>\n  <b>\n    <c>x</c>\n  </b>\n</a>"),
    ("an end tag twice", "<a><b>x</b></b></a>", "<a><b>x</b></a>"),
    ("a slip in an end tag", "<a><item>x</itme></a>", "<a><item>x</item></a>"),
    ("a slip in a start tag", "<a><item>x</item><itemm>y</item></a>", "<a><item>x</item><item>y</item></a>"),
    ("bare & and <", "<a>x & y < z &lt; AT&T</a>", "<a>x &amp; y &lt; z &lt; AT&amp;T</a>"),
    ("bare & in a value", '<a x="p?a=1&b=2"/>', '<a x="p?a=1&amp;b=2"/>'),
    ("entity without semicolon", "<a>x &amp y</a>", "<a>x &amp; y</a>"),
    ("entity that XML does not have", "<a>x&nbsp;y</a>", "<a>x&#160;y</a>"),
    ("entity that nothing has", "<a>x&nonesuch;y</a>", "<a>x&amp;nonesuch;y</a>"),
    ("comment's dash lost at the end", "<a><!-- x -><b/></a>", "<a><!-- x --><b/></a>"),
    ("comment's dash lost at the begin", "<a><!- x --><b/></a>", "<a><!-- x --><b/></a>"),
    ("dashes in a comment", "<a><!-- x -- y --><b/></a>", "<a><!-- x - - y --><b/></a>"),
    ("CDATA's bracket lost", "<a><![CDATA[ x < y ]><b/></a>", "<a><![CDATA[ x < y ]]><b/></a>"),
    ("CDATA's letter lost", "<a><![CDAA[ x < y ]]><b/></a>", "<a><![CDATA[ x < y ]]><b/></a>"),
    ("declaration's mark lost", '<?xml version="1.0">\n<a/>', '<?xml version="1.0"?>\n<a/>'),
    ("blank before the declaration", '\n<?xml version="1.0"?>\n<a/>', '<?xml version="1.0"?>\n<a/>'),
    ("fence", "```xml\n<a>x</a>\n```\n", "<a>x</a>\n"),
    ("words around", "Here is the XML:\n\n<a>x</a>\n\nHope this helps.", "<a>x</a>"),
    ("cut in a tag", "<a>\n  <b>x</b>\n  <b", "<a>\n  <b>x</b>\n</a>"),
    ("cut in an end tag", "<a>\n  <b>x</b>\n</", "<a>\n  <b>x</b>\n</a>"),
    ("control characters", "<a>x\x00y</a>", "<a>xy</a>"),
]
SVG = [
    ("a slip in the root", '<vsg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>', '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'),
    ("the root's end tag lost", '<svg xmlns="http://www.w3.org/2000/svg">\n<g>\n<path d="M0 0"/>\n</g>\n', '<svg xmlns="http://www.w3.org/2000/svg">\n<g>\n<path d="M0 0"/>\n</g>\n</svg>'),
    ("a shape's slash lost", '<svg xmlns="http://www.w3.org/2000/svg">\n  <rect x="1">\n  <rect x="2"/>\n  <rect x="3"/>\n</svg>', '<svg xmlns="http://www.w3.org/2000/svg">\n  <rect x="1"/>\n  <rect x="2"/>\n  <rect x="3"/>\n</svg>'),
    ("quotes lost", '<svg xmlns="http://www.w3.org/2000/svg"><rect x=1 y="2"/></svg>', '<svg xmlns="http://www.w3.org/2000/svg"><rect x="1" y="2"/></svg>'),
]
HEAD = "<!DOCTYPE html>\n<html><head><title>t</title></head><body>"
HTML = [
    ("no doctype", "<html><head><title>t</title></head><body><p>x</p></body></html>", "<!DOCTYPE html><html><head><title>t</title></head><body><p>x</p></body></html>"),
    ("an old doctype", '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><title>t</title><p>x', "<!DOCTYPE html><title>t</title><p>x"),
    ("the doctype's < lost", "!DOCTYPE html>\n<html><head><title>t</title></head><body></body></html>", HEAD + "</body></html>"),
    ("the doctype's > lost", "<!DOCTYPE html\n<html><head><title>t</title></head><body></body></html>", HEAD + "</body></html>"),
    ("crossing tags", HEAD + "<p><b><i>x</b></i></p></body></html>", HEAD + "<p><b><i>x</i></b></p></body></html>"),
    ("a lost slash", HEAD + "<p><em>x<em> y</p></body></html>", HEAD + "<p><em>x</em> y</p></body></html>"),
    ("a list item may stay open", HEAD + "<ul><li>x<li>y</ul><b>z</body></html>", HEAD + "<ul><li>x<li>y</ul><b>z</b></body></html>"),
    ("an end tag of a row lost its >", HEAD + "<table><tr><td>x</td></tr<tr><td>y</td></tr></table></body></html>", HEAD + "<table><tr><td>x</td></tr><tr><td>y</td></tr></table></body></html>"),
    ("a void tag's slip", HEAD + '<p>x <imgg src="y" alt="z"> w</p></body></html>', HEAD + '<p>x <img src="y" alt="z"> w</p></body></html>'),
    ("bare < in text, but not in a script", HEAD + "<p>1 < 2</p><script>1 < 2</script></body></html>", HEAD + "<p>1 &lt; 2</p><script>1 < 2</script></body></html>"),
    ("what looks like a tag in a title", "<html><head><title>a </head> b</title></head><body>x</body></html>", "<!DOCTYPE html><html><head><title>a </head> b</title></head><body>x</body></html>"),
    ("an entity that HTML has", HEAD + "<p>&copy 2020 &nbsp; x</p></body></html>", HEAD + "<p>&copy; 2020 &nbsp; x</p></body></html>"),
    ("lost end tags at the end", "<!DOCTYPE html>\n<html>\n<head>\n<title>t</title>\n</head>\n<body>\n<div>\n<h1>x</h1>\n", "<!DOCTYPE html>\n<html>\n<head>\n<title>t</title>\n</head>\n<body>\n<div>\n<h1>x</h1>\n</div>\n</body>\n</html>"),
    ("boolean attributes, and a lost quote", HEAD + '<p><input type="text required></p></body></html>', HEAD + '<p><input type="text" required></p></body></html>'),
    ("a fence", "```html\n" + HEAD + "</body></html>\n```", HEAD + "</body></html>\n"),
    ("a closed div that HTML would not see", HEAD + "<div/></body></html>", HEAD + "<div></div></body></html>"),
]


@pytest.mark.parametrize(("format", "reason", "broken", "whole"), [
    (format, *row) for format, rows in (("xml", XML), ("svg", SVG), ("html", HTML)) for row in rows])
def test_it_is_repaired_as_it_was_broken(format: str, reason: str, broken: str, whole: str) -> None:
    assert repair(broken, format).text == whole, reason


@pytest.mark.parametrize(("format", "text"), [(format, row[2]) for format, rows in (("xml", XML), ("svg", SVG), ("html", HTML)) for row in rows])
def test_what_is_valid_stays_as_it_is(format: str, text: str) -> None:
    assert repair(text, format).text == text


WORDS = ["<", ">", "/", "=", '"', "'", "&", ";", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml ?>", "<!DOCTYPE html>", "<html>", "<body>", "<head>",
         "</body>", "<p>", "</p>", "<b>", "</b>", "<br>", "<table>", "<td>", "</table>", "<li>", "<select>", "<svg>", "</svg>", "<a x='1'>", "</a>", '<c y="2"/>',
         "<x:y>", "p", "a", "x y", "\n", "  ", "é", "&amp;", "&nbsp;", "&#0;", "\x00", "```", "<script>", "</script>", "<title>"]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(WORDS), max_size=14).map("".join), st.sampled_from(["xml", "svg", "html"]))
def test_what_comes_back_is_valid(text: str, format: str) -> None:
    made = repair(text, format)
    assert made.text is not None and target_of(format).fault(made.text) is None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from([("xml", row[2]) for row in XML] + [("html", row[2]) for row in HTML]))
def test_a_document_that_lost_letters_becomes_valid_and_its_edits_make_it(data: st.DataObject, case: tuple[str, str]) -> None:
    format, text = case
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(0, len(text) - 1)))
        text = text[:at] + text[at + 1 :]
    made = repair(text, format)
    assert made.text is not None and target_of(format).fault(made.text) is None
    parts, at = [], 0
    for edit in made.edits:
        assert text[edit.begin : edit.end] == edit.old
        parts += [text[at : edit.begin], edit.new]
        at = edit.end
    assert "".join([*parts, text[at:]]) == made.text


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join), st.sampled_from(["xml", "svg", "html"]))
def test_the_last_resort_is_valid(text: str, format: str) -> None:
    assert target_of(format).fault(fallback(text, format)) is None


@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join), st.booleans())
def test_pieces_are_the_text(text: str, html: bool) -> None:
    assert "".join(text[piece.begin : piece.end] for piece in pieces(text, html)) == text


@pytest.mark.parametrize("text", ["<a>" * 20_000, "<a x='1' " * 8000, "<" * 20_000, "<!--" * 8000, "<!- " * 8000, "<![CDATA[" * 5000 + "]]>", "<?x " * 8000 + "?>",
                                  "<!DOCTYPE x [" * 5000, "\x00" * 20_000, "\ud800" * 20_000, "\n" * 20_000, "<" + "a" * 50_000, "&lt " * 8000,
                                  "".join(f"<n{i}>" for i in range(8000)), "</" + "/" * 20_000])
def test_hostile_texts_are_cut_in_linear_time(text: str) -> None:
    begun = time.process_time()
    markup.atoms(text, html=False)
    markup.atoms(text, html=True)
    assert time.process_time() - begun < 8


def test_html_knows_what_stands_where() -> None:
    assert misplaced("tr", "td", True) == 0 and misplaced("div", "td", True) == HARD
    assert misplaced("p", "div", True) == HARD and misplaced("div", "p", True) == 0
    assert misplaced("html", "p", True) == HARD and misplaced("html", "p", False) < HARD
    assert misplaced("table", "#text", True) == HARD and misplaced("td", "#text", True) == 0
    assert implied_by_end("p", "div") and not implied_by_end("p", "span") and implied_by_end("td", "table")


def test_slips_between_names() -> None:
    assert [slips_between("title", other) for other in ("title", "titel", "titl", "tite", "body")] == [0, 1, 1, 1, 3]
