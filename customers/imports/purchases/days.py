"""Purchase days, kept equal to the lines that count in them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum

from customers.models import Change, PurchaseDay, PurchaseLine

RecordDay = tuple[int, date]
CENT = Decimal("0.01")


def days_for(wanted: Iterable[RecordDay]) -> dict[RecordDay, int]:
    """The purchase day of each record and day: (record pk, day) -> pk; made where there is none.

    A new one is empty: whoever lets lines count in it calls rebuild in the same transaction.
    """
    days = PurchaseDay.objects.bulk_create(
        [
            PurchaseDay(record_id=record, day=day, amount=0, lines_bought=0)
            for record, day in set(wanted)
        ],
        update_conflicts=True,
        unique_fields=["record", "day"],
        update_fields=["day"],
    )
    return {(day.record_id, day.day): day.pk for day in days}


def rebuild(days: Iterable[int]) -> None:
    """Sum these purchase days anew from their lines; a day without lines is removed."""
    days = set(days)
    known = PurchaseDay.objects.filter(pk__in=days)
    Change.objects.mark(Change.PURCHASE, known.values_list("day", flat=True))
    lines = PurchaseLine.objects.filter(counts_in__in=days)
    sums = lines.values("counts_in", "counts_in__record", "counts_in__day").annotate(
        amounts=Sum("amount"),
        costs=Sum("cost"),
        sales=Count("pk", filter=Q(amount__gte=0)),
        unknown_costs=Count("pk", filter=Q(cost=None)),
    )
    rebuilt = {
        row["counts_in"]: PurchaseDay(
            record_id=row["counts_in__record"],
            day=row["counts_in__day"],
            amount=_in_cents(row["amounts"]),
            cost=None if row["unknown_costs"] else _in_cents(row["costs"]),
            lines_bought=row["sales"],
        )
        for row in sums
    }
    PurchaseDay.objects.bulk_create(
        rebuilt.values(),
        update_conflicts=True,
        unique_fields=["record", "day"],
        update_fields=["amount", "cost", "lines_bought"],
    )
    PurchaseDay.objects.filter(pk__in=days - rebuilt.keys()).delete()


def _in_cents(total: Decimal) -> Decimal:
    """The exact sum: SQLite adds floats, and a day that comes to 0 must not be below it."""
    return total.quantize(CENT) + 0
