"""A metric by name: whose it is, where it stands, how far it can be moved."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from customers.models import Department, User


class MetricQuerySet(models.QuerySet):
    def on_the_map(self) -> Self:
        """Without those that were retired."""
        return self.filter(retired_on=None)


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

    class Kind(models.TextChoices):
        VALUE = "value", "Value: moves what customers bring"
        PORTFOLIO = "portfolio", "Portfolio: moves how certain that is"
        ENABLING = "enabling", "Enabling: makes others measurable"

    class Stage(models.TextChoices):
        AWARE = "aware", "Aware"
        INTERESTED = "interested", "Interested"
        ENGAGED = "engaged", "Engaged"
        TRIAL = "trial", "Trial"
        REPEAT = "repeat", "Repeat"
        LOYAL = "loyal", "Loyal"
        ADVOCATE = "advocate", "Advocate"

    class Direction(models.TextChoices):
        UP = "up", "Higher is better"
        DOWN = "down", "Lower is better"
        BAND = "band", "Best within a band"
        NONE = "none", "Neither is better by itself"

    class Control(models.TextChoices):
        FULL = "full", "You control"
        SHARED = "shared", "Shared"
        NONE = "none", "Only watch"

    class Sensitive(models.TextChoices):
        NO = "no", "Of no person"
        PERSONAL = "personal", "From personal data"
        STAFF = "staff", "Of small groups of staff"

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=300)
    department = models.ForeignKey(Department, models.PROTECT, related_name="metrics")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="metrics")
    owner_title = models.CharField(
        max_length=60, blank=True, help_text="Who should own it, while nobody does by name."
    )
    backup = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="backed_up_metrics"
    )
    steward = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stewarded_metrics",
        help_text="Says whether its data can be delivered.",
    )
    consumers = models.ManyToManyField(
        Department,
        blank=True,
        related_name="consumed_metrics",
        help_text="Departments that steer by it too, and sign its definition.",
    )
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    lever = models.CharField(max_length=10, choices=Lever.choices, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.VALUE)
    stage = models.CharField("journey stage", max_length=10, choices=Stage.choices, blank=True)
    direction = models.CharField(max_length=5, choices=Direction.choices)
    control = models.CharField(max_length=10, choices=Control.choices)
    is_core = models.BooleanField(default=True)
    sensitive = models.CharField(max_length=10, choices=Sensitive.choices, default=Sensitive.NO)
    data_source = models.CharField(
        max_length=80, blank=True, help_text="The system that knows: ticket system, ledger."
    )
    target = models.FloatField(null=True, blank=True, help_text="In the metric's unit.")
    target_on = models.DateField(null=True, blank=True, help_text="The day to reach it by.")
    counter_metric = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="counters",
        help_text="What would suffer if this one were chased blindly.",
    )
    base = models.FloatField(
        null=True, blank=True, help_text="Its level where no figure is known, for formulas."
    )
    watch_note = models.CharField(
        max_length=200, blank=True, help_text="Why somebody gets it who can only watch it."
    )
    review_on = models.DateField(null=True, blank=True, help_text="After it, it shows as stale.")
    retired_on = models.DateField(null=True, blank=True)

    objects = MetricQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=[1, 2, 3, 4]), name="metric_level_is_known"
            ),
            models.UniqueConstraint(
                fields=["level"],
                condition=Q(level=1, retired_on=None),
                name="one_metric_at_the_top",
                violation_error_message="There is one metric at the top, and it is there already.",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["up", "down", "band", "none"]),
                name="metric_direction_is_known",
            ),
            models.CheckConstraint(
                condition=Q(control__in=["full", "shared", "none"]), name="metric_control_is_known"
            ),
            models.CheckConstraint(
                condition=Q(lever__in=["", "acquire", "keep", "grow"]), name="metric_lever_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["value", "portfolio", "enabling"]),
                name="metric_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    stage__in=[
                        *("", "aware", "interested", "engaged"),
                        *("trial", "repeat", "loyal", "advocate"),
                    ]
                ),
                name="metric_stage_is_known",
            ),
            models.CheckConstraint(
                condition=Q(sensitive__in=["no", "personal", "staff"]),
                name="metric_sensitivity_is_known",
            ),
            models.CheckConstraint(
                condition=Q(target=None, target_on=None)
                | Q(target__isnull=False, target_on__isnull=False),
                name="metric_target_has_a_day",
                violation_error_message="A target needs its day, and a day its target.",
            ),
            models.CheckConstraint(
                condition=Q(counter_metric=None) | ~Q(counter_metric=F("pk")),
                name="metric_is_not_its_own_counter",
                violation_error_message="A metric cannot be its own counter-metric.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ControlAction(models.Model):
    """One thing that a metric's owner can do to move it without asking anybody."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="actions")
    text = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["metric", "text"], name="control_action_once"),
            models.CheckConstraint(condition=~Q(text=""), name="control_action_is_told"),
        ]

    def __str__(self) -> str:
        return f"{self.text} (action {self.pk})"
