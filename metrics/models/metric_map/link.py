"""How one metric reaches another: the typed links of the metric map."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from customers.models import User
from metrics.models.indicators.metric import Metric

DAYS_SPOKEN_AS_MONTHS = 28
DAYS_IN_A_MONTH = 30.4
DRIVERS = ("keep", "cash", "acquire", "winning", "discount", "whole")


class LinkQuerySet(models.QuerySet):
    def with_ends(self) -> Self:
        """With the metrics at both ends, in the same query."""
        return self.select_related("child", "parent")


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

    class Driver(models.TextChoices):
        KEEP = "keep", "Twelve-month retention, a point"
        CASH = "cash", "Cash a customer and year, one of the currency"
        ACQUIRE = "acquire", "A new customer, less what winning one costs"
        WINNING = "winning", "The cost of winning a customer, one of the currency"
        DISCOUNT = "discount", "The discount rate, a point"
        WHOLE = "whole", "Customer equity itself, one of the currency"

    GRADES = {
        Rung.CORRELATED: "correlated",
        Rung.QUASI: "back-tested",
        Rung.EXPERIMENT: "experiment",
    }

    child = models.ForeignKey(Metric, models.CASCADE, related_name="links_up")
    parent = models.ForeignKey(Metric, models.CASCADE, related_name="links_down")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    rung = models.PositiveSmallIntegerField("evidence", choices=Rung.choices, default=Rung.ASSUMED)
    lag_days = models.PositiveSmallIntegerField(
        "delay", default=0, help_text="Days until the upper metric follows; 0 is the same period."
    )
    longest_lag_days = models.PositiveSmallIntegerField(
        "longest delay", null=True, blank=True, help_text="Where the delay varies."
    )
    slope = models.FloatField(
        null=True,
        blank=True,
        help_text="What one unit of the lower metric does to the upper one, in its units.",
    )
    se = models.FloatField("doubt", null=True, blank=True, help_text="Standard error of the slope.")
    driver = models.CharField(
        max_length=10,
        choices=Driver.choices,
        blank=True,
        help_text="At the top: what of the valuation it is; its slope then comes from there.",
    )
    are_distinct = models.BooleanField(
        default=False, help_text="Both departments say that this way repeats no other."
    )
    asserted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    expires_on = models.DateField(
        null=True, blank=True, help_text="After it, the link has to be looked at anew."
    )
    note = models.CharField(max_length=200, blank=True)

    objects = LinkQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=Q(driver__in=["", *DRIVERS]), name="link_driver_is_known"
            ),
            models.CheckConstraint(
                condition=Q(se=None) | Q(se__gte=0, slope__isnull=False),
                name="link_doubt_is_of_a_slope",
                violation_error_message="A doubt is not negative, and needs a slope.",
            ),
            models.CheckConstraint(
                condition=Q(longest_lag_days=None) | Q(longest_lag_days__gte=F("lag_days")),
                name="link_delays_are_in_order",
                violation_error_message="The longest delay is not shorter than the delay.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} to {self.parent}"

    @property
    def is_identity(self) -> bool:
        return self.kind == self.Kind.IDENTITY

    @property
    def points_down(self) -> bool:
        """Whether it leads to a metric further from the board than the one it starts from."""
        return self.parent.level > self.child.level

    @property
    def evidence(self) -> str:
        """What the link rests on, as words: "by definition", "assumed", "back-tested"."""
        return "by definition" if self.is_identity else self.get_rung_display().lower()

    @property
    def grade(self) -> str:
        """How its line is stroked: identity, assumed, correlated, back-tested or experiment."""
        if self.is_identity:
            return "identity"
        return self.GRADES.get(self.rung, "assumed")

    @property
    def delay(self) -> str:
        """When the upper metric follows: "at once", "in the same period", "after 10 days"."""
        if self.is_identity:
            return "at once"
        if not self.lag_days:
            return "in the same period"
        if self.lag_days < DAYS_SPOKEN_AS_MONTHS:
            return f"after {_counted(self.lag_days, 'day')}"
        return f"after about {_counted(round(self.lag_days / DAYS_IN_A_MONTH), 'month')}"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
