"""What may have been done to YAML that no line of its own tells: to brackets, to what they hold, to quotes that go over lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from structdiff.channel.edits import Edit
from structdiff.channel.yaml_lines import QUOTES, Line, Stop, change, line_at

PAIRS = {"[": "]", "{": "}"}
WRONG = {")": "]}", "]": "}", "}": "]", "(": "[{", "[": "{", "{": "["}
CLOSED = 6              # brackets that are closed at one place, unless it is all
REACH = 12              # lines that a text in quotes may go over


def of_flow(text: str, lines: list[Line], stop: Stop) -> Iterator[Edit]:
    yield from _at_the_stop(text, stop)
    yield from _brackets(text, lines, stop)
    yield from _unclosed(text, lines, stop)
    yield from _unopened(text, stop)


def _brackets(text: str, lines: list[Line], stop: Stop) -> Iterator[Edit]:
    """A bracket is lost, put in, or of another kind; a comma is lost, where the parser was within brackets."""
    held = _open(text[: stop.at])
    here = line_at(lines, stop.at)
    if held:
        closers = "".join(PAIRS[mark] for _, mark in reversed(held))
        begun = line_at(lines, held[-1][0])
        ends = {max(len(text.rstrip()), 1) if stop.at >= len(text.rstrip()) else stop.at}
        ends |= {lines[number].begin + lines[number].value[1] for number in (here, max(begun, here - 1), begun) if not lines[number].blank}
        for place in sorted(ends):
            if place > held[-1][0]:
                for many in sorted({*range(1, min(len(closers), CLOSED) + 1), len(closers)}):
                    yield change(text, place, place, closers[:many], 2.2 + 0.4 * many + 0.3 * (lines[here].begin > place))
        yield from _separators(text, stop.at, held[-1][0], held[-1][1] == "{")
        yield from _openers(text, held[0][0], stop.at)
        yield change(text, held[-1][0], held[-1][0] + 1, "", 4.2)
    line = lines[here]
    if line.body.lstrip()[:1] in tuple("]}") and here:
        before = lines[here - 1]
        place = line.begin + line.indent
        yield change(text, before.end, place + 1, text[place] + text[before.end : place], 3.0)
    if not line.blank and re.search(r"[\]}]", line.body):
        for mark in "[{":
            yield line.edit(line.value[0], line.value[0], mark, 3.2)


def _openers(text: str, begin: int, at: int) -> Iterator[Edit]:
    """A bracket was lost, or was another, some way before the place where that shows."""
    for away, found in enumerate(reversed(list(re.finditer(r"(?<=[\[{,:])[ \n]*(?P<mark>[\[{(])|(?P<closer>\))(?=[ \n]*[\]},\n])", text[begin:at]))[-4:])):
        mark = found["mark"] or ")"
        place = begin + found.start("mark" if found["mark"] else "closer")
        if mark in "()":
            for other in WRONG[mark]:
                yield change(text, place, place + 1, other, 2.4 + 0.2 * away)
        else:
            yield change(text, place, place, mark, 3.0 + 0.2 * away)
    for away, found in enumerate(reversed(list(re.finditer(r":[ ]+(?=[\w.-]+:\s)", text[begin : at + 1]))[-3:])):
        yield change(text, begin + found.end(), begin + found.end(), "{", 2.6 + 0.2 * away)
    for away, found in enumerate(reversed(list(re.finditer(r":(?=[ ]+[\w.-]+:\s)", text[begin : at + 1]))[-3:])):
        yield change(text, begin + found.start(), begin + found.end(), ",", 2.8 + 0.2 * away)


def _open(text: str) -> list[tuple[int, str]]:
    """Returns the brackets that are open at the end, outermost first; quotes and comments are stepped over."""
    held: list[tuple[int, str]] = []
    for found in re.finditer(r"(?<![\w.])\"(?:[^\"\\]|\\.)*\"|(?<![\w.])'(?:[^']|'')*'|(?:^|(?<=\s))#[^\n]*|[\[\]{}]", text):
        mark = found[0]
        if mark in PAIRS and (held or re.search(r"(?:^|[\s\[{,])$", text[max(0, found.start() - 1) : found.start()])):
            held.append((found.start(), mark))
        elif mark in "]}" and held:
            held.pop()
    return held


def _separators(text: str, at: int, begin: int, pairs: bool) -> Iterator[Edit]:
    """A comma, or in braces a colon, is lost before the last words."""
    words = [found for found in re.finditer(r"[^\s,\[\]{}:](?:[^\s,\[\]{}]*[^\s,\[\]{}:])?|[\[{]", text[begin + 1 : at + 1])][-4:]
    for away, word in enumerate(reversed(words)):
        place = begin + 1 + word.start()
        gap = len(text[:place].rstrip())
        if text[gap - 1] not in ",[{:":
            yield change(text, gap, gap, "," if gap < place else ", ", 2.4 + 0.3 * away)
            if pairs:
                yield change(text, gap, gap, ":", 3.4 + 0.3 * away)
        end = begin + 1 + word.end()
        if text[end : end + 1] == ":" and text[end + 1 : end + 2].strip():
            yield change(text, end + 1, end + 1, " ", 2.2 + 0.3 * away)


def _at_the_stop(text: str, stop: Stop) -> Iterator[Edit]:
    """One character is too many or another, or what follows is a remark."""
    for mark in list(re.finditer(r"[;.](?=\s)", text[max(0, stop.at - 60) : stop.at + 1]))[-2:]:
        place = max(0, stop.at - 60) + mark.start()
        yield change(text, place, place + 1, ",", 3.0)
    for place in sorted({stop.at, stop.at - 1, stop.since}):
        if 0 <= place < len(text) and not text[place].isspace():
            mark = text[place]
            doubled = mark in (text[:place].rstrip()[-1:], text[place + 1 : place + 80].lstrip()[:1])
            yield change(text, place, place + 1, "", 2.4 if not mark.isprintable() or doubled and not mark.isalnum() else
                         6.0 if mark.isalnum() or mark == ":" else 3.6)
            for other in WRONG.get(mark, ""):
                yield change(text, place, place + 1, other, 3.0)
            if mark == "#":
                yield change(text, place, place, " ", 1.6)
            if mark == "`" and not doubled:
                for quote in QUOTES:
                    yield change(text, place, place + 1, quote, 2.8)
            if mark in "*&!%@`":
                end = re.compile(r"[^\s,\]}]*").match(text, place).end()
                yield change(text, place, end, f"'{text[place:end]}'", 3.2)
    end = text.find("\n", stop.at) if "\n" in text[stop.at :] else len(text)
    if 0 < end - stop.at and text[:stop.at].rpartition("\n")[2].strip():
        yield change(text, stop.at, end, "", 5.0 + 0.15 * (end - stop.at))
        yield change(text, stop.at, stop.at, " # " if not text[stop.at - 1].isspace() else "# ", 6.5)


def _unclosed(text: str, lines: list[Line], stop: Stop) -> Iterator[Edit]:
    """A quote that was opened on an earlier line closes where a line with a key or an entry follows, or nothing."""
    quote, begun = text[stop.since : stop.since + 1], line_at(lines, stop.since)
    if quote not in tuple(QUOTES):
        return
    for line in lines[begun : begun + REACH]:
        after = next((one for one in lines[line.number + 1 :] if one.body.strip()), None)
        if line.body.strip() and (after is None or after.key is not None or after.inner > after.indent):
            end = line.begin + len(line.body.rstrip())
            yield change(text, end, end, quote, 4.2 if text[end - 1] in QUOTES and end - 1 > stop.since else 2.2)
            inner = len(text[:end].rstrip(",]} "))
            if stop.since < inner < end:
                yield change(text, inner, inner, quote, 2.2)


def _unopened(text: str, stop: Stop) -> Iterator[Edit]:
    """What closes at the place was opened after a key before it, or where the text begins, and that is lost."""
    near = text[max(0, stop.at - 1) : stop.at + 1]
    for quote in QUOTES:
        if quote in near:
            for away, found in enumerate(reversed(list(re.finditer(r"[:-][ ]+(?=[^\s\"'])", text[: stop.at]))[-3:])):
                yield change(text, found.end(), found.end(), quote, 2.4 + 0.3 * away)
    if text.rstrip()[-1:] in tuple("]}") and text.lstrip()[:1] not in tuple(PAIRS):
        begin = len(text) - len(text.lstrip())
        yield change(text, begin, begin, "{" if text.rstrip()[-1] == "}" else "[", 2.6)
    for found in list(re.finditer(r":[ ]+(?=[\w.-]+:\s)", text[: stop.at + 1]))[-2:]:
        yield change(text, found.end(), found.end(), "{", 2.8)
