"""The paired comparison says "supported" only where it is."""

from __future__ import annotations

import numpy as np
import pytest

from agentgym.errors import ArgumentError
from agentgym.evaluation import Comparison, Outcome, compare, flip_rate, outcomes, pass_at_k, pass_hat_k
from tests.agentgym.evaluation.episodes import episode


def _run(wins: set[int], n: int, repeats: int = 1) -> tuple[Outcome, ...]:
    return outcomes([episode(f"t{i}", success=i in wins) for i in range(n) for _ in range(repeats)])


def _compare(first: tuple[Outcome, ...], second: tuple[Outcome, ...]) -> Comparison:
    return compare(first, second, np.random.default_rng(0))


def test_compare__supports_a_large_difference() -> None:
    gap = _compare(_run(set(range(80)), 100), _run(set(range(20)), 100))
    assert gap.success.value == pytest.approx(0.6)
    assert gap.success.supported and gap.success.low > 0.4
    assert (gap.starts, gap.units, gap.unmatched) == (100, 100, 0)


def test_compare__does_not_support_a_difference_of_two_tasks() -> None:
    gap = _compare(_run(set(range(52)), 100), _run(set(range(50)), 100))
    assert gap.success.value == pytest.approx(0.02)
    assert not gap.success.supported
    assert "not supported" in str(gap.success)


def test_compare__is_not_sure_of_three_tasks_that_all_agree() -> None:
    gap = _compare(_run({0, 1, 2}, 3), _run(set(), 3))
    assert gap.success.value == 1.0
    assert gap.success.p_value == 0.25
    assert not gap.success.supported


def test_compare__finds_no_difference_of_a_run_with_itself() -> None:
    run = _run({1, 5, 7}, 30)
    gap = _compare(run, run)
    assert (gap.success.value, gap.success.low, gap.success.high, gap.success.p_value) == (0, 0, 0, 1)
    assert not gap.success.supported


def test_compare__pairs_by_start_and_not_by_order() -> None:
    first = _run(set(range(10)), 40)
    gap = _compare(first, tuple(reversed(first)))
    assert gap.success.value == 0 and gap.success.p_value == 1


def test_compare__gains_no_certainty_from_repeats_that_agree() -> None:
    once = _compare(_run({0, 1, 2, 3}, 12), _run(set(), 12))
    often = _compare(_run({0, 1, 2, 3}, 12, 50), _run(set(), 12, 50))
    assert often.success.p_value == once.success.p_value == 0.125
    assert not often.success.supported


def test_compare__names_what_only_one_run_has() -> None:
    gap = _compare(_run({0}, 12), _run({0}, 15))
    assert (gap.starts, gap.unmatched) == (12, 3)


def test_compare__rejects_runs_that_share_nothing() -> None:
    with pytest.raises(ArgumentError, match="share no start"):
        _compare(outcomes([episode("a")]), outcomes([episode("a", seed=1)]))


def test_compare__is_wrong_no_more_often_than_it_says() -> None:
    rng = np.random.default_rng(3)
    claims = 0
    for _ in range(200):
        wins = [{i for i in range(30) if rng.random() < 0.5} for _ in range(2)]
        claims += compare(_run(wins[0], 30), _run(wins[1], 30), rng).success.supported
    assert claims / 200 <= 0.08


def test_pass_hat_k__gives_the_worked_numbers() -> None:
    tries = outcomes([episode("a", success=i < 2) for i in range(4)] + [episode("b", success=True)] * 4)
    assert pass_hat_k(tries, 1) == pytest.approx(0.75)
    assert pass_hat_k(tries, 2) == pytest.approx((1 / 6 + 1) / 2)
    assert pass_at_k(tries, 2) == pytest.approx((5 / 6 + 1) / 2)
    assert flip_rate(tries) == pytest.approx((2 / 3 + 0) / 2)


@pytest.mark.parametrize("k", [0, 3])
def test_pass_hat_k__needs_k_repeats(k: int) -> None:
    with pytest.raises(ArgumentError, match="repeats"):
        pass_hat_k(_run({0}, 2, repeats=2), k)
