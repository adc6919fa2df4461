"""The other process: read a spec and seeds as JSON, play, write the digests as JSON. Not for import."""

from __future__ import annotations

import json
import sys

import gymnasium
from gymnasium.envs.registration import EnvSpec

from agentgym.testing.transcript import play, transcript_digest

if __name__ == "__main__":
    order = json.load(sys.stdin)
    env = gymnasium.make(EnvSpec.from_json(order["spec"]), disable_env_checker=True).unwrapped
    digests = [transcript_digest(play(env, seed)) for seed in order["seeds"]]  # type: ignore[arg-type]
    env.close()
    sys.stdout.write("\n" + json.dumps(digests) + "\n")
