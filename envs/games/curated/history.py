"""The public history as a line."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["history"]


def history(log: Sequence[tuple[int, str]], seat: int, *, last: int = 40) -> str:
    """Write the last public actions as "History: you x, player 1 y".

    Args:
        log: (seat, action) in order.
        seat: Who reads it.
        last: Greatest number of actions; older ones are left out.
    """
    said = [f"{'you' if who == seat else f'player {who}'} {action}" for who, action in log[-last:]]
    dropped = ["..."] if len(log) > last else []
    return f"History: {', '.join(dropped + said) or 'nothing yet'}"
