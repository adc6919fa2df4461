"""One policy update: advantages in, changed weights out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.losses import kl, ppo
from baselines.models.rows import Row, packed, shares_prefixes, token_logprobs, token_logprobs_and_entropies
from baselines.trainer.config import UpdateConfig
from baselines.trainer.policy import Policy
from baselines.trainer.smoothing import EntropyTerm

__all__ = ["Experience", "update_policy"]

FloatArray = NDArray[np.float64]


class Experience(NamedTuple):
    """What one update learns from.

    Attributes:
        rows: The turns, N rows.
        old_logprob: Per row the log-probabilities of its response when it was sampled, N arrays of shape
            (T_n,).
        advantage: Per row the advantage of each response token, N arrays of shape (T_n,).
        group: Group of each row, shape (N,). A minibatch holds whole groups.
    """

    rows: Sequence[Row]
    old_logprob: Sequence[FloatArray]
    advantage: Sequence[FloatArray]
    group: NDArray[np.int64]


def update_policy(
    policy: Policy,
    experience: Experience,
    *,
    reference: Any | None,
    seed: Sequence[int],
    smoothing: EntropyTerm | None = None,
) -> dict[str, float]:
    """Take the optimizer steps of one batch of experience.

    Every minibatch is cut into pieces that fit in memory; their gradients add up to that of the minibatch.
    With no divergence or entropy term, turns whose advantages are all 0 have no gradient and are not
    computed.

    Args:
        policy: Its weights change.
        experience: The turns.
        reference: The model that a divergence is measured from; None where `kl` is 0.
        seed: Decides the order of the groups.
        smoothing: The entropy term of the loss; None for none.

    Returns:
        Means over the optimizer steps: loss, clip_fraction, kl (old to new), reference_kl,
        gradient_norm, and with an entropy term epo_penalty.
    """
    config = policy.config.update
    terms = _Terms(reference, smoothing)
    sums: dict[str, list[float]] = defaultdict(list)
    policy.model.train()
    for epoch in range(config.epochs):
        groups = np.random.default_rng([*seed, epoch]).permutation(np.unique(experience.group))
        for some in np.array_split(groups, min(config.minibatches, len(groups))):
            chosen = np.flatnonzero(np.isin(experience.group, some))
            policy.optimizer.zero_grad()
            for name, value in _accumulate(policy, experience, chosen, terms).items():
                sums[name].append(value)
            norm = torch.nn.utils.clip_grad_norm_(policy.model.parameters(), config.gradient_clip)
            sums["gradient_norm"].append(float(norm))
            policy.optimizer.step()
    policy.model.eval()
    return {name: float(np.mean(values)) for name, values in sums.items()}


class _Terms(NamedTuple):
    """What the loss has beside the policy's own: a divergence from a model, and an entropy term."""

    reference: Any | None
    smoothing: EntropyTerm | None


def _accumulate(
    policy: Policy, experience: Experience, chosen: NDArray[np.int64], terms: _Terms
) -> dict[str, float]:
    """Add up the gradient of one minibatch; return its means."""
    config, temperature = policy.config.update, policy.config.rollout.temperature
    kept = [i for i in chosen if any(term is not None for term in terms) or np.any(experience.advantage[i])]
    share = _shares(experience, chosen, config)
    tokens = sum(len(experience.advantage[i]) for i in chosen)
    totals: dict[str, float] = dict.fromkeys(("loss", "clip_fraction", "kl", "reference_kl"), 0.0)
    for piece in packed(experience.rows, kept, config.micro_tokens, share=shares_prefixes(policy.model)):
        rows = [experience.rows[i] for i in piece]
        if terms.smoothing is None:
            logprob, entropy = token_logprobs(policy.model, rows, temperature=temperature), None
        else:
            logprob, entropy = token_logprobs_and_entropies(policy.model, rows, temperature=temperature)
        weight = float(sum(share[i] for i in piece))
        old, advantage, offsets = _inputs(experience, piece, logprob.device)
        loss, info = ppo(logprob, old, advantage, token_offsets=offsets, **config.loss)
        found = {"loss": loss, **{name: info[name] for name in ("clip_fraction", "kl")}}
        for name, value in found.items():
            totals[name] += weight * float(value.detach())
        loss = weight * loss
        if terms.reference is not None:
            with torch.no_grad():
                base = token_logprobs(terms.reference, rows, temperature=temperature)
            divergence = kl(logprob, base, kind="k3").sum() / tokens
            loss = loss + config.kl * divergence
            totals["reference_kl"] += float(divergence.detach())
            totals["loss"] += config.kl * float(divergence.detach())
        if entropy is not None and terms.smoothing is not None:
            penalty = terms.smoothing.penalties(entropy, offsets, piece).sum() / tokens
            term = terms.smoothing.coefficient * (penalty - entropy.sum() / tokens)
            loss = loss + term
            totals["epo_penalty"] = totals.get("epo_penalty", 0.0) + float(penalty.detach())
            totals["loss"] += float(term.detach())
        loss.backward()  # type: ignore[no-untyped-call]
    return totals


def _inputs(
    experience: Experience, piece: Sequence[int], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Old log-probabilities and advantages of a piece, shape (T,), and the bounds of its rows."""

    def flat(columns: Sequence[FloatArray]) -> torch.Tensor:
        return torch.as_tensor(np.concatenate([columns[i] for i in piece]), device=device)

    lengths = [len(experience.advantage[i]) for i in piece]
    offsets = torch.tensor(np.concatenate([[0], np.cumsum(lengths)]), device=device)
    return flat(experience.old_logprob), flat(experience.advantage), offsets


def _shares(experience: Experience, chosen: NDArray[np.int64], config: UpdateConfig) -> dict[int, float]:
    """How much each row counts in its minibatch: by its tokens, or equally if the loss is a mean of rows."""
    by_token = config.loss.get("aggregate", "token_mean") == "token_mean"
    sizes = {int(i): float(len(experience.advantage[i])) if by_token else 1.0 for i in chosen}
    total = sum(sizes.values())
    return {i: size / total for i, size in sizes.items()}
