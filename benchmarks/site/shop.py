"""A database filled with simulated customers and their purchase days."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from django.db import connection, transaction
from django.db.models import Model

from benchmarks.population import LAST_DAY, simulate
from customers.models import Customer, Department, PurchaseDay, Source, SourceRecord

UNTIL: date = LAST_DAY.astype(date)
EPOCH = np.datetime64("1970-01-01")


def fill(customers: int) -> int:
    """Customers with a record each and their purchase days, in the order of the days: how many
    days."""
    population = simulate(customers, seed=20240101)
    key = (population.day - EPOCH).astype(np.int64) * customers + population.customer
    keys, row = np.unique(key, return_inverse=True)
    amounts = np.round(np.bincount(row, population.amount), 2)
    sales = Department.objects.create(name="Sales").pk
    shop = Source.objects.create(name="shop", complete_until=UNTIL).pk
    one = np.arange(1, customers + 1)
    codes = np.char.add("c", one.astype(str))
    insert(Customer, id=one, code=codes, name="", kind="unknown", country="", channel="",
           department_id=sales)  # fmt: skip
    insert(SourceRecord, id=one, source_id=shop, key=codes, customer_id=one)
    day = (EPOCH + keys // customers).astype(str)
    insert(PurchaseDay, record_id=keys % customers + 1, day=day, amount=amounts, lines_bought=1)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM")
        cursor.execute("ANALYZE")
    return len(keys)


@transaction.atomic
def insert(model: type[Model], **columns: Any) -> None:
    """Rows of these columns, one entry a row or one for all."""
    table, names = model._meta.db_table, ", ".join(columns)
    arrays = np.broadcast_arrays(*columns.values())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            block = pa.BufferOutputStream()
            pa.csv.write_csv(
                pa.table(dict(zip(columns, map(np.ascontiguousarray, arrays), strict=True))),
                block,
                pa.csv.WriteOptions(include_header=False),
            )
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT CSV)") as sink:
                sink.write(block.getvalue().to_pybytes())
        else:
            marks = ", ".join(["%s"] * len(columns))
            rows = zip(*(each.tolist() for each in arrays), strict=True)
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
