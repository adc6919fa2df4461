"""Where the pieces of a chart go. The templates write them as SVG; nothing here knows of colours or markup.

All coordinates are in the units of the chart's own view box, with y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Axis", "Bar", "Plot", "PlottedPoint", "Point", "Series", "Tick", "bar", "plot"]

_WIDTH, _HEIGHT = 720.0, 340.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 34.0, 26.0, 46.0
_BAR_WIDTH = 140.0
_BAR_MARGIN = 4.0
_LOG_FROM = 50.0  # ratio of greatest to least from which an axis is logarithmic
_LOG_TO = 1e12  # and where it would have too many marks
_NOTHING = 1e-200
_STYLES = 8
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on the scale from 0 to 1.

    Attributes:
        width: Width of the view box.
        value: Where the number is.
        low: Where its interval begins; None where there is none.
        high: Where it ends.
        floor: Where the floor is; None where it is not known.
        ceiling: Where the ceiling is.
        start: Where 0 is.
        end: Where 1 is.
    """

    width: float
    value: float
    low: float | None
    high: float | None
    floor: float | None
    ceiling: float | None
    start: float
    end: float


def bar(
    value: float,
    low: float | None,
    high: float | None,
    *,
    floor: float | None = None,
    ceiling: float | None = None,
) -> Bar:
    """Place a share in [0, 1] with its interval, beside floor and ceiling."""
    return Bar(
        _BAR_WIDTH,
        _on_bar(value),
        None if low is None else _on_bar(low),
        None if high is None else _on_bar(high),
        None if floor is None else _on_bar(floor),
        None if ceiling is None else _on_bar(ceiling),
        _on_bar(0.0),
        _on_bar(1.0),
    )


def _on_bar(share: float) -> float:
    return round(_BAR_MARGIN + min(max(share, 0.0), 1.0) * (_BAR_WIDTH - 2 * _BAR_MARGIN), 2)


@dataclass(frozen=True, slots=True)
class Point:
    """A number to be drawn.

    Attributes:
        x: On the horizontal axis.
        y: On the vertical axis.
        low: Lower end of the interval of y, if it has one.
        high: Upper end.
        label: Words beside it; "" for none.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class PlottedPoint:
    """A number in its place.

    Attributes:
        x: Its place from the left.
        y: Its place from the top.
        low: Place of the lower end of its interval.
        high: Place of the upper end.
        source: The number.
    """

    x: float
    y: float
    low: float | None
    high: float | None
    source: Point


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together.

    Attributes:
        name: What they are.
        style: Number of its colour, dash and marker, from 0 to 7.
        points: Where they are.
        path: The line through them, as the attribute `points` of a polyline.
    """

    name: str
    style: int
    points: tuple[PlottedPoint, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis.

    Attributes:
        place: Where it is.
        text: What it says.
    """

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis.

    Attributes:
        label: What it measures.
        low: Its least number.
        high: Its greatest.
        log: Whether it is logarithmic.
        ticks: Its marks.
    """

    label: str
    low: float
    high: float
    log: bool
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart of lines or points.

    Attributes:
        width: Width of the view box.
        height: Height of the view box.
        left: Where the drawing begins.
        right: Where it ends.
        top: Where it begins.
        bottom: Where it ends.
        x: The horizontal axis.
        y: The vertical axis.
        series: What is drawn.
        levels: Heights that the points are to be seen against, each with its name.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    levels: tuple[Tick, ...] = ()


def plot(
    series: Sequence[tuple[str, Sequence[Point]]],
    *,
    x_label: str,
    y_label: str,
    y_range: tuple[float, float] | None = None,
    levels: Sequence[tuple[str, float]] = (),
    may_be_log: bool = False,
) -> Plot | None:
    """Lay out a chart.

    Args:
        series: Names and points; points must be finite.
        x_label: Label of the horizontal axis.
        y_label: Label of the vertical axis.
        y_range: Ends of the vertical axis; None: those of the numbers.
        levels: Heights that the points are to be seen against: names and numbers.
        may_be_log: Whether the horizontal axis is logarithmic where its numbers span a factor above 50.

    Returns:
        The chart; None where there is nothing to draw.
    """
    points = [point for _, some in series for point in some]
    if not points:
        return None
    left, right, top, bottom = _LEFT, _WIDTH - _RIGHT, _TOP, _HEIGHT - _BOTTOM
    x = _axis(x_label, [p.x for p in points], left, right, may_be_log=may_be_log)
    y = _axis(y_label, list(y_range or [p.y for p in points]), bottom, top)

    def across(value: float) -> float:
        return _place(value, x, left, right)

    def down(value: float) -> float:
        return _place(value, y, bottom, top)

    def placed(point: Point) -> PlottedPoint:
        low, high = (None if end is None else down(end) for end in (point.low, point.high))
        return PlottedPoint(across(point.x), down(point.y), low, high, point)

    drawn = []
    for number, (name, some) in enumerate(series):
        found = tuple(placed(point) for point in some)
        path = " ".join(f"{p.x:g},{p.y:g}" for p in found)
        drawn.append(Series(name, number % _STYLES, found, path))
    marked = tuple(Tick(down(height), name) for name, height in levels)
    return Plot(_WIDTH, _HEIGHT, left, right, top, bottom, x, y, tuple(drawn), marked)


def _axis(label: str, values: Sequence[float], start: float, end: float, *, may_be_log: bool = False) -> Axis:
    low, high = min(values), max(values)
    log = may_be_log and low > 0 and _LOG_FROM < high / low < _LOG_TO
    marks = _decades(low, high) if log else _round_steps(low, high)
    axis = Axis(label, marks[0], marks[-1], log, ())
    ticks = tuple(Tick(_place(mark, axis, start, end), f"{mark:g}") for mark in marks)
    return Axis(label, marks[0], marks[-1], log, ticks)


def _place(value: float, axis: Axis, start: float, end: float) -> float:
    low, high, here = (
        (math.log10(axis.low), math.log10(axis.high), math.log10(max(value, axis.low)))
        if axis.log
        else (axis.low, axis.high, value)
    )
    share = 0.5 if high == low else (here - low) / (high - low)
    return round(start + min(max(share, 0.0), 1.0) * (end - start), 2)


def _decades(low: float, high: float) -> list[float]:
    return [10.0**k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def _round_steps(low: float, high: float) -> list[float]:
    """Choose about five round numbers that enclose a range; one number has room on both sides."""
    greatest = max(abs(low), abs(high))
    if high - low <= max(1e-9 * greatest, _NOTHING):
        room = greatest / 2 if greatest > _NOTHING else 0.5
        low, high = low - room, high + room
    rough = (high - low) / _TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]
