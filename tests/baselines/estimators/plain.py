"""GiGPO and HGPO once more, as plain loops over dictionaries: slow, and easy to compare with the papers.

Tests compare the methods with these, and tests/benchmarks/estimators_speed.py their speed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from agentgym import StepBatch
from agentgym.columns import FloatArray

NOISE = 1e-9


def returns_to_go(batch: StepBatch, gamma: float) -> list[float]:
    """Sum the discounted rewards after each step anew: quadratic in the length of an episode."""
    rows = _rows_by(batch.episode.tolist())
    reward = batch.reward.tolist()
    result = [0.0] * len(batch)
    for members in rows.values():
        for place, row in enumerate(members):
            result[row] = sum(gamma**k * reward[later] for k, later in enumerate(members[place:]))
    return result


def _rows_by(keys: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    rows: defaultdict[Hashable, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        rows[key].append(row)
    return rows


def _normaliser(counted: Sequence[float], norm: str, ddof: int, eps: float) -> Callable[[float], float]:
    """The function that normalises a member of a group; a group of one has mean 0 and deviation 1."""
    values = np.asarray(counted)
    alone = len(values) == 1
    equal = not alone and bool(np.ptp(values) <= NOISE * max(1.0, abs(float(values.max()))))
    mean = 0.0 if alone else float(values[0] if equal else values.mean())
    scale = 1.0 if norm == "mean" else (1.0 if alone else float(values.std(ddof=ddof))) + eps

    def normalised(own: float) -> float:
        centred = own - mean if abs(own - mean) > NOISE * max(1.0, abs(own)) else 0.0
        return 0.0 if equal and norm == "mean_std" else centred / scale

    return normalised


def episode_terms(batch: StepBatch, norm: str, over: str, eps: float) -> list[float]:
    """GRPO, a group of one keeping its score."""
    first = {rows[0] for rows in _rows_by(batch.episode.tolist()).values()}
    result = [0.0] * len(batch)
    for members in _rows_by(batch.group.tolist()).values():
        counted = [float(batch.outcome[row]) for row in members if over == "steps" or row in first]
        score = _normaliser(counted, norm, 1, eps)
        for row in members:
            result[row] = score(float(batch.outcome[row]))
    return result


def gigpo(batch: StepBatch, *, gamma: float, norm: str, over: str, step_weight: float) -> FloatArray:
    """GiGPO with eps 1e-6 and ddof 1."""
    result = np.array(episode_terms(batch, norm, over, 1e-6))
    returns = returns_to_go(batch, gamma)
    cells = _rows_by(list(zip(batch.group.tolist(), batch.state.tolist(), strict=True)))
    for members in cells.values():
        if len(members) > 1:
            score = _normaliser([returns[row] for row in members], norm, 1, 1e-6)
            for row in members:
                result[row] += step_weight * score(returns[row])
    return result


def hgpo(
    batch: StepBatch,
    *,
    gamma: float,
    history: int,
    alpha: float,
    weight_offset: int,
    base_group: bool,
    norm: str,
    over: str,
) -> FloatArray:
    """HGPO with eps 1e-6 and ddof 0."""
    returns, state = returns_to_go(batch, gamma), batch.state.tolist()
    seen: dict[int, list[Hashable]] = {}
    for rows in _rows_by(batch.episode.tolist()).values():
        for place, row in enumerate(rows):
            seen[row] = [state[earlier] for earlier in rows[: place + 1]]
    terms: list[dict[int, float]] = [{} for _ in range(len(batch))]
    if base_group:
        for row, term in enumerate(episode_terms(batch, norm, over, 1e-6)):
            terms[row][0] = term
    for k in range(1, history + 2):
        cells: defaultdict[Hashable, list[int]] = defaultdict(list)
        for row in range(len(batch)):
            if len(seen[row]) >= k:
                cells[int(batch.group[row]), tuple(seen[row][-k:])].append(row)
        for members in cells.values():
            if len(members) > 1:
                score = _normaliser([returns[row] for row in members], norm, 0, 1e-6)
                for row in members:
                    terms[row][k] = score(returns[row])
    return np.array([_average(each, alpha, weight_offset) for each in terms])


def _average(terms: dict[int, float], alpha: float, weight_offset: int) -> float:
    kept = {k: term for k, term in terms.items() if abs(term) > NOISE}
    weights = {k: float(k + weight_offset) ** alpha for k in kept}
    return float(sum(weights[k] * kept[k] for k in kept) / (sum(weights.values()) + 1e-6))
