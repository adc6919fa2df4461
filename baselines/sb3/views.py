"""Structured views: arrays that say what a text says, for the environments whose text has a shape.

A view is a function `(observation, info) -> float32 array of a fixed length`. It reads what an agent is
shown and nothing else, so that an agent can be evaluated as it was trained. Environments know nothing of it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.rules import BOX, PLAYER, TARGET, WALL
from envs.sokoban.text import board_from_rows

__all__ = ["View", "board_planes", "grid_marks", "kuhn_facts", "register_view", "view_of"]

View = Callable[[str, Mapping[str, Any]], NDArray[np.float32]]

_HERE = "baselines.sb3.views"
_VIEWS: dict[str, str] = {
    "agentgym/Sokoban-v0": f"{_HERE}:board_planes",
    "agentgym/SokobanMedium-v0": f"{_HERE}:board_planes",
    "agentgym/SokobanSmall-v0": f"{_HERE}:board_planes",
    "agentgym/TicTacToe-v0": f"{_HERE}:grid_marks",
    "agentgym/ConnectFour-v0": f"{_HERE}:grid_marks",
    "agentgym/KuhnPoker-v0": f"{_HERE}:kuhn_facts",
}
_SOKOBAN_ROW = re.compile(r"[#_.$*@+](?: [#_.$*@+])+")
_MARKS_ROW = re.compile(r"(?:\d+ +)?([.xo](?: [.xo])+)")
_KUHN = ("card is J", "card is Q", "card is K", "you pass", "you bet", "player 0", "player 1")


def register_view(env_id: str, entry_point: str) -> None:
    """Give an environment a structured view.

    Args:
        env_id: Registered id.
        entry_point: "module:function" of a `View`; imported when it is first used.
    """
    _VIEWS[env_id] = entry_point


def view_of(env_id: str) -> View | None:
    """Return the structured view of an id, or None where it has none."""
    entry_point = _VIEWS.get(env_id)
    return None if entry_point is None else _resolve(entry_point)


@lru_cache(maxsize=64)
def _resolve(entry_point: str) -> View:
    module, _, name = entry_point.partition(":")
    view: View = getattr(importlib.import_module(module), name)
    return view


def board_planes(observation: str, info: Mapping[str, Any]) -> NDArray[np.float32]:
    """Read Sokoban's grid as planes of walls, targets, boxes and you.

    Returns:
        Shape (4 H W,). Empty where the text holds no grid (observation="coordinates").
    """
    rows = [line.replace(" ", "") for line in observation.split("\n") if _SOKOBAN_ROW.fullmatch(line)]
    if not rows:
        return np.zeros(0, dtype=np.float32)
    board = board_from_rows(rows)
    return np.concatenate([(board & flag > 0).ravel() for flag in (WALL, TARGET, BOX, PLAYER)]).astype(
        np.float32
    )


def grid_marks(observation: str, info: Mapping[str, Any]) -> NDArray[np.float32]:
    """Read a board of x and o as two planes: my marks, and the other's.

    Returns:
        Shape (2 H W,).
    """
    rows = [match.group(1) for line in observation.split("\n") if (match := _MARKS_ROW.fullmatch(line))]
    cells = np.array([cell for row in rows for cell in row.split()])
    mine = "xo"[int(info["extra"]["seat"])]
    other = "xo"[1 - int(info["extra"]["seat"])]
    return np.concatenate([cells == mine, cells == other]).astype(np.float32)


def kuhn_facts(observation: str, info: Mapping[str, Any]) -> NDArray[np.float32]:
    """Read Kuhn poker's private card, and what each has done.

    Returns:
        Shape (7,): card J, Q, K; whether I passed, I bet, player 0 acted, player 1 acted.
    """
    told = observation.partition("Game state:")[2].partition("Legal actions:")[0]
    return np.array([fact in told for fact in _KUHN], dtype=np.float32)
