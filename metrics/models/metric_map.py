"""How one metric reaches another: the typed links of the metric map."""

from django.db import models
from django.db.models import F, Q

from metrics.models.indicator import Metric


class Link(models.Model):
    """From a metric to the one above it that it moves. Links never run in a circle."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", "Identity: exact, by definition"
        LEADING = "leading", "Leading: moves it later"
        RISK = "risk", "Risk: acts on the discount rate"

    class Rung(models.IntegerChoices):
        ASSUMED = 0, "Assumed"
        AGREED = 1, "Agreed by both departments"
        LITERATURE = 2, "From the literature"
        CORRELATED = 3, "Correlated, survived a holdout"
        QUASI = 4, "Back-tested"
        EXPERIMENT = 5, "Experiment"

    child = models.ForeignKey(Metric, models.CASCADE, related_name="links_up")
    parent = models.ForeignKey(Metric, models.CASCADE, related_name="links_down")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    rung = models.PositiveSmallIntegerField("evidence", choices=Rung.choices, default=Rung.ASSUMED)
    lag_days = models.PositiveSmallIntegerField(
        "delay", default=0, help_text="Days until the upper metric follows; 0 is the same period."
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child", "parent"],
                name="link_once",
                violation_error_message="These two metrics are linked already.",
            ),
            models.CheckConstraint(
                condition=~Q(child=F("parent")),
                name="link_joins_two_metrics",
                violation_error_message="A metric cannot lead to itself.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["identity", "leading", "risk"]), name="link_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(rung__lte=5), name="link_rung_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.child} to {self.parent}"
