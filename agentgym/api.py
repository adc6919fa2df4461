"""The text API: `TextEnv`, what every id of the suite is, and `Info`, what it tells at each turn.

`TextEnv` holds what is the same for all tasks, once: choosing the task, counting steps, truncation, the info
contract, snapshots, and what happens after the end. A family implements five hooks: `tasks`, `_begin`,
`_act`, `_facts` and `_save`/`_load`.
"""

from __future__ import annotations

import abc
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, TypedDict

import gymnasium
import numpy as np

from agentgym.errors import ArgumentError, DataError, EpisodeOverError, suggest
from agentgym.spaces import FreeText

__all__ = ["Facts", "Info", "TextEnv", "Transition"]


_FROZEN: dict[str, type | None] = {
    "env": str,
    "task": str,
    "split": str,
    "steps": int,
    "over": bool,
    "valid": bool,
    "chance": dict,
    "state": None,
}
_MALFORMED = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    DataError,
)


class Info(TypedDict):
    """What every environment reports at every reset and step.

    Attributes:
        task_id: The task, as listed by `tasks(split)`.
        split: The split that the task belongs to.
        instruction: The goal in words.
        admissible_actions: The actions that have an effect now; None where the set is open.
        action_valid: Whether the last action was understood and admissible (True after a reset).
        state_key: Short hash of the true state: equal exactly when the future is the same.
        progress: How much of the task is done, in [0, 1].
        score: What the episode is worth so far, in [0, 1].
        success: Whether the goal is reached.
        extra: Facts of this environment alone.
    """

    task_id: str
    split: str
    instruction: str
    admissible_actions: tuple[str, ...] | None
    action_valid: bool
    state_key: str
    progress: float
    score: float
    success: bool
    extra: dict[str, Any]


class Transition(NamedTuple):
    """What an action did.

    Attributes:
        observation: The text after it; where the action was not valid, it says why.
        reward: The reward.
        terminated: Whether the task ended by itself, in success or failure.
        valid: Whether the action was understood and admissible.
    """

    observation: str
    reward: float = 0.0
    terminated: bool = False
    valid: bool = True


class Facts(NamedTuple):
    """What is true of the present state; the fields are those of `Info`."""

    instruction: str
    state_key: str
    progress: float
    score: float
    success: bool
    admissible_actions: tuple[str, ...] | None = None
    extra: Mapping[str, Any] = {}


class TextEnv(gymnasium.Env[str, str], abc.ABC):
    """A `gymnasium.Env` whose observations and actions are texts.

    An action that cannot be parsed or is not admissible never raises: it costs a step, leaves the state as
    it was and sets `info["action_valid"]` to False. An episode ends with `terminated` (success or failure)
    or, after `max_steps` steps, with `truncated`; never with both.

    Args:
        split: The split from which `reset(seed=...)` draws its task.
        max_steps: Number of steps after which an episode is truncated.
        render_mode: One of `metadata["render_modes"]`, or None.

    Raises:
        ArgumentError: An argument has a value that cannot be used.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi"], "render_fps": 4}  # type: ignore[misc]
    splits: ClassVar[tuple[str, ...]] = ("train", "validation", "test")
    oracle_success: ClassVar[float] = 1.0
    """Share of its episodes in which the expert succeeds at least; less where an opponent can beat it."""

    def __init__(self, *, split: str = "train", max_steps: int = 50, render_mode: str | None = None) -> None:
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        if isinstance(max_steps, bool) or not isinstance(max_steps, int) or max_steps < 1:
            raise ArgumentError(
                f"`max_steps` is {max_steps!r} in {self.name}. It must be an integer of at least 1. "
                "Pass max_steps=30 or leave it out."
            )
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise suggest("render mode", render_mode, self.metadata["render_modes"])
        self.split = split
        self.max_steps = max_steps
        self.render_mode = render_mode
        self.observation_space = FreeText()
        self.action_space = FreeText()
        self._task: str | None = None
        self._task_split = split
        self._steps = 0
        self._over = True
        self._valid = True

    # ---- hooks of a family -------------------------------------------------------------------------------

    @abc.abstractmethod
    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split, in a fixed order. May be lazy; membership must be fast.

        Raises:
            UnknownNameError: There is no such split.
        """

    @classmethod
    def kind_of(cls, task: str) -> str:
        """Say which kind of task an id names, for results by kind; "" where all tasks are of one kind."""
        return ""

    @abc.abstractmethod
    def _begin(self, task: str) -> str:
        """Start a task and return the first observation. All chance comes from `self.np_random`."""

    @abc.abstractmethod
    def _act(self, action: str) -> Transition:
        """Apply an action, whatever its text and length. One that is not valid leaves the state as it was."""

    @abc.abstractmethod
    def _facts(self) -> Facts:
        """Report what is true of the present state."""

    @abc.abstractmethod
    def _save(self) -> dict[str, Any]:
        """Return the family's whole state as a JSON object."""

    @abc.abstractmethod
    def _load(self, task: str, state: Any) -> None:
        """Take up a state that `_save` returned. `state` is untrusted: raise before changing anything."""

    @abc.abstractmethod
    def oracle_action(self) -> str:
        """Return an expert's action for the present state."""

    @abc.abstractmethod
    def render(self) -> Any:
        """Return the present state in `render_mode`: a text for "ansi", None where there is no mode."""

    # ---- the contract ------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The registered id, or the class name where there is none."""
        return self.spec.id if self.spec is not None else type(self).__name__

    @property
    def task_id(self) -> str | None:
        """The present task; None before the first reset."""
        return self._task

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start an episode.

        Args:
            seed: Decides the task and all chance of the episode. None: the present generator goes on.
            options: `{"task": task_id}` picks the task; the seed then decides chance alone, and decides it
                as it would have if it had drawn that task itself.

        Returns:
            The first observation and the `Info`.

        Raises:
            UnknownNameError: There is no such task or option.
            DataError: The split is empty, or the data of the task is broken.
        """
        options = dict(options or {})
        task = options.pop("task", None)
        for unknown in options:
            raise suggest("reset option", str(unknown), ["task"])
        split = self.split if task is None else self._split_of(task)
        super().reset(seed=seed)
        draw = int(self.np_random.integers(1 << 62))  # also for a named task: it leaves the same chance
        if task is None:
            choices = self.tasks(split)
            if not choices:
                raise DataError(f"{self.name} has no task in split {split!r}. Choose another split.")
            task = choices[draw % len(choices)]
        self._task, self._task_split = task, split
        self._steps, self._over, self._valid = 0, False, True
        observation = self._begin(task)
        return observation, self._info()

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Act.

        Returns:
            Observation, reward, terminated, truncated and the `Info`.

        Raises:
            EpisodeOverError: The episode has ended, or none has begun.
            ArgumentError: `action` is no `str` at all.
        """
        if self._over:
            raise EpisodeOverError(f"{self.name} has no running episode. Call reset() before step().")
        if not isinstance(action, str):
            raise ArgumentError(
                f"An action is a str, not {type(action).__name__}. Pass the text of the action."
            )
        observation, reward, terminated, valid = self._act(action)
        truncated = self._count(terminated, valid)
        return observation, float(reward), terminated, truncated, self._info()

    def _count(self, terminated: bool, valid: bool) -> bool:
        """Count a step; return whether the episode is truncated by it."""
        self._steps += 1
        truncated = not terminated and self._steps >= self.max_steps
        self._over, self._valid = terminated or truncated, valid
        return truncated

    def snapshot(self) -> bytes:
        """Freeze the episode, chance included, as JSON text. `restore` continues it exactly.

        Raises:
            EpisodeOverError: No episode has begun.
        """
        if self._task is None:
            raise EpisodeOverError(f"{self.name} has no episode to freeze. Call reset() first.")
        frozen = {
            "env": type(self).__name__,
            "task": self._task,
            "split": self._task_split,
            "steps": self._steps,
            "over": self._over,
            "valid": self._valid,
            "chance": self.np_random.bit_generator.state,
            "state": self._save(),
        }
        return json.dumps(frozen, separators=(",", ":")).encode("ascii")

    def restore(self, snapshot: bytes) -> None:
        """Take up an episode that `snapshot` froze, in this or in another instance of the environment.

        Raises:
            DataError: The bytes are no snapshot of this environment. The present episode is left as it was.
        """
        try:
            frozen = json.loads(snapshot)
            self._check_frozen(frozen)
            chance = np.random.PCG64(0)
            chance.state = frozen["chance"]
            self._load(frozen["task"], frozen["state"])
        except _MALFORMED as error:
            raise DataError(
                f"These bytes are no snapshot of {self.name}: {error}. Pass what snapshot() returned."
            ) from error
        self._task, self._task_split = frozen["task"], frozen["split"]
        self._steps, self._over, self._valid = frozen["steps"], frozen["over"], frozen["valid"]
        self.np_random = np.random.Generator(chance)

    def _check_frozen(self, frozen: Any) -> None:
        """Check everything in a snapshot but the family's own state."""
        missing = sorted(_FROZEN.keys() - frozen.keys())
        if missing:
            raise DataError(f"it lacks {', '.join(missing)}")
        for key, kind in _FROZEN.items():
            if kind is not None and type(frozen[key]) is not kind:
                raise DataError(f"its {key!r} is a {type(frozen[key]).__name__}, not a {kind.__name__}")
        if frozen["env"] != type(self).__name__:
            raise DataError(f"it was made by {frozen['env']}")
        if frozen["steps"] < 0:
            raise DataError(f"it counts {frozen['steps']} steps")
        if frozen["split"] not in self.splits or frozen["task"] not in self.tasks(frozen["split"]):
            raise DataError(f"there is no task {frozen['task']!r} in a split {frozen['split']!r}")

    def _info(self) -> dict[str, Any]:
        facts = self._facts()
        return {
            "task_id": self._task,
            "split": self._task_split,
            "instruction": facts.instruction,
            "admissible_actions": facts.admissible_actions,
            "action_valid": self._valid,
            "state_key": facts.state_key,
            "progress": facts.progress,
            "score": facts.score,
            "success": facts.success,
            "extra": dict(facts.extra),
        }

    def _split_of(self, task: Any) -> str:
        for split in (self.split, *self.splits):
            if isinstance(task, str) and task in self.tasks(split):
                return split
        raise suggest("task", str(task), self.tasks(self.split))
