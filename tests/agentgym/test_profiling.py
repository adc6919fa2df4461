"""Profiles add up, also where parts lie within parts, and cost nothing where nobody asks."""

from __future__ import annotations

import threading
import time

import pytest

from agentgym.profiling import Profile, counted, profiled, timed


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


def test_profiled__counts_and_may_use_another_clock() -> None:
    with profiled(clock=time.process_time) as profile:
        counted(tokens=3)
        with timed("asleep"):
            time.sleep(0.05)
        counted(tokens=4, images=1)
    assert profile.to_record()["counts"] == {"images": 1, "tokens": 7}
    assert profile.seconds["asleep"] < 0.05
    counted(tokens=1)
    assert profile.counts["tokens"] == 7


def test_profiled__a_gpu_that_does_not_tell_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("torch sees a CUDA device")
    profile = Profile()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # the driver is missing all the same
    with profile.part("generate"):
        pass
    assert profile.gpu_silent
    assert profile.to_record()["gpu_utilisation"] is None


@pytest.mark.gpu
def test_profiled__tells_how_busy_the_gpu_was() -> None:
    torch = pytest.importorskip("torch")
    with profiled() as profile, timed("generate"):
        square = torch.ones(4096, 4096, device="cuda")
        for _ in range(500):
            square = square @ square
        torch.cuda.synchronize()
    assert profile.gpu_memory >= 4 * 4096**2
    assert profile.gpu_silent or profile.gpu_utilisation is not None
