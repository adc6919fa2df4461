"""Entries of the leaderboard: an agent of the arena against a strategy of the suite, as an ordinary run.

What verification proves: the recorded actions, taken at these deals against that strategy, earn what is
claimed, for the strategy's answers are computed anew from the seed. A pairing of two agents cannot be proved
so, because nobody can make the other agent answer again; it stays in the arena's own record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentgym.errors import ArgumentError
from agentgym.evaluation import Suite, evaluate_suite
from agentgym.leaderboard import submit
from envs.games.arena.contestants import Contestant
from envs.games.arena.sittings import Room
from envs.games.arena.tournament import Arena

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store
    from agentgym.leaderboard.submission import Submission

__all__ = ["pairing_suite", "submit_pairings"]


def pairing_suite(arena: Arena, room: Room, opponent: str) -> Suite:
    """Write the arena's deals against one strategy as a suite: every seat, every deal."""
    name = f"arena-{room.name}-{opponent.replace(':', '-')}".lower()
    settings = [
        {
            "env": arena.env_id,
            "split": "test",
            "tasks": arena.deals,
            "seeds": [arena.seed],
            "kwargs": {**arena.env_kwargs, "seat": seat, "opponent": opponent},
        }
        for seat in range(room.seats)
    ]
    return Suite.model_validate({"name": name, "version": 1, "settings": settings})


def submit_pairings(
    arena: Arena,
    room: Room,
    contestants: Sequence[Contestant],
    folder: Path,
    store: Store,
    options: Mapping[str, Any],
) -> Iterator[Submission]:
    """Play every agent against every strategy and submit what comes of it.

    Args:
        arena: Deals, seed and arguments.
        room: The game.
        contestants: Of the arena.
        folder: Where the runs are kept; a killed one goes on from there.
        store: The leaderboard.
        options: Options of the agents.

    Raises:
        ArgumentError: There is no agent, or no strategy; or a run is on the leaderboard already.
    """
    agents = [one for one in contestants if not one.strategy]
    strategies = [one for one in contestants if one.strategy]
    if not agents or not strategies:
        raise ArgumentError(
            "Only an agent against a strategy of the suite can be verified. Add e.g. --agents hf:FOLDER, and "
            "--agents random or nash."
        )
    for strategy in strategies:
        suite = pairing_suite(arena, room, strategy.spec).expand()
        for number, agent in enumerate(agents):
            out = folder / suite.name / str(number)
            evaluate_suite(
                suite, agent.name, out=out, baselines=False, seed=arena.seed, agent_options=options
            )
            yield submit(out, store, suite=suite, name=agent.name[:80])
