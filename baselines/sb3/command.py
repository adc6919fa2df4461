"""`agentgym train --algo sb3:...`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentgym.errors import require
from baselines.sb3.config import load_config

__all__ = ["train_with_progress"]


def train_with_progress(
    config: Path | None, changes: Mapping[str, Any], out: Path, *, quiet: bool
) -> list[dict[str, Any]]:
    """Train with a progress bar that shows the success rate.

    Args:
        config: TOML file with settings; None: the tuned one of the environment, if there is one.
        changes: Settings that differ from it, by dotted name; `algo` is one of `Algo`.
        out: Folder of the run.
        quiet: Whether no bar is drawn.

    Raises:
        MissingExtraError: stable-baselines3 is not installed.
    """
    for module in ("stable_baselines3", "sb3_contrib", "safetensors", "tokenizers", "matplotlib"):
        require(module, extra="sb3,train", who="agentgym train --algo sb3:...")
    from agentgym.cli.progress import progress
    from baselines.sb3.training import train

    settings = load_config(config, changes)
    with progress(quiet=quiet) as bar:
        task = bar.add_task(f"sb3:{settings.algo}", total=settings.steps)

        def watch(record: Mapping[str, Any]) -> None:
            told = f"sb3:{settings.algo}, success {record['success']:.0%}"
            bar.update(task, completed=min(record["steps"], settings.steps), description=told)

        return train(settings, out, watch=watch)
