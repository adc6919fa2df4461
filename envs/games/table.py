"""`Table`: a match with its deals, spaces and rewards; both PettingZoo views sit at one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from envs.games.deals import chance_of, deals, drawn_deal
from envs.games.match import Match, OnIllegal
from envs.games.registration import load_game
from envs.games.seats import Seats, TextSeats, make_seats

__all__ = ["Table"]


class Table:
    """A game, its seats and the deals that are played at it.

    Observations are `Dict({"text": FreeText})` and actions `FreeText`; in the numeric view they are
    `Dict({"text", "observation", "action_mask"})` and `Discrete`. The text tells the rules until the agent
    has spoken.

    Args:
        game: Registered name.
        params: Parameters of the game.
        numeric: Whether the view is numeric (games of OpenSpiel only).
        on_illegal: "retry", "lose" or "random": see `envs.games.match.Match`.
        max_retries: Retries in one turn before a forfeit; None: no end.
        show_legal: Whether the text lists the legal actions.
        split: The split from which the seed draws the deal.

    Attributes:
        match: The match.
        agents: The names of the seats, "player_0" and so on.
        observation_spaces: The space of each agent's observations.
        action_spaces: The space of each agent's actions.
        deal: The present deal, e.g. "train/17".

    Raises:
        ArgumentError: An argument has a value that cannot be used.
    """

    def __init__(
        self,
        game: str,
        *,
        params: Mapping[str, Any] | None = None,
        numeric: bool = False,
        on_illegal: OnIllegal = "retry",
        max_retries: int | None = 1,
        show_legal: bool = True,
        split: str = "train",
    ) -> None:
        rules = load_game(game, params)
        deals(split)  # names a wrong split now
        self.match = Match(rules, on_illegal=on_illegal, max_retries=max_retries, show_legal=show_legal)
        self.agents = tuple(f"player_{seat}" for seat in range(rules.facts.seats))
        self.seats: Seats = make_seats(self.match, numeric=numeric)
        self.observation_spaces = {agent: self.seats.observation_space() for agent in self.agents}
        self.action_spaces = {agent: self.seats.action_space() for agent in self.agents}
        self.deal = ""
        self._split = split
        self._rng = np.random.default_rng()
        self._valid = [True] * len(self.agents)

    def deal_out(self, seed: int | None, options: Mapping[str, Any] | None) -> None:
        """Begin a play.

        Args:
            seed: Draws the deal, as `reset(seed=...)` of the single-agent view does; None: the present
                generator draws it.
            options: `{"task": deal}` names the deal; other options are ignored.

        Raises:
            UnknownNameError: There is no such deal.
        """
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        drawn = drawn_deal(self._split, self._rng)
        self.deal = str((options or {}).get("task", drawn))
        self.match.start(chance_of(self.deal) if self.match.game.facts.chance else self._rng)
        self._valid = [True] * len(self.agents)

    def say(self, seat: int, action: Any) -> None:
        """Let an actor say a text, or the number of an action in the numeric view."""
        self._valid[seat] = self.match.submit(seat, self.seats.text_of(seat, action))

    def info(self, seat: int) -> dict[str, Any]:
        """Return what a seat is told beside its observation; nothing in it is secret from the seat.

        "seat", "instruction", "admissible_actions" (legal texts; None where the set is open), "action_mask"
        (the same texts, for `action_space(agent).sample(mask)`; absent in the numeric view, or where there
        are none), "action_valid", "illegal" (number of the seat's illegal texts) and "infostate_key".
        """
        match = self.match
        legal = match.legal(seat)
        told = {
            "seat": seat,
            "instruction": match.prefaces[seat],
            "admissible_actions": legal,
            "action_valid": self._valid[seat],
            "illegal": match.illegal[seat],
            "infostate_key": match.infostate_key(seat),
        }
        if legal and isinstance(self.seats, TextSeats):
            told["action_mask"] = legal
        return told
