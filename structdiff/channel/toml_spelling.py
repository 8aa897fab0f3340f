"""How an atom of TOML is written, read as it is: what is lost, mistaken, or may not stand in a string."""

from __future__ import annotations

import re

from structdiff.channel.toml_atoms import CUT, DOUBLE, FOREIGN, LINES

SHAPES = {"COMMA": ",", "LBRACE": "{", "RBRACE": "}", "LBRACK": "[", "RBRACK": "]", "EQUALS": "=", "SPACEDEQUALS": " =", "BETWEEN": " = ",
          "BREAK": "\n", "NEWLINE": "\n", "HASH": "# "}
ESCAPES = {"\r": "\\r", "\b": "\\b", "\f": "\\f"}
NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|0x[0-9a-f]+|0o[0-7]+|0b[01]+")


def spelled(state: str, symbol: str, text: str) -> str:
    """Returns what an atom is written as, read as `symbol` in `state`; without a text, what is not there."""
    opened = state.partition(".")[2]
    if not text:
        return _lost(opened, symbol)
    if symbol == "NORMAL":
        return FOREIGN.get(text) or CUT.get(text) or _number(text)
    if symbol in ("HALF", "NOTHING"):
        return '""'
    if not opened:
        return _structure(state, symbol, text)
    return _content(opened, symbol, text)


def _structure(state: str, symbol: str, text: str) -> str:
    """Returns what an atom that is in no string is written as."""
    if symbol in LINES.split():
        return " " if state.startswith(("VALUE", "PAIR")) else text
    if symbol in ("BLANK", "WIDE"):
        return "" if state == "SECOND" else text
    return {"OTHER": '"', "HASH": "#", "REMARK": "#"}.get(symbol) or SHAPES.get(symbol, text)


def _lost(opened: str, symbol: str) -> str:
    if symbol == "NOTHING":
        return '""'
    if symbol == "CLOSEMULTI":
        return '"""' if opened == "multi" else "'''"
    if symbol == "CLOSE" and opened == "single":
        return "'"
    return SHAPES.get(symbol.removeprefix("+"), '"')


def _content(opened: str, symbol: str, text: str) -> str:
    """Returns what an atom in a string, or in a comment, is written as."""
    if symbol == "CONTROL":
        return "" if opened in ("single", "literal", "comment") else "".join(ESCAPES.get(c) or f"\\u{ord(c):04x}" for c in text)
    if symbol == "LASTDOUBLE" and opened == "single":
        return "'"
    if symbol in ("LASTOTHER", "LASTDOUBLE") or opened in ("other", "bare") and symbol in ("RIGHT", "BOTH", "FANCYRIGHT"):
        return '"'
    if symbol == "INNER" or opened == "other" and symbol in DOUBLE.split():
        return '\\"'
    if opened in ("single", "literal", "comment"):
        return text
    if symbol == "NEEDLESS":
        return ""
    if symbol in ("BADESCAPE", "LASTSLASH"):
        return "\\" + text
    if symbol in LINES.split() and opened != "multi":
        return text.replace("\r", "\\r").replace("\n", "\\n")
    return text


def _number(text: str) -> str:
    """Returns the TOML number that a loose one means; a string where it means none."""
    sign, body = (text[0], text[1:].lower()) if text[0] in "+-" else ("", text.lower())
    body = body.replace("_", "")
    if body[:2] in ("0x", "0o", "0b"):
        sign = ""
    else:
        mantissa, _, exponent = body.partition("e")
        whole, _, fraction = mantissa.partition(".")
        body = (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "") + (f"e{exponent}" if exponent.lstrip("+-") else "")
    return sign + body if NUMBER.fullmatch(body) else f'"{text}"'
