"""The command line: every command answers --help with an example, and mistakes are one clear line."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import tests.toys
from agentgym.cli import commands
from agentgym.cli.commands import COMMANDS
from agentgym.cli.main import build_app
from agentgym.cli.options import agent_options_of, parse_options
from agentgym.errors import ArgumentError, DataError, UnknownNameError
from tests.agentgym.rollout.faulty import FAULTY_ID

_TOY = tests.toys.TOY_ID


def _run(*arguments: str, text: str | None = None) -> str:
    result = CliRunner().invoke(build_app(), list(arguments), input=text, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_help__shows_an_example(name: str) -> None:
    command = typer.main.get_command(build_app()).commands[name]  # type: ignore[attr-defined]
    for words in [[name, inner] for inner in getattr(command, "commands", ())] or [[name]]:
        assert "Example: " in _run(*words, "--help"), words


def test_version__is_that_of_the_package() -> None:
    import agentgym

    assert _run("--version").strip() == agentgym.__version__


def test_envs__lists_ids_and_tasks() -> None:
    rows = {row["id"]: row for row in json.loads(_run("envs", "--json"))}
    assert rows["agentgym/SokobanSmall-v0"]["options"]["boxes"] == 1
    assert rows["agentgym/SokobanSmall-v0"]["about"]
    assert set(rows["agentgym/Sokoban-v0"]["tasks"]) == {"train", "validation", "test"}


def test_check__takes_a_name_without_its_namespace() -> None:
    assert json.loads(_run("check", "ToyCorridor-v0", "--quick", "--json"))["ok"] is True


def test_play__a_person_plays_an_episode() -> None:
    output = _run("play", _TOY, "--task", "train/4-east", "--option", "wind=0.0", text="go east\n" * 5)
    assert "You can: " in output
    assert "Solved in 2 steps" in output


def test_play__the_end_of_input_stops_without_a_trace() -> None:
    assert "Stopped." in _run("play", _TOY, text="wait\n")


def test_play__shows_an_agent() -> None:
    output = _run("play", "ToyCorridor-v0", "--agent", "oracle", "--seed", "3")
    assert "> go" in output
    assert "Solved" in output


def test_rollout__writes_a_run_and_reports_it(tmp_path: Path) -> None:
    arguments = ["rollout", "--env", _TOY, "--agent", "oracle", "--episodes", "5", "--out", str(tmp_path)]
    first = json.loads(_run(*arguments, "--json"))
    assert first["episodes"] == 5
    assert first["success"] == 1.0
    assert first["errors"] == []
    assert len((tmp_path / "trajectories.jsonl").read_bytes().splitlines()) == 5
    assert json.loads(_run(*arguments, "--json")) == first


def test_rollout__isolates_environments_as_eval_does(tmp_path: Path) -> None:
    arguments = ["rollout", "--env", FAULTY_ID, "--episodes", "3", "--seed", "4", "--json"]
    arguments += ["--step-limit", "20", "--retries", "1", "--env-option", "fault=die"]
    once = f"marks={tmp_path / 'marks'}"
    (tmp_path / "marks").mkdir()
    healed = json.loads(_run(*arguments, "--env-option", once, "--out", str(tmp_path / "healed")))
    assert healed["errors"] == []
    assert list((tmp_path / "marks").iterdir()), "nothing died"
    broken = json.loads(_run(*arguments, "--out", str(tmp_path / "broken")))
    assert broken["errors"], "an environment that keeps dying went unnoticed"


def test_options__come_from_a_file_and_single_ones_over_it(tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_text("temperature = 0.5\nhistory = 3\n")
    found = agent_options_of(tmp_path / "agent.toml", ["history=4"])
    assert found == {"temperature": 0.5, "history": 4}
    (tmp_path / "agent.toml").write_text("temperature = ")
    with pytest.raises(ArgumentError, match="no readable TOML"):
        agent_options_of(tmp_path / "agent.toml", [])


def test_rollout__refuses_another_run_in_the_folder(tmp_path: Path) -> None:
    _run("rollout", "--env", _TOY, "--episodes", "2", "--out", str(tmp_path))
    with pytest.raises(ArgumentError, match="episodes differ"):
        _run("rollout", "--env", _TOY, "--episodes", "3", "--out", str(tmp_path))


def test_data__says_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTGYM_DATA", str(tmp_path))
    assert not json.loads(_run("data", "list", "--json"))[0]["present"]
    with pytest.raises(DataError, match="does not exist"):
        _run("data", "path", "boxoban")
    (tmp_path / "boxoban").mkdir()
    assert _run("data", "path", "boxoban").strip() == str(tmp_path / "boxoban")
    with pytest.raises(UnknownNameError, match="boxoban"):
        _run("data", "path", "boxobam")
    monkeypatch.delenv("AGENTGYM_DATA")
    with pytest.raises(ArgumentError, match="AGENTGYM_DATA"):
        _run("data", "path", "boxoban")


def test_doctor__reports_versions() -> None:
    report = json.loads(_run("doctor", "--json"))
    assert report["packages"]["gymnasium"]
    assert report["environments"] >= 3


def test_doctor__runs_the_checkups_of_other_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentgym.cli.doctor.CHECKUPS", {"version": "platform:python_version"})
    assert json.loads(_run("doctor", "--json"))["version"] == platform.python_version()


def test_register_checkup__joins_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "CHECKUPS", {})
    commands.register_checkup("version", "platform:python_version")
    assert commands.CHECKUPS == {"version": "platform:python_version"}


def test_options__are_toml_or_plain_text() -> None:
    parsed = parse_options(["a=1", "b=0.5", "c=true", "d=[1, 2]", "e=some text", "f=x=y", 'g="1"'])
    assert parsed == {"a": 1, "b": 0.5, "c": True, "d": [1, 2], "e": "some text", "f": "x=y", "g": "1"}
    with pytest.raises(ArgumentError, match="name=value"):
        parse_options(["alone"])


@pytest.mark.parametrize("value", ["nan", "-inf", "[1, inf]", "2026-01-31"])
def test_options__what_json_cannot_hold_is_refused(tmp_path: Path, value: str) -> None:
    (tmp_path / "agent.toml").write_text(f"temperature = {value}\n")
    for path, pairs in ((None, [f"temperature={value}"]), (tmp_path / "agent.toml", [])):
        with pytest.raises(ArgumentError, match=r"The option temperature is .*, which JSON cannot hold"):
            agent_options_of(path, pairs)


def test_main__a_mistake_is_one_line_and_status_2() -> None:
    command = [sys.executable, "-m", "agentgym", "rollout", "--env", "Sokobann-v0", "--out", "/nowhere"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "no environment named 'agentgym/Sokobann-v0'. Did you mean" in result.stderr
    assert result.stderr.count("\n") == 1
