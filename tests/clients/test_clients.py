"""Libraries on top of the OpenAI client get objects from a running server, with no code of ours: `make test-clients`.

They have an environment of their own: instructor pins an older `openai` than the one the server is tested with.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

instructor = pytest.importorskip("instructor", reason="`make test-clients` makes an environment with instructor and pydantic-ai")
pydantic_ai = pytest.importorskip("pydantic_ai", reason="`make test-clients` makes an environment with instructor and pydantic-ai")

import openai  # noqa: E402
from pydantic import BaseModel, Field  # noqa: E402

SERVER = os.environ.get("STRUCTDIFF", str(Path(sys.prefix).parent / ".venv/bin/structdiff"))
TEXT = "Order number: KX-2203\nRecipient: Ada Lindholm\nParcels: 3\nCarrier: Nordpost"


class Delivery(BaseModel):
    """A delivery."""

    order_number: str = Field(max_length=20)
    parcels: int = Field(ge=1, le=20)
    carrier: Literal["Nordpost", "Rail"]


@pytest.fixture(scope="module")
def base():
    server = subprocess.Popen([SERVER, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)
    yield re.search(r"http://[\w.:]+/v1", server.stderr.readline())[0]
    server.terminate()
    assert server.wait(60) == 0
    server.stderr.close()


@pytest.mark.parametrize("mode", ["JSON_SCHEMA", "TOOLS_STRICT", "TOOLS"])
def test_instructor_gets_an_object(base, mode):
    with openai.OpenAI(api_key="x", base_url=base, max_retries=0) as client:
        made = instructor.from_openai(client, mode=instructor.Mode[mode]).chat.completions.create(
            model="structdiff", response_model=Delivery, messages=[{"role": "user", "content": TEXT}], max_retries=0)
    assert isinstance(made, Delivery) and 1 <= made.parcels <= 20


def test_instructor_gets_parts_while_it_is_written(base):
    with openai.OpenAI(api_key="x", base_url=base, max_retries=0) as client:
        parts = list(instructor.from_openai(client, mode=instructor.Mode.JSON_SCHEMA).chat.completions.create_partial(
            model="structdiff", response_model=Delivery, messages=[{"role": "user", "content": TEXT}], max_retries=0))
    assert parts[-1].carrier in ("Nordpost", "Rail") and len(parts) > 1


@pytest.mark.parametrize("output", ["ToolOutput", "NativeOutput"])
@pytest.mark.parametrize("api", ["OpenAIChatModel", "OpenAIResponsesModel"])
def test_pydantic_ai_gets_an_object(base, output, api):
    from pydantic_ai.models import openai as models
    from pydantic_ai.providers.openai import OpenAIProvider

    model = getattr(models, api)("structdiff", provider=OpenAIProvider(base_url=base, api_key="x"))
    agent = pydantic_ai.Agent(model, output_type=getattr(pydantic_ai, output)(Delivery))
    made = agent.run_sync(TEXT).output
    assert isinstance(made, Delivery) and 1 <= made.parcels <= 20
