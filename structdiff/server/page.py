"""The page on which to watch it: static files, and the examples it starts from."""

from __future__ import annotations

import json
from functools import partial
from importlib.resources import files
from pathlib import PurePath

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
         ".json": "application/json"}
ASSETS = ("page.css", "page.js", "client.js", "export.js", "replay.js", "sudoku.js", "icon.svg")
HEADERS = {
    # Trusted types with no policy: the browser refuses to parse any string as markup or script, whoever asks.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
                               "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin", "cache-control": "no-cache",
}


def routes() -> list[Route]:
    """Returns the routes of the page: itself at /, what it loads below /page/."""
    contents = {"/": ("page.html", _stored("page.html")), "/page/examples.json": ("examples.json", json.dumps(examples()).encode()),
                **{f"/page/{name}": (name, _stored(name)) for name in ASSETS}}
    return [Route(path, partial(_answer, content=content, media_type=TYPES[PurePath(name).suffix])) for path, (name, content) in contents.items()]


def examples() -> dict[str, list[dict[str, str]]]:
    """Returns what to start from: by mode of the page, and every kind of puzzle there is."""
    from structdiff.puzzle.kinds import KINDS

    puzzles = [{"kind": kind.name, "about": kind.about, "text": kind.example} for kind in KINDS.values()]
    return {**json.loads(_stored("examples.json")), "puzzles": puzzles}


async def _answer(request: Request, content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers=HEADERS)


def _stored(name: str) -> bytes:
    return files("structdiff.server").joinpath("page", name).read_bytes()
