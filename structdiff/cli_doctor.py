"""`structdiff doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from structdiff import cli_output


def add(app: typer.Typer) -> None:
    """Gives `app` the command."""
    app.command(epilog="Exit codes: 0 all is well; 1 something is not, and what to do about it is said.",
                short_help="Check that this installation works.")(doctor)


def doctor(
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="What to generate with; the one that ships with "
                                              "structdiff when not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Checks versions, devices, weights and caches, generates under a schema, repairs a text and solves a puzzle; offline."""
    with cli_output.reported():
        from structdiff.doctor import examine

        findings = []
        for one in examine(model):
            findings.append(one)
            if not as_json:
                cli_output.show(f"{'ok  ' if one.ok else 'FAIL'}  {one.check:<12}  {one.seconds:6.2f} s  {one.found}")
        well = all(one.ok for one in findings)
        if as_json:
            cli_output.show(cli_output.as_json({"ok": well, "checks": [{"ok": one.ok, **asdict(one)} for one in findings]}))
        for one in findings:
            if not one.ok:
                cli_output.say(f"{one.check}: {one.found}; {one.advice}")
        if not well:
            raise typer.Exit(cli_output.FAILED)
