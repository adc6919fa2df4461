"""The texts around a position: preface, legal actions, the end."""

from __future__ import annotations

from collections.abc import Sequence

from envs.games.protocol import TextGame

__all__ = ["ending", "legal_list", "preface", "separator"]

_ANSWER = "Answer with one legal action, exactly as it is listed: alone, or as <answer>action</answer>."
_HIDDEN_LIST = "Answer with one legal action: alone, or as <answer>action</answer>."


def preface(game: TextGame, seat: int, *, show_legal: bool) -> str:
    """Write the rules, the seat and the form of an answer: told once, and in `info["instruction"]`."""
    facts = game.facts
    place = f"You are player {seat} of {facts.seats}." if facts.seats > 1 else "You play alone."
    return f"{facts.title}. {game.rules}\n{place} {_ANSWER if show_legal else _HIDDEN_LIST}"


def legal_list(legal: Sequence[str]) -> str:
    """List the legal actions in one line."""
    return f"Legal actions: {separator(legal).join(legal)}"


def separator(legal: Sequence[str]) -> str:
    """Choose what stands between the actions: a comma, or a bar where an action holds a comma itself."""
    return " | " if any("," in action and not _is_call(action) for action in legal) else ", "


def _is_call(action: str) -> bool:
    """Whether the commas of an action stand in parentheses, as in x(0,1)."""
    return action.endswith(")") and "," not in action.partition("(")[0]


def ending(gained: float, offenders: Sequence[int], seat: int) -> str:
    """Say that the play is over, who forfeited and what the seat got."""
    who = ["You" if offender == seat else f"Player {offender}" for offender in offenders]
    lost = [f"{name} gave no legal action and forfeited." for name in who]
    return " ".join(["The game is over.", *lost, f"Your return is {gained:g}."])
