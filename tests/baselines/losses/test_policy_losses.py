"""The policy losses beside ppo: worked numbers for each branch, gradients, masks, and how they relate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="losses need torch: pip install -e '.[train]'")

from agentgym.errors import ArgumentError, UnknownNameError  # noqa: E402
from baselines.losses import (  # noqa: E402
    a2tgpo,
    aepo,
    bapo,
    capo_curvature,
    cispo,
    gspo,
    policy_loss,
    policy_losses,
    ppo,
    sapo,
)
from tests.baselines.golden import counts  # noqa: E402

SMOOTH: dict[str, dict[str, Any]] = {
    "ppo": {"clip_high": 0.28},
    "sapo": {},
    "aepo": {"entropy_clip": False},
    "bapo": {},
    "capo_curvature": {"share": 0.0},
}
"""Losses whose gradient is that of their value: the others stop gradients on purpose."""
quick = settings(max_examples=25, deadline=None)


def _columns(seed: int, offsets: Any = (0, 3, 3, 8, 12)) -> dict[str, Any]:
    rng, tokens = np.random.default_rng(seed), offsets[-1]
    mask = rng.random(tokens) < 0.8
    mask[0] = True
    return {
        "old_logprob": -rng.exponential(size=tokens),
        "advantage": rng.normal(size=tokens),
        "token_mask": mask,
        "token_offsets": list(offsets),
        "entropy": rng.exponential(size=tokens),
        "clip_scale": 1.0 + 0.3 * rng.normal(size=tokens),
        "noise": 0.3 * rng.normal(size=tokens),
    }


def _call(name: str, logprob: Any, columns: dict[str, Any], **keywords: Any) -> Any:
    loss = policy_loss(name)
    further = {column: columns[column] for column in loss.columns if column in columns}
    shared = (columns[c] for c in ("old_logprob", "advantage", "token_mask", "token_offsets"))
    return loss.body(logprob, *shared, **further, **keywords)


@pytest.mark.parametrize("name", ["gspo", "sapo", "bapo", "aepo", "a2tgpo"])
def test_golden__has_cases_for(name: str) -> None:
    assert counts()[f"loss:{name}"] > 0


def test_policy_loss__names_are_looked_up() -> None:
    assert {"ppo", "gspo", "cispo", "sapo", "bapo", "aepo", "a2tgpo", "capo_curvature"} == set(
        policy_losses()
    )
    assert policy_loss("aepo").columns == {"entropy"}
    with pytest.raises(UnknownNameError, match="gspo"):
        policy_loss("gsop")


@pytest.mark.parametrize("name", policy_losses())
@quick
@given(seed=st.integers(0, 2**32 - 1))
def test_every_loss__ignores_what_untrained_tokens_hold(name: str, seed: int) -> None:
    columns = _columns(seed)
    mask = columns["token_mask"]
    gradients = []
    for filler in (0.0, 7.0):
        held = {**columns, "advantage": np.where(mask, columns["advantage"], filler)}
        held["entropy"] = np.where(mask, columns["entropy"], filler)
        logprob = np.where(mask, columns["old_logprob"] + columns["noise"], -filler)
        leaf = torch.tensor(logprob, requires_grad=True)
        loss, info = _call(name, leaf, held)
        (gradient,) = torch.autograd.grad(loss, leaf)
        assert not gradient[torch.tensor(~mask)].any()
        assert not any(value.requires_grad for value in info.values())
        gradients.append(gradient.numpy())
    np.testing.assert_allclose(gradients[0], gradients[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_losses__gradients_agree_with_finite_differences(name: str) -> None:
    columns = _columns(3)
    logprob = torch.tensor(columns["old_logprob"] + columns["noise"], requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: _call(name, x, columns, **SMOOTH[name])[0], (logprob,))


@pytest.mark.parametrize("name", policy_losses())
def test_every_loss__on_policy_has_the_plain_policy_gradient(name: str) -> None:
    columns = _columns(1, offsets=(0, 4, 8)) | {"token_mask": np.ones(8, np.bool_)}
    plain: dict[str, dict[str, Any]] = {
        "aepo": {"entropy_advantage": False},
        "capo_curvature": {"share": 0.0},
    }
    logprob = torch.tensor(columns["old_logprob"], requires_grad=True)
    loss, _ = _call(name, logprob, columns, **plain.get(name, {}))
    (gradient,) = torch.autograd.grad(loss, logprob)
    np.testing.assert_allclose(gradient, -columns["advantage"] / 8, atol=1e-9)


def test_gspo__clips_whole_sequences() -> None:
    logprob = torch.tensor([0.2, 0.0, -0.3], dtype=torch.float64, requires_grad=True)
    loss, info = gspo(logprob, [0.0] * 3, [1.0, 1.0, 1.0], None, [0, 2, 3], clip_low=0.05, clip_high=0.05)
    (gradient,) = torch.autograd.grad(loss, logprob)  # ratios exp(0.1), above the bound, and exp(-0.3)
    np.testing.assert_allclose(loss.item(), -(1.05 + np.exp(-0.3)) / 2)
    np.testing.assert_allclose(gradient, [0.0, 0.0, -np.exp(-0.3) / 2])
    np.testing.assert_allclose(info["clip_fraction"], 2 / 3)
    with pytest.raises(ArgumentError, match="token_offsets"):
        gspo(logprob, [0.0] * 3, [1.0] * 3)


def test_cispo__every_token_keeps_a_bounded_gradient() -> None:
    logprob = torch.tensor(np.log([8.0, 0.5, 1.0]), requires_grad=True)
    loss, info = cispo(logprob, [0.0] * 3, [1.0, -2.0, 3.0])
    (gradient,) = torch.autograd.grad(loss, logprob)
    np.testing.assert_allclose(gradient * 3, [-5.0, 1.0, -3.0])
    np.testing.assert_allclose(info["clip_fraction"], 1 / 3)
    low, _ = cispo(logprob, [0.0] * 3, [1.0, -2.0, 3.0], clip_low=0.2)
    np.testing.assert_allclose(torch.autograd.grad(low, logprob)[0] * 3, [-5.0, 1.6, -3.0])


def test_sapo__gate_by_hand() -> None:
    logprob = torch.tensor(np.log([1.5, 1.5]), requires_grad=True)
    loss, _ = sapo(logprob, [0.0, 0.0], [1.0, -1.0], aggregate="token_mean")
    gates = [4 / (1 + np.exp(-0.5)), 4 / 1.05 / (1 + np.exp(-1.05 * 0.5))]
    np.testing.assert_allclose(loss.item(), (-gates[0] + gates[1]) / 2)
    with pytest.raises(ArgumentError, match="above 0"):
        sapo(logprob, [0.0, 0.0], [1.0, -1.0], tau_neg=0.0)


def test_bapo__raises_the_bounds_until_positive_tokens_weigh_enough() -> None:
    logprob, old = np.log([3.0, 1.0]), [0.0, 0.0]
    _, info = bapo(logprob, old, [1.0, -2.0], target=0.69)
    assert (float(info["clip_low"]), float(info["clip_high"])) == pytest.approx((0.8, 1.4))
    _, enough = bapo(logprob, old, [1.0, -0.1])
    assert (float(enough["clip_low"]), float(enough["clip_high"])) == pytest.approx((0.6, 1.2))
    # A negative token of ratio 0.7 leaves the balance once the lower bound has passed it: no need to go on.
    low = np.log([1.0, 0.7])
    released, in_range = (
        bapo(low, old, [1.0, -2.0], accounting=rule)[1]["clip_high"] for rule in ("released", "in_range")
    )
    assert (float(released), float(in_range)) == pytest.approx((2.0, 1.2))
    with pytest.raises(ArgumentError, match="'released', 'in_range'"):
        bapo(logprob, old, [1.0, -2.0], accounting="none")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="rising bounds"):
        bapo(logprob, old, [1.0, -2.0], low_start=0.9)


def test_aepo__stopped_tokens_keep_their_gradient_and_uncertain_ones_count_more() -> None:
    logprob = torch.tensor(np.log([2.0, 1.0]), requires_grad=True)
    loss, info = aepo(logprob, [0.0, 0.0], [1.0, 1.0], entropy_advantage=False)
    (gradient,) = torch.autograd.grad(loss, logprob)
    np.testing.assert_allclose(gradient * 2, [-1.28, -1.0])
    same, _ = ppo(logprob.detach(), [0.0, 0.0], [1.0, 1.0], clip_high=0.28)
    np.testing.assert_allclose(loss.item(), same.item())
    np.testing.assert_allclose(info["clip_fraction"], 0.5)
    weighed, _ = aepo([0.0, 0.0], [0.0, 0.0], [1.0, 1.0], entropy=[0.0, 2.0])
    np.testing.assert_allclose(weighed, -1.0)  # 1 -+ 0.2 / sqrt 2
    one, _ = aepo([0.0, 0.0], [0.0, 0.0], [1.0, 0.0], entropy=[0.0, 2.0])
    np.testing.assert_allclose(one, -(1 - 0.2 / np.sqrt(2)) / 2)
    with pytest.raises(ArgumentError, match="entropy_advantage=False"):
        aepo(logprob, [0.0, 0.0], [1.0, 1.0])


def test_a2tgpo__averages_over_episodes_with_bounds_by_turn() -> None:
    logprob = torch.tensor([0.1, 0.1, 0.1, 0.0], dtype=torch.float64, requires_grad=True)
    columns: dict[str, Any] = {"token_offsets": [0, 1, 3, 4], "episode": [5, 5, 9]}
    scale = [1.0, 2.0, 2.0, 1.0]
    loss, _ = a2tgpo(logprob, [0.0] * 4, [1.0] * 4, clip_scale=scale, clip_high=0.05, **columns)
    np.testing.assert_allclose(loss.item(), -((1.05 + 2 * 1.1) / 3 + 1.0) / 2)
    fixed, _ = a2tgpo(
        logprob, [0.0] * 4, [1.0] * 4, clip_scale=scale, clip_high=0.05, dynamic=False, **columns
    )
    np.testing.assert_allclose(fixed.item(), -(1.05 + 1.0) / 2)
    alone, _ = a2tgpo(logprob, [0.0] * 4, [1.0] * 4, None, [0, 1, 3, 4], clip_high=0.05)
    np.testing.assert_allclose(alone.item(), -(1.05 + 1.05 + 1.0) / 3)
    weighed, _ = a2tgpo(
        logprob, [0.0] * 4, [1.0] * 4, token_weight=[1.0, 0.0, 0.0, 2.0], clip_high=0.05, **columns
    )
    np.testing.assert_allclose(weighed.item(), -(1.05 + 2.0))


def test_capo_curvature__leaves_the_steepest_tokens_out() -> None:
    logprob = torch.tensor(np.log([0.5, 0.99, 0.1, 0.9]), requires_grad=True)
    loss, info = capo_curvature(logprob, logprob.detach(), [1.0, 9.0, -1.0, 1.0], share=0.25)
    (gradient,) = torch.autograd.grad(loss, logprob)  # squared: 0.25, 0.0081, 0.81, 0.01
    np.testing.assert_allclose(gradient, [-1 / 3, -3.0, 0.0, -1 / 3])
    np.testing.assert_allclose(info["left_out"], 0.25)
    with pytest.raises(ArgumentError, match="share"):
        capo_curvature(logprob, logprob.detach(), [1.0] * 4, share=1.0)
