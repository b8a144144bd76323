"""What a source is: rows that can be counted, the fields they carry, the facts they follow from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import NamedTuple

import numpy as np
from django.db.models import BooleanField, ExpressionWrapper, FloatField, Func, Q, QuerySet

from metrics.indicators.periods import Period

Column = np.ndarray


class Kind(Enum):
    """How a field can be counted and compared."""

    NUMBER = "number"
    MONEY = "money"
    DAYS = "days"
    HOURS = "hours"
    SHARE = "share"
    TRUTH = "yes or no"
    NAME = "name"

    @property
    def adds_up(self) -> bool:
        return self in {Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.HOURS}

    @property
    def has_middle(self) -> bool:
        return self.adds_up or self is Kind.SHARE


@dataclass(frozen=True)
class Field:
    """One thing that every row of a source says.

    denied: the label of a yes or no where it is no; column: its name in the rows, where that
    differs.
    """

    label: str
    kind: Kind
    unit: str = ""
    denied: str = ""
    column: str = ""


class Reach(NamedTuple):
    """How many days before and after a fact the rows lie that it can change; None: all of them."""

    before: int | None = 0
    after: int | None = 0


OWN_DAY = Reach()
EVERYWHERE = Reach(None, None)
FROM_THEN_ON = Reach(0, None)


@dataclass(frozen=True)
class Table:
    """Rows as the database finds them, each on a day.

    rows: those of a stretch of days, in one queryset or several that have nothing in common; every
    field's column can be used in each of them. day: the column of their day. in_order: the same
    rows in querysets of which an index knows the first and the last, where rows are not such.
    """

    rows: Callable[[Period], list[QuerySet]]
    day: str
    in_order: Callable[[Period], list[QuerySet]] | None = None

    def ends(self, days: Period) -> Period | None:
        """From the day of the first row to that of the last; None where there is none."""
        found = []
        for rows in (self.in_order or self.rows)(days):
            own = rows.order_by(self.day).values_list(self.day, flat=True)
            found += [*own[:1], *own.reverse()[:1]]
        return Period(min(found), max(found)) if found else None


@dataclass(frozen=True)
class Columns:
    """Rows that are made of many facts each, as columns of numbers; a name is a whole number.

    at: the rows of each of these periods, with the fields asked for, in the order of the periods.
    first_on: the day of the first fact.
    """

    at: Callable[[Sequence[Period], Iterable[str]], Iterable[Mapping[str, Column]]]
    first_on: Callable[[], date | None]


@dataclass(frozen=True)
class Source:
    """Rows that can be counted. label: what several of them are called.

    facts: kinds of changed facts (customers.models.Change) that can change its rows; where there
    is none, its rows are few and counted anew each time. is_state: its rows are what is true at
    a period's end, and without any there is no figure. is_open_ended: nobody says until when it
    is complete, so nothing is known after its last row.
    """

    label: str
    fields: Mapping[str, Field]
    data: Table | Columns
    facts: frozenset[str] = frozenset()
    reach: Reach = OWN_DAY
    is_state: bool = False
    is_forecast: bool = False
    is_open_ended: bool = False

    def column(self, field: str) -> str:
        return self.fields[field].column or field


class Hours(Func):
    """Hours from the first moment to the second, in whole seconds; no call of Python a row."""

    output_field = FloatField()

    def as_sqlite(self, compiler, connection, **context):
        first, last = (compiler.compile(one) for one in self.source_expressions)
        sql = f"(strftime('%%s', {last[0]}) - strftime('%%s', {first[0]})) / 3600.0"
        return sql, (*last[1], *first[1])

    def as_postgresql(self, compiler, connection, **context):
        first, last = (compiler.compile(one) for one in self.source_expressions)
        sql = f"(extract(epoch FROM {last[0]} - {first[0]}) / 3600.0)::double precision"
        return sql, (*last[1], *first[1])


class Days(Func):
    """Days from the first day to the second, as a number."""

    output_field = FloatField()

    def as_sqlite(self, compiler, connection, **context):
        first, last = (compiler.compile(one) for one in self.source_expressions)
        return f"(julianday({last[0]}) - julianday({first[0]}))", (*last[1], *first[1])

    def as_postgresql(self, compiler, connection, **context):
        first, last = (compiler.compile(one) for one in self.source_expressions)
        return f"({last[0]} - {first[0]})", (*last[1], *first[1])


def truth(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


HAS_CUSTOMER = Field("has a known customer", Kind.TRUTH, denied="has no known customer")
