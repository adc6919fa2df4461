"""Columns that the environment tells, that follow from what was played, and that the policy believes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError, MissingColumnError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Trajectory
from baselines.models.companion import Play
from baselines.trainer import TrainConfig, load_config
from baselines.trainer.columns import sources
from baselines.trainer.config import NanoConfig, RolloutConfig
from baselines.trainer.derived import answer_clusters, bundles, reward_parts, values_by_probes
from baselines.trainer.environment import check_environment, environment_columns
from baselines.trainer.groups import Group, play_groups, play_of
from baselines.trainer.policy import Policy, make_start
from baselines.trainer.truth import TruthProbe, check_reference
from tests.baselines.estimators.batches import make
from tests.baselines.trainer.telling import TELLING_ID
from tests.toys import TOY_ID


def _played(env_id: str, n: int = 3) -> list[Trajectory]:
    episodes = [Episode(k, env_id, seed=k, group=k // 2, env_kwargs={"max_steps": 6}) for k in range(n)]
    return sorted(collect(episodes, make_agent("random")), key=lambda t: t.episode)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A fresh tiny model for the corridor that tells."""
    config = TrainConfig(
        env=TELLING_ID,
        env_options={"max_steps": 4},
        nano=NanoConfig(hidden=16, layers=1, heads=2, vocabulary=280),
        rollout=RolloutConfig(max_new_tokens=4),
    )
    folder = tmp_path_factory.mktemp("telling") / "start"
    make_start(config, folder)
    return Policy(folder, config, device="cpu")


@pytest.fixture(scope="module")
def play(policy: Policy) -> Play:
    """Two groups of two episodes that the policy played."""
    groups = play_groups(policy, [Group(0, 1, 2), Group(1, 2, 2)], noise=0)
    assert [t.error for group in groups for t in group.trajectories] == [None] * 4
    return play_of(groups)


def test_environment_columns__are_what_the_environment_told() -> None:
    played = _played(TELLING_ID)
    columns = environment_columns(played, ["tool_calls", "predicted_calls", "reference_calls", "stratum"])
    steps = [step for trajectory in played for step in trajectory.steps]
    moved = [step.decision.action in ("go west", "go east") for step in steps]
    assert columns["tool_calls"] == [int(flag) for flag in moved]
    assert [len(calls) for calls in columns["predicted_calls"]] == columns["tool_calls"]
    assert all(len(calls) == 3 for calls in columns["reference_calls"])
    lengths = np.cumsum([len(t.steps) for t in played])[:-1]
    for trajectory, told in zip(played, np.split(columns["stratum"], lengths), strict=True):
        assert set(told.tolist()) == {trajectory.steps[-1].extra["stratum"]}, "the last word counts"


def test_environment_columns__take_lists_of_calls_as_numbers_and_as_predictions() -> None:
    (trajectory,) = _played(TOY_ID, 1)
    for number, step in enumerate(trajectory.steps):
        step.extra["tool_calls"] = [{"name": "f", "arguments": {}}] * (number % 2)  # type: ignore[index]
    columns = environment_columns([trajectory], ["tool_calls", "predicted_calls"])
    assert columns["tool_calls"] == [number % 2 for number in range(len(trajectory.steps))]
    assert [len(calls) for calls in columns["predicted_calls"]] == columns["tool_calls"]


def test_check_environment__names_environment_and_column() -> None:
    check_environment(TrainConfig(env=TELLING_ID), ["stratum", "reference_calls"])
    with pytest.raises(MissingColumnError, match=r"ToyCorridor-v0 does not give the column 'stratum'"):
        check_environment(TrainConfig(env=TOY_ID), ["stratum"])
    with pytest.raises(MissingColumnError, match="reference_answer"):
        check_reference(TrainConfig(env=TOY_ID))
    check_reference(TrainConfig(env=TELLING_ID))


def test_extra__is_not_on_disk_and_does_not_count_in_comparisons() -> None:
    (trajectory,) = _played(TELLING_ID, 1)
    assert trajectory.steps[0].extra.keys() >= {"tool_calls", "stratum"}
    again = Trajectory.from_json(trajectory.to_json())
    assert again.without_timing() == trajectory.without_timing()
    assert not again.steps[0].extra


def test_truth_probe__is_the_mean_log_probability_of_the_answer(policy: Policy, play: Play) -> None:
    import torch

    columns = TruthProbe(policy.config, policy.model, policy.tokenizer).columns(play)
    before, after = columns["truth_start"], columns["logprob_truth"]
    episode = play.batch.episode
    follows = np.flatnonzero(episode[1:] == episode[:-1])
    np.testing.assert_array_equal(after[follows], before[follows + 1])
    for row, number in enumerate(episode.tolist()):
        door = play.trajectories[number].task_id.rpartition("-")[2]
        answer = policy.tokenizer(f"go {door}", add_special_tokens=False)["input_ids"]
        ids = torch.tensor([[*play.rows[row].prompt.tolist(), *answer]])
        with torch.no_grad():
            logprobs = policy.model(input_ids=ids).logits[0, -len(answer) - 1 : -1].log_softmax(-1)
        expected = float(logprobs[range(len(answer)), answer].mean())
        np.testing.assert_allclose(before[row], expected, atol=1e-4)


def test_reward_parts__are_told_or_follow_from_the_play(play: Play) -> None:
    np.testing.assert_allclose(
        reward_parts(play)[:, 1],
        [
            sum(step.extra["rewards"][1] for step in play.trajectories[number].steps)
            for number in play.batch.episode.tolist()
        ],
    )
    silent = _played(TOY_ID)
    batch = make([0, 0, 1], [0.0, 1.0, 0.5], valid=[True, False, True])
    parts = reward_parts(Play(silent, [], batch))
    np.testing.assert_allclose(parts, [[1.0, 0.5], [1.0, 0.5], [0.5, 1.0]])


def test_bundles_and_clusters__by_hand() -> None:
    columns: dict[str, Any] = {"group": [7, 7, 9, 4], "action": ["x", "Say  yes", "say yes", "no"]}
    batch = make([0, 0, 1, 2], [0.0] * 4, **columns)
    assert bundles(batch, 2).tolist() == [0, 0, 1, 0]
    clusters = answer_clusters(batch)
    assert clusters[0] == clusters[1] == clusters[2] != clusters[3]


def test_values_by_probes__carries_values_where_none_were_probed() -> None:
    batch = make([0, 0, 0], [0.0, 0.0, 1.0], tokens=2)
    probed = np.array([[0.25, 0.5], [0.5, np.nan], [np.nan, np.nan]])
    found = values_by_probes(Play([], [], batch, probed=probed))
    assert found["cut_token"].tolist() == [False, True, False, False, False, False]
    np.testing.assert_allclose(found["value_token"], [0.0, 0.5, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(found["value_start"], [0.25, 0.5, 1.0])
    np.testing.assert_allclose(found["accuracy"], [0.5, 0.5, 0.5])


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"estimator": "matchtir"}, {"predicted_calls": "environment", "reference_calls": "environment"}),
        ({"estimator": "matchtir", "reward.rule": "none"}, {}),
        ({"estimator": "igpo"}, {"logprob_truth": "truth", "truth_start": "truth"}),
        ({"estimator": "prorag"}, {"process_token": "spread", "process_reward": "progress"}),
        ({"estimator": "hicra"}, {"planning_token": "planning", "token_role": "segments"}),
        ({"estimator": "gdpo"}, {"rewards": "parts"}),
        ({"reward.rule": "capo"}, {"rewards": "environment"}),
        ({"reward.rule": "otc", "estimator": "riskpo"}, {"tool_calls": "environment", "bundle": "bundles"}),
        ({"estimator": "pure", "columns.process_reward": "environment"}, {"process_reward": "environment"}),
    ],
)
def test_sources__follow_method_and_rule(changes: dict[str, Any], found: dict[str, str]) -> None:
    assert sources(load_config(None, changes)) == found


def test_sources__continuations_need_branching() -> None:
    branching = {"rollout.branching": {"policy": "spo_chain"}}
    assert set(sources(load_config(None, {"estimator": "spo_chain", **branching})).values()) == {"probes"}
    with pytest.raises(MissingColumnError, match=r"'cut_token'.*rollout\.branching\.policy=spo_chain"):
        sources(TrainConfig(estimator="spo_chain"))
    with pytest.raises(MissingColumnError, match="the reward rule 'vsrm' needs the column 'accuracy'"):
        sources(load_config(None, {"reward.rule": "vsrm"}))


def test_config__the_answer_needs_its_place() -> None:
    with pytest.raises(ArgumentError, match=r"\{answer\}"):
        load_config(None, {"columns.answer": "the answer"})


def test_load_config__takes_tables_of_reward_options(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('estimator = "matchtir"\n[reward.options]\nmatching = "greedy"\n', encoding="utf-8")
    assert load_config(path, {}).reward.options == {"matching": "greedy"}
