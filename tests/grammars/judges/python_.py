"""Judge: ast.parse of Python 3.11. Stricter than the grammar: it knows the names in `\\N{...}` and reads what is inside
f-strings. Laxer where the grammar says what it leaves out."""

import ast
import warnings


def accepts(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
