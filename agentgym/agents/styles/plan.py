"""Plan and execute with subgoals: the tags that hierarchical methods (HiPER) credit."""

from __future__ import annotations

from agentgym.agents.styles.plain import PlainStyle

__all__ = ["PlanStyle"]


class PlanStyle(PlainStyle):
    """`<switch>keep or switch</switch><subgoal>...</subgoal><action>...</action>`."""

    manual = (
        "Work towards one subgoal at a time. Write <switch>switch</switch> when you begin a new subgoal, "
        "else <switch>keep</switch>; then the subgoal in <subgoal> </subgoal>; then one action in <action> "
        "</action>."
    )
