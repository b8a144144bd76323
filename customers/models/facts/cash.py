"""What sales leave and what customers cost to get, where no purchase says it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from customers.models.upload import Upload


class ProductMargin(models.Model):
    """What a sale of one product leaves after its cost, as a share of the sale.

    Below zero where it is sold at a loss. It counts for lines whose own cost is not known.
    """

    product = models.CharField(max_length=160, unique=True)
    margin = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        validators=[MinValueValidator(-1), MaxValueValidator(1)],
        help_text="Share of a sale left after product cost: 0.3 is 30%.",
    )
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="product_margins")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(product=""), name="product_margin_names_a_product"),
            models.CheckConstraint(
                condition=Q(margin__gte=-1, margin__lte=1),
                name="product_margin_between_minus_1_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} (product margin {self.pk})"


class AcquisitionCost(models.Model):
    """What was spent in one month to win customers through one channel, in the currency."""

    channel = models.CharField(
        max_length=40, help_text="As the purchases name it: customers are counted by this name."
    )
    month = models.DateField(help_text="Its first day.")
    amount = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "month"], name="acquisition_cost_once_a_channel_and_month"
            ),
            models.CheckConstraint(
                condition=~Q(channel=""), name="acquisition_cost_names_a_channel"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="acquisition_cost_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="acquisition_cost_month_is_its_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}, {self.month:%b %Y} (acquisition cost {self.pk})"
