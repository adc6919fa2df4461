"""Training on trees: nodes, probes, metrics, and that it is the same every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

from agentgym.errors import UnknownNameError
from baselines.branching import names
from baselines.estimators import make_estimator
from baselines.trainer import TrainConfig, train
from baselines.trainer.config import CloneConfig, NanoConfig, RolloutConfig
from baselines.trainer.credit import assign_credit
from baselines.trainer.groups import Group, GroupPlay, play_groups, play_of
from baselines.trainer.policy import Policy, make_start
from tests.toys import TOY_ID

_TINY = TrainConfig(
    env=TOY_ID,
    env_options={"wind": 0.0, "max_steps": 6, "length": 9},
    estimator="malt",
    updates=2,
    nano=NanoConfig(hidden=32, layers=1, heads=2, vocabulary=300),
    rollout=RolloutConfig(groups=3, max_new_tokens=4),
)


def _with(branching: dict[str, Any], slots: int = 64) -> TrainConfig:
    return replace(_TINY, rollout=replace(_TINY.rollout, branching=branching, slots=slots))


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows nothing."""
    folder = tmp_path_factory.mktemp("tree") / "start"
    make_start(_TINY, folder)
    return folder


@pytest.fixture(scope="module")
def walker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that walks now east, now west, and so wins now and then."""
    folder = tmp_path_factory.mktemp("walker") / "start"
    clone = CloneConfig(episodes=300, noise=0.5, epochs=4, batch=16, learning_rate=1e-2)
    make_start(replace(_TINY, clone=clone), folder)
    return folder


def _played(start: Path, branching: dict[str, Any]) -> list[GroupPlay]:
    policy = Policy(start, _with(branching), device="cpu")
    return play_groups(policy, [Group(k, seed=k, size=4) for k in range(3)], noise=1)


def test_play_groups__without_branching_plays_every_member(start: Path) -> None:
    played = _played(start, {})
    assert [len(group.trajectories) for group in played] == [4, 4, 4]
    assert len({t.episode for group in played for t in group.trajectories}) == 12
    assert play_of(played).node is None


def test_play_of__steps_that_branches_share_are_one_node(start: Path) -> None:
    play = play_of(_played(start, {"policy": "spo_tree", "branching": [2, 2, 2], "segment": 1}))
    assert play.node is not None
    assert len(play.node) == len(play.rows) == len(play.batch)
    tree, row = play.batch.merged(play.node)
    assert tree.parent is not None
    first = int(np.sum(tree.parent == -1))
    assert first == 3 * 2, "two branches begin at the start of each of three trees"
    shared = np.bincount(row)
    assert shared[tree.parent == -1].tolist() == [4] * 6


def test_play_of__probes_say_what_lies_before_and_after_a_step(start: Path) -> None:
    played = _played(start, {"policy": "spo_chain", "continuations": 2, "most": 3})
    play = play_of(played)
    assert play.probed is not None
    assert [len(group.trajectories) for group in played] == [1, 1, 1]
    known = ~np.isnan(play.probed)
    assert known[:, 0].sum() == known[:, 1].sum() + 3, "the start is probed too"
    again = play.batch.episode[1:] == play.batch.episode[:-1]
    np.testing.assert_array_equal(play.probed[1:, 0][again], play.probed[:-1, 1][again])


def test_play_of__a_retry_and_its_original_are_learnt_from_where_they_part(start: Path) -> None:
    play = play_of(_played(start, {"policy": "r3l", "episodes": 2}))
    assert play.node is not None
    lengths = np.diff(play.batch.token_offsets)
    shared = np.bincount(np.unique(play.node, return_inverse=True)[1])
    alone = shared[np.unique(play.node, return_inverse=True)[1]] == 1
    assert 0 < alone.sum() < len(alone)
    np.testing.assert_array_equal(play.batch.trained, np.repeat(alone, lengths))
    won = play.batch.with_columns(outcome=np.ones(len(play.batch)))
    credit = assign_credit(make_estimator("r3l"), won, play.node)
    np.testing.assert_array_equal(credit.token, play.batch.trained)


def test_group_play__counts_only_whole_episodes_and_what_was_generated(start: Path) -> None:
    for group in _played(start, {"policy": "slate", "ways": 3, "steps": 2}):
        assert len(group.trajectories) == 5
        assert len(group.whole) < 5
        assert group.tokens < sum(t.tokens for t in group.trajectories)


_OF_THE_POLICY = {"aepo": ["tempo"], "arpo": ["arpo", "malt"]}
"""Estimators to train with, where there is none of the policy's own name, or more than that."""


@pytest.mark.parametrize(
    ("name", "estimator"), [(name, other) for name in names() for other in _OF_THE_POLICY.get(name, [name])]
)
def test_train__on_trees_is_the_same_every_time(
    name: str, estimator: str, walker: Path, tmp_path: Path
) -> None:
    found = []
    for slots in (1, 200):
        config = replace(_with({"policy": name}, slots=slots), estimator=estimator, model=str(walker))
        out = tmp_path / str(slots)
        records = train(replace(config, updates=1), out, device="cpu")
        found.append({key: value for key, value in records[0].items() if not key.endswith("_s")})
        assert load_file(out / "model" / "model.safetensors")
    close = pytest.approx(found[1], rel=1e-3, abs=1e-5)
    assert found[0] == close
    assert found[0]["gradient_norm"] > 0.0, "nothing was learnt"


def test_train__names_an_unknown_policy_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="arpo"):
        train(_with({"policy": "arp"}), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run").exists()
