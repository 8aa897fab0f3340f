"""The server's routes for completions, with structured outputs: each moves them to where the model finds them and goes on as vLLM's does."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from vllm.entrypoints.openai.chat_completion import api_router as chat
from vllm.entrypoints.openai.chat_completion.protocol import ChatCompletionRequest
from vllm.entrypoints.openai.completion import api_router as completion
from vllm.entrypoints.openai.completion.protocol import CompletionRequest
from vllm.entrypoints.serve.utils.api_utils import validate_json_request

from structdiff.integrations.vllm.admission import ARGUMENT, Admission

router = APIRouter()
Completion = TypeVar("Completion", ChatCompletionRequest, CompletionRequest)


class Endpoints:
    """See `vllm.plugins.endpoint_plugins.interface.EndpointPlugin`."""

    name = "structdiff"
    required_tasks = ("generate",)

    def attach_router(self, app: FastAPI) -> None:
        app.include_router(router)

    async def init_state(self, engine_client: Any, state: Any, args: Namespace) -> None:
        state.structdiff = Admission(engine_client.model_config)
        state.structdiff_compiling = asyncio.Lock()


@router.post("/v1/chat/completions", dependencies=[Depends(validate_json_request)])
async def create_chat_completion(request: ChatCompletionRequest, raw_request: Request) -> Response:
    return await chat.create_chat_completion(await _admitted(request, raw_request), raw_request)


@router.post("/v1/completions", dependencies=[Depends(validate_json_request)])
async def create_completion(request: CompletionRequest, raw_request: Request) -> Response:
    return await completion.create_completion(await _admitted(request, raw_request), raw_request)


async def _admitted(request: Completion, raw_request: Request) -> Completion:
    """Returns the request with its structured outputs moved; raises VLLMValidationError, which the server answers with status 400."""
    wanted = request.extract_structured_outputs()
    if wanted is None:
        return request
    state = raw_request.app.state
    most = getattr(request, "max_completion_tokens", None) or request.max_tokens
    async with state.structdiff_compiling:
        argument = await asyncio.to_thread(state.structdiff.argument, request, wanted, most)
    return request.model_copy(update={
        "response_format": None, "structured_outputs": None, "seed": None, "vllm_xargs": {**(request.vllm_xargs or {}), ARGUMENT: argument}})
