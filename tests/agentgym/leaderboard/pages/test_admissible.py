"""Admissible actions are found by executing an episode again, or it is said why not."""

from __future__ import annotations

from dataclasses import replace

from agentgym.leaderboard.pages.admissible import admissible_actions
from agentgym.leaderboard.store import Store


def test_admissible_actions__are_found_for_every_turn(board: Store) -> None:
    episode = board.trajectory(3, 1)
    found = admissible_actions(episode)
    assert found.fault is None
    assert found.turns == ((("go west", "wait", "go east"), 3),) * len(episode.steps)


def test_admissible_actions__say_why_an_episode_cannot_be_executed(board: Store) -> None:
    found = admissible_actions(replace(board.trajectory(3, 1), env_kwargs={"length": 1}))
    assert found.turns == () and found.fault is not None and "length" in found.fault
