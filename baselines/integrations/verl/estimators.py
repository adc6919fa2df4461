"""Our estimators as verl's: `algorithm.adv_estimator=agentgym_gigpo`.

verl calls a registered estimator with `token_level_rewards`, `response_mask`, `index` (the uid) and its
configuration, and with nothing else. Estimators that live on rewards, groups and turns need no more. One
that reads states, values, log-probabilities or entropies gets them when `widen` has put `compute_advantage`
of this module in the place of verl's own: it passes everything that the `DataProto` carries.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

from agentgym.errors import MissingColumnError, require
from baselines.estimators import Estimator, make_estimator, names
from baselines.integrations.padded import TurnLayout, credit_tokens, from_padded
from baselines.integrations.verl.data import as_rows, from_data_proto, numbers

__all__ = ["compute_advantage", "register_estimator", "register_estimators", "tensor_estimator", "widen"]

PREFIX: Final = "agentgym_"
_REGISTERED: dict[str, Estimator] = {}


def tensor_estimator(estimator: Estimator) -> Callable[..., tuple[Any, Any]]:
    """Write an estimator as a function of padded tensors, as verl and SkyRL call it.

    Returns:
        A function of `token_level_rewards` (R, L), `response_mask` (R, L) and `index` (R labels), torch
        tensors and an array, that returns advantages and returns, (R, L) each. Further keywords are ignored,
        except `values` (R, L), which becomes the column `value_token`.
    """

    def compute(
        token_level_rewards: Any, response_mask: Any, index: Any = None, values: Any = None, **_: Any
    ) -> tuple[Any, Any]:
        if index is None:
            raise MissingColumnError(
                f"{estimator.method.name} needs groups. Pass index=, a label for each row."
            )
        layout = TurnLayout.of(numbers(response_mask))
        tokens = {} if values is None else {"value_token": numbers(values)}
        credit = credit_tokens(
            estimator, from_padded(layout, numbers(token_level_rewards), index, tokens=tokens)
        )
        return as_rows(credit.advantage, token_level_rewards), as_rows(credit.returns, token_level_rewards)

    return compute


def register_estimator(name: str, *, registered: str = "", **keywords: Any) -> str:
    """Register one of our estimators with verl.

    Args:
        name: The method.
        registered: The name in verl; "": "agentgym_" and the method's.
        keywords: Its hyper-parameters.

    Returns:
        The name, for `algorithm.adv_estimator`.

    Raises:
        UnknownNameError: There is no such method or keyword.
        MissingExtraError: verl is not installed.
    """
    algorithms = require("verl.trainer.ppo.core_algos", extra="verl", who="register_estimator")
    estimator, known_as = make_estimator(name, **keywords), registered or PREFIX + name
    if known_as in _REGISTERED:  # verl refuses a second function of one name, even where it is meant
        del algorithms.ADV_ESTIMATOR_REGISTRY[known_as]
    algorithms.register_adv_est(known_as)(tensor_estimator(estimator))
    _REGISTERED[known_as] = estimator
    return known_as


def register_estimators() -> tuple[str, ...]:
    """Register all our estimators with their defaults; return their names in verl."""
    return tuple(register_estimator(name) for name in names())


def compute_advantage(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap verl's `compute_advantage` so that our estimators see all that the data carries.

    Args:
        original: verl's function, which goes on serving every other estimator.
    """

    def compute(data: Any, adv_estimator: Any, *arguments: Any, **keywords: Any) -> Any:
        estimator = _REGISTERED.get(str(getattr(adv_estimator, "value", adv_estimator)))
        if estimator is None:
            return original(data, adv_estimator, *arguments, **keywords)
        credit = credit_tokens(estimator, from_data_proto(data))
        rewards = data.batch["token_level_rewards"]
        data.batch["advantages"] = as_rows(credit.advantage, rewards)
        data.batch["returns"] = as_rows(credit.returns, rewards)
        return data

    return compute


def widen() -> None:
    """Put the wrapped `compute_advantage` in the place of verl's, in every trainer of this process.

    Raises:
        MissingExtraError: verl is not installed.
    """
    trainer: Any = require("verl.trainer.ppo.ray_trainer", extra="verl", who="widen")
    wide = compute_advantage(trainer.compute_advantage)
    for name in ("verl.trainer.ppo.ray_trainer", "verl.trainer.ppo.v1.utils"):
        module = sys.modules.get(name)  # one that is loaded later takes the wide function from the first
        if module is not None and module.__dict__["compute_advantage"].__module__ != __name__:
            module.__dict__["compute_advantage"] = wide
