"""Judge: SQLite prepares EXPLAIN of each statement in an empty database; what it finds wrong with names, types or
counts is no fault of syntax. Laxer than the grammar: it knows all statements, takes most keywords for names, and such a
finding hides faults of syntax that follow it."""

import re
import sqlite3

_FAULTS = re.compile(r"syntax error|incomplete input|unrecognized token|clause should come|unknown join type|"
                     r"JOIN clause is required|may not have an ON|unknown table option")
_BLANK = re.compile(r"(?:[ \t\n\f\r]|--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))*;?")


def accepts(text: str) -> bool:
    database = sqlite3.connect(":memory:")
    try:
        return all(_parses(database, statement) for statement in _statements(text) if not _BLANK.fullmatch(statement))
    finally:
        database.close()


def _statements(text: str) -> list[str]:
    statements, start = [], 0
    for i, character in enumerate(text, start=1):
        if character == ";" and sqlite3.complete_statement(text[start:i]):
            statements.append(text[start:i])
            start = i
    return [*statements, text[start:]]


def _parses(database: sqlite3.Connection, statement: str) -> bool:
    try:
        database.execute("EXPLAIN " + statement)
    except sqlite3.Error as error:
        return not _FAULTS.search(str(error))
    except ValueError:                               # a NUL
        return False
    return True
