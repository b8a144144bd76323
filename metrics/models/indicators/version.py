"""How a metric is counted: versions, their two sides and conditions."""

from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from metrics.models.indicators.metric import Metric

MOST_DAYS = 3_660
SCALES = [1, 4, 12, 52, 100, 400, 1200, 5200]


class MetricVersionQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        return self.filter(is_in_force=True)

    def counted(self) -> Self:
        """Those in force, and those that still run beside their successor."""
        on_the_map = self.filter(metric__retired_on=None)
        return on_the_map.filter(Q(is_in_force=True) | Q(beside_until__isnull=False))


class MetricVersion(models.Model):
    """How a metric is counted. A change of it is a new version; figures keep theirs."""

    class Grain(models.TextChoices):
        DAY = "day", "Day"
        WEEK = "week", "Week"
        MONTH = "month", "Month"
        QUARTER = "quarter", "Quarter"

    class Way(models.TextChoices):
        COUNTED = "counted", "Counted from facts"
        DERIVED = "derived", "By a formula over other metrics"
        REPORTED = "reported", "Reported by somebody, or by another system"
        AWAITED = "awaited", "Not measured yet: its data are awaited"

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    is_in_force = models.BooleanField(default=True)
    beside_until = models.DateField(
        null=True, blank=True, help_text="Until then it is counted beside the one that follows it."
    )
    made_on = models.DateField(null=True, blank=True, help_text="The day from which it counts.")
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.COUNTED)
    formula = models.CharField(
        max_length=300,
        blank=True,
        help_text="Keys of metrics, numbers, + - * / and brackets. Of what is counted or reported:"
        " what it is made of by definition, for the strength of the links below it.",
    )
    grain = models.CharField(max_length=8, choices=Grain.choices)
    unit = models.CharField(max_length=40, help_text="What one is: customers, % of orders, GBP.")
    scale = models.PositiveSmallIntegerField(
        default=1,
        help_text="100 for a percentage; 12, 52 for what is told as of a year.",
    )
    decimals = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(4)])
    ripens_after_days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text="Days after a period's end until its figure is final.",
    )
    revision_days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text="Days after a period's end within which late data change its figure; 0: always.",
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
                condition=Q(grain__in=["day", "week", "month", "quarter"]),
                name="metric_version_grain_is_known",
            ),
            models.CheckConstraint(
                condition=Q(way__in=["counted", "derived", "reported", "awaited"])
                & (~Q(way="derived") | ~Q(formula="")),
                name="metric_version_derived_one_has_a_formula",
            ),
            models.CheckConstraint(
                condition=Q(beside_until=None) | Q(is_in_force=False),
                name="metric_version_beside_is_not_in_force",
            ),
            models.CheckConstraint(
                condition=Q(
                    decimals__lte=4,
                    ripens_after_days__lte=MOST_DAYS,
                    revision_days__lte=MOST_DAYS,
                    history_days__lte=MOST_DAYS,
                ),
                name="metric_version_days_and_decimals_are_bounded",
            ),
            models.CheckConstraint(
                condition=Q(scale__in=SCALES), name="metric_version_scale_is_known"
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
        MEDIAN = "median", "Median of"

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
                | (Q(aggregate__in=["distinct", "sum", "median"]) & ~Q(field="")),
                name="measure_of_a_field_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(aggregate="median", side="denominator"),
                name="measure_divides_by_no_median",
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
