"""Every policy loss, every reward rule and every source of columns trains: two updates of a tiny model.

Every estimator runs here with

    AGENTGYM_TRAIN_ALL=1 pytest tests/baselines/trainer/test_losses_and_rewards.py
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

from agentgym.errors import ArgumentError, MissingColumnError, UnknownNameError
from baselines.estimators import names
from baselines.losses import policy_losses
from baselines.rewards import rules
from baselines.trainer import TrainConfig, load_config, train
from tests.baselines.trainer.telling import TELLING_ID
from tests.toys import TOY_ID

_TINY: dict[str, Any] = {
    "env": TELLING_ID,
    "updates": 2,
    "rollout.groups": 3,
    "rollout.group_size": 4,
    "rollout.max_new_tokens": 6,
    "env_options.max_steps": 6,
    "prompt.admissible": True,
    "update.learning_rate": 2e-3,
}
_PROBES = {"rollout.branching": {"policy": "spo_chain", "continuations": 2, "most": 3}}
_NEEDED: dict[str, dict[str, Any]] = {"spo_chain": _PROBES}
_RULES: dict[str, dict[str, Any]] = {
    "capo": {"estimator": "flow_grpo"},
    "dapo_overlong": {"estimator": "gdpo", "reward.options": {"limit": 40, "buffer": 20}},
    "eapo": {"estimator": "flow_grpo"},
    "information_gain": {"estimator": "a2tgpo"},
    "match": {"estimator": "matchtir"},
    "none": {"estimator": "spo_chain", **_PROBES},
    "otc": {"estimator": "riskpo"},
    "pure_min_form": {"estimator": "pure"},
    "reseek": {"estimator": "hicra"},
    "search_r2": {"estimator": "prorag"},
    "spae": {"estimator": "g_ra", **_PROBES},
    "tool_star": {"estimator": "seed_grpo", "estimator_options": {"alpha": 0.5}},
    "vsrm": {"estimator": "g_ra", **_PROBES},
}
"""What a run with each rule sets beside it: between them they try every source of columns."""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that moves in the corridor, and reaches the right door now and then."""
    out = tmp_path_factory.mktemp("start")
    clone = {"episodes": 60, "noise": 0.5, "epochs": 12, "batch": 16, "learning_rate": 5e-3}
    nano = {"hidden": 32, "layers": 1, "heads": 2}
    changes = {**_TINY, "updates": 0}
    changes |= {f"clone.{key}": value for key, value in clone.items()}
    changes |= {f"nano.{key}": value for key, value in nano.items()}
    train(load_config(None, changes), out, device="cpu")
    return out / "model"


def _trains(start: Path, out: Path, changes: dict[str, Any]) -> None:
    config = load_config(None, {**_TINY, "model": str(start), **changes})
    records = train(config, out, device="cpu")
    assert len(records) == 2
    assert all(np.isfinite(value) for record in records for value in record.values())
    before, after = (load_file(folder / "model.safetensors") for folder in (start, out / "model"))
    assert any(bool((after[name] != tensor).any()) for name, tensor in before.items())


@pytest.mark.skipif("AGENTGYM_TRAIN_ALL" not in os.environ, reason="set AGENTGYM_TRAIN_ALL=1")
@pytest.mark.parametrize("estimator", names())
def test_train__every_estimator(estimator: str, start: Path, tmp_path: Path) -> None:
    _trains(start, tmp_path, {"estimator": estimator, **_NEEDED.get(estimator, {})})


def _rules_and_losses() -> list[tuple[str, str]]:
    tried = ["none", *rules()]
    assert len(tried) >= len(policy_losses())
    return list(zip(tried, itertools.cycle(policy_losses()), strict=False))


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "loss"), _rules_and_losses())
def test_train__every_reward_rule_and_every_policy_loss(
    rule: str, loss: str, start: Path, tmp_path: Path
) -> None:
    _trains(start, tmp_path, {"reward.rule": rule, "update.loss": loss, "update.epochs": 2, **_RULES[rule]})


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"estimator": "matchtir"}, "predicted_calls"),
        ({"reward.rule": "otc"}, "tool_calls"),
        ({"estimator": "stratified_grpo"}, "stratum"),
        ({"estimator": "igpo"}, "logprob_truth"),
        ({"estimator": "spo_chain"}, "cut_token"),
        ({"reward.rule": "spae"}, "accuracy"),
        ({"reward.rule": "vsrm"}, "accuracy"),
    ],
)
def test_train__names_the_missing_column_before_the_first_rollout(
    changes: dict[str, Any], column: str, tmp_path: Path
) -> None:
    with pytest.raises(MissingColumnError, match=f"'{column}'"):
        train(load_config(None, {"env": TOY_ID, **changes}), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run").exists()


def test_train__names_wrong_losses_and_rules_before_the_first_rollout(tmp_path: Path) -> None:
    for changes, match in (
        ({"update.loss": "gsop"}, "gspo"),
        ({"update.loss": "gspo", "update.loss_options": {"clip": 0.1}}, "clip_low"),
        ({"reward.rule": "ots"}, "otc"),
        ({"reward.rule": "otc", "reward.options": {"alfa": 1.0}}, "alpha"),
    ):
        with pytest.raises(UnknownNameError, match=match):
            train(load_config(None, {"env": TOY_ID, **changes}), tmp_path / "run", device="cpu")
    with pytest.raises(ArgumentError, match="no default for 'limit', 'buffer'"):
        train(load_config(None, {"env": TOY_ID, "reward.rule": "dapo_overlong"}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_otc__goes_on_from_its_memory(start: Path, tmp_path: Path) -> None:
    whole = load_config(None, {**_TINY, "model": str(start), "reward.rule": "otc", "checkpoint_every": 1})
    expected = train(whole, tmp_path / "whole", device="cpu")
    shorter = TrainConfig(**{**{f: getattr(whole, f) for f in whole.__slots__}, "updates": 1})
    train(shorter, tmp_path / "parts", device="cpu")
    resumed = train(whole, tmp_path / "parts", device="cpu")
    assert [r["loss"] for r in resumed] == [r["loss"] for r in expected]
