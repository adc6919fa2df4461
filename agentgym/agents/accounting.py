"""What an answer cost beyond itself: other answers that were generated on the way to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agentgym.trajectory import Decision

__all__ = ["with_costs_of"]


def with_costs_of(decision: Decision, others: Iterable[Decision]) -> Decision:
    """Let a decision carry the tokens and costs of answers that led to it and stand nowhere else.

    Their response tokens are added to its `further_tokens`, their prompt tokens and costs to its own.
    """
    others = list(others)
    usage = dict(decision.usage or {})
    for name in ("prompt_tokens", "cost"):
        spent = sum((other.usage or {}).get(name, 0.0) for other in others)
        if spent:
            usage[name] = usage.get(name, 0.0) + spent
    if tokens := sum(other.tokens for other in others):
        usage["further_tokens"] = usage.get("further_tokens", 0.0) + tokens
    return replace(decision, usage=usage) if usage else decision
