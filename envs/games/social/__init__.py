"""Social games with engines of our own: bargains, dilemmas with talk, guessing games, a game of words.

Importing this package registers them and loads none of them.
"""

from __future__ import annotations

from envs.games.registration import register_game

_PLACE = "envs.games.social."

register_game(
    "talk_negotiation", _PLACE + "negotiation:Negotiation", single="TalkNegotiation-v0", max_steps=20
)
register_game("price_bargaining", _PLACE + "price:PriceBargaining", single="PriceBargaining-v0", max_steps=20)
register_game("ultimatum", _PLACE + "ultimatum:Ultimatum", single="Ultimatum-v0", max_steps=5)
register_game(
    "public_goods",
    _PLACE + "public_goods:PublicGoods",
    single="PublicGoods-v0",
    max_steps=15,
    simultaneous=True,
)
register_game(
    "two_thirds", _PLACE + "two_thirds:TwoThirds", single="TwoThirds-v0", max_steps=10, simultaneous=True
)
register_game(
    "talk_prisoners",
    _PLACE + "dilemma:Dilemma",
    kwargs={"kind": "prisoners"},
    single="TalkPrisoners-v0",
    max_steps=50,
    simultaneous=True,
)
register_game(
    "talk_stag_hunt",
    _PLACE + "dilemma:Dilemma",
    kwargs={"kind": "stag"},
    single="TalkStagHunt-v0",
    max_steps=50,
    simultaneous=True,
)
register_game("word_clues", _PLACE + "clues:Clues", single="WordClues-v0", max_steps=30)
