"""TOML, CSV and YAML documents: projects, settings, lists of packages, tables, pipelines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence

import yaml

from tasks.markup_repair import json_documents
from tasks.markup_repair.words import Scribe

Kind = Callable[[Scribe], str]


def toml_string(scribe: Scribe) -> str:
    text = scribe.one(scribe.title(), scribe.noun(), scribe.sentence(), scribe.path(), scribe.url(), scribe.foreign(),
                      scribe.version(), json_documents.quoting(scribe))
    if scribe.maybe(0.1) and "'" not in text and "\n" not in text and "\t" not in text:
        return f"'{text}'"
    if scribe.maybe(0.05):
        return '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '\n"""'
    return json.dumps(text, ensure_ascii=False)


def toml_value(scribe: Scribe, depth: int = 1) -> str:
    options = [toml_string(scribe), toml_string(scribe), str(scribe.number()), str(scribe.decimal()),
               scribe.one("true", "false"), scribe.date(), scribe.time()]
    if depth:
        options += [toml_array(scribe), toml_inline(scribe)]
    return scribe.rng.choice(options)


def toml_array(scribe: Scribe) -> str:
    kind = scribe.one(lambda: str(scribe.number()), lambda: json.dumps(scribe.slug()), lambda: toml_string(scribe),
                      lambda: str(scribe.decimal()))
    items = [kind() for _ in scribe.some(1, 6)]
    if scribe.maybe(0.5):
        return "[" + ", ".join(items) + "]"
    return "[\n" + ",\n".join("    " + item for item in items) + scribe.one(",", "") + "\n]"


def toml_inline(scribe: Scribe) -> str:
    pairs = ", ".join(f"{key} = {toml_value(scribe, 0)}" for key in scribe.keys(scribe.number(1, 3)))
    return "{ " + pairs.replace('"""\n', '"""').replace("\n", " ") + " }"


def toml_pairs(scribe: Scribe, count: int) -> list[str]:
    return [f"{key} = {toml_value(scribe)}" + (f"  # {scribe.sentence()}" if scribe.maybe(0.06) else "")
            for key in scribe.keys(count)]


def project(scribe: Scribe) -> str:
    def needs() -> str:
        return "[\n" + "".join(f"    \"{scribe.slug()}>={scribe.version()}\",\n" for _ in scribe.some(1, 7)) + "]"
    return "\n".join([
        "[build-system]", f"requires = [\"{scribe.slug()}>={scribe.version()}\", \"{scribe.noun()}\"]",
        f"build-backend = \"{scribe.noun()}.build\"", "", "[project]",
        f"name = \"{scribe.slug()}\"", f"version = \"{scribe.version()}\"", f"description = {json.dumps(scribe.sentence())}",
        f"authors = [{{ name = \"{scribe.person()}\", email = \"{scribe.email()}\" }}]", f"dependencies = {needs()}", "",
        "[project.optional-dependencies]",
        f"{scribe.noun()} = {needs()}", "", f"[tool.{scribe.noun()}.{scribe.noun()}]",
        *toml_pairs(scribe, scribe.number(2, 5)), ""])


def crate(scribe: Scribe) -> str:
    names = scribe.rng.sample(scribe.words["nouns"], 4)
    features = f"[\"{scribe.noun()}\", \"{scribe.noun()}\"]"
    return "\n".join(["[package]", f"name = \"{scribe.slug()}\"", f"version = \"{scribe.version()}\"", "edition = \"2021\"",
                      "", "[dependencies]",
                      f"{names[0]} = \"{scribe.version()}\"",
                      f"{names[1]} = {{ version = \"{scribe.version()}\", features = {features}, optional = true }}",
                      f"{names[2]} = {{ path = \"../{names[2]}\" }}", "", "[[bin]]", f"name = \"{names[3]}\"",
                      f"path = \"{scribe.path()}\"", "", "[profile.release]", *toml_pairs(scribe, 3), ""])


def settings(scribe: Scribe) -> str:
    lines = [f"# {scribe.sentence()}", *toml_pairs(scribe, scribe.number(1, 4))]
    for name in scribe.rng.sample(scribe.words["nouns"], scribe.number(2, 4)):
        lines += ["", f"[{name}]", *toml_pairs(scribe, scribe.number(2, 5))]
        if scribe.maybe(0.3):
            lines += ["", f"[{name}.{scribe.noun()}]", *toml_pairs(scribe, 2)]
    return "\n".join(lines) + "\n"


def lock(scribe: Scribe) -> str:
    parts = [f"version = {scribe.number(1, 4)}\n"]
    for _ in scribe.some(2, 7):
        parts.append("\n".join(["[[package]]", f"name = \"{scribe.slug()}\"", f"version = \"{scribe.version()}\"",
                                f"source = \"registry+{scribe.url()}\"", f"checksum = \"{scribe.hexadecimal(40)}\"",
                                "dependencies = [\n" + "".join(f" \"{scribe.slug()}\",\n" for _ in scribe.some(1, 4)) + "]",
                                ""]))
    return "\n".join(parts)


def site(scribe: Scribe) -> str:
    menu = [f"  [[menu.main]]\n    name = {json.dumps(scribe.title())}\n    url = \"/{scribe.noun()}/\"\n    weight = {scribe.number(1, 90)}"
            for _ in scribe.some(1, 5)]
    return "\n".join([f"baseURL = \"{scribe.url()}\"", f"title = '{scribe.title()}'", *toml_pairs(scribe, 2), "", "[params]",
                      f"  author = {json.dumps(scribe.person())}", f"  quote = {toml_string(scribe)}",
                      "", "[menu]", *menu, ""])


def rows(scribe: Scribe, columns: Sequence[Callable[[], object]], header: Sequence[str]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n", quoting=scribe.one(csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
    writer.writerow(header)
    writer.writerows([column() for column in columns] for _ in scribe.some(4, 25))
    return made.getvalue()


def table(scribe: Scribe) -> str:
    makers = [scribe.number, scribe.decimal, scribe.title, scribe.sentence, scribe.date, scribe.person,
              lambda: json_documents.quoting(scribe), scribe.foreign, scribe.email, lambda: ""]
    columns = scribe.rng.sample(makers, scribe.number(3, 6))
    return rows(scribe, columns, scribe.keys(len(columns)))


def block_yaml(scribe: Scribe, value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True,
                          default_flow_style=scribe.one(False, False, False, None, True), width=scribe.one(80, 120),
                          indent=scribe.one(2, 2, 4))


TOML: dict[str, tuple[Kind, ...]] = {"dev": (settings, project, crate), "test": (settings, lock, site)}
CSV: dict[str, tuple[Kind, ...]] = {"dev": (table,), "test": (table,)}
