"""The processes of a training run: who leads, who plays which groups, and what they tell each other.

    torchrun --nproc-per-node 2 -m agentgym train ...
    accelerate launch --num_processes 2 -m agentgym train ...

Either launcher starts the same command several times and says to each who it is. Every process plays its
share of an update's groups; all of them are then given to all, so that every process computes the very same
advantages from the whole batch. Of each minibatch a process computes its share of the gradient; shares add
up to the gradient that one process would have computed. The first process alone writes files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import torch
import torch.distributed as dist

from agentgym.rollout.worker import json_value

__all__ = ["Team", "launched_first", "team_of_this_run"]

_PATIENCE: Final = timedelta(hours=12)
"""How long a process waits for another: a warm start may take long. The launcher ends those left alone."""


def launched_first() -> bool:
    """Whether this process was launched alone, or as the first of several."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def team_of_this_run(device: str | None) -> Iterator[tuple[Team, str | None]]:
    """Join the processes that a launcher has started beside this one.

    Args:
        device: What the run was told; None: CUDA where there is one.

    Yields:
        The team, of one where nothing was launched, and the device of this process.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team(), device
        return
    on_cuda = torch.cuda.is_available() and (device or "cuda").startswith("cuda")
    place = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if on_cuda else torch.device("cpu")
    if on_cuda:
        torch.cuda.set_device(place)
    joined = not dist.is_initialized()
    if joined:
        dist.init_process_group("cpu:gloo,cuda:nccl" if on_cuda else "gloo", timeout=_PATIENCE)
    try:
        yield Team(dist.get_rank(), dist.get_world_size()), str(place)
    finally:
        if joined:
            dist.destroy_process_group()


@dataclass(frozen=True, slots=True)
class Team:
    """The processes of a run, as one of them sees it.

    Attributes:
        rank: Number of this process, from 0.
        size: Number of processes.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes the run's files."""
        return self.rank == 0

    def parts(self, sizes: Sequence[int]) -> list[range]:
        """Cut items into as many stretches as there are processes, of about equal size in sum.

        Args:
            sizes: Size of each item.
        """
        ends = np.cumsum([0, *sizes])
        middle = (ends[1:] + ends[:-1]) / 2
        owner = np.floor(middle * self.size / max(1, ends[-1]))
        bounds = [int(np.searchsorted(owner, rank)) for rank in range(self.size)]
        return [range(start, stop) for start, stop in zip(bounds, [*bounds[1:], len(sizes)], strict=True)]

    def exchange(self, value: Any) -> list[Any]:
        """Give a JSON value to all and get theirs, in the order of ranks. Nothing is pickled."""
        if self.size == 1:
            return [value]
        mine = torch.frombuffer(
            bytearray(json.dumps(value, default=json_value).encode("ascii")), dtype=torch.uint8
        )
        lengths = [torch.zeros(1, dtype=torch.int64) for _ in range(self.size)]
        dist.all_gather(lengths, torch.tensor([len(mine)]))
        longest = max(int(length) for length in lengths)
        padded = torch.zeros(longest, dtype=torch.uint8)
        padded[: len(mine)] = mine
        found = [torch.zeros(longest, dtype=torch.uint8) for _ in range(self.size)]
        dist.all_gather(found, padded)
        return [
            json.loads(bytes(one[: int(length)].numpy())) for one, length in zip(found, lengths, strict=True)
        ]

    def add_gradients(self, weights: Sequence[torch.nn.Parameter]) -> None:
        """Add up the gradients of all processes; where a process has none it counts as 0."""
        if self.size == 1 or not any(self.exchange(any(weight.grad is not None for weight in weights))):
            return
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        flat = torch.cat([weight.grad.reshape(-1) for weight in weights if weight.grad is not None])
        dist.all_reduce(flat)
        start = 0
        for weight in weights:
            assert weight.grad is not None
            weight.grad.copy_(flat[start : start + weight.numel()].view_as(weight))
            start += weight.numel()

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            dist.barrier()
