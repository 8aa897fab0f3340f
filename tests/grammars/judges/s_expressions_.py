"""Judge of s-expressions: a recursive reader of R7RS-small 7.1, written by hand, of the forms that the grammar covers.

Laxer than the specification only in that it does not check the value of \\x escapes.
"""

import re
import unicodedata

DELIMITERS = ' \t\r\n()";|'
NAMES = ("alarm", "backspace", "delete", "escape", "newline", "null", "return", "space", "tab")
NUMBER = re.compile(r"[+-]?(\d+/\d+|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)", re.ASCII | re.IGNORECASE)


def accepts(text: str) -> bool:
    at = _blanks(text, 0)
    if at == len(text):
        return False
    try:
        while at < len(text):
            at = _blanks(text, _datum(text, at))
    except (ValueError, IndexError):
        return False
    return True


def _blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n;":
        if text[at] == ";":
            while at < len(text) and text[at] not in "\r\n":
                at += 1
        else:
            at += 1
    return at


def _datum(text: str, at: int) -> int:
    """The position after the datum at that position; ValueError or IndexError where there is none."""
    if text[at] in "'`,":
        return _datum(text, _blanks(text, at + (2 if text.startswith(",@", at) else 1)))
    if text[at] == "(":
        return _list(text, at + 1)
    if text[at] in '"|':
        return _quoted(text, at + 1, text[at])
    if text.startswith("#(", at):
        return _vector(text, at + 2, of_bytes=False)
    if text[at : at + 4].lower() == "#u8(":
        return _vector(text, at + 4, of_bytes=True)
    end = _token_end(text, at)
    if not _is_atom(text[at:end]):
        raise ValueError
    return end


def _token_end(text: str, at: int) -> int:
    end = at + 3 if text.startswith("#\\", at) else at  # the character of #\( is no delimiter
    if end > len(text):
        raise ValueError
    while end < len(text) and text[end] not in DELIMITERS:
        end += 1
    return end


def _is_atom(token: str) -> bool:
    if token.startswith("#\\"):
        name = token[2:]
        return len(name) == 1 or name in NAMES or bool(re.fullmatch("[xX][0-9A-Fa-f]+", name))
    if token.lower() in ("#t", "#true", "#f", "#false") or NUMBER.fullmatch(token):
        return True
    return bool(token) and all(map(_in_symbol, token)) and _begins_symbol(token)


def _in_symbol(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in "!$%&*/:<=>?^_~+-.@"
    return not char.isspace() and unicodedata.category(char) != "Cc"


def _begins_symbol(token: str) -> bool:
    if token in ("+", "-"):
        return True
    signed = token[0] in "+-"
    rest = token[1:] if signed else token
    if rest[0] == ".":
        return len(rest) > 1 and rest[1] not in "0123456789"
    return rest[0] not in "0123456789" and (signed or rest[0] not in "@")


def _quoted(text: str, at: int, quote: str) -> int:
    while text[at] != quote:
        if text[at] != "\\":
            at += 1
        elif escape := re.compile(r'\\(?:[abtnr"\\|]|[xX][0-9A-Fa-f]+;)').match(text, at):
            at = escape.end()
        elif quote == '"' and (escape := re.compile(r"\\[ \t]*(\r\n|\r|\n)[ \t]*").match(text, at)):
            at = escape.end()
        else:
            raise ValueError
    return at + 1


def _list(text: str, at: int) -> int:
    count = 0
    while text[at := _blanks(text, at)] != ")":
        if count and text[at] == "." and text[at + 1] in DELIMITERS:
            at = _blanks(text, _datum(text, _blanks(text, at + 1)))
            if text[at] != ")":
                raise ValueError
            break
        at = _datum(text, at)
        count += 1
    return at + 1


def _vector(text: str, at: int, of_bytes: bool) -> int:
    while text[at := _blanks(text, at)] != ")":
        end = _datum(text, at)
        if of_bytes and not (re.fullmatch("[0-9]+", text[at:end]) and int(text[at:end]) < 256):
            raise ValueError
        at = end
    return at + 1
