"""verl: our estimators and losses under its registered names, and its `DataProto` as a `StepBatch`.

What verl itself hands to a registered estimator is the rewards, the response mask and the prompt's uid; see
`verl.data` for the way to the rest.
"""

from baselines.integrations.verl.data import from_data_proto, to_data_proto
from baselines.integrations.verl.estimators import (
    compute_advantage,
    register_estimator,
    tensor_estimator,
    widen,
)
from baselines.integrations.verl.losses import register_loss, tensor_loss

__all__ = [
    "compute_advantage",
    "from_data_proto",
    "register_estimator",
    "register_loss",
    "tensor_estimator",
    "tensor_loss",
    "to_data_proto",
    "widen",
]
