"""Games made from numbers: rooms, goals and placements as in ALFWorld, without its files."""

from __future__ import annotations

from envs.alfworld.generator.difficulty import PRESETS, Difficulty
from envs.alfworld.generator.folder import write_games
from envs.alfworld.generator.source import GAMES_PER_TYPE, GeneratedGames

__all__ = ["GAMES_PER_TYPE", "PRESETS", "Difficulty", "GeneratedGames", "write_games"]
