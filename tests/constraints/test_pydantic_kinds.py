"""Which Python types go in: what Pydantic writes is accepted and comes back equal; what is generated is an instance."""

from __future__ import annotations

import collections
import dataclasses
import enum
import fractions
import ipaddress
import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Optional, TypeVar, Union

import pytest
from pydantic import (
    UUID4, AliasChoices, AliasPath, AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, FutureDate, HttpUrl,
    IPvAnyAddress, NaiveDatetime, RootModel, StringConstraints, Tag, TypeAdapter, computed_field, field_validator,
    model_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from structdiff import JsonSchema, UnsatisfiableConstraint, check, generate
from structdiff.constraints.pydantic_model import Validated, schema_of
from structdiff.errors import ConstraintError
from tasks import random_models


class Color(enum.Enum):
    RED = "red"
    TWO = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    street: str = Field(max_length=8)
    zip: Annotated[str, Field(pattern=r"^\d{4}$")]


class Person(BaseModel):
    name: str = Field(min_length=1, max_length=8)
    home: Address
    work: Optional[Address] = None
    favourite: Color = Color.RED


class Node(BaseModel):
    value: Annotated[int, Field(ge=0, le=9)]
    next: Optional[Node] = None


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    norm: int = dataclasses.field(init=False, default=7)


class Movie(TypedDict):
    title: Annotated[str, StringConstraints(max_length=5)]
    year: int


class Pair(NamedTuple):
    left: int
    right: str = "r"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: Annotated[int, Field(ge=1, le=9)]


class Dog(BaseModel):
    kind: Literal["dog"]
    name: Annotated[str, Field(max_length=4)]


Pet = Annotated[Union[Cat, Dog], Field(discriminator="kind")]


class Wide(BaseModel):
    a: int
    b: int = 0


class Narrow(BaseModel):
    a: int


Told = Annotated[Union[Annotated[Wide, Tag("wide")], Annotated[Narrow, Tag("narrow")]],
                 Discriminator(lambda value: "wide" if isinstance(value, Wide) or "b" in dict(value) else "narrow")]


class Aliased(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int = Field(alias="no", ge=0)
    name: str = Field("x", validation_alias=AliasChoices("label", "title"), serialization_alias="label")

    @computed_field
    @property
    def twice(self) -> int:
        return 2 * self.number


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    number: int = Field(validation_alias=AliasPath("deep", 0))


class Deep(BaseModel):
    number: int = Field(validation_alias=AliasPath("deep", 0))


class DeepDefault(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int = Field(3, validation_alias=AliasPath("deep", 0))


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    day: date
    tags: tuple[int, ...]
    color: Color
    amount: Decimal = Decimal("1.5")


class Defaults(BaseModel):
    anything: Any = object()


T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    content: T


class Tags(RootModel[list[Annotated[str, Field(max_length=3)]]]):
    pass


UserId = NewType("UserId", int)
Json = TypeAliasType("Json", "Union[list[Json], dict[str, Json], int, None]")
Money = Annotated[Decimal, Field(max_digits=6, decimal_places=2, ge=0)]
UTC = timezone.utc

VALUES: dict[str, tuple[Any, list[Any]]] = {
    "model": (Person, [Person(name="Åse", home=Address(street="x", zip="0150")), Person(
        name="A", home=Address(street="", zip="0150"), work=Address(street="y", zip="9999"), favourite=Color.TWO)]),
    "recursive model": (Node, [Node(value=1), Node(value=1, next=Node(value=2, next=Node(value=3)))]),
    "dataclass": (Point, [Point(1), Point(1, 2)]),
    "typed dict": (Movie, [{"title": "M", "year": 1931}]),
    "named tuple": (Pair, [Pair(1), Pair(1, "x")]),
    "literal": (Literal["a", 1, None, True], ["a", 1, None, True]),
    "enum": (Color, list(Color)),
    "int enum": (Level, list(Level)),
    "annotated": (Annotated[int, Field(gt=3, multiple_of=5)], [5, 10]),
    "discriminated union": (list[Pet], [[Cat(kind="cat", lives=9), Dog(kind="dog", name="Rex")]]),
    "union told by a function": (Told, [Wide(a=1, b=2), Narrow(a=1)]),
    "union": (Union[int, str, None], [1, "a", None]),
    "new type": (UserId, [UserId(7)]),
    "recursive alias": (Json, [[1, {"a": [None]}], {}]),
    "generic": (Box[list[int]], [Box[list[int]](content=[1])]),
    "root model": (Tags, [Tags(["a", "bcd"])]),
    "aliases": (Aliased, [Aliased(no=3, label="y")]),
    "strict": (Strict, [Strict(day=date(2024, 2, 29), tags=(1, 2), color=Color.TWO)]),
    "decimal": (Decimal, [Decimal(spelled) for spelled in ("1.50", "-3", "0", "1E+3", "0.30000000000000000004")]),
    "bounded decimal": (Money, [Decimal("12.30"), Decimal("0"), Decimal("9999.99")]),
    "date": (date, [date(2024, 2, 29)]),
    "time": (time, [time(1, 2), time(1, 2, 3, 4), time(23, 59, 59, tzinfo=UTC)]),
    "datetime": (datetime, [datetime(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5, 6, timezone(timedelta(hours=-3)))]),
    "naive datetime": (NaiveDatetime, [datetime(2024, 1, 2, 3, 4)]),
    "aware datetime": (AwareDatetime, [datetime(2024, 1, 2, tzinfo=UTC)]),
    "timedelta": (timedelta, [timedelta(1, 2, 3), timedelta(0), timedelta(-1), timedelta(400), timedelta(hours=3)]),
    "uuid": (uuid.UUID, [uuid.UUID(int=5)]),
    "uuid4": (UUID4, [uuid.UUID("6f9619ff-8b86-4011-b42d-00c04fc964ff")]),
    "list": (list[int], [[], [1, 2]]),
    "set": (set[int], [set(), {1, 2}]),
    "frozen set": (frozenset[str], [frozenset("ab")]),
    "tuple": (tuple[int, str], [(1, "a")]),
    "tuple of any length": (tuple[int, ...], [(), (1, 2)]),
    "sequence": (Sequence[int], [[1]]),
    "deque": (collections.deque[int], [collections.deque([1])]),
    "dict": (dict[str, int], [{}, {"é": 1}]),
    "dict of ints": (dict[int, str], [{}, {1: "a", -5: "b"}]),
    "dict of dates": (dict[date, int], [{date(2024, 1, 1): 1}]),
    "dict of moments": (dict[datetime, int], [{datetime(2024, 1, 1): 1}]),
    "dict of ids": (dict[uuid.UUID, int], [{uuid.UUID(int=5): 1}]),
    "dict of bools": (dict[bool, int], [{True: 1, False: 0}]),
    "dict of decimals": (dict[Decimal, int], [{Decimal("1.5"): 1}]),
    "dict of a literal": (dict[Literal["a", "b"], int], [{"a": 1}]),
    "dict of an enum": (dict[Color, int], [{Color.RED: 1}]),
    "dict of an enum of ints": (dict[Level, int], [{Level.LOW: 1}]),
    "dict of a pattern": (dict[Annotated[str, Field(pattern="^a+$")], int], [{"aa": 1}]),
    "bytes": (bytes, [b"abc"]),
    "complex": (complex, [1 + 2j, -1.5 - 2j, 3j, complex(1, 0)]),
    "fraction": (fractions.Fraction, [fractions.Fraction(1, 3)]),
    "ip": (IPvAnyAddress, [ipaddress.ip_address(spelled) for spelled in (
        "1.2.3.4", "::", "::1", "1::8", "fe80::1:2", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8")]),
    "network": (ipaddress.IPv4Network, [ipaddress.ip_network("10.0.0.0/8")]),
    "url": (HttpUrl, [HttpUrl("https://a.example/b?c=1")]),
    "flags": (Annotated[str, Field(pattern=re.compile("^ab$", re.IGNORECASE))], []),
    "default that is no JSON": (Defaults, []),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_pydantic_writes_is_accepted_and_comes_back_equal(name) -> None:
    kind, values = VALUES[name]
    for value in values:
        text = TypeAdapter(kind).dump_json(value, by_alias=True, round_trip=True).decode()
        verdict = check(text, kind)
        assert verdict.valid, f"{text}: {verdict.violations}"
        assert verdict.value == value and type(verdict.value) is type(value)


REFUSED = {
    "model": ['{"name": "", "home": {"street": "x", "zip": "0150"}}',
              '{"name": "A", "home": {"street": "x", "zip": "150"}}'],
    "recursive model": ['{"value": 1, "next": {"value": 10}}', '{"value": 1, "next": {}}'],
    "dataclass": ["{}", '{"x": "1"}'], "typed dict": ['{"title": "M"}'], "named tuple": ["[]", '[1, "x", 2]'],
    "literal": ["2", "false", '"A"'], "enum": ['"blue"', "3"], "annotated": ["6", "0"],
    "discriminated union": ['[{"kind": "cat", "name": "Rex"}]', '[{"kind": "fish"}]', '[{"lives": 1}]'],
    "aliases": ['{"number": 3}', '{"no": 3, "more": 1}', '{"no": 3, "twice": 6}'],
    "decimal": ['"abc"', '"."', '""', '"NaN"', "true"],
    "bounded decimal": ["-1", '"-1"', '"1.234"', "1.234", '"1234567"'],
    "date": ['"2023-02-29"', '"today"'], "time": ['"25:00"', '"noon"'], "datetime": ['"2024-02-30T00:00"', '"2024"'],
    "naive datetime": ['"2024-01-02T03:04Z"'], "aware datetime": ['"2024-01-02T03:04"'],
    "timedelta": ['"P"', '"PT"', '"1 h"'], "uuid": ['"5"'], "uuid4": ['"6f9619ff-8b86-1011-b42d-00c04fc964ff"'],
    "set": ["[1, 1]"], "tuple": ["[1]", '["a", 1]'], "dict of ints": ['{"a": "a"}', '{"1.5": "a"}'],
    "dict of bools": ['{"maybe": 1}'], "dict of a pattern": ['{"b": 1}', '{"b": "x"}'],
    "dict of an enum": ['{"blue": 1}'],
    "ip": ['"1.2.3"', '"1:2"', '":::"', '"256.1.1.1"'], "network": ['"10.0.0.1/8"', '"10.0.0.0/33"'],
    "url": ['"ftp://a.example"', '"a.example"'], "complex": ['"i"', '"1+2"'], "fraction": ['"1/0"', '"a"'],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_pydantic_refuses_is_refused(name) -> None:
    assert not [text for text in REFUSED[name] if check(text, VALUES[name][0]).valid]


MODEL = None


def model():
    global MODEL
    MODEL = MODEL or random_models.uniform(canvas=48)
    return MODEL


@pytest.mark.parametrize("name", VALUES)
def test_what_is_generated_is_an_instance(name) -> None:
    kind = VALUES[name][0]
    result = generate("Write it.", kind, model=model(), seed=1, steps=6, max_tokens=96)
    assert result.valid, (result.text, result.violations)
    assert TypeAdapter(kind).validate_json(result.text) == result.value


@pytest.mark.parametrize("keys", [
    int, bool, Decimal, date, Color, Level, Annotated[str, Field(pattern="^[a-c]{2}$")]], ids=str)
def test_the_keys_of_a_dict_are_written_as_its_type_reads_them(keys) -> None:
    kind = Annotated[dict[keys, bool], Field(min_length=1, max_length=2)]
    for seed in range(2):
        result = generate("Write it.", kind, model=model(), seed=seed, steps=6, max_tokens=48)
        assert result.valid and result.value, (result.text, result.violations)


def test_a_type_of_dates_to_come_is_renoised_until_it_is() -> None:
    results = [generate("When?", FutureDate, model=model(), seed=seed, steps=10, max_tokens=24) for seed in range(3)]
    assert sum(result.valid for result in results) >= 2
    assert all(result.value > date.today() for result in results if result.valid)


# --- whom a validator accuses ---------------------------------------------------------------------------------------


class Trip(BaseModel):
    start: int
    end: int
    names: list[str] = []

    @model_validator(mode="after")
    def ordered(self):
        if self.start >= self.end:
            raise ValueError("end before start")
        return self

    @field_validator("names")
    @classmethod
    def no_x(cls, names):
        if "x" in names:
            raise ValueError("no x")
        return names


class Plan(BaseModel):
    title: str
    trips: list[Trip]
    pet: Pet | None = None


def accused(text: str, kind: Any) -> list[tuple[str, list[str]]]:
    violations = Validated(kind).plan("").checkers[0].check(text).violations
    return [(found.pointer, [text.encode()[begin:end].decode() for begin, end in found.spans]) for found in violations]


@pytest.mark.parametrize("text, wanted", [
    ('{"start": 2, "end": 1, "names": ["ü"]}', [("", ["2", "1", '"ü"'])]),
    ('{"start": 1, "end": 2, "names": ["a", "x"]}', [("/names", ['"a"', '"x"'])]),
    ('{"start": "a", "end": "b"}', [("/start", ['"a"']), ("/end", ['"b"'])]),
    ('{"start": 1}', [("", ["1"])]),
])
def test_a_model_validator_accuses_all_below_and_a_field_validator_its_field(text, wanted) -> None:
    assert accused(text, Trip) == wanted


def test_a_nested_model_validator_accuses_its_own_model_only() -> None:
    assert accused('{"title": "é", "trips": [{"start": 1, "end": 2}, {"start": 4, "end": 3}]}', Plan) == [
        ("/trips/1", ["4", "3"])]


def test_an_error_within_a_branch_of_a_union_accuses_the_value_within() -> None:
    assert accused('{"title": "é", "trips": [], "pet": {"kind": "cat", "lives": 12}}', Plan) == [("/pet/lives", ["12"])]


def test_an_error_in_a_key_accuses_the_key() -> None:
    assert accused('{"1": "é", "b": "ü"}', dict[int, str]) == [("/b", [', "b": '])]
    assert accused('{"a": {"x": 1}}', dict[str, dict[int, int]]) == [("/a/x", ['"x": '])]


def test_unions_that_differ_in_order_alone_keep_their_own_order() -> None:
    class A(BaseModel):
        x: int

    class B(BaseModel):
        x: int

    assert Union[A, B] == Union[B, A]
    assert [type(check('{"x": 1}', kind).value) for kind in (Union[A, B], Union[B, A])] == [A, B]


def test_a_model_validators_rule_is_satisfied_by_renoising_in_most_seeds() -> None:
    class Small(BaseModel):
        model_config = ConfigDict(extra="forbid")
        a: Annotated[int, Field(ge=0, le=9)]
        b: Annotated[int, Field(ge=0, le=9)]

        @model_validator(mode="after")
        def ordered(self):
            assert self.a < self.b
            return self

    results = [generate("Write it.", Small, model=model(), seed=seed, steps=16, max_tokens=48) for seed in range(8)]
    assert sum(result.valid for result in results) >= 6
    assert all(result.value.a < result.value.b for result in results if result.valid)


# --- what has no schema ---------------------------------------------------------------------------------------------


def function(x: int) -> int:
    raise AssertionError("validating a function calls it")


@pytest.mark.parametrize("kind, says", [
    (Deep, "Deep has no JSON Schema: .*read from the path 'deep/0' only; give it a plain alias too"),
    (Iterable[int], "validated only as it is read; use a list"),
    (type("Opaque", (), {}), "Opaque has no JSON Schema"),
    (list["Nowhere"], "has no JSON Schema"),
    (function, "function is a function, which validation would call"),
    (Annotated[int, []], "cannot tell itself from others"),
], ids=str)
def test_what_cannot_go_in_is_an_error(kind, says) -> None:
    with pytest.raises(ConstraintError, match=says):
        check("{}", kind)


def test_a_field_that_has_a_name_besides_its_path_is_written_by_name() -> None:
    assert check('{"number": 3}', ByName).value == ByName(number=3)


def test_a_field_that_has_only_a_path_and_a_default_is_left_out() -> None:
    assert check("{}", DeepDefault).value.number == 3 and not check('{"number": 3}', DeepDefault).valid


def test_the_flags_of_a_pattern_are_part_of_it() -> None:
    def kind(flags):
        return Annotated[str, Field(pattern=re.compile("^a b.$", flags))]

    assert check('"A Bx"', kind(re.IGNORECASE)).valid and not check('"A Bx"', kind(0)).valid
    assert check('"a b\\n"', kind(re.DOTALL)).valid and not check('"a b\\n"', kind(0)).valid
    assert check('"abx"', kind(re.VERBOSE)).valid and not check('"a bx"', kind(re.VERBOSE)).valid


def test_a_type_that_nothing_fits_is_unsatisfiable() -> None:
    with pytest.raises(UnsatisfiableConstraint):
        generate("Write it.", Annotated[int, Field(gt=3, lt=4)], model=model())


def test_a_schema_says_nothing_that_is_refused() -> None:
    for kind, _ in VALUES.values():
        assert not JsonSchema(schema_of(kind)).report().refused
