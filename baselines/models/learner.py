"""A small module with its own optimizer, and the head that all learned parts share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["Head", "Learner", "LearnerConfig", "load_optimizer_state", "optimizer_state"]


@dataclass(frozen=True, slots=True)
class LearnerConfig:
    """How a learned part learns.

    Attributes:
        learning_rate: Of AdamW, constant.
        epochs: Passes over each update's turns.
        batch: Rows of an optimizer step.
        width: Hidden units of a head.
    """

    learning_rate: float = 1e-3
    epochs: int = 4
    batch: int = 256
    width: int = 64


class Head(nn.Module):
    """Numbers from a hidden state: layer norm, one hidden layer, and a last layer that starts at 0.

    Args:
        inputs: Width of the hidden state.
        width: Hidden units.
        outputs: How many numbers.
    """

    def __init__(self, inputs: int, width: int, outputs: int = 1) -> None:
        super().__init__()
        last = nn.Linear(width, outputs)
        nn.init.zeros_(last.weight)  # an untrained critic knows nothing, and says so: 0
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, width), nn.SiLU(), last)

    def forward(self, states: Tensor) -> Tensor:
        """Shape (..., H) to (..., outputs)."""
        result: Tensor = self.layers(states)
        return result


class Learner:
    """A module that is trained by AdamW, and both as one state.

    Args:
        make: Makes the module; called with the global generator seeded, and left as it was afterwards.
        config: How it learns.
        seed: Seed of its first weights.
        device: Where it lives.
    """

    def __init__(
        self, make: Callable[[], nn.Module], config: LearnerConfig, *, seed: int, device: torch.device
    ) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module = make().to(device)
        self.config, self._device = config, device
        self.optimizer = torch.optim.AdamW(
            self.module.parameters(), lr=config.learning_rate, weight_decay=0.0
        )

    def batches(self, rows: int, seed: Sequence[int]) -> Iterator[Tensor]:
        """Yield the rows of each optimizer step, every row once an epoch."""
        for epoch in range(self.config.epochs):
            order = np.random.default_rng([*seed, epoch]).permutation(rows)
            for start in range(0, rows, self.config.batch):
                yield torch.from_numpy(order[start : start + self.config.batch]).to(self._device)

    def step(self, loss: Tensor) -> float:
        """Take one optimizer step and return the loss."""
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
        self.optimizer.step()
        return float(loss.detach())

    def state_dict(self) -> dict[str, Any]:
        """Return weights and optimizer state, keys as text."""
        weights = {name: p.detach() for name, p in self.module.named_parameters() if p.requires_grad}
        return {"weights": weights, "optimizer": optimizer_state(self.optimizer)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned.

        Raises:
            ValueError: The weights have other names than the module's.
        """
        trained = {name: p for name, p in self.module.named_parameters() if p.requires_grad}
        if state["weights"].keys() != trained.keys():
            raise ValueError("its weights have other names than the module's")
        with torch.no_grad():
            for name, parameter in trained.items():
                parameter.copy_(state["weights"][name])
        load_optimizer_state(self.optimizer, state["optimizer"])


def optimizer_state(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return an optimizer's tensors by "<number of the weight>.<name>"."""
    state = optimizer.state_dict()["state"]
    return {
        f"{i}.{name}": tensor.contiguous() for i, entry in state.items() for name, tensor in entry.items()
    }


def load_optimizer_state(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Take up what `optimizer_state` returned; settings such as the learning rate stay."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = tensor.clone()  # the giver may still be learning
    record = optimizer.state_dict()
    optimizer.load_state_dict({"state": state, "param_groups": record["param_groups"]})
