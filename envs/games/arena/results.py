"""What an arena comes to: payoffs of everybody against everybody, ratings or cross-play, illegal texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.evaluation.intervals import Estimate, bootstrap_ratio
from envs.games.arena.ratings import Meeting, rate
from envs.games.arena.sittings import Room
from envs.games.arena.tournament import PlayRecord
from envs.games.social.metrics import SocialMeans, means
from envs.games.yardsticks.scores import CrossPlay, cross_play

__all__ = ["ArenaResult", "settle"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ArenaResult:
    """The result.

    Attributes:
        game: Name of the game.
        agents: Names of the contestants, A of them.
        plays: Number of plays.
        payoff: Mean return of each contestant among copies of each other, shape (A, A), over all seats of the
            same deals; NaN where two did not meet.
        returns: Mean return of each against all others, with an interval over deals.
        ratings: Bradley-Terry ratings on the scale of Elo; None unless one's gain is another's loss.
        anchor: The contestant whose rating is 0.
        cross: Self-play and cross-play; None unless the game is cooperative.
        social: Welfare and the like of each pair that is no zero-sum game, by "name | name".
        illegal: Share of each contestant's texts that were illegal.
        cut: Number of plays that were cut off.
    """

    game: str
    agents: tuple[str, ...]
    plays: int
    payoff: FloatArray
    returns: tuple[Estimate, ...]
    ratings: tuple[Estimate, ...] | None
    anchor: int
    cross: CrossPlay | None
    social: Mapping[str, SocialMeans]
    illegal: tuple[float, ...]
    cut: int

    def to_record(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        payoff = [[None if np.isnan(value) else float(value) for value in row] for row in self.payoff]
        cross = None if self.cross is None else {**asdict(self.cross), "gap": self.cross.gap}
        return {**asdict(self), "payoff": payoff, "cross": cross}


def settle(
    room: Room, agents: Sequence[str], plays: Sequence[PlayRecord], rng: np.random.Generator
) -> ArenaResult:
    """Work out the result of plays.

    Args:
        room: The game.
        agents: Names of the contestants; "random@v1", or else the first, anchors the ratings.
        plays: The plays.
        rng: Source of the resamples.
    """
    anchor = next((k for k, name in enumerate(agents) if name.startswith("random")), 0)
    gains = _gains(plays)
    payoff = np.full((len(agents), len(agents)), np.nan)
    for (one, other), by_deal in gains.items():
        payoff[one, other] = np.mean([value for values in by_deal.values() for value in values])
    utility = room.match.game.facts.utility
    zero_sum = utility == "zero_sum"
    return ArenaResult(
        room.name,
        tuple(agents),
        len(plays),
        payoff,
        tuple(_against_all(gains, k, rng) for k in range(len(agents))),
        tuple(rate(_meetings(plays), len(agents), rng, anchor=anchor)) if zero_sum else None,
        anchor,
        cross_play(payoff) if utility == "common" else None,
        {} if zero_sum else _social(agents, plays),
        _illegal(len(agents), plays),
        sum(play.cut for play in plays),
    )


_Gains = dict[tuple[int, int], dict[str, list[float]]]


def _gains(plays: Sequence[PlayRecord]) -> _Gains:
    """Collect what a contestant got where it sat alone among copies of another, by deal."""
    gains: _Gains = defaultdict(lambda: defaultdict(list))
    for play in plays:
        for seat, one in enumerate(play.players):
            others = {player for k, player in enumerate(play.players) if k != seat}
            if len(others) == 1:
                gains[one, others.pop()][play.deal].append(play.returns[seat])
    return gains


def _meetings(plays: Sequence[PlayRecord]) -> list[Meeting]:
    """Count, for each deal of each pair, the plays in which the one alone got more than the others."""
    points: dict[tuple[int, int, str], list[float]] = defaultdict(list)
    for play in plays:
        counted = sorted(set(play.players), key=lambda player: (play.players.count(player), player))
        if len(counted) == 2:
            one, other = counted
            seat = play.players.index(one)
            others = [gain for k, gain in enumerate(play.returns) if k != seat]
            lead = play.returns[seat] - sum(others) / len(others)
            point = 0.5 if abs(lead) < 1e-9 else float(lead > 0)
            pair = (min(one, other), max(one, other), play.deal)
            points[pair].append(point if one < other else 1 - point)
    return [Meeting(i, j, sum(won), len(won)) for (i, j, _), won in points.items()]


def _against_all(gains: _Gains, one: int, rng: np.random.Generator) -> Estimate:
    by_deal: dict[str, list[float]] = defaultdict(list)
    for (first, second), deals in gains.items():
        if first == one and second != one:
            for deal, values in deals.items():
                by_deal[deal] += values
    sums = np.array([sum(values) for values in by_deal.values()], dtype=np.float64)
    return bootstrap_ratio(sums, np.array([float(len(v)) for v in by_deal.values()]), rng, draws=2000)


def _social(agents: Sequence[str], plays: Sequence[PlayRecord]) -> dict[str, SocialMeans]:
    pairs = defaultdict(list)
    for play in plays:
        present = sorted(set(play.players))
        pairs[" | ".join(agents[k] for k in (present[0], present[-1]))].append(play.social)
    return {pair: means(some) for pair, some in sorted(pairs.items())}


def _illegal(count: int, plays: Sequence[PlayRecord]) -> tuple[float, ...]:
    bad, said = np.zeros(count), np.zeros(count)
    for play in plays:
        for seat, player in enumerate(play.players):
            bad[player] += play.illegal[seat]
            said[player] += len(play.texts[seat])
    return tuple(float(b / s) if s else 0.0 for b, s in zip(bad, said, strict=True))
