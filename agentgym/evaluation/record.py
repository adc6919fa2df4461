"""The record of a run: everything that somebody else needs to run it again and to know why it differs."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from agentgym.agents.prompt import PromptTemplate
from agentgym.agents.protocol import Agent
from agentgym.agents.styles import STYLES
from agentgym.hashing import digest
from agentgym.rollout.plan import RunPlan
from agentgym.trajectory import Trajectory
from agentgym.version import __version__

__all__ = ["differing", "reproducibility_record"]

_PACKAGES: Final = (
    "gymnasium", "numpy", "torch", "transformers", "tokenizers", "numba", "pettingzoo", "open_spiel",
    "openai", "textworld", "mcp", "bm25s", "rapidfuzz", "selenium",
)  # fmt: skip


def reproducibility_record(plan: RunPlan, agent: Agent, played: Sequence[Trajectory]) -> dict[str, Any]:
    """Write down what made a run what it is.

    Args:
        plan: What was to be played.
        agent: Who played.
        played: What came of it.

    Returns:
        A JSON object: `packages` (versions), `git` (commit, and whether the checkout was changed),
        `hardware`, `seeds`, `agent` with its options, `prompt_hash`, `episodes` and `plan_hash`,
        `starts_hash` (over every task, seed, first observation and first state, so that changed data or
        environments show) and `trajectories_hash` (over all that happened, clocks aside).
    """
    return {
        "packages": {"agentgym-suite": __version__, "python": platform.python_version(), **_versions()},
        "git": _git(),
        "hardware": _hardware(),
        "seeds": {
            "agent": plan.agent_seed,
            "episodes": digest([episode.seed for episode in plan.episodes]),
        },
        "agent": {"spec": plan.agent, "options": plan.labels.get("agent_options", "{}")},
        "prompt_hash": _prompt_hash(agent),
        "episodes": len(plan.episodes),
        "plan_hash": digest([asdict(episode) for episode in plan.episodes]),
        "starts_hash": digest([_start(trajectory) for trajectory in played]),
        "trajectories_hash": digest([_happened(trajectory) for trajectory in played]),
    }


def differing(first: Mapping[str, Any], second: Mapping[str, Any], prefix: str = "") -> list[str]:
    """List what differs between two records, one line a fact: "packages.torch: 2.8.0 -> 2.9.1"."""
    lines = []
    for name in sorted(first.keys() | second.keys()):
        one, two = first.get(name), second.get(name)
        if isinstance(one, Mapping) and isinstance(two, Mapping):
            lines += differing(one, two, f"{prefix}{name}.")
        elif one != two:
            lines.append(f"{prefix}{name}: {one} -> {two}")
    return lines


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _git() -> dict[str, Any]:
    """Commit of the checkout that this package lies in; empty where it is installed from elsewhere."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():  # it may still lie in a folder of somebody else's repository
        return {}
    try:
        commit = _command(root, "rev-parse", "HEAD")
        return {"commit": commit, "changed": bool(_command(root, "status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return {}


def _command(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


def _hardware() -> dict[str, Any]:
    found: dict[str, Any] = {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "gpus": [],
    }
    torch = sys.modules.get("torch")  # an agent without it has no use for a GPU
    if torch is not None and torch.cuda.is_available():
        found["gpus"] = [torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())]
    return found


def _prompt_hash(agent: Agent) -> str:
    """Digest all words of prompts that are not the environment's: template, form of answer, agent's own."""
    template, words = getattr(agent, "template", None), getattr(agent, "words", "")
    if not isinstance(template, PromptTemplate):
        return digest(words) if words else ""
    return digest([asdict(template), STYLES[template.style].manual, words])


def _start(trajectory: Trajectory) -> list[Any]:
    first = trajectory.steps[0] if trajectory.steps else None
    seen = [first.observation, first.state] if first is not None else []
    return [trajectory.env_id, trajectory.task_id, trajectory.seed, *seen]


def _happened(trajectory: Trajectory) -> list[Any]:
    steps = [[step.decision.action, step.observation, step.state, step.reward] for step in trajectory.steps]
    return [steps, trajectory.final_observation, trajectory.error]
