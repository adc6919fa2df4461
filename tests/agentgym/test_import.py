"""What `import agentgym` costs and leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_HEAVY = (
    "torch", "transformers", "textworld", "selenium", "ray", "trl", "pydantic", "typer", "rich", "sqlalchemy",
    "fastapi", "matplotlib", "pyspiel", "numba", "scipy", "pandas",
)  # fmt: skip


def _report(code: str) -> dict[str, object]:
    script = f"import json, sys\n{code}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    report: dict[str, object] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("module", ["agentgym", "agentgym.testing"])
def test_import__loads_nothing_heavy(module: str) -> None:
    loaded = _report(f"import {module}\nprint(json.dumps(dict.fromkeys(sys.modules, 1)))")
    assert "gymnasium" in loaded
    assert [name for name in _HEAVY if name in loaded] == []


def test_import__registers_the_suite() -> None:
    report = _report("import agentgym\nprint(json.dumps({'ids': agentgym.env_ids()}))")
    assert report["ids"]
    assert "agentgym/Sokoban-v0" in report["ids"]  # type: ignore[operator]


def test_import__leaves_the_global_generators_and_logging_alone() -> None:
    code = """
import logging, random
import numpy as np
random.seed(1); np.random.seed(1)
before = repr(random.getstate()), repr(np.random.get_state()), logging.getLogger().handlers[:]
import agentgym
after = repr(random.getstate()), repr(np.random.get_state()), logging.getLogger().handlers[:]
print(json.dumps({"same": before == after}))
"""
    assert _report(code) == {"same": True}


def test_import__everything_named_is_there() -> None:
    import agentgym

    assert [name for name in agentgym.__all__ if not hasattr(agentgym, name)] == []
