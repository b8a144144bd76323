"""Counted metrics as matrices of customers, or of sites, by month; no object for any row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, QuerySet
from numpy.typing import NDArray

from metrics.effects.evidence.windows import months_since, totals
from metrics.indicators.counting import Counted, Counting, counting_by
from metrics.indicators.figures.scan import FIRST_DAYS, SIGNS
from metrics.indicators.figures.tally import DISTINCT, MEDIAN
from metrics.indicators.periods import Period
from metrics.indicators.sources import SOURCES, Kind, Source, Table
from metrics.models import Measure, MetricVersion
from metrics.value.storage.reading import numbers_of

Array = NDArray[np.float64]
Keys = NDArray[np.int64]

CUSTOMER_OF = {"lines": "purchase__record__customer"}
"""Where a source knows the customer but carries no field for it."""

FELT_ON = dict.fromkeys(("deliveries", "dispatches", "returns", "tickets"), "done_on")
"""Lateness is felt when the goods come, a refund when it is paid, an answer when it is given."""

TURNS_TO_US = ("surveys", "tickets", "returns", "referrals")
"""What a customer does, and not we: who answers a survey has not left, though he buys nothing."""

THOUSANDTHS = 1000
NUMBERS = {
    "sqlite": "group_concat(CAST({0} AS INTEGER))",
    "postgresql": "string_agg(int8send(({0})::bigint), NULL)",
}


@dataclass(frozen=True)
class Span:
    """Whole months from the first to the last, and the customers of the matrices, ascending."""

    first: date
    last: date
    customers: Keys

    @property
    def months(self) -> int:
        return int(months_since(self.first, [self.last])[0]) + 1

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.customers), self.months

    @property
    def days(self) -> Period:
        return Period(self.first, self.last)


@dataclass(frozen=True)
class Sides:
    """Numerator and denominator of a metric, (units, months); denominator None: not divided."""

    numerator: Array
    denominator: Array | None
    scale: float


def by_customer(version: MetricVersion, span: Span, *, felt: bool = False) -> Sides | None:
    """What each customer adds to the metric in each month; None where its facts know none.

    Of a median the customer's own mean, since a few facts of one customer have no better middle.
    felt: by the day on which the customer noticed, instead of the day by which it is counted.
    """
    counting = _as_mean(counting_by(version))
    if counting.numerator is None:
        return None
    numerator = _cells(counting.numerator, span, felt)
    if numerator is None:
        return None
    if counting.denominator is None or SOURCES[counting.denominator.source].is_state:
        return Sides(numerator, None, counting.scale)
    denominator = _cells(counting.denominator, span, felt)
    return None if denominator is None else Sides(numerator, denominator, counting.scale)


def of_customers(counted: Counted, span: Span, *, felt: bool = False) -> Array:
    """(customers, months): what was counted of each; 0 where nothing was. felt: as by_customer."""
    found = _cells(counted, span, felt)
    return np.zeros(span.shape) if found is None else found


def by_site(version: MetricVersion, span: Span, sites: list[str]) -> Sides | None:
    """The same by site or staff group; None where its facts know none of these."""
    counting = _as_mean(counting_by(version))
    sides = [_site_cells(one, span, sites) for one in (counting.numerator, counting.denominator)]
    if sides[0] is None or sides[1] is None or not sides[1].any():
        return None
    return Sides(sides[0], sides[1], counting.scale)


def _as_mean(counting: Counting) -> Counting:
    """A median as the mean of the same facts; any other metric as it is."""
    middle = counting.numerator
    if middle is None or middle.aggregate != MEDIAN:
        return counting
    return counting._replace(
        numerator=middle._replace(aggregate=Measure.Aggregate.SUM.value),
        denominator=middle._replace(aggregate=Measure.Aggregate.COUNT.value, field=""),
    )


def signs_of_life(span: Span) -> Array:
    """(customers, months): how often each turned to us, apart from buying."""
    total = np.zeros(span.shape)
    for name in TURNS_TO_US:
        total += of_customers(Counted(name, Measure.Aggregate.COUNT), span)
    return total


def _cells(counted: Counted, span: Span, felt: bool) -> Array | None:
    source = SOURCES.get(counted.source)
    column = _customer_column(counted.source)
    if source is None or column is None or counted.aggregate == DISTINCT:
        return None
    total = np.zeros(span.shape)
    for month, customers, amounts in _grouped(source, counted, column, span.days, felt):
        place = np.searchsorted(span.customers, customers)
        place = np.minimum(place, len(span.customers) - 1)
        known = span.customers[place] == customers
        at = months_since(span.first, [month] * int(known.sum()))
        total += totals(place[known], at, amounts[known], span.shape)
    return total


def _customer_column(name: str) -> str | None:
    source = SOURCES.get(name)
    if source is None or not isinstance(source.data, Table):
        return None
    if name in CUSTOMER_OF:
        return "whose"
    return source.column("customer") if "customer" in source.fields else None


def _rows(source: Source, name: str, days: Period, felt: bool) -> Iterator[tuple[QuerySet, str]]:
    """Querysets of the rows, and the column of their day."""
    table = source.data
    if not isinstance(table, Table):
        return
    for rows in table.rows(days):
        if name in CUSTOMER_OF:
            rows = rows.annotate(whose=F(CUSTOMER_OF[name]))
        yield rows, FELT_ON.get(name, table.day) if felt else table.day


def _grouped(
    source: Source, counted: Counted, customer: str, days: Period, felt: bool
) -> Iterator[tuple[date, Keys, Array]]:
    """Of each month its customers and what was counted of each of them."""
    for rows, day in _rows(source, counted.source, days, felt):
        connection = connections[rows.db]
        vendor = connection.vendor
        amount, arguments = _aggregate(source, counted)
        month = FIRST_DAYS[vendor]["month"].format(day=f'"{day}"')
        try:
            inner, values = (
                rows.values(*sorted({day, customer, *_columns(source, counted)}))
                .order_by()
                .query.sql_with_params()
            )
        except EmptyResultSet:
            continue
        together = [
            NUMBERS[vendor].format(one) for one in ("whose", f"round(total * {THOUSANDTHS})")
        ]
        sql = (
            f"SELECT month, {', '.join(together)} FROM ("  # noqa: S608 - our names
            f'SELECT {month} AS month, "{customer}" AS whose, {amount} AS total'
            f' FROM ({inner}) AS counted WHERE "{customer}" IS NOT NULL AND "{day}" IS NOT NULL'
            " GROUP BY 1, 2) AS cells WHERE total <> 0 GROUP BY 1"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, (*arguments, *values))
            for first, customers, amounts in cursor.fetchall():
                numbers = numbers_of(_plain(amounts)) / THOUSANDTHS
                yield _as_day(first), numbers_of(_plain(customers)), numbers


def _plain(value: Any) -> bytes | str | None:
    return bytes(value) if isinstance(value, memoryview) else value


def _aggregate(source: Source, counted: Counted) -> tuple[str, tuple[float, ...]]:
    where, values = _where(source, counted)
    of = (
        "1" if counted.aggregate == Measure.Aggregate.COUNT else f'"{source.column(counted.field)}"'
    )
    return f"sum(CASE WHEN {where} THEN {of} END)", values


def _where(source: Source, counted: Counted) -> tuple[str, tuple[float, ...]]:
    told, values = [], []
    for name, comparison, value in counted.where:
        column = f'"{source.column(name)}"'
        if source.fields[name].kind is Kind.TRUTH:
            told.append(column if value else f"NOT {column}")
        else:
            told.append(f"{column} {SIGNS[comparison]} %s")
            values.append(float(value))
    return " AND ".join(told) or "1 = 1", tuple(values)


def _columns(source: Source, counted: Counted) -> set[str]:
    names = {field for field, _, _ in counted.where} | ({counted.field} - {""})
    return {source.column(name) for name in names}


def _site_cells(counted: Counted | None, span: Span, sites: list[str]) -> Array | None:
    source = SOURCES.get(counted.source) if counted else None
    if counted is None or source is None or not isinstance(source.data, Table):
        return None
    if counted.aggregate == DISTINCT:
        return None
    shape, total = (len(sites), span.months), np.zeros((len(sites), span.months))
    place = {name: at for at, name in enumerate(sites)}
    for rows in source.data.rows(span.days):
        column = _site_column(rows)
        if column is None:
            return None
        for site, month, amount in _by_site(source, counted, (rows, column, source.data.day)):
            if site in place and amount:
                at = months_since(span.first, [month])
                total += totals([place[site]], at, float(amount), shape)
    return total


def _site_column(rows: QuerySet) -> str | None:
    names = {field.name for field in rows.model._meta.get_fields()}
    return next((name for name in ("site", "group") if name in names), None)


def _by_site(
    source: Source, counted: Counted, table: tuple[QuerySet, str, str]
) -> Iterable[tuple[str, date, float]]:
    rows, column, day = table
    connection = connections[rows.db]
    amount, arguments = _aggregate(source, counted)
    month = FIRST_DAYS[connection.vendor]["month"].format(day=f'"{day}"')
    try:
        inner, values = (
            rows.values(*sorted({day, column, *_columns(source, counted)}))
            .order_by()
            .query.sql_with_params()
        )
    except EmptyResultSet:
        return
    sql = (
        f'SELECT "{column}", {month}, {amount} FROM ({inner}) AS counted'  # noqa: S608 - our names
        " GROUP BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, (*arguments, *values))
        for site, first, total in cursor.fetchall():
            yield site, _as_day(first), total or 0.0


def _as_day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
