"""Generated questions of mathematics, by number."""

from __future__ import annotations

from envs.tooluse.python.tasks.source import KINDS, LEVELS, SPLITS, math_task, numbered
from envs.tooluse.python.tasks.task import MathTask

__all__ = ["KINDS", "LEVELS", "SPLITS", "MathTask", "math_task", "numbered"]
