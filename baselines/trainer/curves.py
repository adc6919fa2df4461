"""Learning curves of several runs in one picture: runs that differ in their seed alone form one line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError

__all__ = ["Curve", "as_records", "draw_curves", "read_curves"]

_COLOURS = ("#1b6ca8", "#b8562b", "#3f8f4f", "#7a4a9e", "#8a7a1f", "#555555")


@dataclass(frozen=True, slots=True)
class Curve:
    """Runs of one kind.

    Attributes:
        label: Estimator and environment.
        seeds: Seed of each run, shape (S,).
        episodes: Training episodes after each update that has the metric, shape (U,); U is that of the
            shortest run.
        values: The metric of these updates, mean of the last `window`, shape (S, U).
        metric: Which it is, "success" or another number of the runs' records.
    """

    label: str
    seeds: tuple[int, ...]
    episodes: NDArray[np.int64]
    values: NDArray[np.float64]
    metric: str = "success"

    @property
    def first_and_last(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The metric of each run in its first update and over its last window, both of shape (S,)."""
        return self.values[:, 0], self.values[:, -1]


def read_curves(runs: Sequence[Path], *, window: int = 10, metric: str = "success") -> list[Curve]:
    """Read the metrics of training runs and gather those that differ in their seed alone.

    Args:
        runs: Folders of `agentgym train`.
        window: Number of updates in the moving mean.
        metric: What is read: a number of the runs' records; updates without it are passed over.

    Raises:
        ArgumentError: A folder holds no run with at least one update that has the metric, or `window` is not
            positive.
    """
    if window < 1:
        raise ArgumentError(f"`window` is {window}. It is a number of updates, at least 1.")
    kinds: dict[str, list[tuple[int, str, list[dict[str, Any]]]]] = {}
    for run in runs:
        config, records = _read(run)
        seed, kind = int(config.pop("seed")), json.dumps({**config, "updates": 0}, sort_keys=True)
        label = f"{config['estimator']} on {_played(config)}"
        kinds.setdefault(kind, []).append((seed, label, records))
    return [_curve(members, window, metric) for members in kinds.values()]


def _played(config: Mapping[str, Any]) -> str:
    ids = config.get("selfplay", {}).get("envs") or [config["env"]]
    return ", ".join(str(env_id).rpartition("/")[2] for env_id in ids)


def _read(run: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        config = json.loads((run / "config.json").read_text("ascii"))
        records = [json.loads(line) for line in (run / "metrics.jsonl").read_text("ascii").splitlines()]
    except (OSError, ValueError) as error:
        raise ArgumentError(
            f"{run} holds no training run: {error}. Pass a folder of `agentgym train`."
        ) from error
    if not records:
        raise ArgumentError(f"{run} has no update yet. Wait for the first.")
    return config, records


def _curve(members: Sequence[tuple[int, str, list[dict[str, Any]]]], window: int, metric: str) -> Curve:
    measured = [[i for i, r in enumerate(records) if metric in r] for _, _, records in members]
    length = min(map(len, measured))
    if not length:
        raise ArgumentError(
            f"A run of {members[0][1]} has no {metric!r}. Its numbers are those of metrics.jsonl."
        )
    values = np.array(
        [
            [records[i][metric] for i in at[:length]]
            for (_, _, records), at in zip(members, measured, strict=True)
        ]
    )
    smooth = [values[:, max(0, i - window + 1) : i + 1].mean(axis=1) for i in range(length)]
    return Curve(
        label=members[0][1],
        seeds=tuple(seed for seed, _, _ in members),
        episodes=np.cumsum([r["episodes"] for r in members[0][2]])[measured[0][:length]],
        values=np.stack(smooth, axis=1),
        metric=metric,
    )


def draw_curves(curves: Sequence[Curve], path: Path, *, title: str = "") -> None:
    """Draw one line a curve, the mean over its seeds, in the band from its worst seed to its best."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panel = plt.subplots(figsize=(7, 4), dpi=130, layout="constrained")
    for number, curve in enumerate(curves):
        colour, many = _COLOURS[number % len(_COLOURS)], len(curve.seeds) > 1
        label = f"{curve.label}, {len(curve.seeds)} seeds" if many else curve.label
        panel.plot(curve.episodes, curve.values.mean(axis=0), color=colour, linewidth=2, label=label)
        if many:
            low, high = curve.values.min(axis=0), curve.values.max(axis=0)
            panel.fill_between(curve.episodes, low, high, color=colour, alpha=0.18, linewidth=0)
    success = all(curve.metric == "success" for curve in curves)
    panel.set(xlabel="training episodes", ylabel="success rate" if success else curves[0].metric, title=title)
    if success:
        panel.set_ylim(0, 1)
    panel.grid(alpha=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, loc="lower right" if success else "best")
    partial = path.with_name("partial." + path.name)
    figure.savefig(partial)
    plt.close(figure)
    partial.replace(path)


def as_records(curves: Sequence[Curve]) -> list[Mapping[str, Any]]:
    """Return the curves as JSON objects."""
    return [
        {
            "label": curve.label,
            "seeds": list(curve.seeds),
            "episodes": curve.episodes.tolist(),
            curve.metric: curve.values.tolist(),
        }
        for curve in curves
    ]
