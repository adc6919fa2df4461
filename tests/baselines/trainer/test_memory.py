"""What a checkpoint remembers comes back bit by bit, and what it cannot keep is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load, save

from agentgym.errors import CheckpointError
from baselines.trainer.memory import pack, unpack

_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.floats(allow_nan=False, allow_infinity=False)
)
_KEYS = st.text().filter(lambda key: not key.startswith("$"))
_STATES = st.dictionaries(
    _KEYS,
    st.recursive(
        _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)
    ),
    max_size=4,
)


@given(_STATES)
def test_pack__json_values_come_back(state: dict[str, Any]) -> None:
    assert unpack(*pack(state)) == state


def test_pack__arrays_and_tensors_come_back_bit_by_bit() -> None:
    rng = np.random.default_rng(0)
    state: dict[str, Any] = {
        "mean": {"by task": rng.normal(size=(3, 2))[:, ::-1], "seen": np.array([True, False])},
        "count": np.arange(4),
        "scalar": np.float64(1 / 3),
        "weights": [torch.randn(3, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)],
        "pair": (1, 2),
    }
    text, tensors = pack(state)
    back = unpack(text, load(save(tensors)))
    np.testing.assert_array_equal(back["mean"]["by task"], state["mean"]["by task"])
    assert back["mean"]["seen"].dtype == np.bool_
    assert back["count"].dtype == np.int64
    assert back["scalar"] == 1 / 3
    assert torch.equal(back["weights"][0], state["weights"][0])
    assert back["pair"] == [1, 2]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"a": {"b": object()}}, "object .* at /a/b"),
        ({"a": [1.0, float("nan")]}, "float nan at /a/1"),
        ({"a": {1: 2}}, "the key 1 at /a"),
        ({"$array": 2}, r"the key '\$array' at its top"),
        ({"a": np.array(["text"])}, "ndarray"),
    ],
)
def test_pack__refuses_what_it_cannot_keep(state: dict[str, Any], words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        pack(state)
