"""The embedded model's tokenizer: byte-level BPE in which digits, spaces and delimiters always stand alone.

Words carry no leading space, so a value has the same tokens in the document and between JSON quotes: copying is
copying token by token.

    python -m tasks.json_extract.tokenizer structdiff/models/tiny
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from pydoc_data.topics import topics

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from tasks.json_extract.data import compact_json, example

PAD, EOS, BOS = "<pad>", "<eos>", "<bos>"
VOCAB_SIZE = 1024
ALONE = r"\p{L}+|\p{N}|[^\p{L}\p{N}]"


def corpus(examples: int, seed: int) -> Iterator[str]:
    """Yields training documents, their objects, and a little general English."""
    rng = random.Random(seed)
    for _ in range(examples):
        drawn = example(rng, "train")
        yield drawn.document
        yield compact_json(drawn.target)
    yield from topics.values()


def build(seed: int = 0) -> PreTrainedTokenizerFast:
    """Returns a tokenizer of `VOCAB_SIZE` tokens that can spell every byte string."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(ALONE), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB_SIZE, special_tokens=[PAD, EOS, BOS], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(corpus(20_000, seed), trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, eos_token=EOS, bos_token=BOS)


if __name__ == "__main__":
    build().save_pretrained(Path(sys.argv[1]))
