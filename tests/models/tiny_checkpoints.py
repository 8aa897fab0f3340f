"""Checkpoints of a few thousand random weights, written to a folder: library architectures, and stand-ins for those that bring code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    CONFIG_MAPPING, AutoModelForMaskedLM, BertConfig, BertForMaskedLM, ModernBertConfig, ModernBertForMaskedLM, PreTrainedTokenizerFast,
    RobertaConfig, RobertaForMaskedLM, XLMRobertaConfig, XLMRobertaForMaskedLM,
)

CORPUS = ['{"name": "anna", "count": 12, "open": true}', '{"city":"oslo","tags":["a","b"],"open":false}', "yes no null 0 1 2 3 4 5 6 7 8 9",
          "the quick brown fox jumps over the lazy dog", "".join(map(chr, range(33, 127)))] * 4
SIZE = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2)
SHARPNESS = 30.0        # random weights are nearly flat; an opinionated model is harder to hold to a constraint


def _wrapped(tokenizer: Tokenizer, open_: str, close: str, **named: str) -> PreTrainedTokenizerFast:
    ids = [(token, tokenizer.token_to_id(token)) for token in (open_, close)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{open_} $A {close}", special_tokens=ids)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named)


def byte_level(pad: str = "<pad>", open_: str = "<s>", close: str = "</s>", mask: str = "<mask>", **named: str) -> PreTrainedTokenizerFast:
    """RoBERTa's and ModernBERT's kind."""
    return _wrapped(_bytes([open_, pad, close, mask]), open_, close, pad_token=pad, mask_token=mask, **named)


def unwrapped() -> PreTrainedTokenizerFast:
    """LLaDA's, Dream's and SDAR's kind: bytes, and nothing put around a text."""
    return PreTrainedTokenizerFast(tokenizer_object=_bytes(["<|endoftext|>", "<|MASK|>"]), mask_token="<|MASK|>", eos_token="<|endoftext|>",
                                   pad_token="<|endoftext|>")


def _bytes(special: list[str]) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    made.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=360, special_tokens=special, show_progress=False,
                                                         initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return made


def sentence_piece() -> PreTrainedTokenizerFast:
    """XLM-RoBERTa's kind: a unigram model without bytes."""
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer, made.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    made.train_from_iterator(CORPUS, trainers.UnigramTrainer(vocab_size=160, unk_token="<unk>", show_progress=False,
                                                             special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"]))
    return _wrapped(made, "<s>", "</s>", bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>", mask_token="<mask>")


def word_piece() -> PreTrainedTokenizerFast:
    """BERT's kind: lower case, and no space."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece(prefix="##")
    made.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=260, show_progress=False,
                                                               special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    return _wrapped(made, "[CLS]", "[SEP]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")


def bert() -> tuple[torch.nn.Module, PreTrainedTokenizerFast]:
    words = word_piece()
    return BertForMaskedLM(BertConfig(vocab_size=len(words), max_position_embeddings=256, **SIZE)), words


def roberta() -> tuple[torch.nn.Module, PreTrainedTokenizerFast]:
    words = byte_level(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>")
    return RobertaForMaskedLM(RobertaConfig(
        vocab_size=len(words), max_position_embeddings=258, pad_token_id=words.pad_token_id, bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id, **SIZE)), words


def xlm_roberta() -> tuple[torch.nn.Module, PreTrainedTokenizerFast]:
    words = sentence_piece()
    return XLMRobertaForMaskedLM(XLMRobertaConfig(
        vocab_size=len(words), max_position_embeddings=258, pad_token_id=words.pad_token_id, bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id, **SIZE)), words


def modern_bert() -> tuple[torch.nn.Module, PreTrainedTokenizerFast]:
    words = byte_level("[PAD]", "[CLS]", "[SEP]", "[MASK]", cls_token="[CLS]", sep_token="[SEP]")
    return ModernBertForMaskedLM(ModernBertConfig(
        vocab_size=len(words), max_position_embeddings=512, local_attention=16, global_attn_every_n_layers=2,
        pad_token_id=words.pad_token_id, cls_token_id=words.cls_token_id, sep_token_id=words.sep_token_id,
        bos_token_id=words.cls_token_id, eos_token_id=words.sep_token_id, **SIZE)), words


def other(kind: str) -> tuple[torch.nn.Module, PreTrainedTokenizerFast]:
    """Returns any masked language model of transformers, by its model type; config names that a kind lacks do no harm."""
    words = byte_level(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>")
    config = CONFIG_MAPPING[kind](vocab_size=len(words), max_position_embeddings=96, pad_token_id=words.pad_token_id,
                                  mask_token_id=words.mask_token_id, eos_token_id=words.eos_token_id, embedding_size=32, dim=32,
                                  hidden_dim=48, n_layers=2, n_heads=2, num_key_value_heads=2, head_dim=16, **SIZE)
    torch.manual_seed(0)
    return AutoModelForMaskedLM.from_config(config), words


LIBRARY = {"bert": bert, "roberta": roberta, "xlm_roberta": xlm_roberta, "modern_bert": modern_bert}
BRINGS_CODE = {"llada": "LLaDAModelLM", "dream": "DreamModel", "llada2": "LLaDA2MoeModelLM", "sdar": "SDARForCausalLM"}


def save(family: str, folder: Path) -> Path:
    """Writes a checkpoint of the family to `folder`, as it is published: config, weights, tokenizer and, where it has any, code."""
    torch.manual_seed(0)
    model, words = LIBRARY[family]() if family in LIBRARY else stand_in(BRINGS_CODE[family])
    with torch.no_grad():
        model.get_output_embeddings().weight.mul_(SHARPNESS) if family in LIBRARY else None
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    if family in BRINGS_CODE:
        name, config = BRINGS_CODE[family], json.loads((folder / "config.json").read_text())
        config |= {"architectures": [name], "auto_map": {"AutoConfig": f"modeling_stand_in.{type(model.config).__name__}",
                                                         "AutoModel": f"modeling_stand_in.{name}"}}
        (folder / "config.json").write_text(json.dumps(config))
        shutil.copy(Path(__file__).with_name("modeling_stand_in.py"), folder)
    return folder


def stand_in(name: str) -> tuple[torch.nn.Module, PreTrainedTokenizerFast]:
    """Returns the stand-in for a published class, and a tokenizer of the kind they all have."""
    import modeling_stand_in as code

    words = unwrapped()
    kind = getattr(code, name)
    return kind(kind.config_class(vocab_size=len(words), mask_token_id=words.mask_token_id, eos_token_id=words.eos_token_id,
                                  pad_token_id=words.pad_token_id, max_position_embeddings=1024)), words
