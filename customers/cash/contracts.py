"""Contracts as they stand on a day, as rows that make arrays."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DecimalField,
    ExpressionWrapper,
    F,
    FloatField,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, ExtractDay, ExtractMonth, ExtractYear

from customers.models import Company, Contract

READ_AT_ONCE = 20_000
A_DAY = timedelta(days=1)
SHARE = DecimalField(max_digits=5, decimal_places=4)

Row = tuple[int, int, float, int, bool, float]


def contracts_on(day: date) -> Iterator[Row]:
    """Rows of (customer's pk, tenure, fee, term, has left, margin): every contract begun by then.

    tenure: whole months from the first day to the last, both counted, or to this day where it
    goes on; fee: a month, in the currency; term: months; margin: the contract's own share, else
    the department's, else the company's. A contract that ends later has not left yet.
    """
    has_left = Q(ended_on__lte=day)
    after = Case(
        When(has_left, then=ExpressionWrapper(F("ended_on") + A_DAY, DateField())),
        default=Value(day + A_DAY),
        output_field=DateField(),
    )
    margin = Coalesce(
        "margin",
        "record__customer__department__margin",
        Value(Company.objects.current().default_margin),
        output_field=SHARE,
    )
    begun = Contract.objects.filter(started_on__lte=day, record__customer__isnull=False)
    rows = begun.annotate(after=after).values_list(
        "record__customer",
        _whole_months("started_on", "after"),
        Cast("fee", FloatField()),
        "term_months",
        Case(When(has_left, then=True), default=False, output_field=BooleanField()),
        Cast(margin, FloatField()),
    )
    return rows.order_by("record__customer", "pk").iterator(chunk_size=READ_AT_ONCE)


def _whole_months(first: str, after: str) -> ExpressionWrapper:
    """Months from one day to another; a month is whole where the day of the month is reached."""
    years = ExtractYear(after) - ExtractYear(first)
    months = ExtractMonth(after) - ExtractMonth(first)
    is_begun_only = Case(When(**{f"{after}__day__lt": ExtractDay(first)}, then=1), default=0)
    return years * 12 + months - is_begun_only
