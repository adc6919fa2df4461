"""One episode reduced to what is counted, compared and listed; its turns stay in the trajectory."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agentgym.evaluation.outcomes import Outcome, outcomes
from agentgym.hashing import digest
from agentgym.trajectory import Step, Trajectory

__all__ = ["EpisodeSummary", "summarise"]

_TELLING: Final = 256
"""Least number of characters beyond its actions by which two agents' words can be told apart."""


@dataclass(frozen=True, slots=True)
class EpisodeSummary:
    """The numbers of one episode.

    Attributes:
        number: Its number within the run.
        env_id: Registered id.
        task_id: The task.
        group: Its group of episodes that started alike.
        outcome: Success and score, keyed by start and task.
        episode_return: Sum of the rewards.
        turns: Number of turns.
        invalid: Number of actions that the environment did not accept.
        tokens: Number of response tokens.
        cost: What the answers cost.
        model_s: Seconds spent in the agent.
        env_s: Seconds spent in the environment.
        error: Why it broke off, in valid Unicode; None where it did not.
        words: Digest of what the agent wrote beside its actions, letters and digits alone, so that spaces,
            case, accents, punctuation and invisible characters hide nothing; None where that is too little to
            tell two agents apart.
        actions: Digest of the actions.
    """

    number: int
    env_id: str
    task_id: str
    group: int
    outcome: Outcome
    episode_return: float
    turns: int
    invalid: int
    tokens: int
    cost: float
    model_s: float
    env_s: float
    error: str | None
    words: str | None
    actions: str


def summarise(trajectory: Trajectory) -> EpisodeSummary:
    """Reduce a trajectory to its summary."""
    return EpisodeSummary(
        number=trajectory.episode,
        env_id=trajectory.env_id,
        task_id=trajectory.task_id,
        group=trajectory.group,
        outcome=outcomes([trajectory])[0],
        episode_return=trajectory.total_reward,
        turns=len(trajectory.steps),
        invalid=sum(not step.valid for step in trajectory.steps),
        tokens=trajectory.tokens,
        cost=trajectory.cost,
        model_s=trajectory.model_s,
        env_s=trajectory.env_s,
        error=None if trajectory.error is None else _unicode(trajectory.error),
        words=_words(trajectory.steps),
        actions=digest([step.decision.action for step in trajectory.steps]),
    )


def _unicode(text: str) -> str:
    """Replace lone surrogates: neither UTF-8 nor strict JSON can hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _words(steps: Sequence[Step]) -> str | None:
    written = [step.decision.response for step in steps]
    beyond = sum(len(w) - len(s.decision.action) for w, s in zip(written, steps, strict=True) if w)
    if beyond < _TELLING:
        return None
    return digest([_letters(text) for text in written])


def _letters(text: str) -> str:
    """Keep letters and digits, without case, accents and width: what is put between them hides nothing."""
    bare = "".join(filter(str.isalnum, text))  # first: long runs of accents take quadratic time below
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", bare).casefold()))
