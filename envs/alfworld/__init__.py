"""ALFWorld: household tasks in text. Engine, official games, generator, experts and the TextWorld backend."""

from __future__ import annotations

from agentgym.registry import register_env

register_env("ALFWorld-v0", "envs.alfworld.env:ALFWorldEnv")
