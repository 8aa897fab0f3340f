"""What may have been done to YAML where its parser stops: changes of the lines about that place, each with its price in nats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from structdiff.channel.edits import Author, Edit

QUOTES = "\"'"
PAIRS = {"[": "]", "{": "}"}
WRONG = {")": "]}", "]": "}", "}": "]", "(": "[{", "[": "{", "{": "["}
DASHES = re.compile(r"(?:-[ \t]+)*")
NAME = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\n]|'')*'|[^\s\[\]{},\"'#&*!|>%@`:-][^\s,:;=\[\]{}]*"
KEY = re.compile(rf"(?:{NAME})(?:[ ]+[\w.-]+)*?[ ]*:(?=\s|$)")
WORD = re.compile(rf"{NAME}")
REMARK = re.compile(r"[ \t]+#.*$|[ \t]+$")
FENCE = re.compile(r"(?:```|~~~)[ \t]*[\w.+-]*[ \t]*$")
START = re.compile(r"(?:---|%YAML|- |[\w\"'.-]+:(?:\s|$)|[\[{])")
SENTENCE = re.compile(r"[A-Z][\w'’-]*[,!.]?(?: [\w'’,;()!-]+){2,}[.:!?]+")
CLOSED = 6              # brackets that are closed at one place, unless it is all
REACH = 12              # lines that a text in quotes may go over


@dataclass(frozen=True)
class Stop:
    """at: where the parser stopped. since: where what it was reading began."""

    at: int
    since: int
    problem: str


@dataclass(frozen=True)
class Line:
    """A line: its place, and what it consists of. number: among all. end: without its line break."""

    text: str
    number: int
    begin: int
    end: int

    @cached_property
    def body(self) -> str:
        return self.text[self.begin : self.end]

    @cached_property
    def indent(self) -> int:
        return len(self.body) - len(self.body.lstrip(" \t"))

    @cached_property
    def inner(self) -> int:
        """The column behind its dashes."""
        return DASHES.match(self.body, self.indent).end()

    @property
    def blank(self) -> bool:
        return not self.body.strip() or self.body.lstrip().startswith("#")

    @cached_property
    def key(self) -> re.Match | None:
        return KEY.match(self.body, self.inner)

    @cached_property
    def value(self) -> tuple[int, int]:
        """The columns between which its value stands, or all behind its dashes where it has no key; a comment left out."""
        begin = self.inner if self.key is None else self.key.end()
        begin += len(self.body[begin:]) - len(self.body[begin:].lstrip())
        remark = REMARK.search(self.body, begin)
        return begin, max(begin, remark.start() if remark else len(self.body.rstrip()))

    def edit(self, begin: int, end: int, new: str, cost: float) -> Edit:
        """Returns the edit of what stands between two columns."""
        return change(self.text, self.begin + begin, self.begin + end, new, cost)


def change(text: str, begin: int, end: int, new: str, cost: float) -> Edit:
    return Edit(begin, end, text[begin:end], new, "delete" if not new else "insert" if begin == end else "replace", cost)


def slips(text: str, stop: Stop, author: Author) -> Iterator[Edit]:
    """Yields what may have been done about the place where the parser stopped."""
    lines = lines_of(text)
    here = _line_at(lines, stop.at)
    yield from _around(text, lines, stop, author)
    yield from _at_the_stop(text, stop)
    yield from _brackets(text, lines, stop)
    yield from _unclosed(text, lines, stop)
    yield from _unopened(text, stop)
    for line, away in _suspects(lines, here, _line_at(lines, stop.since)):
        for edit in _of_line(lines, line):
            if edit.new != edit.old:
                yield replace(edit, cost=edit.cost + away)


def lines_of(text: str) -> list[Line]:
    lines, begin = [], 0
    for number, body in enumerate(text.split("\n")):
        lines.append(Line(text, number, begin, begin + len(body) - body.endswith("\r")))
        begin += len(body) + 1
    return lines


def _line_at(lines: list[Line], at: int) -> int:
    return next((line.number for line in reversed(lines) if line.begin <= at), 0)


def _suspects(lines: list[Line], here: int, since: int) -> Iterator[tuple[Line, float]]:
    """Yields the lines that may be at fault, with what that costs beside the change."""
    before = next((line.number for line in reversed(lines[:here]) if not line.blank), here)
    earlier = next((line.number for line in reversed(lines[:before]) if not line.blank), before)
    for number, away in {earlier: 0.8, since: 0.3, before: 0.2, here: 0.0}.items():
        if not lines[number].blank:
            yield lines[number], away


def _of_line(lines: list[Line], line: Line) -> Iterator[Edit]:
    yield from _indentation(lines, line)
    yield from _dashes(lines, line)
    yield from _colons(lines, line)
    yield from _quotes(line)
    yield from _joined(line)
    yield line.edit(line.indent, line.indent, "# ", 9.0)


# --- where a line begins ----------------------------------------------------------------------------------------------------------------


def _indentation(lines: list[Line], line: Line) -> Iterator[Edit]:
    """It begins where a line about it does, or where what that holds would."""
    after = next((one for one in lines[line.number + 1 :] if not one.blank), None)
    before = next((one for one in reversed(lines[: line.number]) if not one.blank), None)
    columns: dict[int, float] = {}
    depth = 1 << 20
    for one in reversed(lines[: line.number]):
        if not one.blank and one.indent < depth:
            depth = one.indent
            for column in (one.indent, one.inner):
                columns.setdefault(column, 1.0)
    if before is not None:
        columns |= {before.inner + 2: 1.0, before.indent: 0.4, before.inner: 0.4}
    if after is not None:
        columns[after.indent] = 0.0
    for one in lines:                                    # where lines stand that begin alike
        if one is not line and line.key is not None and one.key is not None and one.key[0] == line.key[0] and one.inner - one.indent == line.inner - line.indent:
            columns[one.indent] = columns.get(one.indent, 1.0) - 0.5
            break
    tabs = line.body[: line.indent].count("\t")
    if tabs and before is not None:
        columns[before.inner + 2 if before.key is not None and before.value[0] == before.value[1] else 2 * tabs] = 0.0
    for column, odd in columns.items():
        far = abs(column - line.indent)
        if tabs or far:
            yield line.edit(0, line.indent, " " * column, 1.0 + odd if tabs else 2.2 + odd if far == 1 else 4.0 + odd + 0.1 * far)


def _dashes(lines: list[Line], line: Line) -> Iterator[Edit]:
    """A dash is lost, put in, doubled, another mark, or has lost its blank."""
    body, begin = line.body, line.indent
    columns = {one.indent for one in lines[max(0, line.number - 40) : line.number + 40] if one.inner > one.indent and one is not line}
    for column in sorted(columns):
        if column == begin - 1:
            yield line.edit(column, column, "-", 2.6)
        elif column == begin - 2:
            yield line.edit(column, column + 1, "-", 3.6)
        elif column == begin:
            yield line.edit(begin, begin, "- ", 4.4)
    if body.startswith("--", begin):
        yield line.edit(begin, begin + 1, "", 2.2)
        yield line.edit(begin + 1, begin + 1, " ", 3.2)
    if re.match(r"-[^\s-]", body[begin:]):
        yield line.edit(begin + 1, begin + 1, " ", 3.2 if body[begin + 1].isdigit() else 2.2)
        if begin:
            yield line.edit(begin - 1, begin + 1, "- ", 2.4 if begin - 1 in columns | {0} else 2.8)
    if re.match(r"[*+•=:]\s", body[begin:]):
        yield line.edit(begin, begin + 1, "-", 3.2)
    if line.inner > begin:
        yield line.edit(begin, line.inner, "", 5.0)


# --- keys -------------------------------------------------------------------------------------------------------------------------------


def _colons(lines: list[Line], line: Line) -> Iterator[Edit]:
    """The colon of a key is lost, another mark, or has lost its blank."""
    body, begin = line.body, line.inner
    word = WORD.match(body, begin)
    if word is None:
        return
    end = word.end()
    if (tight := re.match(r":(?=[^\s:])", body[end:])) is not None:
        yield line.edit(end + 1, end + 1, " ", 5.0 if body.startswith("//", end + 1) else 2.2)
        if end > begin and body[end - 1] == " ":
            yield line.edit(end - 1, end + 1, ": ", 2.6)
    if re.match(r" :\S", body[end:]):
        yield line.edit(end, end + 2, ": ", 2.6)
    if line.key is not None or tight is not None:
        return
    after = next((one for one in lines[line.number + 1 :] if not one.blank), None)
    alone = not body[end:].strip()
    holds = after is not None and (after.indent > line.indent or after.indent == line.indent and after.inner > after.indent)
    wordy = 0.5 * max(0, len(body.split()) - 4)
    if alone:
        yield line.edit(end, end, ":", 2.4 if holds else 4.4)
    elif body[end] == " ":
        yield line.edit(end, end, ":", (4.8 if body[end:].lstrip()[0] in "=;," else 2.8) + wordy)
        if (second := re.match(r" ([\w.-]+)(?=\s|$)", body[end:])) is not None:
            yield line.edit(end + second.end(), end + second.end(), ":", 4.2)
    for wrong in (re.match(r"\s*[=;,]\s*", body[end:]), re.match(r"[=;,.]$", body[end - 1 :])):
        if wrong is not None:
            at = end if body[end : end + 1] in tuple(" =;,") else end - 1
            yield line.edit(at, at + wrong.end(), ": " if body[at + wrong.end() :] else ":", 2.8 + wordy)
    if (inside := re.match(rf"[\w-]+(?P<mark>[=;,.])(?=\s|$)", body[begin:])) is not None:
        yield line.edit(begin + inside.start("mark"), begin + inside.end(), ":", 2.8)


def _joined(line: Line) -> Iterator[Edit]:
    """Two lines became one."""
    for second in list(re.finditer(r"[ \t]+(?=[\w.-]+:(?:\s|$))", line.body[line.inner :]))[:3]:
        if second.start() > 0:
            indent = " " * line.inner
            yield line.edit(line.inner + second.start(), line.inner + second.end(), f"\n{indent}", 4.4)
    if (header := re.match(r"[|>][+-]?\s+(?=\S)", line.body[line.value[0] :])) is not None:
        begin = line.value[0] + len(header[0].rstrip())
        yield line.edit(begin, line.value[0] + header.end(), "\n" + " " * (line.inner + 2), 4.0)


# --- values -----------------------------------------------------------------------------------------------------------------------------


def _quotes(line: Line) -> Iterator[Edit]:
    """A quote is lost, doubled, of another kind, or stands within; or there should be some."""
    yield from _of_keys(line)
    begin, end = line.value
    value = line.body[begin:end]
    if not value:
        return
    for quote in QUOTES:
        yield from _of_quote(line, begin, end, quote)
    for other in WRONG["("] if value[0] == "(" else "":
        yield line.edit(begin, begin + 1, other, 2.8)
    first, last = value[0], value[-1]
    if last == "`" and first in QUOTES:
        yield line.edit(end - 1, end, first, 2.8)
    if first == "`" and last in QUOTES:
        yield line.edit(begin, begin + 1, last, 2.4)
    if first in QUOTES and last in QUOTES and first != last:
        yield line.edit(end - 1, end, first, 2.6)
        yield line.edit(begin, begin + 1, last, 2.6)
    for escape in re.finditer(r"\\(?![0abtnvfre \"/\\N_LPxuU]|$)", value if first == '"' else ""):
        yield line.edit(begin + escape.start(), begin + escape.end(), "\\\\", 2.4)
    if first not in QUOTES or not _closed(value):
        yield line.edit(begin, end, "'" + value.replace("'", "''") + "'", 4.2 if first in PAIRS else 3.4)
    yield from _in_flow(line, begin)


def _of_keys(line: Line) -> Iterator[Edit]:
    """A key's quote is lost before or behind it."""
    for key in re.finditer(r"(?:^[ ]*(?:-[ ]+)*|[{,][ ]*)(?P<held>[\"'][^\"'\n:]+|[^\"'\s{,\[][^\"'\n:,]*[\"'])(?=:(?:\s|$))", line.body):
        held = key["held"]
        if held[0] in QUOTES:
            yield line.edit(key.end(), key.end(), held[0], 2.2)
        else:
            yield line.edit(key.start("held"), key.start("held"), held[-1], 2.2)


def _of_quote(line: Line, begin: int, end: int, quote: str) -> Iterator[Edit]:
    value = line.body[begin:end]
    starts, ends = value.startswith(quote), value.endswith(quote) and len(value) > 1
    if starts and not ends:
        yield line.edit(end, end, quote, 4.2 if value[-1] in "\"'`" and len(value) > 1 else 2.2)
        if value.endswith((",", "]", "}")):
            inner = len(value.rstrip(",]}"))
            yield line.edit(begin + inner, begin + inner, quote, 2.2)
        if value[1:].count(quote) == 0:
            yield line.edit(begin, begin + 1, "", 4.4)
    if ends and not starts:
        yield line.edit(begin, begin, quote, 4.2 if value[0] in "\"'`" else 2.2)
        yield line.edit(end - 1, end, "", 4.4)
    if len(value) > 2:
        if value.startswith(quote * 2):
            yield line.edit(begin, begin + 1, "", 2.0)
        if value.endswith(quote * 2):
            yield line.edit(end - 1, end, "", 2.0)
    inner = value[1:-1]
    if starts and ends and quote in inner:
        lone = re.sub(r"''|'", "''", inner) if quote == "'" else re.sub(r'(?<!\\)"', r'\\"', inner)
        yield line.edit(begin + 1, end - 1, lone, 2.6)


def _unclosed(text: str, lines: list[Line], stop: Stop) -> Iterator[Edit]:
    """A quote that was opened on an earlier line closes where a line with a key or an entry follows, or nothing."""
    quote, begun = text[stop.since : stop.since + 1], _line_at(lines, stop.since)
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


def _closed(value: str) -> bool:
    return re.fullmatch(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'", value) is not None


def _in_flow(line: Line, begin: int) -> Iterator[Edit]:
    """Within brackets a quote is lost before or behind what delimiters part."""
    body = line.body
    if not any(mark in body for mark in ",]}"):
        return
    for part in re.finditer(r"(?<=[\[{,:])[ ]*(?P<held>[^\[\]{},\s][^\[\]{},]*?)(?=[ ]*(?:[\]},]|$|:\s))", body):
        held, start, stop = part["held"], part.start("held"), part.end("held")
        for quote in QUOTES:
            if held.count(quote) % 2:
                if held.startswith(quote):
                    yield line.edit(stop, stop, quote, 2.4)
                elif held.endswith(quote):
                    yield line.edit(start, start, quote, 2.4)


# --- brackets ---------------------------------------------------------------------------------------------------------------------------


def _brackets(text: str, lines: list[Line], stop: Stop) -> Iterator[Edit]:
    """A bracket is lost, put in, or of another kind; a comma is lost, where the parser was within brackets."""
    held = _open(text[: stop.at])
    here = _line_at(lines, stop.at)
    if held:
        closers = "".join(PAIRS[mark] for _, mark in reversed(held))
        begun = _line_at(lines, held[-1][0])
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


# --- what stands around -----------------------------------------------------------------------------------------------------------------


def _around(text: str, lines: list[Line], stop: Stop, author: Author) -> Iterator[Edit]:
    """Fences, and prose before the first line of YAML or behind the last."""
    fences = [line for line in lines if FENCE.match(line.body.strip())]
    if fences:
        first = fences[0].number
        begin = lines[first + 1].begin if first + 1 < len(lines) else len(text)
        before = text[: lines[first].begin].strip()
        yield change(text, 0, begin, "", 0.6 + author.around + (0.01 if _sentences(before) else 0.2) * len(before))
        last = fences[-1]
        if any(START.match(line.body) for line in lines[: last.number]):
            behind = text[last.end :].strip()
            yield change(text, last.begin, len(text), "", 0.6 + author.around + (0.01 if _sentences(behind) else 0.2) * len(behind))
    yield from _prose(text, lines, author)


def _prose(text: str, lines: list[Line], author: Author) -> Iterator[Edit]:
    for begin, end in prose(text, lines):
        yield change(text, begin, end, "", 2.0 + author.around + 0.01 * (end - begin))


def prose(text: str, lines: list[Line]) -> Iterator[tuple[int, int]]:
    """Yields what is before the first line of YAML, or behind the last, and reads as sentences."""
    written = [line for line in lines if line.body.strip()]
    for line in written[1:4]:
        if _sentences(text[: line.begin]):
            yield 0, line.begin
            break
    for line in written[-1:-4:-1]:
        if line.number and _sentences(text[line.begin :]):
            yield len(text[: line.begin].rstrip()) + 1, len(text)
            break


def _sentences(text: str) -> bool:
    """Whether each line is one, or several, or what introduces something."""
    said = [line.strip() for line in text.split("\n") if line.strip()]
    return bool(said) and all(SENTENCE.fullmatch(line) is not None or line in ("YAML:", "Output:", "Result:") for line in said)
