"""A person at the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agentgym.trajectory import Decision, Turn

__all__ = ["HumanAgent"]


class HumanAgent:
    """Shows every turn and reads the action.

    Args:
        show: Prints a text.
        ask: Prints a prompt and returns a line. The end of input counts as an interrupt.
    """

    spec = "human"
    wants_oracle = False

    def __init__(self, show: Callable[[str], None] | None = None, ask: Callable[[str], str] = input) -> None:
        self._show = show or print
        self._ask = ask

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Ask for every turn in order.

        Raises:
            KeyboardInterrupt: The person left.
        """
        return [Decision(self._answer(turn)) for turn in turns]

    def _answer(self, turn: Turn) -> str:
        if turn.index == 0:
            self._show(turn.info["instruction"] + "\n")
        self._show(turn.observation)
        choices = turn.info["admissible_actions"]
        if choices:
            self._show("You can: " + ", ".join(choices))
        try:
            return self._ask("> ")
        except EOFError:
            raise KeyboardInterrupt from None  # to leave is no failed episode
