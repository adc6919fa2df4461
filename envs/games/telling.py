"""The texts around a position: preface, legal actions, the end."""

from __future__ import annotations

from collections.abc import Sequence

from envs.games.protocol import TextGame

__all__ = ["ending", "legal_list", "preface"]

_ANSWER = "Answer with one legal action, exactly as it is listed: alone, or as <answer>action</answer>."
_HIDDEN_LIST = "Answer with one legal action: alone, or as <answer>action</answer>."


def preface(game: TextGame, seat: int, *, show_legal: bool) -> str:
    """Write the rules, the seat and the form of an answer: told once, and in `info["instruction"]`."""
    facts = game.facts
    place = f"You are player {seat} of {facts.seats}." if facts.seats > 1 else "You play alone."
    return f"{facts.title}. {game.rules}\n{place} {_ANSWER if show_legal else _HIDDEN_LIST}"


def legal_list(legal: Sequence[str]) -> str:
    """List the legal actions in one line, parted by bars where an action holds a comma and a space itself."""
    listed = ", ".join(legal)
    if listed.count(", ") >= len(legal) > 0:
        listed = " | ".join(legal)
    return f"Legal actions: {listed}"


def ending(gained: float, offenders: Sequence[int], seat: int) -> str:
    """Say that the play is over, who forfeited and what the seat got."""
    who = ["You" if offender == seat else f"Player {offender}" for offender in offenders]
    lost = [f"{name} gave no legal action and forfeited." for name in who]
    return " ".join(["The game is over.", *lost, f"Your return is {gained:g}."])
