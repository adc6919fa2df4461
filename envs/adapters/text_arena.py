"""TextArena's games for one player."""

from __future__ import annotations

import math
from typing import Any

from agentgym.errors import ArgumentError, DataError, require, suggest
from envs.adapters.python_game import Outcome, PythonGame, PythonGameEnv

__all__ = ["TextArenaEnv"]


class TextArenaEnv(PythonGameEnv):
    """Play one of TextArena's games for one player.

    Description:
        Puzzles and small games in text: Mastermind, Sudoku, Minesweeper, Tower of Hanoi, 2048, Sokoban and
        others. `agentgym/TextArena-v0` plays Mastermind unless `game` says otherwise.

    Observation:
        What the game says since the last action; at first its rules.

    Action:
        What the rules ask for, in square brackets, within any text.

    Reward:
        The game's own, at its end: 1 for a win, in some games a share of it.

    Start:
        A puzzle of the split, drawn by the seed or named by `options={"task": "test/7"}`. The task alone
        decides the puzzle; the seed decides what is drawn while it is played.

    End:
        Terminated by the game; truncated after `max_steps` steps.

    Arguments:
        game: A TextArena id for one player, such as "Sudoku-v0-easy".
        split: The split from which `reset(seed=...)` draws its task.
        max_steps: Number of steps; None: the game's own turn limit, or 50.
        render_mode: "ansi" or None.

    Not promised:
        Admissible actions are not listed. Experts exist for Mastermind, GuessTheNumber, Sudoku and
        TowerOfHanoi. A partial reward that a game gives at its own turn limit is not given. Games that need
        NLTK's word lists say so.

    Version history:
        v0: first version.

    References:
        Guertler et al. 2025, TextArena, https://arxiv.org/abs/2504.11442.
    """

    def __init__(
        self,
        *,
        game: str = "Mastermind-v0",
        split: str = "train",
        max_steps: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(_Arena(game), split, max_steps, render_mode)


class _Arena(PythonGame):
    """A game of TextArena."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        known = _bare_ids(self._arena())
        if name not in known:
            raise suggest("TextArena game", name, known)

    def make(self) -> Any:
        """Make the game, without the wrappers that keep histories."""
        try:
            return self._arena().make(f"{self.name}-raw")
        except LookupError as error:
            raise DataError(
                f"{self.name} needs word lists of NLTK. Install them: python -m nltk.downloader words"
            ) from error
        except SyntaxError as error:
            raise DataError(f"{self.name} of this TextArena does not run on this Python: {error}.") from error

    def begin(self, game: Any) -> str:
        """Start a game."""
        try:
            game.reset(num_players=1)
        except AssertionError as error:
            raise ArgumentError(f"{self.name} is no game for one player: {error}.") from error
        game.state.error_allowance, game.state.max_turns = 10**9, math.inf
        return _told(game)

    def play(self, game: Any, action: str) -> Outcome:
        """Apply an action."""
        over, _ = game.step(action)
        malformed = game.state.error_count > 0
        told = _told(game)
        if not over:
            return Outcome(told, malformed=malformed)
        why = str(game.state.game_info[0].get("reason") or "")
        return Outcome("\n".join(filter(None, (told, why))), float(game.state.rewards[0]), over=True)

    def _arena(self) -> Any:
        with self._chance():  # some of its games draw while they are imported
            return require("textarena", extra="textarena", who="agentgym/TextArena-v0")


def _bare_ids(arena: Any) -> list[str]:
    """List the ids that have a bare form."""
    registry = arena.envs.registration.ENV_REGISTRY
    return sorted(name.removesuffix("-raw") for name in registry if name.endswith("-raw"))


def _told(game: Any) -> str:
    """What the game has said since it was asked last, without the player's own words."""
    _, messages = game.get_observation()
    return "\n".join(text.strip() for _, text, kind in messages if kind.name != "PLAYER_ACTION")
