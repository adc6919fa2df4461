"""Environments of other projects behind the text API. Each has an extra, and says what it cannot promise."""

from __future__ import annotations

from agentgym.registry import register_env

register_env("GEM-v0", "envs.adapters.gem_games:GemEnv")
register_env("MiniWoB-v0", "envs.adapters.mini_wob.env:MiniWoBEnv")
register_env("ScienceWorld-v0", "envs.adapters.science_world:ScienceWorldEnv")
register_env("TextArena-v0", "envs.adapters.text_arena:TextArenaEnv")
