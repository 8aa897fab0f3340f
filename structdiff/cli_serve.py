"""`structdiff serve`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from structdiff import cli_output
from structdiff.cli_input import UsageFault


def add(app: typer.Typer) -> None:
    """Gives `app` the command."""
    app.command(short_help="Serve the OpenAI API.")(serve)


def serve(
    model: Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="The model; the one that ships with structdiff when not "
                                              "given.")] = None,
    host: Annotated[str, typer.Option("--host", help="Where to listen; by default only this machine can connect.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    api_key: Annotated[str | None, typer.Option("--api-key", envvar="STRUCTDIFF_API_KEY", help="What clients must show as bearer token.")] = None,
    seats: Annotated[int, typer.Option("--seats", min=1, help="Requests that are denoised together, at most.")] = 64,
    waiting: Annotated[int, typer.Option("--waiting", min=0, help="Requests that may wait; more are refused with 429.")] = 256,
) -> None:
    """Serves chat completions: response_format, tools, structured_outputs; streams what is committed."""
    with cli_output.reported():
        import structdiff

        try:
            from structdiff import server
        except ImportError as error:
            raise UsageFault(f"the server needs {error.name}; pip install 'structdiff[server]'") from None
        if host not in ("127.0.0.1", "::1", "localhost") and api_key is None:
            raise UsageFault(f"--host {host} lets others in; give an --api-key")
        denoiser = structdiff.load(model)
        if hasattr(denoiser, "spread"):
            denoiser.spread(os.cpu_count() or 1)
        server.serve(denoiser, server.Options(model or "structdiff", api_key, seats, waiting), host, port,
                     lambda address: cli_output.say(f"{address}/v1, model {model or 'structdiff'}; watch it at {address}/"))
