"""From purchases to one history a customer: in one pass where they come by day, else sorted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.purchases.histories import (
    Array,
    Day,
    Histories,
    Integers,
    PurchaseDays,
    Unit,
    as_days,
    checked_unit,
    mean_repeat_spend,
)
from metrics.clv.purchases.ledger import (
    Books,
    DaysOutOfOrder,
    Ledger,
    TooManyDays,
    ascends,
    purchase_columns,
)

PIECE = 2**17
"""Purchases entered at once, so that they are read from memory once only."""

ROOM = 2**20
"""Numbers of customers may always lie this far apart in a ledger (22 MB); further apart where
there are as many purchases."""


def group_histories(
    customer: ArrayLike, day: ArrayLike, amount: ArrayLike, until: Day, unit: Unit = "week"
) -> Histories:
    """The history of every customer who bought by `until`, from purchase days in any order.

    customer: whole numbers; day: datetime64[D] or whole days since 1970-01-01; amount: currency.
    Rows of one customer and day are one purchase. A zero amount is a purchase. A month is
    365.25 / 12 days. Quickest where the days ascend, as in a log. Raises ValueError for unequal
    lengths, negative or unknown amounts.
    """
    (histories,) = keep_books(customer, day, amount, [until], unit).histories.values()
    return histories


def keep_books(
    customer: ArrayLike,
    day: ArrayLike,
    amount: ArrayLike,
    as_of: Sequence[Day],
    unit: Unit = "week",
    *,
    by_day: bool = False,
) -> Books:
    """As `group_histories`, for several as-of days at once; by_day: with `Books.bought_on`."""
    columns = purchase_columns(customer, day, amount)
    lowest = int(columns[0].min()) if len(columns[0]) else 0
    width = int(columns[0].max(initial=lowest)) - lowest
    if width < max(ROOM, 2 * len(columns[0])):
        ledger = Ledger(as_of, unit, by_day=by_day)
        try:
            for start in range(0, len(columns[0]), PIECE):
                customers, days, amounts = (each[start : start + PIECE] for each in columns)
                ledger.enter(customers - lowest, days, amounts)
        except (DaysOutOfOrder, TooManyDays):
            pass
        else:
            return ledger.close().renumbered(lambda numbers: numbers + lowest)
    return books_of(merge_days(*columns), as_of, unit, by_day=by_day)


def merge_days(customer: ArrayLike, day: ArrayLike, amount: ArrayLike) -> PurchaseDays:
    """The same purchases with one row a customer and day, amounts added up; ValueError as above."""
    rows = _sorted(*purchase_columns(customer, day, amount))
    same = (rows.customer[1:] == rows.customer[:-1]) & (rows.day[1:] == rows.day[:-1])
    if not same.any():
        return rows
    starts = np.flatnonzero(np.append(True, ~same))
    total = np.add.reduceat(rows.amount, starts)
    return PurchaseDays(rows.customer[starts], rows.day[starts], total)


def histories_of(purchases: PurchaseDays, until: Day, unit: Unit = "week") -> Histories:
    """As `group_histories`, from days that are merged already."""
    checked_unit(unit)
    last_day = int(as_days(until))
    known = purchases.where(purchases.day <= last_day)
    changes = known.customer[1:] != known.customer[:-1]
    starts = np.flatnonzero(np.append(len(known.customer) > 0, changes))
    ends = np.flatnonzero(np.append(changes, len(known.customer) > 0))
    x = (ends - starts).astype(np.int32)
    spent_total = np.add.reduceat(known.amount, starts) if len(starts) else np.zeros(0)
    return Histories(
        customer=known.customer[starts],
        x=x,
        first_day=known.day[starts].astype(np.int32),
        last_day=known.day[ends].astype(np.int32),
        mean_spend=mean_repeat_spend(x, known.amount[starts], spent_total),
        spent_total=spent_total,
        until=last_day,
        unit=unit,
    )


def books_of(
    purchases: PurchaseDays, as_of: Sequence[Day], unit: Unit = "week", *, by_day: bool = False
) -> Books:
    """As `keep_books`, from days that are merged already."""
    days = sorted({int(as_days(day)) for day in as_of})
    since = int(purchases.day.min(initial=days[-1]))
    histories = {day: histories_of(purchases, day, unit) for day in days}
    return Books(since, histories, _bought_on(purchases, since, days) if by_day else {})


def _bought_on(purchases: PurchaseDays, since: int, as_of: Sequence[int]) -> dict[int, Integers]:
    shown = purchases.where(purchases.day <= as_of[-1])
    opens = np.append(True, shown.customer[1:] != shown.customer[:-1])[: len(shown.day)]
    first = shown.day[np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))]
    length = as_of[-1] - since + 1
    return {day: np.bincount(shown.day[first <= day] - since, minlength=length) for day in as_of}


def _sorted(customers: Integers, days: Integers, amounts: Array) -> PurchaseDays:
    """The rows by customer, then day. A sort of numbers is six times as quick as one of places,
    so customer, day and row number are packed into one where they fit."""
    if not len(customers):
        return PurchaseDays(customers, days, amounts)
    first_customer, first_day = int(customers.min()), int(days.min())
    for_rows = len(customers).bit_length()
    for_days = (int(days.max()) - first_day).bit_length()
    for_customers = (int(customers.max()) - first_customer).bit_length()
    if for_customers + for_days + for_rows > 63:
        order = np.lexsort((days, customers))
        return PurchaseDays(customers[order], days[order], amounts[order])
    packed = (customers - first_customer) << for_days
    packed += days - first_day
    if not ascends(packed):
        packed <<= for_rows
        packed += np.arange(len(packed))
        packed.sort()
        amounts = amounts.take(packed & ((1 << for_rows) - 1))
        packed >>= for_rows
    days = (packed & ((1 << for_days) - 1)) + first_day
    packed >>= for_days
    return PurchaseDays(packed + first_customer, days, amounts)
