"""ALFWorld's own stack as a backend: TextWorld in a process of its own."""

from __future__ import annotations

from envs.alfworld.textworld.backend import TextWorldBackend
from envs.alfworld.textworld.process import WorkerError

__all__ = ["TextWorldBackend", "WorkerError"]
