"""A server that speaks the OpenAI API: `serve` runs it, `app` is the ASGI application."""

from __future__ import annotations

from structdiff.denoiser import Denoiser
from structdiff.server.app import Options, app

__all__ = ["Options", "app", "serve"]

DRAIN = 30              # seconds that running requests have when the server is told to stop


def serve(denoiser: Denoiser, options: Options = Options(), host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serves until it is told to stop; what has begun is then ended first."""
    import uvicorn

    uvicorn.run(app(denoiser, options), host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=DRAIN,
                h11_max_incomplete_event_size=64_000, server_header=False)
