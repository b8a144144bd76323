"""Between the database and arrays: purchase days out, values in, one switch at the end."""

from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np
from django.db import transaction
from django.db.models import BigIntegerField, Count, F, Func
from django.db.models.functions import Cast, Round
from numpy.typing import NDArray

from customers.imports.notation.reasons import Reason
from customers.models import PurchaseDay, PurchaseLine, SetAsideRow, Upload
from metrics.models import CustomerValue, Valuation

READ_AT_ONCE = 20_000
WRITE_AT_ONCE = 2_000
KEPT_WITH_VALUES = 3


@dataclass(frozen=True)
class PurchaseDays:
    """One row a customer and day that counts: customer's pk, day, amount in currency."""

    customer: NDArray[np.int64]
    day: NDArray[np.datetime64]
    amount: NDArray[np.float64]


class DaysSince1970(Func):
    """A day as a whole number, so that it needs no object on its way into an array."""

    output_field = BigIntegerField()
    arity = 1

    def as_sqlite(self, compiler, connection, **context):
        template = "CAST(julianday(%(expressions)s) - 2440587.5 AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "(%(expressions)s - DATE '1970-01-01')"
        return self.as_sql(compiler, connection, template=template, **context)


def read_purchase_days(until: date) -> PurchaseDays:
    """The days that count up to and with this one, for every customer; guests have none."""
    cents = Cast(Round(F("amount") * 100), BigIntegerField())
    rows = (
        PurchaseDay.objects.counting()
        .filter(day__lte=until)
        .values_list("record__customer", DaysSince1970("day"), cents)
        .iterator(chunk_size=READ_AT_ONCE)
    )
    parts = [np.empty((0, 3), dtype=np.int64)]
    while chunk := list(islice(rows, READ_AT_ONCE)):
        parts.append(np.array(chunk, dtype=np.int64))
    customer, day, cent = np.concatenate(parts).T
    return PurchaseDays(customer, day.astype("datetime64[D]"), cent / 100.0)


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
    set_aside = SetAsideRow.objects.filter(doing=Upload.Doing.IMPORT).values_list("reason")
    reasons |= {
        f"rows set aside: {Reason(reason).label}": rows
        for reason, rows in set_aside.annotate(rows=Count("pk")).order_by("reason")
    }
    return {reason: number for reason, number in reasons.items() if number}


@transaction.atomic
def start_over(valuation: Valuation, customers: int) -> None:
    """Take away what an earlier attempt has stored, and count from nothing."""
    valuation.advance(-valuation.steps_done, steps_total=customers)
    CustomerValue.objects.filter(valuation=valuation).delete()


@transaction.atomic
def write_values(valuation: Valuation, values: list[CustomerValue]) -> None:
    """Store some customers' values and count them as done, both or neither."""
    valuation.advance(len(values))
    CustomerValue.objects.bulk_create(values)


@transaction.atomic
def switch(valuation: Valuation, **results) -> None:
    """End the run; a current one comes into force in the same moment as the last one leaves it."""
    newer = Valuation.objects.filter(in_force=True, pk__gt=valuation.pk)
    is_newest = valuation.purpose == Valuation.Purpose.CURRENT and not newer.exists()
    if is_newest:
        Valuation.objects.filter(in_force=True).update(in_force=False)
    valuation.finish(in_force=is_newest, **results)


def thin_out(valuation: Valuation) -> None:
    """Drop what this run replaces: older runs of its month end, and values a customer of older
    current runs; their totals and diagnostics stay."""
    older = Valuation.objects.filter(purpose=valuation.purpose, pk__lt=valuation.pk)
    if valuation.purpose == Valuation.Purpose.MONTH_END:
        older.filter(as_of=valuation.as_of).delete()
    elif valuation.purpose == Valuation.Purpose.CURRENT:
        kept = older.order_by("-pk").values_list("pk", flat=True)[:KEPT_WITH_VALUES]
        thinned = CustomerValue.objects.filter(valuation__in=older)
        thinned.exclude(valuation__in=list(kept)).delete()
