"""How far two names are apart."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=65_536)
def slips_between(one: str, other: str) -> int:
    """Returns how many letters are put in, left out, changed or exchanged between two names; 3 for more than two."""
    if abs(len(one) - len(other)) > 2:
        return 3
    if one == other:
        return 0
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return min(rows[-1][-1], 3)
