"""GEM's games."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from agentgym.errors import DataError, require, suggest
from envs.adapters.python_game import Outcome, PythonGame, PythonGameEnv

__all__ = ["GemEnv"]


class GemEnv(PythonGameEnv):
    r"""Play one of the games of GEM.

    Description:
        Puzzles in text: Mastermind, Minesweeper, Sudoku, Tower of Hanoi, 2048, the fifteen puzzle and others.
        `agentgym/GEM-v0` plays Mastermind unless `game` says otherwise.

    Observation:
        What the game says to the last action; at first its rules.

    Action:
        What the rules ask for, as \boxed{...}, within any text.

    Reward:
        The game's own: 1 for a win.

    Start:
        A puzzle of the split, drawn by the seed or named by `options={"task": "test/7"}`. The task alone
        decides the puzzle; the seed decides what is drawn while it is played.

    End:
        Terminated by the game; truncated after `max_steps` steps. What GEM ends an episode for, an action
        without a box, is here an action that is not valid.

    Arguments:
        game: The id of a GEM game, such as "game:Sudoku-v0-easy".
        split: The split from which `reset(seed=...)` draws its task.
        max_steps: Number of steps; None: the game's own turn limit.
        render_mode: "ansi" or None.

    Not promised:
        Admissible actions are not listed. Experts exist for Mastermind, GuessTheNumber, Sudoku and
        TowerofHanoi. A partial reward that a game gives at its own turn limit is not given. Games that need
        NLTK's word lists say so.

    Version history:
        v0: first version.

    References:
        Liu et al. 2025, GEM: A Gym for Agentic LLMs, https://arxiv.org/abs/2510.01051.
    """

    def __init__(
        self,
        *,
        game: str = "game:Mastermind-v0-hard",
        split: str = "train",
        max_steps: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(_Gem(game), split, max_steps, render_mode)


class _Gem(PythonGame):
    """A game of GEM."""

    brackets: ClassVar[str] = "\\boxed{{{}}}"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        known = [each for each in self._gem().envs.registration.ENV_REGISTRY if each.startswith("game:")]
        if name not in known:
            raise suggest("GEM game", name, known)

    def make(self) -> Any:
        """Make the game, bare."""
        try:
            return self._gem().make(self.name).unwrapped
        except LookupError as error:
            raise DataError(
                f"{self.name} needs word lists of NLTK. Install them: python -m nltk.downloader words"
            ) from error

    def begin(self, game: Any) -> str:
        """Start a game."""
        told, _ = game.reset()
        game.max_turns = 10**9
        return str(told).strip()

    def play(self, game: Any, action: str) -> Outcome:
        """Apply an action."""
        told, reward, terminated, truncated, _ = game.step(action)
        malformed = float(reward) < 0  # its reward for what it cannot read
        return Outcome(str(told).strip(), float(reward), bool(terminated or truncated), malformed)

    def _gem(self) -> Any:
        """Import GEM and take back what that does to the root logger."""
        root = logging.getLogger()
        handlers, level = list(root.handlers), root.level
        with self._chance():
            gem = require("gem", extra="gem", who="agentgym/GEM-v0")
        root.handlers[:] = handlers
        root.setLevel(level)
        return gem
