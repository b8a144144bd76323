"""From purchase days to one history a customer: how often, how recently, for how long, how much."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Counts = NDArray[np.int32]
Numbers = NDArray[Any]
"""Whole or not, as long as they count or measure."""
Day = np.datetime64 | int
Unit = Literal["day", "week", "month"]

DAYS_IN: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}

EARLIEST = -25_567
"""1900-01-01 as days since 1970-01-01. An earlier purchase is a mistake in writing, and one of the
year 1 would make every curve by week two thousand years long."""

ROOMY = 4
"""Places in a table, for each row, up to which a table is used and nothing is sorted."""


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

    x: repeat purchase days. first_day, last_day, until: whole days since 1970-01-01. mean_spend:
    mean amount of a repeat purchase day, 0 where x is 0. spent_total: all purchase days, the
    first one too. t_x and T are made from the days on each call, in `unit`.
    """

    customer: Integers
    x: Counts
    first_day: Counts
    last_day: Counts
    mean_spend: Array
    spent_total: Array
    until: int
    unit: Unit

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def t_x(self) -> Array:
        """Units from the first purchase day to the last."""
        return np.asarray((self.last_day - self.first_day) / DAYS_IN[self.unit])

    @property
    def T(self) -> Array:
        """Units from the first purchase day to `until`."""
        return np.asarray((self.until - self.first_day) / DAYS_IN[self.unit])

    def where(self, wanted: NDArray[np.bool_] | slice) -> "Histories":
        """Some of the customers; the days stay the same."""
        columns = ("customer", "x", "first_day", "last_day", "mean_spend", "spent_total")
        return replace(self, **{name: getattr(self, name)[wanted] for name in columns})


def rows_of(customers: Integers, customer: Integers) -> Integers:
    """The row of each customer among `customers`, which ascend and hold them all."""
    lowest, highest = (int(customers[0]), int(customers[-1])) if len(customers) else (0, 0)
    if highest - lowest > ROOMY * (len(customers) + len(customer)):
        return np.asarray(np.searchsorted(customers, customer))
    table = np.zeros(highest - lowest + 1, dtype=np.int64)
    table[customers - lowest] = np.arange(len(customers))
    return table.take(customer - lowest)


def mean_repeat_spend(x: Counts, spent_first: Array, spent_total: Array) -> Array:
    """Mean amount of the purchase days after the first; 0 where there is none."""
    again = np.maximum(spent_total - spent_first, 0.0)
    return np.where(x > 0, again, 0.0) / np.maximum(x, 1)


def checked_unit(unit: Unit) -> Unit:
    """unit; ValueError where it is none."""
    if unit not in DAYS_IN:
        raise ValueError(f"the unit must be one of {', '.join(DAYS_IN)}, not {unit!r}")
    return unit


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
        return days.astype("datetime64[D]", copy=False).view(np.int64)
    if not np.issubdtype(days.dtype, np.integer):
        raise ValueError("a day must be a datetime64 or a whole number of days since 1970-01-01")
    return days.astype(np.int64, copy=False)
