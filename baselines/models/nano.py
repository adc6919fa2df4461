"""`nano`: a small causal language model and a tokenizer of the environment's own text.

It is a Llama of some hundred thousand parameters made from a transformers config, so that every line of
code that trains it trains any other causal language model as well. The tokenizer is byte-level: any text
encodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

__all__ = ["build_nano", "train_tokenizer"]

END = "<|end|>"


def train_tokenizer(texts: Iterable[str], *, vocabulary: int = 512, boilerplate: float = 0.1) -> Any:
    """Train a byte-level BPE tokenizer.

    Each punctuation mark stays a token of its own, with the space before it: a grid has one token a cell.
    A long line that stands in many texts, such as a legend, becomes one token.

    Args:
        texts: The environment's own text.
        vocabulary: Greatest number of tokens, at least 257 (all bytes and the end token).
        boilerplate: Share of the texts in which a line must stand to become a token of its own.

    Returns:
        A transformers tokenizer; `decode(encode(text)) == text` for any text.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r" ?[^\w\s]| ?_|\n"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[END],
        show_progress=False,
    )
    texts = list(texts)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens(_boilerplate(texts, boilerplate))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, pad_token=END, clean_up_tokenization_spaces=False
    )


def _boilerplate(texts: list[str], share: float) -> list[str]:
    counts = Counter(line for text in texts for line in set(text.split("\n")) if len(line) >= 24)
    return sorted(line for line, count in counts.items() if count >= max(2, int(share * len(texts))))


def build_nano(
    tokenizer: Any,
    *,
    hidden: int = 64,
    layers: int = 3,
    heads: int = 4,
    context: int = 1 << 15,
    seed: int = 0,
) -> Any:
    """Build an untrained Llama.

    Args:
        tokenizer: From `train_tokenizer`; gives the vocabulary size and the end token.
        hidden: Width, a multiple of `heads`.
        layers: Number of layers.
        heads: Number of attention heads.
        context: Greatest number of tokens of a prompt and its answer. No weight depends on it.
        seed: Seed of the weights; the global generator is left as it was.
    """
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=context,
        initializer_range=hidden**-0.5,  # the usual 0.02 is meant for widths of a thousand and more
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlamaForCausalLM(config).eval()
