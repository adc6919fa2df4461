"""What agents of the PettingZoo views see and say: texts, or numbers with a text beside them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from agentgym.errors import ArgumentError
from agentgym.spaces import FreeText
from envs.games.match import Match
from envs.games.openspiel import SpielGame, spiel_state

__all__ = ["NumericSeats", "Seats", "TextSeats", "make_seats"]


class Seats(Protocol):
    """How the seats of a match see and speak."""

    def observation_space(self) -> spaces.Dict:
        """Make the space of a seat's observations."""
        ...

    def action_space(self) -> Any:
        """Make the space of a seat's actions."""
        ...

    def observe(self, seat: int) -> dict[str, Any]:
        """Return what a seat sees."""
        ...

    def text_of(self, seat: int, action: Any) -> str:
        """Return the text that an action stands for."""
        ...


class TextSeats:
    """Seats that read and write."""

    def __init__(self, match: Match) -> None:
        self._match = match

    def observation_space(self) -> spaces.Dict:
        """A text."""
        return spaces.Dict({"text": FreeText()})

    def action_space(self) -> FreeText:
        """Any text."""
        return FreeText()

    def observe(self, seat: int) -> dict[str, Any]:
        """Return the text under "text"."""
        return {"text": self._match.observation(seat)}

    def text_of(self, seat: int, action: Any) -> str:
        """Return the text itself.

        Raises:
            ArgumentError: It is no text at all.
        """
        if not isinstance(action, str):
            raise ArgumentError(
                f"An action is a str, not {type(action).__name__}. Pass the text of the action."
            )
        return action


class NumericSeats:
    """Seats that compute: a tensor, a mask of legal actions and the number of an action.

    Raises:
        ArgumentError: The game is none of OpenSpiel, or has no tensor.
    """

    def __init__(self, match: Match) -> None:
        if not isinstance(match.game, SpielGame):
            raise ArgumentError(
                f"{match.game.facts.name} has no numeric view: it is played in words. Leave numeric=True out."
            )
        self._match = match
        self._shape = match.game.tensor_shape
        self._actions = int(match.game.spiel.num_distinct_actions())

    def observation_space(self) -> spaces.Dict:
        """The text, a float32 tensor and an int8 mask."""
        return spaces.Dict(
            {
                "text": FreeText(),
                "observation": spaces.Box(-np.inf, np.inf, self._shape, np.float32),
                "action_mask": spaces.Box(0, 1, (self._actions,), np.int8),
            }
        )

    def action_space(self) -> spaces.Discrete:
        """The numbers of OpenSpiel's actions."""
        return spaces.Discrete(self._actions)

    def observe(self, seat: int) -> dict[str, Any]:
        """Return text, tensor and mask; the mask of a seat that need not act is all zeros."""
        mask: NDArray[np.int8] = np.zeros(self._actions, dtype=np.int8)
        state = spiel_state(self._match.state)
        if seat in self._match.actors:
            mask[list(state.words(seat).values())] = 1
        text = self._match.observation(seat)
        return {"text": text, "observation": state.tensor(seat), "action_mask": mask}

    def text_of(self, seat: int, action: Any) -> str:
        """Return the word of a legal action, or a text that is none."""
        words = spiel_state(self._match.state).words(seat)
        return next((word for word, number in words.items() if number == action), f"action number {action}")


def make_seats(match: Match, *, numeric: bool) -> Seats:
    """Choose how the seats of a match see and speak."""
    return NumericSeats(match) if numeric else TextSeats(match)
