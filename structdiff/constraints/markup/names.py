"""Which names may come next, from lists or free, and how they are read byte by byte."""

from __future__ import annotations

from structdiff.constraints.markup.dialect import Dialect
from structdiff.constraints.markup.places import ATTRIBUTE, ELEMENT
from structdiff.constraints.markup.rules import Rules
from structdiff.constraints.markup.tree import NOWHERE, Frames, Tags
from structdiff.machine import DEAD, ByteMachine, Words

CUSTOM = b"a-a"            # a name that is none of HTML's
SHORTEST = b"a"            # a name of XML's


class Names:
    """of: ELEMENT, of a child of the frame that is held; or ATTRIBUTE, of the tag that is held."""

    def __init__(self, rules: Rules, frames: Frames, tags: Tags, dialect: Dialect):
        self._rules, self._frames, self._tags, self._dialect = rules, frames, tags, dialect
        self._elements: dict[int, list[bytes]] = {}
        self._words: dict[frozenset[bytes], Words] = {}
        self._ways: dict[tuple[str, int], tuple[tuple[int, ...], tuple[int, ...]]] = {}

    def is_free(self, of: str, held: int) -> bool:
        """Whether a name that is on no list may come next."""
        if of == ATTRIBUTE:
            return self._tags[held].left is None
        return self._rules.children(self._frames[held].inside) is None or self._frames.opened(held, CUSTOM) != NOWHERE

    def listed(self, of: str, held: int) -> list[bytes]:
        """Returns the names of lists that may come next."""
        if of == ATTRIBUTE:
            return self._tags.choices(held)
        if held not in self._elements:
            known = self._rules.children(self._frames[held].inside)
            likely = self._rules.names if self._rules.form.implies_tags() else known or ()
            self._elements[held] = [name for name in sorted(likely) if self.begun(held, name) != NOWHERE]
        return self._elements[held]

    def begun(self, frame: int, name: bytes) -> int:
        """Returns the start tag of that name, where the frame is, with the tags it implies; NOWHERE: it may not be there."""
        at = self._frames.opened(frame, name)
        return self._tags.begun(at, name) if at != NOWHERE else NOWHERE

    def words(self, names: frozenset[bytes]) -> Words:
        if names not in self._words:
            self._words[names] = Words(names)
        return self._words[names]

    def table(self, of: str) -> ByteMachine:
        """Returns the machine of free names."""
        return self._dialect.names if of == ELEMENT else self._dialect.attributes

    def ways(self, of: str, inner: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Returns the bytes that may follow a part of a free name, each with the table's state after it; DEAD: the name ends."""
        if (of, inner) not in self._ways:
            table = self.table(of)
            targets, parts = table.moves(inner)
            found = {byte: targets[part - 1] for byte, part in enumerate(parts.which.tolist()) if part}
            if table.accepts(inner):
                found.update(dict.fromkeys(self._ends(of), DEAD))
            self._ways[of, inner] = tuple(sorted(found)), tuple(found[byte] for byte in sorted(found))
        return self._ways[of, inner]

    def _ends(self, of: str) -> bytes:
        """Returns the bytes that may follow a whole name."""
        closing = b"/>" if of == ELEMENT or self._dialect.has_bare else b""
        return self._dialect.blanks + closing + (b"=" if of == ATTRIBUTE else b"")
