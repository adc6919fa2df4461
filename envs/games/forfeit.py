"""What a forfeit costs, and whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from envs.games.protocol import GameFacts

__all__ = ["forfeit_returns"]


def forfeit_returns(
    facts: GameFacts, returns: Sequence[float], offenders: Collection[int]
) -> tuple[float, ...]:
    """Compute the final returns of a play that ends because seats gave no legal action.

    An offender's return becomes the least of the game. In a zero-sum game the others share equally what is
    lost, so that the sum stays what it was; in a common-interest game all sink with the offender; in a
    general-sum game the others keep what they have and are paid nothing for it.

    Args:
        facts: The game.
        returns: Returns so far, one for each seat.
        offenders: The seats that forfeit.

    Returns:
        Final returns, one for each seat. If all seats of a zero-sum game forfeit, nobody pays.
    """
    if facts.utility == "common":
        return (facts.least,) * facts.seats
    others = facts.seats - len(offenders)
    if facts.utility == "general_sum":
        share = 0.0
    elif others == 0:
        return tuple(returns)
    else:
        share = sum(returns[seat] - facts.least for seat in offenders) / others
    return tuple(facts.least if seat in offenders else gained + share for seat, gained in enumerate(returns))
