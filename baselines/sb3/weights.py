"""What is kept of a model: weights and numbers in safetensors, words in JSON, nothing that runs when read.

stable-baselines3's own zip files hold pickles; these do not, so that strangers can exchange them.

    <model>/agent.json                     the run's configuration and the size of the structured view
    <model>/weights.safetensors            the policy
    <checkpoint>/weights.safetensors, optimizer.safetensors
    <checkpoint>/replay.safetensors        DQN's replay buffer
    <checkpoint>/state.json                counters, and the digests of the other files
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.buffers import DictReplayBuffer
from stable_baselines3.common.policies import BasePolicy
from torch import Tensor

from agentgym.errors import ArgumentError, CheckpointError, DataError
from agentgym.files import write_json
from baselines.models.learner import load_optimizer_state, optimizer_state
from baselines.sb3.config import SB3Config
from baselines.sb3.encoding import Encoder
from baselines.sb3.policies import make_policy

__all__ = ["export_model", "latest", "load_model", "restore", "save"]

AGENT_FILE, WEIGHTS_FILE = "agent.json", "weights.safetensors"
SCHEMA = "agentgym.sb3/1"

_COUNTERS = ("num_timesteps", "_n_updates", "_n_calls", "_episode_num")
_ROWS = ("actions", "rewards", "dones", "timeouts")


def export_model(policy: BasePolicy, config: SB3Config, view_size: int, folder: Path) -> None:
    """Write a trained policy so that `sb3:<folder>` plays it."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(_weights(policy), folder / WEIGHTS_FILE)
    write_json(
        folder / AGENT_FILE,
        {"schema": SCHEMA, "view_size": view_size, "config": config.model_dump(mode="json")},
    )


def load_model(folder: Path) -> tuple[SB3Config, Encoder, BasePolicy]:
    """Read a trained policy.

    Args:
        folder: A model's folder, or that of the run that holds it.

    Raises:
        ArgumentError: The folder holds no model.
        DataError: A file is broken, or its values do not fit.
    """
    place = folder if (folder / AGENT_FILE).is_file() else folder / "model"
    if not (place / AGENT_FILE).is_file():
        raise ArgumentError(
            f"{folder} holds no model ({AGENT_FILE} is missing). "
            "Pass a folder of `agentgym train --algo sb3:...`."
        )
    try:
        record = json.loads((place / AGENT_FILE).read_text(encoding="ascii"))
        if record["schema"] != SCHEMA:
            raise DataError(f"its schema is {record['schema']!r}, and this version reads {SCHEMA!r}")
        config = SB3Config.checked(record["config"], str(place / AGENT_FILE))
        size = record["view_size"]
        if type(size) is not int or not 0 <= size <= 1 << 20:
            raise DataError(f"its `view_size` is {size!r}")
        encoder = Encoder(config.encoding, config.action_list, config.env, size)
        policy = make_policy(config, encoder)
        policy.load_state_dict(load_file(place / WEIGHTS_FILE))
    except (OSError, ValueError, LookupError, TypeError, RuntimeError, SafetensorError, DataError) as error:
        raise DataError(f"{place} holds no readable model: {error}. Train it again.") from error
    return config, encoder, policy


def save(folder: Path, model: BaseAlgorithm, updates: int, *, keep: int = 2) -> None:
    """Write the checkpoint after a number of updates, whole or not at all; delete all but the last `keep`."""
    partial, place = folder / "partial", folder / f"{updates:06d}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, tensors in _tensors(model).items():
        save_file(tensors, partial / name)
    counters = {name: getattr(model, name) for name in _COUNTERS if hasattr(model, name)}
    digests = {path.name: _digest(path) for path in sorted(partial.iterdir())}
    write_json(partial / "state.json", {"updates": updates, "counters": counters, "digests": digests})
    shutil.rmtree(place, ignore_errors=True)
    partial.replace(place)
    for old in _all(folder)[:-keep]:
        shutil.rmtree(old)


def latest(folder: Path) -> Path | None:
    """Return the newest checkpoint, or None."""
    found = _all(folder)
    return found[-1] if found else None


def restore(place: Path, model: BaseAlgorithm) -> int:
    """Put a checkpoint into a model.

    Returns:
        The number of updates done.

    Raises:
        CheckpointError: A file is missing, altered or does not fit the model.
    """
    try:
        state = json.loads((place / "state.json").read_text(encoding="ascii"))
        for name, digest in state["digests"].items():
            if _digest(place / name) != digest:
                raise CheckpointError(f"{name} was altered")
        model.policy.load_state_dict(load_file(place / WEIGHTS_FILE))
        load_optimizer_state(model.policy.optimizer, load_file(place / "optimizer.safetensors"))
        buffer = getattr(model, "replay_buffer", None)
        if isinstance(buffer, DictReplayBuffer):
            _refill(buffer, load_file(place / "replay.safetensors"))
        for name in _COUNTERS:
            if name in state["counters"]:
                setattr(model, name, int(state["counters"][name]))
        return int(state["updates"])
    except (OSError, ValueError, LookupError, TypeError, RuntimeError, SafetensorError, DataError) as error:
        raise CheckpointError(
            f"The checkpoint {place} cannot be used: {error}. Start again elsewhere."
        ) from error


def _tensors(model: BaseAlgorithm) -> dict[str, dict[str, Tensor]]:
    files = {
        WEIGHTS_FILE: _weights(model.policy),
        "optimizer.safetensors": optimizer_state(model.policy.optimizer),
    }
    buffer = getattr(model, "replay_buffer", None)
    if isinstance(buffer, DictReplayBuffer):
        files["replay.safetensors"] = _rows(buffer)
    return files


def _weights(policy: BasePolicy) -> dict[str, Tensor]:
    return {name: tensor.detach().clone().contiguous() for name, tensor in policy.state_dict().items()}


def _rows(buffer: DictReplayBuffer) -> dict[str, Tensor]:
    """Return what the replay buffer holds; what it has not yet filled stays behind."""
    end = buffer.size()
    arrays = {name: getattr(buffer, name)[:end] for name in _ROWS}
    arrays |= {f"observations.{name}": array[:end] for name, array in buffer.observations.items()}
    arrays |= {f"next_observations.{name}": array[:end] for name, array in buffer.next_observations.items()}
    arrays["place"] = np.array([buffer.pos, buffer.full])
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


def _refill(buffer: DictReplayBuffer, tensors: dict[str, Tensor]) -> None:
    arrays: dict[str, Any] = {name: tensor.numpy() for name, tensor in tensors.items()}
    pos, full = arrays.pop("place").tolist()
    for name, array in arrays.items():
        group, _, part = name.partition(".")
        target = getattr(buffer, group)[part] if part else getattr(buffer, group)
        target[: len(array)] = array
    buffer.pos, buffer.full = int(pos), bool(full)


def _all(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("[0-9]*") if p.is_dir()) if folder.is_dir() else []


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
