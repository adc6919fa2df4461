"""Intervals against published values, and their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, ShapeError
from agentgym.evaluation import bootstrap_mean, bootstrap_ratio, sign_flip_p, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson__gives_the_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    estimate = wilson(successes, n)
    assert estimate.value == successes / n
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500), st.floats(0, 1))
def test_wilson__holds_its_value_and_stays_within_bounds(n: int, share: float) -> None:
    estimate = wilson(share * n, n)
    assert estimate.low is not None and estimate.high is not None
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert estimate.high - estimate.low > 0


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (3, 2), (-1, 2)])
def test_wilson__rejects_what_is_no_proportion(successes: int, n: int) -> None:
    with pytest.raises(ArgumentError, match="proportion"):
        wilson(successes, n)


def test_bootstrap_mean__covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(400):
        estimate = bootstrap_mean(rng.normal(3.0, 2.0, size=40), rng, draws=1_000)
        assert estimate.low is not None and estimate.high is not None
        hits += estimate.low <= 3.0 <= estimate.high
    assert 0.90 <= hits / 400 <= 0.98


def test_bootstrap_mean__is_a_function_of_its_generator() -> None:
    values = np.arange(30.0)
    assert bootstrap_mean(values, np.random.default_rng(1)) == bootstrap_mean(
        values, np.random.default_rng(1)
    )
    assert bootstrap_mean(values, np.random.default_rng(1)) != bootstrap_mean(
        values, np.random.default_rng(2)
    )


def test_bootstrap_mean__draws_the_same_in_chunks() -> None:
    estimate = bootstrap_mean(np.arange(5_000.0), np.random.default_rng(0), draws=2_000)
    half = 1.96 * 5_000 / np.sqrt(12 * 5_000)
    assert estimate.low == pytest.approx(2499.5 - half, rel=0.01)
    assert estimate.high == pytest.approx(2499.5 + half, rel=0.01)


def test_bootstrap_mean__does_not_bound_a_single_value() -> None:
    estimate = bootstrap_mean(np.array([4.0]), np.random.default_rng(0))
    assert (estimate.value, estimate.low, estimate.high) == (4.0, None, None)


def test_bootstrap_ratio__weighs_units_by_their_size() -> None:
    estimate = bootstrap_ratio(np.array([1.0, 9.0]), np.array([1.0, 19.0]), np.random.default_rng(0))
    assert estimate.value == 0.5
    assert (estimate.low, estimate.high) == (9 / 19, 1.0)


def test_bootstrap_ratio__is_zero_without_bounds_where_nothing_was_counted() -> None:
    estimate = bootstrap_ratio(np.zeros(3), np.zeros(3), np.random.default_rng(0))
    assert (estimate.value, estimate.low, estimate.high) == (0.0, None, None)


@pytest.mark.parametrize("shape", [(0,), (2, 2), (4,)])
def test_bootstrap_ratio__rejects_other_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="one and the same"):
        bootstrap_ratio(np.zeros(shape), np.ones(3), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("wins", "losses", "p"),
    [(3, 0, 0.25), (6, 0, 0.03125), (5, 1, 0.21875), (4, 4, 1.0), (10, 2, 0.03857421875)],
)
def test_sign_flip__is_mcnemars_exact_test_on_binary_pairs(wins: int, losses: int, p: float) -> None:
    differences = np.concatenate([np.ones(wins), -np.ones(losses), np.zeros(50)])
    assert sign_flip_p(differences, np.random.default_rng(0)) == pytest.approx(p)


def test_sign_flip__agrees_with_the_binomial_beyond_enumeration() -> None:
    differences = np.concatenate([np.ones(20), -np.ones(8)])  # exact two-sided p = 0.0357
    assert sign_flip_p(differences, np.random.default_rng(0)) == pytest.approx(0.0357, abs=0.006)


def test_sign_flip__is_one_without_differences_and_never_zero() -> None:
    rng = np.random.default_rng(0)
    assert sign_flip_p(np.zeros(9), rng) == 1.0
    assert 0 < sign_flip_p(np.ones(200), rng) < 0.001
