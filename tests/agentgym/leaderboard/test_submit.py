"""Submitting: only whole runs of the suite, each once, under words that can be shown."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentgym import errors
from agentgym.agents import make_agent
from agentgym.evaluation import ExpandedSuite
from agentgym.leaderboard import (
    bundle_of_run,
    check_stored,
    open_store,
    pack,
    read_curve,
    submit,
    submit_bundle,
    unpack,
)
from agentgym.leaderboard.running import run_suite
from agentgym.leaderboard.store import Store
from agentgym.leaderboard.submit import FILE
from agentgym.rollout import PLAN_FILE, TRAJECTORY_FILE, Episode, RunPlan, load_run, run
from agentgym.trajectory import write_trajectories
from tests.agentgym.leaderboard.forging import header_of
from tests.agentgym.leaderboard.talker import TALKER
from tests.agentgym.tampering import EPISODE_FORGERIES, VICTIM, WANDERER
from tests.toys import TOY_ID


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "board.sqlite"))


@pytest.fixture
def copy(tmp_path: Path, honest_run: Path) -> Path:
    """Copy an honest run, to be spoilt."""
    return Path(shutil.copytree(honest_run, tmp_path / "run"))


def test_submit__credits_what_the_run_earned(store: Store, honest_run: Path, suite: ExpandedSuite) -> None:
    entry = submit(honest_run, store, suite=suite)
    played = load_run(honest_run)[1]
    assert entry.metrics.success.value == sum(t.success for t in played) / 24
    assert (entry.id, entry.name, entry.agent, entry.status) == (1, WANDERER, WANDERER, "verified")
    assert entry.header.record["agent"] == {"spec": WANDERER, "options": "{}"}


def test_submit__takes_a_file_as_it_takes_its_run(
    store: Store, tmp_path: Path, honest_run: Path, suite: ExpandedSuite
) -> None:
    words = {"name": "a walk", "description": "It walks.", "card": "# Card"}
    (tmp_path / "x.jsonl.zst").write_bytes(bundle_of_run(honest_run, suite=suite, **words))
    entry = submit(tmp_path / "x.jsonl.zst", store, suite=suite)
    header = entry.header
    assert (header.name, header.description, header.card) == ("a walk", "It walks.", "# Card")
    assert b"".join(store.file(1)) == (tmp_path / "x.jsonl.zst").read_bytes()
    with pytest.raises(errors.ArgumentError, match="already submitted"):
        submit(honest_run, store, suite=suite)
    with pytest.raises(errors.ArgumentError, match="says itself who it is"):
        submit(tmp_path / "x.jsonl.zst", store, suite=suite, name="else")


def test_submit__refuses_the_same_episodes_again(store: Store, copy: Path, suite: ExpandedSuite) -> None:
    submit(copy, store, suite=suite)
    slower = [replace(t, model_s=t.model_s + 1) for t in load_run(copy)[1]]
    write_trajectories(copy / TRAJECTORY_FILE, slower)
    with pytest.raises(errors.ArgumentError, match=r"already submitted.*as number 1"):
        submit(copy, store, suite=suite, name="another name")
    assert store.ids() == [1]


def test_submit__refuses_a_forged_run_and_stores_nothing(
    store: Store, copy: Path, suite: ExpandedSuite
) -> None:
    forge = EPISODE_FORGERIES["a whole winning end"]
    forged = [forge(t) if t.episode == VICTIM else t for t in load_run(copy)[1]]
    write_trajectories(copy / TRAJECTORY_FILE, forged)
    with pytest.raises(errors.ArgumentError, match=f"episode {VICTIM}, turn {len(forged[VICTIM].steps) - 1}"):
        submit(copy, store, suite=suite)
    assert store.ids() == []


def test_submit__refuses_a_run_with_a_lost_episode(store: Store, copy: Path, suite: ExpandedSuite) -> None:
    write_trajectories(copy / TRAJECTORY_FILE, load_run(copy)[1][:-1])
    with pytest.raises(errors.TrajectoryError, match="1 missing"):
        submit(copy, store, suite=suite)


def test_submit__refuses_a_plan_trimmed_to_what_went_well(
    store: Store, copy: Path, suite: ExpandedSuite
) -> None:
    won = [replace(t, episode=i) for i, t in enumerate(t for t in load_run(copy)[1] if t.success)]
    plan = json.loads((copy / PLAN_FILE).read_text())
    plan["episodes"] = plan["episodes"][: len(won)]
    (copy / PLAN_FILE).write_text(json.dumps(plan))
    write_trajectories(copy / TRAJECTORY_FILE, won)
    with pytest.raises(errors.ArgumentError, match="record says episodes = 24"):
        submit(copy, store, suite=suite)
    (copy / "result.json").unlink()
    with pytest.raises(errors.ArgumentError, match="rejected: episode"):
        submit(copy, store, suite=suite)


def test_submit__refuses_a_corrupt_line(store: Store, copy: Path, suite: ExpandedSuite) -> None:
    path = copy / TRAJECTORY_FILE
    path.write_bytes(path.read_bytes().replace(b'"reward":0.0', b'"reward":0.5', 1))
    with pytest.raises(errors.TrajectoryError, match="hash chain breaks at turn"):
        submit(copy, store, suite=suite)


def test_submit__refuses_a_run_that_was_made_for_no_suite(
    store: Store, tmp_path: Path, suite: ExpandedSuite
) -> None:
    run(RunPlan("random", 0, [Episode(0, TOY_ID, seed=0)]), make_agent("random"), tmp_path / "run")
    with pytest.raises(errors.ArgumentError, match="not made for a suite"):
        submit(tmp_path / "run", store, suite=suite)


def test_submit__refuses_a_run_of_another_version(
    store: Store, honest_run: Path, suite: ExpandedSuite
) -> None:
    with pytest.raises(errors.ArgumentError, match="evaluate again"):
        submit(honest_run, store, suite=replace(suite, version=2))


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 81, "a\x1b[31mb", "line\nbreak", "\u202edesrever", "\ud800"]
)
def test_submit__refuses_a_name_that_cannot_be_shown(
    store: Store, honest_run: Path, suite: ExpandedSuite, name: str
) -> None:
    with pytest.raises(errors.ArgumentError, match="cannot stand in a submission: name"):
        submit(honest_run, store, suite=suite, name=name)
    assert store.ids() == []


def test_submit__survives_hostile_text_in_episodes(store: Store, copy: Path, suite: ExpandedSuite) -> None:
    hostile = "\x1b]0;gone\x07[red]\ud800'; DROP TABLE submissions; --"
    loud = list(load_run(copy)[1])
    steps = loud[VICTIM].steps
    loud[VICTIM] = replace(
        loud[VICTIM], steps=steps[:1], final_observation=steps[1].observation, error="agent: " + hostile
    )
    write_trajectories(copy / TRAJECTORY_FILE, loud)
    entry = submit(copy, store, suite=suite)
    assert entry.metrics.errored[0].error.startswith("agent: \x1b]0;gone")


def test_submit__holds_repeated_words_against_a_stranger_alone(
    store: Store, make_run: Callable[..., Path], suite: ExpandedSuite
) -> None:
    first = unpack(bundle_of_run(make_run(TALKER), suite=suite))
    submit_bundle(first, store, suite=suite, owner="ann")
    run = [replace(t, agent="talker:9") for t in first.trajectories()]
    run[-1] = replace(run[-1], error="agent: gone", steps=run[-1].steps[:-1],
                      final_observation=run[-1].steps[-1].observation)  # fmt: skip
    stolen = unpack(pack(header_of(suite, "talker:9"), run))
    verdict, submission = submit_bundle(stolen, store, suite=suite, owner="bob")
    assert submission is None and "the very words of entry 1, talker:1," in str(verdict)
    verdict, submission = submit_bundle(stolen, store, suite=suite, owner="ann")
    assert verdict.ok and submission is not None and submission.id == 2


def test_check_stored__keeps_a_moderators_word(store: Store, honest_run: Path, suite: ExpandedSuite) -> None:
    submit(honest_run, store, suite=suite)
    assert check_stored(store, 1).ok and store.summary(1).status == "verified"
    store.set_status(1, "flagged", "looks odd")
    assert check_stored(store, 1).ok and store.summary(1).status == "flagged"


def test_run_suite__writes_a_file_that_holds_and_resumes(tmp_path: Path, suite: ExpandedSuite) -> None:
    result, file = run_suite(suite, TALKER, tmp_path / "r", words={"name": "talker"}, baselines=False)
    assert file == tmp_path / "r" / FILE and result.rows["agent"].episodes == 24
    first = file.read_bytes()
    assert run_suite(suite, TALKER, tmp_path / "r", words={"name": "talker"}, baselines=False)[1] == file
    assert file.read_bytes() == first


def test_run_suite__stops_where_the_suite_allows_no_more_tokens(tmp_path: Path, suite: ExpandedSuite) -> None:
    strict = replace(suite, rules=(replace(suite.rules[0], max_tokens=15),))
    with pytest.raises(errors.ArgumentError, match="16 tokens; the suite allows 15"):
        run_suite(strict, TALKER, tmp_path / "r", words={}, baselines=False)


def test_options_of_the_agent__are_part_of_a_submission(tmp_path: Path, suite: ExpandedSuite) -> None:
    options = {"fallback": "random"}
    _, file = run_suite(suite, "random", tmp_path / "r", words={}, baselines=False, seed=5)
    header = unpack(file.read_bytes()).header
    assert (header.agent.spec, header.agent.options, header.agent.seed) == ("random", {}, 5)
    plan = json.loads((tmp_path / "r" / PLAN_FILE).read_text())
    plan["labels"]["agent_options"] = json.dumps(options)
    (tmp_path / "r" / PLAN_FILE).write_text(json.dumps(plan))
    assert unpack(bundle_of_run(tmp_path / "r", suite=suite)).header.agent.options == options


def test_read_curve__reads_what_training_leaves(tmp_path: Path) -> None:
    lines = [{"update": i, "episodes": 8, "success": i / 2_000} for i in range(1_000)]
    (tmp_path / "metrics.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    curve = read_curve(tmp_path)
    assert (curve.metric, curve.unit, len(curve.points)) == ("success", "episodes", 500)
    assert curve.points[-1] == (8_000.0, 0.4995)
    with pytest.raises(errors.ArgumentError, match="has a number 'nothing'"):
        read_curve(tmp_path, "nothing")
    with pytest.raises(errors.ArgumentError, match="no metrics of a training run"):
        read_curve(tmp_path / "absent")
