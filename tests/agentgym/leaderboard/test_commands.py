"""The walk that a submitter takes on the command line: run, verify, submit, verify again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentgym.cli.leaderboard import app
from agentgym.evaluation import load_suite
from agentgym.leaderboard import open_store, read_bundle
from tests.agentgym.leaderboard.forgers import step
from tests.agentgym.leaderboard.forging import Case
from tests.toys import TOY_ID

TOML = f'name = "toy"\nversion = 1\n[[settings]]\nenv = "{TOY_ID}"\ntasks = 5\nmax_tokens = 64\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "toy.toml").write_text(TOML)
    (tmp_path / "card.md").write_text("# A talker\n")
    (tmp_path / "metrics.jsonl").write_text('{"episodes": 8, "success": 0.5}\n')
    monkeypatch.setenv("AGENTGYM_LEADERBOARDS", str(tmp_path))
    monkeypatch.setenv("AGENTGYM_STORE", str(tmp_path / "board.sqlite"))
    return tmp_path


def _told(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, done.output
    return done.stdout


def test_commands__run_verify_submit_verify(folder: Path) -> None:
    out, file = str(folder / "r"), str(folder / "r" / "submission.jsonl.zst")
    words = ["--name", "talker", "--card", str(folder / "card.md"), "--curve", str(folder)]
    assert file in _told("run", "toy", "--agent", "talker:1", "--out", out, *words).replace("\n", "")
    header = read_bundle(Path(file)).header
    assert (header.name, header.card) == ("talker", "# A talker\n")
    assert header.curve is not None and header.curve.points == ((8.0, 0.5),)
    assert json.loads(_told("verify", file, "--json"))["ok"]
    assert "talker is number 1 of toy v1" in _told("submit", file)
    assert "all 5 episodes reproduce" in _told("verify", "1")
    assert "talker" in _told("show", "toy")


def test_commands__tell_the_fault_of_a_forged_file(folder: Path) -> None:
    _told("run", "toy", "--agent", "talker:1", "--out", str(folder / "r"))
    honest = read_bundle(folder / "r" / "submission.jsonl.zst")
    case = Case(load_suite("toy").frozen(), tuple(honest.trajectories()))
    (folder / "forged.jsonl.zst").write_bytes(step(1, reward=9.0)(case))
    found = json.loads(_told("verify", str(folder / "forged.jsonl.zst"), "--json", status=1))
    assert (found["ok"], found["episode"], found["turn"]) == (False, 4, 1)
    assert open_store(str(folder / "board.sqlite")).ids() == []


def test_commands__submit_of_a_folder_keeps_what_was_said_when_it_was_played(folder: Path) -> None:
    out = str(folder / "r")
    _told("run", "toy", "--agent", "talker:1", "--out", out, "--name", "a talker")
    assert "a talker is number 1 of toy v1" in _told("submit", out)
    again = ["--name", "another", "--store", str(folder / "second.sqlite")]
    assert "another is number 1 of toy v1" in _told("submit", out, *again)
