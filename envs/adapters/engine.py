"""`AdaptedEnv`: another project's engine behind the text API. It is frozen as the actions that led to it."""

from __future__ import annotations

import abc
from typing import Any, Protocol

from agentgym.api import Facts, TextEnv, Transition
from agentgym.errors import DataError

__all__ = ["AdaptedEnv", "Engine", "OutsideEnv"]

_MOST_ACTIONS = 100_000


class Engine(Protocol):
    """What an adapter makes of another project's environment."""

    def start(self, task: str, chance: int) -> str:
        """Start a task and return the first observation. `chance` decides what the task leaves open."""

    def act(self, action: str) -> Transition:
        """Apply an action, whatever it is. One that is not valid leaves the state as it was."""

    def facts(self) -> Facts:
        """Report what is true of the present state."""

    def expert(self) -> str:
        """Return an expert's action."""

    def close(self) -> None:
        """Let go of everything."""


class AdaptedEnv(TextEnv):
    """A text environment on an engine that cannot be copied.

    A snapshot holds the episode's chance and its valid actions; to restore one is to play them again, in time
    that grows with their number. The state that results is compared with the one that was frozen.
    """

    def __init__(self, *, split: str, max_steps: int, render_mode: str | None) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        self._chance = 0
        self._played: list[str] = []
        self._seen = ""

    @property
    @abc.abstractmethod
    def engine(self) -> Engine:
        """The engine, opened at its first use."""

    def oracle_action(self) -> str:
        """Return an expert's action.

        Raises:
            ArgumentError: Nobody has written an expert for this.
        """
        return self.engine.expert()

    def render(self) -> str | None:
        """Return the last observation."""
        return None if self.render_mode is None else self._seen

    def _begin(self, task: str) -> str:
        self._chance, self._played = int(self.np_random.integers(2**31)), []
        self._seen = self.engine.start(task, self._chance)
        return self._seen

    def _act(self, action: str) -> Transition:
        done = self.engine.act(action)
        self._seen = done.observation
        if done.valid:
            self._played.append(action)
        return done

    def _facts(self) -> Facts:
        return self.engine.facts()

    def _save(self) -> dict[str, Any]:
        key = self.engine.facts().state_key
        return {"chance": self._chance, "played": list(self._played), "seen": self._seen, "key": key}

    def _load(self, task: str, state: Any) -> None:
        chance, played, seen = state["chance"], state["played"], state["seen"]
        if type(chance) is not int or not 0 <= chance < 2**31 or not isinstance(seen, str):
            raise DataError("its chance or what was seen last is not what it must be")
        if not isinstance(played, list) or not all(isinstance(action, str) for action in played):
            raise DataError("what was played is no list of texts")
        if len(played) > _MOST_ACTIONS:
            raise DataError(f"it holds {len(played)} actions; {_MOST_ACTIONS} are enough for anything")
        self._replay(task, chance, played, state["key"])
        self._chance, self._played, self._seen = chance, list(played), seen

    def _replay(self, task: str, chance: int, played: list[str], key: Any) -> None:
        """Play an episode again; where that leads elsewhere than to `key`, go back and complain."""
        self.engine.start(task, chance)
        valid = all(self.engine.act(action).valid for action in played)
        if valid and self.engine.facts().state_key == key:
            return
        if self._task is not None:
            self.engine.start(self._task, self._chance)
            for action in self._played:
                self.engine.act(action)
        raise DataError("its actions lead to another state")


class OutsideEnv(AdaptedEnv):
    """An adapted environment whose engine is a process of its own.

    It starts at its first use and ends with `close`. A pickle leaves it behind and holds a snapshot: a copy
    starts an engine of its own and goes on alike.
    """

    def __init__(self, *, split: str, max_steps: int, render_mode: str | None) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        self._running: Engine | None = None

    @abc.abstractmethod
    def _open(self) -> Engine:
        """Start an engine."""

    @property
    def engine(self) -> Engine:
        """The engine; it starts at the first use."""
        if self._running is None:
            self._running = self._open()
        return self._running

    def __getstate__(self) -> dict[str, Any]:
        frozen = self.snapshot() if self.task_id is not None else None
        return {**self.__dict__, "_running": None, "_frozen": frozen}

    def __setstate__(self, state: dict[str, Any]) -> None:
        frozen = state.pop("_frozen")
        self.__dict__.update(state)
        if frozen is not None:
            self.restore(frozen)

    def close(self) -> None:
        """End the engine."""
        if self._running is not None:
            self._running.close()
            self._running = None
        super().close()
