"""SkyRL: our estimators in its `AdvantageEstimatorRegistry`.

SkyRL calls an estimator as verl does, with `token_level_rewards`, `response_mask` (its loss mask), `index`
and, where it trains a critic, `values`. What is said of turns and of what reaches an estimator in
`verl.estimators` holds here too.
"""

from __future__ import annotations

from typing import Any

from baselines.estimators import make_estimator
from baselines.integrations.verl.estimators import PREFIX, tensor_estimator

__all__ = ["register_estimator"]


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
