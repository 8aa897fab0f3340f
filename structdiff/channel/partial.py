"""What of a JSON text that has been cut off can no longer change."""

from __future__ import annotations

from structdiff.channel import json, search
from structdiff.channel.rules import EMPTY, Nameless, Place

SETTLED = ("ITEMS", "MEMBERS", "END")


def certain(text: str) -> str:
    """Returns the longest beginning of `text` that ends behind a value which is whole; "null" when there is none.

    A number at the very end is not whole: it may go on.
    """
    rules, atoms = json.rules(), json.atoms(text)
    place, last = Place(0, rules.start, EMPTY), 0
    settled = {rules_state for name, rules_state in _states(rules).items() if name in SETTLED}
    opened = {rules_state for name, rules_state in _states(rules).items() if name in ("ITEM0", "KEY0")}
    for end in range(1, len(atoms.begins)):
        after = Place(*search.sound(rules.tables, atoms.lattice, *place, end))
        if after.atom < end:
            break
        ends = after.state in settled and place.state not in settled or len(after.stack) < len(place.stack)
        if after.state in opened or ends and not (end == len(atoms.begins) - 1 and _may_go_on(atoms.piece(end - 1))):
            last = end
        place = after
    return text[: int(atoms.begins[last])] or "null"


def _states(rules: Nameless) -> dict[str, int]:
    return {name: number for number, name in rules.states.items()}


def _may_go_on(piece: str) -> bool:
    return piece[-1:].isdigit()
