"""What XML says of elements: one root, and in it what you like."""

from __future__ import annotations

from dataclasses import dataclass

from structdiff.constraints.markup.rules import NONE

START, PROLOG, TYPED, END = "start", "prolog", "typed", "end"       # of the document; `typed`: its type is declared
MIXED, BEGUN, TEXT_ONLY, ELEMENTS_ONLY = "mixed", "begun", "text", "elements"
_DOCUMENT = {
    START: ("declaration", "comment", "instruction", "doctype"), PROLOG: ("comment", "instruction", "doctype"),
    TYPED: ("comment", "instruction"), END: ("comment", "instruction"),
}


@dataclass(frozen=True)
class Xml:
    """separate: an element has text or elements, not both, and the root stands in no other."""

    separate: bool = False

    start = START
    roots = None
    known = NONE

    def children(self, kind: str) -> frozenset[bytes] | None:
        return NONE if kind in (END, TEXT_ONLY) else None

    def may_be_custom(self, kind: str, name: bytes) -> bool:
        return False

    def entered(self, kind: str, name: bytes) -> tuple[str, str]:
        after = END if kind in _DOCUMENT else ELEMENTS_ONLY if kind == BEGUN else kind
        return after, BEGUN if self.separate else MIXED

    def texted(self, kind: str) -> str | None:
        return {BEGUN: TEXT_ONLY, TEXT_ONLY: TEXT_ONLY, MIXED: MIXED}.get(kind)

    def spaced(self, kind: str) -> str:
        return PROLOG if kind == START else kind

    def misc(self, kind: str) -> tuple[str, ...]:
        return _DOCUMENT.get(kind, ("comment", "instruction") if kind == ELEMENTS_ONLY else ("comment", "instruction", "cdata"))

    def passed(self, kind: str, misc: str) -> str:
        if misc == "cdata":
            return self.texted(kind) or kind
        return TYPED if misc == "doctype" else PROLOG if kind == START else kind

    def whole(self, kind: str) -> bool:
        return kind not in (START, PROLOG, TYPED)

    def preamble(self, kind: str) -> float:
        return 0.0

    def needs_root(self, kind: str) -> bool:
        return not self.whole(kind)

    def tags(self, name: bytes, whole: bool) -> float:
        return len(name) + 3.0 if whole else 2 * len(name) + 5.0

    def barred(self, barred: frozenset[bytes], name: bytes) -> frozenset[bytes]:
        return barred or frozenset([name]) if self.separate else barred

    def is_raw(self, kind: str, name: bytes) -> bool:
        return False

    def is_void(self, name: bytes) -> bool:
        return False

    def may_close_itself(self, kind: str, name: bytes) -> bool:
        return True

    def implied(self, kind: str, child: bytes) -> bytes:
        return b""

    def implies_tags(self) -> bool:
        return False

    def closes(self, name: bytes, child: bytes) -> bool:
        return False

    def ends_with(self, name: bytes, parent: bytes) -> bool:
        return False
