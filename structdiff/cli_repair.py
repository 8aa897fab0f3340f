"""`structdiff repair`: the repaired text on stdout, what was done on stderr, and whether it was needed in the exit code."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structdiff import cli_input
from structdiff.cli_input import UsageFault

if TYPE_CHECKING:
    from structdiff.repairs import Repair

UNCHANGED, REPAIRED, REFUSED = 0, 1, 2
BY_SUFFIX = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".xml": "xml", ".rss": "xml", ".svg": "svg", ".html": "html",
             ".htm": "html", ".toml": "toml", ".csv": "csv", ".py": "python", ".ini": "ini", ".sql": "sql", ".css": "css",
             ".yaml": "yaml", ".yml": "yaml"}
SHOWN = 60              # characters of an edit


@dataclass(frozen=True)
class Wanted:
    """What the text is to become, as the command line says it."""

    format: str | None = None
    schema: str | None = None
    grammar: str | None = None
    start: str | None = None

    def of(self, file: str, text: str) -> Any:
        """Returns the format's name or the constraint."""
        given = [name for name in ("format", "schema", "grammar") if getattr(self, name) is not None]
        if len(given) > 1 and given != ["format", "schema"] or given == ["format", "schema"] and self.format != "json":
            raise UsageFault(f"{' and '.join('--' + name for name in given)} given; give one of them")
        if self.start is not None and self.grammar is None:
            raise UsageFault("--start is only for --grammar")
        if self.schema is not None:
            return cli_input.schema_from(self.schema)
        if self.grammar is not None:
            import structdiff
            return structdiff.Grammar(self.grammar, self.start or "")
        return self.format or BY_SUFFIX.get(Path(file).suffix.lower()) or _guessed(file, text)


def _guessed(file: str, text: str) -> str:
    """Returns the format that a text without a telling name seems to be."""
    head = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if head.startswith(("{", "[", "```json")):
        return "json"
    if head.startswith(("<!doctype html", "<html")):
        return "html"
    if head.startswith("<svg"):
        return "svg"
    if head.startswith("<"):
        return "xml"
    if head.startswith(("---\n", "%yaml", "- ", "```yaml", "```yml")) or re.match(r"[\w.-]+:(?:\s|$)", head):
        return "yaml"
    raise UsageFault(f"{file}: cannot tell its format; name it with --format")


@dataclass(frozen=True)
class Shown:
    """What of a repair is printed, and where the text goes."""

    check: bool = False
    diff: bool = False
    report: str | None = None
    in_place: bool = False


def output(repair: Repair, text: str, file: str, shown: Shown) -> str | None:
    """Returns what to print, None for nothing."""
    if shown.report is not None:
        if shown.report != "json":
            raise UsageFault(f"--report {shown.report}: there is only json")
        return json.dumps(record(repair), ensure_ascii=False)
    if shown.diff:
        return "".join(_diff(text, repair.text if repair.text is not None else text, file)) or None
    return None


def record(repair: Repair) -> dict[str, Any]:
    return {"outcome": repair.outcome.name.lower(), "text": repair.text, "edits": [asdict(edit) for edit in repair.edits],
            "cost": round(repair.cost, 3) if repair.text is not None else None, "confidence": round(repair.confidence, 4),
            "alternatives": [{"text": one.text, "edits": [asdict(edit) for edit in one.edits], "cost": round(one.cost, 3)}
                             for one in repair.alternatives], "reason": repair.reason}


def _diff(before: str, after: str, file: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), file, f"{file} (repaired)")
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]


def told(repair: Repair, text: str) -> list[str]:
    """Returns what was done, a line an edit, for people."""
    if repair.text is None:
        return [f"refused: {repair.reason}"]
    if not repair.edits:
        return ["valid as it is"]
    lines = [f"{_place(text, edit.begin)}: {edit.kind} {_told(edit.old, edit.new)}" for edit in repair.edits]
    return [*lines, f"repaired with {len(repair.edits)} edit{'s' if len(repair.edits) > 1 else ''}, confidence {repair.confidence:.0%}"]


def _place(text: str, at: int) -> str:
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def _told(old: str, new: str) -> str:
    return " -> ".join(_cut(part) for part in (old, new) if part) if old and new else _cut(old or new)


def _cut(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[: SHOWN // 2]}…{text[-SHOWN // 2 :]}")


def exit_code(repair: Repair) -> int:
    return REFUSED if repair.text is None else REPAIRED if repair.edits else UNCHANGED
