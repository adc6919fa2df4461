"""The commands, as people run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


def _run(*arguments: str) -> subprocess.Popen[str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, "-m", "agentgym", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["webshop", "serve", "--products", "50", "--port", "0"],
        ["play", "WebShop-v0", "--browser", "--option", "products=50"],
    ],
)
def test_site__is_open_until_an_interrupt(arguments: list[str]) -> None:
    with _run(*arguments) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.removeprefix("The shop is open at ").split()[0]
        for _ in range(2):
            with urllib.request.urlopen(url) as answer:
                assert b"Instruction: " in answer.read()
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")
    assert process.returncode == 0


@pytest.mark.slow
def test_browser__is_for_environments_with_pages() -> None:
    with _run("play", "SokobanSmall-v0", "--browser") as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert "SokobanSmall-v0 has no pages to show in a web browser" in err


@pytest.mark.slow
def test_index__is_built_once() -> None:
    made = []
    for _ in range(2):
        with _run("webshop", "index", "500", "--catalogue-seed", "7", "--jobs", "2") as process:
            out, err = process.communicate()
        assert process.returncode == 0, err
        assert out.endswith("500 products can be searched.\n")
        heads = Path(os.environ["AGENTGYM_CACHE"]).rglob("*500-7/index.json")
        made.append([head.stat().st_mtime_ns for head in heads])
    assert made[0] == made[1]
    assert len(made[0]) == 1
