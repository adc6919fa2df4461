"""Any OpenSpiel game as a text game; `Wording` gives some of them words of their own."""

from __future__ import annotations

from envs.games.openspiel.game import SpielGame, load_spiel, open_spiel_game
from envs.games.openspiel.state import SpielState, draw, spiel_state
from envs.games.openspiel.wording import Wording

__all__ = ["SpielGame", "SpielState", "Wording", "draw", "load_spiel", "open_spiel_game", "spiel_state"]
