"""Forecast against what came: the test every valuation has to show."""

from dataclasses import dataclass

import numpy as np

from metrics.clv.learning.questions import CHECKED, OFTEN, Surveyed
from metrics.clv.models.purchase_model import PurchaseModel, expected_new
from metrics.clv.purchases.histories import DAYS_IN, Array, Integers, Unit


@dataclass(frozen=True, slots=True)
class FrequencyRow:
    """Mean purchases held out of customers with `frequency` repeat purchases before."""

    frequency: int
    customers: int
    actual: float
    forecast: float


@dataclass(frozen=True, slots=True)
class Gain:
    """What part of the purchases came from the customers with the highest forecasts.

    shares: of the customers, from 0 to 1; held: of the purchases, for each.
    """

    shares: Array
    held: Array

    @property
    def gini(self) -> float:
        """Twice the area between the curve and the diagonal: 0 where the forecast ranks nobody, or
        where nothing was bought, so that there is no order to find."""
        if not self.held[-1]:
            return 0.0
        widths = np.diff(self.shares)
        return float(np.sum(widths * (self.held[1:] + self.held[:-1])) - 1)


@dataclass(frozen=True, slots=True)
class Holdout:
    """Purchase days in (until, holdout_until] of the customers known at `until`.

    mae, rmse: over customers, of forecast - actual. deviance: Poisson, a customer. naive: each
    customer goes on at the rate x / T seen so far (0 where T is 0).
    """

    until: int
    holdout_until: int
    customers: int
    forecast: float
    actual: int
    mae: float
    rmse: float
    deviance: float
    mean_alive: float
    naive_forecast: float
    naive_mae: float
    naive_rmse: float
    naive_deviance: float
    by_frequency: tuple[FrequencyRow, ...]
    gain: Gain

    @property
    def relative_error(self) -> float:
        """As the function of this name has it."""
        return relative_error(self.actual, self.forecast)


def relative_error(actual: float, forecast: float) -> float:
    """log(actual / forecast); half a purchase stands in for none, so it is always finite."""
    return float(np.log(max(actual, 0.5) / max(forecast, 0.5)))


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


def holdout_of(answer: Array, until: int, holdout_until: int) -> Holdout:
    """The named parts of a check's answer."""
    head, tables = answer[:CHECKED], answer[CHECKED:]
    by_count, by_gain = tables[: 3 * (OFTEN + 1)].reshape(3, -1), tables[3 * (OFTEN + 1) :]
    forecast, actual, naive, mae, naive_mae, square, naive_square, misfit, naive_misfit, alive = (
        head
    )
    groups, bought, foretold = by_count
    customers = max(float(groups.sum()), 1.0)
    held_by = np.maximum(groups, 1)
    return Holdout(
        until=until,
        holdout_until=holdout_until,
        customers=int(groups.sum()),
        forecast=float(forecast),
        actual=int(actual),
        mae=float(mae / customers),
        rmse=float(np.sqrt(square / customers)),
        deviance=float(misfit / customers),
        mean_alive=float(alive / customers),
        naive_forecast=float(naive),
        naive_mae=float(naive_mae / customers),
        naive_rmse=float(np.sqrt(naive_square / customers)),
        naive_deviance=float(naive_misfit / customers),
        by_frequency=tuple(
            FrequencyRow(frequency, int(group), float(seen), float(expected))
            for frequency, (group, seen, expected) in enumerate(
                zip(groups, bought / held_by, foretold / held_by, strict=True)
            )
        ),
        gain=_gain(*by_gain.reshape(2, -1)),
    )


def _gain(customers: Array, bought: Array) -> Gain:
    """From classes of rising forecast to shares from the highest forecast down."""
    shares, held = (
        np.append(0.0, np.cumsum(each[::-1])) / max(float(each.sum()), 1.0)
        for each in (customers, bought)
    )
    return Gain(shares, held)


def tracking_of(
    model: PurchaseModel, survey: Surveyed, since: int, until: int, unit: Unit
) -> Tracking:
    """Actual and expected repeat purchases of the cohort, to the last full week surveyed.

    Expected is what new customers buy from their own first day to the moment the week ends.
    """
    bought, joined = np.cumsum(survey.bought_on), np.cumsum(survey.joined)
    start = int(np.argmax(survey.joined > 0))
    week = np.arange(1, (len(bought) - start) // 7 + 1)
    closes = start + 7 * week - 1
    days = np.flatnonzero(survey.joined)
    ahead = np.maximum(closes[:, None] + 1 - days, 0) / DAYS_IN[unit]
    spans, place = np.unique(ahead, return_inverse=True)
    expected = expected_new(model, spans)[place.reshape(ahead.shape)] @ survey.joined[days]
    return Tracking(
        week=week,
        last_day=closes + since,
        actual=bought[closes] - joined[np.minimum(closes, len(joined) - 1)],
        expected=np.asarray(expected),
        until=until,
    )
