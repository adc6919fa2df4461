"""Strategic games for several players, in text: PettingZoo and single-agent views over OpenSpiel."""

from __future__ import annotations

from envs.games.openspiel.names import SIMULTANEOUS, TURN_BASED
from envs.games.registration import register_game

_CURATED = (
    # name, callable, single-agent id, its steps before truncation, whether seats act at once
    ("tic_tac_toe", "tic_tac_toe:tic_tac_toe", "TicTacToe-v0", 12, False),
    ("kuhn_poker", "kuhn_poker:kuhn_poker", "KuhnPoker-v0", 8, False),
)

for _name, _callable, _single, _max_steps, _simultaneous in _CURATED:
    register_game(
        _name,
        f"envs.games.curated.{_callable}",
        single=_single,
        max_steps=_max_steps,
        simultaneous=_simultaneous,
    )
for _name in (*TURN_BASED, *SIMULTANEOUS):
    register_game(
        _name,
        "envs.games.openspiel:open_spiel_game",
        kwargs={"name": _name},
        simultaneous=_name in SIMULTANEOUS,
    )
