"""Training end to end on a task that is easy to learn: exact resume, honest metrics, clear errors."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from agentgym.agents import make_agent
from agentgym.agents.hf import HFAgent
from agentgym.errors import ArgumentError, CheckpointError, MissingColumnError, UnknownNameError
from agentgym.rollout import Episode, collect
from baselines.estimators import registry
from baselines.trainer import Listener, TrainConfig, train
from baselines.trainer.config import CloneConfig, NanoConfig, RolloutConfig, UpdateConfig
from tests.toys import TOY_ID

_TINY = TrainConfig(
    env=TOY_ID,
    env_options={"wind": 0.0, "max_steps": 12},
    prompt={"instruction": True},  # the goal is named there alone
    estimator="grpo",
    updates=4,
    checkpoint_every=2,
    nano=NanoConfig(hidden=32, layers=1, heads=2, vocabulary=300),
    clone=CloneConfig(episodes=10, epochs=1, batch=16),
    rollout=RolloutConfig(groups=2, group_size=4, max_new_tokens=4),
    update=UpdateConfig(learning_rate=1e-3),
)

_HALF_LEARNT = replace(
    _TINY,
    clone=CloneConfig(episodes=40, epochs=5, batch=16, learning_rate=5e-3),
    rollout=RolloutConfig(groups=8, group_size=8, max_new_tokens=4),
)


def _weights(out: Path) -> dict[str, object]:
    return dict(load_file(out / "model" / "model.safetensors"))


def _same(one: Path, two: Path) -> bool:
    return all(bool((a == _weights(two)[name]).all()) for name, a in _weights(one).items())  # type: ignore[attr-defined]


def _timeless(records: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{k: v for k, v in record.items() if not k.endswith("_s")} for record in records]


def test_train__is_the_same_every_time_and_resumes_exactly(tmp_path: Path) -> None:
    whole = train(_TINY, tmp_path / "whole", device="cpu")
    train(replace(_TINY, updates=2), tmp_path / "halves", device="cpu")
    seen: list[int] = []
    halves = train(
        _TINY,
        tmp_path / "halves",
        device="cpu",
        listener=Listener(on_update=lambda record: seen.append(record["update"])),
    )
    assert _same(tmp_path / "whole", tmp_path / "halves")
    assert _timeless(halves) == _timeless(whole)
    assert seen == [1, 2, 3, 4]


def test_train__a_kill_after_the_checkpoint_is_told_and_repeated(tmp_path: Path) -> None:
    whole = train(_TINY, tmp_path, device="cpu")
    metrics = tmp_path / "metrics.jsonl"
    (tmp_path / "checkpoints" / "000004" / "state.json").unlink()
    with pytest.raises(CheckpointError, match="000004"):
        train(_TINY, tmp_path, device="cpu")
    for file in (tmp_path / "checkpoints" / "000004").iterdir():
        file.unlink()
    (tmp_path / "checkpoints" / "000004").rmdir()
    metrics.write_bytes(metrics.read_bytes()[:-9])  # the last line is half-written
    notes: list[str] = []
    again = train(_TINY, tmp_path, device="cpu", listener=Listener(on_note=notes.append))
    assert notes == ["2 updates after the last checkpoint are done again."]
    assert _timeless(again) == _timeless(whole)


def test_train__an_altered_checkpoint_is_refused(tmp_path: Path) -> None:
    train(replace(_TINY, updates=2), tmp_path, device="cpu")
    file = tmp_path / "checkpoints" / "000002" / "weights.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(CheckpointError, match="does not match its digest"):
        train(_TINY, tmp_path, device="cpu")


def test_train__refuses_another_run_in_the_same_folder(tmp_path: Path) -> None:
    train(replace(_TINY, updates=0), tmp_path, device="cpu")
    with pytest.raises(ArgumentError, match="estimator differ"):
        train(replace(_TINY, estimator="rloo"), tmp_path, device="cpu")


def test_train__rejects_unknown_names_before_it_trains(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="grpo"):
        train(replace(_TINY, estimator="gropo"), tmp_path / "a", device="cpu")
    with pytest.raises(UnknownNameError, match="norm"):
        train(replace(_TINY, estimator_options={"nrom": "mean"}), tmp_path / "b", device="cpu")
    assert not (tmp_path / "a").exists()
    with pytest.raises(ArgumentError, match=r"config\.json"):
        train(replace(_TINY, model=str(tmp_path)), tmp_path / "c", device="cpu")
    with pytest.raises(UnknownNameError, match="ToyCorridor"):
        train(replace(_TINY, env="agentgym/ToyCorridr-v0"), tmp_path / "d", device="cpu")
    assert train(replace(_TINY, updates=0), tmp_path / "d", device="cpu") == []  # corrected in place


@pytest.mark.parametrize("estimator", ["grpo", "rloo", "reinforce_pp", "gigpo"])
def test_train__learns_the_corridor(estimator: str, tmp_path: Path) -> None:
    config = replace(_HALF_LEARNT, estimator=estimator, updates=20)
    records = train(config, tmp_path, device="cpu")
    first, last = (sum(r["success"] for r in part) / 3 for part in (records[:3], records[-3:]))
    assert first < 0.85, "the clone is too good to show learning"
    assert last > first + 0.1
    assert {"loss", "entropy", "kl", "clip_fraction", "gradient_norm", "invalid"} <= records[0].keys()
    trained, start = (_success(tmp_path / name) for name in ("model", "start"))
    assert trained >= start


def _success(folder: Path) -> float:
    episodes = [
        Episode(k, TOY_ID, seed=k, env_kwargs={"wind": 0.0, "max_steps": 12, "split": "test"})
        for k in range(60)
    ]
    played = list(collect(episodes, make_agent(f"hf:{folder}", max_new_tokens=4, device="cpu")))
    return sum(t.success for t in played) / len(played)


def test_train__takes_any_local_model_and_keeps_close_to_it(tmp_path: Path) -> None:
    train(replace(_HALF_LEARNT, updates=0), tmp_path / "first", device="cpu")
    config = replace(
        _HALF_LEARNT,
        model=str(tmp_path / "first" / "model"),
        prompt={"history": 1},
        clone=CloneConfig(),
        updates=2,
        update=UpdateConfig(learning_rate=1e-3, kl=0.5, micro_tokens=64),
    )
    records = train(config, tmp_path / "second", device="cpu")
    assert records[-1]["reference_kl"] > 0
    template = json.loads((tmp_path / "second" / "model" / "agentgym_prompt.json").read_text())
    assert template["history"] == 1
    assert template["instruction"] is True


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")  # peft asks transformers so
def test_train__lora_changes_adapters_alone_and_exports_a_merged_model(tmp_path: Path) -> None:
    config = replace(_HALF_LEARNT, update=UpdateConfig(learning_rate=1e-2, lora_rank=2))
    train(replace(config, updates=2), tmp_path / "halves", device="cpu")
    train(config, tmp_path / "halves", device="cpu")
    train(config, tmp_path / "whole", device="cpu")
    assert _same(tmp_path / "whole", tmp_path / "halves")
    names = load_file(tmp_path / "whole" / "checkpoints" / "000004" / "weights.safetensors").keys()
    assert names
    assert all("lora" in name for name in names)
    start = load_file(tmp_path / "whole" / "start" / "model.safetensors")
    changed = {name for name, tensor in _weights(tmp_path / "whole").items() if (tensor != start[name]).any()}  # type: ignore[attr-defined]
    assert changed
    assert isinstance(make_agent(f"hf:{tmp_path / 'whole' / 'model'}", device="cpu"), HFAgent)


def test_train__draws_the_curve(tmp_path: Path) -> None:
    train(replace(_TINY, updates=2), tmp_path, device="cpu")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_train__a_method_that_needs_more_says_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needy = replace(registry.method("grpo"), name="needy", needs=("clip_scale",))
    monkeypatch.setitem(registry._METHODS, "needy", needy)
    with pytest.raises(MissingColumnError, match="needy needs the column 'clip_scale'"):
        train(replace(_TINY, estimator="needy"), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run").exists()


@pytest.mark.gpu
@pytest.mark.parametrize("estimator", ["grpo", "hiper", "archer", "istar", "spa_rl"])
def test_train__runs_on_cuda(estimator: str, tmp_path: Path) -> None:
    train(replace(_TINY, estimator=estimator, updates=2), tmp_path, device="cuda")
    records = train(replace(_TINY, estimator=estimator, updates=4), tmp_path, device="cuda")
    assert len(records) == 4
