"""Templates: fixed text around holes."""

from __future__ import annotations

import random
import re

import pytest

from structdiff import Choice, ConstraintError, Grammar, JsonSchema, Regex, Rule, Template, check, generate
from structdiff.constraints.template import Indented
from structdiff.machine import accepts
from structdiff import regex
from tasks import random_models


@pytest.mark.parametrize("template, holes, pattern", [
    ("a{x}b", dict(x="[ab]*"), "a[ab]*b"),
    ("{x}-{y}", dict(x="[a-]+", y="-?a"), "[a-]+--?a"),
    ("{{{x}}}", dict(x="a|b"), r"\{[ab]\}"),
    ("{x}{y}a{z}", dict(x="a?", y="b*", z=""), "a?b*a"),
    ("ab", {}, "ab"),
])
def test_a_text_satisfies_when_the_whole_matches(template, holes, pattern):
    filled = Template(template, **{name: Regex(inner) for name, inner in holes.items()})
    machine, r = filled.plan("").machine, random.Random(template)
    for _ in range(500):
        text = "".join(r.choice("ab-{}") for _ in range(r.randint(0, 6)))
        expected = bool(re.fullmatch(pattern, text))
        assert accepts(machine, text.encode()) == expected, text
        assert check(text, filled).valid == expected, text


def test_the_value_is_the_holes_values():
    template = Template("{who} says {what}.", who=Choice(("Ann", "Bob")), what=JsonSchema({"type": "array"}))
    assert check('Ann says ["a.", 1].', template).value == {"who": "Ann", "what": ["a.", 1]}


def test_a_checker_in_a_hole_is_heard_and_its_spans_are_of_the_whole():
    def even(value: int) -> None:
        if value % 2:
            raise ValueError("not even")

    template = Template("é = {n};", n=JsonSchema({"type": "integer"}) & Rule(even))
    assert check("é = 12;", template).valid
    violation, = check("é = 13;", template).violations
    assert violation.message.startswith("not even") and violation.spans == ((5, 7),)


def test_of_several_ways_to_find_the_holes_one_will_do():
    template = Template("{x},{y}", x=JsonSchema({"type": "array", "uniqueItems": True}) & Rule(lambda value: None), y=Regex(".*"))
    assert check("[1,2],[1,1]", template).value["y"] == "[1,1]"


def test_a_hole_behind_blanks_is_a_block():
    template = Template("if x:\n    {body}\n", body=Regex("[a-z ]+(\n[a-z ]+|\n)*"))
    assert check("if x:\n    a\n      b\n\n    c\n", template).value == {"body": "a\n  b\n\nc"}
    assert not check("if x:\n    a\n  b\n", template).valid


def test_what_is_wrong_in_a_block_is_found_behind_its_margin():
    def no_b(value: str) -> None:
        if "b" in value:
            raise ValueError("there is a b")

    template = Template("-\n  {body}", body=Regex("[ab\n]*") & _Refusing())
    violation, = check("-\n  a\n  b", template).violations
    assert violation.spans == ((8, 9),)


class _Refusing:
    """Refuses a b, and says where."""

    def plan(self, prompt):
        from structdiff.constraint import Plan
        return Plan(regex.whole("(?s:.)*"), (self,))

    def check(self, text):
        from structdiff.verdict import UNCHANGED, Verdict, Violation
        at = text.encode().find(b"b")
        return Verdict(value=UNCHANGED) if at < 0 else Verdict((Violation("no b", "there is a b", "", ((at, at + 1),)),))

    def hint(self):
        return ""

    def key(self, prompt):
        return self


def test_an_indented_machine_reads_what_dedenting_shows():
    machine, r = Indented(regex.whole("(?:a+\n?)*"), b" \t"), random.Random(3)
    for _ in range(2000):
        lines = ["".join(r.choice("a \t") for _ in range(r.randint(0, 3))) for _ in range(r.randint(1, 3))]
        text = "\n".join(lines)
        margins = all(line.startswith(" \t") or line == "" for line in lines[1:])
        shown = "\n".join([lines[0], *(line[2:] for line in lines[1:])])
        assert accepts(machine, text.encode()) == (margins and bool(re.fullmatch("(?:a+\n?)*", shown))), text


def test_a_template_meets_a_grammar_of_the_whole():
    whole = Grammar('start: pair ("," pair)*\npair: /[a-z]+/ ":" /[0-9]+/\n')
    template = Template("a:1,{x}:3", x=Regex("(?s:.)+")) & whole
    assert check("a:1,b:2,c:3", template).valid and not check("a:1,b:2;c:3", template).valid
    result = generate("write", template, model=random_models.uniform(canvas=24), max_tokens=40)
    assert result.valid and re.fullmatch(r"a:1,([a-z]+:[0-9]+,)*[a-z]+:3", result.text)


@pytest.mark.parametrize("make, says", [
    (lambda: Template("a {x"), "does not parse: .*expected '}'"), (lambda: Template("a }"), "does not parse: .*'}'"),
    (lambda: Template("{x}"), r"a hole \{x\} without a constraint; give x="),
    (lambda: Template("a", x=Regex("b")), r"a constraint 'x' and no hole \{x\}"),
    (lambda: Template("{x}{x}", x=Regex("b")), r"the hole \{x\} twice"),
    (lambda: Template("{x:3}", x=Regex("b")), r"a hole is a name in braces, not \{x:3\}"),
    (lambda: Template("{}"), r"a hole is a name in braces, not \{\}"),
    (lambda: Template("{x}", x="b"), "x is a constraint value such as Regex"),
])
def test_a_faulty_template_is_refused(make, says):
    with pytest.raises(ConstraintError, match=says):
        make()
