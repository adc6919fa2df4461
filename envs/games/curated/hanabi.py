"""Hanabi: everybody sees the cards of the others and builds fireworks together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

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
_CARD: Final = re.compile(r"(\w\w) \|\| (\w\w)\|([A-Z]+)(\d+)")


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


@dataclass(frozen=True, slots=True)
class _Card:
    """A card in a hand: what it is (XX in one's own hand), what was told of it, what it may still be."""

    face: str
    told: str
    colours: str
    ranks: str


def _read(state: SpielState, seat: int) -> tuple[dict[str, str], list[list[_Card]]]:
    """Read OpenSpiel's observation: the table by its labels, and the hands, one's own first."""
    table: dict[str, str] = {}
    hands: list[list[_Card]] = []
    for line in state.spiel.observation_string(seat).splitlines():
        label, colon, value = line.partition(":")
        card = _CARD.fullmatch(line)
        if card is not None:
            hands[-1].append(_Card(*card.groups()))
        elif colon:
            table[label] = value.strip()
        if label in ("Hands", "-----"):
            hands.append([])
    return table, hands


def _render(state: SpielState, seat: int) -> str:
    table, hands = _read(state, seat)
    seats = state.game.facts.seats
    lines = [
        f"Game state: fireworks {table['Fireworks']}; {table['Life tokens']} life tokens, "
        f"{table['Info tokens']} hint tokens; {table['Deck size']} cards in the deck; discarded: "
        f"{table['Discards'] or 'none'}."
    ]
    for ahead, hand in enumerate(hands):
        owner = "Your hand" if ahead == 0 else f"Hand of player {(seat + ahead) % seats} (+{ahead})"
        lines.append(f"{owner}: {'; '.join(_described(at, card) for at, card in enumerate(hand))}")
    return "\n".join([*lines, history(state.log, seat)])


def _described(at: int, card: _Card) -> str:
    face = "" if card.face == "XX" else f" {card.face}"
    return f"card {at}{face} (told {card.told}, may be {card.colours} {card.ranks})"


def _expert(state: SpielState, seat: int, rng: np.random.Generator) -> str:
    """Play what is surely playable, else hint at a playable card, else discard the oldest."""
    table, (own, *others) = _read(state, seat)
    height = {stack[0]: int(stack[1:]) for stack in table["Fireworks"].split()}
    legal = state.legal(seat)
    for at, card in enumerate(own):
        if all(height[c] + 1 == int(r) for c in card.colours for r in card.ranks):
            return f"Play card {at}"
    for ahead, hand in enumerate(others, start=1):
        for card in hand:
            if height[card.face[0]] + 1 == int(card.face[1]):
                hint = f"rank {card.face[1]}" if len(card.ranks) > 1 else f"color {card.face[0]}"
                told = len(card.ranks) == 1 and len(card.colours) == 1
                if not told and f"Reveal player +{ahead} {hint}" in legal:
                    return f"Reveal player +{ahead} {hint}"
    return "Discard card 0" if "Discard card 0" in legal else legal[-1]
