"""Python's configparser, no interpolation, repeated sections and keys let through. Laxer than the grammar: text after
a header's bracket (checked by hand); indented headers and keys, control characters, and blanks of all alphabets as
indentation (not checked). Stricter in nothing."""

import configparser
import re


def accepts(text: str) -> bool:
    if any(line.startswith("[") and not re.fullmatch(r"\[[^\[\]]+\][ \t\r]*", line) for line in text.split("\n")):
        return False
    try:
        configparser.ConfigParser(interpolation=None, strict=False).read_string(text)
    except configparser.Error:
        return False
    return True
