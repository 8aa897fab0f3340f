"""Zebra puzzles: who lives where, from clues in a small language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches

from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.text import Piece, lines
from structdiff.puzzle.puzzle import MOST_VALUES, Puzzle
from structdiff.puzzle.rules import Adjacent, AllDifferent, Equal, Less, Linear, Rule

CATEGORY = r"\s*([^\s:]+)\s*:(.*)"
ITEM = r"\w[\w'.&/-]*"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _left(one: str, other: str) -> Rule:
    return Linear((other, one), (1, -1), "==", 1, f"{one} is directly left of {other}")


def _different(one: str, other: str) -> Rule:
    return Linear((one, other), (1, -1), "!=", 0, f"{one} is not {other}")


RELATIONS: dict[str, Callable[[str, str], Rule]] = {
    "=": Equal, "not": _different, "next-to": Adjacent, "left-of": _left, "right-of": lambda one, other: _left(other, one),
    "before": Less, "after": lambda one, other: Less(other, one),
}
CLUES = f"item {'|'.join(RELATIONS)} item, or item at 3 (first, middle, last)"


@dataclass
class _Street:
    """What the lines have told so far. items: where each was declared; placed: where it was told to live, and in which house."""

    size: int
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    items: dict[str, Piece] = field(default_factory=dict)
    placed: dict[str, tuple[Piece, int]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)


def zebra(text: str) -> Puzzle:
    """Returns the puzzle of the clues; a cell is an item, its value the number of its house.

    First `houses: 5`, and each category with as many items, `colour: red green ivory yellow blue`. Then a clue a line:
    A = B, A not B, A next-to B, A left-of B and A right-of B (directly), A before B and A after B (anywhere), A at 3.
    """
    first, *rest = lines(text, "houses: 5, then categories and clues")
    street = _Street(_houses(first))
    for line in rest:
        if parts := line.groups(CATEGORY):
            _declare(street, *parts)
    if not street.categories:
        raise first.fault("there is no category; write one a line, such as “colour: red green blue”")
    for line in rest:
        if line.groups(CATEGORY) is None:
            _tell(street, line)
    return _puzzle(street)


def _puzzle(street: _Street) -> Puzzle:
    rules = (*(AllDifferent(items, name) for name, items in street.categories.items()), *street.rules)
    layout = "\n".join(f"{name}: " + " ".join(f"{item}={{{item}}}" for item in items) for name, items in street.categories.items())
    givens = tuple((item, house) for item, (_, house) in street.placed.items())
    return Puzzle(tuple(street.items), (tuple(range(1, street.size + 1)),), rules, givens, layout, (), "zebra")


def _houses(line: Piece) -> int:
    parts = line.groups(r"\s*houses\s*:\s*(.*?)\s*")
    if not parts:
        raise line.fault(f"the first line says how many houses there are, “houses: 5”, not {line.text.strip()!r}")
    return parts[0].number(1, MOST_VALUES, "the number of houses")


def _declare(street: _Street, name: Piece, rest: Piece) -> None:
    items = rest.find(r"[^\s,]+")
    if wrong := next((piece for piece in (name, *items) if piece.groups(ITEM) is None), None):
        raise wrong.fault(f"{wrong.text!r} is no name; use letters, digits and hyphens")
    if name.text in street.categories:
        raise name.fault(f"the category {name.text} is there already; give it another name")
    if len(items) != street.size:
        raise rest.fault(f"{name.text} has {len(items)} items for {street.size} houses; write {street.size}, between blanks")
    for item in items:
        if item.text in street.items:
            raise item.fault(f"{item.text} is an item of line {street.items[item.text].line} already; give it another name")
        street.items[item.text] = item
    street.categories[name.text] = tuple(item.text for item in items)


def _tell(street: _Street, line: Piece) -> None:
    words = line.find(r"=|[^\s=]+")
    if len(words) != 3:
        raise line.fault(f"a clue has three words, not {len(words)}: {CLUES}")
    one, relation, other = words
    _known(street, one)
    if relation.text == "at":
        _place(street, one, other)
    elif relation.text in RELATIONS:
        _known(street, other)
        if one.text == other.text:
            raise other.fault(f"a clue is about two items, and this one about {one.text} twice")
        street.rules.append(RELATIONS[relation.text](one.text, other.text))
    else:
        raise relation.fault(f"{relation.text!r} is no relation; write {CLUES}")


def _known(street: _Street, item: Piece) -> None:
    if item.text not in street.items:
        close = get_close_matches(item.text, street.items, 1)
        raise item.fault(f"{item.text!r} is no item; {f'is it {close[0]}?' if close else 'declare it in a category above'}")


def _place(street: _Street, item: Piece, house: Piece) -> None:
    if item.text in street.placed:
        raise item.fault(f"{item.text} was placed on line {street.placed[item.text][0].line} already; leave one out")
    street.placed[item.text] = item, _ordinals(street.size).get(house.text) or house.number(1, street.size, "a house")


def _ordinals(size: int) -> dict[str, int]:
    middle = {"middle": size // 2 + 1} if size % 2 else {}
    return dict(zip(ORDINALS[:size], range(1, size + 1))) | middle | {"last": size}


ZEBRA = Kind("zebra", zebra, """\
houses: 5
nation: Englishman Spaniard Ukrainian Norwegian Japanese
colour: red green ivory yellow blue
pet: dog snails fox horse zebra
drink: coffee tea milk juice water
smoke: Old-Gold Kools Chesterfield Lucky-Strike Parliament

Englishman = red
Spaniard = dog
coffee = green
Ukrainian = tea
ivory left-of green          # the green house is immediately to the right of the ivory one
Old-Gold = snails
Kools = yellow
milk at middle
Norwegian at first
Chesterfield next-to fox
Kools next-to horse
Lucky-Strike = juice
Japanese = Parliament
Norwegian next-to blue
""", "Who lives in which house. houses: 5, categories with as many items, then a clue a line: A = B, A left-of B, A at 3 and so on.")
