"""A Pydantic object from transformers' own `generate`: `python examples/transformers_generate.py`."""

import torch
from pydantic import BaseModel, Field
from transformers import AutoTokenizer, DiffusionGemmaForBlockDiffusion, LogitsProcessorList

from structdiff.integrations.transformers import ConstraintLogitsProcessor
from structdiff.models.diffusion_gemma import EMBEDDED

TEXT = "city, boxes, paid\nOrder from the shop in Bergen: 14 boxes. The order is paid.\n"


class Order(BaseModel):
    city: str = Field(min_length=1)
    boxes: int = Field(ge=1)
    paid: bool


def main(name: str = str(EMBEDDED), max_new_tokens: int = 96) -> Order:
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = DiffusionGemmaForBlockDiffusion.from_pretrained(name)
    processor = ConstraintLogitsProcessor(Order, tokenizer, generation_config=model.generation_config, max_new_tokens=max_new_tokens)
    torch.manual_seed(0)
    prompt = torch.tensor([[tokenizer.bos_token_id, *tokenizer.encode(TEXT, add_special_tokens=False)]])
    output = model.generate(prompt, logits_processor=LogitsProcessorList([processor]), max_new_tokens=max_new_tokens)
    return processor.results(output.sequences)[0].unwrap()


if __name__ == "__main__":
    print(repr(main()))
