"""What a run of self-play is told; `selfplay` does it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentgym.errors import ArgumentError

__all__ = ["SelfPlayConfig"]


@dataclass(frozen=True, slots=True)
class SelfPlayConfig:
    """Training in all seats of games, see `selfplay`.

    Attributes:
        envs: Ids of single-agent views of games, whose seats the policy holds; they take turns. Empty: no
            self-play. `env` is not played then, and `env_options` may hold only what is for all seats.
        shown: More games that the warm start shows and training does not play.
        measured: Small games in which the exploitability is measured every `checkpoint_every` updates.
        league_every: Updates after which a copy of the policy joins the league; 0: there is no league.
        league_size: Number of members that are kept, the newest.
        league_share: Share of groups in which a member of the league holds one seat.
    """

    envs: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)
    league_every: int = 0
    league_size: int = 4
    league_share: float = 0.5

    def __post_init__(self) -> None:
        if self.league_every < 0 or self.league_size < 1:
            raise ArgumentError(
                f"`selfplay.league_every` is {self.league_every}, `selfplay.league_size` {self.league_size}. "
                "They must be at least 0 and at least 1."
            )
        if not 0 <= self.league_share <= 1:
            raise ArgumentError(f"`selfplay.league_share` is {self.league_share}. It is a share, in [0, 1].")
