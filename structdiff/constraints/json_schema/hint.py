"""What a model is told about a schema: its shape on one line, `{name:string,age:number?,tags:[string]}`."""

from __future__ import annotations

import json
from typing import Any

LONGEST = 2_000            # characters: a prompt costs the square of its length


def hint(schema: Any) -> str:
    """Returns `describe(schema)` as deep as `LONGEST` characters allow, cut off there if even its first level is longer."""
    for depth in (4, 3, 2, 1):
        text = describe(schema, depth=depth)
        if len(text) <= LONGEST:
            return text
    return text[:LONGEST] + "…"


def describe(schema: Any, root: Any = None, depth: int = 4) -> str:
    """Returns one line that names the fields and kinds a JSON Schema asks for; never longer than the schema is wide.

    `depth` bounds how many nested levels (and references) are spelled out; below it a value is called `any`.
    """
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth < 0:
        return "any"
    text = _shape(schema, root, depth)
    description = schema.get("description")
    return f"{text}({' '.join(description.split())})" if isinstance(description, str) and description else text


def _shape(schema: dict, root: Any, depth: int) -> str:
    if "$ref" in schema:
        return describe(_resolve(root, schema["$ref"]), root, depth - 1)
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return "|".join(_literal(value) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return _union([describe(branch, root, depth - 1) for branch in schema[union]])
    kinds = schema.get("type", "any")
    if isinstance(kinds, list):
        return _union([_shape({**schema, "type": kind}, root, depth) for kind in kinds])
    if kinds == "object" or "properties" in schema:
        fields = schema.get("properties", {})
        return "{" + ",".join(f"{name}:{describe(value, root, depth - 1)}" for name, value in fields.items()) + "}"
    if kinds == "array":
        return f"[{describe(schema.get('items', {}), root, depth - 1)}]"
    return kinds


def _union(branches: list[str]) -> str:
    """`string|null` reads `string?`."""
    stated = [branch for branch in branches if branch != "null"]
    return "|".join(dict.fromkeys(stated)) + ("?" if len(stated) < len(branches) else "")


def _literal(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _resolve(root: Any, reference: str) -> Any:
    node = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        node = node.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(node, dict) and part else node
    return node
