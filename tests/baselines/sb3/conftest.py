"""Short runs that several tests look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sb3_contrib")

from baselines.sb3 import SB3Config, load_config

KUHN = "agentgym/KuhnPoker-v0"


def short(env_id: str = KUHN, **changes: Any) -> SB3Config:
    """The tuned settings of an id with a run of four short updates."""
    few = {"steps": 1024, "envs": 4, "checkpoint_every": 256}
    sizes: dict[str, Any] = {f"{algo}.n_steps": 32 for algo in ("ppo", "maskable_ppo")}
    sizes |= {"dqn.learning_starts": 100, "dqn.buffer_size": 800}
    return load_config(None, {"env": env_id, **few, **sizes, **changes})


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a short run of MaskablePPO on tic-tac-toe that has learned something."""
    from baselines.sb3.training import train

    out = tmp_path_factory.mktemp("sb3") / "run"
    train(load_config(None, {"env": "agentgym/TicTacToe-v0", "steps": 10_000}), out)
    return out
