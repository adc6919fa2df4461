"""The code of the tutorials runs and prints what they say.

A block with a title is a file. A `python` block is a program; the `text` block after it is what it prints. A
`sh` block holds commands.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block."""

    language: str
    title: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def run(words: list[str], folder: Path) -> str:
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def install(folder: Path) -> None:
    """Leave the traces of `pip install -e` for every package that the tutorial wrote."""
    for package in (path.parent.name for path in folder.glob("*/__init__.py")):
        record = folder / f"{package}-0.1.0.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.1.0\n")
        (record / "entry_points.txt").write_text(f"[agentgym.plugins]\n{package} = {package}\n")


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_tutorial__runs_and_prints_what_it_says(page: Path, tmp_path: Path) -> None:
    if page.stem == "tool":
        pytest.importorskip("mcp", reason="needs the extra mcp")
    if page.stem == "estimator":
        pytest.importorskip("torch", reason="needs the extra train")
    found = blocks(page)
    for block in found:
        if block.title:
            (tmp_path / block.title).parent.mkdir(exist_ok=True)
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
    install(tmp_path)
    for block, after in zip(found, [*found[1:], Block("", "", "")], strict=True):
        if block.language == "python" and not block.title:
            printed = run([sys.executable, "-c", block.text], tmp_path)
            assert after.language == "text", "a program without what it prints proves nothing"
            assert printed == after.text
        elif block.language == "sh":
            for line in block.text.splitlines():
                program, *words = shlex.split(line)
                assert program == "agentgym"
                run([sys.executable, "-m", "agentgym", *words], tmp_path)


def test_tutorials__are_four() -> None:
    assert [page.stem for page in TUTORIALS] == ["agent", "environment", "estimator", "tool"]
