"""Documents as a byte machine: a state is the place in the text, and the stack of open elements."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from structdiff.constraints.markup.bounds import Bounds
from structdiff.constraints.markup.dialect import Dialect
from structdiff.constraints.markup.names import Names
from structdiff.constraints.markup.pieces import Piece
from structdiff.constraints.markup.places import (
    ALIAS, ATTRIBUTE, BARE, CLOSED, CONTENT, ELEMENT, END, EQUALS, FREE, GAP, KEY, KEY_SPACED, MISC, NAME, OPEN, RAW, SLASH,
    SPACED, TAG, VALUE,
)
from structdiff.constraints.markup.rules import Rules
from structdiff.constraints.markup.states import LazyStates, folded, joined, on
from structdiff.constraints.markup.tree import NOWHERE, Frames, Tags
from structdiff.machine import DEAD, ByteMachine, Words, step
from structdiff.parts import NOWHERE as NO_MOVES
from structdiff.parts import Moves, moves_by, moves_on


class Document:
    """Accepts the documents of a dialect in which every element stands where the rules let it.

    Nothing is recursive and nothing is bounded but the attributes of a tag (`MOST_ATTRIBUTES`): a step costs as much at
    any depth, and a byte of a free name as much as at any length.
    """

    def __init__(self, rules: Rules, dialect: Dialect):
        self._rules, self._dialect = rules, dialect
        self._frames = Frames(rules)
        self._tags = Tags(rules, self._frames, dialect)
        self._names = Names(rules, self._frames, self._tags, dialect)
        self._least = Bounds(rules, self._frames, self._tags, dialect, self._names)
        self._states = LazyStates()
        self._known: dict[int, Moves] = {}
        self._bounds: dict[int, float] = {}
        self._blocks: dict[int, int] = {}
        self._moves_at: dict[str, Callable[..., Moves]] = {
            CONTENT: self._in_content, GAP: self._in_gap, OPEN: self._behind_open, MISC: self._in_misc, RAW: self._in_raw,
            NAME: self._in_name, TAG: self._behind_name, SPACED: self._in_tag, SLASH: self._behind_slash, KEY: self._behind_key,
            KEY_SPACED: self._behind_key_spaced, EQUALS: self._behind_equals, VALUE: self._in_value, BARE: self._in_bare,
            CLOSED: self._behind_end}
        self.start = self._content(self._frames.bottom)

    # --- the protocol ---------------------------------------------------------------------------------------------

    def moves(self, state: int) -> Moves:
        if state == DEAD:
            return NO_MOVES
        known = self._known.get(state)
        if known is None:
            place, *held = self._key(state)
            if place == FREE:                            # as many as a name has bytes: not kept
                return self._in_free(state)
            if place == ALIAS:
                return self.moves(held[0])
            known = self._known[state] = self._moves_at[place](*held)
        return known

    def accepts(self, state: int) -> bool:
        if state == DEAD:
            return False
        match self._key(state):
            case (place, state) if place == ALIAS:
                return self.accepts(state)
            case (place, piece, inner, frame) if place in (CONTENT, GAP):
                return self._frames.may_end(frame) and piece.is_clean(inner)
        return False

    def completion(self, state: int) -> float:
        if state == DEAD:
            return inf
        known = self._bounds.get(state)
        if known is None:
            known = self._bounds[state] = self._bound(state, *self._key(state))
        return known

    def _bound(self, state: int, place: str, *held) -> float:
        if place == ALIAS:
            return self.completion(held[0])
        if place == FREE:
            of, inner, held_by, _, _ = held
            return self._least.in_free(of, inner, held_by, self._spelled(state))
        return self._least.at(place, *held)

    def _key(self, state: int) -> tuple:
        key = self._states.key(state)
        if key is None:
            key = self._kept(state)
            self._states.keep(state, key)
        return key

    # --- content --------------------------------------------------------------------------------------------------

    def _content(self, frame: int) -> int:
        """Returns the state between the children of a frame."""
        if frame == NOWHERE or self._frames.total(frame) == inf:
            return DEAD
        texted = self._frames.texted(frame)
        if texted == frame:
            return self._states.of((CONTENT, self._dialect.text, self._dialect.text.start, frame))
        if texted != NOWHERE or self._frames.spaced(frame) != frame:
            place = GAP
        else:
            place = CONTENT
        space = self._space(frame)
        return self._states.of((place, space, space.start, frame))

    def _space(self, frame: int) -> Piece:
        _, name, inside, _ = self._frames[frame]
        if not self._rules.has_blanks(inside) or self._dialect.tidy and inside.kind == self._rules.form.start:
            return self._dialect.nothing
        return self._dialect.space if name else self._dialect.line

    def _in_content(self, piece: Piece, inner: int, frame: int) -> Moves:
        return self._through(CONTENT, piece, inner, frame, lambda _: self._open(frame))

    def _in_gap(self, piece: Piece, inner: int, frame: int) -> Moves:
        spaced, texted = self._frames.spaced(frame), self._frames.texted(frame)
        targets, parts = piece.moves(inner)
        blank = moves_by([self._open(frame) if piece.ended(target) is not None else self._blank(piece, target, frame, spaced)
                          for target in targets], parts)
        if texted == NOWHERE:
            return blank
        text = self._dialect.text
        return joined(blank, self._through(CONTENT, text, text.start, texted, lambda _: DEAD))

    def _blank(self, piece: Piece, inner: int, frame: int, spaced: int) -> int:
        return self._states.of((GAP, piece, inner, frame)) if spaced == frame else self._content(spaced)

    def _in_misc(self, piece: Piece, inner: int, frame: int) -> Moves:
        return self._through(MISC, piece, inner, frame, lambda kind: self._content(self._frames.passed(frame, kind)))

    def _in_raw(self, piece: Piece, inner: int, frame: int) -> Moves:
        return self._through(RAW, piece, inner, frame, lambda _: self._states.of((CLOSED, self._frames[frame].parent)))

    def _through(self, place: str, piece: Piece, inner: int, held: int, then: Callable[[str], int]) -> Moves:
        """Returns the moves within a piece; `then`: where its end leads, by what it was."""
        targets, parts = piece.moves(inner)
        reached = [self._states.of((place, piece, target, held)) if piece.ended(target) is None else then(piece.ended(target))
                   for target in targets]
        return moves_by(reached, parts)

    # --- tags -----------------------------------------------------------------------------------------------------

    def _open(self, frame: int) -> int:
        """Returns the state behind a `<`; DEAD when nothing may follow."""
        state = self._states.of((OPEN, frame))
        return state if self.moves(state).targets else DEAD

    def _behind_open(self, frame: int) -> Moves:
        ways = []
        inside = self._frames[frame].inside
        misc = self._dialect.misc(self._misc(frame)) if self._rules.has_blanks(inside) else None
        if misc is not None:
            ways.append(self._through(MISC, misc, misc.start, frame, lambda _: DEAD))
        ways.append(self.moves(self._reading(ELEMENT, frame)))
        if ends := self._frames.ends(frame):
            ways.append(on(b"/", self._read(END, self._names.words(frozenset(ends)), frame)))
        return joined(*ways)

    def _misc(self, frame: int) -> tuple[str, ...]:
        kinds = self._rules.form.misc(self._frames[frame].inside.kind)
        return kinds if self._frames.texted(frame) != NOWHERE else tuple(kind for kind in kinds if kind != "cdata")

    def _reading(self, of: str, held: int) -> int:
        """Returns the state before the name of a child of a frame, or of an attribute of a tag."""
        if self._names.is_free(of, held):
            return self._states.of((FREE, of, self._names.table(of).start, held, DEAD, 0))
        names = self._names.listed(of, held)
        return self._read(of, self._names.words(frozenset(names)), held) if names else DEAD

    def _read(self, of: str, words: Words, held: int) -> int:
        return self._states.of((NAME, of, words, words.start, held))

    def _in_name(self, of: str, words: Words, inner: int, held: int) -> Moves:
        targets, parts = words.moves(inner)
        reading = moves_by([self._states.of((NAME, of, words, target, held)) for target in targets],
                           folded(parts) if self._dialect.folds else parts)
        return joined(reading, self.moves(self._named(of, words.tag(inner), held))) if words.accepts(inner) else reading

    def _named(self, of: str, name: bytes, held: int) -> int:
        """Returns the state behind a whole name."""
        if of == END:
            return self._states.of((CLOSED, self._frames.ends(held)[name]))
        if of == ELEMENT:
            tag = self._names.begun(held, name)
            return self._states.of((TAG, tag)) if tag != NOWHERE else DEAD
        tag = self._tags.extended(held, name)
        return self._states.of((KEY, name, tag)) if tag != NOWHERE else DEAD

    def _behind_name(self, tag: int) -> Moves:
        ways = [self._ending(tag)]
        spaced = self._states.of((SPACED, tag))
        if not self._dialect.tidy or self._tags.choices(tag):
            ways.append(on(self._dialect.blanks, spaced))
        return joined(*ways)

    def _ending(self, tag: int) -> Moves:
        """Returns the moves by which a start tag ends."""
        if self._tags.missing(tag):
            return NO_MOVES
        ways = [on(b">", self._entered(tag))]
        if self._tags.may_close_itself(tag):
            ways.append(on(b"/", self._states.of((SLASH, tag))))
        return joined(*ways)

    def _entered(self, tag: int) -> int:
        frame, name, inside, _, _ = self._tags[tag]
        if self._rules.form.is_void(name):
            return self._content(frame)
        child = self._tags.child(tag)
        raw = None
        if self._rules.form.is_raw(inside.kind, name):
            raw = self._dialect.raw(name, self._frames.texted(child) != NOWHERE)
        return self._states.of((RAW, raw, raw.start, child)) if raw else self._content(child)

    def _in_tag(self, tag: int) -> Moves:
        names = self.moves(self._reading(ATTRIBUTE, tag))
        if self._dialect.tidy:
            return names
        return joined(names, self._ending(tag), on(self._dialect.blanks, self._states.of((SPACED, tag))))

    def _behind_slash(self, tag: int) -> Moves:
        return on(b">", self._content(self._tags[tag].frame))

    def _behind_end(self, frame: int) -> Moves:
        end = on(b">", self._content(frame))
        return end if self._dialect.tidy else joined(end, on(self._dialect.blanks, self._states.of((CLOSED, frame))))

    # --- attributes -----------------------------------------------------------------------------------------------

    def _behind_key(self, attribute: bytes, tag: int) -> Moves:
        ways = [on(b"=", self._states.of((EQUALS, attribute, tag)))]
        if not self._dialect.tidy:
            ways.append(on(self._dialect.blanks, self._states.of((KEY_SPACED, attribute, tag))))
        if self._dialect.has_bare:
            ways.append(self._behind_name(tag))
        return joined(*ways)

    def _behind_key_spaced(self, attribute: bytes, tag: int) -> Moves:
        ways = [on(b"=", self._states.of((EQUALS, attribute, tag))),
                on(self._dialect.blanks, self._states.of((KEY_SPACED, attribute, tag)))]
        return joined(*ways, self._in_tag(tag)) if self._dialect.has_bare else joined(*ways)

    def _behind_equals(self, attribute: bytes, tag: int) -> Moves:
        values = self._dialect.values(self._tags[tag].name, attribute)
        ways = [on(bytes([quote]), self._states.of((VALUE, piece, piece.start, tag))) for quote, piece in values.quoted.items()]
        if not self._dialect.tidy:
            ways.append(on(self._dialect.blanks, self._states.of((EQUALS, attribute, tag))))
        if values.bare:
            ways.append(self._further(values.bare, values.bare.start, tag))
        return joined(*ways)

    def _in_value(self, piece: Piece, inner: int, tag: int) -> Moves:
        return self._through(VALUE, piece, inner, tag, lambda _: self._states.of((TAG, tag)))

    def _in_bare(self, machine: ByteMachine, inner: int, tag: int) -> Moves:
        further = self._further(machine, inner, tag)
        return joined(further, self._behind_name(tag)) if machine.accepts(inner) else further

    def _further(self, machine: ByteMachine, inner: int, tag: int) -> Moves:
        targets, parts = machine.moves(inner)
        return moves_by([self._states.of((BARE, machine, target, tag)) for target in targets], parts)

    # --- names that are not on a list -----------------------------------------------------------------------------

    def _in_free(self, state: int) -> Moves:
        """Each byte leads to a state of its own: all of the name must be remembered. What they are is found later."""
        _, of, inner, _, _, _ = self._key(state)
        bytes_, _ = self._names.ways(of, inner)
        begin = self._blocks.get(state)
        if begin is None:
            begin = self._blocks[state] = self._states.promise(state, len(bytes_))
        return moves_on(bytes_, tuple(range(begin, begin + len(bytes_))))

    def _kept(self, state: int) -> tuple:
        """Returns what a promised state is: one byte further in a name, or what follows it."""
        owner, at = self._states.promised(state)
        _, of, inner, held, _, _ = self._key(owner)
        bytes_, inners = self._names.ways(of, inner)
        if inners[at] != DEAD:
            return FREE, of, inners[at], held, owner, bytes_[at]
        return ALIAS, step(self, self._named(of, self._spelled(owner), held), bytes_[at])

    def _spelled(self, state: int) -> bytes:
        """Returns the name that was read."""
        name = bytearray()
        while True:
            _, _, _, _, before, byte = self._key(state)
            if before == DEAD:
                return bytes(name[::-1].lower() if self._dialect.folds else name[::-1])
            name.append(byte)
            state = before
