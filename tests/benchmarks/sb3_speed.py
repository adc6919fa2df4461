"""What text costs stable-baselines3: steps a second of the bare environment, with indices, and as arrays.

Seconds are those of the processor, so that a busy machine disturbs little. The ratio to the bare environment
says how much of a step the wrappers take; a forward pass of the policy is beside it for scale. Never part of
the tests.

Run: python tests/benchmarks/sb3_speed.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from agentgym.registry import make_env
from baselines.sb3 import DiscreteActions, SB3Config, load_config, make_numeric

IDS = ("SokobanSmall-v0", "TicTacToe-v0", "KuhnPoker-v0", "ALFWorld-v0", "WebShop-v0")


def bare(config: SB3Config) -> Callable[[], int]:
    """One episode of the text environment, with random admissible actions."""
    env, rng = make_env(config.env, **config.env_options), np.random.default_rng(0)

    def play() -> int:
        _, info = env.reset()
        steps, over = 0, False
        while not over:
            actions = info["admissible_actions"]
            _, _, terminated, truncated, info = env.step(actions[int(rng.integers(len(actions)))])
            steps, over = steps + 1, terminated or truncated
        return steps

    return play


def by_index(env: Any) -> Callable[[], int]:
    """One episode by index, with random open indices."""
    rng = np.random.default_rng(0)

    def play() -> int:
        env.reset()
        steps, over = 0, False
        while not over:
            index = int(rng.choice(np.flatnonzero(env.action_masks())))
            _, _, terminated, truncated, _ = env.step(index)
            steps, over = steps + 1, terminated or truncated
        return steps

    return play


def speed(play: Callable[[], int], seconds: float) -> float:
    """Steps a second, resets included."""
    for _ in range(5):
        play()
    steps, begun = 0, time.process_time()
    while time.process_time() - begun < seconds:
        steps += play()
    return steps / (time.process_time() - begun)


def forward(config: SB3Config, seconds: float) -> float:
    """Forward passes a second, one situation at a time."""
    import torch

    from baselines.sb3.policies import make_policy, scores

    env = make_numeric(config.env, config.action_list, config.encoding, **config.env_options)
    policy = make_policy(config, env.encoder)
    arrays = {name: array[None] for name, array in env.reset(seed=0)[0].items()}
    passes, begun = 0, time.process_time()
    with torch.no_grad():
        while time.process_time() - begun < seconds:
            scores(policy, arrays)
            passes += 1
    return passes / (time.process_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    print("| environment | bare steps/s | by index | as arrays | arrays : bare | forward passes/s |")
    print("|---|---|---|---|---|---|")
    for name in IDS:
        config = load_config(None, {"env": f"agentgym/{name}"})
        made = make_env(config.env, **config.env_options)
        indices = DiscreteActions(made, config.action_list)
        arrays = make_numeric(config.env, config.action_list, config.encoding, **config.env_options)
        rates = [speed(play, seconds) for play in (bare(config), by_index(indices), by_index(arrays))]
        told = " | ".join(f"{rate:,.0f}" for rate in rates)
        passes = forward(config, seconds)
        print(f"| {name} | {told} | {rates[2] / rates[0]:.2f} | {passes:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
