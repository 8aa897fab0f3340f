"""String formats as machines over decoded text.

RFC 3339 (dates, times, durations), 3986 and 3987 (URI, IRI), 4122, 4291, 5321 in its common subset, 6570 (templates),
6901 (JSON pointers), and the regular expressions of ECMA 262.
"""

from __future__ import annotations

from functools import lru_cache

from structdiff import regex
from structdiff.machine import ByteMachine
from structdiff.network import Leaf, Network, Ref, Repeat, Rule, alt, seq, text

_MONTH_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
_FOURTH = "(?:0[48]|[2468][048]|[13579][26])"
_LEAP_DAY = rf"(?:[0-9]{{2}}{_FOURTH}|{_FOURTH}00)-02-29"
_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"        # no year 0: the checkers' library has none
_DATE = rf"(?:{_YEAR}-{_MONTH_DAY}|{_LEAP_DAY})"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:[zZ]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_COUNT = r"[0-9]+(?:[.,][0-9]+)?"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_GROUP = "[0-9A-Fa-f]{1,4}"
_LAST = rf"(?:{_GROUP}:{_GROUP}|{_IPV4})"            # the last two groups
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"


def _in_order(units: str) -> str:
    """Returns the pattern of counts with these units, each at most once, in this order, and not none."""
    return "(?:" + "|".join(_COUNT + first + "".join(f"(?:{_COUNT}{unit})?" for unit in units[i + 1 :])
                            for i, first in enumerate(units)) + ")"


def _up_to(groups: int) -> str:
    """Returns the pattern of at most so many groups of an IPv6 address."""
    return f"(?:{_GROUP}(?::{_GROUP}){{0,{groups - 1}}})?" if groups > 1 else f"(?:{_GROUP})?"


_IPV6 = "(?:" + "|".join(
    [rf"(?:{_GROUP}:){{6}}{_LAST}", f"::(?:{_GROUP}:){{5}}{_LAST}"]
    + [f"{_up_to(5 - after)}::(?:{_GROUP}:){{{after}}}{_LAST}" for after in range(4, -1, -1)]
    + [f"{_up_to(6)}::{_GROUP}", f"{_up_to(7)}::"]) + ")"


def _identifier(beyond: str) -> tuple[str, str]:
    """Returns the patterns of an absolute identifier and of a relative one (RFC 3986, appendix A).

    beyond: the ranges of characters that are allowed besides ASCII ones.
    """
    plain = rf"A-Za-z0-9._~!$&'()*+,;=\-{beyond}"
    escaped = "%[0-9A-Fa-f]{2}"
    segment, first = rf"(?:[{plain}:@]|{escaped})", rf"(?:[{plain}@]|{escaped})"
    literal = rf"\[(?:{_IPV6}|[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]"
    authority = rf"(?:(?:[{plain}:]|{escaped})*@)?(?:{literal}|(?:[{plain}]|{escaped})*)(?::[0-9]*)?"
    below = rf"//{authority}(?:/{segment}*)*|/(?:{segment}+(?:/{segment}*)*)?"
    tail = rf"(?:\?(?:{segment}|[/?])*)?(?:#(?:{segment}|[/?])*)?"
    absolute = rf"[A-Za-z][A-Za-z0-9+.-]*:(?:{below}|{segment}+(?:/{segment}*)*|){tail}"
    return absolute, rf"(?:{below}|{first}+(?:/{segment}*)*|){tail}"


_URI, _RELATIVE = _identifier("")
_IRI, _IRI_RELATIVE = _identifier("\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000efffd")
_LITERAL = rf"\[(?:{_IPV4}|IPv6:{_IPV6})\]"
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"'
_POINTER = "(?:/(?:[^/~]|~[01])*)*"
_WORD = r"(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})"
_VARIABLE = rf"{_WORD}(?:\.?{_WORD})*(?::[1-9][0-9]{{0,3}}|\*)?"
_ANY_LABEL = r"(?:[A-Za-z0-9-]|[^\x00-\x7f])+"

PATTERNS: dict[str, str] = {
    "date": _DATE,
    "time": _TIME,
    "date-time": rf"{_DATE}[tT]{_TIME}",
    "email": rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@(?:{_HOST}|{_LITERAL})",
    "hostname": _HOST,
    "ipv4": _IPV4,
    "ipv6": _IPV6,
    "uuid": "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "uri": _URI,
    "uri-reference": f"(?:{_URI}|{_RELATIVE})",
    "iri": _IRI,
    "iri-reference": f"(?:{_IRI}|{_IRI_RELATIVE})",
    "json-pointer": _POINTER,
    "relative-json-pointer": f"(?:0|[1-9][0-9]*)(?:#|{_POINTER})",
}
# The language lies within these; what is outside it there is for the checker to refuse.
WIDER: dict[str, str] = {
    "duration": f"P(?:{_in_order('YMWD')}(?:T{_in_order('HMS')})?|T{_in_order('HMS')})",
    "uri-template": rf"(?:[^\x00-\x20{{}}]|\{{[+#./;?&=,!@|]?{_VARIABLE}(?:,{_VARIABLE})*\}})*",
    "idn-hostname": rf"{_ANY_LABEL}(?:[.\u3002\uff0e\uff61]{_ANY_LABEL})*\.?",
    "idn-email": r"[^\x00-\x20@]+@[^\x00-\x20@]+",
}
KNOWN = {*PATTERNS, *WIDER, "regex"}                 # those with a machine


@lru_cache(maxsize=64)
def machine(name: str) -> ByteMachine:
    """Returns the machine of the texts of a format that is KNOWN, or of a wider language."""
    return _expressions() if name == "regex" else regex.whole(PATTERNS.get(name) or WIDER[name])


def _expressions() -> ByteMachine:
    """Returns the machine of regular expressions: groups and classes closed at every depth, and something to repeat."""

    def one(pattern: str) -> Rule:
        return Leaf(regex.whole(pattern))

    group = one(r"\((?:\?(?:[:=!]|<[=!]|P?<[A-Za-z_][A-Za-z0-9_]*>|[aimsux]+:))?")
    single = one(r"[^\\()\[*+?|]|\\(?s:.)|\[\^?\]?(?:[^\]\\]|\\(?s:.))*\]")
    term = seq(alt(single, seq(group, Ref("choice"), text(")"))), Repeat(one("[*+?][+?]?"), 0, 1))
    terms = Repeat(term, 0, None)
    return Network(Ref("choice"), {"choice": seq(terms, Repeat(seq(text("|"), terms), 0, None))})
