"""Many rows at once, given as bare values."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet


def insert(rows_of: QuerySet, fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows of this table, each value rounded as its field stores it.

    Several times as fast as bulk_create, which asks every field of every object how to store it.
    """
    connection = connections[rows_of.db]
    columns = [rows_of.model._meta.get_field(name) for name in fields]
    names = ", ".join(connection.ops.quote_name(column.column) for column in columns)
    table = connection.ops.quote_name(rows_of.model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our names
            cursor.executemany(sql, _without_zones(rows, connection))


def _without_zones(
    rows: Iterable[Sequence[Any]], connection: BaseDatabaseWrapper
) -> Iterator[list[Any]]:
    """The rows with their moments as a database without time zones keeps them."""
    as_stored = lru_cache(maxsize=None)(connection.ops.adapt_datetimefield_value)
    for row in rows:
        yield [as_stored(value) if isinstance(value, datetime) else value for value in row]
