"""The columns that an estimator reads beyond what was recorded, and who gives each of them.

    recorded            outcome, agent, valid, token_id, logprob, old_logprob, entropy, ...: in every batch
    "segments"          subgoal, option, token_role: from tags in the responses, see `segments`
    "tree"              parent: equal histories of a group, see `tree` (built by `credit`)
    "reference"         ref_logprob: the starting model reads the responses
    "values"            value, value_token, value_high, value_term, bootstrap: value heads
    "archer"            value, rewards: ArCHer's critics
    "progress"          process_reward: the change of the environment's own progress
    "contributions"     process_reward: SPA-RL's progress estimator
    "preferences"       process_reward: iStar's implicit process reward model
    "environment"       tool_calls, predicted_calls, reference_calls, stratum: from `info["extra"]`
    "truth"             logprob_truth, truth_start: the policy reads the right answer, see `truth`
    "probes"            cut_token, value_start, accuracy (and value_token of spo_chain): mean return of
                        continuations; needs branching with probes
    "parts"             rewards: the parts of the reward
    "bundles"           bundle: some groups together
    "answers"           cluster: equal final actions of a group
    "certainty"         confidence: how likely the agent's own tokens were
    "planning"          planning_token: tokens of subgoals
    "spread"            process_token: every token has its step's process reward

The last eight and "progress" are made in `derived` and `truth`.

A method and a reward rule say what they need where they are registered. What needs nothing costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.errors import MissingColumnError
from baselines.estimators import method
from baselines.models.archer import ArcherCritics
from baselines.models.companion import Companion, Play, StepScorer
from baselines.models.learner import LearnerConfig
from baselines.models.preference import PreferenceModel
from baselines.models.progress import ProgressEstimator
from baselines.models.rows import packed, shares_prefixes, token_logprobs
from baselines.models.values import VALUE_COLUMNS, ValueHeads
from baselines.rewards import Shaper, make_shaper
from baselines.trainer.config import TrainConfig
from baselines.trainer.derived import (
    answer_clusters,
    bundles,
    certainty,
    planning_tokens,
    progress_changes,
    reward_parts,
    spread,
    values_by_probes,
)
from baselines.trainer.environment import environment_columns
from baselines.trainer.policy import Policy
from baselines.trainer.segments import segment_columns
from baselines.trainer.truth import TruthProbe

__all__ = ["Supply", "needed_columns", "reward_rule", "sources"]

_RECORDED = {
    "episode", "group", "reward", "state", "action", "terminated", "truncated", "agent", "valid",
    "token_offsets", "outcome", "task", "token_id", "logprob", "old_logprob", "entropy",
}  # fmt: skip
_GIVEN_BY = {
    "subgoal": "segments",
    "option": "segments",
    "token_role": "segments",
    "parent": "tree",
    "ref_logprob": "reference",
    "bootstrap": "values",
    "bundle": "bundles",
    "cluster": "answers",
    "confidence": "certainty",
    "planning_token": "planning",
    "process_token": "spread",
    "rewards": "parts",
    **dict.fromkeys(("logprob_truth", "truth_start"), "truth"),
    **dict.fromkeys(("cut_token", "value_start", "accuracy"), "probes"),
    **dict.fromkeys(("tool_calls", "predicted_calls", "reference_calls", "stratum"), "environment"),
    **dict.fromkeys(VALUE_COLUMNS, "values"),
}
_OF_THE_PAPER: Mapping[str, Mapping[str, str]] = {
    "archer": {"value": "archer", "rewards": "archer"},
    "spa_rl": {"process_reward": "contributions"},
    "istar": {"process_reward": "preferences"},
    "oprl": {"process_reward": "preferences"},
    "spo_chain": {"value_token": "probes", "value_start": "probes"},
}
_OF_THE_RULE: Mapping[str, Mapping[str, str]] = {
    "reseek": {"rewards": "environment"},
    "capo": {"rewards": "environment"},
}
_RULE_OF_THE_PAPER = {"matchtir": "match", "igpo": "information_gain", "a2tgpo": "information_gain"}
_ALONG_WITH = {
    "value_high": ("value_term", "option"),  # HiPER reads them where they are there
    "cut_token": ("value_start",),
    "planning_token": ("token_role",),
    "process_token": ("process_reward",),
}
"""Columns that are made of another one, or read beside it."""
_PROBING = ("spo_chain",)
"""Branching policies that probe the value of turns."""


def reward_rule(config: TrainConfig) -> Shaper | None:
    """Make the rule that shapes the run's rewards; None for none.

    Raises:
        UnknownNameError: There is no such rule or keyword.
    """
    name = config.reward.rule
    if name == "auto":
        name = _RULE_OF_THE_PAPER.get(config.estimator, "none")
    return None if name == "none" else make_shaper(name, **config.reward.options)


def needed_columns(name: str, options: Mapping[str, Any]) -> frozenset[str]:
    """Columns that a method reads, those of the method that it modulates (`base`) included.

    Raises:
        UnknownNameError: There is no such method.
    """
    chosen = method(name)
    base = {**chosen.keywords, **options}.get("base")
    inner = needed_columns(base, {}) if isinstance(base, str) else frozenset()
    return inner | frozenset(chosen.needs)


def sources(config: TrainConfig) -> dict[str, str]:
    """Find who gives each column that the run's estimator and reward rule need and no batch has by itself.

    Raises:
        MissingColumnError: Nobody does.
        UnknownNameError: There is no such estimator.
    """
    found, rule = {}, reward_rule(config)
    needed = dict.fromkeys(() if rule is None else rule.rule.needs, f"the reward rule {config.reward.rule!r}")
    needed |= dict.fromkeys(needed_columns(config.estimator, config.estimator_options), config.estimator)
    needed |= {also: who for column, who in needed.items() for also in _ALONG_WITH.get(column, ())}
    for column in sorted(needed.keys() - _RECORDED):
        found[column] = _source(column, config, needed[column])
    return found | {
        column: source
        for column, source in _OF_THE_PAPER.get(config.estimator, {}).items()
        if source == "archer"
    }


def _source(column: str, config: TrainConfig, who: str) -> str:
    chosen = config.columns.process_reward
    if column == "process_reward" and chosen != "auto":
        return chosen
    own = {**_OF_THE_RULE.get(config.reward.rule, {}), **_OF_THE_PAPER.get(config.estimator, {})}.get(column)
    given = own or ("progress" if column == "process_reward" else _GIVEN_BY.get(column))
    if given is None:
        raise MissingColumnError(
            f"{who} needs the column {column!r}, which `agentgym train` does not collect. Train with another "
            "estimator, or compute advantages with baselines.estimators.advantages on a batch that has it."
        )
    if given == "probes" and config.rollout.branching.get("policy") not in _PROBING:
        raise MissingColumnError(
            f"{who} needs the column {column!r}, which continuations of the turns give. Set "
            "rollout.branching.policy=spo_chain."
        )
    return given


class Supply:
    """Gives the estimator its columns, and trains the learned parts among those who give them.

    Args:
        config: The run.
        policy: The model that is trained; learned parts read its hidden states.
        reference: The starting model, frozen; None unless `needs_reference`.
        process_model: A copy of the starting model that may be trained; None unless `needs_process_model`.
    """

    def __init__(
        self, config: TrainConfig, policy: Policy, *, reference: Any | None, process_model: Any | None
    ) -> None:
        self._config, self._policy, self._reference = config, policy, reference
        self._sources, self._rule = sources(config), reward_rule(config)
        self._companions = self._make_companions(process_model)

    def columns(self, play: Play) -> Play:
        """Add what the estimator needs to the batch, and shape its rewards."""
        given: dict[str, Any] = {}
        wanted = set(self._sources.values())
        if "segments" in wanted:
            every = self._config.columns.segment_every
            given |= segment_columns(play, self._policy.tokenizer, every=every)
        if "reference" in wanted:
            given["ref_logprob"] = self._reference_logprobs(play)
        if "environment" in wanted:
            named = [column for column, source in self._sources.items() if source == "environment"]
            given |= environment_columns(play.trajectories, named)
        given |= self._derived(play, wanted)
        for companion in self._companions.values():
            given |= companion.columns(play)
        if "spread" in wanted:
            given["process_token"] = spread(given["process_reward"], play.batch)
        if "planning" in wanted:
            given["planning_token"] = planning_tokens(given["token_role"])
        batch = play.batch.with_columns(**given) if given else play.batch
        return play._replace(batch=batch if self._rule is None else self._rule(batch))

    def learn(self, play: Play, estimate: Any, *, seed: Sequence[int]) -> dict[str, float]:
        """Train the learned parts on the turns whose columns they gave last; return metrics."""
        metrics: dict[str, float] = {}
        for companion in self._companions.values():
            metrics |= companion.learn(play, estimate, seed=seed)
        return metrics

    def scorer(self) -> StepScorer | None:
        """Return the learned part that says how good a response is, if there is one."""
        return next((found for found in self._companions.values() if isinstance(found, StepScorer)), None)

    def state_dict(self) -> dict[str, Any]:
        """Return what the learned parts know, by source, and what the reward rule remembers."""
        known = {name: companion.state_dict() for name, companion in self._companions.items()}
        return known | ({} if self._rule is None else {"reward": self._rule.state_dict()})

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        for name, companion in self._companions.items():
            companion.load_state_dict(state[name])
        if self._rule is not None:
            self._rule.load_state_dict(state["reward"])

    def _derived(self, play: Play, wanted: Collection[str]) -> dict[str, Any]:
        """Columns that follow from what was played, and what the policy believes of the right answer."""
        given: dict[str, Any] = {}
        if "progress" in wanted:
            given["process_reward"] = progress_changes(play)
        if "parts" in wanted:
            given["rewards"] = reward_parts(play)
        if "bundles" in wanted:
            given["bundle"] = bundles(play.batch, self._config.columns.bundle_size)
        if "answers" in wanted:
            given["cluster"] = answer_clusters(play.batch)
        if "certainty" in wanted:
            given["confidence"] = certainty(play.batch)
        if "probes" in wanted:
            found = values_by_probes(play)
            given |= {name: found[name] for name, source in self._sources.items() if source == "probes"}
        if "truth" in wanted:
            probe = TruthProbe(self._config, self._policy.model, self._policy.tokenizer)
            given |= probe.columns(play)
        return given

    def _make_companions(self, process_model: Any | None) -> dict[str, Companion]:
        config, model = self._config, self._policy.model
        learner = LearnerConfig(
            config.critic.learning_rate, config.critic.epochs, config.critic.batch, config.critic.width
        )
        common = {"seed": config.seed, "micro_tokens": config.update.micro_tokens}
        wanted = set(self._sources.values())
        encode = self._policy.agent().encode
        made: dict[str, Companion] = {}
        if "values" in wanted:
            names = [n for n in VALUE_COLUMNS if self._sources.get(n) == "values"]
            made["values"] = ValueHeads(
                model, names, learner, encode=encode, clip=config.critic.clip or None, **common
            )
        if "archer" in wanted:
            made["archer"] = ArcherCritics(
                model,
                learner,
                encode=encode,
                gamma=config.critic.gamma,
                target_rate=config.critic.target_rate,
                **common,
            )
        if "contributions" in wanted:
            made["contributions"] = ProgressEstimator(model, learner, **common)
        if "preferences" in wanted:
            made["preferences"] = self._preference_model(process_model)
        return made

    def _preference_model(self, process_model: Any) -> PreferenceModel:
        config, wish = self._config, self._config.preference
        return PreferenceModel(
            process_model,
            self._reference,
            beta=wish.beta,
            config=LearnerConfig(wish.learning_rate, wish.epochs),
            reduction=wish.reduction,
            temperature=config.rollout.temperature,
            micro_tokens=config.update.micro_tokens,
        )

    @torch.no_grad()
    def _reference_logprobs(self, play: Play) -> NDArray[np.float64]:
        temperature = self._config.rollout.temperature
        share, most = shares_prefixes(self._reference), self._config.update.micro_tokens
        pieces = packed(play.rows, range(len(play.rows)), most, share=share)
        found = [
            token_logprobs(self._reference, [play.rows[i] for i in piece], temperature=temperature)
            for piece in pieces
        ]
        return torch.cat(found).double().cpu().numpy()
