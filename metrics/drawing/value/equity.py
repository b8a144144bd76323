"""What each month end's valuation said, with its interval where it has one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from metrics.drawing.axes import Tick, percent, pixels, round_steps, short_number

TOP, BOTTOM = 16.0, 122.0
MOST_NAMES = 5
MOST_WIDE = 10  # months whose slots are as wide as a name on a phone


class Valued(Protocol):
    """A valuation's total in its currency, and equity: with contracts, which the interval is
    without. The interval is None where nothing was held out."""

    as_of: date
    clv_total: Decimal
    equity: Decimal
    clv_low: Decimal | None
    clv_high: Decimal | None


@dataclass(frozen=True)
class EquityPoint:
    """One month end; label: "" where its name would not fit."""

    x: str
    y: str
    low: str | None
    high: str | None
    label: str
    anchor: str
    is_last: bool


@dataclass(frozen=True)
class EquityChart:
    """zero: the height of nothing, at the foot unless some total is below it."""

    zero: str
    points: list[EquityPoint]
    levels: list[Tick]


def equity_chart(valuations: Sequence[Valued]) -> EquityChart | None:
    """A dot and whisker each, in the order of their days; None with fewer than two."""
    if len(valuations) < 2:
        return None
    ends = [0.0, *(float(end) for each in valuations for end in _ends(each))]
    steps = round_steps(min(ends), max(ends), wanted=3)
    span = steps[-1] - steps[0]

    def height(value: Decimal) -> str:
        return pixels(BOTTOM - (BOTTOM - TOP) * (float(value) - steps[0]) / span)

    last = len(valuations) - 1
    step = -(-len(valuations) // MOST_NAMES)
    named = range(0, last - step + 1, step)
    points = [
        EquityPoint(
            x=percent((row + 0.5) / len(valuations)),
            y=height(each.equity),
            low=None if each.clv_low is None else height(each.clv_low + _contracts(each)),
            high=None if each.clv_high is None else height(each.clv_high + _contracts(each)),
            label="now" if row == last else f"{each.as_of:%b %Y}" if row in named else "",
            anchor="end" if row == last and last >= MOST_WIDE else "middle",
            is_last=row == last,
        )
        for row, each in enumerate(valuations)
    ]
    levels = [Tick(height(Decimal(step)), short_number(step).replace("-", "−")) for step in steps]
    return EquityChart(height(Decimal(0)), points, levels)


def _ends(valued: Valued) -> list[Decimal]:
    """All of it that is drawn: the total, and its range where it is known."""
    drawn = (valued.clv_total, valued.clv_low, valued.clv_high)
    return [end + _contracts(valued) for end in drawn if end is not None]


def _contracts(valued: Valued) -> Decimal:
    return valued.equity - valued.clv_total
