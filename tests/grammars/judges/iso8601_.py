"""Judge of ISO 8601-1:2019: `isodate` and `date.fromisoformat`, with what they miss checked by hand.

They are laxer (mixed formats, months without a hyphen, fractions anywhere in a duration, shifts of any size) and know
neither the end of the day written as 24 nor leap seconds nor the year 0; this judge puts all that right. It is stricter
than the grammar: week 53 must exist in the year, and so must the end of an interval once what it leaves out is added.
"""

import re
from datetime import date, timedelta

import isodate

EXTENDED, BASIC, BOTH = "extended", "basic", "both"
COMPLETE = ("%Y-%m-%d", "%Y%m%d", "%Y-%j", "%Y%j")


def accepts(text: str) -> bool:
    if not text.isascii() or "\n" in text:
        return False
    first, *rest = text.split("/")
    if rest and re.fullmatch("R[0-9]*", first):
        return _is_interval(rest) or len(rest) == 1 and _is_duration(rest[0])
    if rest:
        return _is_interval([first, *rest])
    return bool(_is_duration(text) or _date(text) or _date_time(text) or _time_of_day(text))


def _is_interval(parts: list[str]) -> bool:
    if len(parts) != 2:
        return False
    start, end = parts
    if _is_duration(start) or _is_duration(end):
        return bool(_point(end) if _is_duration(start) else _point(start))
    if not _point(start):
        return False
    if _point(end):
        return BOTH in (_point(start), _point(end)) or _point(start) == _point(end)
    return _is_rest_of_end(start, end)


def _is_rest_of_end(start: str, end: str) -> bool:
    """Whether the end is complete once it has the start's higher components."""
    day, _, clock = start.partition("T")
    if not re.fullmatch("....-..-..", day):
        return False
    if clock and re.match("T|..:", end):
        return _date_time(day + "T" + end.removeprefix("T")) == EXTENDED and (":" in end or end[0] == "T")
    end_day, _, end_clock = end.partition("T")
    if len(end_day) not in (2, 5) or bool(clock) != bool(end_clock):
        return False
    whole = day[: -len(end_day)] + end
    return _date_time(whole) == EXTENDED if clock else _date(whole) == EXTENDED


def _point(text: str) -> str | None:
    """The format of a date or a date and time; None if it is neither, or a decade or a century."""
    return _date_time(text) or (_date(text) if len(text) > 3 else None)


def _date(text: str) -> str | None:
    if re.fullmatch("[0-9]{2,4}", text):
        return BOTH
    text = re.sub("^0000", "2000", text)  # Python has no year 0, whose calendar is that of 2000
    style = EXTENDED if "-" in text else BASIC
    try:
        if "W" in text:
            date.fromisoformat(text)
            return style
        parsed = isodate.parse_date(text)
    except ValueError:
        return None
    formats = (*COMPLETE, "%Y-%m")
    return style if any(isodate.date_isoformat(parsed, form) == text for form in formats) else None


def _date_time(text: str) -> str | None:
    day, designator, clock = text.partition("T")
    style = _date(day)
    if not designator or len(day) < 7 or re.fullmatch("....-..|....-?W..", day) or not style:
        return None
    return style if _time(clock) in (style, BOTH) else None


def _time_of_day(text: str) -> bool:
    return bool(_time(text[1:])) if text.startswith("T") else ":" in text and _time(text) == EXTENDED and text[2] == ":"


def _time(text: str) -> str | None:
    match = re.fullmatch("([0-9:]+)([.,][0-9]+)?(Z|[+-][0-9:]+)?", text)
    if not match:
        return None
    clock, fraction, shift = match.groups()
    if re.fullmatch("24(:?00){0,2}", clock) and not (fraction or "").strip(".,0"):
        clock = "00" + clock[2:]
    if re.fullmatch("..:?..:?60", clock):
        clock = clock[:-2] + "59"
    try:
        offset = isodate.parse_time(clock + (fraction or "") + (shift or "")).utcoffset()
    except ValueError:
        return None
    if shift and shift != "Z" and (shift[4:].strip(":") >= "60" and len(shift) > 3 or abs(offset) >= timedelta(days=1)):
        return None
    if shift and shift[0] == "-" and not offset:
        return None
    styles = {_style(clock, 2), _style(shift[1:], 2) if shift else BOTH} - {BOTH}
    return BOTH if not styles else styles.pop() if len(styles) == 1 else None


def _style(digits: str, shortest: int) -> str:
    return EXTENDED if ":" in digits else BASIC if len(digits) > shortest else BOTH


def _is_duration(text: str) -> bool:
    if not re.fullmatch("P[0-9.,A-Z]*[0-9][A-Z]", text) or "W" in text and len(re.findall("[A-Z]", text)) != 2:
        return False
    if re.search("[.,][0-9]+[A-Z].", text):
        return False
    try:
        isodate.parse_duration(text)
    except (ValueError, OverflowError, ArithmeticError):
        return False
    return True
