"""Write the first draft of a suite's file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from agentgym.errors import ArgumentError
from agentgym.evaluation.suite import Setting, load_suite
from agentgym.registry import env_class, full_id, make_env

__all__ = ["draft"]

_SETTING = """
[[settings]]
env = {env}
split = {split}
tasks = {tasks}
seeds = [{seed}]
repeats = {repeats}
max_steps = {max_steps}
max_tokens = {max_tokens}
"""


def draft(
    path: Path,
    envs: Sequence[str],
    *,
    split: str | None = None,
    tasks: int = 50,
    seed: int = 0,
    repeats: int = 1,
    max_tokens: int = 16_384,
) -> None:
    """Write a suite with one setting for each environment and check that every task starts.

    Args:
        path: The TOML file; its stem is the suite's name.
        envs: Registered ids.
        split: Split of the tasks; None: each environment's last.
        tasks: Number of tasks of each setting.
        seed: Seed of the resets.
        repeats: Number of episodes of each start.
        max_tokens: Greatest number of tokens of one response.

    Raises:
        ArgumentError: The file exists, or an environment or task does not.
        DataError: The name or a number is none that a suite may have.
    """
    if path.suffix != ".toml" or path.exists():
        raise ArgumentError(f"{path} must end in .toml and not exist yet. Choose another name.")
    text = f'name = {json.dumps(path.stem)}\nversion = 1\ndescription = ""\n'
    for name in envs:
        env_id = full_id(name)
        setting = Setting(env=env_id, split=split or env_class(env_id).splits[-1], tasks=tasks, seeds=[seed])
        for _ in setting.starts():
            pass
        env = make_env(env_id)
        text += _SETTING.format(
            env=json.dumps(env_id),
            split=json.dumps(setting.split),
            tasks=tasks,
            seed=seed,
            repeats=repeats,
            max_steps=env.max_steps,
            max_tokens=max_tokens,
        )
        env.close()
    path.write_text(text, encoding="utf-8")
    try:
        load_suite(str(path))
    except Exception:
        path.unlink()
        raise
