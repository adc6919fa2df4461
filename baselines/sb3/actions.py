"""Discrete actions for text environments: which text an index stands for, and which indices are open now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete
from numpy.typing import NDArray

from agentgym.errors import ArgumentError

__all__ = ["ActionList", "DiscreteActions"]


@dataclass(frozen=True, slots=True)
class ActionList:
    """Texts of the indices 0 to n - 1.

    Attributes:
        fixed: The same texts at every turn; empty: the admissible actions in their order, padded to `slots`.
        slots: Number of indices where the list is not fixed. Admissible actions beyond are out of reach.
        repeat: Whether the admissible actions are repeated until the slots are full, so that every index
            means one of them (for algorithms that know no masks). Otherwise empty slots send an empty text.

    Raises:
        ArgumentError: Neither or both of `fixed` and `slots` are given, or an action is there twice.
    """

    fixed: tuple[str, ...] = ()
    slots: int = 0
    repeat: bool = False

    def __post_init__(self) -> None:
        if bool(self.fixed) == (self.slots > 0):
            raise ArgumentError(
                f"fixed={self.fixed} and slots={self.slots}: pass a list of actions or a number of slots."
            )
        if len(set(self.fixed)) != len(self.fixed):
            raise ArgumentError(f"An action is listed twice in {self.fixed}. List each once.")

    @property
    def size(self) -> int:
        """Number of indices."""
        return len(self.fixed) or self.slots

    def texts(self, admissible: Sequence[str] | None) -> tuple[str, ...]:
        """Return the text of every index; "" for an empty slot.

        Raises:
            ArgumentError: The slots are to be filled, but the set of actions is open.
        """
        if self.fixed:
            return self.fixed
        if admissible is None:
            raise ArgumentError(
                "This environment does not list its admissible actions, so that slots cannot be filled. "
                "Pass a fixed list of actions."
            )
        listed = tuple(admissible[: self.slots])
        if self.repeat and listed:
            return (listed * (self.slots // len(listed) + 1))[: self.slots]
        return listed + ("",) * (self.slots - len(listed))

    def mask(self, admissible: Sequence[str] | None) -> NDArray[np.bool_]:
        """Say which indices are admissible; all of them where none is, as after the end of an episode.

        Returns:
            Shape (n,), bool.
        """
        if admissible is None and self.fixed:
            return np.ones(self.size, dtype=np.bool_)
        known = set(admissible or ())
        mask = np.array([text in known for text in self.texts(admissible)], dtype=np.bool_)
        return mask if mask.any() else ~mask


class DiscreteActions(gymnasium.Wrapper[str, int, str, str]):
    """Act by index: over a fixed list of texts, or over the admissible actions padded to a number of slots.

    Args:
        env: A text environment with the suite's `Info`.
        actions: Which text an index stands for.
    """

    def __init__(self, env: gymnasium.Env[str, str], actions: ActionList) -> None:
        super().__init__(env)  # type: ignore[arg-type]  # Gymnasium declares the wrapped types as the outer
        self._text = env
        self.actions = actions
        self.action_space: Discrete = Discrete(actions.size)  # type: ignore[assignment]
        self._admissible: Sequence[str] | None = ()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start an episode."""
        observation, info = self._text.reset(seed=seed, options=options)
        self._admissible = info["admissible_actions"]
        return observation, info

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Send the text of an index; an index that is not admissible costs a turn like any invalid text."""
        told = self._text.step(self.action_texts()[int(action)])
        observation, reward, terminated, truncated, info = told
        self._admissible = info["admissible_actions"]
        return observation, float(reward), terminated, truncated, info

    def action_texts(self) -> tuple[str, ...]:
        """Return the text that each index stands for now."""
        return self.actions.texts(self._admissible)

    def action_masks(self) -> NDArray[np.bool_]:
        """Say which indices are admissible now, as MaskablePPO asks: shape (n,), bool."""
        return self.actions.mask(self._admissible)
