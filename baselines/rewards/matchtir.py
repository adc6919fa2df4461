"""MatchTIR: turns are rewarded by how well their tool calls match the expected ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError
from baselines.rewards.assignment import Matching, check_matching, match_assignment, transport_plan
from baselines.rewards.registry import register_rule

__all__ = ["call_similarity", "match", "match_reward"]


class _Call(NamedTuple):
    name: str
    arguments: Mapping[str, Any]


def match_reward(
    predicted: Sequence[Any],
    reference: Sequence[Any],
    *,
    matching: Matching = "optimal",
    penalty: float = 0.0,
) -> FloatArray:
    """Reward each predicted tool call with the similarity of the expected call that it is matched with.

    With "transport" a call gets sum_j T_ij s_ij, T the transport plan of the similarities s.

    Args:
        predicted: The calls made, P of them: pairs (name, arguments), or mappings with `name` and
            `arguments` or `parameters`; arguments are a mapping or its JSON text, and what is neither counts
            as no arguments.
        reference: The calls expected, R of them, in the same forms.
        matching: "optimal", "greedy" (released) or "transport".
        penalty: What a call without a match gets (released function: -0.5, in training 0).

    Returns:
        Shape (P,), float64.

    Raises:
        ArgumentError: The matching is unknown, or a call has no name.

    References:
        MatchTIR, fine-grained turn rewards. Deviation from the released code: "optimal" is a true assignment
        as in the paper, where the code pairs greedily.
    """
    check_matching(matching)
    similarity = call_similarity(predicted, reference)
    if matching == "transport":
        return np.asarray((transport_plan(similarity) * similarity).sum(axis=1))
    matched = match_assignment(similarity, matching=matching)
    rows = np.flatnonzero(matched >= 0)
    reward = np.full(len(matched), penalty, np.float64)
    reward[rows] = similarity[rows, matched[rows]]
    return reward


def call_similarity(predicted: Sequence[Any], reference: Sequence[Any]) -> FloatArray:
    """Compare every predicted with every expected call: shape (P, R), in [0, 1].

    0 where the names differ (in any case); else (1 + J + e) / (2 + k), with J the Jaccard index of the
    argument names (1 if both have none), e the number of expected arguments that are there with an equal
    value, and k the number of expected arguments.
    """
    made, expected = [_call(call) for call in predicted], [_call(call) for call in reference]
    table = [[_similarity(one, other) for other in expected] for one in made]
    return np.array(table, np.float64).reshape(len(made), len(expected))


@register_rule(
    "match",
    paper="MatchTIR: Fine-Grained Supervision for Tool-Integrated Reasoning via Bipartite Matching",
    arxiv="2601.10712",
    needs=("predicted_calls", "reference_calls"),
)
def match(batch: StepBatch, *, matching: Matching = "optimal", penalty: float = 0.0) -> StepBatch:
    """Give each turn the mean reward of its calls, matched over the whole episode with the expected ones.

    A turn without calls keeps its own reward: the answer's score where it is the final answer, as the
    environment grades it, and 0 elsewhere. The outcome stays.

    Args:
        batch: N steps with `predicted_calls` (of the step) and `reference_calls` (of the episode; its last
            step's are read).
        matching: "optimal", "greedy" (released) or "transport".
        penalty: What a call without a match gets.

    References:
        See `match_reward`. Deviation from the paper: the final answer's score is the environment's, there
        its F1.
    """
    made, expected = batch.column("predicted_calls", "match"), batch.column("reference_calls", "match")
    reward = np.where([len(calls) > 0 for calls in made], 0.0, batch.reward)
    order = np.argsort(batch.episode, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(batch.episode[order])) + 1):
        counts = np.array([len(made[row]) for row in rows])
        calls = [call for row in rows for call in made[row]]
        gained = match_reward(calls, expected[rows[-1]], matching=matching, penalty=penalty)
        sums = np.bincount(np.repeat(np.arange(len(rows)), counts), gained, len(rows))
        reward[rows[counts > 0]] = sums[counts > 0] / counts[counts > 0]
    return batch.with_columns(reward=reward)


def _similarity(made: _Call, expected: _Call) -> float:
    if made.name.casefold() != expected.name.casefold():
        return 0.0
    named, wanted = set(made.arguments), set(expected.arguments)
    overlap = len(named & wanted) / len(named | wanted) if named | wanted else 1.0
    equal = sum(bool(made.arguments[name] == expected.arguments[name]) for name in named & wanted)
    return (1.0 + overlap + equal) / (2.0 + len(wanted))


def _call(given: Any) -> _Call:
    if isinstance(given, Mapping):
        name, arguments = given.get("name"), given.get("arguments", given.get("parameters"))
    else:
        name, arguments = given
    if not isinstance(name, str):
        raise ArgumentError(f"A tool call is named {name!r}. Expected a text. Pass (name, arguments).")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            arguments = None
    return _Call(name, arguments if isinstance(arguments, Mapping) else {})
