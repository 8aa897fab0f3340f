"""The real OpenAI client, talking to an application in this process."""

from __future__ import annotations

import asyncio
from functools import lru_cache

import httpx
import openai

from structdiff.server import Options, app
from structdiff.server.workshop import Workshop

SAY = [{"role": "user", "content": "Say it."}]


@lru_cache(maxsize=4)
def shop(vocab) -> Workshop:
    """Returns a workshop that all tests with this vocabulary share: starting one takes seconds."""
    return Workshop(vocab)


def talk(model, chat, options: Options = Options()):
    """Runs `chat(client, http)` against a server of its own."""

    async def session():
        made = app(model, options, shop(model.vocab))
        async with made.router.lifespan_context(made), httpx.AsyncClient(transport=httpx.ASGITransport(made, raise_app_exceptions=False),
                                                                         base_url="http://server") as http:
            client = openai.AsyncOpenAI(api_key="secret", base_url="http://server/v1", http_client=http, max_retries=0)
            return await chat(client, http)

    return asyncio.run(session())


def ask(model, **wanted):
    async def chat(client, http):
        return await client.chat.completions.create(model="structdiff", messages=SAY, **wanted)

    return talk(model, chat)


def streamed(model, **wanted):
    """Returns the chunks."""

    async def chat(client, http):
        stream = await client.chat.completions.create(model="structdiff", messages=SAY, stream=True, **wanted)
        return [chunk async for chunk in stream]

    return talk(model, chat)
