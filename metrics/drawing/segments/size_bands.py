"""Customers by size: share of past spend beside share of forecast value, never added."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from metrics.drawing.axes import percent

LONGEST = 0.84


class Band(Protocol):
    """Customers of one size: what they spent in a year, and what is forecast for them."""

    name: str
    spent_from: float
    customers: int
    spent: float
    clv: float


@dataclass(frozen=True)
class BandBar:
    name: str
    spent_from: float
    customers: int
    is_too_small: bool
    spent: float
    clv: float
    spent_share: float
    value_share: float
    spent_width: str
    value_width: str
    spent_label: str
    value_label: str


def band_bars(bands: Sequence[Band], smallest_group: int) -> list[BandBar]:
    """Two bars a band. Bands of fewer than smallest_group customers keep their figures hidden."""
    spent = sum(band.spent for band in bands) or 1.0
    value = sum(band.clv for band in bands) or 1.0
    shares = [(max(band.spent / spent, 0.0), max(band.clv / value, 0.0)) for band in bands]
    longest = max((share for pair in shares for share in pair), default=1.0) or 1.0
    return [
        BandBar(
            name=band.name,
            spent_from=band.spent_from,
            customers=band.customers,
            is_too_small=band.customers < smallest_group,
            spent=band.spent,
            clv=band.clv,
            spent_share=of_spent,
            value_share=of_value,
            spent_width=percent(LONGEST * of_spent / longest),
            value_width=percent(LONGEST * of_value / longest),
            spent_label=percent(LONGEST * of_spent / longest + 0.02),
            value_label=percent(LONGEST * of_value / longest + 0.02),
        )
        for band, (of_spent, of_value) in zip(bands, shares, strict=True)
    ]
