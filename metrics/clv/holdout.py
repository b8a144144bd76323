"""Forecast against what came: the test every valuation has to show."""

from dataclasses import dataclass

import numpy as np

from metrics.clv.histories import DAYS_IN, Array, Day, Histories, Integers, PurchaseDays, as_days
from metrics.clv.models.purchase_model import PurchaseModel, expected_new, expected_purchases

OFTEN = 7
"""Customers with this many repeat purchases or more share the last row of the table."""


@dataclass(frozen=True, slots=True)
class FrequencyRow:
    """Mean purchases held out of customers with `frequency` repeat purchases before."""

    frequency: int
    customers: int
    actual: float
    forecast: float


@dataclass(frozen=True, slots=True)
class Holdout:
    """Purchase days in (until, holdout_until] of the customers known at `until`.

    mae: mean over customers of |forecast - actual|. naive: each customer goes on at the rate
    x / T seen so far (0 where T is 0). relative_error: log(actual / forecast), 0 where both are 0.
    """

    until: int
    holdout_until: int
    customers: int
    forecast: float
    actual: int
    mae: float
    naive_forecast: float
    naive_mae: float
    by_frequency: tuple[FrequencyRow, ...]

    @property
    def relative_error(self) -> float:
        """Half a purchase stands in for none, so that it is always finite."""
        return float(np.log(max(self.actual, 0.5) / max(self.forecast, 0.5)))


@dataclass(frozen=True, slots=True)
class Tracking:
    """Cumulative repeat purchases of the cohort, week by week from its first purchase.

    week: 1, 2, ...; last_day: the week's last day, since 1970-01-01; the cohort are the customers
    known at `until`, and weeks that end later are forecast.
    """

    week: Integers
    last_day: Integers
    actual: Array
    expected: Array
    until: int


def check_forecast(
    model: PurchaseModel, histories: Histories, purchases: PurchaseDays, holdout_until: Day
) -> Holdout:
    """How well a model of the histories foretold the purchases up to `holdout_until`."""
    last_day = int(as_days(holdout_until))
    if last_day <= histories.until:
        raise ValueError("the holdout must end after the last day of the histories")
    length = (last_day - histories.until) / DAYS_IN[histories.unit]
    x, T = histories.x, histories.T
    forecast = expected_purchases(model, x, histories.t_x, T, length)
    actual = _counted(histories, purchases, last_day)
    naive = length * np.divide(x, T, out=np.zeros_like(x), where=T > 0)
    return Holdout(
        until=histories.until,
        holdout_until=last_day,
        customers=len(histories),
        forecast=float(forecast.sum()),
        actual=int(actual.sum()),
        mae=float(np.abs(forecast - actual).mean()),
        naive_forecast=float(naive.sum()),
        naive_mae=float(np.abs(naive - actual).mean()),
        by_frequency=_by_frequency(x, actual, forecast),
    )


def track(
    model: PurchaseModel, histories: Histories, purchases: PurchaseDays, last_day: Day
) -> Tracking:
    """Actual and expected repeat purchases of the cohort to the last full week by `last_day`.

    Expected is what new customers buy from their own first day to the moment the week ends.
    """
    start, end = int(histories.first_day.min()), int(as_days(last_day))
    week = np.arange(1, (end - start + 1) // 7 + 1)
    closes = start + 7 * week - 1
    first_days, customers = np.unique(histories.first_day, return_counts=True)
    since = np.maximum(closes[:, None] + 1 - first_days, 0) / DAYS_IN[histories.unit]
    known = np.isin(purchases.customer, histories.customer)
    all_days = np.sort(purchases.day[known])
    bought = np.searchsorted(all_days, closes, side="right")
    joined = np.searchsorted(np.sort(histories.first_day), closes, side="right")
    return Tracking(
        week=week,
        last_day=closes,
        actual=(bought - joined).astype(np.float64),
        expected=expected_new(model, since) @ customers,
        until=histories.until,
    )


def _counted(histories: Histories, purchases: PurchaseDays, last_day: int) -> Array:
    """Purchase days after the histories' end, by `last_day`, of each of their customers."""
    held_out = (purchases.day > histories.until) & (purchases.day <= last_day)
    buyer = purchases.customer[held_out]
    row = np.minimum(np.searchsorted(histories.customer, buyer), len(histories) - 1)
    known = histories.customer[row] == buyer
    return np.bincount(row[known], minlength=len(histories)).astype(np.float64)


def _by_frequency(x: Array, actual: Array, forecast: Array) -> tuple[FrequencyRow, ...]:
    group = np.minimum(x, OFTEN).astype(np.int64)
    customers = np.bincount(group, minlength=OFTEN + 1)
    sums = [np.bincount(group, values, minlength=OFTEN + 1) for values in (actual, forecast)]
    means = [total / np.maximum(customers, 1) for total in sums]
    return tuple(
        FrequencyRow(frequency, int(customers[frequency]), float(seen), float(foretold))
        for frequency, (seen, foretold) in enumerate(zip(*means, strict=True))
    )
