"""Normalised scores and cross-play."""

from __future__ import annotations

import numpy as np
import pytest

from agentgym.errors import ArgumentError, ShapeError
from envs.games.yardsticks.scores import cross_play, normalised


def test_normalised__puts_random_at_zero_and_the_reference_at_one() -> None:
    assert normalised(-0.4, random=-0.4, reference=0.6) == 0.0
    assert normalised(0.6, random=-0.4, reference=0.6) == pytest.approx(1.0)
    assert normalised(-0.9, random=-0.4, reference=0.6) == pytest.approx(-0.5)


def test_normalised__refuses_a_reference_that_is_no_better_than_random() -> None:
    with pytest.raises(ArgumentError, match="stronger reference"):
        normalised(0.0, random=0.2, reference=0.2)


def test_cross_play__compares_the_diagonal_with_the_rest() -> None:
    found = cross_play(np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 1.0], [2.0, 1.0, 4.0]]))
    assert (found.own, found.others, found.gap) == (3.0, 1.0, 2.0)


def test_cross_play__needs_two_agents() -> None:
    with pytest.raises(ShapeError, match="two agents"):
        cross_play(np.ones((1, 1)))
