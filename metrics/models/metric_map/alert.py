"""Alerts: what an owner should look at, once, with the way up that it concerns."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers.models import Company, User
from metrics.models.indicators.metric import Metric


class AlertQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """Not acknowledged, and not snoozed until later."""
        today = Company.objects.today()
        return self.filter(acknowledged_at=None).filter(
            Q(snoozed_until=None) | Q(snoozed_until__lte=today)
        )


class Alert(models.Model):
    """One message to one owner. One a way: what follows below it is only marked as expected.

    A hole where no metric stands is the map administrator's, and of no metric.
    """

    class Kind(models.TextChoices):
        SIGNAL = "signal", "A signal"
        HOLE = "hole", "A hole has opened"
        LATE = "late", "Data are late"

    metric = models.ForeignKey(Metric, models.CASCADE, null=True, related_name="alerts")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="alerts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    period_on = models.DateField(help_text="Where it began: the same one alerts once.")
    sentence = models.CharField(max_length=300)
    path = models.CharField(max_length=300, blank=True, help_text="The way up that it concerns.")
    expected_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        related_name="expected",
        help_text="The alert below it on the same way, of which this is the consequence.",
    )
    is_held_back = models.BooleanField(
        default=False, help_text="The month's budget was used up: it waits on the board."
    )
    raised_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, help_text="In the digest by e-mail.")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    comment = models.CharField(max_length=300, blank=True)
    snoozed_until = models.DateField(null=True)
    snooze_reason = models.CharField(max_length=200, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "kind", "period_on"], name="alert_once_a_signal"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["signal", "hole", "late"]), name="alert_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="hole") | Q(metric__isnull=False),
                name="alert_is_of_a_metric_or_a_hole",
            ),
            models.CheckConstraint(
                condition=Q(snoozed_until=None) | ~Q(snooze_reason=""),
                name="alert_snoozed_has_a_reason",
                violation_error_message="Say why it can wait.",
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"


class OpenHole(models.Model):
    """A hole of the map in force, from the day it was seen first to the day it was seen no more."""

    rule = models.CharField(max_length=4, help_text="H1 to H11.")
    place = models.CharField(max_length=160, help_text="A metric's key, or where one is missing.")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "place"],
                condition=Q(closed_on=None),
                name="hole_is_open_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="hole_closes_after_it_opened",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} at {self.place} (hole {self.pk})"
