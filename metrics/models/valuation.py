"""What customers are worth: one run, its conditions, its diagnostics, its value a customer."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q

from customers.models import Customer, User, Work
from customers.models.work import WorkQuerySet


class PurchaseModel(models.TextChoices):
    """How repeat purchases are modelled."""

    BG_NBD = "bg_nbd", "BG/NBD"
    MBG_NBD = "mbg_nbd", "MBG/NBD"
    PARETO_NBD = "pareto_nbd", "Pareto/NBD"
    NBD = "nbd", "NBD, nobody leaves"


AUTO = ("auto", "The one that foretells best")
NAIVE = ("naive", "Everybody goes on as before")
FEWEST_TOLD = 10
"""Customers whose money may be told as one sum without telling anybody's own."""

TERMS = ("months", "yearly_rate", "margin", "currency")
SPEND_MODEL = ("gamma_gamma", "Gamma-Gamma")


class ValuationQuerySet(WorkQuerySet):
    def in_force(self) -> "Valuation | None":
        """The valuation that pages show, until the next one is whole."""
        return self.filter(in_force=True).first()

    def finished(self) -> Self:
        return self.filter(status=Work.Status.DONE)

    def month_ends(self) -> Self:
        """The finished valuation of each month end."""
        return self.finished().filter(purpose=Valuation.Purpose.MONTH_END)


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
        ASKED = "asked", "Asked for by name"

    class Outcome(models.TextChoices):
        GOOD = "good", "Good"
        WARNED = "good with warnings", "Good, with warnings"

    # The conditions that were asked for.
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.CURRENT)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="valuations")
    as_of = models.DateField(help_text="The last day whose purchases were used.")
    calibrated_until = models.DateField(
        null=True, help_text="The error was measured by a fit on purchases up to this day ..."
    )
    holdout_until = models.DateField(null=True, help_text="... against those up to this one.")
    unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.WEEK)
    model_asked = models.CharField(
        max_length=20, choices=[AUTO, *PurchaseModel.choices], default=AUTO[0]
    )
    ruling = models.ForeignKey(
        "ModelRuling", models.PROTECT, null=True, help_text="Why this model was asked for."
    )
    shards = models.PositiveSmallIntegerField(
        default=1, help_text="Into how many parts customers are divided among workers."
    )
    months = models.PositiveSmallIntegerField()
    yearly_rate = models.DecimalField(max_digits=5, decimal_places=4)
    margin = models.DecimalField(max_digits=5, decimal_places=4)
    currency = models.CharField(max_length=3)
    changes = models.PositiveBigIntegerField(
        help_text="How often purchases had changed when this run was asked for."
    )

    # What it read, to tell whether purchases up to as-of have changed since.
    days_read = models.PositiveIntegerField(default=0)
    purchases_read = models.CharField(max_length=32, blank=True, help_text="A fingerprint.")

    # What came out.
    in_force = models.BooleanField(default=False)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    model = models.CharField(max_length=20, choices=PurchaseModel.choices, blank=True)
    log_likelihood = models.FloatField(null=True)
    customers = models.PositiveIntegerField(default=0)
    repeat_purchases = models.PositiveIntegerField(default=0)
    clv_total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    clv_low = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    clv_high = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    spend_log_likelihood = models.FloatField(null=True)
    usual_spend = models.FloatField(
        default=0, help_text="Mean of a repeat purchase day, in the currency."
    )
    dert_total = models.FloatField(
        null=True, help_text="Discounted expected purchases without an end; empty: no bound."
    )
    parameter_spread = models.FloatField(
        null=True, help_text="Relative spread of the total from the parameters' covariance."
    )
    chance_spread = models.FloatField(null=True, help_text="The same from individual chance.")
    coverage = models.FloatField(
        null=True,
        help_text="Share of customers whose held-out purchases lay within their own bounds.",
    )
    contract_clv = models.DecimalField(
        max_digits=16, decimal_places=2, default=0, help_text="Forecast margin of contracts."
    )
    contract_customers = models.PositiveIntegerField(default=0)
    holdout_actual = models.FloatField(null=True)
    holdout_forecast = models.FloatField(null=True)
    holdout_mae = models.FloatField(null=True)
    naive_forecast = models.FloatField(null=True)
    naive_mae = models.FloatField(null=True)
    top_tenth_share = models.FloatField(
        null=True, help_text="Share of customer equity held by the tenth with the highest CLV."
    )
    holdout_rmse = models.FloatField(null=True)
    misjudged_share = models.FloatField(
        null=True,
        help_text="Share of the tenth that spent most who are not in the tenth with most CLV.",
    )

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

    def comparable_month_ends(self) -> models.QuerySet["Valuation"]:
        """The month ends before this one that were valued under the same terms."""
        terms = {name: getattr(self, name) for name in TERMS}
        return Valuation.objects.month_ends().filter(as_of__lt=self.as_of, **terms)

    @property
    def is_under_company_margin(self) -> bool:
        """Whether margins known of products and departments go before this valuation's."""
        return self.purpose != self.Purpose.ASKED

    @property
    def tells_contracts(self) -> bool:
        """Whether contracts are those of enough customers to be told apart."""
        return self.contract_customers >= FEWEST_TOLD

    @property
    def equity(self) -> Decimal | None:
        """Forecast margin of all present customers, with a contract or without."""
        return None if self.clv_total is None else self.clv_total + self.contract_clv

    @property
    def holdout_error(self) -> float | None:
        """Forecast over what happened in the holdout, less one: −0.03 is 3% short."""
        return _error(self.holdout_forecast, self.holdout_actual)

    @property
    def naive_error(self) -> float | None:
        """The same for the forecast that everybody goes on as before."""
        return _error(self.naive_forecast, self.holdout_actual)


def _error(forecast: float | None, actual: float | None) -> float | None:
    return forecast / actual - 1 if forecast is not None and actual else None


class CustomerValue(models.Model):
    """One customer in one valuation. Past value and forecast are two columns, never added."""

    pk = models.CompositePrimaryKey("valuation_id", "customer_id")
    valuation = models.ForeignKey(  # the primary key begins with it
        Valuation, models.CASCADE, related_name="values_by_customer", db_index=False
    )
    customer = models.ForeignKey(  # looked for within a valuation only
        Customer, models.CASCADE, related_name="values", db_index=False
    )
    x = models.PositiveIntegerField(help_text="Purchase days after the first.")
    t_x = models.FloatField(help_text="Units from the first purchase to the last.")
    T = models.FloatField(help_text="Units from the first purchase to as-of.")
    mean_spend = models.FloatField(help_text="Mean of the repeat purchase days; 0 where x is 0.")
    first_on = models.DateField(null=True, help_text="The first purchase day.")
    spent = models.FloatField(help_text="All purchase days so far: the past, not the forecast.")
    spent_last_year = models.FloatField(default=0, help_text="Those of the 365 days to as-of.")
    p_alive = models.FloatField()
    expected_purchases = models.FloatField()
    expected_spend = models.FloatField()
    margin = models.FloatField(default=0, help_text="Share of a sale to this customer that stays.")
    cost = models.FloatField(default=0, help_text="What serving a purchase day costs.")
    clv = models.FloatField()
    deviation = models.FloatField(
        null=True, help_text="Standard deviation of what chance may bring."
    )
    clv_low = models.FloatField(null=True, help_text="5 of 100 such customers bring less.")
    clv_middle = models.FloatField(null=True, help_text="Half of such customers bring less.")
    clv_high = models.FloatField(null=True, help_text="5 of 100 such customers bring more.")
    acquisition_cost = models.FloatField(
        null=True, help_text="What winning this customer cost; empty: not known."
    )
    band = models.CharField(max_length=24, blank=True, help_text="Size, by spend of the last year.")
    spend_variation = models.FloatField(
        null=True, help_text="Standard deviation of monthly spend over its mean."
    )
    word = models.CharField(max_length=12, blank=True, help_text="The service word.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(p_alive__gte=0, p_alive__lte=1), name="p_alive_between_0_and_1"
            ),
            models.CheckConstraint(
                condition=Q(expected_purchases__gte=0, expected_spend__gte=0),
                name="expectations_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(clv_low=None)
                | Q(clv_low__lte=F("clv_middle"), clv_middle__lte=F("clv_high")),
                name="customer_value_bounds_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"value of customer {self.customer_id} in valuation {self.valuation_id}"


class ContractValue(models.Model):
    """What one customer's contracts are worth in one valuation; may stand beside purchases."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="contract_values")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contract_values")
    contracts = models.PositiveSmallIntegerField(help_text="Those that go on.")
    fee = models.FloatField(help_text="A month, all of them together.")
    p_stay = models.FloatField(help_text="Chance that the first of them goes on at the horizon.")
    clv = models.FloatField()
    clv_low = models.FloatField()
    clv_high = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "customer"], name="one_contract_value_per_customer"
            ),
            models.CheckConstraint(
                condition=Q(p_stay__gte=0, p_stay__lte=1), name="p_stay_between_0_and_1"
            ),
        ]

    def __str__(self) -> str:
        return f"contract value {self.pk}"
