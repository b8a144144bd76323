"""From arrays to the database: values of customers, counted in the transactions that store them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from django.db import connections, models, transaction
from numpy.typing import NDArray

from customers.models import Work
from metrics.models import CustomerValue, Valuation

AT_ONCE = {"postgresql": 250_000, "sqlite": 5_000}
"""Values written in one transaction; where only one may write at a time, the others wait for it."""

COPY_BEGINS = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_ENDS = b"\xff\xff"
POSTGRES_EPOCH = np.datetime64("2000-01-01", "D")

Columns = dict[str, NDArray[Any]]


@transaction.atomic
def start_over(valuation: Valuation, customers: int) -> None:
    """Take away what an earlier attempt has stored, and count from nothing."""
    valuation.advance(-valuation.steps_done, steps_total=customers)
    CustomerValue.objects.filter(valuation=valuation).delete()


def write_values(
    valuation: Valuation, columns: Mapping[str, Any], counted_by: Work | None = None
) -> None:
    """Store values of customers, each chunk with the steps it counts: both or neither.

    columns: by field of CustomerValue, one entry a customer or one for all; what is left out is
    the field's default, NaN is empty, words are ASCII. counted_by: the work whose steps these are,
    the valuation itself by default.
    """
    work = counted_by or valuation
    vendor = connections[CustomerValue.objects.db].vendor
    insert = _copied if vendor == "postgresql" else _inserted
    table = _whole({**columns, "valuation_id": valuation.pk})
    for start in range(0, len(table["customer_id"]), AT_ONCE[vendor]):
        chunk = {name: each[start : start + AT_ONCE[vendor]] for name, each in table.items()}
        with transaction.atomic():
            work.advance(len(chunk["customer_id"]))
            insert(chunk)


def _whole(columns: Mapping[str, Any]) -> Columns:
    """Every field but the key, as columns of one length."""
    length = len(columns["customer_id"])
    fields = {field.attname: field for field in CustomerValue._meta.concrete_fields}
    if unknown := columns.keys() - fields.keys():
        raise ValueError(f"a customer's value has no {', '.join(sorted(unknown))}")
    table = {}
    for name, field in fields.items():
        if not field.primary_key:
            values = np.asarray(columns.get(name, _default(field)))
            table[name] = np.broadcast_to(values, length)
    return table


def _default(field: models.Field) -> Any:
    value = field.get_default()
    if value is None:
        return np.datetime64("NaT", "D") if isinstance(field, models.DateField) else np.nan
    return value


def _names(columns: Columns) -> str:
    quote = connections[CustomerValue.objects.db].ops.quote_name
    return ", ".join(quote(CustomerValue._meta.get_field(name).column) for name in columns)


def _inserted(columns: Columns) -> None:
    """Rows for SQLite, which stores NaN as NULL and days as text."""
    values = [
        (_days_as_text(each) if each.dtype.kind == "M" else each).tolist()
        for each in columns.values()
    ]
    marks = ", ".join(["%s"] * len(columns))
    table = CustomerValue._meta.db_table
    with connections[CustomerValue.objects.db].cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({_names(columns)}) VALUES ({marks})",  # noqa: S608 - our names
            list(zip(*values, strict=True)),
        )


def _days_as_text(days: NDArray[Any]) -> NDArray[Any]:
    return np.where(np.isnat(days), None, np.datetime_as_string(days, unit="D"))


def _copied(columns: Columns) -> None:
    """Rows for PostgreSQL, as one block in the form in which it sends them itself."""
    table = CustomerValue._meta.db_table
    copy = f"COPY {table} ({_names(columns)}) FROM STDIN (FORMAT BINARY)"
    rows = binary_rows(columns)
    connection = connections[CustomerValue.objects.db]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(copy) as sink:
        for block in (COPY_BEGINS, rows, COPY_ENDS):
            sink.write(block)


def binary_rows(columns: Columns) -> bytes:
    """Rows of PostgreSQL's binary COPY: each field is its length and its bytes, big-endian.

    All rows are laid out alike, without columns that are empty; then what is empty in some rows
    and the ends of short words are cut out.
    """
    fields = {name: _as_sent(name, each) for name, each in columns.items()}
    filled = {name: field for name, field in fields.items() if np.any(field.length > 0)}
    layout = [("fields", ">i2")]
    for name, field in fields.items():
        layout.append((f"length of {name}", ">i4"))
        if name in filled:
            layout.append((name, field.kind))
    rows = np.empty(len(next(iter(columns.values()))), dtype=layout)
    rows["fields"] = len(fields)
    for name, field in fields.items():
        rows[f"length of {name}"] = field.length
        if name in filled:
            rows[name] = field.values
    return _without_what_is_empty(rows, filled)


def _without_what_is_empty(rows: NDArray[Any], fields: dict[str, "_Sent"]) -> bytes:
    uneven = {
        name: field.length
        for name, field in fields.items()
        if np.any(field.length != field.kind.itemsize)
    }
    if not uneven:
        return rows.tobytes()
    kept = np.ones((len(rows), rows.dtype.itemsize), dtype=np.bool_)
    for name, length in uneven.items():
        kind, start, *_ = rows.dtype.fields[name]
        kept[:, start : start + kind.itemsize] = np.arange(kind.itemsize) < length[:, None]
    return rows.view(np.uint8).reshape(kept.shape)[kept].tobytes()


class _Sent(NamedTuple):
    """A column, the kind as which PostgreSQL takes it, and each entry's bytes; -1 where empty."""

    values: NDArray[Any]
    kind: np.dtype[Any]
    length: NDArray[np.int64]


def _as_sent(name: str, values: NDArray[Any]) -> _Sent:
    field = CustomerValue._meta.get_field(name)
    if isinstance(field, models.CharField):
        words = values.astype(np.bytes_)
        return _Sent(words, words.dtype, np.char.str_len(words))
    if isinstance(field, models.DateField):
        days = values.astype("datetime64[D]")
        since = np.where(np.isnat(days), 0, (days - POSTGRES_EPOCH).astype(np.int64))
        return _Sent(since, np.dtype(">i4"), np.where(np.isnat(days), -1, 4))
    if isinstance(field, models.FloatField):
        return _Sent(values, np.dtype(">f8"), np.where(np.isnan(values), -1, 8))
    kind = np.dtype(">i4" if isinstance(field, models.PositiveIntegerField) else ">i8")
    return _Sent(values, kind, np.full(len(values), kind.itemsize))
