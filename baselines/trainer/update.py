"""One policy update: advantages in, changed weights out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.losses import PolicyLoss, kl, policy_loss
from baselines.models.rows import Row, packed, shares_prefixes, token_logprobs, token_logprobs_and_entropies
from baselines.trainer.config import UpdateConfig
from baselines.trainer.policy import Policy
from baselines.trainer.smoothing import EntropyTerm

__all__ = ["Experience", "chosen_loss", "update_policy"]

FloatArray = NDArray[np.float64]


class Experience(NamedTuple):
    """What one update learns from.

    Attributes:
        rows: The turns, N rows.
        old_logprob: Per row the log-probabilities of its response when it was sampled, N arrays of shape
            (T_n,).
        advantage: Per row the advantage of each response token, N arrays of shape (T_n,).
        group: Group of each row, shape (N,). A minibatch holds whole groups.
        episode: Episode of each row, shape (N,).
        further: Further token columns that the loss reads, by name, each as N arrays of shape (T_n,).
    """

    rows: Sequence[Row]
    old_logprob: Sequence[FloatArray]
    advantage: Sequence[FloatArray]
    group: NDArray[np.int64]
    episode: NDArray[np.int64]
    further: Mapping[str, Sequence[FloatArray]]


def chosen_loss(config: UpdateConfig) -> PolicyLoss:
    """Look up the run's policy loss and check its keywords.

    Raises:
        UnknownNameError: There is no such loss or keyword. The message lists close matches.
    """
    loss = policy_loss(config.loss)
    loss.check_keywords(config.loss_options)
    return loss


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
    Several processes share the pieces, and their gradients add up, too.
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
    terms = _Terms(chosen_loss(config), reference, smoothing)
    sums: dict[str, list[float]] = defaultdict(list)
    policy.learner.train()
    for epoch in range(config.epochs):
        groups = np.random.default_rng([*seed, epoch]).permutation(np.unique(experience.group))
        for some in np.array_split(groups, min(config.minibatches, len(groups))):
            chosen = np.flatnonzero(np.isin(experience.group, some))
            policy.optimizer.zero_grad()
            for name, value in _accumulate(policy, experience, chosen, terms).items():
                sums[name].append(value)
            sums["gradient_norm"].append(policy.step())
    policy.learner.eval()
    policy.publish()
    return {name: float(np.mean(values)) for name, values in sums.items()}


class _Terms(NamedTuple):
    """What is minimised: the policy's own loss, a divergence from a model, and an entropy term."""

    loss: PolicyLoss
    reference: Any | None
    smoothing: EntropyTerm | None

    @property
    def beside(self) -> bool:
        """Whether there is more than the policy's own loss."""
        return self.reference is not None or self.smoothing is not None


def _accumulate(
    policy: Policy, experience: Experience, chosen: NDArray[np.int64], terms: _Terms
) -> dict[str, float]:
    """Add up this process's share of the gradient of one minibatch; return the means of all of it."""
    config, temperature = policy.config.update, policy.config.rollout.temperature
    kept = [i for i in chosen if terms.beside or np.any(experience.advantage[i])]
    weights = _Weights.of(experience, chosen, terms.loss, config)
    tokens = sum(len(experience.advantage[i]) for i in chosen)
    totals: dict[str, float] = dict.fromkeys(("loss", "clip_fraction", "kl", "reference_kl"), 0.0)
    for piece in _pieces(policy, experience.rows, kept):
        if piece is None:
            policy.backward(
                0.0
                * token_logprobs(policy.learner, [experience.rows[kept[0]]], temperature=temperature).sum()
            )
            continue
        rows = [experience.rows[i] for i in piece]
        if terms.smoothing is None:
            logprob, entropy = token_logprobs(policy.learner, rows, temperature=temperature), None
        else:
            logprob, entropy = token_logprobs_and_entropies(policy.learner, rows, temperature=temperature)
        old, advantage, offsets = _inputs(experience, piece, logprob.device)
        further = {
            name: _flat([experience.further[name][i] for i in piece], logprob.device)
            for name in terms.loss.columns & experience.further.keys()
        } | weights.columns(experience, piece, logprob.device)
        loss, info = terms.loss.body(
            logprob, old, advantage, token_offsets=offsets, **further, **config.loss_options
        )
        loss = weights.of_loss(piece) * loss
        totals["loss"] += float(loss.detach())
        for name, value in info.items():
            totals[name] = totals.get(name, 0.0) + weights.of_report(piece) * float(value)
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
        policy.backward(loss)
    shares = policy.team.exchange(totals)
    return {name: sum(share.get(name, 0.0) for share in shares) for share in shares for name in share}


def _pieces(policy: Policy, rows: Sequence[Row], kept: Sequence[int]) -> list[list[int] | None]:
    """Cut rows into pieces and return those of this process.

    Where the model is cut up, all processes must compute equally often: None is a pass without effect.
    """
    share, most = shares_prefixes(policy.model), policy.config.update.micro_tokens
    parts = [[kept[k] for k in part] for part in policy.team.parts([rows[i].length for i in kept])]
    pieces = [list(packed(rows, part, most, share=share)) for part in parts]
    mine = pieces[policy.team.rank]
    idle = max(map(len, pieces)) - len(mine) if policy.learner is not policy.model else 0
    return [*mine, *[None] * idle]


def _inputs(
    experience: Experience, piece: Sequence[int], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Old log-probabilities and advantages of a piece, shape (T,), and the bounds of its rows."""
    lengths = [len(experience.advantage[i]) for i in piece]
    offsets = torch.tensor(np.concatenate([[0], np.cumsum(lengths)]), device=device)
    old, advantage = ([column[i] for i in piece] for column in (experience.old_logprob, experience.advantage))
    return _flat(old, device), _flat(advantage, device), offsets


def _flat(arrays: Sequence[FloatArray], device: torch.device) -> torch.Tensor:
    return torch.as_tensor(np.concatenate(arrays), device=device)


class _Weights(NamedTuple):
    """How much the rows of a minibatch count, so that the losses of its pieces add up to its own.

    Attributes:
        rows: Weight of each row in the loss, by row number.
        tokens: Share of each row's tokens in the minibatch.
        whole: Whether the loss is a plain sum, to which every piece adds in full.
        token: Weight of each token of a row in a loss that takes `token_weight`, by row number; else empty.
    """

    rows: Mapping[int, float]
    tokens: Mapping[int, float]
    whole: bool
    token: Mapping[int, float]

    @classmethod
    def of(
        cls, experience: Experience, chosen: NDArray[np.int64], loss: PolicyLoss, config: UpdateConfig
    ) -> _Weights:
        """Weigh the chosen rows as the loss's reduction does."""
        mode = {**loss.keywords, **config.loss_options}.get("aggregate", "token_mean")
        sizes = {int(i): float(len(experience.advantage[i])) for i in chosen}
        total = sum(sizes.values())
        tokens = {i: size / total for i, size in sizes.items()}
        rows = tokens if mode == "token_mean" else dict.fromkeys(sizes, 1.0 / len(sizes))
        token: dict[int, float] = {}
        if "token_weight" in loss.columns:  # a mean over episodes of the means over their tokens
            lengths: dict[int, float] = defaultdict(float)
            for i, size in sizes.items():
                lengths[int(experience.episode[i])] += size
            token = {i: 1.0 / (len(lengths) * lengths[int(experience.episode[i])]) for i in sizes}
        return cls(rows, tokens, mode == "seq_mean_token_sum_norm" or bool(token), token)

    def of_loss(self, piece: Sequence[int]) -> float:
        """What the loss of some rows counts in that of the minibatch."""
        return 1.0 if self.whole else sum(self.rows[i] for i in piece)

    def of_report(self, piece: Sequence[int]) -> float:
        """Share of some rows' tokens."""
        return sum(self.tokens[i] for i in piece)

    def columns(
        self, experience: Experience, piece: Sequence[int], device: torch.device
    ) -> dict[str, torch.Tensor]:
        """The column `token_weight` of some rows, if the loss takes it."""
        if not self.token:
            return {}
        arrays = [np.full(len(experience.advantage[i]), self.token[i]) for i in piece]
        return {"token_weight": _flat(arrays, device)}
