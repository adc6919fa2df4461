"""The nano model and its tokenizer."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.models import build_nano, train_tokenizer

_TEXTS = [
    "# # _\n# @ .\na long legend that explains all of it",
    "# $ _\n# @ .\na long legend that explains all of it",
]
_TOKENIZER = train_tokenizer([*_TEXTS, "down", "up", "left", "right"], vocabulary=300)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_tokenizer__any_text_encodes_and_comes_back(text: str) -> None:
    text = text.replace("<|end|>", "")
    assert _TOKENIZER.decode(_TOKENIZER(text)["input_ids"]) == text


def test_tokenizer__a_grid_has_one_token_a_cell() -> None:
    tokens = [_TOKENIZER.decode([i]) for i in _TOKENIZER(_TEXTS[0])["input_ids"]]
    assert tokens == ["#", " #", " _", "\n", "#", " @", " .", "\n", "a long legend that explains all of it"]


def test_tokenizer__is_the_same_every_time() -> None:
    again = train_tokenizer([*_TEXTS, "down", "up", "left", "right"], vocabulary=300)
    assert again.get_vocab() == _TOKENIZER.get_vocab()


def test_build_nano__the_seed_decides_and_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one, two, other = (build_nano(_TOKENIZER, hidden=16, layers=1, heads=2, seed=s) for s in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    weights = [model.model.layers[0].mlp.up_proj.weight for model in (one, two, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_build_nano__speaks_the_tokenizers_vocabulary() -> None:
    model = build_nano(_TOKENIZER, hidden=16, layers=1, heads=2)
    assert model.config.vocab_size == len(_TOKENIZER)
    assert model.generation_config.eos_token_id == _TOKENIZER.eos_token_id
