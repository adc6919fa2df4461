"""A model cut up among the processes of a run (FSDP): whole tensors in, whole tensors out."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.distributed.tensor import DTensor, distribute_tensor

__all__ = ["copy_weights", "like", "sharded", "whole"]


def sharded(model: Any) -> Any:
    """Copy a model and cut the copy's weights up among all processes, layer by layer.

    A process holds its part of weights, gradients and optimizer state; a layer is put together while it is
    computed.
    """
    from torch.distributed.fsdp import fully_shard

    found = copy.deepcopy(model)
    for layer in _layers(found):
        fully_shard(layer)
    fully_shard(found)
    return found


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """Put a tensor together that is cut up among processes; every process must ask. Others are returned."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def like(example: torch.Tensor, tensor: torch.Tensor) -> torch.Tensor:
    """Cut a whole tensor up as an example of the same shape is; return it where there is nothing to cut."""
    if isinstance(example, DTensor) and tensor.shape == example.shape:
        return distribute_tensor(tensor.to(example.device), example.device_mesh, example.placements)
    return tensor


@torch.no_grad()
def copy_weights(source: Any, target: Any) -> None:
    """Copy all trained weights from one model to another of the same architecture, whole or cut up."""
    for given, taken in zip(source.parameters(), target.parameters(), strict=True):
        if taken.requires_grad:
            taken.copy_(like(taken, whole(given)))


def _layers(model: nn.Module) -> list[nn.Module]:
    """Find the layers: the members of the longest list of modules."""
    lists = [list(module) for module in model.modules() if isinstance(module, nn.ModuleList)]
    return max(lists, key=lambda layers: len(layers), default=[])
