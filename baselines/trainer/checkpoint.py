"""Checkpoints: the trained weights, the optimizer and the place in the run, in safetensors and JSON.

    <folder>/000040/weights.safetensors     the weights that change, by name
    <folder>/000040/optimizer.safetensors   the optimizer's state, "<number of the weight>.<name>"
    <folder>/000040/state.json              updates done, and the digests of both files

A checkpoint appears whole or not at all; one whose digests do not match is refused, never repaired.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from agentgym.errors import CheckpointError
from baselines.trainer.policy import Policy

__all__ = ["latest", "restore", "save"]

_FILES = ("weights.safetensors", "optimizer.safetensors")


def save(folder: Path, policy: Policy, updates: int, *, keep: int = 2) -> None:
    """Write the checkpoint after a number of updates and delete all but the last `keep`."""
    partial, place = folder / "partial", folder / f"{updates:06d}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_file({name: p.detach().contiguous() for name, p in policy.trained()}, partial / _FILES[0])
    save_file(_optimizer_tensors(policy), partial / _FILES[1])
    state = {"updates": updates, "digests": {name: _digest(partial / name) for name in _FILES}}
    (partial / "state.json").write_text(json.dumps(state, indent=1), encoding="ascii")
    shutil.rmtree(place, ignore_errors=True)
    partial.replace(place)
    for old in _all(folder)[:-keep]:
        shutil.rmtree(old)


def latest(folder: Path) -> Path | None:
    """Return the newest checkpoint, or None."""
    found = _all(folder)
    return found[-1] if found else None


def restore(place: Path, policy: Policy) -> int:
    """Put a checkpoint into a policy.

    Returns:
        The number of updates done.

    Raises:
        CheckpointError: A file is missing, altered or does not fit the model.
    """
    try:
        state = json.loads((place / "state.json").read_text(encoding="ascii"))
        for name in _FILES:
            if _digest(place / name) != state["digests"][name]:
                raise ValueError(f"{name} does not match its digest")
        weights = load_file(place / _FILES[0], device=str(policy.model.device))
        trained = dict(policy.trained())
        if weights.keys() != trained.keys():
            raise ValueError("its weights have other names than the model's")
        with torch.no_grad():
            for name, parameter in trained.items():
                parameter.copy_(weights[name])
        _load_optimizer(policy, load_file(place / _FILES[1]))
        return int(state["updates"])
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointError(
            f"{place} is no usable checkpoint: {error}. Delete that folder to go back to the one before it."
        ) from error


def _all(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("[0-9]" * 6) if p.is_dir()) if folder.exists() else []


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _optimizer_tensors(policy: Policy) -> dict[str, torch.Tensor]:
    state = policy.optimizer.state_dict()["state"]
    return {
        f"{i}.{name}": tensor.contiguous() for i, entry in state.items() for name, tensor in entry.items()
    }


def _load_optimizer(policy: Policy, tensors: dict[str, torch.Tensor]) -> None:
    record = policy.optimizer.state_dict()
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = tensor
    policy.optimizer.load_state_dict({"state": state, "param_groups": record["param_groups"]})
