"""Python's own word on a text: what the grammar leaves open, above all what is inside f-strings."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from structdiff.verdict import UNCHANGED, Verdict, Violation

# Words and comments are read so that no string is seen in them. A string that is not closed is read to the end.
_STRING = re.compile(r"""#[^\r\n]*|(?P<prefix>[A-Za-z]{0,2})(?P<quote>\"{3}|'{3}|"|')(?P<inner>(?:\\.|(?!(?P=quote)).)*)(?P<closed>(?P=quote))?|\w+""",
                     re.DOTALL)
_CLOSINGS = ("", "}", "0}", "0)}", "0]}")      # what is tried to close an f-string that is not whole yet


@dataclass(frozen=True)
class PythonSyntax:
    """Accepts what this Python parses as a module; accuses an f-string that it does not read, else the line.

    Of an f-string the parties are its prefix, without which it is a plain string, its braces, and its last quote, without
    which it goes on.
    """

    def check(self, text: str) -> Verdict:
        error = fault(text)
        if error is None:
            return Verdict(value=UNCHANGED)
        lines = [0, *accumulate(len(line.encode()) for line in text.splitlines(keepends=True))]
        line = min(max(error.lineno or 1, 1), max(len(lines) - 1, 1))
        spans = next(_broken(text), (tuple(lines[line - 1 : line + 1]),))
        return Verdict((Violation("python", f"{error.msg} (line {error.lineno})", "", spans),))

    def check_begin(self, text: str) -> Verdict:
        """Accuses the f-strings in the begin of a text that are wrong already, and one at its end that is hard to close."""
        return Verdict(tuple(Violation("python", "an f-string does not parse", "", spans) for spans in _broken(text)))


def fault(text: str) -> SyntaxError | None:
    """Returns what Python says of a text that it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:       # a zero byte, or nested too deeply
        return SyntaxError(str(error) or "nested too deeply")
    return None


def _broken(text: str) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yields the spans, in bytes, of the parties to each f-string that does not parse."""
    for found in _STRING.finditer(text):
        if "f" not in (found["prefix"] or "").lower():
            continue
        closings = ("",) if found["closed"] else tuple(closing + found["quote"] for closing in _CLOSINGS)
        if all(fault(found[0] + closing) is not None for closing in closings):
            begin, prefix, string = len(text[: found.start()].encode()), len(found["prefix"]), found[0].encode()
            parties = [(0, prefix), *((at, at + 1) for at in range(prefix, len(string)) if string[at] in b"{}"),
                       (len(string) - 1, len(string))]
            yield tuple((begin + a, begin + b) for a, b in parties)
