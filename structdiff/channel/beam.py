"""The least change that any byte machine accepts: a beam over (place in the text, machine state), for formats without tables.

Where the machine reads on, the text is taken as it is. About each place at which it stops, single bytes are left out, put
in, changed or exchanged, at prices that depend on what they are; as soon as one way has read on undisturbed for a while,
it is taken.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from structdiff.channel.edits import Edit, Reading, applied, merged
from structdiff.machine import DEAD, ByteMachine, forced, step

BACK = 160              # bytes before the place where the machine stops that may be at fault
CALM = 48               # bytes read without an edit after which the best way is taken
WIDTH = 48              # ways that are kept at each place
SLACK = 14.0            # nats by which a way may be dearer than the best
PATIENCE = 4000         # bytes in which no way calmed down
NARROW = 6              # letters that a machine may go on with, for it to be reading a word of its own
PUT_IN = b"\"'`()[]{}<>,:;=\\/#-.&*+|"
HIDING = b"#/-*;&|+!"    # marks that begin comments or join things in some format

DELETING = {"letter": 4.5, "digit": 6.0, "space": 4.0, "newline": 7.0, "quote": 4.5, "mark": 5.0}
INSERTING = {"letter": 4.5, "digit": 9.0, "space": 2.5, "newline": 4.5, "quote": 4.5, "mark": 5.0}


@dataclass(frozen=True, eq=False, slots=True)
class Way:
    """One way to have read the text up to a place: its price, the machine's state, and its last edit [begin, end) -> new."""

    paid: float
    state: int
    before: Way | None
    edit: tuple[int, int, bytes] | None
    edited: int             # where its last edit ended


def reading(machine: ByteMachine, text: str) -> Reading | None:
    """Returns a cheap way to make `machine` accept `text`; None when none was found. It need not be the cheapest.

    The edits' places are in characters of `text`.
    """
    data = text.encode("utf-8", "surrogatepass")
    way = Way(0.0, machine.start, None, None, 0)
    at = 0
    while way is not None:
        states = _as_it_is(machine, data, at, way.state)
        stop = at + len(states) - 1
        if stop == len(data) and machine.accepts(states[-1]):
            return _reading(text, way)
        begin = max(at, stop - BACK)
        found = _round(machine, data, begin, Way(way.paid, states[begin - at], way.before, way.edit, way.edited), stop)
        if found is None:
            return None
        at, way = found
        if at == len(data) and machine.accepts(way.state):
            return _reading(text, way)
    return None


def _as_it_is(machine: ByteMachine, data: bytes, at: int, state: int) -> list[int]:
    """Returns the states from `at` on, as far as the machine reads."""
    states = [state]
    while at < len(data) and (state := step(machine, state, data[at])) != DEAD:
        states.append(state)
        at += 1
    return states


def _round(machine: ByteMachine, data: bytes, begin: int, way: Way, stop: int) -> tuple[int, Way] | None:
    """Returns a place behind `stop` and the way that was taken to it; None when none leads on."""
    ahead: dict[int, dict[int, Way]] = {begin: {way.state: way}}
    for at in range(begin, len(data) + 1):
        ways = _kept(_with_insertions(machine, data, at, ahead.pop(at, {})))
        if at == len(data):
            ended = [way for way in ways if machine.accepts(way.state)]
            return (at, min(ended, key=lambda way: way.paid)) if ended else _completed(machine, at, ways)
        if not ways and not ahead:
            return None
        if ways and at > stop:
            best = ways[0]
            if at - max(best.edited, stop) >= CALM or at - stop > PATIENCE:
                return at, best
        for way in ways:
            _onward(machine, data, at, way, ahead)
    return None


def _kept(ways: Iterable[Way]) -> list[Way]:
    """Returns the cheapest ways, cheapest first."""
    best = heapq.nsmallest(WIDTH, ways, key=lambda way: way.paid)
    return [way for way in best if way.paid <= best[0].paid + SLACK]


def _put(ways: dict[int, Way], way: Way) -> None:
    known = ways.get(way.state)
    if known is None or way.paid < known.paid:
        ways[way.state] = way


def _onward(machine: ByteMachine, data: bytes, at: int, way: Way, ahead: dict[int, dict[int, Way]]) -> None:
    """Adds the ways that read, leave out, change or exchange the byte at `at`."""
    byte = data[at]
    here, after = ahead.setdefault(at + 1, {}), at + 1
    if (target := step(machine, way.state, byte)) != DEAD:
        _put(here, Way(way.paid, target, way.before, way.edit, way.edited) if way.edit is None else Way(way.paid, target, way, None, way.edited))
    if 128 <= byte < 192:
        return                                           # within a character
    kind, price = _kind(byte), _deletion(data, at)
    while after < len(data) and 128 <= data[after] < 192:
        after += 1
    if way.edit is not None and way.edited == at and kind in ("letter", "digit"):
        price = 1.5 if kind == "letter" else 3.0
    _put(ahead.setdefault(after, {}), Way(way.paid + price, way.state, way, (at, after, b""), after))
    if byte >= 192:
        return
    for other in _likely(machine, way.state):
        if other != byte and (_kind(other) == kind or kind in ("quote", "mark") and _kind(other) in ("quote", "mark")):
            _put(here, Way(way.paid + (4.5 if kind == "letter" else 5.5), step(machine, way.state, other), way,
                           (at, after, bytes([other])), after))
    if after < len(data) and data[after] != byte and data[after] < 128:
        first = step(machine, way.state, data[after])
        if first != DEAD and (second := step(machine, first, byte)) != DEAD:
            _put(ahead.setdefault(at + 2, {}), Way(way.paid + 4.8, second, way, (at, at + 2, bytes([data[after], byte])), at + 2))
    if byte == 10 or at == 0 or data[at - 1] == 10:
        _leave_out_line(data, at, way, ahead)


def _leave_out_line(data: bytes, at: int, way: Way, ahead: dict[int, dict[int, Way]]) -> None:
    """A whole line may go, dearly: by its length."""
    end = data.find(b"\n", at) + 1
    if data[at] != 10 and end:
        _put(ahead.setdefault(end, {}), Way(way.paid + 9 + 0.5 * (end - at), way.state, way, (at, end, b""), end))


def _with_insertions(machine: ByteMachine, data: bytes, at: int, ways: dict[int, Way]) -> Iterable[Way]:
    """Returns the ways at one place, with up to two things put in there."""
    found = dict(ways)
    fresh = list(_kept(found.values())) if found else []
    for _ in range(3 if at == len(data) else 2):
        put = []
        for way in fresh:
            for new, price in _insertions(machine, way.state, at == len(data)):
                state = way.state
                for byte in new:
                    state = step(machine, state, byte)
                other = Way(way.paid + price, state, way, (at, at, new), at)
                known = found.get(state)
                if state != DEAD and (known is None or other.paid < known.paid):
                    found[state] = other
                    put.append(other)
        fresh = put
    return found.values()


def _insertions(machine: ByteMachine, state: int, end: bool) -> list[tuple[bytes, float]]:
    """Returns what may have been lost in front of a place, with its price."""
    found = [(bytes([byte]), _insertion(byte, end)) for byte in _likely(machine, state)]
    whole = forced(machine, state, 64)
    if len(whole) > 1:
        found.append((whole, 5.0 + 0.05 * len(whole)))
    return found


def _insertion(byte: int, end: bool) -> float:
    if byte in HIDING:
        return 9.0
    return 2.5 if end and byte in CLOSERS else INSERTING[_kind(byte)]


def _likely(machine: ByteMachine, state: int) -> tuple[int, ...]:
    """Returns the bytes that the machine may go on with, free text aside: marks, blanks, and letters where few are possible."""
    parts = machine.moves(state)[1].which
    letters = [byte for byte in LETTERS if parts[byte]]
    marks = [byte for byte in PUT_IN + b" \n" if parts[byte]]
    digits = [48] if parts[48] else []
    return tuple(marks + digits + (letters if len(letters) <= NARROW else []))


CLOSERS = b")]}>\"'`\n"
LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"


def _deletion(data: bytes, at: int) -> float:
    byte = data[at]
    doubled = at > 0 and data[at - 1] == byte or at + 1 < len(data) and data[at + 1] == byte
    return DELETING[_kind(byte)] - (1.0 if doubled and not chr(byte).isalnum() else 0.0)


@lru_cache(maxsize=256)
def _kind(byte: int) -> str:
    character = chr(byte)
    if byte >= 128 or character.isalpha() or character == "_":
        return "letter"
    if character.isdigit():
        return "digit"
    return "newline" if character in "\r\n" else "space" if character in " \t" else "quote" if character in "\"'`" else "mark"


def _completed(machine: ByteMachine, at: int, ways: list[Way]) -> tuple[int, Way] | None:
    """Returns the first way that can be ended by what the machine needs at least, put in at the end."""
    for way in ways:
        new, state = bytearray(), way.state
        while not machine.accepts(state) and len(new) < 4096:
            targets, parts = machine.moves(state)
            if not targets:
                break
            nearest = min(range(len(targets)), key=lambda t: (machine.completion(targets[t]), t))
            new.append(parts.first[nearest])
            state = targets[nearest]
        if machine.accepts(state):
            return at, Way(way.paid + 2.5 + 0.5 * len(new), state, way, (at, at, bytes(new)), at)
    return None


def _reading(text: str, way: Way) -> Reading:
    edits, node = [], way
    while node is not None:
        if node.edit is not None:
            edits.append((node.edit, node.paid - (node.before.paid if node.before else 0.0)))
        node = node.before
    places = _characters(text)
    made = tuple(merged(_edit(text, places, edit, paid) for edit, paid in reversed(edits)))
    return Reading(applied(text, made), made, way.paid, rough=True)


def _characters(text: str) -> list[int]:
    """Returns for each byte of the text, and its end, the character that it belongs to."""
    if text.isascii():
        return list(range(len(text) + 1))
    return [i for i, c in enumerate(text) for _ in c.encode("utf-8", "surrogatepass")] + [len(text)]


def _edit(text: str, places: list[int], edit: tuple[int, int, bytes], paid: float) -> Edit:
    begin, end, new = places[edit[0]], places[edit[1]], edit[2].decode("utf-8", "replace")
    return Edit(begin, end, text[begin:end], new, "delete" if not new else "insert" if begin == end else "replace", paid)
