"""The company that this installation serves: one row, and the terms its numbers stand under."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone


class CompanyManager(models.Manager["Company"]):
    def current(self) -> "Company":
        """The company, made with plain defaults when nobody has described it yet."""
        return self.get_or_create(pk=1)[0]

    def today(self) -> date:
        """The day that it is by the company's clock, whoever asks and wherever."""
        return timezone.localdate(timezone=self.current().clock)


class Company(models.Model):
    """Name, currency, days and rates. Rates and margins are shares of one, not percentages."""

    name = models.CharField(max_length=80, default="Our company")
    currency = models.CharField(max_length=3, default="GBP", help_text="Three letters, ISO 4217.")
    time_zone = models.CharField(
        max_length=64, default="Europe/London", help_text="Days begin and end by this clock."
    )
    default_margin = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        default="0.3000",
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(1)],
        help_text="Share of a sale left after product cost, where no cost is known: 0.3 is 30%.",
    )
    yearly_rate = models.DecimalField(
        "discount rate",
        max_digits=5,
        decimal_places=4,
        default="0.1000",
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="What money a year later is worth less: 0.1 is 10% a year.",
    )
    horizon_months = models.PositiveSmallIntegerField(
        "horizon",
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Months ahead that a forecast covers.",
    )
    materiality = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        default="1000.00",
        validators=[MinValueValidator(0)],
        help_text="The smallest change of customer equity worth acting on, in the currency.",
    )
    lapsed_after_days = models.PositiveSmallIntegerField(
        default=120,
        validators=[MinValueValidator(1)],
        help_text="Days without a purchase after which a customer counts as not seen.",
    )
    review_days = models.PositiveSmallIntegerField(
        "review horizon",
        default=91,
        validators=[MinValueValidator(7), MaxValueValidator(366)],
        help_text="Days within which a metric has to show an improvement to be worth a target.",
    )
    alerts_a_month = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="How many alerts one person gets in a month; the others wait on the board.",
    )
    finance_department = models.ForeignKey(
        "Department",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Signs what links a metric to money.",
    )
    data_credit = models.CharField(
        max_length=300, blank=True, help_text="Where the data come from, shown on every page."
    )

    objects = CompanyManager()

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="company_is_one_row"),
            models.CheckConstraint(
                condition=Q(default_margin__gt=0, default_margin__lte=1),
                name="company_margin_above_0_up_to_1",
            ),
            models.CheckConstraint(
                condition=Q(yearly_rate__gte=0, yearly_rate__lte=1),
                name="company_rate_between_0_and_1",
            ),
            models.CheckConstraint(
                condition=Q(horizon_months__gte=1, horizon_months__lte=60),
                name="company_horizon_between_1_and_60_months",
            ),
            models.CheckConstraint(
                condition=Q(review_days__gte=7, review_days__lte=366, alerts_a_month__gte=1),
                name="company_reviews_and_alerts_are_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def clock(self) -> ZoneInfo:
        """The time zone in which this company's days are cut."""
        return ZoneInfo(self.time_zone)
