"""Estimates of the divergence from the reference policy, token by token."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from torch import Tensor

from agentgym.errors import ArgumentError
from baselines.losses.tensors import Column, as_tokens

__all__ = ["Kind", "kl"]

Kind: TypeAlias = Literal["k1", "abs", "k2", "k3"]


def kl(logprob: Column, ref_logprob: Column, *, kind: Kind = "k3") -> Tensor:
    """Estimate the divergence of the policy from the reference at each sampled token.

    With d = logprob - ref_logprob: k1 = d, abs = |d|, k2 = d^2 / 2, k3 = exp(-d) + d - 1, there with d
    clipped to +-20 and the result to +-10. Reduce it with `aggregate`, or take it off a token reward.

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        ref_logprob: The same under the reference policy, shape (T,).
        kind: The estimator. k1 and k3 are unbiased estimates of KL(policy, reference); only k2 has the right
            gradient when it is differentiated as a loss.

    Returns:
        Shape (T,).

    Raises:
        ShapeError: The columns differ in length.
        ArgumentError: The kind is unknown.

    References:
        Schulman 2020, http://joschu.net/blog/kl-approx.html, and `kl_penalty` of verl. Deviation: the clips
        of k3, as released.
    """
    if kind not in get_args(Kind):
        raise ArgumentError(f"`kind` is {kind!r}. Expected one of {', '.join(map(repr, get_args(Kind)))}.")
    new = as_tokens("logprob", logprob)
    d = new - as_tokens("ref_logprob", ref_logprob, new)
    if kind == "k1":
        return d
    if kind == "abs":
        return d.abs()
    if kind == "k2":
        return d.square() / 2
    d = d.clamp(-20.0, 20.0)
    return ((-d).exp() + d - 1.0).clamp(-10.0, 10.0)
