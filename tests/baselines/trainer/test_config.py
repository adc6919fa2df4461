"""Training settings: defaults, a file over them, changes over both, and clear errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentgym.errors import ArgumentError, UnknownNameError
from baselines.trainer import TrainConfig, load_config

_CONFIGS = Path(__file__).parents[3] / "baselines" / "configs"


def test_load_config__changes_stand_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text('estimator = "rloo"\n[update]\nlearning_rate = 1\nkl = 0.1\n')
    config = load_config(
        file, {"update.kl": 0.2, "env_options.size": 7, "estimator_options": {"over": "steps"}}
    )
    assert config.estimator == "rloo"
    assert config.update.learning_rate == 1.0
    assert isinstance(config.update.learning_rate, float)
    assert config.update.kl == 0.2
    assert config.update.epochs == TrainConfig().update.epochs
    assert config.env_options == {"size": 7}
    assert config.estimator_options == {"over": "steps"}


_OWN = sorted(path for path in _CONFIGS.glob("*.toml") if not path.stem.startswith("sb3-"))


@pytest.mark.parametrize("path", _OWN, ids=lambda path: path.stem)
def test_load_config__reads_every_shipped_file(path: Path) -> None:
    assert load_config(path, {}).updates > 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"estimatr": "grpo"}, "estimator"),
        ({"update.learning_rat": 1.0}, "update.learning_rate"),
    ],
)
def test_load_config__suggests(changes: dict[str, object], words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        load_config(None, changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"updates": "many"}, "`updates` is 'many'"),
        ({"updates": True}, "`updates` is True"),
        ({"rollout.groups": 0}, "greater than 0"),
        ({"clone.noise": 1.5}, "a share"),
        ({"rollout": 3}, "`rollout` is 3"),
    ],
)
def test_load_config__explains(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        load_config(None, changes)


def test_load_config__a_value_where_a_table_belongs(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("update = 3")
    with pytest.raises(ArgumentError, match=r"`update` is 3 in .*Make it a table"):
        load_config(tmp_path / "run.toml", {"update.kl": 0.1})


def test_load_config__a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("update = [")
    with pytest.raises(ArgumentError, match=r"bad\.toml is no readable TOML"):
        load_config(tmp_path / "bad.toml", {})
