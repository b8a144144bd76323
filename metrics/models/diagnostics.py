"""What a valuation keeps to be judged by: its fit, its holdout, and how value is spread."""

from django.db import models

from metrics.models.valuation import SPEND_MODEL, PurchaseModel, Valuation


class ValuationParameter(models.Model):
    """One fitted parameter of the purchase model or the spend model."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="parameters")
    model = models.CharField(max_length=20, choices=[*PurchaseModel.choices, SPEND_MODEL])
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


class LeftOut(models.Model):
    """Lines or days that were sent and are no purchases of a known customer, by reason."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="left_out")
    reason = models.CharField(max_length=80)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "reason"], name="left_out_once_per_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.reason} (left out {self.pk})"


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


class SizeBand(models.Model):
    """Customers of one size, by what they spent in the year to as-of: past beside forecast."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="size_bands")
    rank = models.PositiveSmallIntegerField(help_text="1 holds those who spent most.")
    name = models.CharField(max_length=40)
    spent_from = models.FloatField(help_text="The least that one of them spent.")
    customers = models.PositiveIntegerField()
    spent = models.FloatField()
    clv = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["valuation", "rank"], name="size_band_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (size band {self.pk})"


class SpreadClass(models.Model):
    """The customers whose CLV is at least `low` and less than `high`."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="spread")
    low = models.FloatField()
    high = models.FloatField(null=True, help_text="Empty in the last class.")
    customers = models.PositiveIntegerField()
    clv = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["valuation", "low"], name="spread_class_once"),
        ]

    def __str__(self) -> str:
        return f"{self.low} (spread class {self.pk})"
