"""`StepBatch`: trajectories as columns, the view that estimators see."""

from __future__ import annotations

__all__ = ["StepBatch"]


class StepBatch:
    """To be written."""
