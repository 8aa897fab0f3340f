"""How many bytes a document needs at least, from each place to its end."""

from __future__ import annotations

from math import inf

from structdiff.constraints.markup import places
from structdiff.constraints.markup.dialect import Dialect
from structdiff.constraints.markup.names import CUSTOM, SHORTEST, Names
from structdiff.constraints.markup.places import ATTRIBUTE, ELEMENT, END
from structdiff.constraints.markup.rules import NONE, Rules
from structdiff.constraints.markup.tree import NOWHERE, Frames, Tags
from structdiff.machine import Words, step


class Bounds:
    """Lower bounds; exact where all names are listed and tidily spelled."""

    def __init__(self, rules: Rules, frames: Frames, tags: Tags, dialect: Dialect, names: Names):
        self._rules, self._frames, self._tags, self._dialect, self._names = rules, frames, tags, dialect, names
        self._in_names: dict[tuple[str, int], dict[int, float]] = {}
        self._free: dict[tuple[str, int], float] = {}

    def at(self, place: str, *held) -> float:
        """Returns the bound for a place that holds that."""
        frames, tags = self._frames, self._tags
        match place, held:
            case (places.CONTENT | places.GAP), (piece, inner, frame):
                return piece.completion(inner) - 1.0 + frames.total(frame)
            case places.OPEN, (frame,):
                return 2.0 if frames.may_end(frame) else frames.total(frame) - 1.0
            case places.MISC, (piece, inner, frame):
                return min(bound + frames.total(frames.passed(frame, kind)) for kind, bound in piece.bounds(inner))
            case places.RAW, (piece, inner, frame):
                return piece.completion(inner) + 1.0 + frames.total(frames[frame].parent)
            case places.NAME, (of, words, inner, held_by):
                return self._in_name(of, words, held_by).get(inner, inf)
            case places.TAG, (tag,):
                return tags.total(tag)
            case places.SPACED, (tag,):
                if self._dialect.tidy:
                    return min([len(name) + cost for name, cost in self._behind_names(ATTRIBUTE, tag).items()], default=inf)
                return tags.total(tag) - (1.0 if tags.missing(tag) else 0.0)
            case places.SLASH, (tag,):
                return 1.0 + frames.total(tags[tag].frame)
            case (places.KEY | places.KEY_SPACED), (attribute, tag):
                return self._behind_key(attribute, tag)
            case places.EQUALS, (attribute, tag):
                return 1.0 + tags.total(tag) if self._dialect.has_bare else self._behind_key(attribute, tag) - 1.0
            case (places.VALUE | places.BARE), (piece, inner, tag):
                return piece.completion(inner) + tags.total(tag)
            case places.CLOSED, (frame,):
                return 1.0 + frames.total(frame)
        raise AssertionError(f"no such place: {place}")

    def _behind_key(self, attribute: bytes, tag: int) -> float:
        """Returns the bound behind the name of an attribute, which the tag has already."""
        if self._dialect.has_bare:
            return self._tags.total(tag)
        return 2.0 + self._tags.least_value(self._tags[tag].name, attribute) + self._tags.total(tag)

    # --- names of lists -------------------------------------------------------------------------------------------

    def _in_name(self, of: str, words: Words, held: int) -> dict[int, float]:
        """Returns the bound for each state of the words that may come next."""
        if (of, held) not in self._in_names:
            bounds = self._in_names[of, held] = {}
            for name, cost in self._behind_names(of, held).items():
                state = words.start
                for at in range(len(name) + 1):
                    bounds[state] = min(bounds.get(state, inf), len(name) - at + cost)
                    state = step(words, state, name[at]) if at < len(name) else state
        return self._in_names[of, held]

    def _behind_names(self, of: str, held: int) -> dict[bytes, float]:
        """Returns the bound behind each name of a list that may come next."""
        if of == END:
            return {name: 1.0 + self._frames.total(after) for name, after in self._frames.ends(held).items()}
        if of == ATTRIBUTE:
            return {name: self._behind_key(name, self._tags.extended(held, name)) for name in self._names.listed(of, held)}
        return {name: self._tags.total(self._names.begun(held, name)) for name in self._names.listed(of, held)}

    # --- free names -----------------------------------------------------------------------------------------------

    def in_free(self, of: str, inner: int, held: int, name: bytes) -> float:
        """Returns the bound within a free name of which `name` is read: what that, or its prefix, will need counts."""
        table = self._names.table(of)
        left = table.completion(inner)
        if self._dialect.has_namespaces:
            return left + self._behind_any(of, held) + self._declarations(of, held, name)
        if of == ELEMENT and not any(known.startswith(name) for known in self._rules.names):
            tag = self._names.begun(held, name if table.accepts(inner) else name + b"-")
            return left + self._tags.total(tag) if tag != NOWHERE else inf
        return left + self._behind_any(of, held)

    def _behind_any(self, of: str, held: int) -> float:
        """Returns the bound behind a free name, whichever it is; but for the attributes that are missing."""
        if (of, held) not in self._free:
            self._free[of, held] = self._least(of, held)
        return self._free[of, held]

    def _least(self, of: str, held: int) -> float:
        if of == ATTRIBUTE:
            return (0.0 if self._dialect.has_bare else 3.0) + self._tags.total(held) - self._tags.need(held)
        others = [self._tags.total(tag) for name in (CUSTOM, SHORTEST) if (tag := self._names.begun(held, name)) != NOWHERE]
        return min([*self._behind_names(of, held).values(), *others], default=inf)

    def _declarations(self, of: str, held: int, name: bytes) -> float:
        """Returns the fewest bytes of the attributes that are missing, once a name that begins so is whole."""
        missing, has, element, frame = NONE, (), b"", held
        if of == ATTRIBUTE:
            missing, has = self._tags.missing(held), self._tags[held].held
            element, frame = self._tags[held].name, self._tags[held].frame
        prefix, colon, _ = name.partition(b":")
        if colon and prefix != b"xmlns" and prefix not in self._frames[frame].scope:
            missing = missing | {b"xmlns:" + prefix}
        needs = {key: self._tags.cost(element, key) for key in missing.difference(has)}
        return sum(needs.values()) - max([need for key, need in needs.items() if key.startswith(name)], default=0.0)
