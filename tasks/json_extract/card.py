"""Writes the embedded model's card from an evaluation and the training log, so that its figures are never typed by hand.

    python -m tasks.json_extract eval --json > build/eval.json
    python -m tasks.json_extract card --eval build/eval.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from structdiff.models.diffusion_gemma import EMBEDDED
from tasks.json_extract.evaluate import Score, table
from tasks.json_extract.train import CANVAS, Recipe

TARGET = 0.8

CARD = """# The embedded model

A DiffusionGemma a twenty-thousandth the size of the original ({weights:,} weights, {megabytes:.1f} MB): the same
architecture and loading path (`DiffusionGemmaForBlockDiffusion.from_pretrained`), with 6 layers of width 128, 2 experts,
a vocabulary of 1,024 byte-level tokens (digits, spaces and delimiters stand alone) and canvases of {canvas} tokens. It does
one job: given a document and the fields wanted, it fills a JSON object with the values that the document states.

## Data

`tasks/json_extract` draws it from code: 38 domains (invoices, bookings, tickets, …), ad-hoc forms, and, for 60 % of the
documents, domains invented on the spot from random English words, so that finding a value is learnt and not the wordings;
invented people, companies, codes, dates and amounts; prose, forms, letters, logs and chats; distractors, missing fields,
lists and nested objects. No real document was used. Eight whole domains are held out, with their own fields and
sentences (value generators and layouts are shared), and four others served development.

## Training

Uniform corruption with t ~ U(0, 1), cross-entropy over the whole canvas, self-conditioning in half of the steps, and the
encoder's next-token loss; Muon and AdamW. {steps:,} steps of {tokens:,} tokens of documents, {minutes:.0f} minutes on one
CPU core, of which the encoder alone was trained for the first {reading:.0%}, seed {seed}:

    python -m tasks.json_extract train --warm structdiff/models/tiny --minutes {minutes:.0f} --reading {reading} --rates {rates:.1f} --threads 1 --seed {seed} --out build/tiny
    python -m tasks.json_extract mean structdiff/models/tiny build/tiny --out structdiff/models/tiny

They began from the weights of 33,444 earlier steps, the first of them on fewer kinds of documents (LOG.md); what ships is the mean of the weights
before and after. Runs end by the clock, so another machine's weights differ.

## How good it is

Per-field exact match on domains and wordings never trained on, seed {eval_seed}
(`python -m tasks.json_extract eval --documents {count}`):

{table}

*grounded*: string values must be spans of the document. *unconstrained*: the model alone, parsed with `json.loads`.
*masked*: each position restricted to what is possible there, without the joint. The last two decode as DiffusionGemma does
(entropy bound 0.1), the others with the engine's defaults: a settled block is read by the encoder and taken up again from the
first token that this would have otherwise; *unreviewed*: grounded, without that. {verdict}

## Limits

English-like text of up to about 700 characters, objects of up to about 300; fields must be named near their values.
It knows nothing of the world and does not calculate. It is trained to show the engine, not to be relied on.
"""


def write(scores: list[Score], folder: Path, checkpoint: Path, seed: int) -> None:
    """Writes `folder`/README.md."""
    saved = torch.load(checkpoint, weights_only=True)
    recipe = Recipe(**saved["recipe"])
    size = (folder / "model.safetensors").stat().st_size
    grounded = next(score for score in scores if score.method == "grounded")
    verdict = ("The aim of 80 % grounded is met." if grounded.exact >= TARGET else
               f"The aim is 80 % grounded; it is {100 * (TARGET - grounded.exact):.1f} points short: "
               "it finds wordings that it knows, and was shown too few (LOG.md).")
    (folder / "README.md").write_text(CARD.format(
        weights=size // 4, megabytes=size / 1e6, canvas=CANVAS, steps=saved["step"], tokens=recipe.tokens,
        reading=recipe.reading, rates=recipe.muon_rate / Recipe.muon_rate,
        minutes=saved["spent"], seed=recipe.seed, eval_seed=seed, count=scores[0].documents,
        table=_untimed(table(scores, "held-out")), verdict=verdict), "utf-8")


def _untimed(shown: str) -> str:
    """Returns the table without its last column: seconds are the machine's, not the model's."""
    return "\n".join(line.rpartition("|")[0].rpartition("|")[0] + "|" if line.startswith("|") else line for line in shown.splitlines())


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tasks.json_extract card", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, required=True, help="what `eval --json` printed")
    parser.add_argument("--checkpoint", type=Path, default=Path("build/json_extract.pt"))
    parser.add_argument("--seed", type=int, default=20261123, help="the evaluation's")
    options = parser.parse_args(arguments)
    write([Score(**one) for one in json.loads(options.eval.read_text())], EMBEDDED, options.checkpoint, options.seed)


if __name__ == "__main__":
    main()
