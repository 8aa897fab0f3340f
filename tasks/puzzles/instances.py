"""Instances of every kind with one solution each: a solution is drawn, clues are derived from it, and thinned where that is usual.

A recipe makes the text of a puzzle in the kind's own notation, beside the solution that it was derived from. What the kind's
parser reads from the text must have that solution and no other, by the solver's word; otherwise it is drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations, groupby, product
from math import prod
from typing import TypeVar

import numpy as np

from structdiff.puzzle.kinds import KINDS
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.network import compile
from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import AllDifferent
from structdiff.puzzle.search import FIRST_FAIL, search, settled
from structdiff.puzzle.solver import Solution, solve
from structdiff.rng import Rng
from tasks.puzzles.made import filled, made

MOST = 5000             # guesses of one question; what takes more is not used
LEAN = 0.6              # how much a kakuro's row leans to its small or its large digits
REPAIRS = 60            # clues that may be added until a solution is the only one

T = TypeVar("T")
Values = dict[str, int]
Grid = dict[tuple[int, int], int]                        # by row and column, from 1


@dataclass(frozen=True)
class Instance:
    """A puzzle with one solution. kind: as in `RECIPES`. text: in the kind's notation; its parser gives `puzzle`. solution: the one
    that the clues were derived from."""

    kind: str
    text: str
    puzzle: Puzzle
    solution: Values = field(hash=False)


@dataclass(frozen=True)
class Draft:
    text: str
    solution: Values


@dataclass(frozen=True)
class Recipe:
    """How instances are made. draft: from a stream of random numbers; None where a draw came to nothing."""

    kind: Kind
    draft: Callable[[Kind, Rng], Draft | None]


def instances(kind: str, count: int, seed: int) -> Iterator[Instance]:
    """Yields `count` instances; the same seed gives the same ones, and fewer are the first of more.

    kind: one of `RECIPES`.
    """
    recipe, rng, many = RECIPES[kind], Rng(seed), 0
    while many < count:
        if (draft := recipe.draft(recipe.kind, rng)) is None:
            continue
        puzzle = recipe.kind.parse(draft.text)
        if _solved(puzzle).unique:
            yield Instance(kind, draft.text, puzzle, draft.solution)
            many += 1


def _solved(puzzle: Puzzle) -> Solution:
    return solve(puzzle, count=2, most=MOST, core=False)


def _shuffled(items: Sequence[T], rng: Rng) -> list[T]:
    return [items[i] for i in np.argsort(rng.uniform(len(items)), kind="stable")]


def _one(items: Sequence[T], rng: Rng) -> T:
    return items[int(rng.integers(len(items)))]


def _between(least: int, most: int, rng: Rng) -> int:
    return least + int(rng.integers(most - least + 1))


def _drawn(puzzle: Puzzle, rng: Rng) -> Values:
    """Returns a random solution."""
    network = compile(puzzle)
    return dict(zip(puzzle.cells, network.values[filled(network, rng)].tolist()))


def _grid(size: int, rng: Rng) -> Grid:
    """Returns a random Latin square."""
    return _placed(_drawn(KINDS["latin-square"].parse("\n".join(["." * size] * size)), rng))


def _placed(values: Values) -> Grid:
    return {tuple(map(int, cell[1:].split("c"))): value for cell, value in values.items()}


def _named(grid: Grid) -> Values:
    return {f"r{row}c{column}": value for (row, column), value in grid.items()}


# --- grids with some cells given --------------------------------------------------------------------------------------


def _dug(sizes: Sequence[int], shares: tuple[float, float], kind: Kind, rng: Rng) -> Draft:
    """Returns a grid in which cells are emptied down to a share of givens between these, or until each given is needed."""
    size = _one(sizes, rng)
    puzzle = kind.parse("\n".join([" ".join("." * size)] * size))
    least, most = (round(share * len(puzzle.cells)) for share in shares)
    one = made(compile(puzzle), 1, rng, least, most)
    solution = one.network.values[one.solutions[0]].tolist()
    told = one.network.read(one.domains[0])
    return Draft(_board(told, size) if kind.name == "queens" else puzzle.write(told), dict(zip(puzzle.cells, solution)))


def _board(columns: Sequence[int | None], size: int) -> str:
    return "\n".join(" ".join("Q" if place == column else "." for place in range(1, size + 1)) for column in columns)


# --- futoshiki --------------------------------------------------------------------------------------------------------


def _futoshiki(kind: Kind, rng: Rng) -> Draft:
    """Returns a Latin square with some of its signs, first without the givens that these make idle, then without idle signs."""
    grid = _grid(_between(5, 7, rng), rng)
    size = max(grid)[0]
    pairs = [(one, other) for one in grid for other in ((one[0], one[1] + 1), (one[0] + 1, one[1])) if other in grid]
    share = 0.3 + 0.4 * rng.uniform()
    signs = [pair for pair in pairs if rng.uniform() < share]
    told = made(compile(kind.parse(_signed(size, {}, signs, grid))), 0, rng).network
    cells = _shuffled(list(grid), rng)
    given = _thinned(cells, lambda kept: told.puzzle.given(_named({cell: grid[cell] for cell in kept})))
    kept = _thinned(signs, lambda kept: kind.parse(_signed(size, {cell: grid[cell] for cell in given}, kept, grid)))
    return Draft(_signed(size, {cell: grid[cell] for cell in given}, kept, grid), _named(grid))


def _thinned(clues: Sequence[T], puzzle: Callable[[list[T]], Puzzle]) -> list[T]:
    """Returns clues none of which can be left out, in this order, without there being a second solution."""
    kept = list(clues)
    for clue in clues:
        fewer = [one for one in kept if one is not clue]
        if _solved(puzzle(fewer)).unique:
            kept = fewer
    return kept


def _signed(size: int, given: Grid, signs: Sequence[tuple], grid: Grid) -> str:
    span, drawn = range(1, size + 1), set(signs)

    def sign(one: tuple[int, int], other: tuple[int, int], less_and_greater: str) -> str:
        return less_and_greater[grid[one] > grid[other]] if (one, other) in drawn else " "

    rows = []
    for row in span:
        cells = [str(given.get((row, column), ".")) + " " + sign((row, column), (row, column + 1), "<>") for column in span]
        below = [sign((row, column), (row + 1, column), "^v") for column in span]
        rows += [" ".join(cells).rstrip(), "   ".join(below).rstrip()]
    return "\n".join(row for row in rows if row)


# --- cages ------------------------------------------------------------------------------------------------------------


Cage = list[tuple[int, int]]


def _caged(kind: Kind, rng: Rng, grid: Grid, cages: list[Cage], write: Callable[[Sequence[Cage]], str]) -> Draft | None:
    """Returns the puzzle of the cages. While it has another solution, a cage in which they differ is torn in two."""
    for _ in range(REPAIRS):
        text = write(cages)
        found = _solved(kind.parse(text))
        if found.unique:
            return Draft(text, _named(grid))
        other = _other(found, _named(grid))
        if other is None:
            return None
        odd = [cage for cage in cages if len(cage) > 1 and any(other[f"r{r}c{c}"] != grid[r, c] for r, c in cage)]
        torn = _one(odd, rng)
        cages = [cage for cage in cages if cage is not torn] + _one(_halves(torn), rng)
    return None


def _halves(cage: Cage) -> list[list[Cage]]:
    """Returns the ways to tear the cage in two connected parts, without a part of one cell where that can be."""
    ways = [[cage[:i], cage[i:]] for i in range(1, len(cage)) if all(_touches(cage[k], cage[i:k]) for k in range(i + 1, len(cage)))]
    return [way for way in ways if min(map(len, way)) > 1] or ways


def _touches(cell: tuple[int, int], cage: Cage) -> bool:
    return any(abs(cell[0] - r) + abs(cell[1] - c) == 1 for r, c in cage)


def _other(found: Solution, solution: Values) -> Values | None:
    """Returns a solution that is not this one; None, where none was found."""
    return next((one for one in (found.values, *found.others) if one and one != solution), None)


def _cut(grid: Grid, largest: int, distinct: bool, rng: Rng) -> list[Cage]:
    """Returns the grid in connected cages of up to `largest` cells, or one more; what is first of a cage is connected as well."""
    left, cages = dict.fromkeys(grid), []

    def fits(cell: tuple[int, int], cage: Cage) -> bool:
        return _touches(cell, cage) and not (distinct and any(grid[cell] == grid[one] for one in cage))

    while left:
        cage = [_one(list(left), rng)]
        del left[cage[0]]
        for _ in range(_between(1, largest - 1, rng)):
            if beside := [cell for cell in left if fits(cell, cage)]:
                cage.append(_one(beside, rng))
                del left[cage[-1]]
        hosts = [one for one in cages if len(cage) == 1 and len(one) <= largest and fits(cage[0], one)]
        if hosts:
            _one(hosts, rng).append(cage[0])
        else:
            cages.append(cage)
    return cages


def _killer(size: int, kind: Kind, rng: Rng) -> Draft | None:
    grid = _placed(_drawn(KINDS["sudoku"].parse("." * size * size), rng))

    def write(cages: Sequence[Cage]) -> str:
        return "\n".join(f"{sum(grid[cell] for cell in cage)}: {_cells(cage)}" for cage in sorted(map(sorted, cages)))

    return _caged(kind, rng, grid, _cut(grid, 4, True, rng), write)


def _kenken(kind: Kind, rng: Rng) -> Draft | None:
    size = _between(4, 6, rng)
    grid = _grid(size, rng)
    cages = _cut(grid, 4, False, rng)
    wish = dict(zip(grid, rng.uniform(len(grid)).tolist()))            # of each cage by its first cell, in this order: - / + *

    def write(cages: Sequence[Cage]) -> str:
        shown = sorted((sorted(cage), _arithmetic([grid[cell] for cell in cage], wish[cage[0]])) for cage in cages)
        return "\n".join([str(size), *(f"{clue}: {_cells(cage)}" for cage, clue in shown)])

    return _caged(kind, rng, grid, cages, write)


def _arithmetic(values: Sequence[int], wish: float) -> str:
    """Returns the total and its operation; wish: from 0 to 1, which of those that are possible."""
    low, high = min(values), max(values)
    possible = [f"{sum(values)}+", f"{prod(values)}*"]
    if len(values) == 2:
        possible += [f"{high - low}-"] * (high > low) + [f"{high // low}/"] * 2 * (high % low == 0)
    return str(values[0]) if len(values) == 1 else possible[int(wish * len(possible))]


def _cells(cage: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"r{r}c{c}" for r, c in cage)


# --- kakuro -----------------------------------------------------------------------------------------------------------


def _kakuro(kind: Kind, rng: Rng) -> Draft | None:
    """Returns a crossword of sums; what they leave open is given. Rows lean to small or to large digits, which leave less open."""
    height, width = _between(6, 8, rng), _between(6, 8, rng)
    white = _pattern(height, width, rng)
    if len(white) < 0.4 * height * width:
        return None
    runs = _runs(white) + _runs([(c, r) for r, c in white], swapped=True)
    cells = [f"r{r}c{c}" for r, c in white]
    empty = Puzzle(tuple(cells), (tuple(range(1, 10)),), tuple(AllDifferent(tuple(f"r{r}c{c}" for r, c in run)) for run in runs))
    network, lean = compile(empty), 2 * rng.integers(2, 2, max(height, width) + 2) - 1
    scores = np.array([[LEAN * (lean[0, r] + lean[1, c]) * digit for digit in range(1, 10)] for r, c in white]) + rng.gumbel(len(white), 9)
    start = network.domains.copy()
    settled(network.factors, start)
    found = search(network.factors, start, scores, FIRST_FAIL, 1, MOST)
    if not len(found.solutions):
        return None
    grid = dict(zip(white, network.values[found.solutions[0]].tolist()))
    return _told(kind, grid, runs, (height + 1, width + 1), rng)


def _told(kind: Kind, grid: Grid, runs: Sequence[Sequence[tuple[int, int]]], shape: tuple[int, int], rng: Rng) -> Draft | None:
    """Returns the board with its clues, and givens among cells in which there would be another solution."""
    given: set[tuple[int, int]] = set()
    for _ in range(REPAIRS):
        puzzle = kind.parse(_crossword(grid, given, runs, shape))
        found = _solved(puzzle)
        if found.unique:
            needed = _thinned(sorted(given), lambda kept: puzzle.given(_named({cell: grid[cell] for cell in kept})))
            return Draft(_crossword(grid, set(needed), runs, shape), _named(grid))
        if (other := _other(found, _named(grid))) is None:
            return None
        given.add(_one([cell for cell, value in grid.items() if other[f"r{cell[0]}c{cell[1]}"] != value], rng))
    return None


def _pattern(height: int, width: int, rng: Rng) -> list[tuple[int, int]]:
    """Returns white cells, below and right of a black row and column, of which each is in two runs of two or more."""
    dark = 0.2 + 0.2 * rng.uniform()
    white = {cell for cell in product(range(2, height + 2), range(2, width + 2)) if rng.uniform() > dark}
    while lone := {(r, c) for r, c in white if not {(r - 1, c), (r + 1, c)} & white or not {(r, c - 1), (r, c + 1)} & white}:
        white -= lone
    return sorted(white)


def _runs(white: Sequence[tuple[int, int]], swapped: bool = False) -> list[list[tuple[int, int]]]:
    """Returns the runs along rows; of columns, where the cells' rows and columns are swapped."""
    ordered = sorted(white)
    runs = [[place for _, place in run] for _, run in groupby(enumerate(ordered), lambda each: (each[1][0], each[1][1] - each[0]))]
    return [[(c, r) for r, c in run] for run in runs] if swapped else runs


def _crossword(grid: Grid, given: set[tuple[int, int]], runs: Sequence[Sequence[tuple[int, int]]], shape: tuple[int, int]) -> str:
    down = {(run[0][0] - 1, run[0][1]): sum(grid[cell] for cell in run) for run in runs if run[0][1] == run[1][1]}
    across = {(run[0][0], run[0][1] - 1): sum(grid[cell] for cell in run) for run in runs if run[0][0] == run[1][0]}

    def shown(cell: tuple[int, int]) -> str:
        if cell in grid:
            return str(grid[cell]) if cell in given else "."
        return f"{down.get(cell, '')}\\{across.get(cell, '')}" if cell in down or cell in across else "#"

    return "\n".join(" ".join(shown((r, c)) for c in range(1, shape[1] + 1)) for r in range(1, shape[0] + 1))


# --- nonograms --------------------------------------------------------------------------------------------------------


def _nonogram(size: int, kind: Kind, rng: Rng) -> Draft | None:
    """Returns the clues of a random picture. While there is another, a cell in which they differ is filled."""
    picture = rng.uniform(size, size) < 0.45 + 0.2 * rng.uniform()
    for _ in range(REPAIRS):
        text = "\n".join(f"{word}: {', '.join(map(_clue, lines))}" for word, lines in (("rows", picture), ("columns", picture.T)))
        solution = _named({(r + 1, c + 1): int(picture[r, c]) for r, c in product(range(size), range(size))})
        found = _solved(kind.parse(text))
        if found.unique:
            return Draft(text, solution)
        if (other := _other(found, solution)) is None:
            return None
        odd = _one([cell for cell, value in solution.items() if value == 0 != other[cell]], rng)
        r, c = map(int, odd[1:].split("c"))
        picture[r - 1, c - 1] = True
    return None


def _clue(line: np.ndarray) -> str:
    return " ".join(str(len(list(run))) for filled_in, run in groupby(line.tolist()) if filled_in) or "0"


# --- cryptarithms -----------------------------------------------------------------------------------------------------

WORDS = """
ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN ELEVEN TWELVE TWENTY THIRTY FORTY FIFTY SIXTY SEND MORE MONEY SATURN URANUS NEPTUNE
PLUTO EARTH MARS VENUS PLANETS MOON STAR STARS SUN SEA SAND SHORE WAVE WATER WIND WINTER SUMMER SPRING SNOW ICE RAIN STORM CLOUD
TREE TREES LEAF LEAVES ROOT APPLE PEAR PLUM LEMON GRAPE BREAD BUTTER CHEESE SALT TEA COFFEE MILK CAKE SUGAR HONEY BEE BEES BIRD
BIRDS CROW RAVEN EAGLE GOOSE GEESE DUCK HORSE SHEEP GOAT GOATS CAT CATS DOG DOGS MOUSE LION TIGER ZEBRA BEAR WOLF SEAL WHALE FISH
HOUSE HOME DOOR ROOM ROOMS TABLE CHAIR LAMP CLOCK BOOK BOOKS PAPER LETTER LETTERS WORD WORDS VERSE POEM POEMS SONG SONGS MUSIC TUNE
DANCE PIANO VIOLIN DRUM GAME GAMES CHESS ROOK KNIGHT QUEEN KING PAWN CARD CARDS DICE BALL TENNIS ROAD ROADS STREET TRAIN TRAINS SHIP
BOAT PLANE WHEEL ENGINE CROSS DANGER NORTH SOUTH EAST WEST RIVER LAKE HILL STONE IRON GOLD SILVER COPPER COAL LIGHT GREEN BLUE
""".split()


def _cryptarithm(kind: Kind, rng: Rng) -> Draft | None:
    """Returns a sum of two or three words, with seven letters or more, that has one solution."""
    *terms, total = _shuffled(WORDS, rng)[: 3 + (rng.uniform() < 0.3)]
    longest = max(map(len, terms))
    if not 7 <= len(set("".join((*terms, total)))) <= 10 or not longest <= len(total) <= longest + 1:
        return None
    text = f"{' + '.join(terms)} = {total}"
    found = _solved(kind.parse(text))
    return Draft(text, found.values) if found.unique else None


# --- zebra puzzles ----------------------------------------------------------------------------------------------------

CATEGORIES = """
nation: Englishman Spaniard Ukrainian Norwegian Japanese
colour: red green ivory yellow blue
pet: dog snails fox horse zebra
drink: coffee tea milk juice water
sport: chess tennis rowing golf judo
"""
FEW = 60                # true clues to begin with


def _zebra(kind: Kind, rng: Rng) -> Draft | None:
    """Returns some categories of a street of four or five houses, with random true clues, none of which is idle."""
    size, many = _between(4, 5, rng), _between(4, 5, rng)
    categories = {name: items.split()[:size] for name, items in (line.split(":") for line in CATEGORIES.split("\n")[1 : many + 1])}
    house = {item: place for items in categories.values() for item, place in zip(items, _shuffled(range(1, size + 1), rng))}
    head = [f"houses: {size}", *(f"{name}: {' '.join(items)}" for name, items in categories.items())]
    pool = _shuffled(_clues(house, categories), rng)[:FEW]

    def puzzle(clues: Sequence[str]) -> Puzzle:
        return kind.parse("\n".join((*head, *clues)))

    if not _solved(puzzle(pool)).unique:
        return None
    low, high = 0, len(pool)                                       # the first `high` are enough, the first `low` are not
    while high - low > 1:
        half = (low + high) // 2
        low, high = (low, half) if _solved(puzzle(pool[:half])).unique else (half, high)
    return Draft("\n".join((*head, *_thinned(pool[:high], puzzle))), house)


def _clues(house: Values, categories: dict[str, list[str]]) -> list[str]:
    """Returns true clues about items of different categories, and a few about where an item is."""
    category = {item: name for name, items in categories.items() for item in items}
    pairs = [(one, other) for one, other in combinations(house, 2) if category[one] != category[other]]
    clues = [f"{one} {relation} {other}" for one, other in pairs for relation in _relations(house[one] - house[other])]
    return clues + [f"{item} at {place}" for item, place in house.items()]


def _relations(apart: int) -> list[str]:
    near = {1: ["next-to", "right-of"], -1: ["next-to", "left-of"], 0: ["=", "=", "="]}
    return near.get(apart, []) + (["after" if apart > 0 else "before"] if apart else [])


RECIPES: dict[str, Recipe] = {
    "sudoku-4": Recipe(KINDS["sudoku"], partial(_dug, (4,), (0, 0.3))),
    "sudoku-6": Recipe(KINDS["sudoku"], partial(_dug, (6,), (0, 0.4))),
    "sudoku-9": Recipe(KINDS["sudoku"], partial(_dug, (9,), (0.45, 0.55))),
    "sudoku-16": Recipe(KINDS["sudoku"], partial(_dug, (16,), (0.43, 0.55))),
    "sudoku-x": Recipe(KINDS["sudoku-x"], partial(_dug, (9,), (0, 0.35))),
    "killer-sudoku": Recipe(KINDS["killer-sudoku"], partial(_killer, 9)),
    "latin-square": Recipe(KINDS["latin-square"], partial(_dug, (5, 6, 7, 8), (0, 0.4))),
    "futoshiki": Recipe(KINDS["futoshiki"], _futoshiki),
    "kenken": Recipe(KINDS["kenken"], _kenken),
    "kakuro": Recipe(KINDS["kakuro"], _kakuro),
    "queens": Recipe(KINDS["queens"], partial(_dug, tuple(range(8, 17)), (0, 0))),
    "magic-square": Recipe(KINDS["magic-square"], partial(_dug, (3, 4), (0, 0.4))),
    "nonogram": Recipe(KINDS["nonogram"], partial(_nonogram, 10)),
    "cryptarithm": Recipe(KINDS["cryptarithm"], _cryptarithm),
    "zebra": Recipe(KINDS["zebra"], _zebra),
}
