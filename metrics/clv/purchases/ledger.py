"""Histories kept up while purchases come in day by day, as a log has them: one pass, no sorting."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.purchases.histories import (
    Array,
    Counts,
    Day,
    Histories,
    Integers,
    Unit,
    as_days,
    checked_unit,
    mean_repeat_spend,
)

DAYS_HELD = 2**16
"""A ledger holds 65,536 days, 179 years, from its first purchase on."""

ONE_DAY, ITS_PLACE = np.uint32(2**16), np.uint32(2**16 - 1)
"""A ledger's word on a customer: purchase days in the upper half, place of the latest below."""


class DaysOutOfOrder(ValueError):
    """A ledger was shown a day earlier than one before; carries the sentence for the person."""


class TooManyDays(ValueError):
    """A ledger was shown days further apart than it holds; carries the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Books:
    """Customers as they are known on several as-of days.

    since: day of the first purchase, or the last as-of day where that comes before. histories:
    by as-of day. bought_on: by as-of day, the purchase days of the customers known then on each
    day from `since` to the last as-of day; empty where they were not asked for.
    """

    since: int
    histories: Mapping[int, Histories]
    bought_on: Mapping[int, Integers]

    def held_out(self, as_of: int, last_day: int) -> Counts:
        """Purchase days in (as_of, last_day] of the customers known at as_of, one number each.

        Both have to be as-of days of these books.
        """
        known, later = self.histories[as_of], self.histories[last_day]
        if len(known) == len(later):
            return later.x - known.x
        return later.x[np.searchsorted(later.customer, known.customer)] - known.x

    def spent_after(self, earlier: int, as_of: int) -> Array:
        """Currency spent in (earlier, as_of] by the customers known at as_of, one number each.

        Both have to be as-of days of these books.
        """
        before, known = self.histories[earlier], self.histories[as_of]
        spent = known.spent_total.copy()
        spent[np.searchsorted(known.customer, before.customer)] -= before.spent_total
        return np.maximum(spent, 0.0)

    def renumbered(self, names: Callable[[Integers], Integers]) -> "Books":
        """The same with other numbers for the customers; `names` must keep their order."""
        named = {
            as_of: replace(histories, customer=names(histories.customer))
            for as_of, histories in self.histories.items()
        }
        return replace(self, histories=named)


class Ledger:
    """Books kept up while purchases come in by day; 22 bytes for each number up to the highest
    customer's, and nothing of a purchase is kept. One that refused a purchase is of no further use.
    """

    def __init__(self, as_of: Sequence[Day], unit: Unit = "week", *, by_day: bool = False) -> None:
        """as_of: the days up to which histories are wanted; by_day: whether `bought_on` is too."""
        self._as_of = sorted({int(as_days(day)) for day in as_of})
        self._unit = checked_unit(unit)
        self._histories: dict[int, Histories] = {}
        self._since = self._today = self._as_of[-1]
        self._by_day = by_day
        self._bought: list[tuple[int, list[int]]] = []
        self._words = np.zeros(0, dtype=np.uint32)
        self._first = np.zeros(0, dtype=np.uint16)
        self._spent_first = np.zeros(0)
        self._spent = np.zeros(0)

    def enter(self, customer: ArrayLike, day: ArrayLike, amount: ArrayLike) -> None:
        """Add purchases whose days do not descend, none before a day entered earlier.

        customer: whole numbers from 0, close together; day, amount: as for `group_histories`.
        Raises DaysOutOfOrder, and ValueError for what cannot be.
        """
        customers, days, amounts = purchase_columns(customer, day, amount)
        if not len(days):
            return
        self._refuse_disorder(days)
        self._make_room(customers)
        for today, rows in _day_by_day(days):
            self._take_histories(before=today)
            if today > self._as_of[-1]:
                break
            self._enter_day(today, customers[rows], amounts[rows])
        self._today = int(days[-1])

    def close(self) -> Books:
        """The books at each as-of day, customers by the numbers they were entered under."""
        self._take_histories(before=None)
        return Books(self._since, self._histories, self._bought_on() if self._by_day else {})

    def _refuse_disorder(self, days: Integers) -> None:
        if not len(self._words):
            self._today = int(days[0])
            self._since = min(self._today, self._as_of[-1])
        if int(days[0]) < self._today or not ascends(days):
            raise DaysOutOfOrder("the purchases do not come in the order of their days")
        if min(int(days[-1]), self._as_of[-1]) - self._since >= DAYS_HELD:
            raise TooManyDays(f"the days must lie within {DAYS_HELD:,} days of each other")

    def _make_room(self, customers: Integers) -> None:
        if int(customers.min()) < 0:
            raise ValueError("a ledger numbers its customers from 0")
        more = int(customers.max()) + 1 - len(self._words)
        if more > 0:
            # Doubled at least, so that a customer is moved a few times at most
            room = (0, max(more, len(self._words)))
            self._words, self._first = np.pad(self._words, room), np.pad(self._first, room)
            self._spent_first = np.pad(self._spent_first, room)
            self._spent = np.pad(self._spent, room)

    def _enter_day(self, today: int, customers: Integers, amounts: Array) -> None:
        place = np.uint32(today - self._since)
        words = self._words.take(customers)
        is_first_day = words == 0
        if today == self._today:
            # Whoever was entered for today before has been counted, but still spends
            again = ~is_first_day & (words & ITS_PLACE == place)
            is_first_day |= again & (self._first.take(customers) == place)
            words[again] -= ONE_DAY
        else:
            again = None
        words &= ~ITS_PLACE
        words += ONE_DAY + place
        # Who comes twice in these rows is given the same word twice: one purchase day
        self._words[customers] = words
        np.add.at(self._spent, customers, amounts)
        new = customers[np.flatnonzero(is_first_day)]
        self._first[new] = place
        self._spent_first[new] = self._spent[new]
        if self._by_day:
            self._count(today, customers if again is None else customers[~again])

    def _count(self, today: int, customers: Integers) -> None:
        """Note how many they are, and how many of them were known at each as-of day gone by."""
        buyers = np.sort(customers.astype(np.int32))
        again = buyers[1:] == buyers[:-1]
        known = [len(buyers) - int(np.count_nonzero(again))] * len(self._as_of)
        if self._histories:
            once = buyers[np.append(True, ~again)[: len(buyers)]]
            first = self._first.take(once)
            for column, as_of in enumerate(self._histories):
                known[column] = int(np.count_nonzero(first <= as_of - self._since))
        self._bought.append((today, known))

    def _bought_on(self) -> dict[int, Integers]:
        days = self._as_of[-1] - self._since + 1
        place = np.array([day - self._since for day, _ in self._bought], dtype=np.int64)
        known = np.array([each for _, each in self._bought]).reshape(-1, len(self._as_of))
        return {
            as_of: np.bincount(place, known[:, column], minlength=days).astype(np.int64)
            for column, as_of in enumerate(self._as_of)
        }

    def _take_histories(self, before: int | None) -> None:
        """Those of the as-of days that come before this day and are not taken yet."""
        for until in self._as_of[len(self._histories) :]:
            if before is not None and until >= before:
                return
            self._histories[until] = self._seen_from(until)

    def _seen_from(self, until: int) -> Histories:
        known = np.flatnonzero(self._words)
        words = self._words[known]
        x = (words >> np.uint32(16)).astype(np.int32) - 1
        spent_first, spent_total = self._spent_first[known], self._spent[known]
        return Histories(
            customer=known,
            x=x,
            first_day=self._first[known] + np.int32(self._since),
            last_day=(words & ITS_PLACE).astype(np.int32) + np.int32(self._since),
            mean_spend=mean_repeat_spend(x, spent_first, spent_total),
            spent_total=spent_total,
            until=until,
            unit=self._unit,
        )


def purchase_columns(
    customer: ArrayLike, day: ArrayLike, amount: ArrayLike
) -> tuple[Integers, Integers, Array]:
    """Purchases as three columns of one length; ValueError for what no purchase can be."""
    customers = np.asarray(customer, dtype=np.int64)
    days, amounts = as_days(day), np.asarray(amount, dtype=np.float64)
    if not customers.shape == days.shape == amounts.shape or customers.ndim != 1:
        raise ValueError("customer, day and amount must be three columns of one length")
    if not (amounts.min(initial=0.0) >= 0 and amounts.max(initial=0.0) < np.inf):
        raise ValueError("the amount of a purchase day must be zero or more")
    return customers, days, amounts


def ascends(days: Integers) -> bool:
    """Whether no day comes before the one in front of it."""
    return bool(np.all(days[1:] >= days[:-1]))


def _day_by_day(days: Integers) -> Iterator[tuple[int, slice]]:
    """Each day that occurs with its rows, of days in order."""
    start = 0
    for end in (*(np.flatnonzero(days[1:] != days[:-1]) + 1).tolist(), len(days)):
        yield int(days[start]), slice(start, end)
        start = end
