"""Replay finds every alteration, names the turn, and accepts what is honest."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from agentgym import TextEnv, Trajectory, errors
from agentgym.agents import make_agent
from agentgym.cli.replay import replay as command
from agentgym.replay import Replayer, replay, replay_file, version_note
from agentgym.rollout import Episode, RunPlan, run
from agentgym.trajectory import write_trajectories
from tests.agentgym.tampering import EPISODE_FORGERIES, VICTIM, WANDERER, honest_run, play, with_step
from tests.toys import TOY_ID, CorridorEnv


@pytest.fixture(scope="module")
def honest() -> list[Trajectory]:
    return honest_run()


def _cli(path: Path, *options: str) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(path), *options])


def test_replay__accepts_honest_episodes(honest: list[Trajectory]) -> None:
    replayer = Replayer()
    assert [replayer.replay(t) for t in honest] == [None] * len(honest)
    assert [replayer.replay(t) for t in reversed(honest)] == [None] * len(honest), (
        "environments are used again"
    )


@pytest.mark.parametrize("kind", ["random", WANDERER, "oracle"])
def test_replay__accepts_every_agent_and_setting(kind: str) -> None:
    settings: tuple[dict[str, object], ...] = ({}, {"length": 4}, {"wind": 0.9, "max_steps": 5})
    episodes = [Episode(i, TOY_ID, seed=i, env_kwargs=settings[i % 3]) for i in range(30)]
    assert [replay(t) for t in play(episodes, kind)] == [None] * 30


@pytest.mark.parametrize("forge", EPISODE_FORGERIES.values(), ids=EPISODE_FORGERIES.keys())
def test_replay__finds_what_was_forged(
    honest: list[Trajectory], forge: Callable[[Trajectory], Trajectory]
) -> None:
    forged = Trajectory.from_json(
        forge(honest[VICTIM]).to_json()
    )  # the chain is whole: the reader sees nothing
    difference = replay(forged)
    assert difference is not None
    assert difference.episode == VICTIM


def test_tampering__has_a_victim_that_failed(honest: list[Trajectory]) -> None:
    assert (
        not honest[VICTIM].success and honest[VICTIM].steps[-1].terminated and len(honest[VICTIM].steps) > 5
    )


@pytest.mark.parametrize("turn", [0, 1, 6])
@pytest.mark.parametrize(
    ("field", "value"),
    [("reward", 3.0), ("observation", "fog"), ("state", "x"), ("valid", False), ("score", 0.5)],
)
def test_replay__names_turn_and_field(honest: list[Trajectory], turn: int, field: str, value: object) -> None:
    difference = replay(with_step(honest[VICTIM], turn, **{field: value}))
    assert difference is not None
    assert (difference.turn, difference.field, difference.recorded) == (turn, field, value)


def test_replay__names_where_the_recording_stops_or_goes_on(honest: list[Trajectory]) -> None:
    cut, long = EPISODE_FORGERIES["turns cut off"], EPISODE_FORGERIES["extra turn after the end"]
    turns = len(honest[VICTIM].steps)
    early, late = replay(cut(honest[VICTIM])), replay(long(honest[VICTIM]))
    assert early is not None and (early.field, early.turn) == ("end", turns - 1)
    assert late is not None and (late.field, late.turn) == ("end", turns)


def test_replay__need_not_know_whether_the_seed_drew_the_task() -> None:
    drawn = play([Episode(0, TOY_ID, seed=0)])[0]
    assert replay(drawn) is None
    named = play([Episode(0, TOY_ID, seed=0, task=drawn.task_id)])[0]
    assert named.without_timing() == drawn.without_timing()


def test_replay__goes_as_far_as_an_errored_episode_went(honest: list[Trajectory]) -> None:
    steps = honest[VICTIM].steps
    broken = replace(
        honest[VICTIM], steps=steps[:2], final_observation=steps[2].observation, error="agent: OSError: gone"
    )
    assert replay(broken) is None
    assert replay(replace(broken, steps=(), final_observation=steps[0].observation)) is None
    assert replay(with_step(broken, 1, reward=1.0)) is not None


def test_replay__reports_an_environment_that_raises(
    honest: list[Trajectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(self: TextEnv, action: str) -> None:
        raise RuntimeError("rotten floor")

    monkeypatch.setattr(CorridorEnv, "_act", raising)
    difference = replay(honest[0])
    assert difference is not None
    assert (difference.turn, difference.field) == (0, "step")
    assert "rotten floor" in str(difference)


def test_replay__treats_actions_as_text_alone() -> None:
    hostile = "__import__('os')._exit(3); DROP TABLE; \x1b[2J; {0.__class__}"
    episode = play([Episode(0, TOY_ID, seed=0, task="test/2-west", env_kwargs={"max_steps": 1})])[0]
    difference = replay(with_step(episode, 0, action=hostile))
    assert difference is not None and difference.field in ("valid", "final_observation", "progress")


def test_replayer__keeps_few_environments_open(honest: list[Trajectory]) -> None:
    replayer = Replayer(keep=2)
    for wind in range(5):
        replayer.replay(replace(honest[0], env_kwargs={"wind": wind / 10}))
    assert len(replayer._envs) <= 2


def test_version_note__speaks_up_for_another_version(honest: list[Trajectory]) -> None:
    assert version_note(honest[0]) is None
    note = version_note(replace(honest[0], package="0.0.1"))
    assert note is not None and "0.0.1" in note


def test_command__says_that_a_run_reproduces(tmp_path: Path) -> None:
    plan = RunPlan("random", 0, [Episode(i, TOY_ID, seed=i) for i in range(4)])
    run(plan, make_agent("random"), tmp_path)
    told = _cli(tmp_path)
    assert told.exit_code == 0 and "4 of 4 episodes equal" in told.stdout
    assert json.loads(_cli(tmp_path, "--json").stdout)["ok"] is True


def test_command__names_episode_and_turn_of_a_forgery(tmp_path: Path, honest: list[Trajectory]) -> None:
    path = tmp_path / "forged.jsonl"
    write_trajectories(path, [with_step(t, 1, reward=7.5) if t.episode == VICTIM else t for t in honest])
    told = _cli(path)
    assert told.exit_code == 1
    assert f"line {VICTIM + 1}: episode {VICTIM}, turn 1: reward is 7.5" in told.stdout
    record = json.loads(_cli(path, "--json").stdout)
    assert [(d["episode"], d["turn"], d["field"]) for d in record["differences"]] == [(VICTIM, 1, "reward")]


def test_command__names_line_and_turn_of_a_broken_chain(tmp_path: Path, honest: list[Trajectory]) -> None:
    path = tmp_path / "edited.jsonl"
    write_trajectories(path, honest)
    lines = path.read_text(encoding="ascii").splitlines()
    record = json.loads(lines[VICTIM])
    record["turns"][1]["reward"] = 7.5
    lines[VICTIM] = json.dumps(record)
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    told = _cli(path)
    assert told.exit_code == 1
    assert f"edited.jsonl:{VICTIM + 1}: " in told.stdout and "turn 1" in told.stdout


@pytest.mark.parametrize("field", ["seed", "task_id", "agent", "env_kwargs", "episode", "package"])
def test_command__finds_a_header_edited_without_its_chain(
    tmp_path: Path, honest: list[Trajectory], field: str
) -> None:
    record = json.loads(honest[0].to_json())
    record[field] = {"wind": 0.0} if field == "env_kwargs" else 7 if field in ("seed", "episode") else "other"
    path = tmp_path / "edited.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="ascii")
    told = _cli(path)
    assert told.exit_code == 1 and "the header" in told.stdout


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"\xff\xfe\n", b"[1, 2\n", b'{"schema": "agentgym.trajectory/1"']
)
def test_command__fails_on_what_is_no_recording(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(content)
    assert _cli(path).exit_code == 1


def test_command__prints_strangers_text_inert(tmp_path: Path, honest: list[Trajectory]) -> None:
    path = tmp_path / "loud.jsonl"
    write_trajectories(path, [replace(honest[0], final_observation="\x1b[31m[red]boo\x07\u202e\ud800")])
    told = _cli(path)
    assert told.exit_code == 1 and "[red]boo" in told.stdout
    assert not set("\x1b\x07\u202e") & set(told.stdout)


def test_replay_file__names_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.DataError, match="no file"):
        replay_file(tmp_path)
