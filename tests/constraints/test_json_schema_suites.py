"""JSON Schema against published corpora: JSON-Schema-Test-Suite, JSONTestSuite, MaskBench."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

import pytest

from structdiff.constraints.json_schema import JsonSchema
from structdiff.errors import ConstraintError, UnsatisfiableConstraint

DATA = Path(__file__).parents[3] / "shared" / "data"


def needs(folder: str):
    return pytest.mark.skipif(not (DATA / folder).is_dir(), reason=f"no {folder} in {DATA}")


# --- JSON-Schema-Test-Suite -----------------------------------------------------------------------------------------


DRAFTS = {
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft7": "http://json-schema.org/draft-07/schema#",
}
ASSERTED = {"format.json"}       # holds that a format asserts nothing unless asked to; here it always does
KNOWN = {                        # misjudged, and why
    "vocabulary.json: schema that uses custom metaschema with with no validation vocabulary":
        "a metaschema of the user's own is not read",
}


def groups(draft: str) -> Iterator[tuple[str, dict]]:
    """Yields (name, group) for every required group of the suite."""
    for file in sorted((DATA / "json-schema-test-suite" / "tests" / draft).glob("*.json")):
        if file.name not in ASSERTED:
            for group in json.loads(file.read_text()):
                yield f"{file.name}: {group['description']}", group


@lru_cache
def verdicts(draft: str) -> dict[str, str]:
    return {name: judged(group, draft) for name, group in groups(draft)}


@lru_cache
def remotes() -> dict[str, object]:
    """The documents that the suite's references name, by the address it gives them."""
    folder = DATA / "json-schema-test-suite" / "remotes"
    return {f"http://localhost:1234/{file.relative_to(folder)}": json.loads(file.read_text())
            for file in sorted(folder.rglob("*.json"))}


def judged(group: dict, draft: str) -> str:
    """Returns "agrees", "misjudged", "remote" (it reads other documents) or "refused"."""
    schema = group["schema"]
    schema = {"$schema": DRAFTS[draft], **schema} if isinstance(schema, dict) else schema
    try:
        plan = JsonSchema(schema, keys="any", resources=remotes()).plan("")
    except UnsatisfiableConstraint:
        return "misjudged" if any(case["valid"] for case in group["tests"]) else "agrees"
    except ConstraintError as error:
        return "remote" if "is not local" in str(error) else "refused"
    try:
        found = [plan.check(json.dumps(case["data"])).valid == case["valid"] for case in group["tests"]]
    except re.error:
        return "misjudged"
    return "agrees" if all(found) else "misjudged"


@needs("json-schema-test-suite")
@pytest.mark.parametrize("draft", DRAFTS)
def test_the_published_suite_is_judged_as_it_is_labelled(draft):
    found = verdicts(draft)
    count = Counter(found.values())
    print(f"{draft}: {dict(count)}; {[name for name, verdict in found.items() if verdict in ('misjudged', 'refused')]}")
    assert {name for name, verdict in found.items() if verdict == "misjudged"} <= KNOWN.keys()
    assert count["agrees"] >= 0.99 * len(found) and len(found) > 200


@needs("json-schema-test-suite")
@pytest.mark.parametrize("draft", DRAFTS)
def test_a_group_is_refused_as_remote_only_where_another_document_is_named(draft):
    here = ("http://json-schema.org/", "https://json-schema.org/", "http://localhost:1234/")
    for name, group in groups(draft):
        if verdicts(draft)[name] == "remote":
            assert any(place in json.dumps(group["schema"]) for place in here), name


# --- JSONTestSuite --------------------------------------------------------------------------------------------------


PARSING = "jsontestsuite"
TWICE = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}     # a key twice is never accepted


def texts(kind: str, smallest: int = 0, largest: int = 5_000) -> dict[str, str]:
    """The files of a kind that are UTF-8; others are refused before they are texts."""
    found = {}
    for file in sorted((DATA / PARSING / "test_parsing").glob(f"{kind}_*.json")):
        if smallest <= file.stat().st_size < largest:
            try:
                found[file.name] = file.read_bytes().decode()
            except UnicodeDecodeError:
                assert kind != "y"
    return found


@needs(PARSING)
@pytest.mark.parametrize("schema", [True, {"type": ["object", "array", "string", "number", "boolean", "null"]}])
def test_what_jsontestsuite_calls_json_is_accepted_in_any_spelling(schema):
    plan, cases = JsonSchema(schema).plan(""), texts("y")
    assert len(cases) > 80
    assert {name for name, text in cases.items() if not plan.check(text).valid} == TWICE


@needs(PARSING)
@pytest.mark.parametrize("smallest, largest, least", [
    (0, 5_000, 150), pytest.param(5_000, 10**9, 1, marks=pytest.mark.slow),
])
def test_nothing_jsontestsuite_calls_broken_is_accepted(smallest, largest, least):
    plan, cases = JsonSchema(True).plan(""), texts("n", smallest, largest)
    assert len(cases) > least
    assert [name for name, text in cases.items() if plan.check(text).valid] == []


@needs(PARSING)
def test_where_parsers_differ_a_verdict_comes_back():
    plan, cases = JsonSchema(True).plan(""), texts("i")
    assert len(cases) > 10
    for name, text in cases.items():
        verdict = plan.check(text)
        assert verdict.valid or all(violation.message for violation in verdict.violations), name


# --- MaskBench ------------------------------------------------------------------------------------------------------


def records(step: int) -> Iterator[dict]:
    parts = sorted((DATA / "maskbench-dev").glob("*.jsonl.gz"))
    lines = chain.from_iterable(gzip.open(part, "rt") for part in parts)
    return map(json.loads, islice(lines, 0, None, step))


def misjudged(record: dict) -> list[str] | None:
    """Returns the instances judged against their label; None where the schema is refused."""
    try:
        plan = JsonSchema(record["schema"], keys="any").plan("")
    except UnsatisfiableConstraint:
        return [f"{record['id']}: unsatisfiable"] if any(test["valid"] for test in record["tests"]) else []
    except ConstraintError:
        return None
    return [f"{record['id']}: test {i}, labelled {test['valid']}" for i, test in enumerate(record["tests"])
            if plan.check(json.dumps(test["data"])).valid != test["valid"]]


@needs("maskbench-dev")
@pytest.mark.parametrize("step", [100, pytest.param(5, marks=pytest.mark.slow)])
def test_schemas_found_in_the_wild_hold_of_what_they_are_labelled_with(step):
    found = [misjudged(record) for record in records(step)]
    refused = sum(one is None for one in found)
    print(f"{len(found)} schemas, {refused} refused")
    assert [fault for one in found if one for fault in one] == []
    assert refused <= 0.02 * len(found) and len(found) > 50
