"""Lark's own tables for a grammar, as an LR machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import chain

from lark import Lark
from lark.common import ParserConf
from lark.exceptions import LarkError, UnexpectedInput
from lark.indenter import PythonIndenter
from lark.lexer import TerminalDef
from lark.parsers.lalr_analysis import IntParseTable, LALR_Analyzer, Shift
from lark.parsers.lalr_parser import LALR_Parser, _Parser

from structdiff.constraints.grammar.terminals import Indentation, hosts, machine, ranked, require_text
from structdiff.errors import ConstraintError, UnsatisfiableConstraint, UnsupportedConstraint
from structdiff.lexer import Lexer
from structdiff.lr import LR, Layout, Production, Tables

NEWLINE, INDENT, DEDENT = PythonIndenter.NL_type, PythonIndenter.INDENT_type, PythonIndenter.DEDENT_type


@dataclass(frozen=True, eq=False)
class LarkGrammar:
    """The machine of a grammar's texts, and Lark's own parser of the same."""

    machine: LR
    parser: Lark

    def __reduce__(self) -> tuple:
        """A Lark does not outlive pickle's reading of it; what it saves itself does."""
        self.parser.save(saved := BytesIO())
        return _restored, (self.machine, saved.getvalue())


def _restored(machine: LR, saved: bytes) -> LarkGrammar:
    return LarkGrammar(machine, Lark.load(BytesIO(saved)))


@lru_cache(maxsize=64)
def read(source: str, start: str) -> LarkGrammar:
    """Returns the grammar in `source`, of the texts of its rule `start`.

    Raises:
        UnsupportedConstraint: Lark does not read it, it is not LALR(1), or a terminal is not regular; with line and column.
        UnsatisfiableConstraint: no finite text is of it.
    """
    indented = re.search(rf"^[ \t]*%declare[^\n]*\b{INDENT}\b", source, re.MULTILINE) is not None
    try:
        parser = Lark(source, parser="lalr", start=start, postlex=PythonIndenter() if indented else None,
                      maybe_placeholders=False, import_paths=[], _plugins={"LALR_Parser": _Analysed})
        tables = _tables(parser, start)
    except LarkError as error:
        raise UnsupportedConstraint(_described(error, source)) from None
    layout = Layout(NEWLINE, INDENT, DEDENT, frozenset(PythonIndenter.OPEN_PAREN_types),
                    frozenset(PythonIndenter.CLOSE_PAREN_types)) if indented else None
    return LarkGrammar(_machine(source, start, parser, tables, layout), parser)


class _Analysed(LALR_Parser):
    """Lark's parser, with conflicts refused, and the analysis that its table is made of kept: that takes seconds."""

    def __init__(self, parser_conf: ParserConf, debug: bool = False, strict: bool = False):
        self.analysis = LALR_Analyzer(parser_conf, debug=True, strict=True)
        self.analysis.compute_lalr()
        self._parse_table = IntParseTable.from_ParseTable(self.analysis.parse_table)
        self.parser_conf = parser_conf
        self.parser = _Parser(self._parse_table, parser_conf.callbacks, debug)


def _machine(source: str, start: str, parser: Lark, tables: Tables, layout: Layout | None) -> LR:
    machines = {}
    for terminal in parser.terminals:
        try:
            found = machine(terminal)
            require_text(terminal, found)
        except ConstraintError as error:
            raise type(error)(f"{_place(source, terminal.name)}: {error}") from None
        machines[terminal.name] = Indentation(found) if layout and terminal.name == layout.newline else found
    costs = {name: found.completion(found.start) for name, found in machines.items()}
    ignored = frozenset(parser.ignore_tokens)
    everywhere = ignored | ({layout.newline} if layout else set())
    found = LR(tables, _lexers(parser.terminals, machines, tables, everywhere), ignored,
               costs | ({layout.indent: 1.0, layout.dedent: 0.0} if layout else {}), layout)
    if found.completion(found.start) == float("inf"):
        raise UnsatisfiableConstraint(f"{_place(source, start)}: no finite text is of rule {start!r}: every way through it "
                                      "needs itself again")
    return found


def _lexers(terminals: Iterable[TerminalDef], machines: dict, tables: Tables, everywhere: frozenset[str]) -> list[Lexer]:
    """Returns the lexer of each parser state: of the terminals that its row of the table has, and those that may stand
    everywhere."""
    by_name, known = {one.name: one for one in terminals}, {}
    matched = hosts(list(terminals), machines)
    lexers = []
    for actions in tables.actions:
        accepted = frozenset(name for name in {*actions, *everywhere} if name in by_name)
        if accepted not in known:
            known[accepted] = Lexer(ranked([by_name[name] for name in sorted(accepted)], machines, matched))
        lexers.append(known[accepted])
    return lexers


def _tables(parser: Lark, start: str) -> Tables:
    analysis = parser.parser.parser.analysis
    table = analysis.parse_table
    number = {state: n for n, state in enumerate(table.states)}
    productions: dict = {}                               # Lark's rule -> its number
    nonterminals = {origin.name for origin in analysis.lr0_rules_by_origin}
    actions, gotos, kernels = [], [], []
    for state, row in table.states.items():
        actions.append({})
        gotos.append({})
        for name, (action, target) in row.items():
            if action is not Shift:
                actions[-1][name] = ~productions.setdefault(target, len(productions))
            elif name in nonterminals:
                gotos[-1][name] = number[target]
            else:
                actions[-1][name] = number[target]
        kernels.append(tuple((productions.setdefault(item.rule, len(productions)), item.index) for item in state
                             if item.index or item.rule.origin.name.startswith("$root")))
        for item in state:
            productions.setdefault(item.rule, len(productions))
    return Tables(
        tuple(Production(rule.origin.name, tuple(symbol.name for symbol in rule.expansion)) for rule in productions),
        tuple(actions), tuple(gotos), tuple(kernels), number[table.start_states[start]], number[table.end_states[start]],
        f"$root_{start}")


# --- what is wrong, and where ---------------------------------------------------------------------------------------


def _described(error: LarkError, source: str) -> str:
    """Returns what Lark says of a grammar, with the line and column it says it of."""
    said = str(error).strip()
    if isinstance(error, UnexpectedInput):
        return f"line {error.line}, column {error.column}: not a Lark grammar: {said.splitlines()[0]}"
    if found := re.match(r"(.*?),? at line (\d+) column (\d+)", said):
        return f"line {found[2]}, column {found[3]}: not a Lark grammar: {found[1]}"
    for name in filter(None, chain(*re.findall(r"'(\w+)'|<(\w+)\s*:|\b([A-Z_][A-Z0-9_]*)\b", said))):
        if re.search(rf"\b{re.escape(name)}\b", source):
            return f"{_place(source, name)}: {said}"
    return f"line 1, column 1: {said}"


def _place(source: str, name: str) -> str:
    """Returns where a rule or terminal is defined; where it is first named, if it is not."""
    word = re.escape(name)
    found = re.search(rf"^[ \t]*[?!]*({word})\b[^\n:]*:", source, re.MULTILINE) or re.search(rf"\b({word})\b", source)
    at = found.start(1) if found else 0
    return f"line {source.count(chr(10), 0, at) + 1}, column {at - source.rfind(chr(10), 0, at)}"
