"""What purchases leave after product cost, by the best that is known of each line."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Case, DecimalField, F, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from customers.models import Company, ProductMargin, PurchaseDay, PurchaseLine

READ_AT_ONCE = 20_000
SHARE = DecimalField(max_digits=5, decimal_places=4)
MONEY = DecimalField(max_digits=20, decimal_places=6)

Row = tuple[int, float, float, float]


def margins_until(until: date, owner: str = "record") -> Iterator[Row]:
    """Rows of (record's pk, amount, amount whose margin is known, margin), in the currency.

    They sum the purchase days that count, up to and with this day; returns are in them. Each
    line leaves, by the first of these that is known: its amount less its own cost; the share
    that its product's margin says; that of the department which looks after the customer; the
    company's. Known is what stands by one of the first two. owner: "record__customer" sums all
    records of one customer in one row.

    Two or three queries: days, and lines where any of them knows more than its day.
    """
    default = Company.objects.current().default_margin
    days = _by_day(until, owner, default)
    if not _lines_know_more():
        yield from days.iterator(chunk_size=READ_AT_ONCE)
        return
    more = {key: (known, gain) for key, known, gain in _by_line(until, owner, default)}
    for key, amount, known, margin in days.iterator(chunk_size=READ_AT_ONCE):
        known_too, gain = more.get(key, (0, 0))
        yield key, amount, known + known_too, margin + gain


def _by_day(until: date, owner: str, default: Decimal) -> QuerySet:
    """What days tell alone: their cost where it is known of every line, else the general margin."""
    is_known = Q(cost__isnull=False)
    left = Case(
        When(is_known, then=F("amount") - F("cost")),
        default=F("amount") * _general_margin("record", default),
        output_field=MONEY,
    )
    days = PurchaseDay.objects.counting().filter(day__lte=until)
    known = Case(When(is_known, then=F("amount")), default=Value(Decimal(0)), output_field=MONEY)
    sums = days.values(owner).annotate(total=_sum(F("amount")), known=_sum(known), left=_sum(left))
    return sums.values_list(owner, "total", "known", "left")


def _by_line(until: date, owner: str, default: Decimal) -> QuerySet:
    """Of the other days, the lines that know better: their amount, and what they leave on top of
    what the general margin says."""
    counting = PurchaseDay.objects.counting().filter(cost=None, day__lte=until)
    lines = PurchaseLine.objects.filter(counts_in__in=counting).filter(
        Q(cost__isnull=False) | Q(product_margin__margin__isnull=False)
    )
    left = Case(
        When(cost__isnull=False, then=F("amount") - F("cost")),
        default=F("amount") * F("product_margin__margin"),
        output_field=MONEY,
    )
    general = F("amount") * _general_margin("counts_in__record", default)
    sums = lines.values(f"counts_in__{owner}").annotate(
        known=_sum(F("amount")), gain=_sum(left - general)
    )
    return sums.values_list(f"counts_in__{owner}", "known", "gain")


def _lines_know_more() -> bool:
    """Whether lines have to be read: without product margins and costs they add nothing."""
    costed = PurchaseLine.objects.filter(cost__isnull=False)
    return ProductMargin.objects.exists() or costed.exists()


def _general_margin(record: str, default: Decimal) -> Coalesce:
    of_department = F(f"{record}__customer__department__margin")
    return Coalesce(of_department, Value(default), output_field=SHARE)


def _sum(of: Combinable) -> Cast:
    """Added up exactly where the database can, and a float at the end."""
    return Cast(Sum(of), FloatField())
