"""What moving a metric is worth at the top of the map, with its doubt and its delay."""

from django.db import models
from django.db.models import Q

from customers.models import Work
from customers.models.work import WorkQuerySet
from metrics.models.indicators.metric import Metric
from metrics.models.metric_map.link import Link


class RollUpQuerySet(WorkQuerySet):
    def in_force(self) -> "RollUp | None":
        """The one whose worths are shown."""
        return self.filter(status=Work.Status.DONE).order_by("pk").last()

    def last_to_look_for_holes(self) -> "RollUp | None":
        """The last one with which the map's holes were looked at."""
        looked = self.filter(holes_seen_at__isnull=False)
        return looked.select_related("edition").order_by("pk").last()


class RollUp(Work):
    """One computation of what every metric is worth; money in the company's currency.

    It becomes due when the valuation, the map, the figures or the evidence change.
    """

    valuation = models.ForeignKey(
        "metrics.Valuation", models.SET_NULL, null=True, related_name="roll_ups"
    )
    edition = models.ForeignKey(
        "metrics.MapEdition", models.SET_NULL, null=True, related_name="roll_ups"
    )
    figures = models.ForeignKey(
        "metrics.FigureRun", models.SET_NULL, null=True, related_name="roll_ups"
    )
    as_of = models.DateField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    draws = models.PositiveIntegerField(default=0)
    holes_seen_at = models.DateTimeField(
        null=True, help_text="When the map was looked at for holes that open; empty: it was not."
    )

    objects = RollUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(status__in=["waiting", "running"]),
                name="one_roll_up_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="roll_up_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"roll-up {self.pk}"


class MetricWorth(models.Model):
    """What one unit, and one achievable step, of a metric in its good direction does at the top.

    low and high: 5 and 95 of 100 draws. Where it cannot be known, unknown says why and the
    numbers are empty. Where they hold a part of it only, leaves_out says what is not in them.
    """

    class StepBasis(models.TextChoices):
        BEST_QUARTER = "best", "Its own best quarter"
        MATERIAL = "material", "The smallest change that matters"
        TARGET = "target", "Its target"

    roll_up = models.ForeignKey(RollUp, models.CASCADE, related_name="worths")
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="worths")
    per_unit = models.FloatField(null=True)
    per_unit_low = models.FloatField(null=True)
    per_unit_high = models.FloatField(null=True)
    p_right = models.FloatField(null=True, help_text="Chance that the sign is right.")
    step = models.FloatField(
        null=True, help_text="In the metric's unit, signed: the direction that is good."
    )
    step_basis = models.CharField(max_length=10, choices=StepBasis.choices, blank=True)
    gain = models.FloatField(null=True, help_text="Of one step.")
    gain_low = models.FloatField(null=True)
    gain_high = models.FloatField(null=True)
    exact_gain = models.FloatField(
        null=True, help_text="Of one step, by valuing again; empty where that is not done."
    )
    half_after_days = models.PositiveIntegerField(null=True)
    whole_after_days = models.PositiveIntegerField(null=True)
    smallest_change = models.FloatField(
        null=True, help_text="What is worth the company's materiality, in the metric's unit."
    )
    periods_to_notice = models.PositiveIntegerField(null=True)
    doubtful_link = models.ForeignKey(
        Link, models.SET_NULL, null=True, related_name="+", help_text="Carries most of the doubt."
    )
    enables = models.FloatField(
        default=0, help_text="Worth of one step of the metrics whose data this one delivers."
    )
    has_double_route = models.BooleanField(default=False)
    lowest_rung = models.PositiveSmallIntegerField(null=True, help_text="On its best way up.")
    unknown = models.CharField(max_length=200, blank=True)
    leaves_out = models.CharField(
        max_length=300, blank=True, help_text="What the numbers do not hold, in sentences."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roll_up", "metric"], name="metric_worth_once"),
            models.CheckConstraint(
                condition=Q(per_unit=None)
                | Q(
                    per_unit_low__lte=models.F("per_unit_high"),
                    p_right__gte=0,
                    p_right__lte=1,
                ),
                name="metric_worth_bounds_are_in_order",
            ),
            models.CheckConstraint(
                condition=Q(unknown="", per_unit__isnull=False)
                | (~Q(unknown="") & Q(per_unit=None, gain=None)),
                name="metric_worth_is_known_or_says_why",
            ),
            models.CheckConstraint(
                condition=Q(leaves_out="") | Q(unknown=""),
                name="metric_worth_leaves_out_of_what_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"worth {self.pk}"
