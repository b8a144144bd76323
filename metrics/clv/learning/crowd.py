"""Some customers, all of them or a shard, as they are seen from several days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from metrics.clv.fit import Objective
from metrics.clv.models.columns import Columns, columns_of_histories
from metrics.clv.purchases.grouping import keep_books
from metrics.clv.purchases.histories import (
    Array,
    Counts,
    Histories,
    Integers,
    PurchaseDays,
    Unit,
    rows_of,
)
from metrics.clv.purchases.ledger import Books

A_YEAR = 365


@dataclass(frozen=True)
class View:
    """What is known of the customers on one day, and what they bought after it, up to another.

    held_out: purchase days in (histories.until, last_day], one number a customer.
    bought_on: purchase days of these customers by day, from `since` to last_day. last_year:
    their spend of the 365 days up to as-of, in currency.
    """

    histories: Histories
    last_day: int
    held_out: Counts
    last_year: Array
    since: int
    bought_on: Integers

    @cached_property
    def columns(self) -> Columns:
        return columns_of_histories(self.histories)


@dataclass(frozen=True)
class Crowd:
    """Customers by the day that they are seen from."""

    views: Mapping[int, View]
    _sums: dict[tuple[str, int], Objective] = field(default_factory=dict, repr=False)

    def sums(self, model: str, as_of: int, make: Callable[[View], Objective]) -> Objective:
        """The sums of one model's likelihood over the customers known at one day, made once."""
        if (model, as_of) not in self._sums:
            self._sums[model, as_of] = make(self.views[as_of])
        return self._sums[model, as_of]


def crowd_of(
    purchases: PurchaseDays, tested_to: Mapping[int, int], unit: Unit, since: int
) -> Crowd:
    """The crowd seen from each as-of day, with what came up to the day it is tested to.

    purchases: in any order, quickest by day. tested_to: as-of day -> last day of its test, the
    as-of day itself where there is none. since: a day no later than the first purchase.
    """
    days = sorted({*tested_to, *tested_to.values()})
    books = keep_books(purchases.customer, purchases.day, purchases.amount, days, unit, by_day=True)
    return crowd_of_books(books, tested_to, since, purchases)


def crowd_of_books(
    books: Books, tested_to: Mapping[int, int], since: int, purchases: PurchaseDays | None = None
) -> Crowd:
    """The same from books that were kept of all these days; without purchases no one's spend of
    the last year is known, and is 0."""
    return Crowd(
        {
            as_of: View(
                histories=books.histories[as_of],
                last_day=last_day,
                held_out=books.held_out(as_of, last_day),
                last_year=_last_year(books.histories[as_of], purchases),
                since=since,
                bought_on=_from(since, last_day, books.bought_on[as_of], books.since),
            )
            for as_of, last_day in tested_to.items()
        }
    )


def _from(since: int, last_day: int, by_day: Integers, begins: int) -> Integers:
    """Counts by day from `since` to last_day, from those that begin on another day."""
    answer = np.zeros(last_day - since + 1, dtype=np.int64)
    shown = by_day[: max(last_day - begins + 1, 0)]
    answer[begins - since : begins - since + len(shown)] = shown
    return answer


def _last_year(histories: Histories, purchases: PurchaseDays | None) -> Array:
    if purchases is None or not len(histories):
        return np.zeros(len(histories))
    after, to = histories.until - A_YEAR, histories.until
    inside = (purchases.day > after) & (purchases.day <= to)
    row = rows_of(histories.customer, purchases.customer[inside])
    return np.bincount(row, purchases.amount[inside], len(histories)).astype(np.float64)
