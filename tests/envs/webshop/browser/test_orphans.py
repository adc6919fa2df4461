"""Whatever becomes of the process that plays, no browser is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envs.browser.keeper import descendants

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PLAY = """
import os, signal, sys
from envs.webshop.browser.env import WebShopBrowserEnv
env = WebShopBrowserEnv(products=50)
env.reset(seed=0)
env.step(env.oracle_action())
print(env.window.browser_pid, flush=True)
sys.stdin.readline()
"""
_ENDINGS = {
    "nothing is closed": "",
    "an exception": "raise RuntimeError",
    "os._exit": "os._exit(1)",
    "kill -9": "os.kill(os.getpid(), signal.SIGKILL)",
    "kill -9 of its group": "os.killpg(0, signal.SIGKILL)",
    "kill -9 of the keeper": "os.kill(env.window.browser_pid, signal.SIGKILL)",
}


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for temporary files with a name short enough for sockets below it."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as folder:
        yield Path(folder)


@pytest.mark.parametrize("ending", _ENDINGS)
def test_processes__end_with_the_one_that_plays(ending: str, short_folder: Path) -> None:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    with subprocess.Popen(
        [sys.executable, "-c", _PLAY + _ENDINGS[ending]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(short_folder)},
        start_new_session=True,
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        keeper = int(child.stdout.readline())
        family = [keeper, *descendants(keeper)]
        assert {"chromedriver", "chromium"} <= {_name(pid) for pid in family}
        child.stdin.write(b"\n")
        child.stdin.flush()
    limit = time.monotonic() + 60
    while any(map(_name, family)) and time.monotonic() < limit:
        time.sleep(0.02)
    assert [name for name in map(_name, family) if name] == []
    if "keeper" not in ending:
        assert [left for left in short_folder.iterdir() if left.name.startswith("agentgym-browser-")] == []


def _name(pid: int) -> str:
    """Name of a process; "" where there is none, or only its exit status is left."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return "" if rest.split()[0] in "XZ" else name
