"""What is refused before generation, and how a constraint travels with a request: as JSON under one of its extra arguments."""

from __future__ import annotations

import json
from typing import Any

from vllm.config import ModelConfig
from vllm.exceptions import VLLMValidationError
from vllm.sampling_params import SamplingParams, StructuredOutputsParams
from vllm.tokenizers import cached_tokenizer_from_config

from structdiff.api import compiled
from structdiff.errors import ConstraintError
from structdiff.integrations.vllm.writer import constraint_of
from structdiff.models.tokens import vocab_of
from structdiff.vocab import Vocab

ARGUMENT = "structdiff"
KINDS = ("json", "json_object", "regex", "choice", "grammar")
OPTIONS = ("disable_any_whitespace", "disable_additional_properties", "whitespace_pattern", "structural_tag")
CLASHES = ("stop", "stop_token_ids", "ignore_eos", "logprobs", "logprob_token_ids")


def vocabulary(model: ModelConfig) -> Vocab:
    """Returns the model's vocabulary; all tokens that vLLM stops at end a text."""
    tokenizer = cached_tokenizer_from_config(model)
    ends = model.try_get_generation_config().get("eos_token_id") or []
    ends = [*([ends] if isinstance(ends, int) else ends), tokenizer.eos_token_id]
    return vocab_of(tokenizer, model.get_vocab_size(), [end for end in ends if end is not None])


def clash(request: Any, vocab: Vocab) -> str | None:
    """Returns the field of a request, or of sampling parameters, that cannot go with a constraint, if there is one."""
    for name in CLASHES:
        value = getattr(request, name, None)
        given = value is not None and value is not False and value != []
        if given and not (name == "stop_token_ids" and set(value) <= set(vocab.end_tokens)):
            return name
    return None


class Admission:
    """Takes structured outputs from where vLLM would refuse them to where the plugin's model finds them.

    model: `LLM.model_config`.
    """

    def __init__(self, model: ModelConfig):
        self._vocab, self._longest = vocabulary(model), model.max_model_len

    def admit(self, params: SamplingParams) -> SamplingParams:
        """Returns parameters to generate with: a copy with the structured outputs and the seed moved, or `params` if they have none.

        Raises:
            VLLMValidationError: the constraint is at fault, no satisfying text fits `max_tokens`, or they have what cannot go with it.
        """
        if params.structured_outputs is None:
            return params
        argument = self.argument(params, params.structured_outputs, params.max_tokens)
        admitted = params.clone()
        admitted.structured_outputs = admitted.seed = None
        admitted.extra_args = {**(params.extra_args or {}), ARGUMENT: argument}
        return admitted

    def argument(self, request: Any, wanted: StructuredOutputsParams, max_tokens: int | None) -> str:
        """Returns what stands for `wanted` among a request's extra arguments; raises as `admit` does.

        request: sampling parameters, or a request of vLLM's server.
        """
        if name := clash(request, self._vocab):
            raise VLLMValidationError(f"{name} cannot go with structured outputs of a diffusion model", parameter=name)
        for name in OPTIONS:
            if getattr(wanted, name):
                raise VLLMValidationError(f"{name} is not supported with a diffusion model", parameter="structured_outputs")
        kind = next(kind for kind in KINDS if getattr(wanted, kind) is not None)
        value = getattr(wanted, kind)
        try:
            value = json.loads(value) if kind == "json" and isinstance(value, str) else value
            compiled(constraint_of(kind, value), self._vocab).require((max_tokens or self._longest) - 1)      # and an end token
        except (ConstraintError, json.JSONDecodeError, RecursionError) as error:
            raise VLLMValidationError(str(error)) from error
        return json.dumps({kind: value, "seed": request.seed})
