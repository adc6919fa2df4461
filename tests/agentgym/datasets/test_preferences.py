"""Pairs: by hand, and from a tree that was grown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentgym.datasets import episode_pairs, step_pairs
from agentgym.rollout import Branch, Episode, EpisodeTree, Fork, Moves, grow
from agentgym.trajectory import Decision, Step, Trajectory
from tests.agentgym.datasets.played import Wanderer
from tests.toys import TOY_ID


def _episode(number: int, *steps: tuple[str, str, float], error: str | None = None) -> Trajectory:
    """Make an episode of (state, action, reward)."""
    last = len(steps) - 1
    done = tuple(
        Step(f"at {state}", state, Decision(action), reward, turn == last, False, True, 0.0, 0.0, False)
        for turn, (state, action, reward) in enumerate(steps)
    )
    return Trajectory(TOY_ID, {}, 0, "train/1-east", "train", number, 0, "by hand", done, "", error)


def test_episode_pairs__best_with_worst_and_each_once() -> None:
    group = [_episode(k, ("s", "a", reward)) for k, reward in enumerate([0.0, 3.0, 1.0, 3.0, 0.5])]
    told = [(pair.chosen.episode, pair.rejected.episode) for pair in episode_pairs(group)]
    assert told == [(1, 0), (3, 4)]
    assert [pair.rejected.episode for pair in episode_pairs(group, margin=2.5)] == [0]
    assert not list(episode_pairs([_episode(0, ("s", "a", 1.0)), _episode(1, ("s", "b", 1.0))]))


def test_episode_pairs__broken_episodes_are_left_out() -> None:
    group = [_episode(0, ("s", "a", 1.0)), _episode(1, ("s", "b", 0.0), error="it broke"), _episode(2)]
    assert not list(episode_pairs(group))


def test_step_pairs__one_state_on_two_ways() -> None:
    group = [
        _episode(0, ("s", "a", 0.0), ("t", "good", 2.0)),
        _episode(1, ("s", "b", 0.0), ("t", "bad", 0.0)),
        _episode(2, ("s", "b", 0.0), ("t", "good", 1.0)),
    ]
    pairs = list(step_pairs(group, gamma=0.5))
    assert [(p.better.decision.action, p.worse.decision.action) for p in pairs] == [
        ("a", "b"),
        ("good", "bad"),
    ]
    assert (pairs[0].chosen_return, pairs[0].rejected_return) == (1.0, 0.25)
    assert (pairs[1].chosen_return, pairs[1].rejected_return) == (1.5, 0.0)
    assert (pairs[1].chosen.episode, pairs[1].turn, pairs[1].rejected.episode) == (0, 1, 1)


def test_step_pairs__history_compares_only_those_with_one_past() -> None:
    group = [
        _episode(0, ("s", "a", 0.0), ("t", "good", 2.0)),
        _episode(1, ("s", "b", 0.0), ("t", "bad", 0.0)),
        _episode(2, ("s", "b", 0.0), ("t", "good", 1.0)),
    ]
    pairs = list(step_pairs(group, match="history"))
    told = [(p.better.decision.action, p.chosen.episode, p.rejected.episode) for p in pairs]
    assert told == [("a", 0, 1), ("good", 2, 1)]
    assert len(list(step_pairs(group, match="history", margin=1.0))) == 1


def test_step_pairs__a_reward_of_zero_is_a_reward() -> None:
    group = [_episode(0, ("s", "a", 0.0)), _episode(1, ("s", "b", -1.0))]
    (pair,) = step_pairs(group)
    assert (pair.better.decision.action, pair.rejected_return) == ("a", -1.0)


@dataclass(frozen=True)
class _Often:
    """Forks every branch that began at the start, after each of its steps."""

    budget: int = 60
    keeps_cut: bool = False
    keeps_shared: bool = True

    def begin(self, tree: EpisodeTree) -> int:
        return 2

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        return Moves(
            [Fork(branch.head, 2) for branch in played if branch.status == "live" and branch.left is None]
        )


def test_step_pairs__siblings_of_a_tree() -> None:
    start = Episode(0, TOY_ID, seed=1, task="train/2-east", env_kwargs={"length": 5, "wind": 0.0})
    (tree,) = grow([start], Wanderer(), _Often(), agent_seed=2)
    branches = [tree.trajectory(branch, "wanderer") for branch in tree.episodes()]
    pairs = list(step_pairs(branches, match="history"))
    assert pairs
    for pair in pairs:
        past = pair.chosen.steps[: pair.turn]
        assert pair.turn == pair.rejected_turn
        assert [s.decision.action for s in past] == [
            s.decision.action for s in pair.rejected.steps[: pair.turn]
        ]
        assert pair.better.state == pair.worse.state
        assert pair.better.decision.action != pair.worse.decision.action
