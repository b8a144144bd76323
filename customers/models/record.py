"""Where facts come from: systems, and the customers as each system knows them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers.models.changes import Change
from customers.models.customer import Customer


class SourceQuerySet(models.QuerySet):
    def hold(self, pk: int) -> "Source":
        """This source, for this transaction alone: nobody else writes purchases of it."""
        return self.select_for_update().get(pk=pk)

    def count_change(self, pk: int) -> None:
        """Note that facts of this source changed, it is not known of which days.

        Valuations and figures become due.
        """
        Change.objects.mark_all()
        self.count_marked_change(pk)

    def count_marked_change(self, pk: int) -> None:
        """The same where Change.objects.mark was told the days: no others are counted anew."""
        self.filter(pk=pk).update(changes=F("changes") + 1, changed_at=timezone.now())

    def total_changes(self) -> int:
        """How often purchases have changed, over all sources."""
        return self.aggregate(total=models.Sum("changes", default=0))["total"]


class Source(models.Model):
    """A system that sends purchases, and the last day to which it has sent all of them."""

    name = models.CharField(max_length=40, unique=True)
    complete_until = models.DateField(null=True, blank=True)
    has_ended = models.BooleanField(default=False, help_text="No more data will come from it.")
    changes = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="source_has_a_name")]

    def __str__(self) -> str:
        return self.name


class SourceRecord(models.Model):
    """A customer's key in one system. An empty key stands for all its sales to nobody known."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="records")
    key = models.CharField(max_length=64, blank=True)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="records")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="source_record_once_per_key"),
            models.CheckConstraint(
                condition=Q(key="", customer=None) | (~Q(key="") & Q(customer__isnull=False)),
                name="source_record_without_key_has_no_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.key or 'no customer'}"
