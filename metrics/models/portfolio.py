"""Customers together: by size, by worth, by segment, and how many of a cohort still buy."""

from django.db import models

from metrics.models.valuation import Valuation


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


class SegmentTotal(models.Model):
    """The customers of one segment: what they spent, what they are worth, what they cost to win."""

    class Dimension(models.TextChoices):
        SIZE = "size", "Size and steadiness"
        COHORT = "cohort", "Month of first purchase"
        CHANNEL = "channel", "Channel"
        COUNTRY = "country", "Country"

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="segments")
    dimension = models.CharField(max_length=8, choices=Dimension.choices)
    rank = models.PositiveSmallIntegerField(help_text="The order to show them in.")
    name = models.CharField(max_length=60)
    steadiness = models.CharField(max_length=12, blank=True, help_text="Beside a size: how steady.")
    customers = models.PositiveIntegerField()
    below_zero = models.PositiveIntegerField(default=0, help_text="Worth less than nothing.")
    spent = models.FloatField(help_text="In the year to as-of: the past, not the forecast.")
    clv = models.FloatField()
    clv_low = models.FloatField(null=True)
    clv_high = models.FloatField(null=True)
    acquisition_cost = models.FloatField(
        null=True, help_text="Of a customer, where it is known for any of them."
    )
    payback_month = models.PositiveSmallIntegerField(
        null=True, help_text="When a newcomer has paid for being won; empty: not in the horizon."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "dimension", "name", "steadiness"], name="segment_total_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.name} (segment total {self.pk})"


class CohortMonth(models.Model):
    """Of those who first bought in one month: how many bought so many months later."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="cohorts")
    cohort = models.DateField(help_text="The month's first day.")
    months_since = models.PositiveSmallIntegerField()
    customers = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "cohort", "months_since"], name="cohort_month_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort} + {self.months_since} (cohort month {self.pk})"
