"""What one step of each driver is worth: bars around a common zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from metrics.drawing.axes import percent


class Pulled(Protocol):
    """A step of a driver and the gain in currency; None where it cannot be known."""

    step: str
    gain: float | None


@dataclass(frozen=True)
class PullBar:
    """x and width are empty where there is nothing to draw."""

    pull: Pulled
    x: str = ""
    width: str = ""


@dataclass(frozen=True)
class PullBars:
    rows: list[PullBar]
    zero: str


def pull_bars(pulls: Sequence[Pulled]) -> PullBars:
    """A bar for each pull, in their order: to the right a gain, to the left a loss."""
    gains = [0.0, *(pull.gain for pull in pulls if pull.gain is not None)]
    low, high = min(gains), max(gains)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return (value - low) / span

    def bar(pull: Pulled) -> PullBar:
        if pull.gain is None:
            return PullBar(pull)
        left, right = place(min(pull.gain, 0.0)), place(max(pull.gain, 0.0))
        return PullBar(pull, percent(left), percent(right - left))

    return PullBars([bar(pull) for pull in pulls], percent(place(0.0)))
