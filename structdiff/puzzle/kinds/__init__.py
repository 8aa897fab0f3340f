"""The ready kinds of puzzle."""

from structdiff.puzzle.kinds.cryptarithm import CRYPTARITHM
from structdiff.puzzle.kinds.futoshiki import FUTOSHIKI
from structdiff.puzzle.kinds.kakuro import KAKURO
from structdiff.puzzle.kinds.kenken import KENKEN
from structdiff.puzzle.kinds.killer import KILLER
from structdiff.puzzle.kinds.kind import Kind
from structdiff.puzzle.kinds.latin import LATIN_SQUARE
from structdiff.puzzle.kinds.magic import MAGIC_SQUARE
from structdiff.puzzle.kinds.nonogram import NONOGRAM
from structdiff.puzzle.kinds.queens import QUEENS
from structdiff.puzzle.kinds.sudoku import SUDOKU, SUDOKU_X
from structdiff.puzzle.kinds.zebra import ZEBRA

KINDS: dict[str, Kind] = {kind.name: kind for kind in (
    SUDOKU, SUDOKU_X, KILLER, LATIN_SQUARE, FUTOSHIKI, KENKEN, KAKURO, QUEENS, MAGIC_SQUARE, NONOGRAM, CRYPTARITHM, ZEBRA)}
