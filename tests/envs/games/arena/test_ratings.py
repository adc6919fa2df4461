"""Ratings against closed forms and against a plain optimiser of the likelihood."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, ShapeError
from envs.games.arena.ratings import Meeting, bradley_terry, rate

FloatArray = NDArray[np.float64]


def _optimised(points: FloatArray, pseudo: float) -> FloatArray:
    """Maximise the log-likelihood over the logarithms of the strengths, by Newton's method."""
    counted = np.where(np.eye(len(points), dtype=bool), 0.0, points + pseudo)
    games, theta = counted + counted.T, np.zeros(len(points))
    for _ in range(50):
        wins = 1 / (1 + np.exp(theta[None, :] - theta[:, None]))
        gradient = (counted - games * wins).sum(axis=1)
        curvature = games * wins * (1 - wins)
        hessian = np.diag(curvature.sum(axis=1)) - curvature
        theta = theta + np.linalg.lstsq(hessian, gradient, rcond=None)[0].clip(-1, 1)
    result: FloatArray = theta - theta.mean()
    return result


def test_bradley_terry__two_players_have_a_closed_form() -> None:
    strength = bradley_terry(np.array([[0.0, 7.0], [3.0, 0.0]]))
    assert strength[0] / strength[1] == pytest.approx(7.5 / 3.5)


def test_bradley_terry__a_chain_has_a_closed_form() -> None:
    points = np.array([[0, 8, 0], [2, 0, 6], [0, 4, 0]], dtype=np.float64)
    strength = bradley_terry(points, pseudo=1e-9)
    assert strength[0] / strength[1] == pytest.approx(8 / 2, rel=1e-6)
    assert strength[1] / strength[2] == pytest.approx(6 / 4, rel=1e-6)


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 6))
def test_bradley_terry__maximises_the_likelihood(seed: int, players: int) -> None:
    points = np.random.default_rng(seed).integers(0, 20, size=(players, players)).astype(np.float64)
    found = np.log(bradley_terry(points))
    assert found == pytest.approx(_optimised(points, 0.5), abs=1e-3)
    assert found.mean() == pytest.approx(0.0, abs=1e-9)


def test_bradley_terry__fits_a_stack_as_it_fits_each() -> None:
    points = np.random.default_rng(0).integers(0, 9, size=(5, 4, 4)).astype(np.float64)
    stacked = bradley_terry(points)
    assert stacked == pytest.approx(np.stack([bradley_terry(one) for one in points]), rel=1e-8)


def test_bradley_terry__refuses_what_has_no_answer() -> None:
    with pytest.raises(ShapeError, match=r"\(\.\.\., A, A\)"):
        bradley_terry(np.zeros((2, 3)))
    with pytest.raises(ArgumentError, match="finite"):
        bradley_terry(np.zeros((2, 2)), pseudo=0.0)


def test_rate__recovers_true_strengths_and_covers_them() -> None:
    truth, rng = np.array([0.0, 100.0, 250.0]), np.random.default_rng(5)
    meetings = []
    for first in range(3):
        for second in range(first):
            p = 1 / (1 + 10 ** ((truth[second] - truth[first]) / 400))
            meetings += [Meeting(first, second, float(rng.binomial(2, p)), 2) for _ in range(600)]
    ratings = rate(meetings, 3, rng)
    assert [r.value for r in ratings] == pytest.approx(truth, abs=35)
    for rating, true in zip(ratings[1:], truth[1:], strict=True):
        assert rating.low is not None
        assert rating.high is not None
        assert rating.low < true < rating.high
        assert 20 < rating.high - rating.low < 100


def test_rate__the_anchor_is_zero_and_whom_nobody_beat_is_unbounded() -> None:
    ratings = rate([Meeting(0, 1, 2, 2)] * 10, 2, np.random.default_rng(0), anchor=1)
    assert ratings[1].value == 0.0
    assert ratings[0].value == pytest.approx(400 * math.log10(20.5 / 0.5))
    assert ratings[0].low is None
    assert ratings[1].low is None


def test_rate__refuses_a_meeting_of_a_player_with_itself() -> None:
    with pytest.raises(ArgumentError, match="no meeting of two"):
        rate([Meeting(1, 1, 1, 2)], 2, np.random.default_rng(0))
