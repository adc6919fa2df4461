"""What estimators and learned parts remember, as JSON and safetensors: no pickle, every bit kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from agentgym.errors import CheckpointError

__all__ = ["pack", "unpack"]

_MARKS = {"$tensor", "$array"}


def pack(state: Mapping[str, Any]) -> tuple[str, dict[str, torch.Tensor]]:
    """Take nested dictionaries apart into JSON and named tensors.

    Args:
        state: Dictionaries with text as keys, lists, tensors, numeric arrays, and JSON values. Tuples come
            back as lists and numpy numbers as Python's.

    Returns:
        JSON in which {"$tensor": name} or {"$array": name} stands for each tensor or array, and these by
        name.

    Raises:
        CheckpointError: The state holds something else. The message says where.
    """
    tensors: dict[str, torch.Tensor] = {}
    return json.dumps(_packed(state, "", tensors), allow_nan=False, indent=1), tensors


def unpack(text: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """Put together what `pack` took apart.

    Raises:
        ValueError: The text is no JSON object.
        KeyError: A tensor is missing.
    """
    state = _unpacked(json.loads(text), tensors)
    if not isinstance(state, dict):
        raise ValueError("the memory is no JSON object")
    return state


def _packed(value: Any, path: str, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        tensors[path] = value.detach().contiguous()
        return {"$tensor": path}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        tensors[path] = torch.from_numpy(np.array(value, order="C"))
        return {"$array": path}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        wrong = [key for key in value if not isinstance(key, str) or key in _MARKS]
        if wrong:
            raise _refused(path, f"the key {wrong[0]!r}")
        return {key: _packed(entry, f"{path}/{key}", tensors) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(entry, f"{path}/{number}", tensors) for number, entry in enumerate(value)]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and np.isfinite(value):
        return value
    raise _refused(path, f"{type(value).__name__} {value!r}")


def _unpacked(value: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    if isinstance(value, list):
        return [_unpacked(entry, tensors) for entry in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$tensor"}:
        return tensors[value["$tensor"]]
    if value.keys() == {"$array"}:
        return tensors[value["$array"]].numpy()
    return {key: _unpacked(entry, tensors) for key, entry in value.items()}


def _refused(path: str, found: str) -> CheckpointError:
    return CheckpointError(
        f"state_dict holds {found} at {path or 'its top'}. A checkpoint keeps dictionaries with text as "
        "keys, lists, finite numbers, text, tensors and numeric arrays: turn it into one of these."
    )
