"""The page of commands names every benchmark, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reproduce.md").read_text(encoding="utf-8")


def test_reproduce__names_every_benchmark() -> None:
    scripts = {path.name for path in (ROOT / "tests" / "benchmarks").glob("*.py")}
    assert len(scripts) > 10
    assert set(re.findall(r"\b\w+\.py\b", PAGE)) >= scripts


def test_reproduce__names_files_that_are_there() -> None:
    named = re.findall(r"\b(?:tests|baselines)/[\w/.-]+\w", PAGE)
    modules = [name.replace(".", "/") + ".py" for name in re.findall(r"python -m ([\w.]+)", PAGE)]
    assert len(named) > 20
    assert [name for name in named + modules if not (ROOT / name).exists()] == []
