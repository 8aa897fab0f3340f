"""What may have been done to YAML where its parser stops: changes of the lines about that place, each with its price in nats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from structdiff.channel.edits import Author, Edit
from structdiff.channel.yaml_flow import PAIRS, WRONG, of_flow
from structdiff.channel.yaml_lines import QUOTES, START, WORD, Line, Stop, change, line_at, lines_of, prose, sentences

FENCE = re.compile(r"(?:```|~~~)[ \t]*[\w.+-]*[ \t]*$")


def slips(text: str, stop: Stop, author: Author) -> Iterator[Edit]:
    """Yields what `author` may have done about the place where the parser stopped."""
    lines = lines_of(text)
    yield from _around(text, lines, author)
    about = [*of_flow(text, lines, stop)]
    for line, away in _suspects(lines, line_at(lines, stop.at), line_at(lines, stop.since)):
        about += [replace(edit, cost=edit.cost + away) for edit in _of_line(lines, line)]
    for edit in about:
        if edit.new != edit.old:
            yield replace(edit, cost=edit.cost + {"insert": author.lost, "delete": author.added}.get(edit.kind, 0.0))


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


# --- what stands around -----------------------------------------------------------------------------------------------------------------


def _around(text: str, lines: list[Line], author: Author) -> Iterator[Edit]:
    """Fences, and prose before the first line of YAML or behind the last."""
    fences = [line for line in lines if FENCE.match(line.body.strip())]
    if fences:
        first = fences[0].number
        begin = lines[first + 1].begin if first + 1 < len(lines) else len(text)
        before = text[: lines[first].begin].strip()
        yield change(text, 0, begin, "", 0.6 + author.around + (0.01 if sentences(before) else 0.2) * len(before))
        last = fences[-1]
        if any(START.match(line.body) for line in lines[: last.number]):
            behind = text[last.end :].strip()
            yield change(text, last.begin, len(text), "", 0.6 + author.around + (0.01 if sentences(behind) else 0.2) * len(behind))
    for begin, end in prose(text, lines):
        yield change(text, begin, end, "", 2.0 + author.around + 0.01 * (end - begin))
