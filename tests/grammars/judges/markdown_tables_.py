"""Judges tables of GitHub Flavored Markdown with markdown-it-py: the text is one table, and every line a row of it.

Laxer than the specification: a header row may begin as another block begins, a body row without pipes may look like an
underline of a heading, and a table of one column needs no pipe in its delimiter row. Stricter: a pipe after two
backslashes is text.
"""

from __future__ import annotations

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark").enable("table")


def accepts(text: str) -> bool:
    kinds = [token.type for token in _MARKDOWN.parse(text)]
    lines = [line for line in text.split("\n") if line.strip()]
    return (kinds[:1] == ["table_open"] and kinds.index("table_close") == len(kinds) - 1
            and kinds.count("tr_open") == len(lines) - 1)       # the delimiter row is none
