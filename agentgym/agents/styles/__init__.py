"""Forms of an answer: what a model is told to write, and where the action stands in it. One file each."""

from agentgym.agents.styles.plain import PlainStyle
from agentgym.agents.styles.plan import PlanStyle
from agentgym.agents.styles.react import ReactStyle
from agentgym.agents.styles.reason import ReasonStyle
from agentgym.agents.styles.style import Style

__all__ = ["STYLES", "Style"]

STYLES: dict[str, Style] = {
    "plain": PlainStyle(),
    "reason": ReasonStyle(),
    "react": ReactStyle(),
    "plan": PlanStyle(),
}
