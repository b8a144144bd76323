"""Customers of a finished valuation together: by size, spread, segment and cohort."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
from django.db.models import Case, CharField, Count, F, FloatField, Min, Q, Sum, Value, When
from django.db.models.functions import Coalesce, TruncMonth

from metrics.clv.worth import portfolio
from metrics.clv.worth.conditions import newcomer_by_month, payback_month
from metrics.clv.worth.portfolio import BANDS, NO_PURCHASE
from metrics.clv.worth.uncertainty import Doubt
from metrics.models import (
    CohortMonth,
    CustomerValue,
    SegmentTotal,
    SizeBand,
    SpreadClass,
    Valuation,
)
from metrics.value.scoring import Yardstick
from metrics.value.storage.reading import sent_rows

STEADY, MIXED, IRREGULAR, UNKNOWN = "steady", "mixed", "irregular", "too new"
IRREGULAR_FROM = 1.5
"""Standard deviation of monthly spend over its mean; a single month in four reaches it."""

SIZES = [*(name for name, _ in BANDS), NO_PURCHASE]
OTHERS, NOT_KNOWN = "All others", "Not known"
"""What rows of several are called; a channel or country of such a name goes into the last."""

MOST_NAMED = 40
"""Countries or channels shown by name, the ones with most value; the rest are one row."""

Row = dict[str, Any]
"""What a query groups by, and its sums, by name."""


@dataclass(frozen=True)
class Totals:
    """Sums over the customers of a valuation, and how they are spread."""

    customers: int
    repeat_purchases: int
    clv: float
    variance: float
    top_tenth_share: float
    misjudged_share: float
    spread: list[portfolio.SpreadTotals]


def totals_of(valuation: Valuation) -> Totals:
    """Reads every value once."""
    own = CustomerValue.objects.filter(valuation=valuation)
    # In the order of the customers' keys: ties need one
    rows = sent_rows(own.order_by("customer_id").values_list("clv", "spent_last_year"))
    clv, spent = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 2).T
    sums = own.aggregate(
        x=Sum("x", default=0),
        variance=Sum(F("deviation") * F("deviation"), default=0.0, output_field=FloatField()),
    )
    return Totals(
        customers=len(clv),
        repeat_purchases=sums["x"],
        clv=float(clv.sum()),
        variance=sums["variance"],
        top_tenth_share=portfolio.top_share(clv, 0.1),
        misjudged_share=portfolio.misjudged_share(spent, clv),
        spread=portfolio.spread(clv),
    )


def write_portfolio(
    valuation: Valuation, totals: Totals, yardstick: Yardstick, doubt: Doubt
) -> None:
    """Size bands, spread, segments: rows of what is stored, in the caller's transaction.

    Values are summed twice: by size, steadiness and month, and by channel and country. All that is
    shown are sums of these sums.
    """
    by_size = _sums(valuation, ("band", "steadiness", "month"))
    by_place = _sums(valuation, ("customer__channel", "customer__country"))
    SizeBand.objects.bulk_create(_size_bands(valuation, by_size))
    SpreadClass.objects.bulk_create(
        SpreadClass(valuation=valuation, **vars(each)) for each in totals.spread
    )
    SegmentTotal.objects.bulk_create(_segments(valuation, by_size, by_place, yardstick, doubt))


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


def _size_bands(valuation: Valuation, rows: list[Row]) -> Iterator[SizeBand]:
    """The bands that customers stand in, from those who spent most; empty ones are left out."""
    bands = sorted(_added(rows, ("band",)), key=lambda row: SIZES.index(row["band"]))
    for rank, row in enumerate(bands, start=1):
        yield SizeBand(
            valuation=valuation,
            rank=rank,
            name=row["band"],
            spent_from=row["spent_from"],
            customers=row["customers"],
            spent=row["spent"],
            clv=row["value"],
        )


def _segments(
    valuation: Valuation,
    by_size: list[Row],
    by_place: list[Row],
    yardstick: Yardstick,
    doubt: Doubt,
) -> Iterator[SegmentTotal]:
    """Dimension by dimension, in the order in which they are shown."""
    dimensions = SegmentTotal.Dimension
    keys = {
        dimensions.SIZE: (by_size, ("band", "steadiness")),
        dimensions.COHORT: (by_size, ("month",)),
        dimensions.CHANNEL: (by_place, ("customer__channel",)),
        dimensions.COUNTRY: (by_place, ("customer__country",)),
    }
    for dimension, (sums, names) in keys.items():
        rows = _added(sums, names)
        for rank, row in enumerate(_in_order(dimension, names, rows), start=1):
            yield _segment(valuation, dimension, names, rank, row, yardstick, doubt)


SUMS = {
    "customers": Count("pk"),
    "below_zero": Count("pk", filter=Q(clv__lt=0)),
    "spent": Sum("spent_last_year"),
    "value": Sum("clv"),
    "variance": Coalesce(Sum(F("deviation") * F("deviation")), 0.0, output_field=FloatField()),
    "won": Count("acquisition_cost"),
    "winning": Coalesce(Sum("acquisition_cost"), 0.0),
    "cash": Sum(F("margin") * F("expected_spend") - F("cost"), output_field=FloatField()),
}
"""What adds up. won: customers of whom it is known what winning them cost; winning: that cost.
cash: of one purchase day of each."""


def _sums(valuation: Valuation, names: tuple[str, ...]) -> list[Row]:
    own = CustomerValue.objects.filter(valuation=valuation).annotate(
        steadiness=Case(
            When(spend_variation=None, then=Value(UNKNOWN)),
            When(spend_variation__lte=portfolio.STEADY_UP_TO, then=Value(STEADY)),
            When(spend_variation__lt=IRREGULAR_FROM, then=Value(MIXED)),
            default=Value(IRREGULAR),
            output_field=CharField(),
        ),
        month=TruncMonth("first_on"),
    )
    lowest = Min("spent_last_year")
    return list(own.values(*names).annotate(spent_from=lowest, **SUMS).order_by(*names))


def _added(rows: Iterable[Row], names: tuple[str, ...]) -> list[Row]:
    """Rows with the same names as one, in the order in which they came."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    return [dict(zip(names, key, strict=True)) | _together(group) for key, group in groups.items()]


def _together(rows: list[Row]) -> Row:
    lowest = min(row["spent_from"] for row in rows)
    return {"spent_from": lowest} | {name: sum(row[name] for row in rows) for name in SUMS}


def _in_order(dimension: str, names: tuple[str, ...], rows: list[Row]) -> list[Row]:
    """Sizes from the largest, months in turn, places by value with the small ones as one."""
    if dimension == SegmentTotal.Dimension.SIZE:
        return sorted(rows, key=lambda row: (SIZES.index(row["band"]), row["steadiness"]))
    (name,) = names
    if dimension == SegmentTotal.Dimension.COHORT:
        return sorted(rows, key=lambda row: row[name])
    is_named = [bool(row[name]) and row[name] not in (OTHERS, NOT_KNOWN) for row in rows]
    known = [row for row, named in zip(rows, is_named, strict=True) if named]
    known.sort(key=lambda row: (-row["value"], row[name]))
    shown, rest = known[:MOST_NAMED], known[MOST_NAMED:]
    unnamed = [row for row, named in zip(rows, is_named, strict=True) if not named]
    others = [_merged(rest, name, OTHERS)] if rest else []
    nameless = [_merged(unnamed, name, NOT_KNOWN)] if unnamed and known else []
    return [*shown, *others, *nameless]


def _merged(rows: list[Row], name: str, called: str) -> Row:
    """Several as one, of which no payback is told."""
    return _together(rows) | {name: called, "won": 0}


def _segment(
    valuation: Valuation,
    dimension: str,
    names: tuple[str, ...],
    rank: int,
    row: Row,
    yardstick: Yardstick,
    doubt: Doubt,
) -> SegmentTotal:
    value = row["value"]
    chance = float(np.sqrt(row["variance"])) / abs(value) if value else 0.0
    low, high = replace(doubt, chance=chance).interval(value) or (None, None)
    name = row[names[0]]
    return SegmentTotal(
        valuation=valuation,
        dimension=dimension,
        rank=rank,
        name=name.strftime("%b %Y") if isinstance(name, date) else name,
        steadiness=row.get("steadiness", ""),
        customers=row["customers"],
        below_zero=row["below_zero"],
        spent=row["spent"],
        clv=value,
        clv_low=low,
        clv_high=high,
        acquisition_cost=row["winning"] / row["won"] if row["won"] else None,
        payback_month=_payback(valuation, row, yardstick),
    )


def _payback(valuation: Valuation, row: Row, yardstick: Yardstick) -> int | None:
    """When a newcomer who buys as all do and leaves as much as this segment has paid for itself."""
    if not row["won"]:
        return None
    model = yardstick.findings.purchases.model
    cash = row["cash"] / row["customers"]
    months = newcomer_by_month(model, cash, yardstick.horizon, valuation.unit)
    return payback_month(months, row["winning"] / row["won"])
