"""Documents of formats that are made of strings, marks and words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Tokens:
    """A valid document and its tokens. pattern: of a token, comments too. marks: the letters that delimit, quotes aside."""

    text: str
    pattern: re.Pattern[str]
    marks: str

    @cached_property
    def tokens(self) -> list[re.Match[str]]:
        return [token for token in self.pattern.finditer(self.text) if token[0][0] != "#"]

    @cached_property
    def strings(self) -> list[re.Match[str]]:
        return [token for token in self.tokens if len(token[0]) > 1 and token[0][0] in "\"'"]

    @cached_property
    def keys(self) -> list[re.Match[str]]:
        return [token for token, after in zip(self.tokens, self.tokens[1:]) if after[0] in ":="]

    @cached_property
    def punctuation(self) -> list[int]:
        return [token.start() for token in self.tokens if token[0] in self.marks]

    @cached_property
    def quotes(self) -> list[int]:
        return [place for token in self.strings for place in (token.start(), token.end() - 1)]

    @cached_property
    def delimiters(self) -> list[int]:
        return sorted(self.punctuation + self.quotes)

    @cached_property
    def gaps(self) -> list[tuple[int, int]]:
        """The blanks between tokens, from where one ends to where the next begins."""
        return [(token.end(), after.start()) for token, after in zip(self.tokens, self.tokens[1:])]

    @cached_property
    def indents(self) -> list[tuple[int, int]]:
        """The blanks before the first token of a line."""
        lines = ((self.text.rfind("\n", 0, token.start()) + 1, token.start()) for token in self.tokens)
        return [(begin, end) for begin, end in lines if begin < end and not self.text[begin:end].strip()]
