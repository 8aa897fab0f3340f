"""A Pydantic object from diffusers' DiffusionGemmaPipeline: `python examples/diffusers_pipeline.py`. It needs diffusers."""

import torch
from diffusers import DiffusionGemmaPipeline
from pydantic import BaseModel, Field
from transformers import AutoTokenizer, DiffusionGemmaForBlockDiffusion

from structdiff.integrations.diffusers import ConstraintScheduler
from structdiff.models.diffusion_gemma import EMBEDDED

TEXT = "city, boxes, paid\nOrder from the shop in Bergen: 14 boxes. The order is paid."


class Order(BaseModel):
    city: str = Field(min_length=1)
    boxes: int = Field(ge=1)
    paid: bool


def main(name: str = str(EMBEDDED), gen_length: int = 96) -> Order:
    tokenizer = AutoTokenizer.from_pretrained(name)
    if not tokenizer.chat_template:                     # the embedded model reads plain lines
        tokenizer.chat_template = "{{ bos_token + messages[0]['content'] + '\n' }}"
    model = DiffusionGemmaForBlockDiffusion.from_pretrained(name)
    scheduler = ConstraintScheduler(Order, tokenizer, gen_length=gen_length)
    pipe = DiffusionGemmaPipeline(model=model, scheduler=scheduler, processor=tokenizer)
    pipe.set_progress_bar_config(disable=True)
    output = pipe(prompt=TEXT, gen_length=gen_length, generator=torch.Generator().manual_seed(0))
    return scheduler.results(output.sequences)[0].unwrap()


if __name__ == "__main__":
    print(repr(main()))
