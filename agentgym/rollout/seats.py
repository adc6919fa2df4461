"""Plays with several seats: each agent is asked once in a round, for all its seats that must act.

There is no barrier here either: a play that ends leaves its slot at once to the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from agentgym.agents.protocol import Agent, decisions_of
from agentgym.errors import ArgumentError
from agentgym.trajectory import Decision, Step, Turn

__all__ = ["AgentAtTables", "Asked", "Player", "Sitting", "Table", "Told", "play_tables"]


_STRIDE = 16
"""Seats that a play has at most, so that no two seats of a run share their chance."""


class Told(NamedTuple):
    """What a seat is told when it must act: the observation and the `Info` of its view."""

    observation: str
    info: Mapping[str, Any]


class Table(Protocol):
    """A play at which seats act, each by a text."""

    @property
    def actors(self) -> tuple[int, ...]:
        """The seats that must act now; none when the play is over."""
        ...

    def tell(self, seat: int) -> Told:
        """Tell an actor what it sees."""
        ...

    def submit(self, seat: int, text: str) -> bool:
        """Let an actor speak; return whether it was a legal action."""
        ...


_T = TypeVar("_T", bound=Table)


class Asked(NamedTuple, Generic[_T]):
    """A seat that must act: its table, its number, and the turn as an agent sees it."""

    table: _T
    seat: int
    turn: Turn


class Player(Protocol[_T]):
    """Somebody who sits at many tables at once."""

    def answer(self, asked: Sequence[Asked[_T]]) -> Sequence[Decision]:
        """Answer every seat that must act."""
        ...


@dataclass(frozen=True, slots=True)
class AgentAtTables:
    """An agent as a player: it answers from the turns alone."""

    agent: Agent

    def answer(self, asked: Sequence[Asked[Any]]) -> Sequence[Decision]:
        """Ask the agent once for all seats."""
        return decisions_of(self.agent, [seat.turn for seat in asked])


@dataclass(frozen=True, slots=True)
class Sitting(Generic[_T]):
    """A play to be played, and, once it is over, what was decided at it.

    Attributes:
        number: Number of the play within the run, from 0.
        env_id: Id of the single-agent view, which agents are told.
        players: Number of the player at each seat, shape (A,). One player may have several seats.
        open: Starts the play.
        past: The steps of each seat, oldest first. They hold what was seen and decided; what came of it is
            known to the single-agent view alone, so rewards and scores are 0 here.
    """

    number: int
    env_id: str
    players: tuple[int, ...]
    open: Callable[[], _T]
    past: tuple[list[Step], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "past", tuple([] for _ in self.players))

    def texts(self, seat: int) -> list[str]:
        """Everything that a seat said, illegal texts included."""
        return [step.decision.action for step in self.past[seat]]


def play_tables(
    sittings: Sequence[Sitting[_T]], players: Sequence[Player[_T]], *, agent_seed: int = 0, slots: int = 64
) -> Iterator[tuple[Sitting[_T], _T]]:
    """Play, and yield each sitting with its table as it ends.

    What comes out does not depend on `slots` (for a language model: up to the rounding of a padded batch):
    the chance of a decision comes from `agent_seed`, the sitting's number, the seat and the turn.

    Args:
        sittings: What to play, started in this order.
        players: The players that sittings name by number.
        agent_seed: Seed of the players' own chance.
        slots: Number of plays alive at once.

    Raises:
        ArgumentError: `slots` is not positive, or a sitting names a player that is not there.
    """
    if slots < 1:
        raise ArgumentError(f"`slots` is {slots}. At least 1 play must be alive at a time.")
    for sitting in sittings:
        if not all(0 <= number < len(players) for number in sitting.players):
            raise ArgumentError(f"Play {sitting.number} seats {sitting.players} of {len(players)} players.")
    waiting = iter(sittings)
    live: list[tuple[Sitting[_T], _T]] = []
    while True:
        live += [(sitting, sitting.open()) for sitting in islice(waiting, slots - len(live))]
        if not live:
            return
        _round(live, players, agent_seed)
        yield from [(sitting, table) for sitting, table in live if not table.actors]
        live = [(sitting, table) for sitting, table in live if table.actors]


def _round(live: Sequence[tuple[Sitting[_T], _T]], players: Sequence[Player[_T]], agent_seed: int) -> None:
    asked: list[list[tuple[Sitting[_T], Asked[_T]]]] = [[] for _ in players]
    for sitting, table in live:
        for seat in table.actors:
            turn = _turn(sitting, table, seat, agent_seed)
            asked[sitting.players[seat]].append((sitting, Asked(table, seat, turn)))
    for player, some in zip(players, asked, strict=True):
        decisions = player.answer([one for _, one in some]) if some else ()
        for (sitting, one), decision in zip(some, decisions, strict=True):
            valid = one.table.submit(one.seat, decision.action)
            sitting.past[one.seat].append(_step(one.turn, decision, valid))


def _turn(sitting: Sitting[_T], table: _T, seat: int, agent_seed: int) -> Turn:
    told = table.tell(seat)
    return Turn(
        env_id=sitting.env_id,
        episode=_STRIDE * sitting.number + seat,
        seed=agent_seed,
        observation=told.observation,
        info=told.info,
        history=sitting.past[seat],
    )


def _step(turn: Turn, decision: Decision, valid: bool) -> Step:
    return Step(
        observation=turn.observation,
        state=turn.info["state_key"],
        decision=decision,
        reward=0.0,
        terminated=False,
        truncated=False,
        valid=valid,
        progress=0.0,
        score=0.0,
        success=False,
    )
