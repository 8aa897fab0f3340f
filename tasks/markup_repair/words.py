"""What the documents talk about: for each split its own words, and a scribe who writes with them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Words:
    """Lists of words, blanks between; sentences, with `{n}` a noun, `{a}` an adjective, `{v}` a verb; foreign texts."""

    nouns: str
    adjectives: str
    verbs: str
    people: str
    places: str
    keys: str
    hosts: str
    sentences: str
    foreign: str
    spoken: str


WORDS = {
    "dev": Words(
        nouns="invoice sensor battery harbour meadow ledger printer valve cabinet orchard compass lantern bridge kettle garden "
              "tractor ferry notebook quarry saddle beacon barrel chimney ladder pillow violin parcel turbine magnet basket",
        adjectives="green narrow silent recent wooden bright heavy common sudden gentle hollow distant square frozen early rough",
        verbs="opens carries measures replaces follows repairs sorts delivers records weighs covers lifts empties returns",
        people="Alice Bruno Carla Dmitri Elena Farid Greta Hamid Irene Jonas Katya Lucas Marta Nikos Olga Pavel",
        places="Lisbon Bergen Krakow Turin Ghent Izmir Malmo Porto Galway Zagreb Graz Tartu Valencia Odense",
        keys="id name status total price count label owner created_at updatedAt is_active tags unit weight category email parent_id "
             "source version level enabled region size kind score url address currency quantity rating",
        hosts="example.com api.harbour.test cdn.meadow.test docs.example.org shop.ledger.test files.quarry.test",
        sentences="The {a} {n} {v} the {n}.|Every {n} that {v} a {n} is {a}.|No {n} was found near the {a} {n}.|"
                  "It {v} one {a} {n} each day, and never two.|Please check the {n} before it {v} anything.|"
                  "A {n} (the {a} one) {v} more than 40 of them.|When was the {n} last seen?|Costs are up 12% for each {a} {n}.",
        foreign="Größe über Straße|café crème à volonté|Łódź, żółw i jeż|São João da Pesqueira|naïve – “quoted” – text|価格と数量|Ωμέγα και άλφα",
        spoken="keep it {a}|mind the {n}|the {n} is {a}|we need a {n}, now|not {a} at all",
    ),
    "test": Words(
        nouns="ticket glacier pigeon marble furnace canal blanket mirror rocket pepper tunnel window engine feather island "
              "jacket kernel lemon mosaic needle oyster pebble quiver ribbon spindle teapot umbrella vessel wagon anchor",
        adjectives="amber brittle clever dusty eager foggy golden humble idle jolly keen little modern nimble orange proud",
        verbs="breaks catches drives empowers folds guards hides joins keeps loads marks needs paints questions",
        people="Aisha Bjorn Chen Dolores Emeka Fatima Goran Hilde Ivo Jamila Kofi Leila Mateo Ngozi Oskar Priya",
        places="Nairobi Osaka Quito Hobart Tromso Leeds Denver Lagos Pune Hanoi Lima Cardiff Perth Tunis",
        keys="uuid title state amount ratio index caption author startedOn modified visible labels measure mass section phone root "
             "origin revision depth active zone length type grade href street locale stock rank",
        hosts="example.net api.glacier.test img.pebble.test wiki.example.edu store.teapot.test data.canal.test",
        sentences="One {a} {n} usually {v} another {n}.|Nobody {v} this {n} without a {a} {n}.|There are {a} {n}s behind the {n}!|"
                  "If the {n} is {a}, it {v} less; otherwise more.|Our {n} {v} 7 of 9 {n}s on average.|"
                  "Whoever {v} the {n} first: write it down.|Is that {n} still {a}?|Sales of the {a} {n} fell by 3.5%.",
        foreign="Ærø og Øresund|où êtes-vous, là-bas?|Příliš žluťoučký kůň|mañana y pasado mañana|«guillemets» — dash|東京都の天気|Привет, мир",
        spoken="never say {a}|bring the {n}|a {n} is a {n}|oh, what a {a} {n}!|who took my {n}?",
    ),
}


class Scribe:
    """Writes words, sentences and values of one split. rng: all chance comes from it, in order."""

    def __init__(self, rng: random.Random, split: str) -> None:
        self.rng = rng
        self.words = {field.name: _listed(getattr(WORDS[split], field.name)) for field in fields(Words)}

    def one(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def maybe(self, share: float) -> bool:
        return self.rng.random() < share

    def some(self, low: int, high: int) -> range:
        return range(self.rng.randint(low, high))

    def pick(self, name: str) -> str:
        return self.rng.choice(self.words[name])

    def noun(self) -> str:
        return self.pick("nouns")

    def slug(self) -> str:
        return f"{self.pick('adjectives')}-{self.noun()}"

    def title(self) -> str:
        tail = self.one("", "", f" {self.number(2, 40)}", f" of {self.pick('places')}")
        return f"{self.pick('adjectives')} {self.noun()}".capitalize() + tail

    def person(self) -> str:
        return f"{self.pick('people')} {self.pick('nouns').capitalize()}"

    def keys(self, count: int) -> list[str]:
        return self.rng.sample(self.words["keys"], count)

    def sentence(self) -> str:
        text = self.pick("sentences")
        return self._filled(text)

    def spoken(self) -> str:
        return self._filled(self.pick("spoken"))

    def paragraph(self, low: int = 1, high: int = 3) -> str:
        return " ".join(self.sentence() for _ in self.some(low, high))

    def number(self, low: int = 0, high: int = 9999) -> int:
        return self.rng.randint(low, high)

    def decimal(self, low: float = 0, high: float = 1000, places: int = 2) -> float:
        return round(self.rng.uniform(low, high), places)

    def date(self) -> str:
        return f"20{self.number(10, 29)}-{self.number(1, 12):02}-{self.number(1, 28):02}"

    def time(self) -> str:
        return f"{self.date()}T{self.number(0, 23):02}:{self.number(0, 59):02}:{self.number(0, 59):02}Z"

    def version(self) -> str:
        return f"{self.number(0, 9)}.{self.number(0, 20)}.{self.number(0, 30)}"

    def host(self) -> str:
        return self.pick("hosts")

    def url(self) -> str:
        tail = self.one("", f"/{self.noun()}", f"/{self.slug()}.html",
                        f"/{self.noun()}/{self.number()}?{self.noun()}={self.number(1, 20)}&page=2")
        return f"https://{self.host()}{tail}"

    def email(self) -> str:
        return f"{self.pick('people').lower()}@{self.host()}"

    def path(self) -> str:
        return self.one(f"/var/lib/{self.noun()}/{self.noun()}.db", f"./{self.noun()}/{self.slug()}.txt",
                        f"src/{self.noun()}/index.js")

    def code(self) -> str:
        return self.rng.choice(("A-", "ZX", "K", "no.")) + f"{self.number(100, 99999)}"

    def hexadecimal(self, length: int) -> str:
        return "".join(self.rng.choice("0123456789abcdef") for _ in range(length))

    def uuid(self) -> str:
        return "-".join(self.hexadecimal(length) for length in (8, 4, 4, 4, 12))

    def colour(self) -> str:
        return "#" + self.hexadecimal(6)

    def foreign(self) -> str:
        return self.pick("foreign")

    def _filled(self, text: str) -> str:
        for place, name in (("{n}", "nouns"), ("{a}", "adjectives"), ("{v}", "verbs")):
            while place in text:
                text = text.replace(place, self.pick(name), 1)
        return text


def _listed(text: str) -> Sequence[str]:
    return tuple(text.split("|")) if "|" in text else tuple(text.split())
