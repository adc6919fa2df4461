"""Hanabi: everybody sees the cards of the others and builds fireworks together."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from agentgym.errors import suggest
from envs.games.curated.history import history
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["hanabi"]

_PRESETS: Final = {
    "mini": {"colors": 2, "ranks": 2, "hand_size": 3, "max_information_tokens": 3, "max_life_tokens": 3},
    "simple": {"colors": 3, "ranks": 2, "hand_size": 5, "max_information_tokens": 8, "max_life_tokens": 3},
    "full_small": {
        "colors": 3,
        "ranks": 3,
        "hand_size": 5,
        "max_information_tokens": 8,
        "max_life_tokens": 3,
    },
    "full": {"colors": 5, "ranks": 5, "hand_size": 5, "max_information_tokens": 8, "max_life_tokens": 3},
}
_COLOURS: Final = {"R": "red", "Y": "yellow", "G": "green", "W": "white", "B": "blue"}


def hanabi(preset: str = "full", players: int = 2) -> SpielGame:
    """Load Hanabi.

    Args:
        preset: "mini" (at most 4 points), "simple" (6), "full_small" (9), as in MARS, or "full" (25).
        players: Number of players, 2 to 5; four and more hold four cards in the full game.
    """
    if preset not in _PRESETS:
        raise suggest("preset of hanabi", preset, _PRESETS)
    size = dict(_PRESETS[preset])
    if preset == "full" and players > 3:
        size["hand_size"] = 4
    wording = Wording(
        title="Hanabi",
        rules=_rules(size),
        render=_render,
        word=_word,
        par=size["colors"] * size["ranks"] - 1.0,
        open_actions=True,
        expert=_expert,
    )
    spiel = load_spiel("hanabi", {"players": players, **size})
    return SpielGame("hanabi", spiel, {"preset": preset, "players": players}, wording)


def _rules(size: dict[str, int]) -> str:
    colours = ", ".join(f"{sign} {name}" for sign, name in list(_COLOURS.items())[: size["colors"]])
    copies = "three of rank 1, one of the highest and two of each other"
    return (
        f"All play together. Cards have a colour ({colours}) and a rank from 1 to {size['ranks']}; of each "
        f"colour there are {copies}. Everybody holds {size['hand_size']} cards and sees the hands of the "
        "others, not their own. Together you build one firework of each colour, from rank 1 upwards. In turn "
        "each player plays a card (if it is not the next of its colour, a life token is lost), discards a "
        "card (a hint token comes back), or spends a hint token to tell another player which of their cards "
        f"have a colour or a rank. There are {size['max_information_tokens']} hint tokens and "
        f"{size['max_life_tokens']} life tokens. Played and discarded cards are replaced from the deck; when "
        "it is empty, everybody has one more turn. Each card on a firework gives all players 1; when the "
        "last life is lost, all points are given back. Cards in a hand are counted from 0. Actions are such "
        "as Play card 0, Discard card 1, Reveal player +1 color R and Reveal player +1 rank 2, where +1 is "
        "the player after you."
    )


def _word(spiel: Any, seat: int, number: int) -> str:
    said = str(spiel.action_to_string(seat, number)).strip("()")
    return said.replace("Play ", "Play card ").replace("Discard ", "Discard card ")


class _View(NamedTuple):
    """What OpenSpiel shows a seat.

    Attributes:
        lives: Number of life tokens.
        hints: Number of hint tokens.
        fireworks: Height of each, e.g. "R2 Y0".
        deck: Number of cards in the deck.
        discards: Discarded cards.
        hands: One's own first, then those of the players after. A card is such as "G2 || GX|G2345": its face
            (XX in one's own hand), what was told of it, and the colours and ranks that it may still have.
    """

    lives: str
    hints: str
    fireworks: str
    deck: str
    discards: str
    hands: list[list[str]]


def _view(state: SpielState, seat: int) -> _View:
    head, _, rest = state.spiel.observation_string(seat).partition("Hands:\n")
    hands, _, tail = rest.partition("Deck size: ")
    lives, hints, fireworks = [line.partition(": ")[2] for line in head.splitlines()]
    deck, _, discards = tail.partition("\nDiscards:")
    cards = [hand.splitlines() for hand in hands.replace("Cur player\n", "").split("-----\n")]
    return _View(lives, hints, fireworks.strip(), deck, discards.strip(), cards)


def _render(state: SpielState, seat: int) -> str:
    view, seats = _view(state, seat), state.game.facts.seats
    lines = [
        f"Game state: fireworks {view.fireworks}; {view.lives} life tokens, {view.hints} hint tokens; "
        f"{view.deck} cards in the deck; discarded: {view.discards or 'none'}."
    ]
    for ahead, hand in enumerate(view.hands):
        owner = f"Hand of player {(seat + ahead) % seats} (+{ahead})" if ahead else "Your hand"
        lines.append(f"{owner}: {'; '.join(map(_described, range(len(hand)), hand))}")
    return "\n".join([*lines, history(state.log, seat)])


def _described(at: int, card: str) -> str:
    face = "" if card.startswith("XX") else f" {card[:2]}"
    return f"card {at}{face} (told {card[6:8]}, may be {card[9:]})"


def _expert(state: SpielState, seat: int, rng: np.random.Generator) -> str:
    """Play what is surely playable, else hint at a playable card, else discard the oldest."""
    view, legal = _view(state, seat), state.legal(seat)
    height = {stack[0]: int(stack[1:]) for stack in view.fireworks.split()}
    for at, card in enumerate(view.hands[0]):
        colours, ranks = _may_be(card)
        if all(height[colour] + 1 == int(rank) for colour in colours for rank in ranks):
            return f"Play card {at}"
    for ahead, hand in enumerate(view.hands[1:], start=1):
        for card in hand:
            hint = _hint(card, height)
            if hint is not None and f"Reveal player +{ahead} {hint}" in legal:
                return f"Reveal player +{ahead} {hint}"
    return "Discard card 0" if "Discard card 0" in legal else legal[-1]


def _may_be(card: str) -> tuple[str, str]:
    """Return the colours and the ranks that a card may have."""
    ranks = card[9:].lstrip("".join(_COLOURS))
    return card[9 : len(card) - len(ranks)], ranks


def _hint(card: str, height: dict[str, int]) -> str | None:
    """Return what to tell of a playable card: its rank first, then its colour; None if there is nothing."""
    colours, ranks = _may_be(card)
    if height[card[0]] + 1 != int(card[1]) or len(colours) == len(ranks) == 1:
        return None
    return f"rank {card[1]}" if len(ranks) > 1 else f"color {card[0]}"
