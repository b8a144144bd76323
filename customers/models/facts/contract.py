"""What customers pay by contract: a fee a month, renewed term by term until it ends."""

from django.db import models
from django.db.models import F, Q

from customers.models.record import SourceRecord
from customers.models.upload import Upload

LONGEST_TERM = 60


class Contract(models.Model):
    """One contract of one customer, who may buy without one too. Fees are in the currency."""

    record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=64, help_text="What the source knows it by.")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, help_text="Its last day; empty while it goes on.")
    term_months = models.PositiveSmallIntegerField(
        help_text="Months from one chance to leave to the next."
    )
    fee = models.DecimalField("fee a month", max_digits=14, decimal_places=2)
    margin = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        null=True,
        help_text="Share of the fee left after its cost; empty: the department's or company's.",
    )
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="contracts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "number"], name="contract_once_per_number"),
            models.CheckConstraint(condition=~Q(number=""), name="contract_has_a_number"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="contract_ends_no_earlier_than_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(term_months__gte=1, term_months__lte=LONGEST_TERM),
                name="contract_term_between_1_and_60_months",
            ),
            models.CheckConstraint(condition=Q(fee__gte=0), name="contract_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(margin=None) | Q(margin__gte=-1, margin__lte=1),
                name="contract_margin_between_minus_1_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} (contract {self.pk})"
