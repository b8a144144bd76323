"""Metrics as declared rows, and the figures that were counted by them."""

from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from customers.models import Department, User, Work
from customers.models.work import WorkQuerySet

MOST_DAYS = 3_660


class Metric(models.Model):
    """A number that a department watches, by name. How it is counted is its version's matter."""

    class Level(models.IntegerChoices):
        BOARD = 1, "Board"
        OUTCOME = 2, "Customer outcome"
        HEAD = 3, "Department head"
        FRONT_LINE = 4, "Front line"

    class Lever(models.TextChoices):
        ACQUIRE = "acquire", "Acquire"
        KEEP = "keep", "Keep longer"
        GROW = "grow", "Grow margin"

    class Direction(models.TextChoices):
        UP = "up", "Higher is better"
        DOWN = "down", "Lower is better"
        NONE = "none", "Neither is better by itself"

    class Control(models.TextChoices):
        FULL = "full", "You control"
        SHARED = "shared", "Shared"
        NONE = "none", "Only watch"

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=300)
    department = models.ForeignKey(Department, models.PROTECT, related_name="metrics")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="metrics")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    lever = models.CharField(max_length=10, choices=Lever.choices, blank=True)
    direction = models.CharField(max_length=5, choices=Direction.choices)
    control = models.CharField(max_length=10, choices=Control.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=[1, 2, 3, 4]), name="metric_level_is_known"
            ),
            models.UniqueConstraint(
                fields=["level"],
                condition=Q(level=1),
                name="one_metric_at_the_top",
                violation_error_message="There is one metric at the top, and it is there already.",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["up", "down", "none"]), name="metric_direction_is_known"
            ),
            models.CheckConstraint(
                condition=Q(control__in=["full", "shared", "none"]), name="metric_control_is_known"
            ),
            models.CheckConstraint(
                condition=Q(lever__in=["", "acquire", "keep", "grow"]), name="metric_lever_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MetricVersionQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        return self.filter(is_in_force=True)


class MetricVersion(models.Model):
    """How a metric is counted. A change of it is a new version; figures keep theirs."""

    class Grain(models.TextChoices):
        WEEK = "week", "Week"
        MONTH = "month", "Month"

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    is_in_force = models.BooleanField(default=True)
    grain = models.CharField(max_length=5, choices=Grain.choices)
    unit = models.CharField(max_length=40, help_text="What one is: customers, % of orders, GBP.")
    scale = models.PositiveSmallIntegerField(
        default=1, help_text="100 where a share is shown as a percentage."
    )
    decimals = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(4)])
    ripens_after_days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text="Days after a period's end until its figure is final.",
    )
    history_days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text="Days of data, up to a period's end, without which it has no figure.",
    )

    objects = MetricVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["metric", "number"], name="metric_version_once"),
            models.UniqueConstraint(
                fields=["metric"],
                condition=Q(is_in_force=True),
                name="one_version_of_a_metric_in_force",
            ),
            models.CheckConstraint(
                condition=Q(grain__in=["week", "month"]), name="metric_version_grain_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    decimals__lte=4, ripens_after_days__lte=MOST_DAYS, history_days__lte=MOST_DAYS
                ),
                name="metric_version_days_and_decimals_are_bounded",
            ),
            models.CheckConstraint(
                condition=Q(scale__in=[1, 100]), name="metric_version_scale_is_1_or_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric}, version {self.number}"


class Measure(models.Model):
    """The numerator or the denominator of a version: an aggregate over a source's rows."""

    class Side(models.TextChoices):
        NUMERATOR = "numerator", "Counts"
        DENOMINATOR = "denominator", "Out of"

    class Aggregate(models.TextChoices):
        COUNT = "count", "Number of rows"
        DISTINCT = "distinct", "Number of different"
        SUM = "sum", "Sum of"

    version = models.ForeignKey(MetricVersion, models.CASCADE, related_name="measures")
    side = models.CharField(max_length=12, choices=Side.choices)
    source = models.CharField(max_length=20)
    aggregate = models.CharField(max_length=10, choices=Aggregate.choices)
    field = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "side"], name="measure_once_per_side"),
            models.CheckConstraint(
                condition=Q(side__in=["numerator", "denominator"]), name="measure_side_is_known"
            ),
            models.CheckConstraint(
                condition=Q(aggregate="count", field="")
                | (Q(aggregate__in=["distinct", "sum"]) & ~Q(field="")),
                name="measure_of_a_field_names_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} (measure {self.pk})"


class Condition(models.Model):
    """A row counts only where its field compares so with the value."""

    class Comparison(models.TextChoices):
        EQUAL = "eq", "is"
        LESS = "lt", "is less than"
        AT_MOST = "lte", "is at most"
        AT_LEAST = "gte", "is at least"
        MORE = "gt", "is more than"

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="conditions")
    field = models.CharField(max_length=20)
    comparison = models.CharField(max_length=5, choices=Comparison.choices)
    value = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(comparison__in=["eq", "lt", "lte", "gte", "gt"]),
                name="condition_comparison_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.get_comparison_display()} {self.value} (condition {self.pk})"


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
