"""A round robin on disk, safe against being killed at any moment.

    <folder>/arena.json     what is played, written once, whole
    <folder>/plays.jsonl    one finished play a line, appended as plays end
    <folder>/result.json    payoffs, ratings and the rest, when all are played

Only whole lines count. An arena that is started again plays exactly what has no line yet, with the same
chance.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agentgym.errors import ArgumentError, DataError
from agentgym.files import claim, write_json
from agentgym.rollout.seats import Sitting, play_tables
from envs.games.arena.contestants import Contestant
from envs.games.arena.sittings import GameTable, Room
from envs.games.social.metrics import Social, judge

__all__ = ["Arena", "PlayRecord", "read_plays", "run_arena", "seatings"]

PLAN_FILE, PLAY_FILE, RESULT_FILE = "arena.json", "plays.jsonl", "result.json"


@dataclass(frozen=True, slots=True)
class Arena:
    """What is played.

    Attributes:
        env_id: Id of the game's single-agent view.
        agents: Specifications of the contestants, all different, A of them.
        deals: Number of deals of the test split, each of which every pair plays in all seats.
        seed: Seed of all players' chance.
        env_kwargs: Arguments of the view, for all seats.
    """

    env_id: str
    agents: tuple[str, ...]
    deals: int = 100
    seed: int = 0
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.agents) < 2 or len(set(self.agents)) < len(self.agents):
            raise ArgumentError(f"The contestants are {list(self.agents)}. Pass two or more, all different.")
        if self.deals < 1 or self.seed < 0:
            raise ArgumentError(f"`deals` is {self.deals} and `seed` {self.seed}. Pass at least 1 and 0.")


@dataclass(frozen=True, slots=True)
class PlayRecord:
    """A finished play.

    Attributes:
        number: Its number in the plan.
        deal: Its deal.
        players: Number of the contestant at each seat.
        returns: Return of each seat.
        illegal: Number of illegal texts of each seat.
        tokens: Number of response tokens of each seat; 0 where there is no language model.
        texts: What each seat said, so that anybody can execute the play again.
        cut: Whether it was cut off; its returns are those of that moment.
        social: Welfare and the like.
    """

    number: int
    deal: str
    players: tuple[int, ...]
    returns: tuple[float, ...]
    illegal: tuple[int, ...]
    tokens: tuple[int, ...]
    texts: tuple[tuple[str, ...], ...]
    cut: bool
    social: Social


def seatings(seats: int, first: int, second: int) -> list[tuple[int, ...]]:
    """Seat two contestants in all ways in which one of them is alone among copies of the other.

    With two seats these are the two orders. A contestant and itself have one seating.
    """
    if first == second:
        return [(first,) * seats]
    alone = [
        tuple(one if seat == place else other for seat in range(seats))
        for one, other in ((first, second), (second, first))
        for place in range(seats)
    ]
    return list(dict.fromkeys(alone))


def run_arena(
    arena: Arena,
    room: Room,
    contestants: Sequence[Contestant],
    folder: Path,
    *,
    slots: int = 64,
    on_play: Callable[[PlayRecord], None] | None = None,
) -> list[PlayRecord]:
    """Play what is still to be played, and return all plays in order.

    Args:
        arena: What is played.
        room: The game.
        contestants: Made from `arena.agents`, in this order.
        folder: Where the arena lives; made if absent.
        slots: Number of plays alive at once.
        on_play: Called with every play, those of earlier starts first.

    Raises:
        ArgumentError: The folder holds another arena, or another process is at work in it.
        DataError: A line that is there is broken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with claim(folder):
        _settle(arena, folder)
        done = {play.number: play for play in read_plays(folder, mend=True)}
        for play in done.values():
            if on_play is not None:
                on_play(play)
        planned = plan(arena, room)
        missing = [sitting for sitting in planned if sitting.number not in done]
        players = [one.player for one in contestants]
        with (folder / PLAY_FILE).open("ab") as file:
            for sitting, table in play_tables(missing, players, agent_seed=arena.seed, slots=slots):
                play = done[sitting.number] = _record(sitting, table)
                file.write(json.dumps(asdict(play), allow_nan=False).encode("ascii") + b"\n")
                file.flush()
                if on_play is not None:
                    on_play(play)
            os.fsync(file.fileno())
    return [done[sitting.number] for sitting in planned]


def plan(arena: Arena, room: Room) -> list[Sitting[GameTable]]:
    """List the plays: deal by deal, every pair in every seating.

    In a zero-sum game nobody meets itself: it is known what comes of that.
    """
    numbers = range(len(arena.agents))
    alone = room.match.game.facts.utility != "zero_sum"
    pairs = [(i, j) for i in numbers for j in numbers if i < j or (alone and i == j)]
    starts = [
        (f"test/{deal}", players)
        for deal in range(arena.deals)
        for first, second in pairs
        for players in seatings(room.seats, first, second)
    ]
    return [room.sitting(number, deal, players) for number, (deal, players) in enumerate(starts)]


def read_plays(folder: Path, *, mend: bool = False) -> Iterator[PlayRecord]:
    """Read the plays of an arena.

    Args:
        folder: The arena's folder.
        mend: Whether a last line that a kill left half-written is cut off; else it is an error.

    Raises:
        DataError: A line is broken.
    """
    path = folder / PLAY_FILE
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    if mend and lines and not lines[-1].endswith(b"\n"):
        os.truncate(path, sum(map(len, lines[:-1])))
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            yield _from_json(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}:{number} is no play: {error!r}. Delete the line to play it again."
            ) from error


def _record(sitting: Sitting[GameTable], table: GameTable) -> PlayRecord:
    match, seats = table.match, range(len(sitting.players))
    decisions = [[step.decision for step in sitting.past[seat]] for seat in seats]
    tokens = [sum(len(d.token_ids) for d in own if d.token_ids is not None) for own in decisions]
    returns = match.returns()
    return PlayRecord(
        sitting.number,
        table.deal,
        sitting.players,
        returns,
        tuple(match.illegal),
        tuple(tokens),
        tuple(tuple(sitting.texts(seat)) for seat in seats),
        table.cut,
        judge(match.state, returns),
    )


def _from_json(record: Mapping[str, Any]) -> PlayRecord:
    return PlayRecord(
        int(record["number"]),
        str(record["deal"]),
        tuple(map(int, record["players"])),
        tuple(map(float, record["returns"])),
        tuple(map(int, record["illegal"])),
        tuple(map(int, record["tokens"])),
        tuple(tuple(map(str, own)) for own in record["texts"]),
        bool(record["cut"]),
        Social(**record["social"]),
    )


def _settle(arena: Arena, folder: Path) -> None:
    path, record = folder / PLAN_FILE, json.loads(json.dumps(asdict(arena)))
    if not path.exists():
        write_json(path, record)
        return
    found = json.loads(path.read_text(encoding="ascii"))
    differing = sorted(key for key in record if record[key] != found.get(key))
    if differing:
        raise ArgumentError(
            f"{folder} holds another arena: {', '.join(differing)} differ. Repeat its settings to resume it, "
            "or choose another folder."
        )
