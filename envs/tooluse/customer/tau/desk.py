"""What the desks of tau-bench have in common: a calculator, thoughts and the transfer."""

from __future__ import annotations

from envs.tooluse.core import tool
from envs.tooluse.customer.desk import Desk
from envs.tooluse.customer.tau.arithmetic import calculate as compute

__all__ = ["TauDesk"]


class TauDesk(Desk):
    """A desk whose tools return "Error: ..." where the original's do."""

    @tool
    def calculate(self, expression: str) -> str:
        """Compute an expression of numbers, + - * / and parentheses.

        Args:
            expression: The expression, such as "2 + 2".
        """
        return compute(expression)

    @tool
    def think(self, thought: str) -> str:
        """Write a thought down. Nothing is read or changed.

        Args:
            thought: The thought.
        """
        return ""

    @tool
    def transfer_to_human_agents(self, summary: str) -> str:
        """Hand the customer over to a human and end the conversation; only where no other tool can help.

        Args:
            summary: What the customer wants.
        """
        return "Transfer successful"
