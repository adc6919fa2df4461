"""Speed of strategic games beside PettingZoo classic and TextArena, in one run. Never part of the tests.

Run: python tests/benchmarks/games_speed.py [--seconds 2] [--peers PYTHON]
PYTHON is an interpreter in which the peers are installed, so that they need not be in ours:
    pip install pettingzoo==1.27.0 rlcard chess pygame-ce shimmy open_spiel textarena
Numbers are actions per CPU second of the process that plays, with random legal actions. Our text play reads
the text of every turn; PettingZoo classic gives arrays, TextArena texts. The best of ten rounds counts.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

PLAIN_TEXT, RAW = "text through AEC", "engine alone"
ROUNDS = 10
GAMES = ("tic_tac_toe", "connect_four", "kuhn_poker", "leduc_poker", "hanabi", "limit_holdem", "chess")
CLASSIC = {
    "tic_tac_toe": "tictactoe_v3",
    "connect_four": "connect_four_v3",
    "leduc_poker": "leduc_holdem_v4",
    "hanabi": "hanabi_v5",
    "limit_holdem": "texas_holdem_v4",
    "chess": "chess_v6",
}
ARENA = {"tic_tac_toe": "TicTacToe-v0", "connect_four": "ConnectFour-v0"}


def rate(play: Callable[[int], int], seconds: float) -> float:
    """Play for a time, in rounds; return the actions per CPU second of the best round."""
    play(0)
    return max(_round(play, seconds / ROUNDS) for _ in range(ROUNDS))


def _round(play: Callable[[int], int], seconds: float) -> float:
    begun, episodes, actions = time.process_time(), 0, 0
    while (taken := time.process_time() - begun) < seconds:
        episodes += 1
        actions += play(episodes)
    return actions / taken


def ours(game: str) -> Callable[[int], int]:
    import pettingzoo

    import agentgym  # noqa: F401 - registers the games

    env, rng = pettingzoo.make("aec", f"agentgym/{game}-v0"), random.Random(0)

    def play(episode: int) -> int:
        env.reset(seed=None if episode else 0)
        actions = 0
        for _ in env.agent_iter():
            observation, _, terminated, truncated, info = env.last()
            assert observation["text"]
            if terminated or truncated:
                env.step(None)
                continue
            legal = info["action_mask"]
            env.step(legal[int(rng.random() * len(legal))])
            actions += 1
        return actions

    return play


def engine(game: str) -> Callable[[int], int]:
    from envs.games.openspiel import SpielGame
    from envs.games.registration import load_game

    rules, rng = load_game(game), random.Random(0)
    assert isinstance(rules, SpielGame)

    def play(episode: int) -> int:
        state, actions = rules.spiel.new_initial_state(), 0
        while not state.is_terminal():
            actions += not state.is_chance_node()
            legal = state.legal_actions()
            state.apply_action(legal[int(rng.random() * len(legal))])
        return actions

    return play


def classic(game: str) -> Callable[[int], int]:
    import importlib

    import numpy as np

    module = getattr(importlib.import_module("pettingzoo.classic"), CLASSIC[game])
    env, rng = module.env(), random.Random(0)

    def play(episode: int) -> int:
        env.reset(seed=None if episode else 0)
        actions = 0
        for _ in env.agent_iter():
            observation, _, terminated, truncated, info = env.last()
            if terminated or truncated:
                env.step(None)
                continue
            mask = observation["action_mask"] if "action_mask" in observation else info["action_mask"]
            legal = np.flatnonzero(mask)
            env.step(int(legal[int(rng.random() * len(legal))]))
            actions += 1
        return actions

    return play


def arena(game: str) -> Callable[[int], int]:
    import textarena

    env, rng = textarena.make(ARENA[game]), random.Random(0)

    def play(episode: int) -> int:
        env.reset(num_players=2, seed=episode)
        room = dict.fromkeys(range(9), 1) if game == "tic_tac_toe" else dict.fromkeys(range(7), 6)
        over, actions = False, 0
        while not over:
            env.get_observation()
            cell = rng.choice([place for place, free in room.items() if free])
            room[cell] -= 1
            over, _ = env.step(action=f"[{cell}]" if game == "tic_tac_toe" else f"[col {cell}]")
            actions += 1
        env.close()
        return actions

    return play


PEERS = {"PettingZoo classic": (classic, CLASSIC), "TextArena": (arena, ARENA)}


def measure_peer(python: str, peer: str, game: str, seconds: float) -> float | str:
    """Measure a peer in its own interpreter; say why where it does not play."""
    order = [python, __file__, "--measure", peer, game, "--seconds", str(seconds)]
    done = subprocess.run(order, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return done.stderr.strip().splitlines()[-1][:60]
    return float(json.loads(done.stdout.splitlines()[-1]))


def compare(seconds: float, peers: str) -> None:
    print(f"{'actions/s':14}{PLAIN_TEXT:>18}{RAW:>16}" + "".join(f"{peer:>30}" for peer in PEERS))
    for game in GAMES:
        mine = rate(ours(game), seconds)
        row = f"{game:14}{mine:18,.0f}{rate(engine(game), seconds):16,.0f}"
        for peer, (_, games) in PEERS.items():
            theirs = measure_peer(peers, peer, game, seconds) if game in games else "-"
            row += f"{f'{theirs:,.0f} ({mine / theirs:.1f}x)' if isinstance(theirs, float) else theirs:>30}"
        print(row, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the speed of strategic games.")
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU time for each number")
    parser.add_argument(
        "--peers", default=sys.executable, help="interpreter in which the peers are installed"
    )
    parser.add_argument("--measure", nargs=2, metavar=("PEER", "GAME"), help=argparse.SUPPRESS)
    options: Any = parser.parse_args()
    if options.measure:
        peer, game = options.measure
        print(json.dumps(rate(PEERS[peer][0](game), options.seconds)))
    else:
        compare(options.seconds, options.peers)


if __name__ == "__main__":
    main()
