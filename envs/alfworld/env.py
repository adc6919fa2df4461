"""The ALFWorld environment: it joins games, backend, progress, experts and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar, Literal

from agentgym.api import Facts, TextEnv, Transition
from agentgym.errors import ArgumentError, DataError, suggest
from envs.alfworld.backend import Backend, NativeBackend
from envs.alfworld.commands import normalise
from envs.alfworld.game import Game
from envs.alfworld.generator import Difficulty
from envs.alfworld.goal import TASK_TYPES
from envs.alfworld.observing import ObservingExpert
from envs.alfworld.oracle import next_command
from envs.alfworld.picture import picture
from envs.alfworld.progress import SubGoals
from envs.alfworld.reasons import why_nothing
from envs.alfworld.sources import SPLITS, Games, source_of

__all__ = ["ALFWorldEnv"]


class ALFWorldEnv(TextEnv):
    """Do a household task: find a thing, clean, heat or cool it, and put it where it belongs.

    Description:
        ALFWorld (Shridhar et al. 2021, https://arxiv.org/abs/2010.03768) is the text world of the ALFRED
        household tasks. This environment plays the official games word for word, and as many generated ones
        as you like, on its own engine or on TextWorld.

    Observation:
        What ALFWorld 0.4 says. The first one lists the receptacles of the room and the task; it is the only
        one that does. With `explain` a second sentence after "Nothing happens." says why.

    Action:
        One of `info["admissible_actions"]`: "go to drawer 1", "open drawer 1", "take mug 1 from desk 1",
        "move mug 1 to desk 1", "heat mug 1 with microwave 1", "use desklamp 1", "examine desk 1", "look",
        "inventory", ... Case and spacing do not matter. "put mug 1 in/on desk 1", as ALFWorld said before
        0.4, is understood as "move mug 1 to desk 1".

    Reward:
        "sparse": 1 on success, else 0. "progress": the change of `info["progress"]`. An action that did
        nothing earns `invalid_reward`; the papers that train agents take -0.1.

    Start:
        A game of the split, drawn by the seed or named by `options={"task": id}`. Official games are called
        "<task>/<trial>", generated ones "<split>/<task type>/<number>".

    End:
        Terminated when the goal is reached; truncated after `max_steps` steps.

    Arguments:
        games: "official", "generated", or "auto": official where a folder is given, else generated.
        data: The folder that holds `json_2.1.1`. None: $ALFWORLD_DATA, else $AGENTGYM_DATA/alfworld.
        task_types: The types of task to play, e.g. ["pick_and_place_simple"]; None: all six.
        difficulty: Of generated games: "easy", "normal", "hard" or the fields of `Difficulty`.
        backend: "native", or "textworld" (needs the extra `alfworld`; each instance runs its own process).
        reward: See Reward.
        invalid_reward: See Reward.
        expert: What `oracle_action` asks: "oracle" knows everything, "observing" only what was seen.
        explain: Whether to say why nothing happened.
        split: "train", "valid_seen" or "valid_unseen" (rooms that do not occur in train).
        max_steps: See End.
        render_mode: None or "ansi".

    Extra info:
        `task_type`, and `reason`: why the last action did nothing, "" where it did something.

    Version history:
        v0: first version.

    References:
        https://github.com/alfworld/alfworld. Deviation: `terminated` means success, never the step limit.
    """

    splits: ClassVar[tuple[str, ...]] = SPLITS

    def __init__(
        self,
        *,
        games: Games = "auto",
        data: str | Path | None = None,
        task_types: Sequence[str] | str | None = None,
        difficulty: str | Mapping[str, Any] | Difficulty = "normal",
        backend: Literal["native", "textworld"] = "native",
        reward: Literal["sparse", "progress"] = "sparse",
        invalid_reward: float = 0.0,
        expert: Literal["oracle", "observing"] = "oracle",
        explain: bool = False,
        split: str = "train",
        max_steps: int = 50,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        for name, value, known in (
            ("reward", reward, ("sparse", "progress")),
            ("expert", expert, ("oracle", "observing")),
            ("backend", backend, ("native", "textworld")),
        ):
            if value not in known:
                raise suggest(name, str(value), known)
        self._source = source_of(games=games, data=data, task_types=task_types, difficulty=difficulty)
        if not isfinite(invalid_reward):
            raise ArgumentError(f"`invalid_reward` is {invalid_reward}. It must be a finite number.")
        self._by_progress, self._invalid_reward = reward == "progress", float(invalid_reward)
        self._observing = expert == "observing"
        self._explain = explain
        self._backend = _backend(backend)
        self._game: Game | None = None
        self._goals: SubGoals | None = None
        self._expert: ObservingExpert | None = None
        self._progress = 0.0
        self._won = False
        self._reason = ""

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return self._source.tasks(split)

    @classmethod
    def kind_of(cls, task: str) -> str:
        """Name the type of a task by its id."""
        return next((k for k in TASK_TYPES if task.startswith(f"{k}-") or f"/{k}/" in task), "")

    def oracle_action(self) -> str:
        """Return the expert's command."""
        if self._expert is not None:
            return self._expert.next_command(self._backend.admissible())
        return next_command(self._backend.world)

    def render(self) -> str | None:
        """Return the whole household for "ansi", else None."""
        return picture(self._backend.world) if self.render_mode == "ansi" else None

    def close(self) -> None:
        """End the backend's process, if it has one."""
        self._backend.close()

    def _begin(self, task: str) -> str:
        game = self._source.game(task)
        observation = self._backend.begin(game, lambda: self._source.record(task))
        self._take(game, reason="")
        self._expert = ObservingExpert(game.problem.goal, observation) if self._observing else None
        return observation

    def _take(self, game: Game, *, reason: str) -> None:
        if self._game is not game or self._goals is None:
            self._game, self._goals = game, SubGoals(game.problem)
        self._progress, self._won = self._judge(self._goals)
        self._reason = reason

    def _judge(self, goals: SubGoals) -> tuple[float, bool]:
        world = self._backend.world
        return goals.progress(world), goals.won(world)

    def _act(self, action: str) -> Transition:
        assert self._goals is not None  # the base class has seen to a reset
        command = normalise(action)
        observation, valid = self._backend.act(command)
        if self._expert is not None:
            self._expert.observe(command, observation)
        if not valid:
            self._reason = why_nothing(self._backend.world, command)
            if self._explain:
                observation = f"{observation} {self._reason}"
            return Transition(observation, self._invalid_reward, valid=False)
        before, self._reason = self._progress, ""
        self._progress, self._won = self._judge(self._goals)
        reward = self._progress - before if self._by_progress else float(self._won)
        return Transition(observation, reward, terminated=self._won)

    def _facts(self) -> Facts:
        game = self._game
        assert game is not None
        return Facts(
            game.task,
            self._backend.world.key,
            progress=self._progress,
            score=float(self._won),
            success=self._won,
            admissible_actions=self._backend.admissible(),
            extra={"task_type": game.problem.goal.task_type, "reason": self._reason},
        )

    def _save(self) -> dict[str, Any]:
        expert = None if self._expert is None else self._expert.save()
        return {"backend": self._backend.save(), "expert": expert, "reason": self._reason}

    def _load(self, task: str, state: Any) -> None:
        game, reason = self._source.game(task), state["reason"]
        if not isinstance(reason, str) or (state["expert"] is None) == self._observing:
            raise DataError("its reason or its expert is not of this environment")
        expert = ObservingExpert.load(game.problem.goal, state["expert"]) if self._observing else None
        self._backend.load(game, lambda: self._source.record(task), state["backend"])
        self._expert = expert
        self._take(game, reason=reason)


def _backend(name: str) -> Backend:
    if name == "native":
        return NativeBackend()
    from envs.alfworld.textworld import TextWorldBackend

    return TextWorldBackend()
