"""A broken JSON text in atoms, each with its class: what it is, and for quotes, commas, colons and newlines what stands about it."""

from __future__ import annotations

import re

import numpy as np

from structdiff.channel.row import Row, row

NUMBER = r"-?(?:0(?!\d)|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?"
FOREIGN = {"None": "null", "True": "true", "False": "false", "NaN": "null", "nan": "null", "undefined": "null", "nil": "null",
           "NULL": "null", "Null": "null", "TRUE": "true", "FALSE": "false", "Infinity": "null", "-Infinity": "null",
           "tru": "true", "ture": "true", "treu": "true", "fals": "false", "flase": "false", "fasle": "false", "nul": "null",
           "nulll": "null", "truee": "true", "falsee": "false", "tue": "true", "rue": "true", "alse": "false", "ull": "null"}
CUT = {"t": "true", "tr": "true", "f": "false", "fa": "false", "fal": "false", "n": "null", "nu": "null"}     # at the end of a text

STOP = r"""\s{}\[\]:,"'`‘’“”\\;=<>|()\x00-\x1f\u180e\u200b\ufeff"""
CHARACTER = rf"(?:[^{STOP}/]|/(?!\*))"
PART = rf"(?:(?<!\*/){CHARACTER})"                 # a word stops where a comment begins or ends
KNOWN = rf"(?:true|false|null|{'|'.join(map(re.escape, FOREIGN))})(?![^{STOP}])"
ATOM = re.compile(rf"""
    (?P<BLANK>[ ]+) | (?P<NEWLINE>(?:\r\n?|\n)[ \t]*) | (?P<TAB>[ \t]+)
  | (?P<LBRACE>\{{) | (?P<RBRACE>\}}) | (?P<LBRACK>\[) | (?P<RBRACK>\]) | (?P<COLON>:) | (?P<COMMA>,)
  | (?P<JOIN>(?<=[^\s{{\[,:(+"])"\s*\+\s*"(?![,:\]}}\s])) | (?P<QUOTE>") | (?P<SINGLE>(?!```)['`‘’“”])
  | (?P<ESCAPE>\\(?:u[0-9a-fA-F]{{4}}|["\\/bfnrt])) | (?P<BADESCAPE>\\[^\r\n]?)
  | (?P<LPAREN>\() | (?P<RPAREN>\)) | (?P<CONTROL>[\x00-\x08\x0b\x0c\x0e-\x1f]+)
  | (?P<LITERAL>-?\d+\.\d+(?:[eE][+-]?\d+)?(?=\.-?\d+\.\d)
               |(?:true|false|null|{NUMBER})(?=[{STOP}]|/\*|\Z|{NUMBER}(?:[{STOP}]|\Z)|\.(?:\s*["{{\[]|\s+[-\d])))
  | (?P<FOREIGN>(?!true|false|null){KNOWN})
  | (?P<LOOSE>[+]?-?(?:0[xX][0-9a-fA-F]+|(?=\.?\d)\d*\.?\d*(?:[eE][+-]?\d*)?)(?=[{STOP}]|/\*|\Z))
  | (?P<ELLIPSIS>\.\.\.|…) | (?P<MARK>[;=<>|]|\.(?=\s*["{{\[\d-]))
  | (?P<WORD>{CHARACTER}{PART}*(?:[ ](?=[^\W\d])(?!{KNOWN}){PART}+)*|/|```) | (?P<SPECIAL>[^\S \t\r\n]|[\u180e\u200b\ufeff])
""", re.VERBOSE)

LINES = "NEWLINE LINE"                             # LINE: what follows it looks like JSON
DOUBLE = "OPENING CLOSING EITHER NEITHER MAYOPEN MAYCLOSE PARTING DOUBLED NESTING NESTED"      # a double quote
SINGLES = "SINGLE LEFT RIGHT BOTH USED NESTLEFT"   # another quote: within a word, opening, closing, either, opening as most do
NAMES = ["", *sorted(ATOM.groupindex, key=ATOM.groupindex.get), "LINE", "SOFTCOLON", "SOFTCOMMA", *DOUBLE.split(), *SINGLES.split()[1:], "SET"]
CLASS = {name: number for number, name in enumerate(NAMES)}
QUOTE, SINGLE, COMMA, COLON, WORD, MARK, NEWLINE = (CLASS[name] for name in "QUOTE SINGLE COMMA COLON WORD MARK NEWLINE".split())


def among(names: str) -> np.ndarray:
    """Returns Bool[C]: which classes are named."""
    flags = np.zeros(len(NAMES), np.bool_)
    flags[[CLASS[name] for name in names.split()]] = True
    return flags


SPACES = among(f"BLANK TAB SPECIAL {LINES}")
NEW = among(LINES)
QUOTES = among("QUOTE SINGLE JOIN")
SCALAR = among("LITERAL FOREIGN LOOSE")
BEGINS = among("QUOTE SINGLE LBRACE LBRACK LITERAL FOREIGN LOOSE LPAREN")          # a value
ENDS = among("QUOTE SINGLE RBRACE RBRACK LITERAL FOREIGN LOOSE RPAREN")
OPENERS = among("LBRACE LBRACK COMMA COLON LPAREN")                                # what a value stands behind, or nothing
CLOSERS = among("RBRACE RBRACK COMMA COLON RPAREN")
OPENERS[0] = CLOSERS[0] = True
LEFTS, RIGHTS = among("LBRACE LBRACK"), among("RBRACE RBRACK")
STRUCTURE = among("LBRACE RBRACE LBRACK RBRACK COLON COMMA")


def lexed(text: str) -> Row:
    found = np.array([(match.lastindex, match.start()) for match in ATOM.finditer(text)], np.int64).reshape(-1, 2)
    kind, begin = found[:, 0], found[:, 1]
    if text.count('"') == text.count('\\"') > 0:                       # JSON in a string, as it stands there
        escaped = np.flatnonzero(kind == CLASS["ESCAPE"])
        kind[[i for i in escaped if text[begin[i] + 1] == '"']] = SINGLE
    return row(text, kind, begin, SPACES)


def refined(row: Row) -> np.ndarray:
    """Returns Int[n]: the classes, with quotes, commas, colons and newlines told apart by what stands about them."""
    kind = row.kind[: row.n].copy()
    left, right = row.kind[row.before[: row.n]], row.kind[row.after[: row.n]]
    quoted = QUOTES[left] | QUOTES[right]
    value = STRUCTURE[right] & (right != COLON)
    kind[(kind == COMMA) & ~quoted] = CLASS["SOFTCOMMA"]
    kind[(kind == COLON) & ~quoted & ~value] = CLASS["SOFTCOLON"]
    double = np.flatnonzero(kind == QUOTE)
    kind[double] = _double_quotes(row, double)
    single = np.flatnonzero(kind == SINGLE)
    kind[single] = _single_quotes(row, single, len(double))
    if row.n and row.piece(row.n - 1) in CUT:
        kind[-1] = CLASS["FOREIGN"]
    kind[np.searchsorted(row.begin, [match.start() for match in SET.finditer(row.text)])] = CLASS["SET"]
    bad = np.flatnonzero(kind == CLASS["BADESCAPE"])
    if len(bad):
        kind[[i for i in np.flatnonzero(kind == CLASS["ESCAPE"]) if PATH_LIKE.match(row.text, row.begin[i])]] = CLASS["BADESCAPE"]
    newlines = np.flatnonzero(kind == NEWLINE)
    before = row.before[newlines]
    json_like = np.array([STRUCTURAL.match(row.text, i) is not None for i in row.begin[newlines + 1].tolist()], np.bool_)
    ended = (row.kind[before] == QUOTE) | (row.kind[before] == COMMA) & (row.kind[before - 1] == QUOTE)
    kind[newlines[json_like | ended | (row.kind[newlines + 1] == QUOTE)]] = CLASS["LINE"]
    return kind


STRUCTURAL = re.compile(
    r"""[}\]]|["'][^"'\r\n]{0,60}["']\s{0,9}[:,}\]]|["'\w$-]{1,40}\s{0,9}:|[{\[]\s{0,9}["'\r\n{\[\d]"""
    rf"""|{KNOWN}\s{{0,9}}[,}}\]\r\n]"""
    r"""|[^\s"{}\[\],:]{1,60}"\s{0,9}[,:}\]\r\n]|-?\d[\d.]{0,30}\s{0,9}[,\r\n\]]|"[^"\r\n]{0,300}"[ \t]*$|\Z""", re.MULTILINE)
SET = re.compile(r"""\{\s{0,9}(?:"[^"\r\n]{0,60}"|'[^'\r\n]{0,60}'|-?[\d.]{1,30})\s{0,9},""")
PATH_LIKE = re.compile(r"\\[bf]\w")               # where other backslashes of the text are not escaped either


def _double_quotes(row: Row, at: np.ndarray) -> np.ndarray:
    """Returns Int[Q]: the classes of the double quotes `at`, by whether what stands about them says that they open or close.

    What stands before a delimiter before them, and behind one behind them, says whether it is one: a comma in prose is none.
    """
    kind, before, after = row.kind, row.before, row.after
    b, a = before[at], after[at]
    left, right, beyond_left, beyond_right = kind[b], kind[a], kind[before[b]], kind[after[a]]
    new_left, new_right = NEW[kind[at - 1]], NEW[kind[np.minimum(a + 1, row.n)]] | (beyond_right == 0)
    opens, closes = OPENERS[left], CLOSERS[right]
    keyed = (beyond_right == WORD) & (kind[after[after[a]]] == COLON)
    firmly_opens = opens & ((left != COMMA) | new_left | ENDS[beyond_left]) & ((left != COLON) | QUOTES[beyond_left] | (beyond_left == WORD))
    firmly_closes = closes & ((right != COMMA) | new_right | BEGINS[beyond_right] | keyed) & (
        (right != COLON) | new_right | BEGINS[beyond_right]) & (~RIGHTS[right] | new_right | CLOSERS[beyond_right])

    made = np.full(len(at), CLASS["NEITHER"])
    parting = (left == QUOTE) & (b < at - 1) | (right == QUOTE) & (a > at + 1) | (left == MARK) & (beyond_left == QUOTE) | (
        right == MARK) & (beyond_right == QUOTE)
    made[parting & ~opens & ~closes] = CLASS["PARTING"]
    made[opens & ~closes] = CLASS["MAYOPEN"]
    made[closes & ~opens] = CLASS["MAYCLOSE"]
    made[firmly_opens & ~firmly_closes] = CLASS["OPENING"]
    made[firmly_closes & ~firmly_opens] = CLASS["CLOSING"]
    made[firmly_opens & firmly_closes] = CLASS["EITHER"]
    made[firmly_opens & LEFTS[right] & QUOTES[beyond_right]] = CLASS["NESTING"]
    made[firmly_closes & RIGHTS[kind[at - 1]]] = CLASS["NESTED"]
    first = kind[at + 1] == QUOTE                                      # of two in a row
    second = kind[at - 1] == QUOTE
    empty = first & opens & np.append(closes[1:], [False])[: len(at)]
    made[first | second] = CLASS["DOUBLED"]
    made[empty] = CLASS["OPENING"]
    made[np.append([False], empty[:-1])[: len(at)]] = CLASS["CLOSING"]
    return made


def _single_quotes(row: Row, at: np.ndarray, double: int) -> np.ndarray:
    """Returns Int[Q]: the classes of the other quotes `at`, by what stands about them. double: how many double quotes there are."""
    before, after = row.before[at], row.after[at]
    left, right = row.kind[before], row.kind[after]
    opens = OPENERS[left] | (left == SINGLE) & (before < at - 1)
    closes = CLOSERS[right] | (right == SINGLE) & (after > at + 1)
    usual = opens.sum() > max(3, double)
    made = np.full(len(at), SINGLE)
    made[closes] = CLASS["RIGHT"]
    made[opens] = CLASS["USED" if usual else "LEFT"]
    made[opens & closes] = CLASS["BOTH"]
    made[opens & LEFTS[right] & (row.kind[row.after[after]] == QUOTE)] = CLASS["NESTLEFT"]
    return made
