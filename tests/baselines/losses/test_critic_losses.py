"""The losses of critics: worked numbers, gradients, mistakes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="losses need torch: pip install -e '.[train]'")

from agentgym.errors import ArgumentError, ShapeError  # noqa: E402
from baselines.losses import archer_critic, soft_update, value  # noqa: E402


def test_value__each_branch_by_hand() -> None:
    # Old value 0, clip 0.5. v = 1 against 2: the clipped error 1.5^2 beats 1. v = 1 against 0.4: 0.6^2 beats
    # 0.1^2. v = 0.2 lies inside the clip. v = -1 against 1: 2^2 beats 1.5^2.
    new = torch.tensor([1.0, 1.0, 0.2, -1.0], dtype=torch.float64, requires_grad=True)
    loss, info = value(new, [0.0] * 4, [2.0, 0.4, 1.0, 1.0], scale=0.5)
    np.testing.assert_allclose(loss.item(), 0.5 * (2.25 + 0.36 + 0.64 + 4.0) / 4)
    np.testing.assert_allclose(info["clip_fraction"], 1 / 4)
    (gradient,) = torch.autograd.grad(loss, new)
    np.testing.assert_allclose(gradient, 0.5 * 2 * np.array([0.0, 0.6, -0.8, -2.0]) / 4)


def test_value__without_clip_is_the_squared_error_of_what_counts() -> None:
    loss, info = value([1.0, math.inf, 3.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [True, False, True], clip=None)
    np.testing.assert_allclose(loss, (1.0 + 4.0) / 2)
    assert info["clip_fraction"] == 0.0
    with pytest.raises(ArgumentError, match="`clip` is -1"):
        value([1.0], [0.0], [0.0], clip=-1.0)
    with pytest.raises(ShapeError, match="'return_token'"):
        value([1.0], [0.0], [0.0, 1.0])


def test_archer_critic__two_heads_by_hand() -> None:
    # Step 0 goes on: targets 1 + 0.5 * (4, 6) = (3, 4). Step 1 has ended: targets 2, whatever comes after.
    q = torch.tensor([[2.0, 4.0], [2.0, 1.0]], dtype=torch.float64, requires_grad=True)
    v = torch.tensor([[0.0, 1.0], [1.0, 1.0]], dtype=torch.float64, requires_grad=True)
    targets = torch.tensor([[2.0, 1.0], [1.0, 3.0]], dtype=torch.float64, requires_grad=True)
    beyond = np.array([[4.0, 6.0], [100.0, 100.0]])
    loss, info = archer_critic(q, v, targets, beyond, [1.0, 2.0], [False, True], gamma=0.5)
    np.testing.assert_allclose(info["q_loss"], (1 + 0) / 2 + (0 + 1) / 2)
    np.testing.assert_allclose(info["v_loss"], (4 + 0) / 2 + (0 + 4) / 2)
    np.testing.assert_allclose(loss.item(), 1.0 + 4.0)
    of_q, of_v, of_target = torch.autograd.grad(loss, (q, v, targets), allow_unused=True)
    np.testing.assert_allclose(of_q, [[-1.0, 0.0], [0.0, -1.0]])
    np.testing.assert_allclose(of_v, [[-2.0, 0.0], [0.0, -2.0]])
    assert of_target is None


def test_archer_critic__learns_the_values_of_a_chain() -> None:
    # Three states in a row, reward 1 at the end, discount 0.9: the values are 0.81, 0.9 and 1.
    q, v = torch.nn.Embedding(3, 2, dtype=torch.float64), torch.nn.Embedding(3, 2, dtype=torch.float64)
    slow_q, slow_v = (
        torch.nn.Embedding(3, 2, dtype=torch.float64),
        torch.nn.Embedding(3, 2, dtype=torch.float64),
    )
    optimiser = torch.optim.SGD([*q.parameters(), *v.parameters()], lr=0.5)
    state, after = torch.tensor([0, 1, 2]), torch.tensor([1, 2, 2])
    for _ in range(400):
        loss, _ = archer_critic(
            q(state), v(state), slow_q(state), slow_v(after), [0.0, 0.0, 1.0], [False, False, True]
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        soft_update(slow_q, q)
        soft_update(slow_v, v)
    for learnt in (q, v, slow_v):
        np.testing.assert_allclose(learnt.weight.detach(), [[0.81] * 2, [0.9] * 2, [1.0] * 2], atol=1e-3)


def test_archer_critic__shapes_that_do_not_fit_are_named() -> None:
    good: dict[str, Any] = {
        "q": [[1.0, 2.0]],
        "v": [[1.0, 2.0]],
        "target_q": [[1.0, 2.0]],
        "target_v_next": [[1.0, 2.0]],
        "reward": [1.0],
        "terminated": [True],
    }
    archer_critic(**good)
    for name in good:
        with pytest.raises(ShapeError, match=f"'{name}'"):
            archer_critic(**{**good, name: [[1.0, 2.0, 3.0]] if name != "q" else [1.0]})


def test_soft_update__moves_a_share_of_the_way() -> None:
    slow, fast = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    before = [parameter.detach().clone() for parameter in slow.parameters()]
    soft_update(slow, fast, tau=0.25)
    for old, new, source in zip(before, slow.parameters(), fast.parameters(), strict=True):
        torch.testing.assert_close(new.detach(), 0.75 * old + 0.25 * source.detach())
        assert new.requires_grad
    with pytest.raises(ArgumentError, match="`tau` is 2"):
        soft_update(slow, fast, tau=2.0)
    with pytest.raises(ShapeError, match="copy of the source"):
        soft_update(slow, torch.nn.Linear(3, 1))
