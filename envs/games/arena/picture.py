"""The payoff matrix of an arena as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agentgym.errors import require
from agentgym.plain import plain

if TYPE_CHECKING:
    from envs.games.arena.results import ArenaResult

__all__ = ["draw_payoffs"]

_LONGEST_NAME = 24


def draw_payoffs(result: ArenaResult, path: Path) -> None:
    """Draw the mean return of each contestant (row) against each other (column).

    Blue is more, red is less; where gains are losses of others, white is 0.

    Args:
        result: The result.
        path: The picture, .png, .svg or .pdf.
    """
    require("matplotlib", extra="games", who="the heat map")
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    names = [_short(plain(name, limit=500)) for name in result.agents]
    size = 1.6 + 0.95 * len(names)
    figure, panel = plt.subplots(figsize=(size + 1.4, size), dpi=130, layout="constrained")
    low, high = _range(result)
    image = panel.imshow(np.ma.masked_invalid(result.payoff), cmap="RdBu", vmin=low, vmax=high)
    panel.set_facecolor("#eeeeee")
    panel.set_xticks(range(len(names)), names, rotation=30, ha="right")
    panel.set_yticks(range(len(names)), names)
    panel.set(xlabel="against", title=f"{result.game}: mean return, {result.plays} plays")
    for (row, column), value in np.ndenumerate(result.payoff):
        if not np.isnan(value):
            far = abs(value - (low + high) / 2) > 0.3 * (high - low)
            panel.text(
                column, row, f"{value:.2f}", ha="center", va="center", color="white" if far else "black"
            )
    figure.colorbar(image, ax=panel, shrink=0.8)
    partial = path.with_name("partial." + path.name)
    figure.savefig(partial)
    plt.close(figure)
    partial.replace(path)


def _short(name: str) -> str:
    """Keep the end of a long name: paths differ there."""
    return name if len(name) <= _LONGEST_NAME else "…" + name[1 - _LONGEST_NAME :]


def _range(result: ArenaResult) -> tuple[float, float]:
    low, high = float(np.nanmin(result.payoff)), float(np.nanmax(result.payoff))
    if result.ratings is not None:
        most = max(abs(low), abs(high), 1e-6)
        return -most, most
    return (low, high) if high > low else (low - 0.5, high + 0.5)
