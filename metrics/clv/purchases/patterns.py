"""What a customer's purchase days tell beside the history: how steady, how much of late."""

from dataclasses import dataclass

import numpy as np

from metrics.clv.purchases.histories import Array, Histories, PurchaseDays
from metrics.clv.worth import portfolio

HALF_YEAR = 180


@dataclass(frozen=True, slots=True)
class Patterns:
    """Arrays follow the histories' customers; money in currency.

    variation: of monthly spend, NaN where there is nothing to vary. half_year, half_year_before:
    spend of the last 180 days and of the 180 before them.
    """

    variation: Array
    half_year: Array
    half_year_before: Array


def patterns_of(purchases: PurchaseDays, histories: Histories) -> Patterns:
    """The patterns on the histories' as-of day; later days are not looked at."""
    until = np.datetime64(histories.until, "D")
    known = purchases.where(purchases.day <= histories.until)
    day = known.day.astype("datetime64[D]")
    own = (histories.customer, known.customer, day, known.amount)
    half_year = np.timedelta64(HALF_YEAR, "D")
    return Patterns(
        variation=portfolio.monthly_variation(*own, until),
        half_year=portfolio.spend_between(*own, until - half_year, until),
        half_year_before=portfolio.spend_between(*own, until - 2 * half_year, until - half_year),
    )
