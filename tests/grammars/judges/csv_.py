"""Python's csv reader in strict mode. Laxer than RFC 4180: quotes within a bare field, lone carriage returns as line
ends, control characters; these are checked by hand."""

import csv
import io
import re


def accepts(text: str) -> bool:
    if re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", text):
        return False
    bare = _without_quoted_fields(text)
    if '"' in bare or re.search(r"\r(?!\n)", bare):
        return False
    try:
        list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return False
    return True


def _without_quoted_fields(text: str) -> str:
    """Returns `text` less what stands between a quote that opens a field and the next quote that is not doubled."""
    return re.sub(r'(^|[,\n])"(?:[^"]|"")*"', r"\1", text)
