"""Puzzles: cells, what they may hold, and the rules between them; everything constrains everything else."""

from structdiff.puzzle.puzzle import Puzzle
from structdiff.puzzle.rules import (
    Adjacent, AllDifferent, Cage, Count, Difference, Equal, Less, Line, Linear, Product, Rule, Sum, Table,
)

__all__ = ["Adjacent", "AllDifferent", "Cage", "Count", "Difference", "Equal", "Less", "Line", "Linear", "Product", "Puzzle",
           "Rule", "Sum", "Table"]
