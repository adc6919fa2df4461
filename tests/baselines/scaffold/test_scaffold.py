"""What `agentgym new` writes works, is tested, and is found where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentgym.errors import ArgumentError, UnknownNameError
from baselines.scaffold import KINDS, create

ROOT = Path(__file__).resolve().parents[3]


def run(*words: str, path: Path, at: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{path}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=at, env=environment, capture_output=True, text=True, check=False
    )


def install(project: Path, module: str, site: Path) -> None:
    """Leave the traces of `pip install -e`: the entry points of a distribution."""
    record = site / f"{module}-0.1.0.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 0.1.0\n")
    (record / "entry_points.txt").write_text(f"[agentgym.plugins]\n{module} = {module}\n")
    (site / module).symlink_to(project / module)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_scaffold__passes_its_own_tests_and_the_linter(kind: str, tmp_path: Path) -> None:
    if kind == "tool":
        pytest.importorskip("mcp", reason="needs the extra mcp")
    project = create(kind, f"try-{kind}", tmp_path)
    tested = run("-m", "pytest", "-q", "-p", "no:cacheprovider", path=project, at=project)
    assert tested.returncode == 0, tested.stdout
    for check in (("format", "--check"), ("check", "--select", "E,F,W,I,B,UP,SIM,RUF")):
        linted = run("-m", "ruff", *check, "--no-cache", ".", path=project, at=project)
        assert linted.returncode == 0, linted.stdout
    assert "<<" not in "".join(file.read_text() for file in project.rglob("*") if file.is_file())


def test_scaffold__is_found_where_it_is_installed(tmp_path: Path) -> None:
    install(create("env", "try-maze", tmp_path), "try_maze", tmp_path / "site")
    found = run("-c", "import agentgym; print(agentgym.env_ids())", path=tmp_path / "site", at=tmp_path)
    assert "agentgym/TryMaze-v0" in found.stdout, found.stderr


def test_plugin__that_breaks_is_left_out_with_a_warning(tmp_path: Path) -> None:
    project = create("env", "try-maze", tmp_path)
    (project / "try_maze" / "__init__.py").write_text("import a_module_that_is_not_there\n")
    install(project, "try_maze", tmp_path / "site")
    found = run("-c", "import agentgym; print(agentgym.env_ids())", path=tmp_path / "site", at=tmp_path)
    assert found.returncode == 0
    assert "SokobanSmall" in found.stdout
    assert "The plugin 'try_maze' (try_maze) cannot be imported" in found.stderr


@pytest.mark.parametrize("name", ["", "Maze", "maze_1", "../maze", "maze-", "class", "numpy", "x" * 41])
def test_scaffold__refuses_names_that_cannot_be_used(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError):
        create("env", name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_scaffold__leaves_what_is_there(tmp_path: Path) -> None:
    create("agent", "try-again", tmp_path)
    with pytest.raises(ArgumentError, match="already there"):
        create("agent", "try-again", tmp_path)
    with pytest.raises(UnknownNameError, match="env"):
        create("envs", "try-other", tmp_path)


def test_scaffold__says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ArgumentError, match="cannot be written"):
        create("env", "number-maze", tmp_path / "file")
