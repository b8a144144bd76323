"""Customer equity under other conditions: the pull of each driver, and named scenarios."""

from decimal import Decimal
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from customers.models import User, Work
from metrics.models.valuation import Valuation


class DriverPullQuerySet(models.QuerySet):
    def told(self) -> Self:
        """Those that pages list; a year's cash of everybody is the map's own gradient."""
        return self.exclude(driver=DriverPull.Driver.CASH)


class DriverPull(models.Model):
    """What one step of a driver does to customer equity, by exact recomputation."""

    class Driver(models.TextChoices):
        KEEP = "keep", "Keep longer"
        RATE = "rate", "Buy more often"
        SPEND = "spend", "Spend more a purchase"
        MARGIN = "margin", "Earn more on a sale"
        DISCOUNT = "discount", "Discount rate"
        ACQUIRE = "acquire", "Win a customer"
        CASH = "cash", "Bring more a year"

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="pulls")
    driver = models.CharField(max_length=8, choices=Driver.choices)
    step = models.CharField(max_length=60)
    gain = models.FloatField(null=True, help_text="In the currency; empty: it cannot be known.")

    objects = DriverPullQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["valuation", "driver"], name="driver_pull_once"),
        ]

    def __str__(self) -> str:
        return f"{self.driver} (pull {self.pk})"


FACTOR = [MinValueValidator(Decimal("0.01")), MaxValueValidator(100)]


class Scenario(models.Model):
    """A named set of changes against the valuation in force. 1, or 0 points, changes nothing."""

    name = models.CharField(max_length=60, unique=True)
    owner = models.ForeignKey(User, models.PROTECT, related_name="scenarios")
    note = models.CharField(max_length=300, blank=True, help_text="Why it could come so.")
    drop_out = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        default=1,
        validators=FACTOR,
        help_text="Times the chance of leaving: 0.9 is a tenth fewer.",
    )
    rate = models.DecimalField(
        "purchase rate",
        max_digits=6,
        decimal_places=3,
        default=1,
        validators=FACTOR,
        help_text="Times as often: 1.05 is 5% more purchases.",
    )
    spend = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        default=1,
        validators=FACTOR,
        help_text="Times as much a purchase.",
    )
    margin_points = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(-100), MaxValueValidator(100)],
        help_text="Points added to the margin: 2 turns 30% into 32%.",
    )
    yearly_rate = models.DecimalField(
        "discount rate",
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="Empty: as in the valuation.",
    )
    months = models.PositiveSmallIntegerField(
        "horizon",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Months; empty: as in the valuation.",
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="scenario_has_a_name"),
            models.CheckConstraint(
                condition=Q(drop_out__gt=0, rate__gt=0, spend__gt=0),
                name="scenario_factors_above_zero",
            ),
            models.CheckConstraint(
                condition=Q(margin_points__gte=-100, margin_points__lte=100),
                name="scenario_margin_within_100_points",
            ),
            models.CheckConstraint(
                condition=Q(months=None) | Q(months__gte=1, months__lte=60),
                name="scenario_horizon_between_1_and_60_months",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioShock(models.Model):
    """From a month on, customers of one size buy so many times as much."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="shocks")
    band = models.CharField("size", max_length=24)
    from_on = models.DateField("from", help_text="The day from which it holds.")
    purchases = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Times as many: 0.8 is a fifth fewer.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "band", "from_on"], name="scenario_shock_once"
            ),
            models.CheckConstraint(
                condition=Q(purchases__gte=0), name="scenario_shock_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.band} (shock {self.pk})"


class ScenarioValue(Work):
    """A scenario under one valuation: customer equity as it would then be."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="values")
    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="scenario_values")
    scenario_changed_at = models.DateTimeField(
        null=True, help_text="The scenario as it stood then."
    )
    clv_total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    clv_low = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    clv_high = models.DecimalField(max_digits=16, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "valuation"], name="scenario_valued_once_a_valuation"
            ),
            models.CheckConstraint(
                condition=Q(clv_low=None) | Q(clv_low__lte=F("clv_high")),
                name="scenario_interval_is_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="scenario_value_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Scenario value {self.pk}"


class ScenarioMonth(models.Model):
    """Discounted cash of one month ahead; the base is the value without a scenario."""

    value = models.ForeignKey(ScenarioValue, models.CASCADE, related_name="by_month")
    month = models.PositiveSmallIntegerField(help_text="1 is the first after as-of.")
    base = models.FloatField(null=True)
    clv = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["value", "month"], name="scenario_month_once"),
        ]

    def __str__(self) -> str:
        return f"month {self.month} (scenario month {self.pk})"
