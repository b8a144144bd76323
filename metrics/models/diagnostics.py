"""What a valuation keeps to be read by: its parameters, what to know, what is not in it."""

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
