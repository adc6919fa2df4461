"""Profiles add up, also where parts lie within parts, and cost nothing where nobody asks."""

from __future__ import annotations

import threading
import time

import pytest

from agentgym.profiling import profiled, timed


def test_profiled__a_part_does_not_count_the_parts_within_it() -> None:
    with profiled() as profile, timed("outer"):
        time.sleep(0.02)
        with timed("inner"):
            time.sleep(0.05)
    assert profile.seconds["inner"] >= 0.05
    assert profile.seconds["outer"] < 0.05
    record = profile.to_record()
    assert sum(record["parts_s"].values()) == pytest.approx(record["total_s"])


def test_profiled__counts_a_part_that_raises() -> None:
    with profiled() as profile, pytest.raises(ValueError, match="no"), timed("part"):
        raise ValueError("no")
    assert "part" in profile.seconds


def test_timed__measures_nothing_outside_a_profile_and_in_other_threads() -> None:
    with timed("alone"):
        pass

    def work() -> None:
        with timed("elsewhere"):
            pass

    with profiled() as profile:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert not profile.seconds
