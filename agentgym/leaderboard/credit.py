"""What a submission that holds is credited with: recomputed from what was executed, never taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.metrics import Metrics, measure_episodes
from agentgym.evaluation.normalise import Normalised, normalise
from agentgym.evaluation.summary import EpisodeSummary

__all__ = ["Credit", "credit"]


@dataclass(frozen=True, slots=True)
class Credit:
    """The numbers of a submission.

    Attributes:
        metrics: Its metrics.
        normalised: Its score between floor and ceiling.
        episodes: Its episodes, shape (E,).
        content_digest: Digest of what was played.
    """

    metrics: Metrics
    normalised: Normalised
    episodes: tuple[EpisodeSummary, ...]
    content_digest: str


def credit(suite: ExpandedSuite, episodes: Sequence[EpisodeSummary], content_digest: str) -> Credit:
    """Measure episodes; the resamples are drawn alike on every machine."""
    metrics = measure_episodes(episodes, np.random.default_rng(0))
    normalised = normalise(suite, [episode.outcome for episode in episodes])
    return Credit(metrics, normalised, tuple(episodes), content_digest)
