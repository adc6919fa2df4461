"""Sokoban: push every box onto a target. Rules, generator, level loader, solver, viewer and environments."""

from __future__ import annotations

from agentgym.registry import register_env

_ENTRY = "envs.sokoban.env:SokobanEnv"

register_env("Sokoban-v0", _ENTRY, kwargs={"size": 10, "boxes": 4, "max_steps": 120})
register_env("SokobanMedium-v0", _ENTRY, kwargs={"size": 7, "boxes": 2, "max_steps": 60})
register_env("SokobanSmall-v0", _ENTRY, kwargs={"size": 6, "boxes": 1, "max_steps": 30})
