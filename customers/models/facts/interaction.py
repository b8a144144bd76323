"""What else happened between us and a customer: a delivery, a ticket, a call, a survey, a visit."""

from collections.abc import Iterator
from datetime import date

from django.db import models
from django.db.models import F, FloatField, Q, Sum
from django.db.models.functions import Cast

from customers.models.record import SourceRecord
from customers.models.upload import Upload

READ_AT_ONCE = 20_000


class InteractionQuerySet(models.QuerySet):
    def costs_to_serve(self, until: date) -> Iterator[tuple[int, float]]:
        """Source record's pk and what serving it has cost up to and with this day, in currency.

        A record of whose interactions none carries a cost is left out: not known is not 0.
        """
        costed = self.filter(cost__isnull=False, record__isnull=False, happened_on__lte=until)
        sums = costed.values("record").annotate(total=Cast(Sum("cost"), FloatField()))
        return sums.values_list("record", "total").iterator(chunk_size=READ_AT_ONCE)


class Interaction(models.Model):
    """One thing that happened with one customer, or with a prospect who is none yet.

    What was promised for a day and when it was done are two fields, so that late is a comparison
    and not a word that somebody chose.
    """

    class Kind(models.TextChoices):
        DISPATCH = "dispatch", "Dispatch"
        DELIVERY = "delivery", "Delivery"
        RETURN = "return", "Return"
        DEFECT = "defect", "Product defect"
        TICKET = "ticket", "Ticket"
        CALL = "call", "Call"
        INVOICE = "invoice", "Invoice"
        SURVEY = "survey", "Survey"
        OFFER = "offer", "Offer"
        REFERRAL = "referral", "Referral"
        VISIT = "visit", "Visit"
        INSTALL = "install", "App install"
        NOTICE = "notice", "Notice of leaving"
        OTHER = "other", "Other"

    class Outcome(models.TextChoices):
        REOPENED = "reopened", "Reopened: a ticket that was closed too early"
        CORRECTED = "corrected", "Corrected: an invoice credited or issued again"
        ACCEPTED = "accepted", "Accepted: an offer that was taken"
        DECLINED = "declined", "Declined: an offer that was refused"
        ENGAGED = "engaged", "Engaged: a visit that did more than look"
        TRIAL = "trial", "Trial: a visit that began one"
        PAID = "paid", "Paid: a referral that led to a paid order"

    MADE_BY_PROSPECTS = (Kind.VISIT, Kind.INSTALL, Kind.OFFER)

    record = models.ForeignKey(SourceRecord, models.PROTECT, null=True, related_name="interactions")
    prospect = models.CharField(
        max_length=64, blank=True, help_text="Who it was with, while that is no customer yet."
    )
    referred = models.ForeignKey(
        SourceRecord,
        models.PROTECT,
        null=True,
        related_name="referrals_of_it",
        help_text="Whom a referral brought.",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(
        max_length=64, help_text="Its number; where it has none, # and a hash of what it says."
    )
    happened_at = models.DateTimeField()
    happened_on = models.DateField()
    due_on = models.DateField(null=True, help_text="The day for which it was promised.")
    answered_at = models.DateTimeField(null=True, help_text="When somebody first answered.")
    done_at = models.DateTimeField(null=True, help_text="Delivered, closed, refunded, reached.")
    done_on = models.DateField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    topic = models.CharField(max_length=40, blank=True)
    site = models.CharField(
        max_length=40, blank=True, help_text="The depot, store or team that had to do with it."
    )
    score = models.FloatField(null=True, help_text="A survey's answer, from 0 to 100.")
    is_flagged = models.BooleanField(
        null=True, help_text="An invoice: whether it failed a check before it was sent."
    )
    is_record_shown = models.BooleanField(
        null=True,
        help_text="A ticket or a call: whether the customer's whole record was on the screen.",
    )
    may_be_quoted = models.BooleanField(
        default=False, help_text="Whether the customer agreed that the words are read by others."
    )
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    description = models.CharField(max_length=200, blank=True)
    upload = models.ForeignKey(
        Upload,
        models.PROTECT,
        null=True,
        related_name="interactions",
        help_text="The file that says it so; what it said before is kept beside it.",
    )

    objects = InteractionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "kind", "key"], name="interaction_once_per_kind_and_key"
            ),
            models.UniqueConstraint(
                fields=["prospect", "kind", "key"],
                condition=Q(record=None),
                name="interaction_once_per_prospect",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("dispatch", "delivery", "return", "defect", "ticket", "call", "invoice"),
                        *("survey", "offer", "referral", "visit", "install", "notice", "other"),
                    ]
                ),
                name="interaction_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=[
                        *("", "reopened", "corrected", "accepted", "declined"),
                        *("engaged", "trial", "paid"),
                    ]
                ),
                name="interaction_outcome_is_known",
            ),
            models.CheckConstraint(
                condition=Q(record__isnull=False, prospect="")
                | (Q(record=None, kind__in=["visit", "install", "offer"]) & ~Q(prospect="")),
                name="interaction_is_with_a_customer_or_a_prospect",
            ),
            models.CheckConstraint(
                condition=Q(referred=None) | (Q(kind="referral") & ~Q(referred=F("record"))),
                name="interaction_referral_brings_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(kind="survey", score__gte=0, score__lte=100),
                name="interaction_score_from_0_to_100_is_a_surveys",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_on=None)
                | Q(done_at__gte=F("happened_at"), done_on__isnull=False),
                name="interaction_done_after_it_happened",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("happened_at")),
                name="interaction_answered_after_it_happened",
            ),
            models.CheckConstraint(
                condition=Q(is_flagged=None) | Q(kind="invoice"),
                name="interaction_flag_is_an_invoices",
            ),
            models.CheckConstraint(
                condition=Q(is_record_shown=None) | Q(kind__in=["ticket", "call"]),
                name="interaction_record_is_shown_at_a_ticket_or_call",
            ),
            models.CheckConstraint(condition=~Q(key=""), name="interaction_has_a_key"),
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0), name="interaction_cost_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["-happened_on", "-id"], name="interaction_latest_first"),
            models.Index(fields=["kind", "happened_on"], name="interaction_by_day"),
            models.Index(
                fields=["kind", "due_on"],
                condition=Q(due_on__isnull=False),
                name="interaction_by_due_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.happened_on} (interaction {self.pk})"
