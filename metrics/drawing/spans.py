"""Intervals side by side on one scale, each as a dot and a whisker, zero marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.drawing.axes import percent

INSET = 0.04

Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Span:
    """x in percent of the width, as text."""

    zero: str
    low: str
    middle: str
    high: str


def spans(intervals: Sequence[Interval | None]) -> list[Span | None]:
    """Low, middle and high of each, None for what is not known."""
    known = [bound for interval in intervals if interval for bound in interval]
    low, high = min([0.0, *known]), max([0.0, *known])
    span = (high - low) or 1.0

    def place(value: float) -> str:
        return percent(INSET + (1 - 2 * INSET) * (value - low) / span)

    return [one and Span(place(0.0), *(place(bound) for bound in one)) for one in intervals]
