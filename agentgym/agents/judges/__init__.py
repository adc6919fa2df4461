"""Judges of candidate actions: how good each of them is. One file each; other packages may add theirs."""

from __future__ import annotations

from typing import Any

from agentgym.agents.judges.judge import Judge, Verdict
from agentgym.agents.kinds import Kinds
from agentgym.agents.protocol import Agent

__all__ = ["Judge", "Verdict", "judge_specs", "make_judge", "register_judge"]

_JUDGES: Kinds[Judge] = Kinds(
    "judge",
    {
        "likelihood": ("agentgym.agents.judges.likelihood:LikelihoodJudge", None),
        "votes": ("agentgym.agents.judges.votes:VotesJudge", None),
        "self": ("agentgym.agents.judges.itself:SelfJudge", None),
    },
)


def register_judge(kind: str, factory: str, argument: str | None = None) -> None:
    """Add a kind of judge.

    Args:
        kind: The word before the colon.
        factory: "module:callable"; called with the text after the colon, if any, and the agent that is to be
            judged.
        argument: What stands after the colon, e.g. "<folder>"; None if nothing does.
    """
    _JUDGES.register(kind, factory, argument)


def judge_specs() -> tuple[str, ...]:
    """List the forms that a specification may take."""
    return _JUDGES.forms()


def make_judge(spec: str, agent: Agent, **options: Any) -> Judge:
    """Make the judge of an agent's candidates, e.g. "likelihood", "votes" or "self".

    Raises:
        UnknownNameError: The kind is unknown.
        ArgumentError: It cannot judge this agent, or the argument after the colon does not fit.
    """
    return _JUDGES.make(spec, agent, **options)
