"""The oracle ceiling: the environment's own expert."""

from __future__ import annotations

from collections.abc import Sequence

from agentgym.trajectory import Decision, Turn

__all__ = ["OracleAgent"]


class OracleAgent:
    """Plays `TextEnv.oracle_action`."""

    spec = "oracle"
    wants_oracle = True

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn with its expert action."""
        return [Decision(str(turn.oracle_action)) for turn in turns]
