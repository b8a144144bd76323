"""Histories out of a warehouse: the engine groups, two GROUP BYs in one query; no row leaves it.

For any engine that Ibis speaks to (DuckDB, PySpark, PostgreSQL, BigQuery, Snowflake, Trino ...).
Optional: needs the packages of requirements-warehouse.txt. Nothing else imports this module.
"""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from metrics.clv.purchases.histories import (
    EARLIEST,
    Array,
    Counts,
    Day,
    Histories,
    Unit,
    as_days,
    checked_unit,
    mean_repeat_spend,
)
from metrics.clv.purchases.reading.purchases import REASONS
from metrics.clv.purchases.reading.roster import Roster


@dataclass(frozen=True, slots=True)
class FromWarehouse:
    """histories: as our own grouping has them. held_out: purchase days of each customer after the
    as-of day, up to the end of the holdout. roster: the customers' own names by their number."""

    histories: Histories
    held_out: Counts
    roster: Roster


def histories_from(
    purchases: ir.Table,
    until: Day,
    unit: Unit = "week",
    *,
    holdout_until: Day | None = None,
    customer: str = "customer",
    date: str = "date",
    amount: str = "amount",
) -> FromWarehouse:
    """The history of every customer who bought by `until`; one query.

    purchases: a row a purchase; customer: whole numbers or text; date: a date or a moment, whose
    day is the engine's; amount: a number. Rows without one of these, or with a negative amount,
    are left out: `dropped_from` counts them. Sums of decimals are exact, of floats to the cent.
    """
    checked_unit(unit)
    last_day = int(as_days(until))
    end = last_day if holdout_until is None else int(as_days(holdout_until))
    if end < last_day:
        raise ValueError("the holdout must end after the last day of the histories")
    found = grouped(purchases, last_day, end, customer, date, amount).to_pyarrow()
    roster = Roster()
    numbers = roster.numbers(found["customer"].combine_chunks())
    order = np.argsort(numbers)
    x = _whole(found["purchase_days"])[order] - 1
    spent_total = _money(found["spent_total"])[order]
    histories = Histories(
        customer=numbers[order],
        x=x,
        first_day=_whole(found["first_day"].cast(pa.date32()))[order],
        last_day=_whole(found["last_day"].cast(pa.date32()))[order],
        mean_spend=mean_repeat_spend(x, _money(found["spent_first"])[order], spent_total),
        spent_total=spent_total,
        until=last_day,
        unit=unit,
    )
    return FromWarehouse(histories, _whole(found["held_out"])[order], roster)


def grouped(
    purchases: ir.Table, until: int, holdout_until: int, customer: str, date: str, amount: str
) -> ir.Table:
    """The query: a row for each customer known at `until`; days since 1970-01-01."""
    failings = _failings(purchases, customer, date, amount)
    days = (
        purchases.filter([~fails for fails in failings.values()])
        .group_by(customer=purchases[customer], day=purchases[date].cast("date"))
        .aggregate(amount=purchases[amount].sum())
    )
    seen = days.filter(days["day"] <= _date(holdout_until))
    is_known = seen["day"] <= _date(until)
    customers = seen.group_by("customer").aggregate(
        purchase_days=seen.count(where=is_known),
        first_day=seen["day"].min(),
        last_day=seen["day"].max(where=is_known),
        spent_first=seen["amount"].argmin(seen["day"]),
        spent_total=seen["amount"].sum(where=is_known),
        held_out=seen.count(where=~is_known),
    )
    return customers.filter(customers["purchase_days"] > 0)


def dropped_from(
    purchases: ir.Table, customer: str = "customer", date: str = "date", amount: str = "amount"
) -> dict[str, int]:
    """Rows that hold no purchase, by reason, as a file's are counted; one query."""
    fails = _failings(purchases, customer, date, amount)
    first_to_fail = ibis.cases(
        *((fail, reason) for reason, fail in fails.items()), else_=ibis.null("string")
    )
    counts = purchases.group_by(reason=first_to_fail).aggregate(rows=purchases.count())
    return {row["reason"]: row["rows"] for row in counts.to_pyarrow().to_pylist() if row["reason"]}


def _failings(
    purchases: ir.Table, customer: str, date: str, amount: str
) -> dict[str, ir.BooleanValue]:
    """What is wrong with a row, by reason; never unknown."""
    who, day, spent = purchases[customer], purchases[date], purchases[amount]
    nameless, no_number = who.isnull(), spent.isnull()
    if who.type().is_string():
        nameless = nameless | (who.strip() == "").fill_null(False)
    if spent.type().is_floating():
        no_number = no_number | (spent.isnan() | spent.isinf()).fill_null(False)
    too_early = (day.cast("date") < _date(EARLIEST)).fill_null(False)
    wrong = (nameless, day.isnull(), too_early, no_number, (spent < 0).fill_null(False))
    return dict(zip(REASONS, wrong, strict=True))


def _date(day: int) -> ir.DateValue:
    return ibis.date(str(np.datetime64(day, "D")))


def _whole(column: pa.ChunkedArray) -> Counts:
    return np.asarray(column.cast(pa.int32()))


def _money(column: pa.ChunkedArray) -> Array:
    return np.asarray(column.cast(pa.float64()))
