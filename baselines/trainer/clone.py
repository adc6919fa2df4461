"""Behaviour cloning: a language model learns to answer as the oracle acts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.agents import decisions_of, make_agent
from agentgym.agents.hf import HFAgent
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Decision, Turn
from baselines.models.rows import Row, packed, rows_of, shares_prefixes, token_logprobs
from baselines.models.trunks import grow
from baselines.trainer.config import CloneConfig

__all__ = ["DemonstrationAgent", "clone", "demonstrations"]


class DemonstrationAgent:
    """Acts as the oracle, perhaps with slips, and writes down what the student would have had to say.

    Args:
        student: The language model agent whose prompts and tokens are recorded.
        noise: Share of the turns at which a random admissible action replaces the expert's.
    """

    def __init__(self, student: HFAgent, noise: float = 0.0) -> None:
        self.wants_oracle = noise < 1  # experts that search are dear
        self.spec = "oracle"
        self._student = student
        self._noise = noise
        self._teacher, self._slip = make_agent("oracle"), make_agent("random")

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer with the expert's actions, tokens included."""
        prompts = self._student.encode(turns)
        experts, slips = decisions_of(self._teacher, turns), decisions_of(self._slip, turns)
        return [
            self._with_tokens(prompt, slip if _draw(turn) < self._noise else expert)
            for turn, prompt, expert, slip in zip(turns, prompts, experts, slips, strict=True)
        ]

    def _with_tokens(self, prompt: NDArray[np.int64], decision: Decision) -> Decision:
        tokenizer = self._student.tokenizer
        ids = tokenizer(decision.action, add_special_tokens=False)["input_ids"]
        response = np.asarray([*ids, tokenizer.eos_token_id], dtype=np.int64)
        return replace(decision, prompt_ids=prompt, token_ids=response)


def _draw(turn: Turn) -> float:
    return float(turn.rng().random(2)[1])  # the first number is what a random agent may have drawn


def demonstrations(
    student: HFAgent, episodes: Sequence[Episode], *, noise: float = 0.0, lost_too: bool = False
) -> list[Row]:
    """Let the oracle play, with a share of slips, and return every turn of its successes as a row.

    Args:
        student: The language model agent whose prompts and tokens are recorded.
        episodes: What the oracle plays.
        noise: Share of the turns at which a random admissible action replaces the oracle's.
        lost_too: Whether other episodes count as well: in a game of chance a loss need be nobody's mistake.
    """
    played = sorted(collect(episodes, DemonstrationAgent(student, noise)), key=lambda t: t.episode)
    return rows_of(t for t in played if t.success or (lost_too and t.error is None))


def clone(
    model: Any,
    rows: Sequence[Row],
    config: CloneConfig,
    *,
    seed: int,
    on_step: Callable[[int, int, float], None] | None = None,
) -> list[float]:
    """Maximise the likelihood of the rows' responses; AdamW, a tenth of warm-up, cosine decay to 0.

    Args:
        model: A causal language model; its weights change.
        rows: The demonstrations, turn after turn.
        config: Epochs, batch size and learning rate.
        seed: Decides the order of the rows.
        on_step: Called with steps done, steps in all, and the loss of the step.

    Returns:
        The loss of every step: mean negative log-probability per response token, in nats.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=0.01)
    batches = [
        batch
        for epoch in range(config.reading + config.epochs)
        for batch in _batches(rows, config.batch, [seed, epoch], whole=epoch < config.reading)
    ]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step / len(batches)))
    losses: list[float] = []
    model.train()
    for batch in batches:
        losses.append(_step(model, batch, optimizer))
        schedule.step()
        if on_step is not None:
            on_step(len(losses), len(batches), losses[-1])
    model.eval()
    return losses


def _batches(rows: Sequence[Row], size: int, seed: Sequence[int], *, whole: bool) -> list[list[Row]]:
    """Shuffle the rows and cut them into batches; rows that share their beginning stay together.

    Args:
        rows: R rows.
        size: Rows of a batch, or a few more.
        seed: Decides the order.
        whole: Whether all that such rows say becomes one long response, the prompts too.
    """
    trunks = grow(rows, range(len(rows)))
    batches: list[list[Row]] = [[]]
    taken = size
    for number in np.random.default_rng(seed).permutation(len(trunks)):
        members = [rows[i] for i in trunks[number].members]
        if taken >= size:
            batches.append([])
            taken = 0
        batches[-1] += [_whole(members[-1])] if whole else members
        taken += len(members)
    return batches[1:]


def _whole(row: Row) -> Row:
    return Row(row.prompt[:1], np.concatenate([row.prompt[1:], row.response]))


def _rate(done: float) -> float:
    return min(done / 0.1 + 0.01, 0.5 * (1 + math.cos(math.pi * done)))


def _step(model: Any, rows: Sequence[Row], optimizer: torch.optim.Optimizer) -> float:
    tokens = sum(len(row.response) for row in rows)
    total = 0.0
    optimizer.zero_grad()
    for piece in packed(rows, range(len(rows)), 16384, share=shares_prefixes(model)):
        logprobs = token_logprobs(model, [rows[i] for i in piece], temperature=1.0)
        loss = -logprobs.sum() / tokens
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return total
