"""A warm start: the policy learns to say what the expert says, before it learns from rewards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.policies import BasePolicy
from torch.nn.functional import cross_entropy

from agentgym.api import TextEnv
from agentgym.errors import ArgumentError
from baselines.sb3.config import CloneConfig
from baselines.sb3.encoding import Arrays
from baselines.sb3.environment import Encoded
from baselines.sb3.policies import scores

__all__ = ["Demonstrations", "clone", "demonstrate"]


@dataclass(frozen=True, slots=True)
class Demonstrations:
    """Turns of an expert.

    Attributes:
        arrays: What was seen, by name, shape (N, ...).
        choices: The index of what the expert said, shape (N,), int64.
        masks: Which indices were admissible, shape (N, n), bool.
    """

    arrays: Mapping[str, NDArray[np.float32]]
    choices: NDArray[np.int64]
    masks: NDArray[np.bool_]


def demonstrate(env: Encoded, config: CloneConfig, rng: np.random.Generator) -> Demonstrations:
    """Let the expert say what it would do, in episodes in which only some turns are the expert's.

    Args:
        env: The environment; its expert is `oracle_action`.
        config: How many episodes, and at which share of the turns a random action is taken instead.
        rng: Draws seeds and random actions.

    Raises:
        ArgumentError: None of the expert's actions is among the indices.
    """
    expert = env.unwrapped
    assert isinstance(expert, TextEnv)
    seen, choices, masks = list[Arrays](), list[int](), list[NDArray[np.bool_]]()
    for _ in range(config.episodes):
        arrays, _ = env.reset(seed=int(rng.integers(1 << 31)))
        over = False
        while not over:
            said, mask = expert.oracle_action(), env.action_masks()
            texts = env.get_wrapper_attr("action_texts")()
            if said in texts:
                seen.append(arrays)
                choices.append(texts.index(said))
                masks.append(mask)
            if said not in texts or rng.random() < config.noise:
                index = int(rng.choice(np.flatnonzero(mask)))
            else:
                index = choices[-1]
            arrays, _, terminated, truncated, _ = env.step(index)
            over = terminated or truncated
    if not choices:
        raise ArgumentError(
            "Nothing that the expert says is among the indices, so that it cannot be cloned. Set "
            "clone.episodes=0, or list its actions in actions.fixed."
        )
    columns = {name: np.stack([one[name] for one in seen]) for name in seen[0]}
    return Demonstrations(columns, np.array(choices), np.stack(masks))


def clone(policy: BasePolicy, shown: Demonstrations, config: CloneConfig, rng: np.random.Generator) -> float:
    """Maximise the likelihood of what the expert said among what was admissible.

    Returns:
        Mean loss of the last epoch, in nats.
    """
    optimizer = torch.optim.Adam(policy.parameters(), lr=config.learning_rate)
    choices, masks = torch.from_numpy(shown.choices), torch.from_numpy(shown.masks)
    losses = list[float]()
    for _ in range(config.epochs):
        losses = []
        for rows in _batches(len(choices), config.batch, rng):
            scored = scores(policy, {name: array[rows] for name, array in shown.arrays.items()})
            loss = cross_entropy(scored.masked_fill(~masks[rows], -1e9), choices[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(float(loss.detach()))
    return float(np.mean(losses))


def _batches(rows: int, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    order = rng.permutation(rows)
    for start in range(0, rows, size):
        yield order[start : start + size]
