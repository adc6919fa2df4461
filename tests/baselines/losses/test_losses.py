from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="losses need torch: pip install -e '.[train]'")

from agentgym.errors import ArgumentError, ShapeError  # noqa: E402
from baselines import losses  # noqa: E402
from baselines.losses import aggregate, kl, ppo  # noqa: E402
from tests.baselines.golden import Case, cases, counts  # noqa: E402

GOLDEN = cases(lambda method: method.startswith("loss:") and hasattr(losses, method[5:]))
MODES = ("token_mean", "seq_mean_token_mean", "seq_mean_token_sum", "seq_mean_token_sum_norm")


@pytest.mark.parametrize("case", GOLDEN)
def test_loss__gives_the_golden_numbers(case: Case) -> None:
    function: Any = getattr(losses, case["method"].removeprefix("loss:"))
    read = inspect.signature(function).parameters
    columns = {name: case["columns"][name] for name in read if name in case["columns"]}
    if "logprob" in columns:
        columns["logprob"] = torch.tensor(columns["logprob"], dtype=torch.float64, requires_grad=True)
    result = function(**columns, **case["kwargs"])
    expected, atol = case["expected"], case["atol"]
    if not isinstance(result, tuple):  # a value per token
        np.testing.assert_allclose(result.detach(), expected["token"], rtol=0, atol=atol)
        return
    got = {"loss": result[0].detach(), **result[1]}
    for name, number in expected["scalar"].items():
        np.testing.assert_allclose(got[name], number, rtol=0, atol=atol)
    if "token" in expected:
        (gradient,) = torch.autograd.grad(result[0], columns["logprob"])
        np.testing.assert_allclose(gradient, expected["token"], rtol=0, atol=atol)


@pytest.mark.parametrize("method", ["loss:ppo", "loss:kl", "loss:value", "loss:epo_penalty"])
def test_golden__has_cases_for(method: str) -> None:
    assert counts()[method] > 0


def test_ppo__each_branch_by_hand() -> None:
    # Ratios 2, 1/2, 1.1 (each sign) and 5 with a negative advantage; bounds 0.8 and 1.2, cap 3.
    ratio = [2.0, 2.0, 0.5, 0.5, 1.1, 1.1, 5.0]
    gain = [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, -1.0]
    loss = [-1.2, 2.0, -0.5, 0.8, -1.1, 1.1, 3.0]
    slope = [0.0, 2.0, -0.5, 0.0, -1.1, 1.1, 0.0]  # d loss / d logprob: nothing beyond a bound
    logprob = torch.tensor(np.log(ratio), requires_grad=True)
    value, info = ppo(logprob, [0.0] * 7, gain)
    (gradient,) = torch.autograd.grad(value, logprob)
    np.testing.assert_allclose(value.item(), np.mean(loss))
    np.testing.assert_allclose(gradient * 7, slope, atol=1e-12)
    np.testing.assert_allclose(info["clip_fraction"], 2 / 7)
    np.testing.assert_allclose(info["kl"], -np.log(ratio).mean())
    uncapped, _ = ppo(logprob, [0.0] * 7, gain, dual_clip=None)
    np.testing.assert_allclose(uncapped.item() - value.item(), 2 / 7)


@pytest.mark.parametrize("mode", MODES)
def test_ppo__gradient_agrees_with_finite_differences(mode: Any) -> None:
    rng = np.random.default_rng(0)
    old, gain = rng.normal(size=12), rng.normal(size=12)
    mask, offsets = rng.random(12) < 0.7, [0, 3, 3, 8, 12]

    def loss(logprob: Any) -> Any:
        return ppo(logprob, old, gain, mask, offsets, clip_high=0.28, aggregate=mode, width=9)[0]

    logprob = torch.tensor(old + 0.3 * rng.normal(size=12), requires_grad=True)
    assert torch.autograd.gradcheck(loss, (logprob,))


def test_ppo__untrained_tokens_count_for_nothing_whatever_they_hold() -> None:
    old, gain = torch.zeros(3), torch.tensor([1.0, math.nan, -2.0])
    logprob = torch.tensor([0.1, math.inf, 0.3], requires_grad=True)
    value, info = ppo(logprob, old, gain, [True, False, True])
    kept, kept_info = ppo(logprob[[0, 2]], old[:2], gain[[0, 2]])
    torch.testing.assert_close(value, kept)
    torch.testing.assert_close(info, kept_info)
    (gradient,) = torch.autograd.grad(value, logprob)
    assert gradient[1] == 0
    assert torch.isfinite(gradient).all()


def test_ppo__keeps_type_and_limits_the_ratio() -> None:
    logprob = torch.tensor([100.0, 0.0], dtype=torch.float32)
    value, info = ppo(logprob, torch.zeros(2), torch.tensor([-1.0, 0.0]), dual_clip=None)
    assert value.dtype == torch.float32
    np.testing.assert_allclose(value, math.exp(20) / 2, rtol=1e-5)
    assert not info["kl"].requires_grad


def test_aggregate__each_mode_by_hand() -> None:
    x, mask, offsets = [1.0, 2.0, 30.0, 4.0, 5.0], [True, True, False, False, True], [0, 2, 4, 5]
    expected = {
        "token_mean": 8 / 3,
        "seq_mean_token_mean": (1.5 + 5) / 2,  # the second sequence has no trained token
        "seq_mean_token_sum": (3 + 0 + 5) / 3,
        "seq_mean_token_sum_norm": 8 / 4,
    }
    for mode in MODES:
        got = aggregate(x, mask, offsets, mode=mode, width=4)  # type: ignore[arg-type]
        np.testing.assert_allclose(got, expected[mode])


def test_aggregate__says_what_is_missing() -> None:
    with pytest.raises(ArgumentError, match="token_mean"):
        aggregate([1.0], mode="mean")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="token_offsets"):
        aggregate([1.0], mode="seq_mean_token_sum")
    with pytest.raises(ArgumentError, match="width"):
        aggregate([1.0], mode="seq_mean_token_sum_norm")
    for offsets in ([0, 2], [1, 1], [0], [0, 3, 1]):
        with pytest.raises(ShapeError, match="token_offsets"):
            aggregate([1.0], token_offsets=offsets, mode="seq_mean_token_sum")
    with pytest.raises(ShapeError, match="trains no token"):
        aggregate([1.0], [False])


def test_ppo__wrong_arguments_are_named() -> None:
    with pytest.raises(ShapeError, match="'advantage'"):
        ppo([0.0, 0.0], [0.0, 0.0], [1.0])
    with pytest.raises(ShapeError, match="'logprob'"):
        ppo([[0.0]], [0.0], [1.0])  # type: ignore[list-item]
    for wrong in ({"clip_low": -0.1}, {"clip_high": -0.1}, {"dual_clip": 1.0}):
        with pytest.raises(ArgumentError, match="clips"):
            ppo([0.0], [0.0], [1.0], **wrong)  # type: ignore[arg-type]


def test_kl__each_kind_by_hand() -> None:
    new, ref = [-1.0, -2.0], [-1.5, -1.0]
    d = np.array([0.5, -1.0])
    np.testing.assert_allclose(kl(new, ref, kind="k1"), d)
    np.testing.assert_allclose(kl(new, ref, kind="abs"), [0.5, 1.0])
    np.testing.assert_allclose(kl(new, ref, kind="k2"), [0.125, 0.5])
    np.testing.assert_allclose(kl(new, ref), [math.exp(-0.5) - 0.5, math.e - 2.0])
    np.testing.assert_allclose(kl([-30.0], [0.0]), [10.0])
    with pytest.raises(ArgumentError, match="'k1'"):
        kl(new, ref, kind="k4")  # type: ignore[arg-type]
