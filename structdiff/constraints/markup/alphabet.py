"""The characters that XML and HTML allow, and references to them, as regular expressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DIGITS = "0123456789abcdef"


@dataclass(frozen=True)
class Alphabet:
    """ranges: the code points of its characters, both ends of each range included, ascending."""

    ranges: tuple[tuple[int, int], ...]

    def but(self, excluded: str) -> str:
        """Returns a class that matches one character, none of `excluded`."""
        return "[" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in self._without(excluded)) + "]"

    def _without(self, excluded: str) -> Iterator[tuple[int, int]]:
        for low, high in self.ranges:
            for code in sorted(ord(character) for character in set(excluded) if low <= ord(character) <= high):
                if low < code:
                    yield low, code - 1
                low = code + 1
            if low <= high:
                yield low, high

    def numeric(self, marks: str) -> str:
        """Returns a pattern of the references by number to these characters; marks: the letters that say hexadecimal."""
        decimal = "|".join(between(low, high, 10) for low, high in self.ranges)
        hexadecimal = "|".join(between(low, high, 16) for low, high in self.ranges)
        return f"&#(?:0*(?:{decimal})|[{marks}]0*(?:{hexadecimal}));"


# XML 1.0 [2]
XML = Alphabet(((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF)))
# HTML 13.2.3.5: no controls but white space, no noncharacters
HTML = Alphabet(((0x9, 0xA), (0xC, 0xD), (0x20, 0x7E), (0xA0, 0xD7FF), (0xE000, 0xFDCF), (0xFDF0, 0xFFFD),
                 *((plane << 16, (plane << 16) + 0xFFFD) for plane in range(1, 17))))
# HTML 13.1.4: a carriage return may stand for itself but not be referred to
HTML_REFERRED = Alphabet(((0x9, 0xA), (0xC, 0xC), *HTML.ranges[2:]))


def between(low: int, high: int, base: int) -> str:
    """Returns a pattern of the numbers from `low` to `high`, without leading zeros."""
    options = []
    while low <= high:
        width = len(spelled(low, base))
        top = min(high, base**width - 1)
        options.append(_between(spelled(low, base), spelled(top, base), DIGITS[base - 1]))
        low = top + 1
    return "|".join(options)


def spelled(number: int, base: int) -> str:
    return f"{number:x}" if base == 16 else str(number)


def _between(low: str, high: str, most: str) -> str:
    """Returns a pattern of the numbers between two of the same width; most: the highest digit."""
    if not low:
        return ""
    rest = len(low) - 1
    if low[1:] == "0" * rest and high[1:] == most * rest:
        return _digits(low[0], high[0]) + _digits("0", most) * rest
    if low[0] == high[0]:
        return _digits(low[0], low[0]) + _between(low[1:], high[1:], most)
    options = [_digits(low[0], low[0]) + _between(low[1:], most * rest, most)]
    first, last = DIGITS.index(low[0]) + 1, DIGITS.index(high[0]) - 1
    if first <= last:
        options.append(_digits(DIGITS[first], DIGITS[last]) + _digits("0", most) * rest)
    options.append(_digits(high[0], high[0]) + _between("0" * rest, high[1:], most))
    return f"(?:{'|'.join(options)})"


def _digits(first: str, last: str) -> str:
    held = DIGITS[DIGITS.index(first) : DIGITS.index(last) + 1]
    return f"[{held}{held.upper().strip('0123456789')}]"
