"""TRL's trainers take what `agentgym export` writes: real steps on the CPU, with a nano model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="TRL is not installed: pip install -e '.[trl]'")

import datasets
import torch
import trl

from agentgym.datasets import ExportConfig, Form, export
from tests.agentgym.datasets.played import play, write
from tests.baselines.integrations.nano import nano, settings

pytestmark = [
    # TRL uses names that transformers has renamed.
    pytest.mark.filterwarnings(r"ignore:`\w*gradient_checkpointing\w*` is deprecated:FutureWarning"),
]


def _data(folder: Path, form: Form) -> Any:
    export(write(folder / "run", play(groups=8)), folder / form, ExportConfig(form))
    return datasets.load_dataset(str(folder / form), cache_dir=str(folder / "cache"), split="train")


def test_sft_trainer__takes_the_form_sft(tmp_path: Path) -> None:
    model, tokenizer = nano()
    before = model.model.layers[0].mlp.up_proj.weight.clone()
    arguments = trl.SFTConfig(**settings(tmp_path), max_length=256)
    trainer = trl.SFTTrainer(
        model, args=arguments, train_dataset=_data(tmp_path, "sft"), processing_class=tokenizer
    )
    trainer.train()
    assert trainer.state.global_step == 2
    assert trainer.state.log_history[0]["loss"] > 0
    assert not torch.equal(before, model.model.layers[0].mlp.up_proj.weight)


@pytest.mark.parametrize("form", ["dpo", "step-dpo"])
def test_dpo_trainer__takes_pairs(tmp_path: Path, form: Form) -> None:
    model, tokenizer = nano()
    reference, _ = nano()
    arguments = trl.DPOConfig(**{**settings(tmp_path), "learning_rate": 1e-3}, max_length=256)
    trainer = trl.DPOTrainer(
        model, reference, args=arguments, train_dataset=_data(tmp_path, form), processing_class=tokenizer
    )
    trainer.train()
    assert trainer.state.global_step == 2
    assert trainer.state.log_history[0]["loss"] == pytest.approx(0.693, abs=1e-3)  # both models are the same
    assert trainer.state.log_history[1]["loss"] < 0.693
