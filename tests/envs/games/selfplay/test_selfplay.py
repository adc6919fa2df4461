"""Self-play in training: seats, roles and groups; the league; exact resume; measures on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import ArgumentError
from agentgym.hashing import derive_seed
from agentgym.replay import replay
from agentgym.trajectory import Trajectory

pytest.importorskip("torch", reason="the extra train is not installed")
pytest.importorskip("pyspiel", reason="the extra games is not installed")

from baselines.trainer import TrainConfig, load_config, train
from baselines.trainer.config import CloneConfig, NanoConfig, RolloutConfig, UpdateConfig
from baselines.trainer.groups import Group, play_of
from baselines.trainer.league import SelfPlayConfig
from baselines.trainer.policy import Policy
from baselines.trainer.selfplay import SelfPlay

_KUHN, _HUNT = "agentgym/KuhnPoker-v0", "agentgym/Ultimatum-v0"
_TINY = TrainConfig(
    estimator="mars",
    estimator_options={"whiten_rewards": "none"},
    env_options={"show_legal": False, "on_illegal": "random"},  # so that both seats always act
    updates=4,
    checkpoint_every=2,
    nano=NanoConfig(hidden=32, layers=1, heads=2, vocabulary=320, boilerplate=0.01),
    clone=CloneConfig(episodes=60, noise=1.0, epochs=2, batch=32, learning_rate=1e-2),
    rollout=RolloutConfig(groups=6, group_size=2, max_new_tokens=6, slots=8),
    update=UpdateConfig(learning_rate=3e-3),
    selfplay=SelfPlayConfig(envs=[_KUHN, _HUNT], league_every=1, league_size=2, league_share=0.5),
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows the rules."""
    out = tmp_path_factory.mktemp("start")
    train(replace(_TINY, updates=0), out, device="cpu")
    return out / "model"


def _groups(n: int, size: int = 2) -> list[Group]:
    return [Group(k, derive_seed(9, k), size) for k in range(n)]


def _selfplay(start: Path, **changes: Any) -> SelfPlay:
    config = replace(_TINY, selfplay=replace(_TINY.selfplay, **changes))
    return SelfPlay(Policy(start, config, device="cpu"))


def test_selfplay__both_seats_of_a_deal_are_episodes_that_execute_again(start: Path) -> None:
    played = _selfplay(start).play(_groups(8), noise=3)
    trajectories = [t for group in played for t in group.trajectories]
    assert {t.seat for t in trajectories} == {0, 1}
    assert {t.env_id for t in trajectories} == {_KUHN, _HUNT}
    for group in played:
        assert len({t.task_id for t in group.trajectories}) == 1, "a group is one deal"
        assert len({(t.group, t.seat) for t in group.trajectories}) == len(
            {t.group for t in group.trajectories}
        )
    for t in trajectories:
        assert replay(Trajectory.from_json(t.to_json())) is None
        assert all(step.decision.token_ids is not None for step in t.steps)
    assert len({t.episode for t in trajectories}) == len(trajectories)
    kuhn = [t for t in trajectories if t.env_id == _KUHN]
    pairs = [(a, b) for a in kuhn for b in kuhn if a.episode + 1 == b.episode and a.episode % 16 == 0]
    assert pairs
    assert all(a.total_reward == -b.total_reward for a, b in pairs)


def test_selfplay__what_is_played_does_not_depend_on_the_slots(start: Path) -> None:
    def actions(slots: int) -> list[list[str]]:
        config = replace(_TINY, rollout=replace(_TINY.rollout, slots=slots))
        played = SelfPlay(Policy(start, config, device="cpu")).play(_groups(6), noise=3)
        return [[s.decision.action for s in t.steps] for group in played for t in group.trajectories]

    assert actions(1) == actions(64)


def test_selfplay__roles_tell_seats_and_games_apart(start: Path) -> None:
    selfplay = _selfplay(start)
    plain = play_of(selfplay.play(_groups(8), noise=3))
    assert set(plain.batch.agent.tolist()) == {0, 1}, "by itself, the seat"
    play = selfplay.roles(plain)
    found = {
        (t.env_id, t.seat): set(play.batch.agent[play.batch.episode == k].tolist())
        for k, t in enumerate(play.trajectories)
    }
    assert found == {(_KUHN, 0): {0}, (_KUHN, 1): {1}, (_HUNT, 0): {16}, (_HUNT, 1): {17}}


def test_league__past_selves_hold_a_seat_and_are_not_trained(start: Path) -> None:
    selfplay = _selfplay(start, envs=[_KUHN], league_share=1.0)
    assert {t.seat for g in selfplay.play(_groups(4), noise=1) for t in g.trajectories} == {0, 1}
    for updates in (1, 2, 3):
        selfplay.after(updates)
    assert list(selfplay.state_dict()) == ["2", "3"], "the oldest leaves"
    for group in selfplay.play(_groups(8), noise=1):
        assert len({t.seat for t in group.trajectories}) <= 1, "one seat is the policy's"


def test_league__a_member_stays_what_it_was(start: Path) -> None:
    selfplay = _selfplay(start)
    selfplay.after(1)
    before = {name: p.clone() for name, p in selfplay.state_dict()["1"].items()}
    for _, weights in selfplay._policy.trained():
        weights.data += 1.0
    after = selfplay.state_dict()["1"]
    assert all(bool((before[name] == after[name]).all()) for name in before)
    assert not any(p.requires_grad for p in after.values())


def test_selfplay__a_killed_run_goes_on_bit_by_bit_league_included(start: Path, tmp_path: Path) -> None:
    config = replace(_TINY, model=str(start), clone=CloneConfig())
    whole = train(config, tmp_path / "whole", device="cpu")
    train(replace(config, updates=2), tmp_path / "halves", device="cpu")
    halves = train(config, tmp_path / "halves", device="cpu")
    timeless = [
        [{k: v for k, v in r.items() if not k.endswith("_s")} for r in run] for run in (whole, halves)
    ]
    assert timeless[0] == timeless[1]
    files = [
        {f.name: f.read_bytes() for f in (tmp_path / run / "checkpoints" / "000004").iterdir()}
        for run in ("whole", "halves")
    ]
    assert files[0] == files[1]
    assert set(json.loads(files[0]["memory.json"])["league"]) == {"3", "4"}


def test_selfplay__measures_itself_and_nobody_wins_what_nobody_lost(start: Path, tmp_path: Path) -> None:
    selfplay = SelfPlayConfig(envs=[_KUHN], measured=[_KUHN])
    config = replace(
        _TINY, model=str(start), clone=CloneConfig(), updates=3, checkpoint_every=2, selfplay=selfplay,
        rollout=replace(_TINY.rollout, groups=8, group_size=4),
    )  # fmt: skip
    records = train(config, tmp_path, device="cpu")
    assert [r["update"] for r in records if "exploitability KuhnPoker" in r] == [1, 3]
    assert all(r["return KuhnPoker 0"] == pytest.approx(-r["return KuhnPoker 1"]) for r in records)


def test_config__of_self_play_is_read_and_checked() -> None:
    config = load_config(Path(__file__).parents[4] / "baselines" / "configs" / "selfplay.toml", {})
    assert config.played == config.selfplay.envs
    assert len(config.played) == 3
    with pytest.raises(ArgumentError, match="league_share"):
        load_config(None, {"selfplay.league_share": 1.5})
    with pytest.raises(ArgumentError, match="league_size"):
        load_config(None, {"selfplay.league_size": 0})
