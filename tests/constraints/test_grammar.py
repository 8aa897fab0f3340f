"""Grammars against Lark's own parser, and the notations that are translated."""

from __future__ import annotations

import random
import re
from itertools import product

import pytest
from structdiff import Grammar, Status, UnsatisfiableConstraint, UnsupportedConstraint, check, generate
from structdiff.constraint import compile
from structdiff.constraints.grammar.python_syntax import PythonSyntax, _broken
from structdiff.lift import Limits
from structdiff.machine import accepts, run
from structdiff.vocab import Vocab
from tasks import random_models
from oracles import lark_parser, parses

EXPRESSIONS = r'''
start: expr
?expr: expr "+" term | expr "-" term | term
?term: term "*" atom | atom
?atom: NUMBER | NAME | "(" expr ")" | "if" expr "then" expr "fi" | STRING
NAME: /[a-z_]+/
NUMBER: /[0-9]+(\.[0-9]+)?/
STRING: ESCAPED_STRING
COMMENT: "/*" /.*?/ "*/"
%import common.ESCAPED_STRING
%import common.WS
%ignore WS
%ignore COMMENT
'''
PRIORITIES = r'''
start: (KEY | WORD | LONG | "end" | list{NUMBER, ","})+
KEY.2: "ab"
WORD: /[a-c]+/
LONG.-1: /[a-e]+/
NUMBER: /[0-9]/
list{item, separator}: "[" [item (separator item)*] "]"
%ignore " "
'''
BLOCKS = r'''
start: (_NEWLINE | stmt)*
stmt: simple | "if" NAME ":" suite
simple: NAME [LPAR [NAME ("," NAME)*] RPAR] _NEWLINE
suite: simple | _NEWLINE _INDENT stmt+ _DEDENT
LPAR: "("
RPAR: ")"
NAME: /[a-z]+/
_NEWLINE: (/\r?\n[\t ]*/ | /#[^\n]*/)+
%declare _INDENT _DEDENT
%ignore /[\t ]+/
'''
COUNTED = r'''
!start: "a"~2..3 ("b" | ["c"] "d")+ | start2 "x"*
?start2: "e" -> one | start2 "f"
'''
GRAMMARS = {
    "expressions": (EXPRESSIONS, ["1", "2.5", "a", "if", "then", "fi", "(", ")", "+", "*", " ", "/*", "*/", "iffy", '"x"', '"', "\\", "."]),
    "priorities": (PRIORITIES, ["a", "b", "ab", "abc", "d", "e", "end", " ", "[", "]", "1", ",", "ende"]),
    "blocks": (BLOCKS, ["a", "if a:", "\n", "\n  ", "\n\t", "\n    ", "(", ")", ",", " ", "#c\n", " if b:\n  ", "a\n", "\r\n"]),
    "counted": (COUNTED, ["a", "aa", "b", "c", "d", "x", "e", "f"]),
}


@pytest.mark.parametrize("name", GRAMMARS)
def test_a_text_is_accepted_when_lark_parses_it(name):
    source, pieces = GRAMMARS[name]
    machine, lark, r = Grammar(source).plan("").machine, lark_parser(source), random.Random(name)
    right = 0
    for _ in range(4000):
        text = "".join(r.choice(pieces) for _ in range(r.randint(0, 9)))
        expected = parses(lark, text)
        right += expected
        assert accepts(machine, text.encode()) == expected, text
    assert right > 40


@pytest.mark.parametrize("source, letters, prefixes, longest", [
    ('start: "a" start "b" | "c"', "abc", 3, 7),
    ('start: A B | "(" start ")"\nA: /x+/\nB: "xy" | "z"', "xyz()", 2, 6),
    ('start: A B\nA: /x+/\nB: "xy" | "yx"', "xy", 5, 8),
    ('start: WORD | "ab" never | "c"\nnever: "b" never\nWORD: /b+/', "abc", 4, 7),
    ('start: (KEY | WORD)+ ";"\nKEY.1: "ab"\nWORD: /b+/', "ab;", 4, 7),
])
def test_a_prefix_is_live_when_some_text_completes_it(source, letters, prefixes, longest):
    """Every text up to `longest` characters is parsed by Lark; prefixes up to `prefixes` have completions among these."""
    compiled = compile(Grammar(source), Vocab((*(letter.encode() for letter in letters), None), (len(letters),)),
                       limits=Limits(view=20_000))
    lark = lark_parser(source)
    texts = {"".join(text) for n in range(longest + 1) for text in product(letters, repeat=n) if parses(lark, "".join(text))}
    live = {text[:n] for text in texts for n in range(prefixes + 1)}
    for n in range(prefixes + 1):
        for prefix in map("".join, product(letters, repeat=n)):
            state = run(compiled.plan.machine, prefix.encode())
            assert (compiled.automaton(compiled.start).state(state) is not None if state else False) == (prefix in live), prefix


def test_nesting_has_no_bound():
    machine = Grammar('start: "(" start ")" | "x"').plan("").machine
    assert accepts(machine, b"(" * 3000 + b"x" + b")" * 3000)
    assert not accepts(machine, b"(" * 3000 + b"x" + b")" * 2999)
    assert machine.completion(run(machine, b"(" * 3000)) == 3001


@pytest.mark.parametrize("source, says", [
    ("start: a\n  b: \"x\"", "line 1, column 8: Rule 'a' used but not defined"),
    ("start: B", "line 1, column 8: .*'B' used but not defined"),
    ('start: "a" |\n  | "b" }', r"line 2, column 9: not a Lark grammar"),
    ('start: e\ne: e "+" e | "x"', "line 2, column 1: Shift/Reduce conflict for terminal PLUS"),
    ('start: a | b\na: "x"\nb: "x"', "line [23], column 1: Reduce/Reduce collision"),
    ('start: "a" start', "line 1, column 1: no finite text is of rule 'start'"),
    ("start: A\nA: /x(?=y)/", "line 2, column 1: terminal A: .* looks around at"),
    (r"start: A" + "\nA: /(x)\\1/", "line 2, column 1: terminal A: .* refers back at"),
    ("start: A\nA: /x*/", "line 2, column 1: .*zero-width"),
])
def test_a_faulty_grammar_is_refused_by_line_and_column(source, says):
    with pytest.raises((UnsupportedConstraint, UnsatisfiableConstraint), match=says):
        Grammar(source).plan("")


def test_a_missing_file_is_refused():
    with pytest.raises(UnsupportedConstraint, match="no grammar in 'nothing.lark'.*give its text, a path, or one of"):
        Grammar("nothing.lark")


def test_a_grammar_is_read_from_a_file(tmp_path):
    path = tmp_path / "x.lark"
    path.write_text('start: "x"+')
    assert check("xx", Grammar(path)).valid and check("xx", Grammar(str(path))).valid


def test_what_does_not_parse_is_named_by_line_and_column():
    verdict = check("1 +\n* 2", Grammar(EXPRESSIONS))
    assert {violation.by for violation in verdict.violations} == {"automaton", "checker"}
    assert any("line 2, column 1" in violation.message for violation in verdict.violations)
    assert any(violation.spans == ((4, 5),) for violation in verdict.violations)


@pytest.mark.parametrize("name", GRAMMARS)
def test_random_weights_write_what_lark_parses(name):
    source, _ = GRAMMARS[name]
    for seed in range(2):
        result = generate("write", Grammar(source), model=random_models.uniform(seed, canvas=24), seed=seed, max_tokens=60)
        assert result.status is Status.VALID and parses(lark_parser(source), result.text)


# --- GBNF and EBNF --------------------------------------------------------------------------------------------------

LIST = r'''
# a list of words and numbers
root  ::= "[" ws (item ("," ws item)*)? "]"
item  ::= word | number | root
word  ::= [a-z] [a-z0-9_]* ws
number ::= "-"? ("0" | [1-9] [0-9]{0,3}) ws
ws    ::= [ \t\n]*
'''


@pytest.mark.parametrize("text, expected", [
    ("[]", True), ("[a]", True), ("[ab_1 , -12,[x,[0]]]", True), ("[12345]", False), ("[01]", False), ("[a,]", False),
    ("[a", False), ("", False), ("[\n a]", True), ("[A]", False),
])
def test_gbnf(text, expected):
    assert check(text, Grammar(LIST)).valid == expected


@pytest.mark.parametrize("source, pattern", [
    (r'root ::= "a\n\x41B" | [^a-c\]] | "\"" ', 'a\nAB|[^abc\\]]|"'),
    ("root ::= a a{2} a{1,} b?\na ::= \"x\" | 'y'\nb ::= .", r"[xy]{4,}[\s\S]?"),
    ("root ::= expr\nexpr ::= expr \"+\" num | num\nnum ::= [0-9]+", r"[0-9]+(\+[0-9]+)*"),
    ('root ::= "" | "z" // to the end\n  | "y"', "|z|y"),
])
def test_ebnf_is_the_regular_expression_that_it_spells(source, pattern):
    machine, r = Grammar(source).plan("").machine, random.Random(7)
    for _ in range(600):
        text = "".join(r.choice('aABbcx]y"z+0129\n') for _ in range(r.randint(0, 6)))
        assert accepts(machine, text.encode()) == bool(re.fullmatch(pattern, text)), text


@pytest.mark.parametrize("source, says", [
    ("root ::= a", "line 1, column 10: rule 'a' is used but not defined"),
    ("root ::= (\"a\"", "line 1, column 10: a group is not closed"),
    ("root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1: rule 'root' is defined twice"),
    ("root ::= [b-a]", "line 1, column 10: the range 'b' to 'a' ends before it begins"),
    ("root ::= a\na ::= b \"x\" | \"y\"\nb ::= a \"z\" | \"w\"", "line 2, column 1: rule 'a' begins with itself by way of"),
    ("root ::= \"a\" root", "line 1, column 1: no finite text is of rule 'root'"),
    ("root ::= \"a\" ~", "line 1, column 14: '~' begins nothing"),
    ("root ::= \"a\"{3,1}", r"line 1, column 13: the count \{3,1\} ends before it begins"),
])
def test_faulty_ebnf_is_refused_by_line_and_column(source, says):
    with pytest.raises((UnsupportedConstraint, UnsatisfiableConstraint), match=says):
        Grammar(source).plan("")


def test_another_start_rule_is_taken_by_name():
    assert check("ab_1", Grammar(LIST, "word")).valid and not check("[a]", Grammar(LIST, "word")).valid
    with pytest.raises(UnsupportedConstraint, match="no rule 'nothing'; there are item, number, root"):
        Grammar(LIST, "nothing").plan("")


@pytest.mark.parametrize("text, valid", [
    ('f"{a!r:>{w}}"\n', True), ('f"{a}}"\n', False), ('x = f"{"\n', False), ("'''f\"{'''\n", True), ("off = '{'\n# f'{'\n", True),
])
def test_python_reads_what_is_inside_f_strings(text, valid):
    plan = Grammar("python").plan("")
    assert accepts(plan.machine, text.encode())
    assert plan.check(text).valid == valid == (not list(_broken(text)))


@pytest.mark.parametrize("begin, accused", [('f"{a', False), ('f"} ', True), ("x = f'{a}} ", True), ('(f"a", f"{(b', False), ('f"{a]', True)])
def test_a_begin_is_accused_of_what_no_end_mends(begin, accused):
    assert bool(PythonSyntax().check_begin(begin).violations) == accused


def test_an_expression_does_not_end_in_a_comment():
    machine = Grammar("python", "expr").plan("").machine
    assert not run(machine, b"x #") and not run(machine, b"#") and accepts(machine, b"(x, # y\n z)")
    whole = Grammar("python").plan("").machine
    assert all(accepts(whole, text) for text in (b"# c", b"x # c", b"if x:\n  y\n  # c", b"match x:\n case 1: y\n # c"))
