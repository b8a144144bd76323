"""Two valuations beside each other, and a second library beside one."""

from django.db import models
from django.db.models import F, Q

from customers.models import User, Work
from metrics.models.valuation import Valuation


class Movement(Work):
    """Why customer equity moved from one valuation to another."""

    earlier = models.ForeignKey(Valuation, models.CASCADE, related_name="movements_from")
    later = models.ForeignKey(Valuation, models.CASCADE, related_name="movements_to")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["earlier", "later"], name="movement_once_a_pair"),
            models.CheckConstraint(
                condition=~Q(earlier=F("later")), name="movement_between_two_valuations"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="movement_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Movement {self.pk}"


class MovementPart(models.Model):
    """One part of the change; all parts together are the change, to the cent."""

    class Part(models.TextChoices):
        TIME = "time", "Time passed, as expected"
        GONE = "gone", "Customers merged or removed"
        BEHAVIOUR = "behaviour", "Customers bought more or less often than expected"
        SPEND = "spend", "They spent more or less on a purchase"
        NEW = "new", "New customers"
        MODELS = "models", "Models learnt anew"
        MARGIN = "margin", "Margin and cost to serve"
        TERMS = "terms", "Discount rate and horizon"
        CONTRACTS = "contracts", "Contracts"

    movement = models.ForeignKey(Movement, models.CASCADE, related_name="parts")
    part = models.CharField(max_length=10, choices=Part.choices)
    amount = models.DecimalField(max_digits=16, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["movement", "part"], name="movement_part_once"),
            models.CheckConstraint(
                condition=Q(
                    part__in=[
                        "time",
                        "gone",
                        "behaviour",
                        "spend",
                        "new",
                        "models",
                        "margin",
                        "terms",
                        "contracts",
                    ]
                ),
                name="movement_part_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} (movement part {self.pk})"


class SecondOpinion(Work):
    """A valuation's models learnt again by lifetimes, on a sample of its customers."""

    valuation = models.OneToOneField(Valuation, models.CASCADE, related_name="second_opinion")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    customers = models.PositiveIntegerField(default=0, help_text="How many were sampled.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="second_opinion_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Second opinion {self.pk}"


class SecondOpinionRow(models.Model):
    """One number by both libraries, on the same sample."""

    opinion = models.ForeignKey(SecondOpinion, models.CASCADE, related_name="rows")
    rank = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    ours = models.FloatField()
    theirs = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opinion", "name"], name="second_opinion_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (second opinion row {self.pk})"

    @property
    def difference(self) -> float | None:
        """Ours over theirs, less one."""
        return self.ours / self.theirs - 1 if self.theirs else None
