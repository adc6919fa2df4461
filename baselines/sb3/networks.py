"""The networks: what reads the arrays, and what scores each action by weights that all actions share.

In a padded list index k means another action at every turn, so that an output unit of its own for each index
can learn nothing. Here every candidate is read with its own words and facts, and one network scores them all.
"""

from __future__ import annotations

import torch
from gymnasium import spaces
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor, nn

from baselines.sb3.encoding import ACTION_FACTS

__all__ = ["CandidateReader", "ScoringHeads", "SlotScorer", "StateReader"]

_WORDS = ("tokens", "goal", "recent")
_NUMBERS = ("clock", "view", "bag")


class StateReader(BaseFeaturesExtractor):
    """Reads everything but the candidates: means of word vectors, and the numbers as they are.

    Args:
        space: Space of an `Encoder`.
        vocabulary: Word ids are below this.
        embedding: Width of a word's vector, E.
        hidden: Number of features, H.
    """

    def __init__(self, space: spaces.Dict, vocabulary: int, embedding: int, hidden: int) -> None:
        super().__init__(space, hidden)
        self.words = nn.EmbeddingBag(vocabulary, embedding, mode="mean", padding_idx=0)
        self.texts = [name for name in _WORDS if name in space.spaces]
        self.numbers = [name for name in _NUMBERS if name in space.spaces]
        width = sum((space[name].shape or (0,))[0] for name in self.numbers)
        self.joined = nn.Linear(width + embedding * len(self.texts), hidden)

    def forward(self, observations: dict[str, Tensor]) -> Tensor:
        """Arrays of shape (N, ...) to features (N, H)."""
        read = [self.words(observations[name].long()) for name in self.texts]
        read += [observations[name].float() for name in self.numbers]
        return torch.relu(self.joined(torch.cat(read, dim=1)))


class CandidateReader(StateReader):
    """Reads the candidates as well; its features are the state's H and E of each of n slots, side by side.

    A candidate's features come from its words, their product with the goal's, and its facts; those of an
    empty slot are 0.

    Args:
        space: Space of an `Encoder` with slots.
        vocabulary: Word ids are below this.
        embedding: Width of a word's vector and of a candidate's features, E.
        hidden: Number of features of the state, H.
        own_words: Word ids of a slot that are the action's own; the rest stand beside it.
    """

    def __init__(
        self, space: spaces.Dict, vocabulary: int, embedding: int, hidden: int, own_words: int
    ) -> None:
        super().__init__(space, vocabulary, embedding, hidden)
        self.slots = (space["facts"].shape or (0,))[0] // ACTION_FACTS
        self.own_words, self.hidden, self.embedding = own_words, hidden, embedding
        self.candidate = nn.Linear(4 * embedding + ACTION_FACTS, embedding)
        self._features_dim = hidden + self.slots * embedding

    def forward(self, observations: dict[str, Tensor]) -> Tensor:
        """Arrays of shape (N, ...) to features (N, H + n E)."""
        state = super().forward(observations)
        facts = observations["facts"].float().view(len(state), self.slots, ACTION_FACTS)
        ids = observations["candidates"].long().view(len(state), self.slots, -1)
        words = [self._mean(ids[:, :, : self.own_words]), self._mean(ids[:, :, self.own_words :])]
        goal = torch.zeros_like(words[0][:, :1])
        if "goal" in self.texts:
            goal = self.words(observations["goal"].long()).unsqueeze(1)
        joined = torch.cat([*words, *(goal * each for each in words), facts], dim=2)
        read = torch.relu(self.candidate(joined)) * facts[:, :, :1]
        return torch.cat([state, read.flatten(1)], dim=1)

    def _mean(self, ids: Tensor) -> Tensor:
        if not ids.shape[2]:
            return torch.zeros(*ids.shape[:2], self.embedding, device=ids.device)
        means: Tensor = self.words(ids.flatten(0, 1))
        return means.view(*ids.shape[:2], -1)


class SlotScorer(nn.Module):
    """Scores every slot by the same weights: score_k = w . tanh(A state + B candidate_k + b).

    Args:
        reader: What made the features.
    """

    def __init__(self, reader: CandidateReader) -> None:
        super().__init__()
        self.slots, self.hidden, self.embedding = reader.slots, reader.hidden, reader.embedding
        self.of_state = nn.Linear(self.hidden, self.hidden)
        self.of_candidate = nn.Linear(self.embedding, self.hidden, bias=False)
        self.score = nn.Linear(self.hidden, 1)

    def split(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Split features (N, H + n E) into the state's (N, H) and the candidates' (N, n, E)."""
        state, candidates = features[:, : self.hidden], features[:, self.hidden :]
        return state, candidates.view(len(features), self.slots, self.embedding)

    def forward(self, features: Tensor) -> Tensor:
        """Features (N, H + n E) to scores (N, n)."""
        state, candidates = self.split(features)
        hidden = torch.tanh(self.of_state(state).unsqueeze(1) + self.of_candidate(candidates))
        scores: Tensor = self.score(hidden).squeeze(2)
        return scores


class ScoringHeads(nn.Module):
    """Actor and critic on a `CandidateReader`: scores of the slots, and what the value is computed from.

    Args:
        reader: What made the features.
    """

    def __init__(self, reader: CandidateReader) -> None:
        super().__init__()
        self.scorer = SlotScorer(reader)
        self.valued = nn.Linear(reader.hidden + reader.embedding, reader.hidden)
        self.latent_dim_pi, self.latent_dim_vf = reader.slots, reader.hidden

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores (N, n) and the critic's features (N, H)."""
        return self.forward_actor(features), self.forward_critic(features)

    def forward_actor(self, features: Tensor) -> Tensor:
        """Return scores (N, n)."""
        scores: Tensor = self.scorer(features)
        return scores

    def forward_critic(self, features: Tensor) -> Tensor:
        """Return the critic's features (N, H): of the state, and of each number the best candidate's."""
        state, candidates = self.scorer.split(features)
        return torch.tanh(self.valued(torch.cat([state, candidates.amax(dim=1)], dim=1)))
