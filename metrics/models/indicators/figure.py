"""Figures: one period's value of a version, counted or reported, and the runs that count them."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from customers.models import User, Work
from customers.models.work import WorkQuerySet
from metrics.models.indicators.metric import Metric
from metrics.models.indicators.version import MetricVersion


class FigureQuerySet(models.QuerySet):
    def with_value(self) -> Self:
        """Add value: numerator over denominator, times the version's scale."""
        share = F("numerator") / Coalesce("denominator", 1.0)
        return self.annotate(value=share * F("version__scale"))


class Figure(models.Model):
    """One period of a version. An empty period has no row: it is not zero."""

    version = models.ForeignKey(MetricVersion, models.CASCADE, related_name="figures")
    starts_on = models.DateField()
    ends_on = models.DateField()
    numerator = models.FloatField()
    denominator = models.FloatField(null=True, help_text="Empty where nothing is divided.")
    rows = models.PositiveIntegerField(
        default=0, help_text="Rows of the numerator's source in the period."
    )
    is_final = models.BooleanField(default=True)

    objects = FigureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "starts_on"], name="figure_once_per_period"),
            models.CheckConstraint(
                condition=Q(denominator=None) | ~Q(denominator=0),
                name="figure_denominator_is_not_zero",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="figure_period_is_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} (figure {self.pk})"


class FigureRunQuerySet(WorkQuerySet):
    def last_done(self) -> "FigureRun | None":
        """The run whose figures are shown."""
        return self.filter(status=Work.Status.DONE).order_by("pk").last()


class FigureRun(Work):
    """One computation of all figures, as of a day; its steps are the metrics."""

    as_of = models.DateField()
    changes = models.PositiveBigIntegerField()
    valuation = models.ForeignKey(
        "metrics.Valuation",
        models.SET_NULL,
        null=True,
        related_name="figure_runs",
        help_text="The newest finished valuation that it knew.",
    )
    definitions = models.PositiveBigIntegerField(
        default=0, help_text="The newest metric version that it knew."
    )
    reached = models.PositiveBigIntegerField(
        default=0, help_text="The metric version that it counted last; they go by number."
    )

    objects = FigureRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(status__in=["waiting", "running"]),
                name="one_figure_run_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="figure_run_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Figures as of {self.as_of} (run {self.pk})"


class ReportedFigure(models.Model):
    """What somebody, or another system, says of one period. The last word counts."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="reports")
    starts_on = models.DateField()
    numerator = models.FloatField()
    denominator = models.FloatField(null=True, help_text="Empty where nothing is divided.")
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "starts_on"], name="reported_figure_once_per_period"
            ),
            models.CheckConstraint(
                condition=Q(denominator=None) | ~Q(denominator=0),
                name="reported_denominator_is_not_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} (reported figure {self.pk})"


class Baseline(models.Model):
    """The usual level and range of a version, locked: later points are judged by it."""

    version = models.ForeignKey(MetricVersion, models.CASCADE, related_name="baselines")
    first_on = models.DateField(help_text="Where its first period starts.")
    points = models.PositiveSmallIntegerField()
    centre = models.FloatField()
    mean_range = models.FloatField(help_text="Mean difference between neighbouring periods.")
    is_in_force = models.BooleanField(default=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was set anew.")
    set_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(is_in_force=True),
                name="one_baseline_of_a_version_in_force",
            ),
            models.CheckConstraint(
                condition=Q(points__gte=12), name="baseline_is_of_twelve_points_or_more"
            ),
            models.CheckConstraint(
                condition=Q(mean_range__gte=0), name="baseline_range_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(set_by=None) | ~Q(reason=""), name="baseline_set_anew_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"baseline {self.pk}"


class Annotation(models.Model):
    """What somebody knows of a day of a metric, told on its chart."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="annotations")
    day = models.DateField()
    text = models.CharField(max_length=140)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["metric", "day", "text"], name="annotation_once"),
            models.CheckConstraint(condition=~Q(text=""), name="annotation_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.text} (annotation {self.pk})"
