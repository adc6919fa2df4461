"""Sokoban: push every box onto a target. Rules, generator, level loader, solver, viewer and environments."""

from __future__ import annotations

from collections.abc import Mapping

from agentgym.registry import register_env

_SIZES: Mapping[str, Mapping[str, int]] = {
    "Sokoban-v0": {"size": 10, "boxes": 4, "max_steps": 120},
    "SokobanMedium-v0": {"size": 7, "boxes": 2, "max_steps": 60},
    "SokobanSmall-v0": {"size": 6, "boxes": 1, "max_steps": 30},
}

for _name, _kwargs in _SIZES.items():
    register_env(
        _name,
        "envs.sokoban.env:SokobanEnv",
        vector_entry_point="envs.sokoban.vector:SokobanVectorEnv",
        kwargs=_kwargs,
    )
