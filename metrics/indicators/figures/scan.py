"""One pass of the database over a source's rows: every measure of it by day, whatever the grain.

Periods are made of days in Python, so that weeks and months of one source share the pass; only
what cannot be added up, numbers of different things and medians, is asked by period. The rows
come from the ORM; the grouping around them is ours, since the ORM cannot group rows that are
groups already.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from metrics.indicators.counting import Counted
from metrics.indicators.figures.tally import DISTINCT, MEDIAN, Asked, Tally
from metrics.indicators.periods import Period
from metrics.indicators.sources import Kind, Source, Table
from metrics.models import Condition, Measure

Comparison = Condition.Comparison
SIGNS = {
    Comparison.EQUAL: "=",
    Comparison.LESS: "<",
    Comparison.AT_MOST: "<=",
    Comparison.AT_LEAST: ">=",
    Comparison.MORE: ">",
}
FIRST_DAYS = {
    "sqlite": {
        "day": "{day}",
        "week": "date({day}, 'weekday 0', '-6 days')",
        "month": "date({day}, 'start of month')",
        "quarter": "date({day}, 'start of month', '-' || ((strftime('%%m', {day}) - 1) %% 3)"
        " || ' months')",
    },
    "postgresql": {
        "day": "{day}",
        "week": "date_trunc('week', {day})::date",
        "month": "date_trunc('month', {day})::date",
        "quarter": "date_trunc('quarter', {day})::date",
    },
}
MIDDLE = (
    "SELECT starts_on, avg(told) FROM (SELECT starts_on, told,"
    " row_number() OVER (PARTITION BY starts_on ORDER BY told) AS place,"
    " count(*) OVER (PARTITION BY starts_on) AS of_all FROM ({every}) AS every_one) AS placed"
    " WHERE place IN ((of_all + 1) / 2, (of_all + 2) / 2) GROUP BY 1"
)
"""The mean of the middle two, or of the middle one twice; neither database has a median of its own
that the other has too."""
Sql = tuple[str, tuple[Any, ...]]


def scan(
    source: Source,
    table: Table,
    asked: Iterable[Asked],
    days: Iterable[Period],
    show_life: Callable[[], None],
) -> Tally:
    """Count what is asked in these stretches of days, which do not overlap and cut no period."""
    asked, tally = list(asked), Tally(source)
    unsummed = [one for one in asked if one.counted.aggregate in {DISTINCT, MEDIAN}]
    summed = list(dict.fromkeys(one.counted for one in asked if one not in unsummed))
    by_period = _once_a_day(unsummed) if source.is_state else unsummed
    for stretch in days:
        every = table.rows(stretch)
        for rows in every:
            _add_days(tally, rows, table.day, summed)
            show_life()
        for one in by_period:
            if one.counted.aggregate == MEDIAN:
                _add_middle(tally, every, table.day, one)
            else:
                _add_different(tally, every, table.day, one)
            show_life()
    return tally


def _once_a_day(asked: list[Asked]) -> list[Asked]:
    """Of a state each day is asked, so that periods of one length answer for all."""
    return list({one.counted: one for one in asked}.values())


def _add_days(tally: Tally, rows: QuerySet, day: str, summed: list[Counted]) -> None:
    columns = {name for counted in summed for name in _columns(tally.source, counted)}
    expressions = [_aggregate(tally.source, counted) for counted in summed]
    selected = ", ".join([_quoted(day), "count(*)", *(sql for sql, _ in expressions)])
    arguments = tuple(value for _, values in expressions for value in values)
    for found in _grouped(rows, {day, *columns}, selected, arguments):
        first, count, *numbers = found
        tally.add_day(
            _as_day(first), count, zip(summed, (float(one or 0) for one in numbers), strict=True)
        )


def _add_different(tally: Tally, every: list[QuerySet], day: str, asked: Asked) -> None:
    source, counted = tally.source, asked.counted
    where, values = _where(source, counted)
    column = _quoted(source.column(counted.field))
    for rows in every:
        start = _start(source, asked, rows, day)
        selected = f"{start}, count(DISTINCT CASE WHEN {where} THEN {column} END)"
        for first, number in _grouped(rows, {day, *_columns(source, counted)}, selected, values):
            _add(tally, asked, first, number)


def _add_middle(tally: Tally, every: list[QuerySet], day: str, asked: Asked) -> None:
    """All rows together: medians of their parts say nothing of the whole."""
    source, counted = tally.source, asked.counted
    where, values = _where(source, counted)
    column = _quoted(source.column(counted.field))
    parts, arguments = [], []
    for rows in every:
        if inner := _inner(rows, {day, *_columns(source, counted)}):
            start = _start(source, asked, rows, day)
            parts.append(
                f"SELECT {start} AS starts_on, {column} AS told FROM ({inner[0]}) AS counted"  # noqa: S608 - our names
                f" WHERE {column} IS NOT NULL AND {where}"
            )
            arguments += [*inner[1], *values]
    if parts:
        with connections[every[0].db].cursor() as cursor:
            cursor.execute(MIDDLE.format(every=" UNION ALL ".join(parts)), arguments)
            for first, middle in cursor.fetchall():
                _add(tally, asked, first, middle)


def _start(source: Source, asked: Asked, rows: QuerySet, day: str) -> str:
    """Of a state, only what its rows say on the last day of a period counts: each day is asked."""
    grain = "day" if source.is_state else asked.grain
    return FIRST_DAYS[connections[rows.db].vendor][grain].format(day=_quoted(day))


def _add(tally: Tally, asked: Asked, first: date | str, number: float) -> None:
    if tally.source.is_state:
        tally.add_day(_as_day(first), 0, [(asked.counted, float(number))])
    else:
        tally.add_period(asked, _as_day(first), float(number))


def _grouped(
    rows: QuerySet, columns: set[str], selected: str, arguments: tuple[Any, ...]
) -> Iterator[tuple]:
    """The rows, of these columns, grouped by the first thing that is selected."""
    inner = _inner(rows, columns)
    if inner is None:
        return
    sql = f"SELECT {selected} FROM ({inner[0]}) AS counted GROUP BY 1"  # noqa: S608 - our names
    with connections[rows.db].cursor() as cursor:
        cursor.execute(sql, (*arguments, *inner[1]))
        yield from cursor.fetchall()


def _inner(rows: QuerySet, columns: set[str]) -> Sql | None:
    """The rows, of these columns; None where none can be."""
    try:
        return rows.values(*sorted(columns)).order_by().query.sql_with_params()
    except EmptyResultSet:
        return None


def _columns(source: Source, counted: Counted) -> set[str]:
    names = {field for field, _, _ in counted.where} | ({counted.field} - {""})
    return {source.column(name) for name in names}


def _aggregate(source: Source, counted: Counted) -> Sql:
    where, values = _where(source, counted)
    if counted.aggregate == Measure.Aggregate.COUNT:
        return f"count(CASE WHEN {where} THEN 1 END)", values
    return f"sum(CASE WHEN {where} THEN {_quoted(source.column(counted.field))} END)", values


def _where(source: Source, counted: Counted) -> Sql:
    """All conditions together."""
    told, values = [], []
    for name, comparison, value in counted.where:
        column = _quoted(source.column(name))
        if source.fields[name].kind is Kind.TRUTH:
            told.append(column if value else f"NOT {column}")
        else:
            told.append(f"{column} {SIGNS[comparison]} %s")
            values.append(float(value))
    return " AND ".join(told) or "1 = 1", tuple(values)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _as_day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
