"""SkyRL: our estimators in its `AdvantageEstimatorRegistry`, and on its training batches.

SkyRL calls a registered estimator as verl does, but with a mask of the whole response, in which what the
environment said counts as well: a row is then one turn. That is enough for methods that credit episodes.
`credit_batch` reads the loss mask, which tells the turns apart; a trainer that overrides
`compute_advantages_and_returns` calls it.
"""

from __future__ import annotations

from typing import Any

from baselines.estimators import Estimator, make_estimator
from baselines.integrations.padded import TurnLayout, credit_tokens, from_padded
from baselines.integrations.verl.data import as_rows, numbers
from baselines.integrations.verl.estimators import PREFIX, tensor_estimator

__all__ = ["credit_batch", "register_estimator"]

_TOKEN_NAMES = {
    "action_log_probs": "old_logprob",
    "base_action_log_probs": "ref_logprob",
    "values": "value_token",
}


def register_estimator(registry: Any, name: str, *, registered: str = "", **keywords: Any) -> str:
    """Register one of our estimators with SkyRL.

    Args:
        registry: SkyRL's `AdvantageEstimatorRegistry`, imported by the caller: it has moved between versions.
        name: The method.
        registered: The name in SkyRL; "": "agentgym_" and the method's.
        keywords: Its hyper-parameters.

    Returns:
        The name, for `trainer.algorithm.advantage_estimator`.

    Raises:
        UnknownNameError: There is no such method or keyword.
    """
    known_as = registered or PREFIX + name
    registry.register(known_as, tensor_estimator(make_estimator(name, **keywords)))
    return known_as


def credit_batch(data: Any, estimator: Estimator, *, reward: str = "custom_rewards") -> None:
    """Fill in `advantages` and `returns` of a `TrainingInputBatch`.

    Args:
        data: Has the tensors `loss_mask` and the rewards, (R, L) each, and `metadata["uids"]`.
        estimator: A method.
        reward: The tensor that holds the rewards; its name has changed between versions.

    Raises:
        MissingColumnError: The method needs a column that the batch does not carry.
    """
    rewards = data[reward]
    found = {ours: data.get(name) for name, ours in _TOKEN_NAMES.items()}
    tokens = {ours: numbers(tensor) for ours, tensor in found.items() if tensor is not None}
    layout = TurnLayout.of(numbers(data["loss_mask"]))
    credit = credit_tokens(
        estimator, from_padded(layout, numbers(rewards), data.metadata["uids"], tokens=tokens)
    )
    data["advantages"] = as_rows(credit.advantage, rewards)
    data["returns"] = as_rows(credit.returns, rewards)
