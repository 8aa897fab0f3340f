"""A broken TOML text in atoms, each with its class: what it is, and for quotes and newlines what stands about it."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache

import numpy as np

from structdiff.channel.row import Row, row

TRUE = "True TRUE yes Yes YES on On tru ture treu truee tue rue".split()
FALSE = "False FALSE no No NO off Off fals flase fasle falsee alse".split()
FOREIGN = {**dict.fromkeys(TRUE, "true"), **dict.fromkeys(FALSE, "false"), "NaN": "nan", "NAN": "nan", "Infinity": "inf", "Inf": "inf",
           "-Infinity": "-inf", "+Infinity": "inf", "-Inf": "-inf"}
CUT = {"t": "true", "tr": "true", "f": "false", "fa": "false", "fal": "false"}      # at the end of a text

STOP = r"""\s\#=\[\]{}(),:;"'`‘’“”\\\x00-\x1f\x7f"""
END = rf"(?!(?<=\d):\d)(?=[{STOP}]|\Z)"                 # of a scalar or a word; not within a time
CHARACTER = rf"(?:[^{STOP}<>!~]|[<>!~]=?|:(?=/)|(?<=\d):(?=\d))"
KNOWN = rf"(?:true|false|inf|nan|{'|'.join(map(re.escape, FOREIGN))}){END}"
DATE, TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?"
FLOAT = r"[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?"
RADIX = r"0x[0-9a-fA-F](?:_?[0-9a-fA-F])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*"
LOOSE = r"[+-]?(?:0[xXoObB][0-9a-fA-F_]+|(?=[._]?\d)[\d_]*\.?[\d_]*(?:[eE][+-]?[\d_]*)?)"
WORDS = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
SURROGATE = r"(?!u[dD][89a-fA-F]|U0000[dD][89a-fA-F])"
ATOM = re.compile(rf"""
    (?P<BLANK>[ \t]+) | (?P<NEWLINE>\r?\n) | (?P<SLASHES>(?<!\S)//+) | (?P<HASH>\#)
  | (?P<EQUALS>=) | (?P<COLON>:(?!/)) | (?P<LBRACE>\{{) | (?P<RBRACE>\}}) | (?P<LBRACK>\[) | (?P<RBRACK>\]) | (?P<COMMA>,) | (?P<SEMI>;)
  | (?P<LPAREN>\() | (?P<RPAREN>\)) | (?P<TRIPLE>"{{3}}(?="{{3,5}}(?!"))|"{{3,5}}) | (?P<TRIPLET>'{{3}}(?='{{3,5}}(?!'))|'{{3,5}})
  | (?P<QUOTE>") | (?P<SINGLE>') | (?P<FANCY>(?!```)[`‘’“”])
  | (?P<ESCAPE>\\(?:{SURROGATE}(?:u[0-9a-fA-F]{{4}}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{{4}})|["\\bfnrt]))
  | (?P<LASTSLASH>\\(?=[ \t]*\r?\n)) | (?P<NEEDLESS>\\(?=['`])) | (?P<BADESCAPE>\\) | (?P<CONTROL>[\x00-\x08\x0b-\x1f\x7f]+)
  | (?P<LITERAL>(?:{DATE}(?:[Tt ]{TIME}(?:[Zz]|[+-]\d\d:\d\d)?)?|{TIME}|{RADIX}|{FLOAT}|true|false|[+-]?(?:inf|nan))(?:{END}|(?=\.[ \t]*\r?$)))
  | (?P<FOREIGN>{KNOWN}) | (?P<LOOSE>{LOOSE}{END}) | (?P<WORD>{WORDS}(?:{END}(?![ ](?=[^\W\d])(?!{KNOWN}){CHARACTER})|(?=\.["'])))
  | (?P<DOT>\.{END}|\.(?={WORDS}\s*[=\]])) | (?P<TEXT>{CHARACTER}+(?:[ ](?=[^\W\d])(?!{KNOWN}){CHARACTER}+)*|[^ \t\r\n]+)
""", re.VERBOSE | re.MULTILINE)

LINES = "NEWLINE LINE STOPLINE"                    # LINE: what follows it looks like the next key or table; STOPLINE: like a string
DOUBLE = "OPENING CLOSING EITHER NEITHER MAYOPEN MAYCLOSE PARTING DOUBLED TWIN"     # a double quote
SINGLES = "SINGLE LEFT RIGHT BOTH"                 # a single quote: within a word, opening, closing, either
FANCIES = "FANCY FANCYLEFT FANCYRIGHT"
NAMES = ["", *sorted(ATOM.groupindex, key=ATOM.groupindex.get), "LINE", "STOPLINE", "WIDE", "REMARK", "JOINED", "PLAIN", "LOOSEKEY", "SPACED", *DOUBLE.split(),
         *SINGLES.split()[1:], *FANCIES.split()[1:]]
CLASS = {name: number for number, name in enumerate(NAMES)}


def among(names: str) -> np.ndarray:
    """Returns Bool[C]: which classes are named."""
    flags = np.zeros(len(NAMES), np.bool_)
    flags[[CLASS[name] for name in names.split()]] = True
    return flags


BLANK, NEWLINE, COMMA, COLON, EQUALS, QUOTE, SINGLE, FANCY, DOT, WORD = (
    CLASS[name] for name in "BLANK NEWLINE COMMA COLON EQUALS QUOTE SINGLE FANCY DOT WORD".split())
SCALAR = among("LITERAL FOREIGN LOOSE")
QUOTES = among("QUOTE SINGLE FANCY TRIPLE TRIPLET")
BEGINS = QUOTES | SCALAR | among("LBRACE LBRACK LPAREN")                           # a value
ENDS = QUOTES | SCALAR | among("RBRACE RBRACK RPAREN")
OPENERS = among("EQUALS COLON LBRACE LBRACK COMMA LPAREN NEWLINE DOT")             # what a value stands behind, or nothing
CLOSERS = among("RBRACE RBRACK COMMA EQUALS COLON RPAREN NEWLINE HASH SLASHES DOT")
OPENERS[0] = CLOSERS[0] = True
WORDY = among("WORD TEXT")
STRUCTURE = among("LBRACE RBRACE LBRACK RBRACK EQUALS COMMA")


def lexed(text: str) -> Row:
    found = np.array([(match.lastindex, match.start()) for match in ATOM.finditer(text)], np.int64).reshape(-1, 2)
    return row(text, found[:, 0], found[:, 1], among("BLANK"))


def refined(row: Row) -> np.ndarray:
    """Returns Int[n]: the classes, with quotes, newlines, colons, scalars and backslashes told apart by what stands about them."""
    kind = row.kind[: row.n].copy()
    for quote, named in ((QUOTE, _double), (SINGLE, _single), (FANCY, _fancy)):
        at = np.flatnonzero(kind == quote)
        if len(at):
            kind[at] = named(row, at)
    for i in np.flatnonzero(SCALAR[kind]).tolist():
        kind[i] = CLASS[_scalar(NAMES[kind[i]], row.piece(i))]
    if row.n and row.piece(row.n - 1) in CUT:
        kind[-1] = CLASS["FOREIGN"]
    kind[(kind == COLON) & (row.kind[np.arange(row.n) - 1] == BLANK)] = CLASS["SPACED"]
    newlines = np.flatnonzero(kind == NEWLINE)
    kind[newlines[row.kind[newlines + 1] == QUOTE]] = CLASS["STOPLINE"]
    kind[newlines[[NEXT.match(row.text, i) is not None for i in row.begin[newlines + 1].tolist()]]] = CLASS["LINE"]
    kind[(kind == BLANK) & (np.diff(row.begin) > 1)] = CLASS["WIDE"]
    kind[(kind == EQUALS) & (row.kind[np.arange(row.n) - 1] != BLANK) & (row.kind[1 : row.n + 1] != BLANK)] = CLASS["JOINED"]
    kind[(kind == CLASS["HASH"]) & (row.kind[np.arange(row.n) - 1] == BLANK)] = CLASS["REMARK"]
    if (kind == CLASS["BADESCAPE"]).any():
        _unescaped_paths(row, kind)
    return kind


NEXT = re.compile(r"""[ \t]*(?:(?:[\w.-]+|"[^"\r\n]{0,60}"|'[^'\r\n]{0,60}')[ \t]*=(?!=)"""
                  r"""|\[\[?[ \t]*[A-Za-z_][\w.-]*[ \t]*(?:\]|$)|[A-Za-z_][\w.-]*\][ \t]*$)""",
                  re.MULTILINE)
KEY = re.compile(WORDS)


def _scalar(name: str, piece: str) -> str:
    """Returns the class of a scalar: PLAIN and LOOSEKEY may be keys as well; a date that the calendar lacks is a text."""
    keyed = KEY.fullmatch(piece) is not None
    if name == "LITERAL" and not _is_value(piece):
        return "WORD" if keyed else "TEXT"
    return {"LITERAL": "PLAIN", "LOOSE": "LOOSEKEY"}.get(name, name) if keyed else name


@lru_cache(maxsize=4096)
def _is_value(piece: str) -> bool:
    try:
        tomllib.loads(f"a={piece}")
    except ValueError:
        return False
    return True


def _unescaped_paths(row: Row, kind: np.ndarray) -> None:
    """Where one backslash of a line is not escaped, none before a letter is."""
    line = np.cumsum(row.kind[: row.n] == NEWLINE)
    bad = set(line[kind == CLASS["BADESCAPE"]].tolist())
    for i in np.flatnonzero(kind == CLASS["ESCAPE"]).tolist():
        if int(line[i]) in bad and row.piece(i)[1] in "bfnrtuU" and row.text[row.begin[i + 1] :][:1].isalnum():
            kind[i] = CLASS["BADESCAPE"]


def _sides(row: Row, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns Bool[Q] of the quotes `at`: whether what stands before says that they open, whether firmly so; and likewise close.

    What stands before a comma before them, and behind one behind them, says whether it is one: a comma in prose is none.
    """
    kind, before, after = row.kind, row.before, row.after
    b, a = before[at], after[at]
    left, right, beyond_left, beyond_right = kind[b], kind[a], kind[before[b]], kind[after[a]]
    opens, closes = OPENERS[left] & ((left != DOT) | (b == at - 1)), CLOSERS[right] & ((right != DOT) | (a == at + 1))
    keyed = (kind[after[after[a]]] == EQUALS)
    firmly_opens = opens & ((left != COMMA) | ENDS[beyond_left]) & ((left != COLON) | QUOTES[beyond_left] | (beyond_left == WORD))
    listed = WORDY[beyond_right] & ((kind[after[after[a]]] == COMMA) | (kind[after[after[a]]] == CLASS["RBRACK"]))
    ended = (beyond_right == NEWLINE) | (beyond_right == 0) | BEGINS[beyond_right]
    firmly_closes = closes & ((right != COMMA) | ended | keyed | listed) & (
        ((right != COLON) & (right != EQUALS)) | BEGINS[beyond_right]) & (
        ((right != CLASS["RBRACK"]) & (right != CLASS["RBRACE"])) | CLOSERS[beyond_right])
    return opens, firmly_opens, closes, firmly_closes


def _double(row: Row, at: np.ndarray) -> np.ndarray:
    opens, firmly_opens, closes, firmly_closes = _sides(row, at)
    b, a = row.before[at], row.after[at]
    left, right = row.kind[b], row.kind[a]
    made = np.full(len(at), CLASS["NEITHER"])
    made[opens & ~closes] = CLASS["MAYOPEN"]
    made[closes & ~opens] = CLASS["MAYCLOSE"]
    made[((left == QUOTE) & (b < at - 1) | (right == QUOTE) & (a > at + 1)) & ~opens & ~closes] = CLASS["PARTING"]
    made[firmly_opens & ~firmly_closes] = CLASS["OPENING"]
    made[firmly_closes & ~firmly_opens] = CLASS["CLOSING"]
    made[firmly_opens & firmly_closes] = CLASS["EITHER"]
    first, second = row.kind[at + 1] == QUOTE, row.kind[at - 1] == QUOTE
    ended = np.where(first, row.kind[np.minimum(at + 2, row.n)], right) == NEWLINE
    empty = first & opens & np.append(closes[1:], [False]) & ~ended
    made[first | second] = CLASS["DOUBLED"]
    made[(first | second) & ended] = CLASS["TWIN"]
    made[empty] = CLASS["OPENING"]
    made[np.append([False], empty[:-1])] = CLASS["CLOSING"]
    return made


def _single(row: Row, at: np.ndarray) -> np.ndarray:
    opens, _, closes, _ = _sides(row, at)
    left, right = row.kind[at - 1], row.kind[at + 1]
    opens |= (left == SINGLE) | (left == BLANK) & (right != BLANK)
    closes |= (right == SINGLE) | (right == BLANK) & (left != BLANK)
    return np.where(opens & closes, CLASS["BOTH"], np.where(opens, CLASS["LEFT"], np.where(closes, CLASS["RIGHT"], SINGLE)))


def _fancy(row: Row, at: np.ndarray) -> np.ndarray:
    opens, _, closes, _ = _sides(row, at)
    return np.where(opens, CLASS["FANCYLEFT"], np.where(closes, CLASS["FANCYRIGHT"], FANCY))
