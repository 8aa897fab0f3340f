"""A server that speaks the OpenAI API: `serve` runs it, `app` is the ASGI application."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from socket import socket

from structdiff.denoiser import Denoiser
from structdiff.server.app import Options, app

__all__ = ["Options", "app", "serve"]

DRAIN = 30              # seconds that running requests have when the server is told to stop
COMPILED = 3            # of these, those that wait for a constraint


def serve(denoiser: Denoiser, options: Options = Options(), host: str = "127.0.0.1", port: int = 8000,
          ready: Callable[[str], None] | None = None) -> None:
    """Serves until it is told to stop; what has begun is then ended first. port: 0 for any that is free. ready: called with the address
    once it listens."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            if ready is not None and self.started:
                ready(f"http://{host}:{self.servers[0].sockets[0].getsockname()[1]}")

        async def shutdown(self, sockets: list[socket] | None = None) -> None:
            stopping = asyncio.get_running_loop().call_later(COMPILED, made.state.stop)
            await super().shutdown(sockets)
            stopping.cancel()

    made = app(denoiser, options)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))      # raised again once all has ended: that is a good end
    Server(uvicorn.Config(made, host=host, port=port, log_level="warning", access_log=False,
                          timeout_graceful_shutdown=DRAIN, h11_max_incomplete_event_size=64_000, server_header=False)).run()
