"""`rollout_func` of TRL's `GRPOTrainer`: whole episodes, played by the collector with the trainer's model.

A row of TRL is then an episode: its prompt is the first turn's, its completion all that follows. The tokens
that the model sampled stand there exactly as they were sampled; what the environment said between them is
masked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from agentgym.agents.hf import HFAgent
from agentgym.agents.prompt import PromptTemplate
from agentgym.columns import intern_labels
from agentgym.errors import ArgumentError
from agentgym.rollout import collect
from agentgym.trajectory import Trajectory
from baselines.integrations.trl.starts import start_of

__all__ = ["EpisodeRollout", "outcome"]


def outcome(*, outcome: Sequence[float], **_: Any) -> list[float]:
    """Reward function of TRL: the reward sum of each episode, as the rollout found it."""
    return list(outcome)


class EpisodeRollout:
    """Plays the starts that TRL hands over; pass it as `rollout_func`, with `outcome` as reward function.

    TRL repeats a row for each member of its group, so members have equal starts and equal chance, and their
    own noise of sampling. An episode is bounded by the environment's `max_steps` and by `max_new_tokens`.

    Args:
        template: How turns become a chat; its form is "turns" whatever it says.
        max_new_tokens: Greatest number of tokens of an answer.
        slots: Number of episodes alive at once.

    Attributes:
        played: The episodes of the last call, one for each prompt.
        masks: Which tokens of each completion were sampled, 1 or 0.
    """

    def __init__(
        self, template: PromptTemplate | None = None, *, max_new_tokens: int = 64, slots: int = 64
    ) -> None:
        self._template = (template or PromptTemplate()).changed(chat="turns")
        self._max_new_tokens, self._slots = max_new_tokens, slots
        self._begun = 0
        self.played: list[Trajectory] = []
        self.masks: list[list[int]] = []

    def __call__(self, prompts: Sequence[Any], trainer: Any) -> dict[str, Any]:
        """Play an episode for every prompt.

        Args:
            prompts: Rows of `rollout_dataset`.
            trainer: TRL's trainer; gives model, tokenizer, temperature and seed.

        Returns:
            `prompt_ids`, `completion_ids`, `logprobs`, `env_mask` (1 at sampled tokens) and `outcome`, a list
            with an entry for each prompt.

        Raises:
            ArgumentError: A prompt is no start.
        """
        groups = intern_labels([str(prompt) for prompt in prompts]).tolist()
        episodes = [start_of(prompt, self._begun + k, groups[k]) for k, prompt in enumerate(prompts)]
        self._begun += len(episodes)
        model = trainer.accelerator.unwrap_model(trainer.model)
        learning = model.training
        agent = HFAgent(
            model.eval(),
            trainer.processing_class,
            self._template,
            temperature=trainer.temperature,
            max_new_tokens=self._max_new_tokens,
        )
        played = collect(episodes, agent, agent_seed=trainer.args.seed, slots=self._slots)
        self.played = sorted(played, key=lambda trajectory: trajectory.episode)
        model.train(learning)
        rows = [_row(trajectory, trainer.processing_class.eos_token_id) for trajectory in self.played]
        self.masks = [row.env_mask for row in rows]
        found: dict[str, Any] = {name: [getattr(row, name) for row in rows] for name in _Row._fields}
        return {**found, "outcome": [trajectory.total_reward for trajectory in self.played]}


class _Row(NamedTuple):
    """An episode as TRL wants it: lists of numbers, the last three of one length."""

    prompt_ids: list[int]
    completion_ids: list[int]
    logprobs: list[float]
    env_mask: list[int]


def _row(trajectory: Trajectory, filler: int) -> _Row:
    """Lay an episode out; one that broke before its first answer is one token that nobody learns from."""
    decisions = [step.decision for step in trajectory.steps]
    if not decisions:
        return _Row([filler], [filler], [0.0], [0])
    ids: list[int] = list(_known(decisions[0].prompt_ids))
    start = len(ids)
    logprobs: list[float] = []
    mask: list[int] = []
    for decision in decisions:
        prompt = list(_known(decision.prompt_ids))
        if prompt[: len(ids)] != ids:
            raise ArgumentError(
                "A prompt does not go on from the one before it: the rollout cannot be one row."
            )
        said = prompt[len(ids) :]
        tokens = list(_known(decision.token_ids))
        ids += said + tokens
        logprobs += [0.0] * len(said) + list(_known(decision.logprobs))
        mask += [0] * len(said) + [1] * len(tokens)
    return _Row(ids[:start], ids[start:], logprobs, mask)


def _known(array: Any) -> list[Any]:
    if array is None:
        raise ArgumentError("A decision carries no tokens: it was not made by a language model.")
    return list(np.asarray(array).tolist())
