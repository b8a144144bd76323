"""The contest between models on days held out, and an analyst's word on which one to use."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from customers.models import User
from metrics.models.valuation import AUTO, NAIVE, PurchaseModel, Valuation


class ModelRulingManager(models.Manager["ModelRuling"]):
    def last_made(self) -> "ModelRuling | None":
        """The ruling that counts, where an analyst has ever made one."""
        return self.order_by("made_at", "pk").last()


class ModelRuling(models.Model):
    """An analyst's word that valuations shall use this model, with the reason; the last counts."""

    model = models.CharField(max_length=20, choices=[AUTO, *PurchaseModel.choices])
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="model_rulings")
    made_at = models.DateTimeField(default=timezone.now)

    objects = ModelRulingManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="model_ruling_has_a_reason"),
            models.CheckConstraint(
                condition=Q(model__in=[AUTO[0], *PurchaseModel.values]),
                name="model_ruling_names_a_model",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_model_display()} (ruling {self.pk})"


class Contender(models.Model):
    """One model's forecast of the days held out, beside those of the others and a naive one."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="contest")
    model = models.CharField(max_length=20, choices=[*PurchaseModel.choices, NAIVE])
    is_chosen = models.BooleanField(default=False)
    barred = models.TextField(blank=True, help_text="Why it may not be chosen.")
    log_likelihood = models.FloatField(null=True)
    forecast = models.FloatField()
    mae = models.FloatField(help_text="Mean error a customer, in purchases.")
    rmse = models.FloatField()
    deviance = models.FloatField(
        help_text="Poisson deviance a customer: the measure by which the choice is made."
    )
    gini = models.FloatField(null=True, help_text="How well the forecast ranks customers.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["valuation", "model"], name="contender_once"),
            models.UniqueConstraint(
                fields=["valuation"], condition=Q(is_chosen=True), name="one_contender_is_chosen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_model_display()} (contender {self.pk})"


class HoldoutFrequency(models.Model):
    """Mean purchases in the holdout of customers who had bought again n times before it."""

    MOST = 7

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="holdout_by_frequency")
    model = models.CharField(max_length=20, choices=PurchaseModel.choices, blank=True)
    frequency = models.PositiveSmallIntegerField(help_text=f"{MOST} stands for {MOST} and more.")
    customers = models.PositiveIntegerField()
    actual = models.FloatField()
    forecast = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "model", "frequency"], name="holdout_frequency_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.frequency} (holdout frequency {self.pk})"


class GainPoint(models.Model):
    """What part of the held-out purchases came from the customers with the highest forecasts."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="gains")
    model = models.CharField(max_length=20, choices=PurchaseModel.choices)
    customers_share = models.FloatField()
    purchases_share = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "model", "customers_share"], name="gain_point_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customers_share} (gain point {self.pk})"


class HoldoutTest(models.Model):
    """A forecast from one day checked at another: the errors behind the total's interval."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="tests")
    as_of = models.DateField()
    last_day = models.DateField()
    actual = models.FloatField()
    forecast = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["valuation", "as_of"], name="holdout_test_once"),
        ]

    def __str__(self) -> str:
        return f"{self.as_of} (holdout test {self.pk})"

    @property
    def error(self) -> float | None:
        """Forecast over what happened, less one."""
        return self.forecast / self.actual - 1 if self.actual else None
