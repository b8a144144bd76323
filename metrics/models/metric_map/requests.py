"""What people ask of each other about a metric: data that are missing, control that is disputed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from customers.models import Department, User
from metrics.models.indicators.metric import Metric


class DataRequest(models.Model):
    """A hole that somebody wants filled: whose data, for which metric, until when."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="data_requests")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_on = models.DateField()
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="data_requests", help_text="Who delivers."
    )
    source = models.CharField(max_length=80, help_text="The system that knows.")
    wanted = models.CharField(max_length=200, help_text="What is needed of it.")
    promised_on = models.DateField(null=True, blank=True)
    delivered_on = models.DateField(null=True, blank=True)
    refused_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True)
    opened_path = models.CharField(
        max_length=300, blank=True, help_text="The way to the top that its delivery opened."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric"],
                condition=Q(delivered_on=None, refused_on=None),
                name="one_open_data_request_a_metric",
                violation_error_message="These data have been asked for already.",
            ),
            models.CheckConstraint(
                condition=Q(delivered_on=None) | Q(refused_on=None),
                name="data_request_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(refused_on=None) | ~Q(answer=""),
                name="data_request_refused_says_why",
                violation_error_message="Say why the data cannot be had.",
            ),
            models.CheckConstraint(
                condition=~Q(source="") & ~Q(wanted=""), name="data_request_says_what"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wanted} (data request {self.pk})"

    @property
    def is_open(self) -> bool:
        return self.delivered_on is None and self.refused_on is None


class Dispute(models.Model):
    """Somebody says that a metric cannot be moved as its control badge claims; it is answered."""

    class Outcome(models.TextChoices):
        KEPT = "kept", "Control stays as it is"
        CHANGED = "changed", "Control is changed in the next edition"

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="disputes")
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    said = models.CharField(max_length=300)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "raised_by"],
                condition=Q(answered_at=None),
                name="one_open_dispute_a_metric_and_person",
                violation_error_message="Your dispute is open already.",
            ),
            models.CheckConstraint(condition=~Q(said=""), name="dispute_says_why"),
            models.CheckConstraint(
                condition=Q(answered_at=None, outcome="", answer="")
                | (Q(answered_at__isnull=False, outcome__in=["kept", "changed"]) & ~Q(answer="")),
                name="dispute_answered_says_why",
                violation_error_message="Say why.",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}"
