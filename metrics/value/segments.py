"""Customers of a finished valuation together: by size, spread, segment and cohort."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.db.models import Avg, Case, CharField, Count, F, FloatField, Min, Q, Sum, Value, When
from django.db.models.functions import Coalesce, TruncMonth
from numpy.typing import NDArray

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

READ_AT_ONCE = 20_000
STEADY, MIXED, IRREGULAR, UNKNOWN = "steady", "mixed", "irregular", "too new"
IRREGULAR_FROM = 1.5
"""Standard deviation of monthly spend over its mean; a single month in four reaches it."""

SIZES = [*(name for name, _ in BANDS), NO_PURCHASE]
OTHERS, NOT_KNOWN = "All others", "Not known"
"""What rows of several are called; a channel or country of such a name goes into the last."""

MOST_NAMED = 40
"""Countries or channels shown by name, the ones with most value; the rest are one row."""


@dataclass(frozen=True)
class Totals:
    """Sums over the customers of a valuation, and how they are spread."""

    customers: int
    repeat_purchases: int
    clv: float
    variance: float
    top_tenth_share: float
    misjudged_share: float


def totals_of(valuation: Valuation) -> Totals:
    """Reads every value once."""
    clv, spent = _money(valuation)
    own = CustomerValue.objects.filter(valuation=valuation)
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
    )


def write_portfolio(valuation: Valuation, yardstick: Yardstick, doubt: Doubt) -> None:
    """Size bands, spread, segments: rows of what is stored, in the caller's transaction."""
    clv, _ = _money(valuation)
    SizeBand.objects.bulk_create(_size_bands(valuation))
    SpreadClass.objects.bulk_create(
        SpreadClass(valuation=valuation, **vars(each)) for each in portfolio.spread(clv)
    )
    SegmentTotal.objects.bulk_create(_segments(valuation, yardstick, doubt))


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


def _size_bands(valuation: Valuation) -> Iterator[SizeBand]:
    """The bands that customers stand in, from those who spent most; empty ones are left out."""
    rows = CustomerValue.objects.filter(valuation=valuation).values("band")
    bands = rows.annotate(
        spent_from=Min("spent_last_year"),
        customers=Count("pk"),
        spent=Sum("spent_last_year"),
        value=Sum("clv"),
    )
    for rank, row in enumerate(sorted(bands, key=lambda row: SIZES.index(row["band"])), start=1):
        yield SizeBand(
            valuation=valuation,
            rank=rank,
            name=row["band"],
            spent_from=row["spent_from"],
            customers=row["customers"],
            spent=row["spent"],
            clv=row["value"],
        )


def _money(valuation: Valuation) -> NDArray[np.float64]:
    """CLV and spend of the last year, in the order of the customers' keys: ties need one."""
    own = CustomerValue.objects.filter(valuation=valuation).order_by("customer_id")
    rows = own.values_list("clv", "spent_last_year")
    read = np.fromiter(
        (value for row in rows.iterator(chunk_size=READ_AT_ONCE) for value in row), np.float64
    )
    return read.reshape(-1, 2).T


def _segments(valuation: Valuation, yardstick: Yardstick, doubt: Doubt) -> Iterator[SegmentTotal]:
    """Dimension by dimension, in the order in which they are shown."""
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
    dimensions = SegmentTotal.Dimension
    keys = {
        dimensions.SIZE: ("band", "steadiness"),
        dimensions.COHORT: ("month",),
        dimensions.CHANNEL: ("customer__channel",),
        dimensions.COUNTRY: ("customer__country",),
    }
    for dimension, names in keys.items():
        rows = list(own.values(*names).annotate(**SUMS).order_by(*names))
        for rank, row in enumerate(_in_order(dimension, names, rows), start=1):
            yield _segment(valuation, dimension, names, rank, row, yardstick, doubt)


SUMS = {
    "customers": Count("pk"),
    "below_zero": Count("pk", filter=Q(clv__lt=0)),
    "spent": Sum("spent_last_year"),
    "value": Sum("clv"),
    "variance": Coalesce(Sum(F("deviation") * F("deviation")), 0.0, output_field=FloatField()),
    "acquisition": Avg("acquisition_cost"),
    "cash": Avg(F("margin") * F("expected_spend") - F("cost"), output_field=FloatField()),
}


def _in_order(dimension: str, names: tuple[str, ...], rows: list[dict]) -> list[dict]:
    """Sizes from the largest, months as they came, places by value with the small ones as one."""
    if dimension == SegmentTotal.Dimension.SIZE:
        return sorted(rows, key=lambda row: (SIZES.index(row["band"]), row["steadiness"]))
    if dimension == SegmentTotal.Dimension.COHORT:
        return rows
    (name,) = names
    is_named = [bool(row[name]) and row[name] not in (OTHERS, NOT_KNOWN) for row in rows]
    known = [row for row, named in zip(rows, is_named, strict=True) if named]
    known.sort(key=lambda row: -row["value"])
    shown, rest = known[:MOST_NAMED], known[MOST_NAMED:]
    unnamed = [row for row, named in zip(rows, is_named, strict=True) if not named]
    others = [_merged(rest, name, OTHERS)] if rest else []
    nameless = [_merged(unnamed, name, NOT_KNOWN)] if unnamed and known else []
    return [*shown, *others, *nameless]


def _merged(rows: list[dict], name: str, called: str) -> dict:
    customers = sum(row["customers"] for row in rows)
    added = {
        key: sum(row[key] for row in rows) for key in ("below_zero", "spent", "value", "variance")
    }
    cash = sum(row["cash"] * row["customers"] for row in rows) / customers
    return {name: called, "customers": customers, "acquisition": None, "cash": cash, **added}


def _segment(
    valuation: Valuation,
    dimension: str,
    names: tuple[str, ...],
    rank: int,
    row: dict,
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
        acquisition_cost=row["acquisition"],
        payback_month=_payback(valuation, row, yardstick),
    )


def _payback(valuation: Valuation, row: dict, yardstick: Yardstick) -> int | None:
    """When a newcomer who buys as all do and leaves as much as this segment has paid for itself."""
    if row["acquisition"] is None:
        return None
    model = yardstick.findings.purchases.model
    months = newcomer_by_month(model, row["cash"], yardstick.horizon, valuation.unit)
    return payback_month(months, row["acquisition"])
