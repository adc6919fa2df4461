"""Play games on stock TextWorld, in a process of its own: TextWorld is not thread-safe and prints.

Reads a JSON list of `{"game": ..., "commands": [...]}` from the standard input, where a game is a path or the
JSON object that a `game.tw-pddl` holds. Writes for each game what was seen at the start and after each
command: `[text, sorted admissible commands, won]`. With the argument `list <folder>` it writes the paths of
the games that stock ALFWorld finds there.

`$ALFWORLD_DATA` must name a folder of the caller, because importing alfworld writes there.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

Seen = list[Any]


def play(game: str | dict[str, Any], commands: list[str]) -> list[Seen]:
    """Play one game; return what was seen."""
    from alfworld.agents.environment.alfred_tw_env import AlfredDemangler
    from textworld import EnvInfos
    from textworld.envs import PddlEnv

    env = AlfredDemangler(PddlEnv(EnvInfos(won=True, admissible_commands=True, feedback=True)))
    env.load(game)
    state = env.reset()
    seen = [_seen(state)]
    for command in commands:
        state, _, _ = env.step(command)
        seen.append(_seen(state))
    env.close()
    return seen


def _seen(state: Any) -> Seen:
    return [state["feedback"], sorted(state["admissible_commands"]), bool(state["won"])]


def find(folder: str) -> list[str]:
    """List the games that stock ALFWorld finds in a folder."""
    from alfworld.agents.environment.alfred_tw_env import AlfredTWEnv

    config = {
        "env": {"goal_desc_human_anns_prob": 0, "task_types": [1, 2, 3, 4, 5, 6]},
        "dataset": {"data_path": folder, "num_train_games": 0},
    }
    return list(AlfredTWEnv(config, train_eval="train").game_files)


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        if sys.argv[1:2] == ["list"]:
            answer: list[Any] = find(sys.argv[2])
        else:
            answer = [play(game["game"], game["commands"]) for game in json.load(sys.stdin)]
    json.dump(answer, sys.stdout)
