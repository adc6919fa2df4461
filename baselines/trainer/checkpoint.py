"""Checkpoints: trained weights, optimizer, memory and the place in the run, in safetensors and JSON.

    <folder>/000040/weights.safetensors     the weights that change, by name
    <folder>/000040/optimizer.safetensors   the optimizer's state, "<number of the weight>.<name>"
    <folder>/000040/memory.json             what the estimator and the learned parts remember,
    <folder>/000040/memory.safetensors      and the tensors and arrays that it names
    <folder>/000040/state.json              updates done, and the digests of the other files

A checkpoint appears whole or not at all, also when the power goes; one whose digests do not match is refused,
never repaired.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from agentgym.errors import CheckpointError
from agentgym.files import sync
from baselines.trainer.memory import pack, unpack
from baselines.trainer.policy import Policy

__all__ = ["latest", "restore", "save"]

_FILES = ("weights.safetensors", "optimizer.safetensors", "memory.safetensors", "memory.json")


def save(folder: Path, policy: Policy, memory: Mapping[str, Any], updates: int, *, keep: int = 2) -> None:
    """Write the checkpoint after a number of updates and delete all but the last `keep`.

    Every process of the run must call it; the first one writes.

    Raises:
        CheckpointError: The memory holds something that JSON and safetensors cannot keep.
    """
    text, tensors = pack(memory)
    optimizer = policy.optimizer_state()
    if not policy.team.leads:
        return
    partial, place = folder / "partial", folder / f"{updates:06d}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_file({name: p.detach().contiguous() for name, p in policy.trained()}, partial / _FILES[0])
    save_file(optimizer, partial / _FILES[1])
    save_file(tensors, partial / _FILES[2])
    (partial / _FILES[3]).write_text(text, encoding="ascii")
    state = {"updates": updates, "digests": {name: _digest(partial / name) for name in _FILES}}
    (partial / "state.json").write_text(json.dumps(state, indent=1), encoding="ascii")
    for name in (*_FILES, "state.json"):
        sync(partial / name)
    sync(partial)
    shutil.rmtree(place, ignore_errors=True)
    partial.replace(place)
    sync(folder)
    for old in _all(folder)[:-keep]:
        shutil.rmtree(old)


def latest(folder: Path) -> Path | None:
    """Return the newest checkpoint, or None."""
    found = _all(folder)
    return found[-1] if found else None


def restore(place: Path, policy: Policy, remember: Callable[[Mapping[str, Any]], None]) -> int:
    """Put a checkpoint into a policy and hand its memory to `remember`.

    Returns:
        The number of updates done.

    Raises:
        CheckpointError: A file is missing, altered or does not fit the model or the method.
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
        policy.load_optimizer_state(load_file(place / _FILES[1]))
        policy.take_up()
        memory = unpack((place / _FILES[3]).read_text(encoding="ascii"), load_file(place / _FILES[2]))
        remember(memory)
        return int(state["updates"])
    except (OSError, ValueError, LookupError, TypeError, RuntimeError) as error:
        raise CheckpointError(
            f"{place} is no usable checkpoint: {error}. Delete that folder to go back to the one before it."
        ) from error


def _all(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("[0-9]" * 6) if p.is_dir()) if folder.exists() else []


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
