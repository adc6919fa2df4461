"""ArCHer: the advantage of an utterance by critics of its own, learnt off policy."""

from __future__ import annotations

from agentgym.batch import StepBatch
from baselines.estimators.registry import Advantages, register

__all__ = ["archer"]


@register(
    "archer",
    paper="ArCHer: Training Language Model Agents via Hierarchical Multi-Turn RL",
    arxiv="2402.19446",
    needs=("value",),
)
def archer(batch: StepBatch) -> Advantages:
    """Score each step with the critics alone: A = min(Q1, Q2)(s, a) - min(V1, V2)(s).

    Args:
        batch: N steps. `value` is min(V1, V2); the first two columns of `rewards` are Q1 and Q2; without
            `rewards`, `process_reward` is their minimum.

    Returns:
        Advantages of shape (N,), for REINFORCE over the tokens of the step. The critics are trained with
        `baselines.losses.archer_critic`.

    Raises:
        MissingColumnError: Both `rewards` and `process_reward` are absent.

    References:
        Zhou et al. 2024, https://arxiv.org/abs/2402.19446; read from the released code, not run against it.
        Deviation from the paper: two critics of each kind and their minimum, as released. Deviation from
        released code: it scores utterances drawn anew at replayed states, this method those of the batch.
    """
    value = batch.column("value", "archer")
    if batch.rewards is not None:
        return Advantages(batch.rewards[:, :2].min(axis=1) - value)
    return Advantages(batch.column("process_reward", "archer (without `rewards`)") - value)
