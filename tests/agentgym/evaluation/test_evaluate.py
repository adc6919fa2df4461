"""An evaluation stands between floor and ceiling, resumes after a kill, and prints strangers' text inert."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from agentgym import Decision, Trajectory, Turn, errors
from agentgym.agents import register_agent
from agentgym.cli.eval import evaluate as command
from agentgym.evaluation import EvalResult, Setting, Suite, evaluate, evaluate_suite, load_suite, outcomes
from agentgym.evaluation.evaluate import RESULT_FILE, plan_episodes
from agentgym.evaluation.report import render_result
from agentgym.rollout import load_run
from tests.agentgym.evaluation.test_suite import TOML
from tests.toys import TOY_ID


class Faulty:
    """Walks east, and raises on every third episode with a message that would paint the terminal."""

    spec = "faulty"
    wants_oracle = False

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        if any(turn.episode % 3 == 2 for turn in turns):
            raise ValueError("\x1b[31m[bold]no[/bold]\x07")
        return [Decision("go east") for _ in turns]


register_agent("faulty", "tests.agentgym.evaluation.test_evaluate:Faulty")


def _text(result: EvalResult, width: int = 80) -> str:
    console = Console(width=width, force_terminal=True, color_system=None, record=True)
    with console.capture() as capture:
        console.print(render_result(result))
    return capture.get()


def _cli(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, list(arguments))


def test_evaluate__puts_floor_and_ceiling_on_the_same_starts(tmp_path: Path) -> None:
    result = evaluate(TOY_ID, "random", episodes=40, seed=3, out=tmp_path)
    assert list(result.rows) == ["agent", "floor", "ceiling"]
    assert result.rows["ceiling"].success.value == 1.0
    assert result.rows["floor"] == result.rows["agent"], "the random agent is its own floor"
    assert result.versus["ceiling"].success.supported
    mine, ceiling = load_run(tmp_path)[1], load_run(tmp_path / "ceiling")[1]
    assert [o.start for o in outcomes(mine)] == [o.start for o in outcomes(ceiling)]


def test_evaluate__writes_what_it_returns(tmp_path: Path) -> None:
    result = evaluate(TOY_ID, "oracle", episodes=5, out=tmp_path)
    record = json.loads((tmp_path / RESULT_FILE).read_text(encoding="ascii"))
    assert record == json.loads(json.dumps(result.to_record()))
    assert record["title"] == f"{TOY_ID}, split test, 5 tasks, 5 episodes"
    assert list(tmp_path.glob("*.partial")) == []


def test_evaluate__needs_no_folder_and_no_baselines() -> None:
    result = evaluate(TOY_ID, "random", episodes=4, baselines=False, env_kwargs={"length": 4})
    assert list(result.rows) == ["agent"] and result.versus == {}


def test_evaluate__counts_errors_as_failures_and_lists_them() -> None:
    result = evaluate(TOY_ID, "faulty", episodes=9, env_kwargs={"wind": 0.0})
    metrics = result.rows["agent"]
    assert metrics.episodes == 9
    assert [e.episode for e in metrics.errored] == [2, 5, 8]
    assert metrics.success.value == pytest.approx(
        3 / 9
    )  # of 0, 1, 3, 4, 6, 7 the odd ones want the east door
    shown = _text(result)
    assert "3 of 9" in shown and "episode 5" in shown
    assert "\x1b" not in shown and "\x07" not in shown and "[bold]no[/bold]" in shown


def test_evaluate__goes_on_after_kill_minus_nine(tmp_path: Path) -> None:
    code = (
        "import os, signal, itertools; from pathlib import Path; import tests.toys;"
        "from agentgym.evaluation import evaluate; count = itertools.count();"
        "kill = lambda row, t: os.kill(os.getpid(), signal.SIGKILL) if next(count) == {} else None;"
        f"evaluate({TOY_ID!r}, 'random', episodes=30, out=Path({str(tmp_path)!r}), slots=4, watch=kill)"
    )
    for kill_after in (7, 45):  # within the agent's run; beyond it, among the repeats and the ceiling's
        killed = subprocess.run([sys.executable, "-c", code.format(kill_after)], check=False)
        assert killed.returncode == -9
        assert not (tmp_path / RESULT_FILE).exists()
    seen: Counter[str] = Counter()

    def watch(row: str, trajectory: Trajectory) -> None:
        seen[row] += 1

    resumed = evaluate(TOY_ID, "random", episodes=30, out=tmp_path, watch=watch)
    fresh = evaluate(TOY_ID, "random", episodes=30)
    assert seen == {"agent": 30, "floor": 30, "ceiling": 30}
    for row in ("agent", "ceiling"):
        for name in ("success", "score", "episode_return", "turns", "invalid_rate"):
            assert getattr(resumed.rows[row], name) == getattr(fresh.rows[row], name)


@pytest.mark.parametrize(("name", "value"), [("seed", 1), ("episodes", 6), ("split", "train")])
def test_evaluate__refuses_the_folder_of_another_evaluation(tmp_path: Path, name: str, value: object) -> None:
    evaluate(TOY_ID, "random", episodes=5, out=tmp_path)
    changed: dict[str, Any] = {"episodes": 5, name: value}
    with pytest.raises(errors.ArgumentError, match="another run"):
        evaluate(TOY_ID, "random", out=tmp_path, **changed)


def test_plan__begins_again_with_the_next_seed() -> None:
    planned = plan_episodes(TOY_ID, "test", 23, 5, {"length": 5})
    assert [e.seed for e in planned] == [5] * 10 + [6] * 10 + [7] * 3
    assert len({e.group for e in planned}) == 23
    assert planned[0].task == planned[10].task == planned[20].task


@pytest.mark.parametrize(
    ("arguments", "told"),
    [({"episodes": 0}, "at least 1"), ({"split": "tset"}, "'test'"), ({"seed": -1}, "negative")],
)
def test_evaluate__says_which_argument_is_wrong(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(errors.ArgumentError, match=told):
        evaluate(TOY_ID, "random", **arguments)


def test_evaluate_suite__labels_the_run_with_the_suite(tmp_path: Path) -> None:
    path = tmp_path / "toy.toml"
    path.write_text(TOML, encoding="utf-8")
    suite = load_suite(str(path)).expand()
    evaluate_suite(suite, "oracle", out=tmp_path / "run")
    for folder in ("run", "run/floor"):
        plan, played = load_run(tmp_path / folder)
        assert plan.labels["suite_hash"] == suite.hash
        assert [t.task_id for t in played] == [e.task for e in suite.episodes]


def test_evaluate_suite__tells_environments_and_repeats_apart() -> None:
    settings = [
        Setting(env=TOY_ID, tasks=3, repeats=3),
        Setting(env="agentgym/SokobanSmall-v0", tasks=2, repeats=3),
    ]
    result = evaluate_suite(Suite(name="two", version=1, settings=settings), "random")
    assert list(result.parts["ceiling"]) == [TOY_ID, "agentgym/SokobanSmall-v0"]
    assert result.repeats["ceiling"] == {"pass^3": 1.0, "pass@3": 1.0, "flip rate": 0.0, "noise floor": 0.0}
    assert 0 < result.repeats["agent"]["flip rate"] < 1
    shown = _text(result)
    for word in ("SokobanSmall-v0", "ToyCorridor-v0", "pass^3", "flip rate"):
        assert word in shown
    alone = evaluate(TOY_ID, "random", episodes=3, baselines=False)
    assert alone.parts == {} and alone.repeats == {}


def test_command__shows_three_columns_with_intervals() -> None:
    ran = _cli("--env", "ToyCorridor-v0", "--agent", "random", "--episodes", "12")
    assert ran.exit_code == 0, ran.output
    for word in ("random floor", "oracle ceiling", "split test", "12 tasks", "invalid actions", ".."):
        assert word in ran.stdout


def test_command__speaks_json() -> None:
    ran = _cli("--env", TOY_ID, "--agent", "oracle", "--episodes", "3", "--no-baselines", "--json")
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["rows"]["agent"]["success"]["value"] == 1.0


def test_command__passes_options_on() -> None:
    ran = _cli("--env", TOY_ID, "--agent", "oracle", "--episodes", "3", "--env-option", "wind=0", "--json")
    assert json.loads(ran.stdout)["rows"]["agent"]["episodes"] == 3
    wrong = _cli("--env", TOY_ID, "--agent", "oracle", "--option", "temperature=0")
    assert isinstance(wrong.exception, errors.ArgumentError)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--env", TOY_ID, "--suite", "smoke"),
        ("--suite", "smoke", "--split", "train"),
        ("--suite", "nosuch"),
    ],
)
def test_command__rejects_what_does_not_fit_together(arguments: tuple[str, ...]) -> None:
    assert isinstance(_cli("--agent", "random", *arguments).exception, errors.ArgumentError)
