"""YAML as it gets broken: a best-first search over what may have happened where the parser stops.

Indentation makes YAML no language of a finite set of rules, so it has no automaton here: its parsers say how far a text can be read, what
may have been done to it there is proposed with a price (`structdiff.channel.yaml_slips`), and the cheapest way to the end wins.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from structdiff.channel.edits import Author, Edit, Reading, applied, composed
from structdiff.channel.yaml_parser import LONG, fault, holds_nothing, read
from structdiff.channel.yaml_slips import slips

AHEAD = (0.008, 0.1)    # nats that a character is expected to cost which has not been read yet: as it is, and in a hurry
ALIKE = 3               # ways that are followed of those that stop at the same place for the same reason
DOUBT = 2.6             # nats of a line that was hardly meant as it is read
EMPTY = 8.0             # nats of a text that holds nothing
COMMENTED = 9.0         # nats of a line that is made a comment
BUDGET = 2_000_000      # characters read in all
CALL = 400              # characters that a call of the parser counts for beside its own
BUDGETS = 8             # for a text that is mended part by part
COMPARED = 3            # readings of such a part
ROOT = re.compile(r"^(?=- |[^\s#\]}-])", re.M)       # where an outermost entry begins


@dataclass(frozen=True, order=True)
class _Way:
    """Edits so far, and one more of what these make of the text. priority: what they cost, and what is ahead is expected to."""

    priority: float
    number: int
    cost: float
    edits: tuple[Edit, ...]
    last: tuple[Edit, ...] = ()


class _Search:
    """Ways into a text, the most promising first. What one more edit makes of it is looked at when its turn has come."""

    def __init__(self, text: str, author: Author, ahead: float = AHEAD[0]):
        self.text, self.author, self.ahead, self.left = text, author, ahead, BUDGET
        self._ways = [_Way(0.0, 0, 0.0, ())]
        self._made = 0
        self._seen: set[str] = set()
        self._alike: Counter[tuple] = Counter()

    def readings(self) -> Iterator[Reading]:
        """Yields the valid ones."""
        while self._ways and self.left > 0:
            way = heapq.heappop(self._ways)
            edits = composed(self.text, way.edits, way.last)
            text = applied(self.text, edits)
            if text not in self._seen:
                self._seen.add(text)
                self.left -= len(text) + CALL
                yield from self._looked_at(text, edits, way.cost)

    def _looked_at(self, text: str, edits: tuple[Edit, ...], cost: float) -> Iterator[Reading]:
        stop, doubts = read(text)
        doubtful = cost + DOUBT * len(doubts)
        if stop is None:
            yield Reading(text, edits, doubtful + EMPTY * holds_nothing(text))
        places = [*([stop] if stop is not None else []), *doubts[-2:]]
        rest = len(text) - stop.at if stop is not None else 0
        kind = (rest, *(place.problem for place in places))
        self._alike[kind] += 1
        if self._alike[kind] <= ALIKE:
            for edit in (edit for place in places for edit in slips(text, place, self.author)):
                self._made += 1
                heapq.heappush(self._ways, _Way(doubtful + edit.cost + self.ahead * rest, self._made, cost + edit.cost, edits, (edit,)))


def readings(text: str, count: int, margin: float, author: Author) -> Iterator[Reading]:
    """Yields up to `count` valid readings, nearly in the order of what they cost, until one is dearer than the cheapest by `margin`."""
    if len(text) >= LONG:
        yield from _by_windows(text, author)
        return
    best = float("inf")
    for ahead in AHEAD:
        for reading in islice(_Search(text, author, ahead).readings(), count):
            best = min(best, reading.cost)
            if reading.cost <= best + margin:
                yield reading
        if best < float("inf"):
            return


def _by_windows(text: str, author: Author) -> Iterator[Reading]:
    """Yields one reading of a long text, if there is one: what is wrong is mended among the outermost entries about it alone."""
    edits: tuple[Edit, ...] = ()
    now, left = text, BUDGETS * BUDGET
    while (stop := fault(now)) is not None:
        roots = [found.start() for found in ROOT.finditer(now)]
        at = bisect_right(roots, stop.since) - 1
        begin, ends = roots[max(0, at - 1)] if roots else 0, [root for root in roots if root > stop.at] + [len(now)] * 2
        window = now[begin : ends[1]]
        left -= len(now) + BUDGET
        found = list(islice(_Search(window, author).readings(), COMPARED)) if len(window) < LONG and left > 0 else []
        if not found:
            return
        mended = min(found, key=lambda reading: reading.cost)
        moved = tuple(replace(edit, begin=edit.begin + begin, end=edit.end + begin) for edit in mended.edits)
        if not moved or ((after := fault(applied(now, moved))) is not None and after.at <= stop.at):
            return
        edits = composed(text, edits, moved)
        now = applied(text, edits)
    yield Reading(now, edits, sum(edit.cost for edit in edits), rough=True)


def commented(text: str) -> Reading | None:
    """Returns the text with each line at which it ceases to be YAML made a comment; None where that does not help, or takes too long."""
    edits: tuple[Edit, ...] = ()
    now, left = text, BUDGET
    while (stop := fault(now)) is not None:
        lines = {now.rfind("\n", 0, place) + 1 for place in (stop.at, max(0, stop.at - 1), stop.since)}
        lines = {line for line in lines if not now.startswith("#", line) and now[line:].strip()} or {
            found.start() for found in list(re.finditer(r"^(?!\s*(?:#|$))", now[: stop.at], re.M))[-1:]}
        left -= len(now) * len(lines)
        if not lines or left < 0:
            return None
        ways = [composed(text, edits, (Edit(line, line, "", "# ", "insert", COMMENTED),)) for line in sorted(lines)]
        edits = max(ways, key=lambda way: _reached(applied(text, way)))
        now = applied(text, edits)
    return None if holds_nothing(now) else Reading(now, edits, sum(edit.cost for edit in edits), rough=True)


def _reached(text: str) -> int:
    stop = fault(text)
    return len(text) + 1 if stop is None else stop.at
