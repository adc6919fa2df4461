"""Plays with all seats taken, and the record of each seat as an episode of the single-agent view.

A seat's record is made by executing its texts again in the single-agent view, where players who say what was
recorded hold the other seats. So it is a trajectory like any other: `agentgym replay` executes it, and its
rewards, scores and flags are those that the view gives, not those of a second book-keeper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from agentgym.errors import ArgumentError, DataError
from agentgym.registry import env_class, full_id, make_env
from agentgym.rollout import Episode, collect
from agentgym.rollout.seats import Sitting, Told
from agentgym.trajectory import Decision, Trajectory, Turn
from envs.games.deals import chance_of
from envs.games.env import GameEnv
from envs.games.match import Match

__all__ = ["GameTable", "Room", "SeatRecord", "seat_records"]


class GameTable:
    """A match as a table: who must act, what a seat is told, and its deal.

    Args:
        match: A match that has not begun.
        deal: The deal, e.g. "train/17".
        most_turns: Texts of one seat after which the play is cut off; None: never.
    """

    def __init__(self, match: Match, deal: str, *, most_turns: int | None = None) -> None:
        self.match, self.deal = match, deal
        self._most_turns = most_turns
        match.start(chance_of(deal))

    @property
    def actors(self) -> tuple[int, ...]:
        """The seats that must act; none when the play is over or cut off."""
        return () if self.cut else self.match.actors

    @property
    def cut(self) -> bool:
        """Whether a seat has spoken as often as it may, and the play would go on."""
        most = self._most_turns
        return most is not None and not self.match.over and max(self.match.spoken) >= most

    def tell(self, seat: int) -> Told:
        """Tell a seat what the single-agent view tells it."""
        match = self.match
        info = {
            "task_id": self.deal,
            "split": self.deal.partition("/")[0],
            "instruction": match.prefaces[seat],
            "admissible_actions": match.legal(seat),
            "state_key": match.state_key(),
            "extra": {"seat": seat, "infostate_key": match.infostate_key(seat)},
        }
        return Told(match.observation(seat), info)

    def submit(self, seat: int, text: str) -> bool:
        """Let an actor speak."""
        return self.match.submit(seat, text)


@dataclass(frozen=True)
class Room:
    """Where a game is played with all seats taken.

    Args:
        env_id: Id of the game's single-agent view; a name without its namespace is completed.
        env_kwargs: Arguments of the view that hold for every seat (JSON values): params, on_illegal,
            max_retries (1 if left out), show_legal.
        most_turns: Texts of one seat after which a play is cut off.

    Raises:
        ArgumentError: The id is no game, or an argument belongs to one seat alone.
    """

    env_id: str
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    most_turns: int = 200
    match: Match = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("seat", "opponent", "split", "max_steps"):
            if name in self.env_kwargs:
                raise ArgumentError(f"`{name}` is not for all seats of {self.env_id} alike. Leave it out.")
        object.__setattr__(self, "env_id", full_id(self.env_id))
        object.__setattr__(self, "env_kwargs", {"max_retries": 1, **self.env_kwargs})
        if not issubclass(env_class(self.env_id), GameEnv):
            raise ArgumentError(f"{self.env_id} is no game of several players. See: agentgym arena --help")
        env = cast(GameEnv, make_env(self.env_id, **self.env_kwargs))
        object.__setattr__(self, "match", env.match)

    @property
    def name(self) -> str:
        """Name of the game in its id, e.g. "HanabiMini-v0"."""
        return self.env_id.rpartition("/")[2]

    @property
    def seats(self) -> int:
        """Number of seats."""
        return self.match.game.facts.seats

    def sitting(self, number: int, deal: str, players: Sequence[int]) -> Sitting[GameTable]:
        """Plan a play of a deal with a player at each seat."""
        if len(players) != self.seats:
            raise ArgumentError(f"{self.env_id} has {self.seats} seats, not {len(players)}.")
        return Sitting(number, self.env_id, tuple(players), partial(self._open, deal))

    def _open(self, deal: str) -> GameTable:
        like = self.match
        match = Match(
            like.game, on_illegal=like.on_illegal, max_retries=like.max_retries, show_legal=like.show_legal
        )
        return GameTable(match, deal, most_turns=self.most_turns)


@dataclass(frozen=True, slots=True)
class SeatRecord:
    """What is to be executed again: a seat of a play that came to its end.

    A play that was cut off has no records: nobody knows what the others would have said next.

    Attributes:
        room: The game.
        sitting: The play.
        deal: Its deal.
        seat: The seat.
        episode: Number of the trajectory.
        group: Its group.
        agent: Specification of who sat there.
    """

    room: Room
    sitting: Sitting[GameTable]
    deal: str
    seat: int
    episode: int
    group: int
    agent: str

    @property
    def env_kwargs(self) -> dict[str, Any]:
        """Arguments of the single-agent view that make the others say what they said."""
        others = [
            {"replay": self.sitting.texts(seat)} for seat in range(self.room.seats) if seat != self.seat
        ]
        return {
            **self.room.env_kwargs,
            "seat": self.seat,
            "opponent": others[0] if len(others) == 1 else others,
            "max_steps": len(self.sitting.past[self.seat]),
        }


def seat_records(records: Sequence[SeatRecord]) -> Iterator[Trajectory]:
    """Execute the texts of seats again and yield their trajectories, in order.

    A seat that never spoke has no record.

    Raises:
        DataError: The single-agent view tells a seat something else than the play did.
    """
    for record in records:
        if record.sitting.past[record.seat]:
            episode = Episode(
                record.episode,
                record.room.env_id,
                seed=0,  # nobody draws: cards come from the deal, and what the others say is written down
                task=record.deal,
                group=record.group,
                env_kwargs=record.env_kwargs,
            )
            (trajectory,) = collect([episode], cast(Any, _Again(record)))
            if trajectory.error is not None:
                raise DataError(f"{record.room.env_id}, {record.deal}: {trajectory.error}")
            yield trajectory


class _Again:
    """The agent that decides what was decided."""

    wants_oracle = False

    def __init__(self, record: SeatRecord) -> None:
        self.spec = record.agent
        self._past = record.sitting.past[record.seat]

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Return the recorded decision of each turn."""
        return [self._decision(turn) for turn in turns]

    def _decision(self, turn: Turn) -> Decision:
        step = self._past[turn.index]
        if turn.observation != step.observation:
            raise DataError(
                f"Turn {turn.index} was {step.observation!r} in play and is {turn.observation!r} alone."
            )
        return step.decision
