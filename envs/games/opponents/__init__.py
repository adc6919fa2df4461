"""Opponents: who sits at the other seats of a single-agent view, and the experts behind `oracle_action`."""

from __future__ import annotations

from envs.games.opponents.protocol import Player, Strategy
from envs.games.opponents.specs import OpponentSpec, make_player, make_strategy, opponent_specs

__all__ = ["OpponentSpec", "Player", "Strategy", "make_player", "make_strategy", "opponent_specs"]
