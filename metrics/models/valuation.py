"""What customers are worth: one run, its conditions, its diagnostics, its value a customer."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from customers.models import Customer, User, Work
from customers.models.work import WorkQuerySet


class ValuationQuerySet(WorkQuerySet):
    def in_force(self) -> "Valuation | None":
        """The valuation that pages show, until the next one is whole."""
        return self.filter(in_force=True).first()

    def finished(self) -> Self:
        return self.filter(status=Work.Status.DONE)


class Valuation(Work):
    """One run. Money is in `currency`, times in `unit`, rates and margins are shares of one.

    It is written beside the one in force and then switched, so nobody ever sees half a run.
    """

    class Unit(models.TextChoices):
        DAY = "day", "Days"
        WEEK = "week", "Weeks"
        MONTH = "month", "Months"

    class Purpose(models.TextChoices):
        CURRENT = "current", "Current"
        MONTH_END = "month end", "Month end"

    class Outcome(models.TextChoices):
        GOOD = "good", "Good"
        WARNED = "good with warnings", "Good, with warnings"

    # The conditions that were asked for.
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.CURRENT)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="valuations")
    as_of = models.DateField(help_text="The last day whose purchases were used.")
    held_out_days = models.PositiveSmallIntegerField(
        default=0, help_text="Days before as-of that were forecast first, to measure the error."
    )
    unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.WEEK)
    model_asked = models.CharField(max_length=20, default="bg_nbd")
    months = models.PositiveSmallIntegerField()
    yearly_rate = models.DecimalField(max_digits=5, decimal_places=4)
    margin = models.DecimalField(max_digits=5, decimal_places=4)
    currency = models.CharField(max_length=3)
    changes = models.PositiveBigIntegerField(
        help_text="How often purchases had changed when this run was asked for."
    )

    # What came out.
    in_force = models.BooleanField(default=False)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    model = models.CharField(max_length=20, blank=True)
    log_likelihood = models.FloatField(null=True)
    customers = models.PositiveIntegerField(default=0)
    repeat_purchases = models.PositiveIntegerField(default=0)
    clv_total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    clv_low = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    clv_high = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    spend_log_likelihood = models.FloatField(null=True)
    holdout_actual = models.FloatField(null=True)
    holdout_forecast = models.FloatField(null=True)
    holdout_mae = models.FloatField(null=True)
    naive_forecast = models.FloatField(null=True)
    naive_mae = models.FloatField(null=True)

    objects = ValuationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["in_force"], condition=Q(in_force=True), name="one_valuation_in_force"
            ),
            models.UniqueConstraint(
                fields=["purpose", "as_of"],
                condition=Q(status__in=["waiting", "running"]),
                name="valuation_asked_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(in_force=False) | Q(status="done", clv_total__isnull=False),
                name="only_a_finished_valuation_is_in_force",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="valuation_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(clv_low=None) | Q(clv_low__lte=F("clv_high")),
                name="valuation_interval_is_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Valuation {self.pk} as of {self.as_of}"


class ValuationParameter(models.Model):
    """One fitted parameter of the purchase model or the spend model."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="parameters")
    model = models.CharField(max_length=20)
    name = models.CharField(max_length=10)
    value = models.FloatField()
    standard_error = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "model", "name"], name="valuation_parameter_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.name} (parameter {self.pk})"


class ValuationWarning(models.Model):
    """Something a reader of this valuation must know, in words."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="warnings")
    code = models.CharField(max_length=40)
    sentence = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "code"], name="valuation_warning_once_per_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} (warning {self.pk})"


class HoldoutFrequency(models.Model):
    """Mean purchases in the holdout of customers who had bought again n times before it."""

    MOST = 7

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="holdout_by_frequency")
    frequency = models.PositiveSmallIntegerField(help_text=f"{MOST} stands for {MOST} and more.")
    customers = models.PositiveIntegerField()
    actual = models.FloatField()
    forecast = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "frequency"], name="holdout_frequency_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.frequency} (holdout frequency {self.pk})"


class TrackingPoint(models.Model):
    """Repeat purchases up to a day: those that happened and those that the model expects."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="tracking")
    day = models.DateField()
    actual = models.FloatField()
    expected = models.FloatField()
    is_held_out = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["valuation", "day"], name="tracking_point_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} (tracking point {self.pk})"


class CustomerValue(models.Model):
    """One customer in one valuation. Past value and forecast are two columns, never added."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="values_by_customer")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="values")
    x = models.PositiveIntegerField(help_text="Purchase days after the first.")
    t_x = models.FloatField(help_text="Units from the first purchase to the last.")
    T = models.FloatField(help_text="Units from the first purchase to as-of.")
    mean_spend = models.FloatField(help_text="Mean of the repeat purchase days; 0 where x is 0.")
    spent = models.FloatField(help_text="All purchase days so far: the past, not the forecast.")
    p_alive = models.FloatField()
    expected_purchases = models.FloatField()
    expected_spend = models.FloatField()
    clv = models.FloatField()
    spend_variation = models.FloatField(
        null=True, help_text="Standard deviation of monthly spend over its mean."
    )
    word = models.CharField(max_length=12, blank=True, help_text="The service word.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "customer"], name="one_value_per_customer_and_valuation"
            ),
            models.CheckConstraint(
                condition=Q(p_alive__gte=0, p_alive__lte=1), name="p_alive_between_0_and_1"
            ),
            models.CheckConstraint(
                condition=Q(expected_purchases__gte=0, expected_spend__gte=0),
                name="expectations_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["valuation", "clv"])]

    def __str__(self) -> str:
        return f"value {self.pk}"
