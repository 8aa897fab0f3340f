"""Documents: what is allowed in them, what elements hold, and what is written."""

from __future__ import annotations

import random
import re
from itertools import product

import html5lib
import pytest
from lxml import etree
from test_markup_walks import byte_walk, completed, html_fault, xml_fault

from structdiff import ConstraintError, Markup, Regex, Status, Template, UnsatisfiableConstraint, check, generate
from structdiff.constraint import compile
from structdiff.machine import accepts, run
from structdiff.testing import BYTES, check_constraint
from tasks import random_models

PAGE = "<!DOCTYPE html><html><head></head><body>{}</body></html>"


def test_the_formats_conform():
    check_constraint(Markup("xml", ("a", "b")), accepts=["<a/>", "<a><b>x</b></a>", "<b></b>"], refuses=["", "<c/>", "<a>", "x"])
    check_constraint(Markup("svg"), accepts=['<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'], refuses=["<svg/>"])
    check_constraint(Markup("html"), accepts=["<!DOCTYPE html><html><head><title>x</title></head><body><p>y</p></body></html>"],
                     refuses=["<p>x</p>", "<!DOCTYPE html><b>"])
    check_constraint(Markup("html", names="any"), accepts=["<!DOCTYPE html><p>x<p>y"], refuses=["<!DOCTYPE html></p>"])


def test_equal_constraints_are_one_value():
    one, other = Markup("xml", {"a": ["b"]}, {"a": "a*"}), Markup("xml", {"a": ("b",)}, {"a": "a*"})
    assert one == other and hash(one) == hash(other) and one.key("x") == other.key("y")
    assert Markup("xml").key("<a/>") != Markup("xml").key("<b/>") and Markup("html").key("a") == Markup("html").key("b")


# --- allow-lists ----------------------------------------------------------------------------------------------------

XML_LIST = {"note": ("id", "lang"), "to": (), "body": ("xml:lang",)}
HTML_LIST = {"p": ("class",), "a": ("href",), "strong": (), "ul": (), "li": (), "br": (), "x-y": ("z",)}


@pytest.mark.parametrize("written", [True, False])
def test_nothing_outside_the_list_occurs_in_xml(written):
    plan, r = Markup("xml", XML_LIST).plan(""), random.Random(1)
    machine = plan.machine if written else plan.wide()
    for _ in range(150):
        tree = etree.fromstring(byte_walk(machine, r, 150).encode())
        for node in tree.getroottree().iter():
            assert node.tag in XML_LIST
            names = {key.replace("{http://www.w3.org/XML/1998/namespace}", "xml:") for key in node.keys()}
            assert names <= set(XML_LIST[node.tag])


@pytest.mark.parametrize("written", [True, False])
def test_nothing_outside_the_list_occurs_in_html(written):
    plan, r = Markup("html", HTML_LIST).plan(""), random.Random(2)
    machine = plan.machine if written else plan.wide()
    for _ in range(150):
        text = byte_walk(machine, r, 150)
        tree = html5lib.parse(text, namespaceHTMLElements=False)
        for node in tree.iter():
            assert node.tag in {*HTML_LIST, "html", "head", "body"}, text
            assert set(node.keys()) <= set(HTML_LIST.get(node.tag, ())), text


@pytest.mark.parametrize("text", [
    "<other/>", '<note other="1"/>', "<note><!-- c --></note>", "<note><?p?></note>", "<!DOCTYPE note><note/>", "<?p?><note/>",
    "<note><![CDATA[x]]></note>", "<Note/>", '<to id="1"/>', '<note xmlns="urn:x"/>', '<note xmlns:a="urn:x"/>',
])
def test_what_is_not_listed_is_refused_in_xml(text):
    assert not xml_fault(text) and not check(text, Markup("xml", XML_LIST)).valid
    assert check(text, Markup("xml")).valid


@pytest.mark.parametrize("body", [
    "<script>1</script>", "<p onclick=x>y</p>", "<a HREF=x TITLE=y>z</a>", "<img>", "<!-- c -->", "<svg></svg>", "<x-z></x-z>",
    "<style></style>", "<iframe></iframe>", "<P ID=x></P>", "<p class=a style=b></p>", "<template></template>",
])
def test_what_is_not_listed_is_refused_in_html(body):
    assert not html_fault(PAGE.format(body)) or body == "<style></style>"
    assert not check(PAGE.format(body), Markup("html", HTML_LIST)).valid


@pytest.mark.parametrize("body", ["<P>x<p>y", "<a HREF=x>y</A>", "<ul><li>x<li><strong>y</strong></ul>", "<br><br/>", "<x-y z>t</x-y>"])
def test_what_is_listed_may_be_spelled_in_any_way(body):
    assert check(PAGE.format(body), Markup("html", HTML_LIST)).valid


def test_comments_are_there_when_they_are_asked_for():
    text = "<!-- a --><note/>"
    assert check(text, Markup("xml", XML_LIST, comments=True)).valid and not check(text, Markup("xml", comments=False)).valid
    assert accepts(Markup("xml", XML_LIST, comments=True).plan("").machine, text.encode())


def test_names_without_attributes_may_have_none():
    assert check("<a><b/></a>", Markup("xml", ("a", "b"))).valid and not check('<a c="1"/>', Markup("xml", ("a", "b"))).valid


# --- content --------------------------------------------------------------------------------------------------------

CONTENT = {                                              # expression -> the regular expression of letters; t is text
    "a": "a", "empty": "", "text": "t*", "any": "[abct]*", "a?": "a?", "a*": "a*", "a+": "a+", "a, b": "ab", "a | b": "a|b",
    "a, (b | c)*, a?": "a(b|c)*a?", "(a, b)+": "(ab)+", "(a | b+)?, c": "(a|b+)?c", "(text | a)*": "(t|a)*", "text, a": "t*a",
    "(a, text)*": "(at*)*", "a, any": "a[abct]*", "((a?, b)* | c), a": "((a?b)*|c)a", "a, a, a?": "aaa?", "(a | b)*, a, b": "(a|b)*ab",
    "a**": "a*", "(a+)?": "a*", "(a?)+, b": "a*b", "(a | (b, (c | a)))": "a|b(c|a)", "text, text": "t*", "(a, text) | (a, b)": "at*|ab",
}
SEQUENCES = ["".join(one) for n in range(5) for one in product("abct", repeat=n)]


def spelled(sequence: str) -> str:
    return "<r>" + "".join("x" if letter == "t" else f"<{letter}/>" for letter in sequence) + "</r>"


def modelled(expression: str) -> Markup:
    return Markup("xml", ("r", "a", "b", "c"), {"r": expression, "a": "empty", "b": "empty", "c": "empty"})


@pytest.mark.parametrize("expression", CONTENT)
def test_content_is_what_the_regular_expression_of_names_matches(expression):
    machine = modelled(expression).plan("").machine
    for sequence in SEQUENCES:
        expected = bool(re.fullmatch(CONTENT[expression], sequence))
        assert accepts(machine, spelled(sequence).encode()) == expected, sequence


@pytest.mark.parametrize("expression, parts", [
    ("a & b", ["a", "b"]), ("a? & b+ & c", ["a?", "b+", "c"]), ("a* & text", ["a*", "t*"]), ("(a, b) & c?", ["ab", "c?"]),
    ("(a | b) & c*", ["a|b", "c*"]), ("(a & b)", ["a", "b"]), ("a & a", ["a", "a"]),
])
def test_interleaved_content_is_any_shuffle_of_its_parts(expression, parts):
    machine = modelled(expression).plan("").machine
    for sequence in SEQUENCES:
        expected = any(
            all(re.fullmatch(part, "".join(letter for letter, to in zip(sequence, dealt) if to == i)) for i, part in enumerate(parts))
            for dealt in product(range(len(parts)), repeat=len(sequence)))
        assert accepts(machine, spelled(sequence).encode()) == expected, sequence


def test_blanks_stand_between_elements_and_not_in_empty_ones():
    feed = Markup("xml", content={"feed": "entry*", "entry": "empty"})
    assert check("<feed>\n  <entry/>\n</feed>", feed).valid and not check("<feed><entry> </entry></feed>", feed).valid
    assert not check("<feed>x</feed>", feed).valid and not check("<entry/>", feed).valid


def test_content_of_html_is_within_what_html_allows():
    page = Markup("html", content={"body": "h1, (p | ul)+", "ul": "li+", "li": "(text | b)*"})
    assert check("<!DOCTYPE html><title>x</title><h1>a</h1><p>b", page).valid
    assert check("<!DOCTYPE html><html><head><title>x</title></head><body><h1>a</h1><ul><li>b<li><b>c</b></ul></body></html>", page).valid
    for text in ("<!DOCTYPE html>", "<!DOCTYPE html><title>x</title>", "<!DOCTYPE html><title>x</title><p>a",
                 "<!DOCTYPE html><title>x</title><h1>a</h1>", "<!DOCTYPE html><title>x</title><h1>a</h1><ul></ul>",
                 "<!DOCTYPE html><title>x</title><h1>a</h1><p><b>c</b>"):
        assert not html_fault(text) and not check(text, page).valid, text


def test_the_first_element_of_content_is_the_root_unless_another_is_chosen():
    content = {"a": "b*", "b": "text"}
    assert check("<a/>", Markup("xml", content=content)).valid and not check("<b/>", Markup("xml", content=content)).valid
    assert check("<b/>", Markup("xml", content=content, root="b")).valid


def test_content_that_never_ends_is_unsatisfiable():
    with pytest.raises(UnsatisfiableConstraint, match="no finite text"):
        compile(Markup("xml", content={"a": "b", "b": "a"}), BYTES)
    assert check("<a><c/></a>", Markup("xml", content={"a": "b | c", "b": "a", "c": "empty"})).valid


# --- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options, says", [
    (dict(form="json"), "markup is 'xml', 'html' or 'svg', not 'json'"),
    (dict(form="xml", elements="abc"), "at /elements: elements is a dict of names to attribute names"),
    (dict(form="xml", elements={"a b": ()}), "'a b' is no name of an XML element"),
    (dict(form="xml", elements={"a": ("1",)}), "at /elements/a: '1' is no name of an attribute"),
    (dict(form="xml", elements={"a": "href"}), "the attributes of 'a' are names, not 'href'"),
    (dict(form="xml", elements={"a": ("xlink:href",)}), "needs 'xmlns:xlink' among the attributes"),
    (dict(form="html", elements=("buton",)), "HTML has no element 'buton'; is it 'button'\\?"),
    (dict(form="xml", content={"a": "b, c | d"}), r"at /content/a: the content of 'a', column 6: '\|' beside ','"),
    (dict(form="xml", content={"a": "(b"}), "column 1: this group is not closed"),
    (dict(form="xml", content={"a": "b, "}), "column 4: it ends where a name should be"),
    (dict(form="xml", content={"a": "b c"}), "column 3: 'c' is one too many"),
    (dict(form="xml", content={"a": "b, *"}), r"column 4: '\*' where a name should be"),
    (dict(form="xml", content={"a": "b, <c>"}), "column 4: '<' begins nothing"),
    (dict(form="xml", content={"a": "(" * 60}), "more than 50 groups within groups"),
    (dict(form="xml", content={"a": ""}), "column 1: it ends where a name should be"),
    (dict(form="xml", content={"a": ["b"]}), r"the content of 'a' is an expression, not \['b'\]"),
    (dict(form="xml", content={}), "content is of no element"),
    (dict(form="xml", elements=("a",), content={"a": "b"}), "speaks of 'b', which elements does not list"),
    (dict(form="html", content={"ul": "p"}), "in HTML 'p' does not stand in 'ul'"),
    (dict(form="xml", names="a"), "names is 'any' or names of elements, not 'a'"),
    (dict(form="xml", names=("a",), elements=("a",)), "neither elements nor content restricts"),
    (dict(form="html", root="p"), "the root of html is not to be chosen"),
    (dict(form="xml", elements=("a",), root="b"), "the root 'b' is none of the elements"),
])
def test_a_faulty_option_is_named(options, says):
    with pytest.raises(ConstraintError, match=says):
        Markup(**options)


def test_what_is_wrong_with_a_text_is_named_by_place():
    verdict = check("<a><b></a>", Markup("xml"))
    assert {violation.by for violation in verdict.violations} == {"automaton", "checker"}
    assert all(violation.spans and violation.spans[0][0] in range(7, 10) for violation in verdict.violations)
    assert any("line 1, column" in violation.message for violation in verdict.violations)


# --- what is written ------------------------------------------------------------------------------------------------


def test_a_prompt_says_which_elements_are_written():
    prompt = 'Like this: <feed><entry id="1">x</entry></feed>, but longer'
    machine = Markup("xml").plan(prompt).machine
    assert accepts(machine, b'<feed><entry id="2">y</entry>\n  <entry/></feed>')
    assert not accepts(machine, b"<entry/>") and not accepts(machine, b"<feed><item/></feed>")
    assert accepts(Markup("xml").plan("books, please").machine, b"<document><books>x</books></document>")


def test_a_text_that_is_checked_may_have_any_elements():
    for text in ("<whatever/>", "<a> <b/> x <!-- c --> </a >", "<a b = 'c'/>"):
        assert not accepts(Markup("xml").plan("").machine, text.encode()) and check(text, Markup("xml")).valid


def test_names_are_those_that_are_written():
    machine = Markup("html", names=("table", "tr", "td")).plan("").machine
    page = "<!DOCTYPE html><html><head><title>x</title></head><body>{}</body></html>"
    assert accepts(machine, page.format("<table><tr><td>x</td></tr></table>").encode())
    assert not accepts(machine, page.format("<p>x</p>").encode())


@pytest.mark.parametrize("constraint, says", [
    (Markup("xml"), "an XML document"), (Markup("svg"), "http://www.w3.org/2000/svg"), (Markup("html"), "<!DOCTYPE html>"),
    (Markup("html", {"p": ("class",), "b": ()}), "elements: p; b"),
    (Markup("xml", content={"feed": "title, entry*"}), r"feed = title, entry\*"),
])
def test_the_hint_is_one_line_that_names_the_elements(constraint, says):
    assert re.search(says, constraint.hint()) and "\n" not in constraint.hint()


def test_a_hint_has_an_end():
    assert len(Markup("xml", [f"element{i}" for i in range(5000)]).hint()) < 2100


@pytest.mark.parametrize("constraint, judge", [
    (Markup("xml"), xml_fault), (Markup("svg"), xml_fault), (Markup("html", {"p": (), "b": ()}), html_fault),
    (Markup("xml", content={"feed": "title, entry*", "entry": "title, body?"}), xml_fault), (Markup("xml", names="any"), xml_fault),
])
def test_random_weights_write_what_the_parsers_take(constraint, judge):
    result = generate("Write a feed", constraint, model=random_models.uniform(1, canvas=24), seed=1, max_tokens=72)
    assert result.status is Status.VALID and not judge(result.text), result.text


def test_documents_stand_in_templates_and_beside_other_constraints():
    template = Template("Here:\n{it}\n", it=Markup("xml", ("a", "b")))
    assert check("Here:\n<a><b/></a>\n", template).valid and not check("Here:\n<a><b></a>\n", template).valid
    both = Markup("xml", ("a", "b")) & Regex("<a>.*</a>")
    assert check("<a><b/></a>", both).valid and not check("<a/>", both).valid


# --- the shape of what is hostile -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form, begin, open_, close", [
    ("xml", b"", b"<a>", b"</a>"), ("html", b"<!DOCTYPE html>", b"<div>", b"</div>"), ("html", b"<!DOCTYPE html>", b"<ul><li>", b"</ul>"),
])
def test_nesting_has_no_bound(form, begin, open_, close):
    machine, depth = Markup(form, names="any").plan("").machine, 3000
    state = run(machine, begin + open_ * depth)
    assert machine.completion(state) == len(close) * depth
    assert accepts(machine, begin + open_ * depth + close * depth)
    assert not accepts(machine, begin + open_ * depth + close * (depth - 1) + b"</b>")


@pytest.mark.parametrize("text", ["<{0}></{0}>", "<a {0}='1'/>", "<a><{0}/></a>", "<a b='{0}'/>", "<a>{0}</a>", "<a><!-- {0} --></a>"])
def test_what_is_long_is_read_in_linear_time(text):
    machine = Markup("xml", names="any").plan("").machine
    assert accepts(machine, text.format("n" * 50_000).encode())


def test_a_tag_has_a_bounded_number_of_attributes():
    def tag(n: int) -> bytes:
        return b"<a" + b"".join(b" b%d=''" % i for i in range(n)) + b"/>"

    machine = Markup("xml", names="any").plan("").machine
    assert accepts(machine, tag(256)) and not accepts(machine, tag(257))
    assert not accepts(machine, tag(200) + b" b7=''") and not accepts(machine, b"<a" + b" b=''" * 2 + b"/>")


def test_thousands_of_elements_are_no_trouble():
    names = [f"element{i}" for i in range(3000)]
    machine = Markup("xml", names).plan("").machine
    assert accepts(machine, b"<element7><element2999/></element7>")
    assert completed(machine, run(machine, b"<element2"), random.Random(0))


@pytest.mark.parametrize("content", [
    {"a": "|".join(f"b{i}" for i in range(1000))}, {"a": ",".join("(b | c)*" for _ in range(300))},
    {"a": "&".join(f"b{i}?" for i in range(300))}, {"a": "(" * 40 + "b" + ")*" * 40}, {"a": "b" + "*?+" * 3000},
])
def test_large_content_is_no_trouble(content):
    machine = Markup("xml", content=content).plan("").machine
    assert accepts(machine, b"<a>" + completed(machine, run(machine, b"<a>"), random.Random(0)))
    assert accepts(machine, b"<a></a>") or accepts(machine, b"<a><b0/></a>") or accepts(machine, b"<a><b/></a>")


def test_compiling_is_quick():
    vocab = random_models.uniform(0, canvas=24).vocab
    for constraint in (Markup("xml"), Markup("html"), Markup("svg"), Markup("html", HTML_LIST)):
        compiled = compile(constraint, vocab, "Write a feed")
        assert compiled.automaton(compiled.start).states <= 701
