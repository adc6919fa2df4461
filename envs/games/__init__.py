"""Strategic games for several players, in text: PettingZoo and single-agent views over OpenSpiel."""

from __future__ import annotations

from collections.abc import Mapping

from agentgym.cli.commands import register_command
from envs.games import social  # noqa: F401 - registers its games
from envs.games.openspiel.names import SIMULTANEOUS, TURN_BASED, WRAPPERS
from envs.games.registration import register_game

_CURATED: tuple[tuple[str, str, str, int, bool, Mapping[str, str]], ...] = (
    # name, callable, single-agent id, its steps before truncation, whether seats act at once, fixed arguments
    ("tic_tac_toe", "tic_tac_toe:tic_tac_toe", "TicTacToe-v0", 12, False, {}),
    ("connect_four", "connect_four:connect_four", "ConnectFour-v0", 30, False, {}),
    ("nim", "nim:nim", "Nim-v0", 16, False, {}),
    ("chess", "chess:chess", "Chess-v0", 150, False, {}),
    ("kuhn_poker", "kuhn_poker:kuhn_poker", "KuhnPoker-v0", 8, False, {}),
    ("leduc_poker", "leduc_poker:leduc_poker", "LeducPoker-v0", 12, False, {}),
    ("limit_holdem", "holdem:limit_holdem", "LimitHoldem-v0", 30, False, {}),
    ("no_limit_holdem", "holdem:no_limit_holdem", "NoLimitHoldem-v0", 30, False, {}),
    ("liars_dice", "liars_dice:liars_dice", "LiarsDice-v0", 20, False, {}),
    ("goofspiel", "goofspiel:goofspiel", "Goofspiel-v0", 20, True, {}),
    ("bargaining", "bargaining:bargaining", "Bargaining-v0", 10, False, {}),
    ("prisoners_dilemma", "dilemmas:prisoners_dilemma", "PrisonersDilemma-v0", 20, True, {}),
    ("stag_hunt", "dilemmas:stag_hunt", "StagHunt-v0", 20, True, {}),
    ("hanabi", "hanabi:hanabi", "Hanabi-v0", 60, False, {}),
    ("hanabi_mini", "hanabi:hanabi", "HanabiMini-v0", 30, False, {"preset": "mini"}),
    ("hanabi_simple", "hanabi:hanabi", "HanabiSimple-v0", 40, False, {"preset": "simple"}),
)

register_command("arena", "envs.games.commands:arena")
for _name, _callable, _single, _max_steps, _simultaneous, _fixed in _CURATED:
    register_game(
        _name,
        f"envs.games.curated.{_callable}",
        kwargs=_fixed,
        single=_single,
        max_steps=_max_steps,
        opponent="expert" if _callable == "hanabi:hanabi" else "random",
        simultaneous=_simultaneous,
    )
for _name in (*TURN_BASED, *SIMULTANEOUS, *WRAPPERS):
    register_game(
        _name,
        "envs.games.openspiel:open_spiel_game",
        kwargs={"name": _name},
        simultaneous=_name not in TURN_BASED,
    )
