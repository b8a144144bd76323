"""Customers of a finished valuation together: by size, spread, segment and cohort."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.db.models import F
from django.db.models.functions import ExtractMonth, ExtractYear

from customers.models import Customer
from metrics.clv.purchases.histories import Integers, rows_of
from metrics.clv.worth import portfolio
from metrics.clv.worth.conditions import newcomer_by_month, payback_month
from metrics.clv.worth.portfolio import BANDS, NO_PURCHASE
from metrics.clv.worth.uncertainty import Doubt
from metrics.models import CohortMonth, SegmentTotal, SizeBand, SpreadClass, Valuation
from metrics.value.groups import Group, Grouped, Values, groups_of, ranked
from metrics.value.scoring import Yardstick
from metrics.value.storage.reading import (
    WholeNumbers,
    numbers_of,
    place_among,
    read_values,
    sent_rows,
)

STEADINESS = IRREGULAR, MIXED, STEADY, UNKNOWN = "irregular", "mixed", "steady", "too new"
IRREGULAR_FROM = 1.5
"""Standard deviation of monthly spend over its mean; a single month in four reaches it."""

SIZES = [*(name for name, _ in BANDS), NO_PURCHASE]

COLUMNS = {
    "customer": F("customer_id"),
    "x": F("x"),
    "clv": F("clv"),
    "spent": F("spent_last_year"),
    "deviation": F("deviation"),
    "band": place_among("band", SIZES),
    "month": 12 * ExtractYear("first_on") + ExtractMonth("first_on") - 1,
    "variation": F("spend_variation"),
    "winning": F("acquisition_cost"),
    "cash": F("margin") * F("expected_spend") - F("cost"),
}
"""month: of the first purchase, since the year 0. cash: of one purchase day."""


@dataclass(frozen=True)
class Totals:
    """Sums over the customers of a valuation, and how they are spread."""

    customers: int
    repeat_purchases: int
    clv: float
    variance: float
    top_tenth_share: float
    misjudged_share: float


def values_of(valuation: Valuation) -> Values:
    """What all sums of a valuation are made of: every value read once."""
    return read_values(valuation, **COLUMNS)


def totals_of(values: Values) -> Totals:
    clv = values["clv"]
    return Totals(
        customers=len(clv),
        repeat_purchases=int(values["x"].sum()),
        clv=float(clv.sum()),
        variance=float(np.nansum(values["deviation"] ** 2)),
        top_tenth_share=portfolio.top_share(clv, 0.1),
        misjudged_share=portfolio.misjudged_share(values["spent"], clv),
    )


def write_portfolio(
    valuation: Valuation, values: Values, yardstick: Yardstick, doubt: Doubt
) -> None:
    """Size bands, spread, segments: sums of what is stored, in the caller's transaction."""
    SizeBand.objects.bulk_create(_size_bands(valuation, values))
    SpreadClass.objects.bulk_create(
        SpreadClass(valuation=valuation, **vars(each)) for each in portfolio.spread(values["clv"])
    )
    SegmentTotal.objects.bulk_create(_segments(valuation, values, yardstick, doubt))


def write_cohorts(valuation: Valuation, table: list[tuple[np.datetime64, int, int]]) -> None:
    """The retention triangle: rows of (cohort's month, months since, customers)."""
    CohortMonth.objects.bulk_create(
        CohortMonth(
            valuation=valuation,
            cohort=month.astype("datetime64[D]").astype(date),
            months_since=since,
            customers=customers,
        )
        for month, since, customers in table
    )


def _size_bands(valuation: Valuation, values: Values) -> Iterator[SizeBand]:
    """The bands that customers stand in, from those who spent most; empty ones are left out."""
    band = values["band"].astype(np.int64)
    for rank, one in enumerate(groups_of(values, ([(name, "") for name in SIZES], band)), start=1):
        yield SizeBand(
            valuation=valuation,
            rank=rank,
            name=one.name,
            spent_from=float(values["spent"][band == SIZES.index(one.name)].min()),
            customers=one.customers,
            spent=one.spent,
            clv=one.value,
        )


def _segments(
    valuation: Valuation, values: Values, yardstick: Yardstick, doubt: Doubt
) -> Iterator[SegmentTotal]:
    """Dimension by dimension, in the order in which they are shown."""
    channel, country = _places(values["customer"].astype(np.int64))
    dimensions = SegmentTotal.Dimension
    shown = {
        dimensions.SIZE: groups_of(values, _by_size(values)),
        dimensions.COHORT: groups_of(values, _by_month(values)),
        dimensions.CHANNEL: ranked(groups_of(values, channel)),
        dimensions.COUNTRY: ranked(groups_of(values, country)),
    }
    for dimension, groups in shown.items():
        for rank, one in enumerate(groups, start=1):
            yield _segment(valuation, dimension, rank, one, yardstick, doubt)


def _by_size(values: Values) -> Grouped:
    variation = values["variation"]
    steadiness = np.select(
        [np.isnan(variation), variation <= portfolio.STEADY_UP_TO, variation < IRREGULAR_FROM],
        [STEADINESS.index(word) for word in (UNKNOWN, STEADY, MIXED)],
        STEADINESS.index(IRREGULAR),
    )
    names = [(size, word) for size in SIZES for word in STEADINESS]
    return names, values["band"].astype(np.int64) * len(STEADINESS) + steadiness


def _by_month(values: Values) -> Grouped:
    months, place = np.unique(values["month"].astype(np.int64), return_inverse=True)
    return [(date(month // 12, month % 12 + 1, 1), "") for month in months.tolist()], place


def _places(customer: Integers) -> tuple[Grouped, Grouped]:
    """Channels and countries of these customers."""
    together = Customer.objects.order_by().values_list("channel", "country")
    rows = list(sent_rows(together.annotate(numbers=WholeNumbers("pk"))))
    numbers = [numbers_of(row[2]) for row in rows]
    everybody = np.concatenate(numbers)
    order = np.argsort(everybody)
    row = np.repeat(np.arange(len(rows)), [len(each) for each in numbers])[order]
    own = row[rows_of(everybody[order], customer)]
    return _named([row[0] for row in rows], own), _named([row[1] for row in rows], own)


def _named(words: list[str], own: Integers) -> Grouped:
    """By word; own: each customer's place among the words, of which some are alike."""
    names, place = np.unique(words, return_inverse=True)
    return [(name, "") for name in names.tolist()], place[own]


def _segment(
    valuation: Valuation,
    dimension: str,
    rank: int,
    one: Group,
    yardstick: Yardstick,
    doubt: Doubt,
) -> SegmentTotal:
    chance = float(np.sqrt(one.variance)) / abs(one.value) if one.value else 0.0
    low, high = replace(doubt, chance=chance).interval(one.value) or (None, None)
    cost = one.winning / one.known if one.known else None
    return SegmentTotal(
        valuation=valuation,
        dimension=dimension,
        rank=rank,
        name=one.name.strftime("%b %Y") if isinstance(one.name, date) else one.name,
        steadiness=one.steadiness,
        customers=one.customers,
        below_zero=one.below_zero,
        spent=one.spent,
        clv=one.value,
        clv_low=low,
        clv_high=high,
        acquisition_cost=cost,
        payback_month=None if cost is None else _payback(valuation, one, cost, yardstick),
    )


def _payback(valuation: Valuation, one: Group, cost: float, yardstick: Yardstick) -> int | None:
    """When a newcomer who buys as all do and leaves as much as this segment has paid for itself."""
    model = yardstick.findings.purchases.model
    cash = one.cash / one.customers
    months = newcomer_by_month(model, cash, yardstick.horizon, valuation.unit)
    return payback_month(months, cost)
