"""What customers bought: orders, their lines, and the purchase days that value is read from."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Round

from customers.models.facts.cash import ProductMargin
from customers.models.insertion import insert
from customers.models.record import SourceRecord
from customers.models.upload import Upload

BY_MOMENT = "@"


class Purchase(models.Model):
    """One order of one customer: known by its code, else by the moment it was made.

    bought_at and bought_on are those of its earliest line.
    """

    record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="purchases")
    order_key = models.CharField(
        max_length=64, help_text="The order's code; where it has none, @ and the moment."
    )
    bought_at = models.DateTimeField()
    bought_on = models.DateField(db_index=True)
    channel = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "order_key"], name="purchase_once_per_order"),
        ]

    def __str__(self) -> str:
        return f"{self.order_key} (purchase {self.pk})"


class PurchaseLineQuerySet(models.QuerySet):
    def sales(self) -> Self:
        return self.filter(amount__gte=0)

    def returns(self) -> Self:
        return self.filter(amount__lt=0)

    def insert(self, fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add lines given as bare values of these fields, each rounded as its field stores it."""
        insert(self, fields, rows)


class PurchaseLine(models.Model):
    """One line of an order, its amount in the company's currency. Below zero it is a return.

    Two equal lines of one file are two lines: the n-th of them has occurrence n. The same file
    sent again finds content and occurrence here already. A return reduces the latest earlier
    line of the same customer and product, else of the same order; where there is none it
    stands alone. It counts in the purchase day of the sale that it reduces.
    """

    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="lines", db_index=False)
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="lines")
    content = models.BigIntegerField(
        db_index=True, help_text="A 64-bit hash of what the line says, its customer and order too."
    )
    occurrence = models.PositiveIntegerField()
    bought_at = models.DateTimeField()
    bought_on = models.DateField(db_index=True)
    product = models.CharField(max_length=160, blank=True)
    product_margin = models.ForeignObject(  # no column: the margin of the product of this name
        ProductMargin,
        models.DO_NOTHING,
        from_fields=["product"],
        to_fields=["product"],
        null=True,
        related_name="+",
    )
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    item = models.BigIntegerField(
        null=True, help_text="A 64-bit hash of customer and product, where both are known."
    )
    reduces = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="returns", db_index=True
    )
    counts_in = models.ForeignKey(
        "PurchaseDay",
        models.PROTECT,
        null=True,
        related_name="lines",
        help_text="Its own day, or that of the sale it reduces; none for a sale to a guest.",
    )

    objects = PurchaseLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "content", "occurrence"], name="purchase_line_once"
            ),
            models.CheckConstraint(
                condition=Q(reduces=None) | Q(amount__lt=0), name="only_a_return_reduces"
            ),
        ]
        indexes = [models.Index(fields=["item", "bought_at"])]

    def __str__(self) -> str:
        return f"{self.product or 'line'} (line {self.pk})"


class PurchaseDayQuerySet(models.QuerySet):
    def counting(self) -> Self:
        """The days that are purchases: something was bought, and its net is not negative."""
        return self.filter(lines_bought__gt=0, cents__gte=0)


class PurchaseDay(models.Model):
    """What one source record bought on one day, less what of it came back at any time.

    Kept in the transaction of the import or undo that changes it: it always equals the
    grouping of the lines that count in it. Guest sales have no days.
    """

    record = models.ForeignKey(SourceRecord, models.CASCADE, related_name="days")
    day = models.DateField(db_index=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    cents = models.GeneratedField(
        expression=Cast(Round(F("amount") * 100), models.BigIntegerField()),
        output_field=models.BigIntegerField(),
        db_persist=True,
        help_text="The amount as a whole number, which the value engine reads.",
    )
    cost = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, help_text="Where every line's is known."
    )
    lines_bought = models.PositiveIntegerField()

    objects = PurchaseDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "day"], name="purchase_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} (day {self.pk})"
