"""What each month end's valuation said, with its interval where it has one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from metrics.drawing.axes import Tick, percent, pixels, round_steps, short_number

TOP, BOTTOM = 16.0, 122.0
MOST_NAMES = 5


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
    is_last: bool


@dataclass(frozen=True)
class EquityChart:
    points: list[EquityPoint]
    levels: list[Tick]


def equity_chart(valuations: Sequence[Valued]) -> EquityChart | None:
    """A dot and whisker each, in the order of their days; None with fewer than two."""
    if len(valuations) < 2:
        return None
    highest = max(
        float((each.clv_high or each.clv_total) + _contracts(each)) for each in valuations
    )
    steps = round_steps(0.0, highest, wanted=3)

    def height(value: Decimal) -> str:
        return pixels(BOTTOM - (BOTTOM - TOP) * float(value) / steps[-1])

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
            is_last=row == last,
        )
        for row, each in enumerate(valuations)
    ]
    return EquityChart(points, [Tick(height(Decimal(step)), short_number(step)) for step in steps])


def _contracts(valued: Valued) -> Decimal:
    return valued.equity - valued.clv_total
