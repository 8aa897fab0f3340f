"""Texts of a grammar: Lark's notation (LALR(1)), or GBNF and the EBNF of xgrammar and vLLM."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

from lark.exceptions import LarkError, UnexpectedInput

from structdiff.constraint import Combinable, Plan
from structdiff.constraints.grammar import ebnf, lark_grammar
from structdiff.constraints.grammar.python_syntax import PythonSyntax
from structdiff.errors import UnsupportedConstraint
from structdiff.verdict import UNCHANGED, Verdict, Violation

_PACKAGE = Path(__file__).parents[2]
SHIPPED = next(folder for folder in (_PACKAGE / "grammars", _PACKAGE.parent / "grammars") if folder.is_dir())
LAST_WORDS = {("python", "start"): PythonSyntax()}      # of shipped grammars: who knows what they leave open
_EBNF = re.compile(r"^\s*[A-Za-z_][\w.-]*\s*::=", re.MULTILINE)


@dataclass(frozen=True)
class Grammar(Combinable):
    """A text of rule `start` of a grammar.

    source: the grammar, a path to it, or the name of one that is shipped (`shipped()`). In Lark's notation it must be
    LALR(1); a text satisfies it when Lark's contextual lexer and parser accept it. Blocks by indentation are declared as
    Lark's `PythonIndenter` has them. A source with `::=` is read as GBNF or EBNF, of which the start is `root` by default.

    Raises:
        UnsupportedConstraint: there is no such file; when compiled, what is wrong with the grammar, by line and column.
        UnsatisfiableConstraint: when compiled, no finite text is of the rule.
    """

    source: str | Path
    start: str = ""
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _text(self.source))
        if not self.start:
            object.__setattr__(self, "start", "root" if self._is_ebnf else "start")

    def plan(self, prompt: str) -> Plan:
        if self._is_ebnf:
            return Plan(ebnf.read(self.text, self.start))
        found = lark_grammar.read(self.text, self.start)
        further = LAST_WORDS.get((str(self.source), self.start))
        if further is None:
            return Plan(found.machine, (Parsed(found),))
        return Plan(found.machine, (Parsed(found), further), early=(further.check_begin,))

    def hint(self) -> str:
        return ""

    def key(self, prompt: str) -> Hashable:
        return Grammar, self.text, self.start, str(self.source) if (str(self.source), self.start) in LAST_WORDS else ""

    @property
    def _is_ebnf(self) -> bool:
        return _EBNF.search(self.text) is not None


@dataclass(frozen=True)
class Parsed:
    """Lark's own word on a text. The machine accepts the same but where a pattern's first match is not its longest."""

    grammar: lark_grammar.LarkGrammar

    def check(self, text: str) -> Verdict:
        try:
            self.grammar.parser.parse(text)
        except UnexpectedInput as error:
            at = len(text[: error.pos_in_stream or 0].encode()) if error.pos_in_stream is not None else len(text.encode())
            said = str(error).strip().splitlines()[0]
            return Verdict((Violation("grammar", f"line {error.line}, column {error.column}: {said}", "", ((at, at + 1),)),))
        except (LarkError, AssertionError, IndexError) as error:     # of Lark's indenter
            return Verdict((Violation("grammar", f"the text does not parse: {error}"),))
        return Verdict(value=UNCHANGED)


def shipped() -> list[str]:
    """Returns the names of the grammars that come with structdiff."""
    return sorted(path.stem for path in SHIPPED.glob("*.lark"))


def _text(source: str | Path) -> str:
    if isinstance(source, str) and ("\n" in source or ":" in source):
        return source
    path = SHIPPED / f"{source}.lark" if str(source) in shipped() else Path(source)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnsupportedConstraint(f"no grammar in {str(source)!r}: {error}; give its text, a path, or one of "
                                    f"{', '.join(shipped())}") from None
