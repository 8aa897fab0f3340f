"""Judge of regular expressions: Python's `re.compile`, with warnings as errors.

It is laxer than the grammar where Python has what ECMAScript lacks (flags, possessive quantifiers, octal escapes,
braces that are not escaped ...), and stricter on the order of bounds and the existence of groups.
"""

import re
import warnings


def accepts(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError, Warning):
            return False
    return True
