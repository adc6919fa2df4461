"""What a training run reports: one JSON line an update, and the learning curve as a picture."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agentgym.errors import CheckpointError
from agentgym.trajectory import Trajectory

__all__ = ["MetricsFile", "draw_curve", "summarise"]


def summarise(trajectories: Sequence[Trajectory]) -> dict[str, float]:
    """Describe the episodes of an update: means over episodes, turns (`invalid`), tokens (`entropy`)."""
    steps = [step for t in trajectories for step in t.steps]
    recorded = (step.decision.entropies for step in steps)
    entropies = np.concatenate([np.zeros(0), *(e for e in recorded if e is not None)])
    return {
        "episodes": len(trajectories),
        "success": float(np.mean([t.success for t in trajectories])),
        "score": float(np.mean([t.score for t in trajectories])),
        "return": float(np.mean([t.total_reward for t in trajectories])),
        "turns": float(np.mean([len(t.steps) for t in trajectories])),
        "invalid": float(np.mean([not step.valid for step in steps])) if steps else 0.0,
        "entropy": float(np.mean(entropies)) if len(entropies) else 0.0,
        "errors": sum(t.error is not None for t in trajectories),
        "tokens": sum(t.tokens for t in trajectories),
    }


class MetricsFile:
    """The lines of a run. Lines of updates after the checkpoint that a run resumes from are taken back.

    Args:
        path: The file.
        updates: Updates that are done: as many lines are kept.

    Raises:
        CheckpointError: The file has fewer whole lines, or one that is no JSON.
    """

    def __init__(self, path: Path, updates: int) -> None:
        self.path = path
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        kept = lines[:updates]
        try:
            self.records: list[dict[str, Any]] = [json.loads(line) for line in kept]
        except ValueError as error:
            raise CheckpointError(
                f"{path} has a line that is no JSON: {error}. Start again elsewhere."
            ) from error
        if len(kept) < updates or not all(line.endswith(b"\n") for line in kept):
            raise CheckpointError(
                f"{path} has {len(kept)} lines for {updates} updates. Start again elsewhere."
            )
        self.taken_back = len(lines) - len(kept)
        if self.taken_back:
            os.truncate(path, sum(map(len, kept)))

    def append(self, record: Mapping[str, Any]) -> None:
        """Write one line."""
        self.records.append(dict(record))
        with self.path.open("a", encoding="ascii") as file:
            file.write(json.dumps(record, allow_nan=False) + "\n")


def draw_curve(records: Sequence[Mapping[str, Any]], path: Path, title: str) -> None:
    """Draw success and return against episodes: a dot an update, and the mean of the last ten as a line."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    episodes = np.cumsum([r["episodes"] for r in records])
    figure, panels = plt.subplots(1, 2, figsize=(10, 3.8), dpi=120, layout="constrained")
    for panel, key, label, colour in zip(
        panels, ("success", "return"), ("success rate", "mean return"), ("#1b6ca8", "#b8562b"), strict=True
    ):
        values = np.array([r[key] for r in records])
        smooth = [values[max(0, i - 9) : i + 1].mean() for i in range(len(values))]
        panel.plot(episodes, values, ".", color=colour, alpha=0.35, label="one update")
        panel.plot(episodes, smooth, color=colour, linewidth=2, label="mean of the last 10")
        panel.set(xlabel="training episodes", ylabel=label)
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(frameon=False, loc="upper left")
    panels[0].set_ylim(0, 1)
    figure.suptitle(title, fontsize=11)
    partial = path.with_name("partial." + path.name)
    figure.savefig(partial)
    plt.close(figure)
    partial.replace(path)
