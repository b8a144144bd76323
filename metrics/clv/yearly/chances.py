"""Yearly chances: in which calendar years customers bought again, and the test of a forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.learning.holdout import FrequencyRow, relative_error
from metrics.clv.learning.questions import OFTEN
from metrics.clv.models.purchase_model import PurchaseModel, expected_purchases
from metrics.clv.purchases.grouping import keep_books
from metrics.clv.purchases.histories import Array, Counts, Day, Integers, as_days
from metrics.clv.purchases.ledger import Books

UNIX_YEAR = 1970


@dataclass(frozen=True, slots=True)
class Chances:
    """One row a customer who bought by the end of `year`, sorted by customer.

    x: calendar years with a purchase after the first such year. t_x, T: years from the first to
    the last with a purchase, and to `year`, each a chance. mean_spend: mean amount of the x years,
    0 where x is 0.
    """

    customer: Integers
    x: Counts
    t_x: Counts
    T: Counts
    mean_spend: Array
    year: int

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def unit(self) -> str:
        return "year"

    def asked(self) -> tuple[Counts, Counts, Counts]:
        """x, t_x and T of those who have had a chance; the others tell nothing."""
        had = self.T > 0
        return self.x[had], self.t_x[had], self.T[had]


@dataclass(frozen=True, slots=True)
class YearsHeldOut:
    """Years with a purchase in (until, holdout_until], of the customers known at `until`.

    mae: over customers, of forecast - actual; naive_mae: the same where each goes on at x / T.
    """

    until: int
    holdout_until: int
    customers: int
    forecast: float
    actual: int
    mae: float
    naive_mae: float
    by_frequency: tuple[FrequencyRow, ...]

    @property
    def relative_error(self) -> float:
        """log(actual / forecast), always finite."""
        return relative_error(self.actual, self.forecast)


class YearBooks(NamedTuple):
    """Customers as they are known at the end of several years, and what they did in between."""

    books: Books

    def at(self, year: int) -> Chances:
        """Those who bought by the end of this year, one of those asked for."""
        histories = self.books.histories[year]
        return Chances(
            customer=histories.customer,
            x=histories.x,
            t_x=histories.last_day - histories.first_day,
            T=np.int32(histories.until) - histories.first_day,
            mean_spend=histories.mean_spend,
            year=histories.until,
        )

    def held_out(self, year: int, last_year: int) -> Counts:
        """Years with a purchase in (year, last_year], a number for each customer known at year."""
        return self.books.held_out(year, last_year)


def last_whole_year(day: Day) -> int:
    """The last calendar year that is over when this day is."""
    return int(_years(as_days(day) + 1)) - 1


def year_end(year: int) -> int:
    """December 31 in days since 1970-01-01."""
    return int(np.datetime64(f"{year + 1:04}-01-01", "D").astype(np.int64)) - 1


def first_year(day: ArrayLike) -> int:
    """The calendar year of the earliest of these days."""
    return int(_years(np.min(as_days(day))))


def keep_years(
    customer: ArrayLike, day: ArrayLike, amount: ArrayLike, years: Sequence[int]
) -> YearBooks:
    """The yearly chances up to the end of each of these years, from purchases in any order.

    customer: whole numbers; day: datetime64[D] or whole days since 1970-01-01; amount: currency.
    """
    # books count days: here a year takes the place of one
    return YearBooks(keep_books(customer, _years(day), amount, years, "day"))


def held_out(model: PurchaseModel, known: Chances, actual: Counts, last_year: int) -> YearsHeldOut:
    """The test of a model's forecast from known.year to the end of last_year.

    actual: years with a purchase in that time, by customer.
    """
    years = last_year - known.year
    forecast = expected_purchases(model, known.x, known.t_x, known.T, years)
    naive = years * known.x / np.maximum(known.T, 1)
    often = np.minimum(known.x, OFTEN)
    groups, bought, foretold = (
        np.bincount(often, each, minlength=OFTEN + 1) for each in (None, actual, forecast)
    )
    held_by = np.maximum(groups, 1)
    rows = zip(groups, bought / held_by, foretold / held_by, strict=True)
    return YearsHeldOut(
        until=year_end(known.year),
        holdout_until=year_end(last_year),
        customers=len(known),
        forecast=float(forecast.sum()),
        actual=int(actual.sum()),
        mae=float(np.abs(forecast - actual).mean()),
        naive_mae=float(np.abs(naive - actual).mean()),
        by_frequency=tuple(
            FrequencyRow(frequency, int(group), float(seen), float(expected))
            for frequency, (group, seen, expected) in enumerate(rows)
        ),
    )


def _years(days: ArrayLike) -> Integers:
    in_days = as_days(days).astype("datetime64[D]")
    return in_days.astype("datetime64[Y]").astype(np.int64) + UNIX_YEAR
