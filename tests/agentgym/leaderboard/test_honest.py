"""Honest submissions are never refused: every family, and machines that differ in what must not matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import agentgym
from agentgym.evaluation import ExpandedSuite, load_suite
from agentgym.evaluation.drafting import draft
from agentgym.evaluation.freezing import freeze
from agentgym.leaderboard import pack, read_bundle, unpack, verify
from tests.agentgym.leaderboard.forging import header_of
from tests.agentgym.tampering import play

FAMILIES = [
    "SokobanSmall-v0", "ALFWorld-v0", "WebShop-v0", "CustomerService-v0", "FunctionCalling-v0", "SearchQA-v0",
    "PythonMath-v0", "MCP-v0", "KuhnPoker-v0", "TicTacToe-v0", "HanabiSimple-v0", "TalkNegotiation-v0",
]  # fmt: skip
"""At least one environment of each family; those of games need open_spiel, that of MCP the extra mcp."""

PORTABLE = [
    "SokobanSmall-v0",
    "ALFWorld-v0",
    "WebShop-v0",
    "CustomerService-v0",
    "SearchQA-v0",
    "TicTacToe-v0",
]
"""Those that are carried from one machine to another: each of the others starts slowly."""

_HERE: dict[str, str] = {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
_ELSEWHERE: dict[str, str] = {
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "de_DE.UTF-8",
    "PYTHONHASHSEED": "4711",
    "OMP_NUM_THREADS": "3",
    "PYTHONOPTIMIZE": "2",
    "PYTHONUTF8": "1",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3",
}
"""Another place on earth and an older processor; asserts are off."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of suites, frozen: one over all families, and a smaller one."""
    folder = tmp_path_factory.mktemp("leaderboards")
    (folder / "suites").mkdir()
    for name, ids, tasks in (("families", FAMILIES, 2), ("portable", PORTABLE, 1)):
        path = folder / "suites" / f"{name}.toml"
        draft(path, [env_id for env_id in ids if _has(env_id)], tasks=tasks)
        freeze(str(path), measure=False)
    return folder


@pytest.fixture(scope="module")
def families(folder: Path) -> ExpandedSuite:
    return load_suite(str(folder / "suites" / "families.toml")).frozen()


def _has(name: str) -> bool:
    try:
        agentgym.make_env(f"agentgym/{name}").close()
    except agentgym.errors.MissingExtraError:
        return False
    return True


@pytest.mark.parametrize("agent", ["random", "oracle"])
def test_honest_runs__hold_in_every_family(families: ExpandedSuite, agent: str) -> None:
    run = play(families.episodes, agent)
    assert not any(t.error for t in run)
    verdict = verify(unpack(pack(header_of(families, agent), run)), families)
    assert str(verdict) == f"all {len(run)} episodes reproduce"
    assert verdict.credit is not None and verdict.credit.metrics.score.value == pytest.approx(
        sum(t.score for t in run) / len(run)
    )


@pytest.mark.slow
def test_honest_runs__hold_on_another_machine(folder: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here" / "run", tmp_path / "there" / "run"
    for out, variables in ((here, _HERE), (there, _ELSEWHERE)):
        out.parent.mkdir()
        _command(folder, tmp_path, variables, "run", "portable", "--agent", "random", "--out", str(out))
    first, second = (read_bundle(out / "submission.jsonl.zst") for out in (here, there))
    assert [o.chain for o in first.opened()] == [o.chain for o in second.opened()]
    for out, variables in ((here, _ELSEWHERE), (there, _HERE)):
        told = _command(folder, tmp_path, variables, "verify", str(out / "submission.jsonl.zst"), "--json")
        assert json.loads(told)["ok"], told


def _command(folder: Path, homes: Path, variables: dict[str, str], *words: str) -> str:
    """Run a command of the leaderboard from a home of its machine, with its mask for files."""
    home = homes / ("here" if variables is _HERE else "there")
    environment: dict[str, Any] = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "AGENTGYM_DATA")},
        "HOME": str(home),
        "AGENTGYM_LEADERBOARDS": str(folder),
        "PYTHONPATH": str(Path(agentgym.__file__).parents[1]),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-m", "agentgym", "leaderboard", *words],
        env=environment,
        cwd=home,
        umask=0o022 if variables is _HERE else 0o077,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
