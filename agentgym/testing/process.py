"""Play episodes in another process and bring back their digests."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from gymnasium.envs.registration import EnvSpec

from agentgym.testing.rule import demand

__all__ = ["digests_elsewhere"]

_LIMIT_S = 600


def digests_elsewhere(spec: EnvSpec, seeds: list[int]) -> list[str]:
    """Play one episode per seed in a fresh interpreter whose text hashes are salted otherwise.

    Args:
        spec: What to make; its entry point is a string.
        seeds: Seeds of the episodes.

    Returns:
        Digests of the transcripts, one per seed.

    Raises:
        ContractViolation: The other process failed.
    """
    salt = "4242" if os.environ.get("PYTHONHASHSEED") != "4242" else "2424"
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = {**os.environ, "PYTHONHASHSEED": salt, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-m", "agentgym.testing.child"],
        input=json.dumps({"spec": spec.to_json(), "seeds": seeds}),
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    demand(done.returncode == 0, f"Another process cannot play it: {done.stderr.strip()[-400:]}")
    digests: list[str] = json.loads(done.stdout.splitlines()[-1])
    return digests
