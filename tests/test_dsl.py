"""The concise schema syntax: what each line of words stands for, and what is refused."""

import pytest

from structdiff import dsl
from structdiff.errors import ConstraintError


def obj(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


STRING, INTEGER, NUMBER, BOOLEAN = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))

MEANINGS = [
    ("name", obj(name=STRING)),
    ("name, age int: in years, bio",
     obj(name=STRING, age={"type": "integer", "description": "in years"}, bio=STRING)),
    ("a str, b int, c float, d bool", obj(a=STRING, b=INTEGER, c=NUMBER, d=BOOLEAN)),
    ("name: first, last", obj(name={"type": "string", "description": "first"}, last=STRING)),
    ("name: first, last\nage int", obj(name={"type": "string", "description": "first, last"}, age=INTEGER)),
    ("\n  name\n\n  age int\n", obj(name=STRING, age=INTEGER)),
    ("name\r\nage int", obj(name=STRING, age=INTEGER)),
    ("a, b\n", obj(a=STRING, b=STRING)),
    ("a, b,", obj(a=STRING, b=STRING)),
    ("when: at 10:30", obj(when={"type": "string", "description": "at 10:30"})),
    ("name :", obj(name=STRING)),
    ("café, größe_2 float", {"type": "object", "properties": {"café": STRING, "größe_2": NUMBER},
                             "required": ["café", "größe_2"]}),
]


@pytest.mark.parametrize("text, schema", MEANINGS, ids=[text for text, _ in MEANINGS])
def test_what_a_line_stands_for(text, schema):
    assert dsl.schema(text) == schema


def test_fields_keep_their_order():
    assert list(dsl.schema("z, a, m")["properties"]) == ["z", "a", "m"]


FAULTS = [
    ("", "the schema lists no field"),
    (" , ", "the schema lists no field"),
    ("name, age integer", "field 'age': 'integer' is not a type; the types are str, int, float, bool; "
                          "did you mean 'int'?"),
    ("age xyz", "field 'age': 'xyz' is not a type; the types are str, int, float, bool"),
    ("age Int", "field 'age': 'Int' is not a type"),
    ("name, name int", "field 'name' is listed twice"),
    ("age int years", "field 'age' has 2 words for a type, 'int years'"),
    (": in years", "': in years' is not a field name"),
    ("schemas/person", "'schemas/person' is not a field name; write 'name [type] [: description]'"),
    ("name,\nage int", "'name,' is not a field name"),
    ("tags[]", "'tags[]' is not a field name"),
]


@pytest.mark.parametrize("text, message", FAULTS, ids=[text or "empty" for text, _ in FAULTS])
def test_a_fault_names_the_field_and_the_way_out(text, message):
    with pytest.raises(ConstraintError) as caught:
        dsl.schema(text)
    assert str(caught.value).startswith(message)
