"""vLLM's DiffusionGemma, whose sampler heeds constraints: a model, its state of requests and its sampler, each derived from vLLM's.

A forward serves constrained and other requests alike. vLLM's own sampler then takes the step for all rows, and what it found for the
constrained ones is written over: their next canvas, and whether it is denoised further or committed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from vllm.logger import init_logger
from vllm.model_executor.models.diffusion_gemma import (
    DiffusionGemmaForConditionalGeneration, DiffusionGemmaModelState, DiffusionSampler)
from vllm.v1.outputs import LogprobsTensors

from structdiff.integrations.vllm.admission import ARGUMENT, clash, vocabulary
from structdiff.integrations.vllm.writer import Served, Writer, constraint_of, row
from structdiff.schedule import Schedule

logger = init_logger("vllm.structdiff")
NEVER = 2**30           # denoising steps: a constrained canvas converges when its writer says so, not after these


class ConstrainedDiffusionGemma(DiffusionGemmaForConditionalGeneration):
    @staticmethod
    def get_model_state_cls() -> type[ConstrainedState]:
        return ConstrainedState


class ConstrainedState(DiffusionGemmaModelState):
    """Knows the writer of each constrained request, by the slot that vLLM gave it."""

    def __init__(self, vllm_config: Any, model: Any, encoder_cache: Any, device: torch.device):
        parallel = vllm_config.parallel_config
        if parallel.tensor_parallel_size > 1 or parallel.pipeline_parallel_size > 1:
            raise ValueError("structdiff's plugin runs on one device: tensor_parallel_size and pipeline_parallel_size must be 1")
        super().__init__(vllm_config, model, encoder_cache, device)
        states, config = self.diffusion_states, self.gen_config
        schedule = Schedule(states.max_denoising_steps, config["t_max"], config["t_min"])
        self.served = Served(vocabulary(self.model_config), states.canvas_length, schedule)
        self.writers: dict[int, Writer] = {}

    def custom_sampler(self, sampler: Any) -> tuple[Any, Any]:
        stock, rejection = super().custom_sampler(sampler)
        return ConstrainedSampler(stock, self.writers), rejection

    def add_request(self, req_index: int, new_req_data: Any) -> None:
        super().add_request(req_index, new_req_data)
        self.writers.pop(req_index, None)
        extra = (new_req_data.sampling_params and new_req_data.sampling_params.extra_args) or {}
        if ARGUMENT in extra:
            self.writers[req_index] = self._writer(new_req_data, extra)

    def remove_request(self, req_id: str) -> None:
        self.writers.pop(self._req_id_to_index.get(req_id), None)
        super().remove_request(req_id)

    def _writer(self, new: Any, extra: dict[str, Any]) -> Writer:
        """Returns the writer of a request that is new, or comes back after it was preempted: then its text so far follows the prompt."""
        try:
            prompt, wanted = len(new.prompt_token_ids), json.loads(extra[ARGUMENT])
            seed = wanted.pop("seed", None)
            [(kind, value)] = wanted.items()
            clashing = clash(new.sampling_params, self.served.vocab) or next((name for name in extra if name.startswith("diffusion_")), None)
            if clashing:
                raise ValueError(f"{clashing} cannot go with a constraint")
            budget = min(new.sampling_params.max_tokens, self.max_model_len - prompt) - 1          # and an end token
            begun = row(self.served, constraint_of(kind, value), budget,
                        zlib.crc32(new.req_id.encode()) if seed is None else seed % 2**63, new.prefill_token_ids[prompt:])
        except Exception as error:                   # `Admission` refuses it before; a client's own argument must not end the engine
            logger.warning("request %s cannot be constrained and gets no text: %s", new.req_id, error)
            return Writer(self.served, None, str(error))
        return Writer(self.served, begun)


class ConstrainedSampler(DiffusionSampler):
    """vLLM's sampler, and writers for the slots that have one.

    stock: whose state this takes over.
    """

    def __init__(self, stock: DiffusionSampler, writers: dict[int, Writer]):
        vars(self).update(vars(stock))
        self._writers = writers

    def __call__(self, logits: Tensor, input_batch: Any, draft_logits: Tensor | None = None) -> Any:
        turns = list(self._turns(input_batch))
        begun = [writer for _, writer, rows in turns if writer.text or not rows]
        for slot, writer, rows in turns:
            if not rows:
                continue
            if writer.text:
                self._pending_logprobs[slot] = _no_logprobs(len(rows), logits.device)
            else:
                writer.advance(logits[rows.start : rows.stop])
                self.diffusion_states.max_steps[slot] = NEVER
                self.diffusion_states.accepted_canvas_history_len[slot] = -1
        output = super().__call__(logits, input_batch, draft_logits)
        for writer in begun:
            writer.begin()
        for slot, writer, _ in turns:
            self._show(slot, writer)
        return output

    def _turns(self, batch: Any) -> Iterator[tuple[int, Writer, range]]:
        """Yields (slot, writer, its rows of the logits) of the constrained requests; no rows: this step has read the last of the prompt."""
        read = batch.num_computed_prefill_tokens_np + batch.num_scheduled_tokens >= batch.prefill_len_np
        for i, slot in enumerate(batch.idx_mapping_np[: batch.num_reqs].tolist()):
            rows = range(*batch.cu_num_logits_np[i : i + 2].tolist())
            if slot in self._writers and (rows or read[i]):
                yield slot, self._writers[slot], rows

    def _show(self, slot: int, writer: Writer) -> None:
        """Makes vLLM's next step the one that the writer wants."""
        states = self.diffusion_states
        canvas = torch.as_tensor(writer.canvas, dtype=torch.int64, device=states.device)
        states.canvas[slot] = states.argmax_canvas[slot] = canvas
        states.is_encoder_phase[slot] = writer.text
        if writer.text:
            states.self_conditioning_embeds[slot] = 0
        self.req_states.draft_tokens[slot, : len(canvas)] = canvas


def _no_logprobs(rows: int, device: torch.device) -> LogprobsTensors:
    """Returns what keeps the place of a constrained request's log-probabilities, where requests beside it have theirs."""
    return LogprobsTensors(torch.zeros(rows, 1, dtype=torch.int64, device=device), torch.full((rows, 1), -torch.inf, device=device),
                           torch.zeros(rows, dtype=torch.int64, device=device))
