"""Where the pieces of charts go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentgym.leaderboard.pages.charts import Point, bar, plot

_NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)


def test_bar__places_a_share_between_its_ends() -> None:
    found = bar(0.5, 0.25, 1.0, floor=0.0)
    assert found.start == 4 and found.end == 136 and found.value == 70
    assert (found.low, found.high, found.floor, found.ceiling) == (37, 136, 4, None)


def test_plot__draws_larger_numbers_higher_and_further_right() -> None:
    found = plot([("a", [Point(0, 0.1), Point(10, 0.9, 0.8, 1.0)])], x_label="x", y_label="y", y_range=(0, 1))
    assert found is not None
    first, last = found.series[0].points
    assert (first.x, last.x) == (found.left, found.right)
    assert (
        first.y > last.y and last.low is not None and last.high is not None and last.low > last.y > last.high
    )
    assert [tick.text for tick in found.y.ticks] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]


def test_plot__turns_logarithmic_over_a_wide_range() -> None:
    found = plot(
        [("a", [Point(1, 0), Point(10, 0), Point(1_000, 1)])], x_label="x", y_label="y", may_be_log=True
    )
    assert found is not None and found.x.log
    assert [tick.text for tick in found.x.ticks] == ["1", "10", "100", "1000"]
    one, ten, thousand = (point.x for point in found.series[0].points)
    assert abs((ten - one) * 2 - (thousand - ten)) < 0.1


def test_plot__has_nothing_to_draw_without_points() -> None:
    assert plot([("a", [])], x_label="x", y_label="y") is None


def test_plot__bears_numbers_that_are_next_to_nothing() -> None:
    tiny = [Point(5e-324, 5e-324), Point(1.0, 5e-324), Point(1e15, 1e-300)]
    found = plot([("a", tiny)], x_label="x", y_label="y", may_be_log=True)
    assert found is not None and len(found.x.ticks) < 10 and len(found.y.ticks) < 10


@given(st.lists(st.tuples(_NUMBERS, _NUMBERS), min_size=1, max_size=20))
def test_plot__keeps_every_point_inside(numbers: list[tuple[float, float]]) -> None:
    found = plot([("a", [Point(x, y) for x, y in numbers])], x_label="x", y_label="y")
    assert found is not None and len(found.x.ticks) >= 2
    for point in found.series[0].points:
        assert found.left <= point.x <= found.right and found.top <= point.y <= found.bottom
