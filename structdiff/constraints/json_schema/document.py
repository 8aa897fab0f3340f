"""A schema document as the compiler reads it: one spelling for every draft, and every reference resolved within it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urljoin

import jsonschema
from jsonschema_specifications import REGISTRY as SPECIFICATIONS

from structdiff.errors import ConstraintError, UnsupportedConstraint
from structdiff.json_text import escape, resolve

ONE = ("additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
       "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties")
MANY = ("allOf", "anyOf", "items", "oneOf", "prefixItems")
NAMED = ("$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties")
OLD = {
    "http://json-schema.org/draft-03/schema": 3, "http://json-schema.org/draft-04/schema": 4,
    "http://json-schema.org/draft-06/schema": 6, "http://json-schema.org/draft-07/schema": 7,
    "https://json-schema.org/draft/2019-09/schema": 2019,
}
VALIDATORS = {4: jsonschema.Draft4Validator, 6: jsonschema.Draft6Validator, 7: jsonschema.Draft7Validator,
              2019: jsonschema.Draft201909Validator, 2020: jsonschema.Draft202012Validator}


class Document:
    """A schema document. Places in it are named by JSON pointer.

    resources: other documents it may refer to, by URI; places in these are named by the URI and the pointer. The
    metaschemas of every draft are always among them.

    Raises:
        UnsupportedConstraint: it is of a draft older than 4.
    """

    def __init__(self, root: Any, resources: Mapping[str, Any] | None = None):
        self.root = root
        self._given = dict(resources or {})
        self.draft = draft_of(root)
        self.places: dict[str, Any] = {}             # pointer -> subschema, in document order
        self._base: dict[str, str] = {}
        self._resources: dict[str, str] = {}         # absolute URI -> pointer
        self._anchors: dict[tuple[str, str], str] = {}
        self.dynamic: dict[str, int] = {}            # how often each dynamic anchor is declared
        for pointer, schema, base in _places(root, "", "", self._id):
            self._register(pointer, schema, base)
            require_well_formed(schema, pointer)

    @property
    def validator(self) -> type:
        return VALIDATORS[self.draft]

    def at(self, pointer: str) -> Any:
        return self.places[pointer]

    def keywords(self, pointer: str) -> dict[str, Any]:
        """Returns the schema object at `pointer` in the words of draft 2020-12."""
        schema = dict(self.places[pointer])
        if self.draft <= 7 and "$ref" in schema:     # siblings of $ref have no effect there
            return {"$ref": schema["$ref"]}
        if self.draft < 6:
            schema.pop("const", None), schema.pop("contains", None), schema.pop("propertyNames", None)
        if self.draft < 7:
            schema.pop("if", None)
        if self.draft < 2019:
            for newer in ("dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties",
                          "minContains", "maxContains", "$dynamicRef", "$recursiveRef"):
                schema.pop(newer, None)
        if self.draft == 4:
            for side in ("minimum", "maximum"):
                exclusive = f"exclusive{side.capitalize()}"
                strict = schema.pop(exclusive, False)
                if strict is True and side in schema:
                    schema[exclusive] = schema.pop(side)
        if self.draft >= 2019:
            schema.pop("dependencies", None)
        if self.draft == 2020:
            schema.pop("additionalItems", None)
        else:
            schema.pop("prefixItems", None)
            if isinstance(schema.get("items"), list):
                schema["prefixItems"] = schema.pop("items")
                if "additionalItems" in schema:
                    schema["items"] = schema["additionalItems"]
            schema.pop("additionalItems", None)
        return schema

    def child(self, pointer: str, *parts: str | int) -> str:
        """Returns the pointer of a subschema, as it is spelled in the document."""
        found = pointer + "".join(f"/{escape(str(part))}" for part in parts)
        if found in self.places:
            return found
        if self.draft != 2020 and parts[0] in ("prefixItems", "items"):
            older = "items" if parts[0] == "prefixItems" else "additionalItems"
            return self.child(pointer, older, *parts[1:])
        raise ConstraintError("a schema is needed here", found)

    def target(self, pointer: str, keyword: str = "$ref") -> str:
        """Returns the pointer of the schema that the reference at `pointer` means.

        Raises:
            ConstraintError: it points at nothing, or (UnsupportedConstraint) out of the document.
        """
        reference = self.places[pointer][keyword]
        where = f"{pointer}/{escape(keyword)}"
        if not isinstance(reference, str):
            raise ConstraintError(f"a reference is a string, not {reference!r}", where)
        base = self._base[pointer]
        absolute = base + reference if reference.startswith("#") else urljoin(base, reference)     # urljoin drops a URN
        resource, _, fragment = absolute.partition("#")
        at = self._resources.get(resource)
        if at is None:
            at = self._enter(resource)
        if at is None:
            raise UnsupportedConstraint(
                f"$ref {reference!r} is not local; name the document in `resources`, nothing is fetched", where)
        if fragment and not fragment.startswith("/"):
            anchored = self._anchors.get((resource, unquote(fragment)))
            if anchored is None:
                raise ConstraintError(f"$ref {reference!r} points at nothing: there is no anchor {fragment!r}", where)
            return anchored
        found = at + unquote(fragment)
        if found not in self.places:
            try:
                schema = resolve(self.places[at], unquote(fragment))
            except KeyError as missing:
                raise ConstraintError(f"$ref {reference!r} points at nothing: there is no {missing}", where) from None
            for place, inner, base in _places(schema, found, self._base[pointer], self._id):
                self._register(place, inner, base)
                require_well_formed(inner, place)
        return found

    def _enter(self, uri: str) -> str | None:
        """Returns the pointer prefix of another document, once its places are known; None when it is not given."""
        found = self._given.get(uri, self._given.get(uri + "#"))
        if found is None and uri in SPECIFICATIONS:
            found = SPECIFICATIONS.contents(uri)
        if found is None:
            return None
        for pointer, schema, base in _places(found, uri, uri, self._id):
            self._register(pointer, schema, base)
            require_well_formed(schema, pointer)
        self._resources.setdefault(uri, uri)
        return uri

    def _register(self, pointer: str, schema: Any, base: str) -> None:
        if pointer in self.places:
            return
        self.places[pointer] = schema
        self._base[pointer] = base
        if pointer == "":
            self._resources.setdefault("", "")
        if not isinstance(schema, dict):
            return
        if self._id(schema) is not None or pointer == "":
            self._resources.setdefault(base, pointer)
        identifier = schema.get("$id" if self.draft > 4 else "id")
        if self.draft <= 7 and isinstance(identifier, str) and identifier.startswith("#"):
            self._anchors[base, identifier[1:]] = pointer
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(schema.get(keyword), str) and self.draft >= 2019:
                self._anchors.setdefault((base, schema[keyword]), pointer)
        if isinstance(schema.get("$dynamicAnchor"), str):
            self.dynamic[schema["$dynamicAnchor"]] = self.dynamic.get(schema["$dynamicAnchor"], 0) + 1
        if schema.get("$recursiveAnchor") is True:
            self.dynamic[""] = self.dynamic.get("", 0) + 1

    def _id(self, schema: Any) -> str | None:
        """Returns the URI a schema gives itself, or None."""
        if not isinstance(schema, dict) or self.draft <= 7 and "$ref" in schema:
            return None
        identifier = schema.get("$id" if self.draft > 4 else "id")
        return identifier if isinstance(identifier, str) and not identifier.startswith("#") else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value % 1 == 0


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


FORMS = {                  # keyword -> what it must be, and whether a value is
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
                     "maxContains"), ("a whole number of at least 0", _is_count)),
    **dict.fromkeys(("minimum", "maximum"), ("a number", _is_number)),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"),
                    ("a number", lambda value: _is_number(value) or isinstance(value, bool))),
    "multipleOf": ("a number above 0", lambda value: _is_number(value) and value > 0),
    **dict.fromkeys(("pattern", "format", "$ref", "$dynamicRef", "$schema", "$id", "$anchor", "$dynamicAnchor"), ("a string", lambda value: isinstance(value, str))),
    "type": ("a type or a list of types", lambda value: all(isinstance(kind, str) for kind in value)
             if isinstance(value, list) else isinstance(value, str)),
    "required": ("a list of property names", _are_names),
    "uniqueItems": ("true or false", lambda value: isinstance(value, bool)),
    "enum": ("a list of values", lambda value: isinstance(value, list)),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), ("a non-empty list of schemas", lambda value: isinstance(value, list) and value)),
    "prefixItems": ("a list of schemas", lambda value: isinstance(value, list)),
    **dict.fromkeys(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"),
                    ("an object of schemas", lambda value: isinstance(value, dict))),
    "dependentRequired": ("an object of lists of property names",
                          lambda value: isinstance(value, dict) and all(map(_are_names, value.values()))),
}


def require_well_formed(schema: Any, at: str) -> None:
    """Raises ConstraintError, with its pointer, where a keyword does not have the form that every draft asks of it."""
    if not isinstance(schema, (dict, bool)):
        raise ConstraintError(f"a schema is an object or a boolean, not {kind_of(schema)}", at or "/")
    for keyword in FORMS.keys() & schema.keys() if isinstance(schema, dict) else ():
        form, fits = FORMS[keyword]
        if not fits(schema[keyword]):
            raise ConstraintError(f"{keyword} is {form}, not {json.dumps(schema[keyword])[:60]}", f"{at}/{escape(keyword)}")


def kind_of(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}.get(
        type(value), "a number")


def draft_of(root: Any) -> int:
    """Returns the draft a document states; where it states none, the newest that gives its keywords their meaning."""
    stated = root.get("$schema") if isinstance(root, dict) else None
    if isinstance(stated, str):
        draft = OLD.get(stated.rstrip("#").replace("https://json-schema.org/draft-", "http://json-schema.org/draft-"))
        if draft == 3:
            raise UnsupportedConstraint("draft-03 is not supported; the drafts are 4, 6, 7, 2019-09 and 2020-12", "/$schema")
        return draft or 2020
    return 2020


def _places(schema: Any, pointer: str, base: str, identifier) -> Iterator[tuple[str, Any, str]]:
    """Yields every subschema in document order, with its pointer and base URI; without recursion, however deep it is."""
    pending = [(schema, pointer, base)]
    while pending:
        schema, pointer, base = pending.pop()
        if isinstance(schema, dict):
            own = identifier(schema)
            base = urljoin(base, own).rstrip("#") if own is not None else base
        yield pointer, schema, base
        if isinstance(schema, dict):
            pending.extend((inner, pointer + path, base) for path, inner in reversed(list(_subschemas(schema))))


def _subschemas(schema: dict) -> Iterator[tuple[str, Any]]:
    for keyword, value in schema.items():
        if keyword in ONE and not (keyword == "items" and isinstance(value, list)):
            yield f"/{keyword}", value
        elif keyword in MANY and isinstance(value, list):
            yield from ((f"/{keyword}/{i}", inner) for i, inner in enumerate(value))
        elif keyword in NAMED and isinstance(value, dict):
            yield from ((f"/{escape(keyword)}/{escape(name)}", inner) for name, inner in value.items()
                        if not (keyword == "dependencies" and isinstance(inner, list)))
