"""Repeat purchases over time, actual against expected, with the held-out weeks shaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from metrics.drawing.axes import Tick, day_ticks, percent, pixels, round_steps, short_number

TOP, BOTTOM = 24.0, 258.0


class Tracked(Protocol):
    """Totals up to and with one day."""

    day: date
    actual: float
    expected: float
    is_held_out: bool


@dataclass(frozen=True)
class TrackingChart:
    """Two lines in a 100 by 284 box whose width stretches."""

    actual: str
    expected: str
    holdout_from: str
    holdout_width: str
    has_holdout: bool
    levels: list[Tick]
    days: list[Tick]


def tracking_chart(points: Sequence[Tracked]) -> TrackingChart | None:
    """The chart, or None with fewer than two days. `points` are in the order of their days."""
    if len(points) < 2:
        return None
    first, last = points[0].day.toordinal(), points[-1].day.toordinal()
    places = [(point.day.toordinal() - first) / (last - first) for point in points]
    highest = max(max(point.actual, point.expected) for point in points)
    steps = round_steps(0.0, highest)

    def height(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / steps[-1]

    def line(values: Sequence[float]) -> str:
        pairs = zip(places, values, strict=True)
        return " ".join(f"{100 * x:.2f},{height(value):.2f}" for x, value in pairs)

    fitted = [place for place, point in zip(places, points, strict=True) if not point.is_held_out]
    edge = max(fitted, default=0.0)
    return TrackingChart(
        actual=line([point.actual for point in points]),
        expected=line([point.expected for point in points]),
        holdout_from=percent(edge),
        holdout_width=percent(1.0 - edge),
        has_holdout=any(point.is_held_out for point in points),
        levels=[Tick(pixels(height(step)), short_number(step)) for step in steps],
        days=day_ticks([point.day for point in points], places),
    )
