from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from agentgym.errors import ArgumentError, CheckpointError
from agentgym.evaluation import EvalResult, evaluate
from baselines.sb3 import ActionList, Situation, load_config
from baselines.sb3.encoding import Encoder
from baselines.sb3.policies import make_policy, scores
from baselines.sb3.training import train
from tests.baselines.sb3.conftest import KUHN, short

_ALGOS = ("maskable_ppo", "ppo", "dqn")
_EASY = "\n\n".join(
    f"######\n{rows}\n######"
    for rows in (
        "#@   #\n# $  #\n#  . #\n#    #",
        "#    #\n# .$ #\n#   @#\n#    #",
        "#  . #\n#    #\n# $  #\n#@   #",
    )
)
_RUN = """
import sys
from pathlib import Path
from baselines.sb3 import SB3Config
from baselines.sb3.training import train
train(SB3Config.model_validate_json(sys.argv[1]), Path(sys.argv[2]))
"""


class Stopped(Exception):
    """What stands for a kill."""


@pytest.mark.parametrize("algo", _ALGOS)
def test_scores__follow_their_candidates_wherever_they_stand(algo: str) -> None:
    config = load_config(None, {"env": "agentgym/ALFWorld-v0", "algo": algo, "actions.slots": 5})
    encoder = Encoder(config.encoding, ActionList(slots=5), config.env, 0)
    policy = make_policy(config, encoder)
    texts = ("look", "go to bed 1", "take mug 1 from shelf 2", "open box 1")
    told = []
    for order in (texts, texts[::-1]):
        info = {"admissible_actions": order, "instruction": "find the mug", "extra": {}}
        arrays = encoder.encode(Situation("You see a mug.", info))
        row = scores(policy, {name: array[None] for name, array in arrays.items()})[0].detach()
        told.append((row[:4] - row[0 if order == texts else 3]).tolist())
    assert told[0] == pytest.approx(told[1][::-1], abs=1e-5)
    assert len({round(x, 6) for x in told[0]}) == 4


@pytest.mark.parametrize("algo", _ALGOS)
def test_run__that_was_stopped_goes_on_as_if_it_had_not_been(algo: str, tmp_path: Path) -> None:
    config = short("agentgym/TicTacToe-v0", algo=algo)
    whole = train(config, tmp_path / "whole")

    def stop(record: Mapping[str, Any]) -> None:
        if record["update"] == 2:
            raise Stopped

    with pytest.raises(Stopped):
        train(config, tmp_path / "stopped", watch=stop)
    assert train(config, tmp_path / "stopped") == whole
    assert len(whole) == 4
    weights = [load_file(tmp_path / name / "model" / "weights.safetensors") for name in ("whole", "stopped")]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_run__that_was_killed_goes_on(tmp_path: Path) -> None:
    config = short(steps=1280)
    threads = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    command = [sys.executable, "-c", _RUN, config.model_dump_json(), str(tmp_path / "killed")]
    with subprocess.Popen(command, env=threads) as process:
        while process.poll() is None and not (tmp_path / "killed" / "checkpoints" / "000002").exists():
            threading.Event().wait(0.02)
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "killed" / "model").exists()
    assert train(config, tmp_path / "killed") == train(config, tmp_path / "whole")


def test_run__warm_started_by_the_expert_begins_with_its_skill(tmp_path: Path) -> None:
    config = load_config(None, {"env": "agentgym/TicTacToe-v0", "steps": 0, "clone.episodes": 400})
    train(config, tmp_path)
    cloned, floor = (
        evaluate(config.env, agent, episodes=60, baselines=False) for agent in (f"sb3:{tmp_path}", "random")
    )
    assert _success(cloned) > _success(floor) + 0.1


def test_run__leaves_the_global_generators_alone(tmp_path: Path) -> None:
    before = _chance()
    train(short(steps=256), tmp_path)
    assert _chance() == before


def test_run__refuses_another_run_and_an_altered_checkpoint(tmp_path: Path) -> None:
    train(short(steps=512), tmp_path)
    with pytest.raises(ArgumentError, match="seed differ"):
        train(short(steps=512, seed=1), tmp_path)
    newest = max((tmp_path / "checkpoints").iterdir()) / "weights.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1] + b"!")
    with pytest.raises(CheckpointError, match="altered"):
        train(short(steps=512), tmp_path)


def test_run__names_a_keyword_that_the_algorithm_does_not_take(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="n_step"):
        train(short(KUHN, **{"maskable_ppo.n_step": 3}), tmp_path)


@pytest.mark.slow
def test_training__beats_random_on_easy_sokoban(tmp_path: Path) -> None:
    options = {"levels": _EASY, "max_steps": 10}
    small = {"envs": 8, "network.hidden": 64, "maskable_ppo.n_steps": 64, "maskable_ppo.learning_rate": 2e-3}
    few = {"env_options": options, "steps": 12_000, "checkpoint_every": 4000}
    config = load_config(None, {"env": "agentgym/SokobanSmall-v0", **few, **small})
    train(config, tmp_path)
    play: dict[str, Any] = {"split": "train", "episodes": 32, "baselines": False, "env_kwargs": options}
    learned, floor = (evaluate(config.env, agent, **play) for agent in (f"sb3:{tmp_path}", "random"))
    assert _success(learned) > _success(floor) + 0.25


@pytest.mark.parametrize("algo", ["ppo", "dqn"])
def test_training__without_masks_beats_random_on_kuhn_poker(algo: str, tmp_path: Path) -> None:
    few = {
        "steps": 4000,
        "checkpoint_every": 2000,
        "actions.fixed": [],
        "actions.slots": 3,
        "ppo.n_steps": 64,
    }
    train(load_config(None, {"env": KUHN, "algo": algo, **few}), tmp_path)
    learned, floor = (
        evaluate(KUHN, agent, episodes=200, baselines=False).rows["agent"].episode_return.value
        for agent in (f"sb3:{tmp_path}", "random")
    )
    assert learned > floor + 0.15


def test_model__holds_nothing_that_runs_when_read(trained: Path) -> None:
    kinds = {path.suffix for path in trained.rglob("*") if path.is_file()}
    assert kinds <= {".json", ".jsonl", ".safetensors", ".png", ""}
    assert [path.name for path in trained.rglob("*") if path.is_file() and not path.suffix] == ["lock"]
    assert json.loads((trained / "model" / "agent.json").read_text())["schema"] == "agentgym.sb3/1"


def test_curves__draw_the_runs(tmp_path: Path) -> None:
    from baselines.trainer.curves import read_curves

    for seed in (0, 1):
        train(short(seed=seed, steps=512), tmp_path / str(seed))
    (curve,) = read_curves([tmp_path / "0", tmp_path / "1"])
    assert (curve.label, curve.seeds) == (f"sb3:maskable_ppo on {KUHN.partition('/')[2]}", (0, 1))


def _success(result: EvalResult) -> float:
    return result.rows["agent"].success.value


def _chance() -> tuple[str, str, bytes]:
    """The states of the global generators."""
    numbers: Any = np.random.get_state()  # noqa: NPY002
    return repr(random.getstate()), repr(numbers), torch.random.get_rng_state().numpy().tobytes()
