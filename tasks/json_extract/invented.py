"""Domains invented anew for every document, so that no wording can be learnt by heart.

The words in words.txt are common entries of the public English word list SCOWL (Debian's wamerican-small).

Wordings are written with capital slots that random words fill: N, NS the field's noun and its plural; V, VED, VING, VER,
VERS its verb; W a second noun of the field; K a word typical for its kind of value; D the noun that the domain shares;
O, P, OS, OVED, J unrelated nouns, a plural, a participle and an adjective; LABEL one of the labels; VALUE the value.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.json_extract import values
from tasks.json_extract.domains import Domain, Field, fields_of, lines
from tasks.json_extract.values import (
    ADDRESS, CITY, CODE, COLOUR, COMPANY, CONTACT, DATE, DURATION, EMAIL, PERCENTAGE, PERSON, PHONE, PHRASE, PLACE,
    PRODUCT, TIME, TITLE, URL, WORD, Kind, amount_kind, chosen, count_kind, decimal_kind, enum_kind, flag_kind,
    items_kind, list_kind, made_up_name, number_list_kind, text_kind,
)

Random = random.Random
Slots = dict[str, str]

SLOT = re.compile(r"\b(?:NS|N|W|D|K|VED|VING|VERS|VER|V|OS|OVED|O|P|J)\b")
SHARED_SHARE = 0.5
LAYOUTS = ((46, 16, 14, 8, 16), (46, 16, 14, 8, 16), (62, 5, 12, 3, 18))
COMPOSED_SHARE = 0.45       # of the sentences that tell a label


# Words


@dataclass(frozen=True)
class Vocabulary:
    """The word list by part of speech."""

    nouns: list[str]
    verbs: list[str]
    adjectives: list[str]


@cache
def vocabulary() -> Vocabulary:
    """Return the words of words.txt: verbs are listed with their past form, adjectives with their adverb."""
    listed = Path(__file__).with_name("words.txt").read_text().split()
    known = set(listed)
    verbs = [word for word in listed if past(word) in known]
    adjectives = [word for word in listed if word + "ly" in known]
    derived = {past(verb) for verb in verbs} | {word + "ly" for word in adjectives} | set(adjectives)
    nouns = [word for word in listed if word not in derived and not re.search("(ate|ize|ify|ise)$", word)]
    return Vocabulary(nouns, verbs, adjectives)


@cache
def past(verb: str) -> str:
    """Return the regular past form of a verb."""
    if verb.endswith("e"):
        return verb + "d"
    if re.search("[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    doubles = re.fullmatch("[^aeiou]*[aeiou][^aeiouwxy]", verb)
    return verb + verb[-1] + "ed" if doubles else verb + "ed"


def participle(verb: str) -> str:
    """Return the regular -ing form of a verb."""
    if verb.endswith("e"):
        return verb + "ing" if verb.endswith(("ee", "ye", "oe")) else verb[:-1] + "ing"
    return verb + "ing" if verb.endswith("y") else past(verb)[:-2] + "ing"


def plural(noun: str) -> str:
    """Return the regular plural of a noun."""
    if re.search("[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search("(s|x|z|ch|sh)$", noun) else "s")


class Words:
    """Draws words that no other part of the domain uses."""

    def __init__(self, rng: Random):
        self.rng = rng
        self.used: set[str] = set()

    def fresh(self, pool: list[str]) -> str:
        """Return a word of `pool` whose stem is new."""
        while True:
            word = self.rng.choice(pool)
            if word[:4] not in self.used:
                self.used.add(word[:4])
                return word

    def noun(self) -> str:
        """Return a fresh noun."""
        return self.fresh(vocabulary().nouns)

    def verb(self) -> str:
        """Return a fresh verb."""
        return self.fresh(vocabulary().verbs)


def written(wording: str, slots: Slots, words: Words) -> str:
    """Return the wording with its slots filled, unrelated words drawn afresh."""

    def fill(match: re.Match) -> str:
        slot = match[0]
        if slot in slots:
            return slots[slot]
        if slot == "J":
            return words.rng.choice(vocabulary().adjectives)
        if slot == "OVED":
            return past(words.verb())
        return plural(words.noun()) if slot == "OS" else words.noun()

    return re.sub(r"\b([Aa]) (?=[aeio])", r"\1n ", SLOT.sub(fill, wording))


def capitalised(sentence: str) -> str:
    """Return the sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


# Values made of random words


def _noun(rng: Random) -> str:
    return rng.choice(vocabulary().nouns)


def _adjective(rng: Random) -> str:
    return rng.choice(vocabulary().adjectives)


def _verb(rng: Random) -> str:
    return rng.choice(vocabulary().verbs)


def _with_article(words: str) -> str:
    return ("an " if words[0] in "aeio" else "a ") + words


def free_phrase(rng: Random) -> str:
    """Return a few random words that a remark or a cause might consist of."""
    noun, other, adjective, verb = _noun(rng), _noun(rng), _adjective(rng), _verb(rng)
    return rng.choice([
        _with_article(f"{adjective} {noun}"), _with_article(f"{past(verb)} {noun}"), _with_article(f"{noun} {other}"),
        f"{adjective} {noun}", f"{noun} {other}", f"{adjective} {plural(noun)}", f"{verb} the {noun}",
        f"{verb} the {adjective} {noun}", f"{verb} {plural(noun)} and {plural(other)}",
        f"{participle(verb)} {plural(noun)}",
        f"{noun} with {plural(other)}", f"the {noun} {past(verb)} too early", f"do not {verb} the {noun}",
        f"{noun} near the {other}", f"no {noun} for the {other}", f"{adjective} and {_adjective(rng)}",
    ])


def short_words(rng: Random) -> str:
    """Return one or two random words."""
    return rng.choice([_noun(rng), _noun(rng), f"{_adjective(rng)} {_noun(rng)}", f"{_noun(rng)} {_noun(rng)}"])


def _name_maker(rng: Random) -> values.Generator:
    """Return a generator of names of one make, such as "Bus 89", "H17" or "Sorben Chair"."""
    noun, letter = _noun(rng).capitalize(), rng.choice("ABCDEFGHKLMNPRSTVWXZ")
    endings = rng.sample(["platz", "horn", "alm", "field", "wick", "stead", "mere", "bruck", "dale", "by", "ix",
                             "ol"], 3)
    tails = [rng.choice(vocabulary().nouns).capitalize() for _ in range(3)]
    return rng.choice([
        lambda draw: f"{noun} {draw.randint(1, 120)}",
        lambda draw: f"{letter}{draw.randint(1, 99)}",
        lambda draw: f"{draw.choice('ABCDEFGH')}{draw.randint(1, 40)}",
        lambda draw: f"{draw.randint(1, 60)}{draw.choice('ABCDEF')}",
        lambda draw: f"{made_up_name(draw)} {draw.choice(tails)}",
        lambda draw: f"{_noun(draw).capitalize()} {draw.choice(tails)}",
        lambda draw: f"{_adjective(draw).capitalize()} {_noun(draw).capitalize()}",
        lambda draw: made_up_name(draw) + draw.choice(endings),
        lambda draw: f"{draw.choice(tails)} of {made_up_name(draw)}",
        lambda draw: f"{made_up_name(draw)} {draw.randint(1, 30)}",
        lambda draw: f"{noun} {draw.choice('ABCDEFGH')}",
    ])


# Kinds of one field; a maker may adapt the field's slots


def _always(kind: Kind) -> Callable[[Random, Slots], Kind]:
    return lambda rng, slots: kind


def _text_maker(rng: Random, slots: Slots) -> Kind:
    if rng.random() < 0.3:
        return PHRASE
    if rng.random() < 0.25:
        return text_kind(chosen([free_phrase(rng) for _ in range(4)]))
    return text_kind(free_phrase)


def _enum_maker(rng: Random, slots: Slots) -> Kind:
    pool = rng.choice([vocabulary().adjectives, vocabulary().nouns])
    options = rng.sample(pool, rng.randint(3, 5))
    if rng.random() < 0.25:
        options[0] = f"{rng.choice(vocabulary().adjectives)} {options[0]}"
    if rng.random() < 0.15:
        options[1] = past(_verb(rng))
    return enum_kind("|".join(dict.fromkeys(options)))


def _amount_maker(rng: Random, slots: Slots) -> Kind:
    return amount_kind(rng.choice([60, 300, 900, 4000, 20000]))


def _number_wording(slots: Slots, rng: Random) -> str:
    return rng.choice([f"{{}} {slots['NS']}", f"{{}} {slots['NS']}", "{}", f"{{}} {slots['NS']}|{{}}"])


def _count_maker(rng: Random, slots: Slots) -> Kind:
    low, high = rng.choice([(1, 9), (0, 12), (2, 60), (10, 400), (50, 2500)])
    return count_kind(low, high, _number_wording(slots, rng))


MEASURES = {
    "weight": "kg|{} kg|{}kg", "length": "cm|{} cm|{} centimetres", "height": "m|{} m|{} metres", "width": "mm|{} mm",
    "depth": "m|{} m|{} metres", "temperature": "degrees|{} degrees|{} C", "volume": "litres|{} litres|{} l",
    "speed": "km/h|{} km/h", "distance": "km|{} km|{} kilometres", "power": "watts|{} watts|{} W",
    "area": "acres|{} acres",
    "pressure": "bar|{} bar", "score": "points|{} points|{} out of 100", "rating": "stars|{} stars|{}",
}


def _measure_maker(rng: Random, slots: Slots) -> Kind:
    unit, *wordings = MEASURES[slots["K"]].split("|")
    wording = rng.choice(["|".join(wordings), wordings[0], "{}"])
    if rng.random() < 0.25:
        slots["K"] = f"{slots['K']} in {unit}" if rng.random() < 0.3 else slots["K"]
    if rng.random() < 0.4:
        return count_kind(*rng.choice([(1, 40), (20, 300), (100, 2000)]), wording)
    return decimal_kind(*rng.choice([(0.2, 9), (1, 60), (15, 240)]), rng.choice([1, 1, 2]), wording)


def _minutes_maker(rng: Random, slots: Slots) -> Kind:
    return count_kind(2, 180, f"{{}} {slots['K']}")


def _words_maker(rng: Random, slots: Slots) -> Kind:
    few = chosen([short_words(rng) for _ in range(9)])
    generator = rng.choice([few, few, short_words, free_phrase, values.city, _name_maker(rng)])
    return list_kind(generator, rng.choice([1, 2]), rng.choice([2, 3, 4]))


def _numbers_maker(rng: Random, slots: Slots) -> Kind:
    return number_list_kind(0, rng.choice([12, 40, 200]))


def _people_maker(rng: Random, slots: Slots) -> Kind:
    return list_kind(values.person, 2, 3)


def _items_maker(rng: Random, slots: Slots) -> Kind:
    return items_kind(rng.choice([values.product, short_words, chosen([short_words(rng) for _ in range(8)])]))


# Families of fields


@dataclass(frozen=True)
class Family:
    """Fields with one kind of value: how often they come, their words, labels and sentences.

    A label that starts with ~ cannot follow an article. The bare sentences hint at the value only by its kind, so they
    are for a domain where no other field has a value of the same `group`.
    """

    group: str
    weight: float
    make: Callable[[Random, Slots], Kind]
    typical: list[str]
    labels: list[str]
    verb_labels: list[str]
    sentences: list[str]
    verb_sentences: list[str]
    bare: list[str]


def _family(group: str, weight: float, make: Callable[[Random, Slots], Kind], typical: str, labels: str = "",
            verb_labels: str = "", sentences: str = "", verb_sentences: str = "", bare: str = "") -> Family:
    split = [text.split("|") if text else [] for text in (typical, labels, verb_labels)]
    return Family(group, weight, make, *split, *map(lines, (sentences, verb_sentences, bare)))


FAMILIES = [
    _family("person", 12, _always(PERSON), "owner|holder|leader|clerk|keeper|contact|manager|expert|guide",
            "N name|name of the N|N|N K name", "VER|VER name|~VED by|name of VER|VER|~who VED|person VING", """
        VALUE is the N.
        Our N for this is VALUE.
        The N in question goes by VALUE.
        VALUE looks after the N.
        For the N, ask VALUE.
        VALUE, the J N, comes too.
        At the O was the N VALUE.
        As K of the N we have VALUE.
        N of the O is VALUE.
        They made VALUE the N.
        """, """
        It was VED by VALUE.
        VALUE VED the O.
        VALUE did the VING.
        VALUE will V the O.
        The one who VED was VALUE.
        The VER is called VALUE.
        VED by VALUE.
        At the O was the VER VALUE.
        For VING we could get VALUE.
        The O has been VED by VALUE.
        VALUE takes care of the VING.
        """, """
        VALUE will be there.
        It is all in the hands of VALUE.
        VALUE takes care of the O.
        This was done by VALUE.
        Talk to VALUE about the O.
        """),
    _family("date", 11, _always(DATE), "date|date|day", "N|date of N",
            "VING date|~VED on|date VED|~when VED|VING day|~to be VED by", """
        The N was on VALUE.
        The N takes place on VALUE.
        On VALUE comes the N.
        VALUE is the day of the N.
        The N has been moved to VALUE.
        Since VALUE there has been a N.
        We expect the N on VALUE.
        Until VALUE the N can wait.
        N on VALUE.
        """, """
        It was VED on VALUE.
        The O got VED on VALUE.
        On VALUE the O was VED.
        We V it on VALUE.
        The VING is set for VALUE.
        VING starts on VALUE.
        VED on VALUE.
        They VED the O and the P on VALUE.
        Please V it before VALUE.
        By VALUE everything must be VED.
        """, """
        It happened on VALUE.
        The date is VALUE.
        On VALUE it was J.
        All this took place on VALUE.
        VALUE was the day.
        We meet on VALUE.
        """),
    _family("time", 5, _always(TIME), "time|hour|time", "N at|time of the N",
            "VING time|~VED at|time VED|~VING starts", """
        The N is at VALUE.
        At VALUE the N begins.
        The N started at VALUE.
        N from VALUE.
        We have the N at VALUE sharp.
        Come to the N at VALUE.
        """, """
        It was VED at VALUE.
        VING begins at VALUE.
        At VALUE they VED the O.
        The O will be VED at VALUE.
        We V at VALUE.
        """, """
        It happened at VALUE.
        Be there at VALUE.
        The clock said VALUE.
        We start at VALUE.
        """),
    _family("code", 9, _always(CODE), "number|id|code|no|ref|reference|number", "N|N no.",
            "VING number|VER id|VING code", """
        This is about N VALUE.
        N VALUE was J.
        The N is filed under VALUE.
        The N carries VALUE on its label.
        VALUE stands on the N.
        N VALUE is still OVED.
        It goes back to N VALUE.
        The K VALUE belongs to the N.
        For the N, quote VALUE.
        """, """
        For VING, quote VALUE.
        The VING runs under VALUE.
        The VER has number VALUE.
        """, """
        Quote VALUE when you write.
        The reference is VALUE.
        It is filed under VALUE.
        """),
    _family("amount", 8, _amount_maker, "cost|price|fee|charge|bill|value|budget", "total N|N paid|N sum",
            "VING cost|cost of VING|VING fee|~paid for VING", """
        The N costs VALUE.
        We paid VALUE for the N.
        The N comes to VALUE.
        For the N we charge VALUE.
        VALUE is due for the N.
        A N of VALUE is included.
        The N is put at VALUE.
        A J N at VALUE.
        They took VALUE as N.
        """, """
        VING costs VALUE.
        They VED it for VALUE.
        We pay VALUE for VING.
        To V the O you pay VALUE.
        The VING came to VALUE.
        VALUE went into VING.
        """, """
        It costs VALUE.
        You pay VALUE.
        The price is VALUE.
        That makes VALUE.
        """),
    _family("count", 9, _count_maker, "count", "number of NS|NS|N count|NS VED|~how many NS|total NS",
            "VED|NS VED|~how many VED|total VED|number VED|VED NS", """
        The number of NS is VALUE.
        In all, VALUE were counted as NS.
        NS: VALUE.
        NS in the O: VALUE.
        There is a N count of VALUE.
        There are VALUE on the N.
        The N has VALUE.
        We counted VALUE of the N.
        """, """
        In total VALUE were VED.
        VALUE were VED.
        They VED VALUE.
        VALUE got VED by the O.
        We had VALUE VED.
        Altogether they V VALUE.
        VED: VALUE.
        Of the NS, VALUE were VED.
        """),
    _family("measure", 8, _measure_maker, "|".join(MEASURES), "N K|N K|K of N|K of the N|W N K", "", """
        The N has a K of VALUE.
        The N is VALUE.
        The N was measured at VALUE.
        We found a N of VALUE.
        At the N the K was VALUE.
        The N with its VALUE is J.
        The J N reached VALUE.
        K: VALUE for the N.
        """),
    _family("minutes", 2, _minutes_maker, "minutes|hours|days|weeks", "N K|N|K of N", "K VED|VING K|K of VING", """
        It led to a N of VALUE.
        The N took VALUE.
        There was a N of VALUE.
        After VALUE the N was over.
        """, """
        They VED for VALUE.
        VING took VALUE.
        The O was VED VALUE long.
        """),
    _family("minutes", 2.5, _always(DURATION), "duration|period|length|term", "N K|K of N|N|~how long the N lasts",
            "VING period|~VED for|~how long VED", """
        The N lasts VALUE.
        A N of VALUE was agreed.
        The N is over after VALUE.
        Within VALUE of the N it was gone.
        """, """
        They VED for VALUE.
        VING takes VALUE.
        It will be VED for VALUE.
        """, """
        It took VALUE.
        It lasts VALUE.
        """),
    _family("enum", 12, _enum_maker, "status|type|class|level|kind|state|mode|category|grade",
            "N|N K|kind of N|N K", "VING mode|VING type|VER type", """
        The N is VALUE.
        We use the VALUE N.
        The N counts as VALUE.
        A VALUE N was chosen.
        The N shall be VALUE.
        They call the N VALUE.
        The N was rated VALUE.
        VALUE N is what they asked for.
        In N you were placed as VALUE.
        It has a VALUE N.
        """, """
        The VING was VALUE.
        They V it as VALUE.
        VED as VALUE.
        For VING we took VALUE.
        """, """
        It is VALUE right now.
        We marked it as VALUE.
        All in all it was VALUE.
        """),
    _family("text", 6, _text_maker, "reason|note|remark|task|problem|cause|plan|purpose|request",
            "N|N K|N description", "~VED because of|~reason for VING|~what was VED|VING note", """
        The N was VALUE.
        The N in short: VALUE.
        The N is described as "VALUE".
        N: VALUE.
        About the N: VALUE.
        What about the N? VALUE.
        The N reads VALUE.
        For the N they wrote VALUE.
        N was said to be VALUE.
        """, """
        It was VED because of VALUE.
        What they VED: VALUE.
        For VING we noted VALUE.
        The VING concerns VALUE.
        """),
    _family("name", 6, lambda rng, slots: text_kind(_name_maker(rng)), "name|label|mark",
            "N|N name|N K|name of N|W N", "", """
        N VALUE was J.
        This page is about N VALUE.
        The N is VALUE.
        The N is called VALUE.
        We saw the N VALUE.
        The N there is VALUE.
        VALUE is the N of the O.
        The N named VALUE has been OVED.
        The J N stands at VALUE.
        On the N it said VALUE.
        The nearest N is VALUE.
        """),
    _family("product", 4, _always(PRODUCT), "item|model|article|device", "N K|N|K for the N", "VED K|K VED|VING K", """
        The N is a VALUE.
        For the N they bought the VALUE.
        A VALUE serves as N.
        The N turned out to be the VALUE.
        VALUE is the K of the N.
        """, """
        They VED the VALUE.
        The VALUE was VED.
        For VING they use the VALUE.
        """),
    _family("company", 5, _always(COMPANY), "company|firm|supplier|maker|agency", "N|N K|K of N",
            "VER|~VED by|VING company|VER company", """
        The N comes from VALUE.
        VALUE provides the N.
        The N belongs to VALUE.
        Our N is VALUE.
        N: the people at VALUE.
        """, """
        It was VED by VALUE.
        VALUE VED the O.
        The VING is done by VALUE.
        We had VALUE V the O.
        """),
    _family("place", 5, _always(PLACE), "place|site|location|venue|point", "N K|N|K of the N",
            "~where VED|VING place|~VED at|VING site", """
        The N is at VALUE.
        VALUE hosts the N.
        The N can be found at VALUE.
        Meet at the N, VALUE.
        The N will be in the VALUE.
        """, """
        It was VED at VALUE.
        VING is done at VALUE.
        They V it in the VALUE.
        VALUE is where we V.
        """, """
        We meet at VALUE.
        It took place at VALUE.
        """),
    _family("city", 4, _always(CITY), "city|town|place", "N K|N|K of N", "~VED in|VING city|~where VED", """
        The N is in VALUE.
        The N comes from VALUE.
        VALUE is known for the N.
        The N goes to VALUE.
        """, """
        It was VED in VALUE.
        VING happens in VALUE.
        The O had been VED in VALUE.
        """, """
        It took place in VALUE.
        The whole thing happened in VALUE.
        """),
    _family("title", 2, _always(TITLE), "title|heading|theme", "N K|N|K of the N", "", """
        The N is called "VALUE".
        The N bears the title VALUE.
        "VALUE" is the N.
        They put VALUE on the N.
        """),
    _family("colour", 1.5, _always(COLOUR), "colour|color|shade", "N K|K of N|N K", "", """
        The N is VALUE.
        A VALUE N was used.
        The N was painted VALUE.
        The N comes in VALUE.
        """),
    _family("word", 2, _always(WORD), "name|word|tag|nickname|variety", "N K|N|K of N", "", """
        The N is VALUE.
        The N goes by VALUE.
        They named the N VALUE.
        VALUE is what the N is called.
        N VALUE is the J one.
        """),
    _family("email", 3, _always(EMAIL), "email|mail|email address", "N K|N K|K of N", "VER email|VING email", """
        The N can be reached at VALUE.
        Write to VALUE for the N.
        The N answers mail at VALUE.
        Send the N to VALUE.
        """, """
        For VING write to VALUE.
        The VER reads VALUE.
        """, """
        Write to VALUE.
        Mail goes to VALUE.
        Send it to VALUE.
        The email is VALUE.
        """),
    _family("phone", 3, _always(PHONE), "phone|telephone|number to call|mobile|hotline", "N K|N K|K of N",
            "VER phone|VING hotline", """
        The N can be called on VALUE.
        Ring VALUE for the N.
        The N has the phone VALUE.
        """, """
        For VING call VALUE.
        The VER can be called on VALUE.
        """, """
        Call VALUE.
        You can ring VALUE.
        By phone: VALUE.
        """),
    _family("url", 1.2, _always(URL), "url|link|website|page", "N K|N K|K of N", "VING link|VER website", """
        The N is online at VALUE.
        See VALUE for the N.
        The N has its page at VALUE.
        """, """
        You can V it at VALUE.
        For VING see VALUE.
        """, """
        See VALUE.
        More is found at VALUE.
        Visit VALUE.
        """),
    _family("percentage", 2.5, _always(PERCENTAGE), "rate|share|percentage", "N K|N|K of NS|N K",
            "VING rate|share VED|~percent VED", """
        The N is VALUE.
        A N of VALUE applies.
        VALUE of the O went to the N.
        The N rose to VALUE.
        The N makes up VALUE.
        """, """
        VALUE of it was VED.
        VING stands at VALUE.
        We VED VALUE of the OS.
        """, """
        The share is VALUE.
        It stands at VALUE.
        """),
    _family("words", 6, _words_maker, "list", "NS|N list|list of NS|NS VED|W NS|NS used", "~things VED|VED OS", """
        The NS: VALUE.
        NS are VALUE.
        These NS were seen: VALUE.
        We used the NS VALUE.
        NS in the O: VALUE.
        VALUE are the NS.
        As NS we took VALUE.
        The NS of the day were VALUE.
        You will see these NS: VALUE.
        """, """
        They VED VALUE.
        We VED the following: VALUE.
        VED so far: VALUE.
        Please V VALUE.
        """),
    _family("numbers", 2.5, _numbers_maker, "readings|values|figures|counts", "N K|NS|K of N|N K", "", """
        The N K were VALUE.
        NS over the days: VALUE.
        For the N we read VALUE.
        The NS came out as VALUE.
        """),
    _family("person", 1.5, _people_maker, "team|group|crew", "NS|N K|names of NS|N K", "VERS|~VED by|people VING", """
        The NS are VALUE.
        NS: VALUE.
        VALUE make up the N.
        The N consists of VALUE.
        """, """
        VALUE VED the O.
        VED by VALUE.
        """),
    _family("items", 2.5, _items_maker, "items|parts|order|goods", "NS|N K|K of the N|NS VED",
            "K VED|VED K|~what was VED", """
        The N holds VALUE.
        NS: VALUE.
        For the N we need VALUE.
        The N consists of VALUE.
        """, """
        They VED VALUE.
        VALUE were VED.
        K to V: VALUE.
        """, """
        The box contains VALUE.
        Please send VALUE.
        """),
    _family("address", 1.4, _always(ADDRESS), "address|address|location", "N K|K of N|N K",
            "VING address|~VED at|VER address", """
        The N is at VALUE.
        The N can be found at VALUE.
        Send the N to VALUE.
        """, """
        It is VED at VALUE.
        The VER lives at VALUE.
        """, """
        Send it to VALUE.
        Come to VALUE.
        """),
    _family("contact", 0.8, _always(CONTACT), "contact|contact person", "N K|K for N|N K", "VING contact", """
        About the N talk to VALUE.
        The N is handled by VALUE.
        """, """
        For VING contact VALUE.
        """, """
        Your contact is VALUE.
        """),
]
WEIGHTS = [family.weight for family in FAMILIES]
RARE = {"address", "contact", "items", "url", "numbers", "title", "colour", "percentage", "minutes"}
CLOSE_GROUPS = {"contact": "person", "count": "number", "measure": "number", "numbers": "number", "address": "place",
                "city": "place", "product": "words", "items": "words", "text": "words", "colour": "enum"}
WORDY_GROUPS = {"text", "words", "items", "enum", "title", "product", "name"}
KIND_LABELS = ["N K", "N K", "K of N", "K of the N", "W N K", "D N K"]

LABEL_SENTENCES = lines("""
    The LABEL is VALUE.
    The LABEL is VALUE.
    The LABEL was VALUE.
    LABEL: VALUE.
    LABEL: VALUE
    LABEL - VALUE
    LABEL = VALUE
    Our LABEL is VALUE.
    The J LABEL is VALUE.
    VALUE is the LABEL.
    VALUE has been noted as the LABEL.
    Under LABEL the OS say VALUE.
    In the O the LABEL reads VALUE.
    The LABEL given by the O is VALUE.
    The LABEL, as the OS know, is VALUE.
    The LABEL on the J O says VALUE.
    For the LABEL the O has VALUE.
    They OVED VALUE as LABEL.
    With VALUE as its LABEL, the O is J.
    The O states VALUE as the LABEL.
    Remember the LABEL: VALUE.
    The LABEL they OVED was VALUE.
    The LABEL will be VALUE, not more, not less.
    LABEL VALUE, O and P.
    The O wants VALUE for the LABEL.
    As for the J LABEL, take VALUE.
    VALUE (LABEL)
    VALUE - that is the LABEL.
    The LABEL has become VALUE.
    Only the LABEL is left: VALUE.
    """)
SUBJECTS = """the|the|the|our|its|this|your|that|their|the J|the actual|the new|the final|the agreed|the usual
    """.strip().split("|")
COPULAS = """is|is|was|will be|has been|remains|became|has become|stays|reads|shows|says|stands at|lies at|is now|is still
    |is given as|was given as|is listed as|was noted as|is set to|was set to|is to be|should be|must be|would be|is called
    |turned out to be|has been changed to|is known to be|appears as|is recorded as|was stated as|went down as|comes out at
    |is just|used to be something else and is now|, as far as we know, is|, they tell me, is|is, once again,
    """.replace("\n    ", "").strip().split("|")
REVERSED = """is|was|will be|became|serves as|counts as|stands as|is noted as|was named as|has been put down as|goes in as
    |was entered as|should appear as|is what we have as|is what they gave as|was chosen as|is to be taken as
    """.replace("\n    ", "").strip().split("|")
LED = lines("""
    For SUBJECT LABEL, VALUE.
    For SUBJECT LABEL they gave VALUE.
    For SUBJECT LABEL we have VALUE here.
    For SUBJECT LABEL please use VALUE.
    As SUBJECT LABEL they wrote VALUE.
    As SUBJECT LABEL put VALUE.
    As for SUBJECT LABEL: VALUE.
    Regarding SUBJECT LABEL: VALUE.
    Concerning SUBJECT LABEL, it is VALUE.
    About SUBJECT LABEL, I have VALUE.
    Under SUBJECT LABEL it says VALUE.
    We have VALUE as SUBJECT LABEL.
    They gave us VALUE for SUBJECT LABEL.
    I wrote down VALUE for SUBJECT LABEL.
    Please note SUBJECT LABEL, VALUE.
    Please enter VALUE under SUBJECT LABEL.
    You asked about SUBJECT LABEL: VALUE.
    And SUBJECT LABEL? VALUE.
    What is SUBJECT LABEL? It is VALUE.
    I can confirm VALUE as SUBJECT LABEL.
    I can confirm SUBJECT LABEL: VALUE.
    It has VALUE for SUBJECT LABEL.
    There is VALUE under SUBJECT LABEL.
    Here is SUBJECT LABEL: VALUE.
    With SUBJECT LABEL at VALUE we are done.
    SUBJECT LABEL (VALUE) has not changed.
    SUBJECT LABEL, VALUE, is right.
    """)
SPLIT_SENTENCES = lines("""
    The N of the W is VALUE.
    The W has the N VALUE.
    The N for this W is VALUE.
    With the W comes the N VALUE.
    This W needs a N: VALUE.
    In the W the N was VALUE.
    The W lists VALUE as its N.
    On the W we read the N VALUE.
    As N of the J W we have VALUE.
    About the W: its N is VALUE.
    """)
NOUN_SENTENCES = lines("""
    The K of the N is VALUE.
    The K of the J N is VALUE.
    The N has the K VALUE.
    The N's K is VALUE.
    N K: VALUE.
    As K for the N we have VALUE.
    The K for the N shall be VALUE.
    For this N the K is VALUE.
    VALUE is the N K.
    The N came with the K VALUE.
    K (N): VALUE.
    The J N, K VALUE, was OVED.
    """)
OPENINGS = lines("""
    As agreed,
    In the J O,
    After the O,
    At the O,
    This time
    By the O,
    According to the O,
    Near the O,
    For the J OS,
    So
    Also,
    As the O shows,
    Without any O,
    From what the O says,
    Once again
    """)
ENDINGS = lines("""
    , as the O shows
    , said the O
    , like the other OS
    and nothing else
    , OVED by the O
    for the J OS
    , as usual
    , if the O is right
    in the J O
    because of the O
    , which is J
    without the OS
    """)
PAIRS = lines("""
    The LABEL1 is VALUE1 and the LABEL2 is VALUE2.
    The LABEL1 is VALUE1, the LABEL2 VALUE2.
    LABEL1 VALUE1, LABEL2 VALUE2.
    LABEL1: VALUE1; LABEL2: VALUE2.
    LABEL1: VALUE1, LABEL2: VALUE2.
    With LABEL1 VALUE1 and LABEL2 VALUE2 the O is J.
    LABEL1 VALUE1 goes with LABEL2 VALUE2.
    The LABEL1 VALUE1 and the LABEL2 VALUE2 were OVED.
    The O has VALUE1 as LABEL1 and VALUE2 as LABEL2.
    VALUE1 is the LABEL1, VALUE2 the LABEL2.
    We OVED the LABEL1 (VALUE1) and the LABEL2 (VALUE2).
    For LABEL1 take VALUE1, for LABEL2 VALUE2.
    LABEL1 and LABEL2: VALUE1 and VALUE2.
    Here the LABEL1 is VALUE1 while the LABEL2 is VALUE2.
    """)
JOINTS = ["; ", ", and ", ", while ", " and ", ", so ", " - ", ", but "]
TITLES = """D K|J D|O sheet|O and P|D report|O book|The J O|D notes|O desk|D list|O form|D and O|About the D|O check|D
    |J O report|D update|Your D|O office|D file|O log|D OS""".replace("\n", "").split("|")
NOISE = lines("""
    The O of <person> is J.
    The OS were OVED until <date>.
    A O costs <amount> now.
    The J O closes at <time>.
    Our O was OVED by <first>.
    Nobody knows about the J O.
    OS and OS are J this <weekday>.
    <first> lost a O near the P.
    The last O was <number> years old.
    They say the O is never J.
    The next O begins on <date>.
    An old O, <code>, can be ignored.
    Ask <first> for the J O.
    The O beside the P was OVED.
    <person> sold the O in <city>.
    The O of <company> is not ours.
    On <weekday> the OS OVED the P.
    Every O has its P.
    The O says <phrase>, but that is old.
    There is a P at <time> for the OS.
    We saw <number> OS on the way.
    It was J at the O.
    The P used to cost <amount>.
    Thanks for the J O.
    """)


# Flags: labels, then sentences for yes and for no


FLAGS = [tuple(part.split("|") for part in (labels, yes, no)) for labels, yes, no in (
    ("N included|includes N|with N|N",
     "The N is included.|It comes with a N.|There is a N in it.|The O includes the N.|N comes with the O.|"
     "The N is part of it.",
     "The N is excluded.|It comes without a N.|There is no N in it.|The O does not include the N.|The N is left out.|"
     "It never has a N.|None of the OS has a N."),
    ("N wanted|wants N|N requested|N",
     "They want the N.|A N was asked for.|Yes to the N.|They would like a N.|Please add a N.|The N was requested.",
     "They do not want the N.|The N was declined.|No N, please.|A N was never asked for.|"
     "They would rather go without a N.|"
     "Nobody asked for the N.|They turned down the N."),
    ("N allowed|allows N|N permitted|NS allowed",
     "NS are allowed.|You may bring a N.|The N is permitted.|NS are fine with us.|They allow NS.",
     "NS are not allowed.|You may not bring a N.|The N is forbidden.|NS are never permitted.|No NS, says the O.|"
     "They cannot allow NS."),
    ("N needed|needs N|N required|requires N",
     "A N is needed.|It needs a N.|The N is required.|You must have a N.|It does not work without a N.",
     "No N is needed.|It needs no N.|The N is not required.|You can do without the N.|It works without a N.|"
     "The N was never necessary."),
    ("N available|has N|N present|N there",
     "A N is available.|It has a N.|The N is there.|There is a N.|The O has a J N.|We do have a N.",
     "No N is available.|It has no N.|The N is missing.|There is no N.|The O does not have a N.|We have never had a N.|"
     "There is none of that N left."),
    ("N VED|VED N|is N VED|N VING",
     "The N was VED.|We VED the N.|We did V the N.|The N has been VED.|Somebody VED the N.|N VING: done.|"
     "The O VED the N.",
     "The N was not VED.|Nobody VED the N.|We did not V the N.|The N has never been VED.|No N was VED.|"
     "They refused to V the N.|The N was left without VING.|None of us VED the N.|VING the N was declined."),
    ("VED|is VED|was VED|VED already|VING done",
     "It was VED.|The O has been VED.|They VED it.|VING: yes.|The VING has been done.|We did V it.|It is being VED.",
     "It was not VED.|The O has not been VED.|They never VED it.|VING: no.|There was no VING.|We did not V it.|"
     "It went without VING.|The VING was skipped."),
    ("VING possible|can be VED|VING allowed",
     "VING is possible.|It can be VED.|You may V it.|VING is fine.|The O can be VED.",
     "VING is not possible.|It cannot be VED.|You may not V it.|VING is excluded.|The O can never be VED.|No VING."),
)]


def _flag_field(rng: Random, words: Words, shared: str) -> Field:
    """Return a yes-or-no field told by random sentences."""
    labels, yes, no = rng.choice(FLAGS)
    slots = _slots(words, shared)
    chosen_labels = _some(rng, labels, rng.randint(2, 3))
    spoken = [[capitalised(written(text, slots, words)) for text in _some(rng, texts, rng.randint(1, 3))]
              for texts in (yes, no)]
    written_labels = dict.fromkeys(written(text, slots, words) for text in chosen_labels)
    return Field(tuple(written_labels), flag_kind(*map("|".join, spoken)))


# Fields


def invented_domain(rng: Random) -> Domain:
    """Return a domain of random words."""
    words = Words(rng)
    shared = words.noun()
    families = _drawn_families(rng)
    groups = Counter(CLOSE_GROUPS.get(family.group, family.group) for family in families)
    nameless = _sharing(rng, families, groups)
    fields, drafts, sentences = {}, [], []
    for position, family in enumerate(families):
        name = f"f{position}"
        is_alone = groups[CLOSE_GROUPS.get(family.group, family.group)] == 1
        draft = _Draft(rng, words, family, shared, position in nameless, is_alone)
        fields[name] = Field(draft.labels, draft.kind)
        drafts.append(draft)
        sentences.append([text.replace("VALUE", f"{{{name}}}") for text in draft.sentences()])
    told = [*(text for texts in sentences for text in texts), *_paired(rng, words, drafts, sentences)]
    for position in range(rng.choice([0, 1, 1, 2])):
        fields[f"flag{position}"] = _flag_field(rng, words, shared)
        told.append(f"{{flag{position}}}")
    titles = [_titled(rng, written(title, {"D": shared, "K": "sheet"}, words)) for title in rng.sample(TITLES, 4)]
    noise = [capitalised(written(remark, {}, words)) for remark in rng.sample(NOISE, 4)]
    return Domain("invented", fields, tuple(map(capitalised, told)), titles, noise, rng.choice(LAYOUTS))


def _drawn_families(rng: Random) -> list[Family]:
    """Return the families of 7 to 10 fields, at most three of a kind and at most one of a rare kind."""
    drawn: list[Family] = []
    count, groups = rng.randint(7, 10), Counter()
    while len(drawn) < count:
        family = rng.choices(FAMILIES, WEIGHTS)[0]
        limit = 1 if family.group in RARE else 3
        if groups[family.group] < limit and (not groups[family.group] or rng.random() < 0.6):
            groups[family.group] += 1
            drawn.append(family)
    return drawn


def _sharing(rng: Random, families: list[Family], groups: Counter) -> set[int]:
    """Return the positions of the fields that have no noun but the domain's, all of different kinds."""
    if rng.random() > SHARED_SHARE:
        return set()
    fitting = [position for position, family in enumerate(families)
               if family.group in {"person", "date", "time", "code", "amount", "email", "phone", "url", "place", "enum"}
               and groups[CLOSE_GROUPS.get(family.group, family.group)] == 1]
    return set(rng.sample(fitting, min(len(fitting), rng.randint(2, 4))))


def _slots(words: Words, shared: str, is_nameless: bool = False) -> Slots:
    """Return the words of one field."""
    noun, verb = shared if is_nameless else words.noun(), words.verb()
    second = shared if not is_nameless and words.rng.random() < 0.5 else words.noun()
    return {"N": noun, "NS": plural(noun), "W": second, "D": shared, "V": verb, "VED": past(verb),
            "VING": participle(verb),
            "VER": past(verb)[:-2] + "er", "VERS": past(verb)[:-2] + "ers"}


def _some(rng: Random, texts: list[str], count: int) -> list[str]:
    """Return up to `count` of the texts."""
    return rng.sample(texts, min(count, len(texts)))


class _Draft:
    """A field in the making: its words, labels, kind and sentences."""

    def __init__(self, rng: Random, words: Words, family: Family, shared: str, is_nameless: bool, is_alone: bool):
        self.rng, self.words, self.family = rng, words, family
        self.is_nameless, self.is_alone = is_nameless, is_alone
        self.slots = _slots(words, shared, is_nameless)
        self.slots["K"] = rng.choice([word for word in family.typical if word != "name" or not is_nameless])
        self.kind = family.make(rng, self.slots)
        self.by_verb = bool(family.verb_labels) and not is_nameless and rng.random() < 0.4
        self.labels, self.nominal = self._drawn_labels()

    def _drawn_labels(self) -> tuple[tuple[str, ...], list[str]]:
        """Return two or three labels and those of them that may follow an article."""
        drawn = _some(self.rng, list(dict.fromkeys(self._possible_labels())), self.rng.choice([2, 3, 3]))
        texts = {written(label.lstrip("~"), self.slots, self.words): label for label in drawn}
        return tuple(texts), [text for text, label in texts.items() if not label.startswith("~")]

    def _possible_labels(self) -> list[str]:
        if self.by_verb:
            return self.family.verb_labels
        if self.is_nameless:
            return ["N K", "K of N", "K of the N"]
        special = self.family.group in ("count", "measure", "words", "minutes", "person")
        return self.family.labels if special and self.rng.random() < 0.7 else self.family.labels + KIND_LABELS

    def sentences(self) -> list[str]:
        """Return one to four wordings, with VALUE for the value."""
        count = self.rng.choice([1, 2, 2, 3])
        drawn = [self._adorned(written(self._wording(), self.slots, self.words)) for _ in range(count)]
        return list(dict.fromkeys(drawn))

    def _wording(self) -> str:
        """Return a wording in which the field's own word, its label or a lonely kind of value shows what is told."""
        chance = self.rng.random()
        if self.is_alone and self.family.bare and chance < 0.15:
            return self.rng.choice(self.family.bare)
        if chance < 0.4:
            return self._labelled()
        if self.by_verb and self.family.verb_sentences:
            return self.rng.choice(self.family.verb_sentences)
        if not self.is_nameless and not self.by_verb and chance < 0.5:
            return self.rng.choice(SPLIT_SENTENCES)
        if not self.by_verb and chance < 0.68 and self.family.group not in ("count", "person", "words"):
            return self.rng.choice(NOUN_SENTENCES)
        return self._labelled() if self.by_verb else self.rng.choice(self.family.sentences)

    def _labelled(self) -> str:
        if not self.nominal:
            return f"{self.rng.choice(self.labels)}: VALUE"
        wording = self._composed() if self.rng.random() < COMPOSED_SHARE else self.rng.choice(LABEL_SENTENCES)
        return wording.replace("LABEL", self.rng.choice(self.nominal))

    def _composed(self) -> str:
        """Return a wording put together from its parts: what is told, how, and in which order."""
        subject, chance = self.rng.choice(SUBJECTS), self.rng.random()
        if chance < 0.45:
            return f"{capitalised(subject)} LABEL {self.rng.choice(COPULAS)} VALUE.".replace(" ,", ",")
        if chance < 0.6:
            return f"VALUE {self.rng.choice(REVERSED)} {subject} LABEL."
        return capitalised(self.rng.choice(LED).replace("SUBJECT", subject))

    def _adorned(self, sentence: str) -> str:
        """Return the sentence, now and then with random words before or after it."""
        if sentence.endswith(".") and self.rng.random() < 0.12:
            opening = written(self.rng.choice(OPENINGS), {}, self.words)
            return f"{opening} {_lowered(sentence)}"
        may_go_on = sentence.endswith(".") and self.family.group not in WORDY_GROUPS
        if may_go_on and self.rng.random() < 0.12:
            ending = written(self.rng.choice(ENDINGS), {}, self.words)
            return sentence[:-1] + ("" if ending.startswith(",") else " ") + ending + "."
        return sentence


def _lowered(sentence: str) -> str:
    return sentence if re.match("VALUE|{", sentence) else sentence[:1].lower() + sentence[1:]


def _paired(rng: Random, words: Words, drafts: list[_Draft], sentences: list[list[str]]) -> list[str]:
    """Return a few sentences that state two of the fields each."""
    pairs = []
    for _ in range(rng.randint(1, 4)):
        one, other = rng.sample(range(len(drafts)), 2)
        if rng.random() < 0.5 or not drafts[one].nominal or not drafts[other].nominal:
            first, second = rng.choice(sentences[one]), rng.choice(sentences[other])
            pairs.append(first.rstrip(".") + rng.choice(JOINTS) + _lowered(second))
            continue
        pair = written(rng.choice(PAIRS), {}, words)
        for mark, position in (("1", one), ("2", other)):
            label = rng.choice(drafts[position].nominal)
            pair = pair.replace("LABEL" + mark, label).replace("VALUE" + mark, f"{{f{position}}}")
        pairs.append(pair)
    return pairs


def _titled(rng: Random, text: str) -> str:
    return rng.choices([capitalised, str.title, str.upper], [6, 2, 1])[0](text)
