"""From purchase days to one history a customer: how often, how recently, for how long, how much."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Day = np.datetime64 | int
Unit = Literal["day", "week", "month"]

DAYS_IN: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}


@dataclass(frozen=True, slots=True)
class PurchaseDays:
    """One row a customer and day, sorted by customer, then day (days since 1970-01-01)."""

    customer: Integers
    day: Integers
    amount: Array

    def where(self, wanted: NDArray[np.bool_]) -> "PurchaseDays":
        return PurchaseDays(self.customer[wanted], self.day[wanted], self.amount[wanted])


@dataclass(frozen=True, slots=True)
class Histories:
    """One row a customer, sorted by customer.

    x: repeat purchase days, whole. t_x, T: units from the first purchase day to the last and to
    `until`. mean_spend: mean amount of a repeat purchase day, 0 where x is 0. spent_total: all
    purchase days, the first one too. first_day, until: days since 1970-01-01.
    """

    customer: Integers
    x: Array
    t_x: Array
    T: Array
    mean_spend: Array
    spent_total: Array
    first_day: Integers
    until: int
    unit: Unit

    def __len__(self) -> int:
        return len(self.customer)


def group_histories(
    customer: ArrayLike, day: ArrayLike, amount: ArrayLike, until: Day, unit: Unit = "week"
) -> Histories:
    """The history of every customer who bought by `until`, from purchase days in any order.

    customer: whole numbers; day: datetime64[D] or whole days since 1970-01-01; amount: currency.
    Rows of one customer and day are one purchase. A zero amount is a purchase. A month is
    365.25 / 12 days. Raises ValueError for unequal lengths, negative or unknown amounts.
    """
    return histories_of(merge_days(customer, day, amount), until, unit)


def merge_days(customer: ArrayLike, day: ArrayLike, amount: ArrayLike) -> PurchaseDays:
    """The same purchases with one row a customer and day, amounts added up; ValueError as above."""
    customers = np.asarray(customer, dtype=np.int64)
    days = as_days(day)
    amounts = np.asarray(amount, dtype=np.float64)
    if not customers.shape == days.shape == amounts.shape or customers.ndim != 1:
        raise ValueError("customer, day and amount must be three columns of one length")
    if not np.all(np.isfinite(amounts) & (amounts >= 0)):
        raise ValueError("the amount of a purchase day must be zero or more")
    order = _by_customer_and_day(customers, days)
    rows = PurchaseDays(customers[order], days[order], amounts[order])
    same = (rows.customer[1:] == rows.customer[:-1]) & (rows.day[1:] == rows.day[:-1])
    if not same.any():
        return rows
    starts = np.flatnonzero(np.append(True, ~same))
    total = np.add.reduceat(rows.amount, starts)
    return PurchaseDays(rows.customer[starts], rows.day[starts], total)


def histories_of(purchases: PurchaseDays, until: Day, unit: Unit = "week") -> Histories:
    """As `group_histories`, from days that are merged already."""
    if unit not in DAYS_IN:
        raise ValueError(f"the unit must be one of {', '.join(DAYS_IN)}, not {unit!r}")
    last_day = int(as_days(until))
    known = purchases.where(purchases.day <= last_day)
    changes = known.customer[1:] != known.customer[:-1]
    starts = np.flatnonzero(np.append(len(known.customer) > 0, changes))
    ends = np.flatnonzero(np.append(changes, len(known.customer) > 0))
    x = (ends - starts).astype(np.float64)
    first_day = known.day[starts]
    spent_total = np.add.reduceat(known.amount, starts)
    spent_again = np.maximum(spent_total - known.amount[starts], 0.0)
    return Histories(
        customer=known.customer[starts],
        x=x,
        t_x=(known.day[ends] - first_day) / DAYS_IN[unit],
        T=(last_day - first_day) / DAYS_IN[unit],
        mean_spend=spent_again / np.maximum(x, 1.0),
        spent_total=spent_total,
        first_day=first_day,
        until=last_day,
        unit=unit,
    )


def checked_history(x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> tuple[Array, Array, Array]:
    """The three as float arrays; ValueError naming the rule that an impossible history breaks."""
    x, t_x, T = (np.asarray(column, dtype=np.float64) for column in (x, t_x, T))
    rules = {
        "x must be a whole number, zero or more": (x >= 0) & (x == np.floor(x)) & np.isfinite(x),
        "t_x must lie between 0 and T": (t_x >= 0) & (t_x <= T) & np.isfinite(T),
        "t_x must be 0 for customers without a repeat purchase": (x > 0) | (t_x == 0),
    }
    for rule, holds in rules.items():
        if not np.all(holds):
            raise ValueError(rule)
    return x, t_x, T


def as_days(day: ArrayLike) -> Integers:
    """Whole days since 1970-01-01, from datetime64 or whole numbers."""
    days = np.asarray(day)
    if np.issubdtype(days.dtype, np.datetime64):
        days = days.astype("datetime64[D]")
    elif not np.issubdtype(days.dtype, np.integer):
        raise ValueError("a day must be a datetime64 or a whole number of days since 1970-01-01")
    return days.astype(np.int64)


def _by_customer_and_day(customer: Integers, day: Integers) -> Integers:
    """Row numbers in order; one sort of one joint key where it fits into 64 bits."""
    if not len(customer):
        return np.zeros(0, dtype=np.int64)
    first_customer, first_day = int(customer.min()), int(day.min())
    days = int(day.max()) - first_day + 1
    if (int(customer.max()) - first_customer + 1) * days >= 2**63:
        return np.lexsort((day, customer)).astype(np.int64)
    joint = (customer - first_customer) * days + (day - first_day)
    return np.argsort(joint).astype(np.int64)
