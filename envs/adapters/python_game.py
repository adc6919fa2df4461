"""Games that are Python objects: what is done to them can be taken back, and their state can be read."""

from __future__ import annotations

import abc
import copy
from typing import Any, ClassVar, NamedTuple

from agentgym.api import Facts, Transition
from agentgym.errors import suggest
from agentgym.hashing import canonical_json, digest, state_key
from agentgym.tasks import NumberedTasks
from envs.adapters.chance import OwnChance
from envs.adapters.engine import AdaptedEnv
from envs.adapters.experts import expert_words
from envs.adapters.fingerprint import fingerprint

__all__ = ["Outcome", "PythonGame", "PythonGameEnv"]

_LONGEST_ACTION = 2000
_TURNS = (
    "turn",
    "turn_count",
    "max_turns",
    "error_count",
    "error_allowance",
    "made_invalid_move",
    "milestone",
)
_REPORTS = ("logs", "observations", "rewards", "step_info", "game_info")
_COUNTERS = frozenset((*_TURNS, *_REPORTS))
_COUNTS = {"train": 1_000_000, "validation": 1_000_000, "test": 1_000_000}


class Outcome(NamedTuple):
    """What a game says to an action.

    Attributes:
        observation: Its words.
        reward: Its reward.
        over: Whether the game is over.
        malformed: Whether it did not understand the action.
    """

    observation: str
    reward: float = 0.0
    over: bool = False
    malformed: bool = False


class PythonGame(abc.ABC):
    """An engine around a Python object.

    An action that the game does not understand, or that changes nothing but its counters, is taken back and
    is not valid. The game's own turn limit is lifted: the environment's counts.

    Args:
        name: The game, in its project's words.
    """

    brackets: ClassVar[str] = "[{}]"

    def __init__(self, name: str) -> None:
        self.name = name
        self._chance = OwnChance()
        self._game: Any = None
        self._task = self._instruction = ""
        self._reward, self._over = 0.0, False

    @abc.abstractmethod
    def make(self) -> Any:
        """Make the game's object."""

    @abc.abstractmethod
    def begin(self, game: Any) -> str:
        """Start a new game and return what it says."""

    @abc.abstractmethod
    def play(self, game: Any, action: str) -> Outcome:
        """Apply an action."""

    def turn_limit(self) -> int:
        """The number of turns that the project gives; 50 where it gives none."""
        with self._chance():
            limit = getattr(self.make(), "max_turns", None)
        return int(limit) if limit else 50

    def start(self, task: str, chance: int) -> str:
        """Start a game: the task alone decides the puzzle, `chance` what is drawn while it is played."""
        self._chance.seed(int(digest([self.name, task])[:8], 16))
        with self._chance():
            self._game = self.make()
            self._instruction = self.begin(self._game)
        self._chance.seed(chance)
        self._task, self._reward, self._over = task, 0.0, False
        return self._instruction

    def act(self, action: str) -> Transition:
        """Apply an action, or take it back."""
        if len(action) > _LONGEST_ACTION:
            return Transition(f"An action has at most {_LONGEST_ACTION} characters.", valid=False)
        before, kept, chance = self._state(), copy.deepcopy(self._game), copy.copy(self._chance)
        try:
            with self._chance():
                done = self.play(self._game, action)
        except Exception as error:  # the games raise what they like at texts that they did not foresee
            done = Outcome(f"The game does not understand this ({type(error).__name__}).", malformed=True)
        if done.malformed or (not done.over and self._state() == before):
            self._game, self._chance = kept, chance
            return Transition(done.observation, valid=False)
        self._over = done.over
        self._reward += done.reward
        return Transition(done.observation, done.reward, done.over)

    def facts(self) -> Facts:
        """Report the state: everything in the game's object but its counters."""
        won = self._over and self._reward > 1 - 1e-9  # some games pay in parts
        score = float(min(max(self._reward, 0.0), 1.0))
        key = state_key(canonical_json([self.name, self._task, self._over, score, self._state()]))
        return Facts(self._instruction, key, progress=score, score=score, success=won)

    def expert(self) -> str:
        """Return an expert's action, for the games that have one."""
        return self.brackets.format(expert_words(self._game))

    def close(self) -> None:
        """Let go of the game."""
        self._game = None

    def _state(self) -> Any:
        return fingerprint(self._game, _COUNTERS)


class PythonGameEnv(AdaptedEnv):
    """What the environments of `PythonGame` have in common."""

    def __init__(self, game: PythonGame, split: str, max_steps: int | None, render_mode: str | None) -> None:
        limit = game.turn_limit() if max_steps is None else max_steps
        super().__init__(split=split, max_steps=limit, render_mode=render_mode)
        self._engine = game

    @property
    def engine(self) -> PythonGame:
        """The game."""
        return self._engine

    def tasks(self, split: str) -> NumberedTasks:
        """List the tasks of a split: a task is a number that stands for a puzzle."""
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return NumberedTasks({split: _COUNTS[split]})
