"""Methods of turns, tokens and trees against plain loops written from the papers' formulas."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym import StepBatch
from agentgym.errors import ArgumentError, MissingColumnError
from baselines.estimators import advantages, make_estimator
from baselines.estimators.schedules import canon_mix
from tests.baselines.estimators.batches import batches, for_method, make
from tests.baselines.golden import counts

loops = settings(max_examples=25, deadline=None)
GAMMA = st.sampled_from([0.0, 0.5, 1.0])
NORM = st.sampled_from(["mean_std", "mean"])
NEW = (
    "matchtir", "igpo", "a2tgpo", "stratified_grpo", "gdpo", "dvao", "bnpo", "a_grae", "canon", "adora",
    "riskpo", "hicra", "prorag", "pure", "truncated_gae", "ma_rlhf", "spo_chain", "spo_tree", "treeps_rag",
    "tempo", "spo_single_stream",
)  # fmt: skip


@pytest.mark.parametrize("method", NEW)
def test_golden__has_cases_for(method: str) -> None:
    assert counts()[method] > 0


def _episodes(batch: StepBatch) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = defaultdict(list)
    for row, episode in enumerate(batch.episode.tolist()):
        rows[episode].append(row)
    return rows


def _z(values: Sequence[float], own: float, norm: str, *, ddof: int, soft: bool, alone: float) -> float:
    """Normalise one of some values; `soft` puts 1e-8 under the root, `alone` is what a single one gets."""
    array = np.asarray(values)
    if len(array) <= max(1, ddof if norm == "mean_std" else 1):
        return alone
    if np.ptp(array) <= 1e-9 * max(1.0, abs(array.max())):
        return 0.0
    lead = own - float(array.mean())
    if norm == "mean":
        return lead
    std = float(array.std(ddof=ddof))
    return lead / ((math.sqrt(std**2 + 1e-8) if soft else std) + 1e-6)


def _grpo(batch: StepBatch, norm: str = "mean_std") -> list[float]:
    result = [0.0] * len(batch)
    first = {rows[0] for rows in _episodes(batch).values()}
    for row in range(len(batch)):
        scores = [float(batch.outcome[r]) for r in sorted(first) if batch.group[r] == batch.group[row]]
        own = float(batch.outcome[row])
        alone = own / (1 + 1e-6) if norm == "mean_std" else own
        result[row] = _z(scores, own, norm, ddof=1, soft=False, alone=alone)
    return result


@loops
@given(
    batch=batches(),
    gamma=GAMMA,
    weight=st.sampled_from([0.0, 0.3, 1.0]),
    pool=st.sampled_from(["turn_index", "group"]),
)
def test_matchtir__agrees_with_loops(batch: StepBatch, gamma: float, weight: float, pool: str) -> None:
    returns: dict[int, float] = {}
    cells: dict[Hashable, list[float]] = defaultdict(list)
    key: dict[int, Hashable] = {}
    for rows in _episodes(batch).values():
        for place, row in enumerate(rows):
            returns[row] = sum(gamma**k * batch.reward[r] for k, r in enumerate(rows[place:]))
            key[row] = (int(batch.group[row]), place if pool == "turn_index" else 0)
            cells[key[row]].append(returns[row])
    expected = [
        weight * episode + (1 - weight) * _z(
            cells[key[row]], returns[row], "mean_std", ddof=1, soft=False, alone=returns[row] / (1 + 1e-6)
        )
        for row, episode in enumerate(_grpo(batch))
    ]  # fmt: skip
    got = advantages("matchtir", batch, gamma=gamma, weight=weight, pool=pool).step
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


@loops
@given(
    batch=batches(),
    gamma=GAMMA,
    norm=NORM,
    variant=st.sampled_from(["joint", "separate"]),
    boundary=st.sampled_from(["steps", "nonzero"]),
)
def test_igpo__agrees_with_loops(
    batch: StepBatch, gamma: float, norm: str, variant: str, boundary: str
) -> None:
    cells: dict[Hashable, list[float]] = defaultdict(list)
    kept: dict[int, list[int]] = {}
    for number, rows in _episodes(batch).items():
        kept[number] = [r for r in rows if boundary == "steps" or batch.reward[r] != 0 or r == rows[-1]]
        for row in kept[number]:
            kind = variant == "separate" and row == rows[-1]
            cells[int(batch.group[row]), kind].append(float(batch.reward[row]))
    expected = [0.0] * len(batch)
    for number, rows in _episodes(batch).items():
        after = 0.0
        for row in reversed(rows):
            if row in kept[number]:
                values = cells[int(batch.group[row]), variant == "separate" and row == rows[-1]]
                after = (
                    _z(values, float(batch.reward[row]), norm, ddof=0, soft=True, alone=0.0) + gamma * after
                )
            expected[row] = after
    got = advantages("igpo", batch, gamma=gamma, norm=norm, variant=variant, boundary=boundary).step
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-7)


@loops
@given(batch=batches(), gamma=GAMMA, alpha=st.sampled_from([0.3, 1.0]))
def test_a2tgpo__agrees_with_loops(batch: StepBatch, gamma: float, alpha: float) -> None:
    gains: dict[Hashable, list[float]] = defaultdict(list)
    outcomes: dict[int, list[float]] = defaultdict(list)
    for rows in _episodes(batch).values():
        outcomes[int(batch.group[rows[0]])].append(float(batch.reward[rows[-1]]))
        for place, row in enumerate(rows[:-1]):
            gains[int(batch.group[row]), place].append(float(batch.reward[row]))
    step, scale = np.zeros(len(batch)), np.ones(len(batch))
    for rows in _episodes(batch).values():
        group, last = int(batch.group[rows[0]]), float(batch.reward[rows[-1]])
        whole = _z(outcomes[group], last, "mean_std", ddof=0, soft=True, alone=0.0)
        z = [
            _z(gains[group, k], float(batch.reward[row]), "mean_std", ddof=0, soft=True, alone=0.0)
            for k, row in enumerate(rows[:-1])
        ]
        step[rows[-1]] = whole
        for k, row in enumerate(rows[:-1]):
            total = sum(gamma ** (j - k) * z[j] for j in range(k, len(z)))
            step[row] = alpha * total / math.sqrt(len(z) - k) + whole
            scale[row] = 1 + 0.3 * (2 / (1 + math.exp(-z[k])) - 1)
    got = advantages("a2tgpo", batch, gamma=gamma, alpha=alpha)
    np.testing.assert_allclose(got.step, step, rtol=0, atol=1e-7)
    np.testing.assert_allclose(got.clip_scale, scale, rtol=0, atol=1e-7)


def _token_rows(batch: StepBatch) -> dict[int, list[tuple[int, int]]]:
    """(token, step) pairs of each episode, in order."""
    offsets = batch.token_offsets
    return {
        number: [(token, row) for row in rows for token in range(offsets[row], offsets[row + 1])]
        for number, rows in _episodes(batch).items()
    }


@loops
@given(batch=for_method("tempo", without=("token_mask",)))
def test_tempo__agrees_with_loops(batch: StepBatch) -> None:
    ids, tokens = batch.token_id, _token_rows(batch)
    assert ids is not None
    scores: dict[int, list[float]] = defaultdict(list)
    value: dict[Hashable, list[float]] = defaultdict(list)
    for number, rows in _episodes(batch).items():
        group = int(batch.group[rows[0]])
        scores[group].append(float(batch.outcome[rows[0]]))
        said = tuple(int(ids[token]) for token, _ in tokens[number])
        for k, (_, row) in enumerate(tokens[number]):
            value[group, said[: k + 1], False].append(float(batch.outcome[row]))
        if said:
            value[group, said, True].append(float(batch.outcome[tokens[number][-1][1]]))
    expected = np.zeros(batch.tokens)
    for pairs in tokens.values():
        said = tuple(int(ids[token]) for token, _ in pairs)
        for k, (token, row) in enumerate(pairs):
            group = int(batch.group[row])
            array = np.asarray(scores[group])
            if len(array) < 2 or np.ptp(array) <= 1e-9 * max(1.0, abs(array.max())):
                continue
            before = float(array.mean()) if k == 0 else np.mean(value[group, said[:k], False])
            after = np.mean(value[group, said[: k + 1], k + 1 == len(said)])
            lead = float(batch.outcome[row]) - float(array.mean())
            expected[token] = (lead + after - before) / (array.std(ddof=1) + 1e-6)
    np.testing.assert_allclose(advantages("tempo", batch).token, expected, rtol=0, atol=1e-7)


@loops
@given(batch=for_method("spo_chain"), start=st.sampled_from(["value", "none"]))
def test_spo_chain__agrees_with_loops(batch: StepBatch, start: str) -> None:
    assert batch.cut_token is not None
    assert batch.value_token is not None
    assert batch.value_start is not None
    assert batch.old_logprob is not None
    expected = np.zeros(batch.tokens)
    for number, pairs in _token_rows(batch).items():
        before = float(batch.value_start[_episodes(batch)[number][0]]) if start == "value" else None
        waiting: list[int] = []
        for k, (token, row) in enumerate(pairs):
            waiting.append(token)
            if batch.cut_token[token] or k + 1 == len(pairs):
                value = float(batch.value_token[token] if batch.cut_token[token] else batch.outcome[row])
                expected[waiting] = 0.0 if before is None else value - before
                before, waiting = value, []
    expected[(np.exp(batch.old_logprob) > 0.9) | ~batch.trained] = 0.0
    got = advantages("spo_chain", batch, start=start).token
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


@loops
@given(batch=for_method("ma_rlhf"), macro=st.integers(1, 4), mode=st.sampled_from(["equal", "position"]))
def test_ma_rlhf__agrees_with_loops(batch: StepBatch, macro: int, mode: str) -> None:
    from baselines.estimators.critic import token_rewards

    assert batch.value_token is not None
    reward, value, expected = token_rewards(batch), batch.value_token, np.zeros(batch.tokens)
    for pairs in _token_rows(batch).values():
        kept = [token for token, _ in pairs if batch.trained[token]]
        pieces = [kept[:-1][k : k + macro] for k in range(0, len(kept) - 1, macro)] + [kept[-1:]]
        after, trace = 0.0, 0.0
        for piece in reversed([piece for piece in pieces if piece]):
            weights = [1.0 / (k + 1) if mode == "position" else 1.0 for k in range(len(piece))]
            here = float(np.average(value[piece], weights=weights))
            trace = float(np.average(reward[piece], weights=weights)) + 0.9 * after - here + 0.9 * 0.8 * trace
            expected[piece], after = trace, here
    got = advantages("ma_rlhf", batch, macro=macro, value_mode=mode, gamma=0.9, lam=0.8).token
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


@loops
@given(batch=for_method("treeps_rag"))
def test_trees__agree_with_loops(batch: StepBatch) -> None:
    assert batch.parent is not None
    children: dict[int, list[int]] = defaultdict(list)
    for row, above in enumerate(batch.parent.tolist()):
        children[above].append(row)

    def leaves(row: int) -> list[int]:
        return [leaf for child in children[row] for leaf in leaves(child)] if children[row] else [row]

    def mean_of_means(row: int) -> float:
        own = [mean_of_means(child) for child in children[row]]
        return float(np.mean(own)) if own else float(batch.outcome[row])

    def head(row: int) -> int:
        above = parents[row]
        return head(above) if above >= 0 and len(children[above]) == 1 else row

    parents = batch.parent.tolist()
    rag, spo = np.zeros(len(batch)), np.zeros(len(batch))
    for row, above in enumerate(batch.parent.tolist()):
        top = [r for r in children[-1] if batch.group[r] == batch.group[row]]
        root = float(np.mean([batch.outcome[leaf] for r in top for leaf in leaves(r)]))
        own, up = (
            root if node < 0 else float(np.mean([batch.outcome[leaf] for leaf in leaves(node)]))
            for node in (row, above)
        )
        rag[row] = (own - root) + (own - up)
        siblings = top if above < 0 else children[above]
        spo[row] = mean_of_means(row) - float(np.mean([mean_of_means(r) for r in siblings]))
    np.testing.assert_allclose(advantages("treeps_rag", batch).step, rag, rtol=0, atol=1e-8)
    np.testing.assert_allclose(advantages("spo_tree", batch).step, spo, rtol=0, atol=1e-8)
    segments = advantages("spo_tree", batch, unit="segment").step
    np.testing.assert_allclose(segments, spo[list(map(head, range(len(batch))))], rtol=0, atol=1e-8)


@loops
@given(batch=for_method("riskpo"))
def test_riskpo__agrees_with_loops(batch: StepBatch) -> None:
    assert batch.bundle is not None
    questions: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for rows in _episodes(batch).values():
        questions[int(batch.bundle[rows[0]])][int(batch.group[rows[0]])].append(rows[0])
    first = {row for groups in questions.values() for members in groups.values() for row in members}
    order = {row: place for place, row in enumerate(sorted(first))}  # responses in the order of the batch
    expected = np.zeros(len(batch))
    for groups in questions.values():
        ranked = [sorted(members, key=order.__getitem__) for members in groups.values()]
        papers = [[members[k] for members in ranked] for k in range(min(map(len, ranked)))]
        score = np.array([sum(float(batch.outcome[row]) for row in paper) for paper in papers])
        low, high = np.quantile(score, [0.1, 0.9])
        for paper, s in zip(papers, score, strict=True):
            middle = (max(s - low, 0) - max(s - high, 0) + low - high) / (0.8 + 1e-6)
            worth = (1.5 * (-max(low - s, 0) / (0.1 + 1e-6)) + middle) / 2.5
            for row in paper:
                expected[batch.episode == batch.episode[row]] = worth
    got = advantages("riskpo", batch, quantiles="batch", norm=False).step
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-8)


def test_riskpo__tracks_quantiles_over_batches() -> None:
    columns: dict[str, Any] = {"group": [0, 0, 0, 0], "bundle": [0, 0, 0, 0]}
    batch = make([0, 1, 2, 3], [0.0, 0.0, 1.0, 1.0], **columns)
    estimator = make_estimator("riskpo", low=0.25, high=0.75, tracking_rate=0.1)
    estimator(batch)
    assert estimator.state_dict() == {"tracked": [0.0, 1.0]}
    estimator(batch)  # half of the papers lie at or below 0, all at or below 1
    np.testing.assert_allclose(estimator.state_dict()["tracked"], [0.1 * -0.25, 1.0 + 0.1 * -0.25])


@loops
@given(batch=for_method("pure"), baseline=st.sampled_from(["step", "token"]))
def test_pure__agrees_with_loops(batch: StepBatch, baseline: str) -> None:
    from baselines.estimators.primitives import on_last_tokens, token_count

    assert batch.process_reward is not None
    size, reward, members = token_count(batch), batch.process_reward, _episodes(batch)
    lowered = np.zeros(len(batch))
    for number, rows in members.items():
        others = [r for n, r in members.items() if n != number and batch.group[r[0]] == batch.group[rows[0]]]
        for row in rows:
            if baseline == "step":
                base = np.mean([reward[r].sum() / len(r) for r in others])
            else:
                base = sum(reward[r].sum() for r in others) / max(sum(size[r].sum() for r in others), 1)
                base *= size[row]
            lowered[row] = reward[row] - base
    placed, expected = on_last_tokens(lowered, batch), np.zeros(batch.tokens)
    for pairs in _token_rows(batch).values():
        total = 0.0
        for token, _ in reversed(pairs):
            total += placed[token]
            expected[token] = total if batch.trained[token] else 0.0
    got = advantages("pure", batch, baseline=baseline, separator_zero=False).token
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-8)


def test_canon_mix__rises_and_restarts() -> None:
    np.testing.assert_allclose(canon_mix([0, 30, 60]), [0.98, 0.4, 0.9121320343559642])
    np.testing.assert_allclose(canon_mix([29, 69.999999, 70, 150]), [0.4, 1.0, 0.4, 1.0], atol=1e-9)
    with pytest.raises(ArgumentError, match="warmup"):
        canon_mix(0, steps=10)


def test_methods__say_what_they_cannot_do() -> None:
    batch = make([0, 1], [0.0, 2.0], process_reward=[0.0, 1.0], rewards=[[0.0], [1.0]])
    for name in ("bnpo", "a_grae", "spo_single_stream"):
        with pytest.raises(ArgumentError, match=r"\[0, 1\]"):
            advantages(name, batch.with_columns(logprob=[0.0, 0.0], old_logprob=[0.0, 0.0]))
    with pytest.raises(ArgumentError, match="groups of 2"):
        advantages("pure", batch.with_columns(group=[0, 1]))
    with pytest.raises(ArgumentError, match="2 numbers for 1 rewards"):
        advantages("gdpo", batch, weights=[1.0, 2.0])
    with pytest.raises(ArgumentError, match="low < high"):
        make_estimator("riskpo", low=0.9, high=0.1)
    with pytest.raises(MissingColumnError, match="reward_token"):
        advantages("igpo", batch, variant="position")
    with pytest.raises(MissingColumnError, match="token_id"):
        advantages("tempo", batch)


def test_spo_single_stream__counts_a_task_on_from_batch_to_batch() -> None:
    estimator = make_estimator("spo_single_stream", rho_min=0.5, rho_max=0.5)
    columns: dict[str, Any] = {"task": ["a", "a"], "logprob": [-1.0, -1.0], "old_logprob": [-1.0, -1.0]}
    batch = make([0, 1], [1.0, 0.0], **columns)
    first = estimator(batch)  # from 1, 1: halved and 1 added, halved again
    np.testing.assert_allclose(first.successes_new, 0.75)  # type: ignore[attr-defined]
    np.testing.assert_allclose(first.failures_new, 1.25)  # type: ignore[attr-defined]
    second = estimator(batch)
    np.testing.assert_allclose(second.successes_new, (0.75 / 2 + 1) / 2)  # type: ignore[attr-defined]
