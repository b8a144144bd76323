"""A year of newcomers: how many customers were won in it, and what was spent to win them."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from customers.models import AcquisitionCost
from metrics.value.storage.reading import read_purchase_days

DAYS_IN_A_YEAR = 365
MONTHS = 12


class Newcomers(NamedTuple):
    """spent: in the currency, as far as it was entered."""

    won: int
    spent: float

    @property
    def cost_each(self) -> float:
        """Of what was entered; 0 where nobody was won."""
        return self.spent / self.won if self.won else 0.0


def newcomers_of_years(ends: Iterable[date]) -> dict[date, Newcomers]:
    """Of the year that ends on each of these days, in two queries whatever their number.

    Who first bought in the 365 days; what was spent in the twelve calendar months, the last of
    them the one that the day lies in.
    """
    ends = sorted(set(ends))
    if not ends:
        return {}
    days = read_purchase_days(ends[-1])
    _, first_visit = np.unique(days.customer, return_index=True)  # days come in their order
    first = np.sort(days.day[first_visit].astype("datetime64[D]"))
    spending = list(AcquisitionCost.objects.values_list("month", "amount"))
    return {end: _of_year(end, first, spending) for end in ends}


def months_told(end: date) -> int:
    """Of how many of the year's twelve months it was entered what winning customers cost."""
    told = AcquisitionCost.objects.filter(month__gt=_before(end), month__lte=end)
    return told.values("month").distinct().count()


def _of_year(end: date, first: np.ndarray, spending: list) -> Newcomers:
    since = end - timedelta(DAYS_IN_A_YEAR)
    known = np.searchsorted(first, np.array([since, end], dtype="datetime64[D]"), side="right")
    spent = sum(float(amount) for month, amount in spending if _before(end) < month <= end)
    return Newcomers(int(known[1] - known[0]), spent)


def _before(end: date) -> date:
    return date(end.year - 1, end.month, 1)
