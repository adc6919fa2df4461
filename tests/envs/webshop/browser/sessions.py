"""Scripted sessions, played in text and in the browser at once."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np

from agentgym.api import TextEnv
from envs.webshop.env import WebShopEnv
from envs.webshop.shopper import next_action

Player: TypeAlias = Literal["random", "rule", "oracle"]
PLAYERS: tuple[Player, ...] = ("random", "rule", "oracle")
_JUNK = ("click[nothing]", "search[]", "buy", "click[search]", "search[red] blue", "CLICK[buy now]")


def play_both(text: WebShopEnv, browser: TextEnv, seed: int, player: Player) -> int:
    """Play one episode in two environments; return its length. All that they say must be the same."""
    rng = np.random.default_rng(seed)
    told = text.reset(seed=seed)
    assert browser.reset(seed=seed) == told
    info: dict[str, Any] = told[1]
    for step in range(1, text.max_steps + 1):
        action = _choose(text, info, player, rng)
        here, there = text.step(action), browser.step(action)
        assert there == here, action
        info = here[4]
        if here[2] or here[3]:
            return step
    raise AssertionError("the episode does not end")


def _choose(env: WebShopEnv, info: dict[str, Any], player: Player, rng: np.random.Generator) -> str:
    if player == "oracle":
        return env.oracle_action()
    if player == "rule":
        return next_action(env.session.page)
    if rng.random() < 0.1:
        return _JUNK[int(rng.integers(len(_JUNK)))]
    words = info["instruction"].split()
    if info["extra"]["has_search_bar"] or rng.random() < 0.05:
        return f"search[{' '.join(rng.choice(words, size=3))}]"
    names = [name for name in info["extra"]["clickables"] if name != "buy now" or rng.random() < 0.3]
    return f"click[{names[int(rng.integers(len(names)))]}]"
