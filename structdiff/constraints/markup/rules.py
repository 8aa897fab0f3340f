"""Which element may stand where: what a format says, a list of allowed elements, and content models, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from math import inf
from typing import NamedTuple, Protocol

from structdiff.constraints.markup.content import TEXT, Model
from structdiff.machine import DEAD

UNMODELLED = DEAD          # the state of a content model, where there is none
NONE: frozenset[bytes] = frozenset()


class Inside(NamedTuple):
    """How far an element, or the document, has come. kind: what its format knows of it. state: of its content model.
    name: of the element. barred: elements that may not come at any depth."""

    kind: str
    name: bytes = b""
    state: int = UNMODELLED
    barred: frozenset[bytes] = NONE


class Format(Protocol):
    """What XML or HTML says of elements. A kind stands for an element with what its content has come to."""

    start: str                                           # the kind of the document before anything
    roots: frozenset[bytes] | None                       # the elements a document may be; None: any
    known: frozenset[bytes]                              # its own elements

    def children(self, kind: str) -> frozenset[bytes] | None:
        """Returns the elements that may come next as children; None: any."""

    def may_be_custom(self, kind: str, name: bytes) -> bool:
        """Whether a child may also be an element of that name, which is none of the format's own."""

    def entered(self, kind: str, name: bytes) -> tuple[str, str]:
        """Returns the kind after that child, and the kind of the child."""

    def texted(self, kind: str) -> str | None:
        """Returns the kind after a text that is not blank; None: there may be none."""

    def spaced(self, kind: str) -> str:
        """Returns the kind after blanks."""

    def misc(self, kind: str) -> tuple[str, ...]:
        """Returns what may come next beside text and elements: "comment", "instruction", "cdata", "doctype", "declaration"."""

    def passed(self, kind: str, misc: str) -> str:
        """Returns the kind after one of these."""

    def whole(self, kind: str) -> bool:
        """Whether the element, or the document, may end."""

    def preamble(self, kind: str) -> float:
        """Returns the fewest bytes that must come before the root."""

    def needs_root(self, kind: str) -> bool:
        """Whether the document has not come to its root, and must."""

    def tags(self, name: bytes, whole: bool) -> float:
        """Returns the fewest bytes of the tags of an element; whole: it may be empty."""

    def barred(self, barred: frozenset[bytes], name: bytes) -> frozenset[bytes]:
        """Returns the elements that may not stand in that one at any depth, when where it stands `barred` may not."""

    def is_raw(self, kind: str, name: bytes) -> bool:
        """Whether an element's content is not markup."""

    def is_void(self, name: bytes) -> bool:
        """Whether the element has neither content nor end tag."""

    def may_close_itself(self, kind: str, name: bytes) -> bool:
        """Whether an element of that kind and name, when it is empty, may be one tag, `<a/>`."""

    def implied(self, kind: str, child: bytes) -> bytes:
        """Returns the element whose start tag is implied by that child, or TEXT, coming next; empty: none."""

    def implies_tags(self) -> bool:
        """Whether any tags may be left out."""

    def closes(self, name: bytes, child: bytes) -> bool:
        """Whether the end tag of `name` is implied by that start tag, or by TEXT."""

    def ends_with(self, name: bytes, parent: bytes) -> bool:
        """Whether the end tag of `name` may be left out where its parent ends."""


class Rules:
    """elements: those that there are, with their attributes; None: the format's. models: of their content.
    root: the one the document is; empty: the format's choice. required: attributes that elements must have; of the empty
    name, those of the root. values: of attributes, where there is but one. any_attributes: of listed elements too.
    """

    def __init__(self, form: Format, elements: Mapping[bytes, tuple[bytes, ...]] | None = None,
                 models: Mapping[bytes, Model] | None = None, root: bytes = b"",
                 required: Mapping[bytes, tuple[bytes, ...]] | None = None,
                 values: Mapping[tuple[bytes, bytes], bytes] | None = None, any_attributes: bool = False):
        self.form, self.elements, self.models, self.root = form, elements, dict(models or {}), root
        self._required, self._values, self._any_attributes = dict(required or {}), dict(values or {}), any_attributes
        self._listed = None if elements is None else frozenset(elements)
        self.names = sorted(form.known if elements is None else elements)
        self._children: dict[Inside, frozenset[bytes] | None] = {}
        self._needs: dict[Inside, float] = {}
        self.start = Inside(form.start)

    def attributes(self, name: bytes) -> tuple[bytes, ...] | None:
        """Returns the attributes an element may have; None: any."""
        return None if self.elements is None or self._any_attributes else self.elements.get(name, ())

    def required(self, name: bytes, is_root: bool) -> tuple[bytes, ...]:
        """Returns the attributes an element must have."""
        return (*self._required.get(name, ()), *(self._required.get(b"", ()) if is_root else ()))

    def children(self, inside: Inside) -> frozenset[bytes] | None:
        """Returns the elements that may come next as children, none that would lead to a dead end; None: any."""
        if inside not in self._children:
            self._children[inside] = self._allowed(inside)
        return self._children[inside]

    def _allowed(self, inside: Inside) -> frozenset[bytes] | None:
        model = self.models[inside.name].children(inside.state) if inside.state else None
        own = self.form.children(inside.kind)
        if self.root and not inside.name:
            own = frozenset([self.root]) if own is None else own & {self.root}
        if own is not None and self._listed:
            own |= {name for name in self._listed if self.form.may_be_custom(inside.kind, name)}
        sets = [names for names in (own, self._listed, model) if names is not None]
        if not sets:
            return None
        met = frozenset.intersection(*sets) - inside.barred
        return frozenset(name for name in met if self._leads_on(inside, name))

    def may_be_custom(self, inside: Inside, name: bytes) -> bool:
        """Whether a child may be an element of that name though it is none of `children`."""
        return self._listed is None and not inside.state and self.form.may_be_custom(inside.kind, name)

    def _leads_on(self, inside: Inside, name: bytes) -> bool:
        if self.cost(name) == inf:
            return False
        return not inside.state or self.need(inside._replace(state=self.models[inside.name].after(inside.state, name))) < inf

    def entered(self, inside: Inside, name: bytes) -> tuple[Inside, Inside]:
        """Returns how far the parent has come with that child, and the child at its begin."""
        kind, child = self.form.entered(inside.kind, name)
        state = self.models[inside.name].after(inside.state, name) if inside.state else UNMODELLED
        begun = self.models[name].start if name in self.models else UNMODELLED
        return inside._replace(kind=kind, state=state), Inside(child, name, begun, self.form.barred(inside.barred, name))

    def texted(self, inside: Inside) -> Inside | None:
        kind = self.form.texted(inside.kind)
        state = self.models[inside.name].after(inside.state, TEXT) if inside.state else UNMODELLED
        return None if kind is None or inside.state and not state else inside._replace(kind=kind, state=state)

    def has_blanks(self, inside: Inside) -> bool:
        """Whether blanks, and comments, may stand there: not in an element that is to be empty."""
        model = self.models.get(inside.name)
        return not inside.state or model.children(model.start) != NONE or model.after(model.start, TEXT) != DEAD

    def whole(self, inside: Inside) -> bool:
        return self.form.whole(inside.kind) and (not inside.state or self.models[inside.name].whole(inside.state))

    def need(self, inside: Inside) -> float:
        """Returns the fewest bytes of the children still needed; a lower bound."""
        if inside not in self._needs:
            self._needs[inside] = self._need(inside)
        return self._needs[inside]

    def _need(self, inside: Inside) -> float:
        if inside.state:
            barred = dict.fromkeys(inside.barred, inf)
            return self.models[inside.name].cost(inside.state, {**self._costs, **barred} if barred else self._costs)
        if not self.form.needs_root(inside.kind):
            return self.form.preamble(inside.kind)
        roots = [self.root] if self.root else self.elements if self.form.roots is None else self.form.roots
        root = 4.0 if roots is None else min(map(self.cost, roots), default=inf)
        return self.form.preamble(inside.kind) + root + self._attributes(b"")

    def cost(self, name: bytes) -> float:
        """Returns the fewest bytes of an element; a lower bound."""
        return self._costs[name] if name in self._costs else self.form.tags(name, True)

    @cached_property
    def _costs(self) -> dict[bytes, float]:
        """The least costs that agree with one another; inf for an element that needs itself."""
        costs = {name: self.form.tags(name, True) + self._attributes(name)
                 for name in self.elements or () if name not in self.models}
        costs.update(dict.fromkeys(self.models, inf))
        changed = True
        while changed:
            changed = False
            for name, model in self.models.items():
                least = self._attributes(name) + self.form.tags(name, model.whole(model.start)) + model.cost(model.start, costs)
                changed, costs[name] = changed or least < costs[name], min(least, costs[name])
        return costs

    def _attributes(self, name: bytes) -> float:
        values = {key: self._values.get((name or self.root, key), b"") for key in self._required.get(name, ())}
        return sum(len(key) + len(value) + 4.0 for key, value in values.items())
