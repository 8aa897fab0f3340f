"""The open elements and the tag that is being read, as hash-consed values: small integers, 0 is none."""

from __future__ import annotations

from typing import NamedTuple

from structdiff.constraints.markup.content import TEXT
from structdiff.constraints.markup.dialect import Dialect
from structdiff.constraints.markup.rules import NONE, Inside, Rules
from structdiff.machine import States

MOST_ATTRIBUTES = 256      # of one tag, the declarations that its prefixes need counted
NOWHERE = 0
_XML = frozenset([b"xml"])


class Frame(NamedTuple):
    """An open element, or the document. scope: the namespace prefixes that are declared."""

    parent: int
    name: bytes
    inside: Inside
    scope: frozenset[bytes]


class Frames:
    """The stacks of open elements: linked lists of frames, from the innermost outwards."""

    def __init__(self, rules: Rules):
        self._rules = rules
        self._frames = States()
        self._total = [0.0]
        self._may_end = [False]
        self._texted: dict[int, int] = {}
        self._spaced: dict[int, int] = {}
        self.bottom = self.of(Frame(NOWHERE, b"", rules.start, _XML))

    def __getitem__(self, frame: int) -> Frame:
        return self._frames.keys[frame]

    def of(self, frame: Frame) -> int:
        number = self._frames.of(frame)
        if number == len(self._total):
            parent = frame.parent
            omitted = parent == NOWHERE or self._rules.form.ends_with(frame.name, self[parent].name)
            whole = self._rules.whole(frame.inside)
            self._may_end.append(whole and omitted and (parent == NOWHERE or self._may_end[parent]))
            tag = 0.0 if omitted else len(frame.name) + 3.0
            total = self._rules.need(frame.inside) + tag + self._total[parent]
            self._total.append(0.0 if self._may_end[number] else total)
        return number

    def total(self, frame: int) -> float:
        """Returns the fewest bytes from a place between the children of `frame` to the end; a lower bound."""
        return self._total[frame]

    def may_end(self, frame: int) -> bool:
        """Whether the document may end there, all end tags being implied."""
        return self._may_end[frame]

    def moved(self, frame: int, inside: Inside) -> int:
        return self.of(self[frame]._replace(inside=inside))

    # --- what tags imply ------------------------------------------------------------------------------------------

    def opened(self, frame: int, name: bytes) -> int:
        """Returns the frame of which an element `name` becomes a child, once the tags it implies are there; NOWHERE: none."""
        while frame != NOWHERE:
            inside = self[frame].inside
            known = self._rules.children(inside)
            if known is None or name in known or self._rules.may_be_custom(inside, name):
                return frame
            frame = self._implied(frame, name)
        return NOWHERE

    def texted(self, frame: int) -> int:
        """Returns the frame that a text which is not blank is in; NOWHERE: none."""
        found = self._texted.get(frame)
        if found is None:
            at = frame
            while at != NOWHERE and (inside := self._rules.texted(self[at].inside)) is None:
                at = self._implied(at, TEXT)
            found = self._texted[frame] = self.moved(at, inside) if at != NOWHERE else NOWHERE
        return found

    def _implied(self, frame: int, child: bytes) -> int:
        """Returns the frame after the first tag that is implied by `child` coming next."""
        _, name, inside, _ = self[frame]
        start = self._rules.form.implied(inside.kind, child)
        if start and start in (self._rules.children(inside) or NONE):
            return self.entered(frame, start)
        return self[frame].parent if self._rules.form.closes(name, child) and self._rules.whole(inside) else NOWHERE

    def entered(self, frame: int, name: bytes) -> int:
        after, child = self._rules.entered(self[frame].inside, name)
        return self.of(Frame(self.moved(frame, after), name, child, self[frame].scope))

    def spaced(self, frame: int) -> int:
        """Returns the frame after blanks."""
        inside = self[frame].inside
        return self.moved(frame, inside._replace(kind=self._rules.form.spaced(inside.kind)))

    def passed(self, frame: int, misc: str) -> int:
        """Returns the frame after a comment or the like."""
        inside = self[frame].inside
        if misc == "cdata":
            return self.texted(frame)
        return self.moved(frame, inside._replace(kind=self._rules.form.passed(inside.kind, misc)))

    def ends(self, frame: int) -> dict[bytes, int]:
        """Returns the elements that an end tag may end, each with the frame after it; the outer ones imply the inner ones' ends."""
        found: dict[bytes, int] = {}
        while (parent := self[frame].parent) != NOWHERE and self._rules.whole(self[frame].inside):
            name = self[frame].name
            found.setdefault(name, parent)
            if not self._rules.form.ends_with(name, self[parent].name):
                break
            frame = parent
        return found


class Tag(NamedTuple):
    """A start tag that is being read. frame: of which it is a child already. inside: the element at its begin.

    left: the attributes it may still get, None: any. held: those it has, as far as that matters.
    """

    frame: int
    name: bytes
    inside: Inside
    left: tuple[bytes, ...] | None
    held: tuple[bytes, ...]


class Tags:
    def __init__(self, rules: Rules, frames: Frames, dialect: Dialect):
        self._rules, self._frames, self._dialect = rules, frames, dialect
        self._tags = States()
        self._missing: dict[int, frozenset[bytes]] = {}

    def __getitem__(self, tag: int) -> Tag:
        return self._tags.keys[tag]

    def begun(self, frame: int, name: bytes) -> int:
        """Returns the tag of that name, nothing behind it yet, in a frame in which it may be; NOWHERE: it cannot be."""
        after, child = self._rules.entered(self._frames[frame].inside, name)
        return self._viable(Tag(self._frames.moved(frame, after), name, child, self._rules.attributes(name), ()))

    def extended(self, tag: int, attribute: bytes) -> int:
        """Returns the tag with one more attribute; NOWHERE: it may not have that."""
        frame, name, inside, left, held = self[tag]
        if attribute in held or self._clashes(attribute, held):
            return NOWHERE
        if left is not None:
            if attribute not in left:
                return NOWHERE
            at = left.index(attribute)
            left = left[at + 1 :] if self._dialect.tidy else left[:at] + left[at + 1 :]
        if left is None or b":" in attribute or attribute in self._required(frame, name):
            held = tuple(sorted((*held, attribute)))
        return self._viable(Tag(frame, name, inside, left, held))

    def _clashes(self, attribute: bytes, held: tuple[bytes, ...]) -> bool:
        """Whether two prefixes that may stand for one namespace would make two attributes one."""
        prefix, colon, local = attribute.partition(b":")
        if not colon or prefix == b"xmlns" or not self._dialect.has_namespaces:
            return False
        return any(name.endswith(b":" + local) and not name.startswith(b"xmlns:") for name in held)

    def _viable(self, key: Tag) -> int:
        """Returns the tag; NOWHERE when it cannot be finished."""
        tag = self._tags.of(key)
        missing = self.missing(tag)
        possible = len(key.held) + len(missing) <= MOST_ATTRIBUTES if key.left is None else missing.issubset(key.left)
        return tag if possible else NOWHERE

    def missing(self, tag: int) -> frozenset[bytes]:
        """Returns the attributes without which the tag may not end."""
        if tag not in self._missing:
            frame, name, _, _, held = self[tag]
            needed = set(self._required(frame, name))
            if self._dialect.has_namespaces:
                prefixes = {key.partition(b":")[0] for key in (name, *held) if b":" in key} - {b"xmlns"}
                needed |= {b"xmlns:" + prefix for prefix in prefixes - self._frames[frame].scope}
            self._missing[tag] = frozenset(needed.difference(held))
        return self._missing[tag]

    def _required(self, frame: int, name: bytes) -> tuple[bytes, ...]:
        return self._rules.required(name, not self._frames[frame].name)

    def choices(self, tag: int) -> list[bytes]:
        """Returns the listed attributes that may come next."""
        return [name for name in self[tag].left or () if self.extended(tag, name) != NOWHERE]

    def child(self, tag: int) -> int:
        """Returns the frame of the element, its start tag being whole."""
        frame, name, inside, _, held = self[tag]
        scope = self._frames[frame].scope
        declared = {key[6:] for key in held if key.startswith(b"xmlns:")} if self._dialect.has_namespaces else ()
        return self._frames.of(Frame(frame, name, inside, scope.union(declared) if declared else scope))

    def may_close_itself(self, tag: int) -> bool:
        _, name, inside, _, _ = self[tag]
        return self._rules.form.may_close_itself(inside.kind, name) and self._rules.whole(inside)

    def total(self, tag: int) -> float:
        """Returns the fewest bytes from behind the name or a value to the end; a lower bound."""
        frame, name, _, _, _ = self[tag]
        need = self.need(tag)
        if self._rules.form.is_void(name):
            return need + 1.0 + self._frames.total(frame)
        closed = need + 2.0 + self._frames.total(frame) if self.may_close_itself(tag) else float("inf")
        return min(closed, need + 1.0 + self._frames.total(self.child(tag)))

    def need(self, tag: int) -> float:
        """Returns the fewest bytes of the attributes that are missing."""
        name = self[tag].name
        return sum(self.cost(name, key) for key in self.missing(tag))

    def cost(self, name: bytes, attribute: bytes) -> float:
        """Returns the fewest bytes of an attribute, the blank before it counted."""
        return len(attribute) + 3.0 + self.least_value(name, attribute)

    def least_value(self, name: bytes, attribute: bytes) -> float:
        """Returns the fewest bytes of a value, the quote behind it counted."""
        return min(piece.completion(piece.start) for piece in self._dialect.values(name, attribute).quoted.values())
