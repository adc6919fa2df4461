"""Importing this registers all our estimators and losses with verl, and widens what estimators see.

With `VERL_USE_EXTERNAL_MODULES=baselines.integrations.verl.everything` verl imports it in every process.
"""

from baselines.integrations.verl.estimators import register_estimators, widen
from baselines.integrations.verl.losses import register_losses

__all__: list[str] = []

register_estimators()
register_losses()
widen()
