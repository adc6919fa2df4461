"""Kuhn poker: three cards, one bet."""

from __future__ import annotations

from envs.games.curated.history import history
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["kuhn_poker"]


def kuhn_poker(players: int = 2) -> SpielGame:
    """Load Kuhn poker.

    Args:
        players: Number of players, 2 to 10; there is one card more than players.
    """
    params = {"players": players}
    spiel = load_spiel("kuhn_poker", params)
    names = _names(players)
    rules = (
        f"The deck is {', '.join(names)}, from low to high. Everybody puts 1 chip into the pot and gets one "
        "card that only they see. In turn each player may pass or bet 1 chip. After a bet, the others "
        "answer once: bet pays 1 chip as well, pass gives up. If nobody bets, or when all have answered, the "
        "highest card of those who did not give up wins the pot. The return is the chips won or lost."
    )
    wording = Wording(title="Kuhn poker", rules=rules, render=_render, word=_word, expert="nash:1000")
    return SpielGame("kuhn_poker", spiel, params, wording)


def _names(players: int) -> tuple[str, ...]:
    if players == 2:
        return ("J", "Q", "K")
    return tuple(str(number) for number in range(1, players + 2))


def _word(spiel: object, seat: int, number: int) -> str:
    return ("pass", "bet")[number]


def _render(state: SpielState, seat: int) -> str:
    card = _names(state.game.facts.seats)[state.spiel.history()[seat]]
    return f"Game state: your card is {card}.\n{history(state.log, seat)}"
