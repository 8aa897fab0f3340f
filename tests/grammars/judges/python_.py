"""Judge: ast.parse of Python 3.11. It also refuses what is no fault of syntax in the specification: names `\\N{...}` of no
character, faults inside f-strings, targets like `__debug__`; it takes no later grammar's statements."""

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
