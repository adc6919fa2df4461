"""The check after a turn, as in BFCL's multi-turn categories."""

from __future__ import annotations

from collections import Counter

from envs.tooluse.functions.case import TurnReference
from envs.tooluse.functions.session import State

__all__ = ["turn_passes"]


def turn_passes(reference: TurnReference, state: State, responses: Counter[str], *, called: bool) -> bool:
    """Judge a turn that has just ended.

    Where the reference calls nothing, nothing may have been called. Else something must have been called, the
    public states must be equal, and the reference's answers of this turn must be among those that the agent
    has had in the whole conversation, in any order, but each as often.

    Args:
        reference: What the turn's reference calls lead to.
        state: The agent's public state.
        responses: The answers that the agent has had so far, with multiplicity.
        called: Whether the agent has called anything in this turn, in vain or not.

    References:
        Patil et al. 2025, The Berkeley Function Calling Leaderboard, section on multi-turn evaluation.
    """
    if not reference.answers:
        return not called
    return called and reference.responses <= responses and reference.state == state
