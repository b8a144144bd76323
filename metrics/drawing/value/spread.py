"""How value is spread: share of customers beside share of value, class by class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from metrics.drawing.axes import percent, pixels, short_number

TOP, BOTTOM = 26.0, 182.0


class ValueClass(Protocol):
    """Customers with low <= CLV < high, in currency; high is None in the last class."""

    low: float
    high: float | None
    customers: int
    clv: float


@dataclass(frozen=True)
class SpreadBar:
    label: str
    at: str
    is_minor: bool
    customers_share: float
    value_share: float
    customers_x: str
    customers_y: str
    customers_height: str
    value_x: str
    value_y: str
    value_height: str
    width: str
    customers_middle: str
    value_middle: str


def spread_bars(classes: Sequence[ValueClass]) -> list[SpreadBar]:
    """Two bars a class: outlined customers, filled value; a loss hangs below the line."""
    customers = sum(each.customers for each in classes) or 1
    value = sum(each.clv for each in classes) or 1.0
    shares = [(each.customers / customers, each.clv / value) for each in classes]
    highest = max((share for pair in shares for share in pair), default=1.0) or 1.0
    slot = 1.0 / max(1, len(classes))

    def bar(share: float) -> tuple[str, str]:
        height = (BOTTOM - TOP) * abs(share) / highest
        return pixels(BOTTOM - height if share >= 0 else BOTTOM), pixels(height)

    bars = []
    for row, (each, (of_customers, of_value)) in enumerate(zip(classes, shares, strict=True)):
        customers_y, customers_height = bar(of_customers)
        value_y, value_height = bar(of_value)
        bars.append(
            SpreadBar(
                label=_label(each),
                at=percent(slot * (row + 0.5)),
                is_minor=row % 2 == 1,
                customers_share=of_customers,
                value_share=of_value,
                customers_x=percent(slot * (row + 0.1)),
                customers_y=customers_y,
                customers_height=customers_height,
                value_x=percent(slot * (row + 0.5)),
                value_y=value_y,
                value_height=value_height,
                width=percent(slot * 0.36),
                customers_middle=percent(slot * 0.28 + slot * row),
                value_middle=percent(slot * 0.68 + slot * row),
            )
        )
    return bars


def _label(each: ValueClass) -> str:
    if each.high is None:
        return f"over {short_number(each.low)}"
    if each.high <= 0:
        return "under 0"
    return f"{short_number(each.low)}–{short_number(each.high)}"
