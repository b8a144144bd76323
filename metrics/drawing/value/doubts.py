"""How far a total may be off and why: three doubts, each alone and together, on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from metrics.drawing.axes import percent

Z_95 = 1.6449
"""Standard normal deviate with 5% beyond it."""

INSET = 0.04


@dataclass(frozen=True)
class Whisker:
    """Bounds of 5 and 95 in 100 from one doubt alone, in the currency."""

    low: float
    high: float
    low_x: str
    high_x: str


@dataclass(frozen=True)
class Doubts:
    """What each doubt alone would leave, and all together; their squares add up."""

    parameters: Whisker
    chance: Whisker
    tests: Whisker
    together: Whisker
    total_x: str


def doubts_of(
    total: float, bounds: tuple[float, float], parameters: float, chance: float
) -> Doubts | None:
    """The parts of a total's interval; None where the bounds are not on its side of zero.

    parameters, chance: standard deviations of the total's logarithm. What they leave of the
    interval's width is what past forecasts were off.
    """
    low, high = bounds
    if not (low > 0 and total > 0) and not (high < 0 and total < 0):
        return None
    width = abs(log(high / low)) / 2
    by_parameters, by_chance = Z_95 * parameters, Z_95 * chance
    by_tests = sqrt(max(width**2 - by_parameters**2 - by_chance**2, 0.0))
    widths = {"parameters": by_parameters, "chance": by_chance, "tests": by_tests}
    widest = max([*widths.values(), width])
    scale = _Scale(sorted((total * exp(-widest), total * exp(widest))))
    return Doubts(
        **{name: _whisker(total, each, scale) for name, each in widths.items()},
        together=_whisker(total, width, scale),
        total_x=scale.place(total),
    )


def _whisker(total: float, width: float, scale: "_Scale") -> Whisker:
    low, high = sorted((total * exp(-width), total * exp(width)))
    return Whisker(low, high, scale.place(low), scale.place(high))


class _Scale:
    def __init__(self, ends: Sequence[float]) -> None:
        self._low = ends[0]
        self._span = ends[-1] - ends[0] or 1.0

    def place(self, value: float) -> str:
        return percent(INSET + (1 - 2 * INSET) * (value - self._low) / self._span)
