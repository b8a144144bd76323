"""Customers as a portfolio: how steady, how large, how value is spread, and a word for each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.clv.purchases.histories import ROOMY, Array, Integers, rows_of

Days = NDArray[np.datetime64]

YEAR = np.timedelta64(365, "D")
HALF_YEAR = np.timedelta64(180, "D")
NEW_FOR = np.timedelta64(90, "D")
GROWTH = 1.25
STEADY_UP_TO = 0.75
NO_PURCHASE = "No purchase in the year"
BANDS = (("Very large", 0.01), ("Large", 0.10), ("Medium", 0.50), ("Small", 1.0))


@dataclass(frozen=True)
class SpreadTotals:
    """The customers with low <= CLV < high; high is None in the last class."""

    low: float
    high: float | None
    customers: int
    clv: float


def spend_between(
    customers: Integers,
    customer: Integers,
    day: Days,
    amount: Array,
    after: np.datetime64,
    to: np.datetime64,
) -> Array:
    """Money of the days in (after, to], one sum for each key of the sorted `customers`."""
    inside = (day > after) & (day <= to)
    row = rows_of(customers, customer[inside])
    return np.bincount(row, weights=amount[inside], minlength=len(customers)).astype(np.float64)


def monthly_variation(
    customers: Integers, customer: Integers, day: Days, amount: Array, until: np.datetime64
) -> Array:
    """Standard deviation of monthly spend over its mean; NaN where there is nothing to vary.

    Months run from the customer's first purchase to `until`; months without a purchase are 0.
    NaN with fewer than three such months or nothing spent.
    """
    row = rows_of(customers, customer)
    month = day.astype("datetime64[M]").astype(np.int64)
    earliest = month.min(initial=0)
    month -= earliest
    last = until.astype("datetime64[M]").astype(np.int64) - earliest
    first = np.full(len(customers), last)
    np.minimum.at(first, row, month)
    months = (last - first + 1).astype(np.float64)
    total, squares = _by_month(row, month, amount, len(customers), int(last) + 1)
    mean = total / months
    variance = np.maximum(squares / months - mean**2, 0.0)
    known = (months >= 3) & (mean > 0)
    return np.where(known, np.sqrt(variance) / np.where(known, mean, 1.0), np.nan)


def _by_month(
    row: Integers, month: Integers, amount: Array, rows: int, months: int
) -> tuple[Array, Array]:
    """The sum of each row's money, and of the squares of its months; one sum a row."""
    cell = row * months + month
    if rows * months <= ROOMY * len(cell):
        table = np.bincount(cell, amount, rows * months).reshape(rows, months)
        return table.sum(axis=1), np.einsum("ij,ij->i", table, table)
    cell, place = np.unique(cell, return_inverse=True)
    by_month, who = np.bincount(place, amount), cell // months
    total, squares = np.bincount(who, by_month, rows), np.bincount(who, by_month**2, rows)
    return np.asarray(total, dtype=np.float64), np.asarray(squares, dtype=np.float64)


def band_names(last_year: Array, sample: Array) -> NDArray[np.str_]:
    """The size band of each spend of the last year, by the ranks in a sample of such spends.

    Where the sample is everybody, equal spends at a band's edge share the larger band.
    """
    buyers = sample[sample > 0]
    if not len(buyers):
        return np.full(len(last_year), NO_PURCHASE)
    edges = [np.quantile(buyers, 1 - share) for _, share in BANDS[:-1]]
    bought = [last_year >= edge for edge in edges]
    names = [name for name, _ in BANDS]
    spent = np.select(bought, names[:-1], default=names[-1])
    return np.where(last_year > 0, spent, NO_PURCHASE)


def cohorts(
    customers: Integers, customer: Integers, day: Days, first_day: Days, until: np.datetime64
) -> list[tuple[np.datetime64, int, int]]:
    """Of those who first bought in a month, how many bought so many whole months later.

    customers: sorted keys, with the first_day of each; customer, day: purchase days. Rows of
    (the cohort's month, months since, customers), also where nobody did, up to the last month
    that `until` ends.
    """
    last = (until + np.timedelta64(1, "D")).astype("datetime64[M]").astype(np.int64) - 1
    joined = first_day.astype("datetime64[M]").astype(np.int64)
    month = day.astype("datetime64[M]").astype(np.int64)
    inside = month <= last
    if not inside.any():
        return []
    start = int(joined.min())
    span = int(last - start + 1)
    cell = rows_of(customers, customer[inside]) * span + (month[inside] - start)
    seen = _distinct(cell, len(customers) * span)
    who, when = seen // span, seen % span
    born = joined[who] - start
    table = np.bincount(born * span + (when - born), minlength=span * span).reshape(span, span)
    return [
        (np.datetime64(start + cohort, "M"), since, int(table[cohort, since]))
        for cohort in range(span)
        if table[cohort, 0]
        for since in range(span - cohort)
    ]


def _distinct(cells: Integers, of: int) -> Integers:
    """Those of so many cells that occur, ascending."""
    if of > ROOMY * len(cells):
        return np.unique(cells)
    occurs = np.zeros(of, dtype=np.bool_)
    occurs[cells] = True
    return np.flatnonzero(occurs)


def spread(clv: Array, classes: int = 8) -> list[SpreadTotals]:
    """Customers by CLV: a class below zero where there is one, then classes that double."""
    if not len(clv):
        return []
    first = _round_up_to_step(float(np.quantile(clv, 0.99)) / 2.0 ** (classes - 2))
    edges = [0.0, *(first * 2.0**power for power in range(classes - 1))]
    lows = [-np.inf, *edges] if (clv < 0).any() else edges
    found = []
    for low, high in zip(lows, [*lows[1:], np.inf], strict=True):
        inside = (clv >= low) & (clv < high)
        found.append(
            SpreadTotals(
                float(clv.min()) if np.isinf(low) else low,
                None if np.isinf(high) else high,
                int(inside.sum()),
                float(clv[inside].sum()),
            )
        )
    return found


def _round_up_to_step(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten, so that classes have round edges."""
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(power * next(step for step in (1, 2, 5, 10) if step * power >= value))


def top_share(values: Array, share: float) -> float:
    """What part of all that is above 0 the largest `share` of the values holds; 0 where none is."""
    most = max(1, round(len(values) * share))
    above = np.maximum(values, 0.0)
    total = float(above.sum())
    return float(np.sort(above)[::-1][:most].sum()) / total if total > 0 else 0.0


def misjudged_share(spent: Array, clv: Array, share: float = 0.1) -> float:
    """What part of those who spent most are not among the equally many with most CLV."""
    most = max(1, round(len(spent) * share))
    by_past = set(np.argsort(-spent, kind="stable")[:most].tolist())
    by_future = set(np.argsort(-clv, kind="stable")[:most].tolist())
    return len(by_past - by_future) / most


def service_words(
    *,
    first_day: Days,
    last_day: Days,
    until: np.datetime64,
    lapsed_after: np.timedelta64,
    last_half_year: Array,
    half_year_before: Array,
    is_top: NDArray[np.bool_],
    variation: Array,
) -> NDArray[np.str_]:
    """The word that the front line reads instead of a number, for each customer.

    In this order: "lapsed" by silence, "new" by a first purchase within 90 days, "champion" by
    the top fifth of CLV (is_top) and steady months, "growing" by a quarter more spend than in the
    half year before, else "regular".
    """
    is_steady = np.nan_to_num(variation, nan=np.inf) <= STEADY_UP_TO
    is_growing = (half_year_before > 0) & (last_half_year > GROWTH * half_year_before)
    choices = [
        (until - last_day > lapsed_after, "lapsed"),
        (until - first_day < NEW_FOR, "new"),
        (is_top & is_steady, "champion"),
        (is_growing, "growing"),
    ]
    conditions, words = zip(*choices, strict=True)
    return np.select(list(conditions), list(words), default="regular")
