"""What else happened between us and a customer: a delivery, a ticket, a call, a visit."""

from collections.abc import Iterator
from datetime import date

from django.db import models
from django.db.models import FloatField, Q, Sum
from django.db.models.functions import Cast

from customers.models.record import SourceRecord

READ_AT_ONCE = 20_000


class InteractionQuerySet(models.QuerySet):
    def costs_to_serve(self, until: date) -> Iterator[tuple[int, float]]:
        """Source record's pk and what serving it has cost up to and with this day, in currency.

        A record of whose interactions none carries a cost is left out: not known is not 0.
        """
        costed = self.filter(cost__isnull=False, happened_on__lte=until)
        sums = costed.values("record").annotate(total=Cast(Sum("cost"), FloatField()))
        return sums.values_list("record", "total").iterator(chunk_size=READ_AT_ONCE)


class Interaction(models.Model):
    """One thing that happened on one day with one customer; cost: what it cost us, if known."""

    class Kind(models.TextChoices):
        DELIVERY = "delivery", "Delivery"
        TICKET = "ticket", "Ticket"
        CALL = "call", "Call"
        VISIT = "visit", "Visit"
        INVOICE = "invoice", "Invoice"
        OFFER = "offer", "Offer"
        OTHER = "other", "Other"

    record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="interactions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(
        max_length=64, help_text="Its number; where it has none, # and a hash of what it says."
    )
    happened_at = models.DateTimeField()
    happened_on = models.DateField(db_index=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    description = models.CharField(max_length=200, blank=True)

    objects = InteractionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "kind", "key"], name="interaction_once_per_kind_and_key"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["delivery", "ticket", "call", "visit", "invoice", "offer", "other"]
                ),
                name="interaction_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(key=""), name="interaction_has_a_key"),
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0), name="interaction_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.happened_on} (interaction {self.pk})"
