"""A stranger that is called `envs` or `baselines` is named, with the command that mends it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[2]
_ELSEWHERE = Path(__file__).resolve().parent  # a current folder that holds no package of ours


def _import_agentgym(
    *, path: tuple[Path, ...] = (), cwd: Path = _ELSEWHERE, python: str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-c", "import agentgym; print(agentgym.env_ids())"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), **variables},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def _stranger(folder: Path, name: str, code: str = "") -> Path:
    package = folder / name
    package.mkdir(parents=True)
    origin = package / "__init__.py"
    origin.write_text(code, encoding="utf-8")
    return origin


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stdout
    return done.stderr.strip().splitlines()[-1]


def test_siblings__ours_are_imported() -> None:
    done = _import_agentgym()
    assert done.returncode == 0, done.stderr
    assert "agentgym/Sokoban-v0" in done.stdout


@pytest.mark.parametrize("name", ["envs", "baselines"])
def test_siblings__installed_stranger_is_named_with_the_command(tmp_path: Path, name: str) -> None:
    origin = _stranger(tmp_path / "site-packages", name)
    told = _last_line(_import_agentgym(path=(tmp_path / "site-packages",)))
    assert told == (
        f"ImportError: The package {name!r} at {origin} belongs to another project and hides AgentGym's own. "
        f"Mend it with: pip uninstall -y {name} && pip install --force-reinstall --no-deps -e . "
        "in a checkout of AgentGym."
    )


def test_siblings__stranger_is_not_executed(tmp_path: Path) -> None:
    _stranger(tmp_path, "envs", "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n")
    assert "belongs to another project" in _last_line(_import_agentgym(path=(tmp_path,)))
    assert not (tmp_path / "envs" / "ran").exists()


def test_siblings__stranger_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    origin = _stranger(tmp_path, "envs", "import a_module_of_2016\n")
    assert f"'envs' at {origin} belongs to another project" in _last_line(_import_agentgym(path=(tmp_path,)))


def test_siblings__local_folder_is_not_to_be_uninstalled(tmp_path: Path) -> None:
    _stranger(tmp_path, "envs")
    told = _last_line(_import_agentgym(cwd=tmp_path))
    assert "pip uninstall" not in told
    assert "PYTHONSAFEPATH=1" in told and told.endswith(str(tmp_path))
    assert _import_agentgym(cwd=tmp_path, PYTHONSAFEPATH="1").returncode == 0  # what it says helps


def test_siblings__single_file_module_is_named(tmp_path: Path) -> None:
    (tmp_path / "envs.py").write_text("x = 1\n", encoding="utf-8")
    told = _last_line(_import_agentgym(path=(tmp_path,)))
    assert f"{tmp_path / 'envs.py'} belongs to another project" in told
    assert told.endswith(f"off PYTHONPATH: {tmp_path}")


def test_siblings__folder_without_init_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "envs").mkdir()
    assert _import_agentgym(path=(tmp_path,)).returncode == 0


def test_siblings__stranger_imported_before_is_named(tmp_path: Path) -> None:
    origin = _stranger(tmp_path, "envs")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import envs; sys.path.pop(0); import agentgym"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"'envs' at {origin} belongs to another project" in _last_line(done)


def test_siblings__module_made_by_hand_is_named() -> None:
    code = "import sys, types; sys.modules['envs'] = types.ModuleType('envs'); import agentgym"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "'envs' at an unknown place belongs to another project" in _last_line(done)


def test_siblings__missing_package_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "agentgym").symlink_to(_REPOSITORY / "agentgym")
    without_ours = f"[p for p in sys.path if p not in ('', {str(_REPOSITORY)!r})]"
    code = f"import sys; sys.path = [{str(tmp_path)!r}] + {without_ours}; import agentgym"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    told = _last_line(done)
    assert "needs its sibling package 'envs', which is not importable" in told
    assert "pip install -e ." in told


def test_siblings__fault_of_our_own_is_not_blamed_on_a_stranger(tmp_path: Path) -> None:
    _stranger(tmp_path, "envs", '__suite__ = "agentgym"\nimport a_missing_dependency\n')
    assert "No module named 'a_missing_dependency'" in _last_line(_import_agentgym(path=(tmp_path,)))


@pytest.mark.slow
def test_siblings__package_envs_of_the_index_is_named(tmp_path: Path) -> None:
    """Install the unrelated `envs` beside ours, in a scratch environment."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), "envs"]
    installed = subprocess.run(pip, capture_output=True, text=True, check=False)
    if installed.returncode != 0:
        pytest.skip(f"the package index is not reachable: {installed.stderr.strip()[-200:]}")
    ours = [str(_REPOSITORY), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    (site / "agentgym_suite.pth").write_text("\n".join(ours) + "\n", encoding="utf-8")
    told = _last_line(_import_agentgym(python=str(python), cwd=tmp_path))
    assert f"'envs' at {site / 'envs' / '__init__.py'} belongs to another project" in told
    assert "pip uninstall -y envs && pip install --force-reinstall" in told
