"""A run that was killed goes on bit by bit: methods with memory, critics, process models, entropy history."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentgym.batch import StepBatch
from agentgym.errors import CheckpointError
from baselines.estimators import Advantages, registry
from baselines.estimators.registry import Method
from baselines.trainer import TrainConfig, checkpoint, train
from baselines.trainer.config import (
    CloneConfig,
    CriticConfig,
    EpoConfig,
    NanoConfig,
    PreferenceConfig,
    RolloutConfig,
    SamplingConfig,
    UpdateConfig,
)
from tests.killing import in_a_child, kill_at
from tests.toys import TOY_ID

_TINY = TrainConfig(
    env=TOY_ID,
    env_options={"wind": 0.0, "max_steps": 6},
    prompt={"instruction": True},
    updates=4,
    checkpoint_every=2,
    nano=NanoConfig(hidden=32, layers=1, heads=2, vocabulary=300),
    clone=CloneConfig(episodes=40, epochs=5, batch=16, learning_rate=5e-3),
    rollout=RolloutConfig(groups=4, group_size=4, max_new_tokens=4),
    update=UpdateConfig(learning_rate=1e-3),
    critic=CriticConfig(batch=16),
    preference=PreferenceConfig(learning_rate=1e-3),
)


class RunningBaseline:
    """Takes the mean of all outcomes seen so far off the outcome; a method with memory."""

    def __init__(self, *, rate: float = 0.5) -> None:
        self.rate, self.baseline, self.seen = rate, np.zeros(1), 0

    def __call__(self, batch: StepBatch) -> Advantages:
        result = Advantages(batch.outcome - self.baseline[0])
        self.baseline = self.baseline + self.rate * (batch.outcome.mean() - self.baseline)
        self.seen += len(batch)
        return result

    def state_dict(self) -> dict[str, Any]:
        return {"baseline": self.baseline, "seen": self.seen}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.baseline, self.seen = state["baseline"], state["seen"]


class Unkeepable(RunningBaseline):
    """A method whose memory no checkpoint can keep."""

    def state_dict(self) -> dict[str, Any]:
        return {"function": len}


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, body in (("running_baseline", RunningBaseline), ("unkeepable", Unkeepable)):
        monkeypatch.setitem(registry._METHODS, name, Method(name, body, "A toy", needs=("outcome",)))


def _files(out: Path, place: str = "000004") -> dict[str, bytes]:
    folder = out / "checkpoints" / place
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "state.json"}


_RUNS = {
    "memory": replace(_TINY, estimator="running_baseline"),
    "turn values": replace(_TINY, estimator="gae_turn", estimator_options={"bootstrap": True}),
    "segment values": replace(_TINY, estimator="hiper"),
    "archer": replace(_TINY, estimator="archer"),
    "contributions": replace(_TINY, estimator="spa_rl"),
    "preferences": replace(_TINY, estimator="istar"),
    "pool": replace(_TINY, sampling=SamplingConfig("curriculum", pool=6)),
    "entropies": replace(_TINY, update=UpdateConfig(epo=EpoConfig(0.01, low=0.99, high=1.01, soft=True))),
}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model that the runs start from."""
    out = tmp_path_factory.mktemp("start")
    train(replace(_TINY, updates=0), out, device="cpu")
    return str(out / "model")


@pytest.mark.parametrize("config", _RUNS.values(), ids=_RUNS)
def test_resume__what_was_learnt_and_remembered_goes_on_exactly(
    config: TrainConfig, start: str, tmp_path: Path
) -> None:
    config = replace(config, model=start, clone=CloneConfig())
    train(config, tmp_path / "whole", device="cpu")
    train(replace(config, updates=2), tmp_path / "halves", device="cpu")
    train(config, tmp_path / "halves", device="cpu")
    whole = _files(tmp_path / "whole")
    assert whole == _files(tmp_path / "halves")
    assert whole != _files(tmp_path / "whole", "000002"), "nothing changed between the checkpoints"
    memory = json.loads(whole["memory.json"])
    assert any(memory.values()), "there is nothing to remember: the test shows nothing"
    assert {path.suffix for path in (tmp_path / "whole" / "checkpoints").rglob("*.*")} == {
        ".json",
        ".safetensors",
    }


def test_resume__a_method_without_memory_remembers_nothing(tmp_path: Path) -> None:
    train(replace(_TINY, updates=2), tmp_path, device="cpu")
    memory = json.loads(_files(tmp_path, "000002")["memory.json"])
    assert memory == {"estimator": {}, "supply": {}, "sampler": {}, "smoothing": {}}


def test_resume__an_altered_memory_is_refused(tmp_path: Path) -> None:
    config = _RUNS["memory"]
    train(replace(config, updates=2), tmp_path, device="cpu")
    file = tmp_path / "checkpoints" / "000002" / "memory.json"
    file.write_text(file.read_text().replace('"seen": ', '"seen": 1'))
    with pytest.raises(CheckpointError, match=r"memory\.json does not match its digest"):
        train(config, tmp_path, device="cpu")


def test_resume__a_memory_that_cannot_be_kept_is_told_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"builtin_function_or_method .* at /function"):
        train(replace(_TINY, estimator="unkeepable"), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_resume__after_kill_minus_nine(tmp_path: Path) -> None:
    config = replace(_RUNS["archer"], updates=9, checkpoint_every=1)
    train(replace(config, updates=1), tmp_path / "killed", device="cpu")
    (tmp_path / "config.json").write_text(json.dumps(config.to_dict()))
    program = (
        "import json, sys; from pathlib import Path; import tests.toys;"
        "from baselines.trainer import load_config, train;"
        "folder = Path(sys.argv[1]);"
        "config = load_config(None, json.loads((folder / 'config.json').read_text()));"
        "train(config, folder / 'killed', device='cpu')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    ticks, checkpoints = 0, tmp_path / "killed" / "checkpoints"
    while str(checkpoint.latest(checkpoints))[-6:] < "000003":
        assert process.poll() is None, process.communicate()[1]
        assert (ticks := ticks + 1) < 6000, "the run does not get on"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (checkpoints / "000009").exists(), "it ended before it was killed"
    train(config, tmp_path / "killed", device="cpu")
    train(config, tmp_path / "whole", device="cpu")
    assert _files(tmp_path / "killed", "000009") == _files(tmp_path / "whole", "000009")


def test_resume__after_kill_minus_nine_at_any_file(start: str, tmp_path: Path) -> None:
    config = replace(_RUNS["memory"], model=start, clone=CloneConfig(), updates=2, checkpoint_every=1)
    train(config, tmp_path / "whole", device="cpu")
    kills = 0
    for boundary in range(1, 120, 11):
        folder = tmp_path / str(boundary)
        ended = in_a_child(partial(_killed_training, boundary, folder, config))
        assert ended in (0, -signal.SIGKILL)
        kills += ended != 0
        train(config, folder, device="cpu")
        assert _files(folder, "000002") == _files(tmp_path / "whole", "000002")
        assert len((folder / "metrics.jsonl").read_bytes().splitlines()) == 2
        if ended == 0:
            break
    assert kills >= 3, "it was hardly killed"


def _killed_training(boundary: int, out: Path, config: TrainConfig) -> None:
    kill_at(boundary, out)
    train(config, out, device="cpu")
