"""iStar: an episode's advantage plus a step's, from an implicit process reward."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.estimators.primitives import Norm, choice
from baselines.estimators.registry import Advantages, advantages, method, register

__all__ = ["istar"]

Base = Literal["rloo", "grpo", "reinforce_pp_baseline"]
ProcessNorm = Literal["batch_max", "none"]
ProcessOver = Literal["steps", "first_step"]
Combine = Literal["add", "sum", "process"]


@register(
    "istar",
    paper="Agentic Reinforcement Learning with Implicit Step Rewards",
    arxiv="2509.19199",
    needs=("process_reward", "outcome"),
    aliases={"oprl": {}},
)
def istar(
    batch: StepBatch,
    *,
    base: Base = "rloo",
    norm: Norm = "mean",
    step_weight: float = 1.0,
    process_norm: ProcessNorm = "batch_max",
    process_over: ProcessOver = "steps",
    combine: Combine = "add",
    eps: float = 1e-6,
    **keywords: Any,
) -> Advantages:
    """Add to the advantage of an episode's outcome that of the step's process reward.

    y = process_reward / (max |y| over the batch + 1e-6).
    add: A = base(x) + step_weight * base(y). sum: A = base(x + step_weight * y). process: A = base(y).

    Args:
        batch: N steps. `process_reward` is beta times the step's sum over tokens of the log-ratio of the
            process model and the reference, beta 0.05 in the paper.
        base: "rloo", "grpo" or "reinforce_pp_baseline".
        norm: Passed to the base where it has it.
        step_weight: Weight of the step's term.
        process_norm: Divide the process rewards by the largest of the batch, or leave them.
        process_over: Compare a step with every step of the group (the paper), or with the first step of each
            episode only (released: "first_step").
        combine: Add two advantages, or take the advantage of the sum or of the process reward alone.
        eps: Passed to the base where it has it.
        keywords: Passed to the base; `over` (the base's default is "episodes") to the outcome's term alone.

    Returns:
        Advantages of shape (N,); with base "reinforce_pp_baseline" also of the tokens, shape (T,).

    Raises:
        ArgumentError: A keyword has no known value.
        UnknownNameError: The base has no such keyword.

    References:
        Liu et al. 2025 (Online Process Reward Learning), https://arxiv.org/abs/2509.19199. Deviation from the
        paper: the 1e-6 of the normalisation (as released). "sum" and "process" are ablations of its code.
    """
    choice("base", base, Base)
    choice("process_norm", process_norm, ProcessNorm)
    choice("process_over", process_over, ProcessOver)
    choice("combine", combine, Combine)
    shared = {"norm": norm, "eps": eps, **keywords}
    known = method(base).keywords
    given = {name: value for name, value in shared.items() if name in known or name in keywords}
    process_term = {**given, "over": "steps" if process_over == "steps" else "episodes"}
    process = _scaled(batch.column("process_reward", "istar"), process_norm)
    if combine == "add":
        episode = advantages(base, batch, **given)
        step = advantages(base, batch.with_columns(outcome=process), **process_term)
        return _sum(episode, step, step_weight)
    score = process if combine == "process" else batch.outcome + step_weight * process
    result: Advantages = advantages(base, batch.with_columns(outcome=score), **process_term)
    return result


def _scaled(process: FloatArray, process_norm: ProcessNorm) -> FloatArray:
    return process if process_norm == "none" else process / (np.abs(process).max() + 1e-6)


def _sum(episode: Advantages, step: Advantages, weight: float) -> Advantages:
    if episode.token is None or step.token is None:
        return Advantages(episode.step + weight * step.step)
    return Advantages(episode.step + weight * step.step, episode.token + weight * step.token)
