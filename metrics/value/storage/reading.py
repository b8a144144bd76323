"""From the database to arrays: purchase days without an object for any of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connections, transaction
from django.db.models import (
    Aggregate,
    BinaryField,
    Case,
    Count,
    F,
    Func,
    IntegerField,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Greatest, Least
from django.db.models.lookups import Exact
from numpy.typing import NDArray
from psycopg import Cursor

from customers.imports.notation.reasons import Reason
from customers.models import PurchaseDay, PurchaseLine, SetAsideRow, SourceRecord, Upload
from metrics.clv.purchases.spreading import hashed
from metrics.models import CustomerValue, Valuation

Integers = NDArray[np.int64]

ROOM = 2**20
"""Keys of records may always lie this far apart in a table of places (8 MB)."""

BITS_A_RECORD = 64
"""Keys of records may lie this many times their number apart in a map of bits, and ROOM more."""


@dataclass(frozen=True)
class PurchaseDays:
    """One row a source record and day that counts: customer's pk, day, amount in currency."""

    customer: NDArray[np.int64]
    day: NDArray[np.datetime64]
    amount: NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """The customers of one shard of so many, told by a hash of their key."""

    number: int
    of: int

    def holds(self, customer: Integers) -> NDArray[np.bool_]:
        # The upper half: a sample of customers is chosen by the lower one
        upper = hashed(customer) >> np.uint64(32)
        return np.asarray(upper % np.uint64(self.of) == np.uint64(self.number))


class WholeNumbers(Aggregate):
    """The whole numbers of a group as one value, that `numbers_of` makes an array of."""

    output_field = BinaryField()
    arity = 1

    def as_sqlite(self, compiler, connection, **context):
        template = "group_concat(CAST(%(expressions)s AS INTEGER))"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "string_agg(int8send((%(expressions)s)::bigint), NULL)"
        return self.as_sql(compiler, connection, template=template, **context)


class _Doubles(Aggregate):
    """Numbers of a group, whole or not, as one value; what is empty is NaN. PostgreSQL's only."""

    output_field = BinaryField()
    arity = 1
    template = "string_agg(float8send(coalesce((%(expressions)s)::float8, 'NaN')), NULL)"


def numbers_of(value: bytes | str | None) -> Integers:
    """The numbers that an aggregate put together; none where there was no row."""
    if value is None:
        return np.zeros(0, dtype=np.int64)
    if isinstance(value, str):
        return np.fromstring(value, dtype=np.int64, sep=",")
    return np.frombuffer(value, dtype=">i8").astype(np.int64)


def read_purchase_days(until: date, part: Part | None = None) -> PurchaseDays:
    """The days that count up to and with this one, in their order; guests have none.

    part: of the customers; all of them by default.
    """
    counting = PurchaseDay.objects.counting().filter(day__lte=until)
    owners = None if part is None else _owners(part)
    if owners is not None and connections[counting.db].vendor == "postgresql":
        counting = owners.mostly_of(counting)
    days, counts, records, cents = _days(counting)
    # Read after the days, so that the record of every day is there
    known = owners or _owners()
    customer = known.of(records)
    is_known = customer >= 0
    return PurchaseDays(
        customer[is_known],
        np.repeat(np.array(days, dtype="datetime64[D]"), counts)[is_known],
        cents[is_known] / 100.0,
    )


def _days(counting: QuerySet) -> tuple[list[date], list[int], Integers, Integers]:
    """Days in order, how many rows each has, and of all rows the record and the cents."""
    columns = {"records": WholeNumbers("record"), "cents": WholeNumbers("cents")}
    grouped = counting.values("day").annotate(**columns).order_by()
    rows = sorted(sent_rows(grouped.values_list("day", *columns)))  # quicker than by the database
    records = [numbers_of(None), *(numbers_of(row[1]) for row in rows)]
    cents = [numbers_of(None), *(numbers_of(row[2]) for row in rows)]
    counts = [len(each) for each in records[1:]]
    return [day for day, *_ in rows], counts, np.concatenate(records), np.concatenate(cents)


@dataclass(frozen=True)
class _Owners:
    """Whose record it is: keys of records, ascending, and of their customers."""

    record: Integers
    customer: Integers

    def of(self, records: Integers) -> Integers:
        """The customer of each record; -1 where it is nobody's that is looked for."""
        if not len(self.record):
            return np.full(len(records), -1)
        lowest, highest = int(self.record[0]), int(self.record[-1])
        if highest - lowest > ROOM + 8 * len(self.record):
            place = np.minimum(np.searchsorted(self.record, records), len(self.record) - 1)
            return np.where(self.record[place] == records, self.customer[place], -1)
        table = np.full(highest - lowest + 3, -1)
        table[self.record - lowest + 1] = self.customer
        return table.take(records - (lowest - 1), mode="clip")

    def mostly_of(self, days: QuerySet) -> QuerySet:
        """The days of these records; where keys lie too far apart, of others too. PostgreSQL looks
        into a map of bits, which joins nothing and is some kilobytes to send."""
        if not len(self.record):
            return days
        lowest, highest = int(self.record[0]), int(self.record[-1])
        if highest - lowest > BITS_A_RECORD * len(self.record) + ROOM:
            return days
        wanted = np.zeros(highest - lowest + 3, dtype=np.bool_)
        wanted[self.record - lowest + 1] = True
        bits = Value(np.packbits(wanted, bitorder="little").tobytes(), BinaryField())
        place = Least(Greatest(F("record") - (lowest - 1), 0), len(wanted) - 1)
        return days.filter(
            Exact(Func(bits, place, function="get_bit", output_field=IntegerField()), 1)
        )


def _owners(part: Part | None = None) -> _Owners:
    known = SourceRecord.objects.filter(customer__isnull=False)
    found = known.aggregate(records=WholeNumbers("pk"), customers=WholeNumbers("customer"))
    record, customer = numbers_of(found["records"]), numbers_of(found["customers"])
    order = np.argsort(record)
    record, customer = record[order], customer[order]
    if part is not None:
        own = part.holds(customer)
        record, customer = record[own], customer[own]
    return _Owners(record, customer)


def read_values(valuation: Valuation, **expressions: Any) -> dict[str, NDArray[np.float64]]:
    """What a valuation's customers have, as columns in the order of their keys; empty is NaN.

    expressions: by name, each a number of CustomerValue, or what can be computed of some.
    """
    own = CustomerValue.objects.filter(valuation=valuation)
    wanted = {"key": F("customer_id"), **expressions}
    if connections[own.db].vendor != "postgresql":
        rows = own.annotate(**{f"own_{name}": each for name, each in wanted.items()})
        read = list(rows.order_by("customer_id").values_list(*(f"own_{name}" for name in wanted)))
        columns = np.array(read, dtype=np.float64).reshape(-1, len(wanted)).T
    else:
        whole = {f"own_{name}": _Doubles(each) for name, each in wanted.items()}
        sent = sent_rows(own.values("valuation").annotate(**whole).order_by().values_list(*whole))
        columns = np.array([np.frombuffer(each, ">f8") for row in sent for each in row], np.float64)
        columns = columns.reshape(len(wanted), -1)
        columns = columns[:, np.argsort(columns[0])]
    return dict(zip(expressions, columns[1:], strict=True))


def place_among(field: str, names: Sequence[str]) -> Case:
    """As a number: the place of a field's word among these, -1 where it is none of them."""
    places = (When(**{field: name}, then=place) for place, name in enumerate(names))
    return Case(*places, default=-1, output_field=IntegerField())


def sent_rows(query: QuerySet) -> Any:
    """Rows as the database sends them; PostgreSQL without a detour over text or a sorted file."""
    connection = connections[query.db]
    if connection.vendor != "postgresql":
        return query.iterator()
    connection.ensure_connection()
    with (
        transaction.atomic(query.db),
        connection.wrap_database_errors,
        Cursor(connection.connection) as cursor,
    ):
        # Else it walks through the index on days, at twice the time where rows lie elsewhere
        cursor.execute("SET LOCAL work_mem = '256MB'")
        return cursor.execute(*query.query.sql_with_params(), binary=True).fetchall()


def left_out(until: date) -> dict[str, int]:
    """What was sent but is no purchase of a known customer: reason -> number of lines or days."""
    days = PurchaseDay.objects.filter(day__lte=until)
    lines = PurchaseLine.objects.filter(bought_on__lte=until)
    reasons = {
        "sales lines without a customer": lines.sales()
        .filter(purchase__record__customer=None)
        .count(),
        "return lines, which lower what was bought": lines.returns().count(),
        "days with returns only": days.filter(lines_bought=0).count(),
        "days whose returns exceed what was bought": days.filter(
            lines_bought__gt=0, amount__lt=0
        ).count(),
        "purchase days after as-of": PurchaseDay.objects.counting().filter(day__gt=until).count(),
    }
    set_aside = SetAsideRow.objects.filter(
        doing=Upload.Doing.IMPORT, upload__holds=Upload.Holds.PURCHASES
    ).values_list("reason")
    reasons |= {
        f"rows set aside: {Reason(reason).label}": rows
        for reason, rows in set_aside.annotate(rows=Count("pk")).order_by("reason")
    }
    return {reason: number for reason, number in reasons.items() if number}
