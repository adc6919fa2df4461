"""Generated tasks of function calling: scenarios, requests and their reference calls, by number."""

from __future__ import annotations

from envs.tooluse.functions.generator.difficulty import PRESETS, Difficulty
from envs.tooluse.functions.generator.source import GeneratedCases

__all__ = ["PRESETS", "Difficulty", "GeneratedCases"]
