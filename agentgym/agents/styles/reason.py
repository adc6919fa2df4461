"""Think first, then act: `<think>...</think><action>...</action>`."""

from __future__ import annotations

from agentgym.agents.styles.plain import PlainStyle

__all__ = ["ReasonStyle"]


class ReasonStyle(PlainStyle):
    """As verl-agent and RAGEN prompt. Where there is no tag, what follows the thoughts is the action."""

    manual = "First think in <think> </think>, then give one action in <action> </action>."

    def action(self, response: str) -> str:
        """Take the action out of a response."""
        return super().action(response.rpartition("</think>")[2])
