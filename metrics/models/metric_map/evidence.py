"""What the data say of links: runs of the effect engine, and what each found."""

from django.db import models
from django.db.models import Q

from customers.models import Work
from metrics.models.indicators.metric import Metric


class EvidenceRun(Work):
    """One look at all pairs of metrics, as of a day; its steps are the pairs."""

    as_of = models.DateField()
    figures = models.ForeignKey(
        "metrics.FigureRun", models.SET_NULL, null=True, related_name="evidence_runs"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(status__in=["waiting", "running"]),
                name="one_evidence_run_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="evidence_run_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Evidence as of {self.as_of} (run {self.pk})"


class Finding(models.Model):
    """What one method found of one pair. Slope and error in the parent's units a child's unit.

    own_slope, own_se: of the one customer to whom the child happens, where that is known; of
    leaving, of the logarithm of the hazard.
    """

    class Method(models.TextChoices):
        PANEL = "panel", "Customers: experience, then behaviour"
        SURVIVAL = "survival", "Customers: time to leave"
        SERIES = "series", "Figures: one follows the other"
        PROJECT = "project", "A project: before and after"

    class Verdict(models.TextChoices):
        LINK = "link", "It moves it"
        NONE = "none", "No effect to be seen"
        REFUSED = "refused", "It fails a placebo or the holdout"
        LITTLE = "little", "Too little data"

    run = models.ForeignKey(EvidenceRun, models.CASCADE, related_name="findings")
    child = models.ForeignKey(Metric, models.CASCADE, related_name="findings_up")
    parent = models.ForeignKey(Metric, models.CASCADE, related_name="findings_down")
    method = models.CharField(max_length=10, choices=Method.choices)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    rung = models.PositiveSmallIntegerField(default=0)
    lag_days = models.PositiveSmallIntegerField(null=True)
    slope = models.FloatField(null=True)
    se = models.FloatField(null=True)
    own_slope = models.FloatField(null=True)
    own_se = models.FloatField(null=True)
    n = models.PositiveIntegerField(default=0, help_text="Customers, or periods, it rests on.")
    skill = models.FloatField(
        null=True, help_text="Share of the holdout's error that it takes away."
    )
    p = models.FloatField(null=True, help_text="After false-discovery control.")
    placebo_p = models.FloatField(null=True)
    missing_periods = models.PositiveSmallIntegerField(
        default=0, help_text="How many more periods are needed to tell."
    )
    sentence = models.CharField(max_length=400)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "child", "parent", "method"], name="finding_once_a_method"
            ),
            models.CheckConstraint(
                condition=Q(method__in=["panel", "survival", "series", "project"]),
                name="finding_method_is_known",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["link", "none", "refused", "little"]),
                name="finding_verdict_is_known",
            ),
            models.CheckConstraint(
                condition=Q(se=None) | Q(se__gte=0), name="finding_error_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(own_slope=None, own_se=None)
                | Q(own_slope__isnull=False, own_se__isnull=False, own_se__gte=0),
                name="finding_own_slope_has_its_error",
            ),
            models.CheckConstraint(condition=Q(rung__lte=5), name="finding_rung_is_known"),
        ]

    def __str__(self) -> str:
        return f"finding {self.pk}"


class FindingQuarter(models.Model):
    """The same slope in one quarter alone, to see whether it fades."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="quarters")
    quarter = models.DateField(help_text="Its first day.")
    slope = models.FloatField()
    se = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["finding", "quarter"], name="finding_once_a_quarter"),
        ]

    def __str__(self) -> str:
        return f"{self.quarter} (quarter {self.pk})"


class CustomersLost(models.Model):
    """How many left in twelve months because of a metric's events: counted one by one.

    low and high: 5 and 95 in 100. leavers: all who left in these months, whatever for.
    """

    run = models.ForeignKey(EvidenceRun, models.CASCADE, related_name="customers_lost")
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="customers_lost")
    until = models.DateField(help_text="The last day of the twelve months.")
    lost = models.FloatField()
    lost_low = models.FloatField()
    lost_high = models.FloatField()
    leavers = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "metric"], name="customers_lost_once_a_metric"),
            models.CheckConstraint(
                condition=Q(lost_low__gte=0), name="customers_lost_are_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(
                    lost_low__lte=models.F("lost"),
                    lost__lte=models.F("lost_high"),
                    lost_high__lte=models.F("leavers"),
                ),
                name="customers_lost_lie_in_their_range",
            ),
        ]

    def __str__(self) -> str:
        return f"customers lost {self.pk}"


class Project(models.Model):
    """Something that was begun on a day to move a metric: what was hoped, what was seen.

    Its sites are those at which it went live on that day; without any it did so everywhere.
    """

    name = models.CharField(max_length=80, unique=True)
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="projects")
    began_on = models.DateField()
    hoped = models.FloatField(null=True, help_text="In the metric's unit.")
    description = models.CharField(max_length=200, blank=True)
    effect = models.FloatField(null=True, help_text="What was seen, in the metric's unit.")
    effect_low = models.FloatField(null=True)
    effect_high = models.FloatField(null=True)
    judged_on = models.DateField(null=True)
    sentence = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(effect=None)
                | Q(effect_low__lte=models.F("effect"), effect_high__gte=models.F("effect")),
                name="project_effect_lies_in_its_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def live_at(self) -> list[str]:
        """The sites at which it went live, in order; none where it did so everywhere."""
        return sorted(one.site for one in self.sites.all())


class ProjectSite(models.Model):
    """A site, or a group of staff, at which a project went live; the others go on as before."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="sites")
    site = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "site"], name="project_site_named_once"),
            models.CheckConstraint(condition=~Q(site=""), name="project_site_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.site} (project site {self.pk})"
