"""Information-set Monte-Carlo tree search, for games with hidden cards."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np

from agentgym.errors import ArgumentError, require
from envs.games.openspiel import SpielGame, draw, spiel_state
from envs.games.protocol import GameState

__all__ = ["ISMCTS"]

_EXPLORATION = 2.0
_Counts = dict[int, list[float]]
"""Of a node: action -> [visits, sum of returns of who moves there]."""


class ISMCTS:
    """Searches over the deals that its seat cannot tell apart, with one tree of information states.

    OpenSpiel's own bot is not used: it walks through a hash table, so that one seed gives different moves.

    Args:
        game: A sequential game whose states OpenSpiel can resample, e.g. Kuhn, Leduc, gin rummy, bargaining.
        simulations: Number of simulations for a move.

    Raises:
        ArgumentError: OpenSpiel cannot resample the game.

    References:
        Cowling, Powley, Whitehouse 2012, Information Set Monte Carlo Tree Search. Deviation: a tree for each
        player, and actions that the resampled deal lacks do not occur in these games.
    """

    def __init__(self, game: SpielGame, simulations: int) -> None:
        if game.facts.simultaneous or not game.has_infostates or not _resamples(game):
            raise ArgumentError(
                f"ismcts cannot play {game.facts.name}: OpenSpiel does not resample its hidden part. Pass "
                "opponent='random'."
            )
        self.name = f"ismcts-{simulations}@v1"
        self._simulations = simulations

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Search from what the seat knows and take the action that was visited most."""
        own = spiel_state(state)
        tree: dict[str, _Counts] = {}
        for _ in range(self._simulations):
            _simulate(own.spiel.resample_from_infostate(seat, rng.random), tree, rng)
        root = tree[own.spiel.information_state_string(seat)]
        words = own.words(seat)
        return max(words, key=lambda word: root[words[word]][0])


def _simulate(state: Any, tree: dict[str, _Counts], rng: np.random.Generator) -> None:
    """Walk down the tree to a new node, play on at random, and count the returns along the way."""
    path: list[tuple[list[float], int]] = []
    inside = True
    while not state.is_terminal():
        if state.is_chance_node():
            state.apply_action(draw(state.chance_outcomes(), rng))
        elif inside:
            mover = state.current_player()
            key = state.information_state_string(mover)
            inside = key in tree
            node = tree.setdefault(key, {action: [0.0, 0.0] for action in state.legal_actions()})
            action = _select(node, rng)
            path.append((node[action], mover))
            state.apply_action(action)
        else:
            legal = state.legal_actions()
            state.apply_action(legal[int(rng.random() * len(legal))])
    returns = state.returns()
    for counts, mover in path:
        counts[0] += 1.0
        counts[1] += returns[mover]


def _select(node: _Counts, rng: np.random.Generator) -> int:
    """Draw an action that was never tried, else take the one with the greatest upper confidence bound."""
    untried = [action for action, (count, _) in node.items() if count == 0.0]
    if untried:
        return untried[int(rng.random() * len(untried))]
    visits = log(sum(count for count, _ in node.values()))
    bounds = {
        action: total / count + _EXPLORATION * sqrt(visits / count) for action, (count, total) in node.items()
    }
    return max(bounds, key=bounds.__getitem__)


def _resamples(game: SpielGame) -> bool:
    pyspiel = require("pyspiel", extra="games", who="ismcts")
    rng = np.random.default_rng(0)
    state = game.new_state(rng)
    try:
        state.spiel.resample_from_infostate(state.actors()[0], rng.random)
    except pyspiel.SpielError:
        return False
    return True
