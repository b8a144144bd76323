"""The rebuild of a site without an engine: the ORM, lifetimes, and an object a customer."""

import warnings

import pandas as pd
from django.db import connection, models

from benchmarks.engine.pipeline import MONTHS, WEEKS_AHEAD, YEARLY_RATE
from benchmarks.site.shop import UNTIL
from customers.models import Customer, PurchaseDay
from metrics.models import CustomerValue, Valuation

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    from lifetimes.utils import summary_data_from_transaction_data


def read_and_valued() -> pd.DataFrame:
    days = PurchaseDay.objects.counting().filter(day__lte=UNTIL)
    rows = days.values_list("record__customer", "day", "amount").iterator(chunk_size=20_000)
    table = pd.DataFrame(rows, columns=["id", "day", "amount"])
    table["amount"] = table["amount"].astype(float)
    return valued(table)


def bulk_created(model: type[models.Model], found: pd.DataFrame, valuation: Valuation) -> None:
    model.objects.bulk_create(
        (
            model(valuation=valuation, **row)
            for row in found.rename_axis("customer_id").reset_index().to_dict("records")
        ),
        batch_size=2_000,
    )


def plain_table() -> type[models.Model]:
    """A table of the same columns and checks as Django makes it: a number as its key, and two
    foreign keys with their indexes."""
    fields = {
        field.name: field.clone()
        for field in CustomerValue._meta.concrete_fields
        if not field.is_relation
    }
    one = models.UniqueConstraint(fields=["valuation", "customer"], name="one_plain_value")
    constraints = [one, *CustomerValue._meta.constraints]
    meta = type("Meta", (), {"app_label": "metrics", "constraints": constraints})
    keys = {
        "valuation": models.ForeignKey(Valuation, models.CASCADE, related_name="+"),
        "customer": models.ForeignKey(Customer, models.CASCADE, related_name="+"),
    }
    inside = {"__module__": __name__, "Meta": meta, **keys, **fields}
    table = type("PlainValue", (models.Model,), inside)
    with connection.schema_editor() as editor:
        editor.create_model(table)
    return table


def valued(purchases: pd.DataFrame) -> pd.DataFrame:
    one = summary_data_from_transaction_data(
        purchases, "id", "day", "amount", observation_period_end=UNTIL, freq_multiplier=7
    )
    columns = (one["frequency"], one["recency"], one["T"])
    buying = BetaGeoFitter().fit(*columns)
    again = one.query("frequency > 0 and monetary_value > 0")
    spending = GammaGammaFitter().fit(again["frequency"], again["monetary_value"])
    monthly = (1 + YEARLY_RATE) ** (1 / 12) - 1
    return pd.DataFrame({
        "x": one["frequency"], "t_x": one["recency"], "T": one["T"],
        "mean_spend": one["monetary_value"], "spent": 0.0,
        "p_alive": buying.conditional_probability_alive(*columns),
        "expected_purchases":
            buying.conditional_expected_number_of_purchases_up_to_time(WEEKS_AHEAD, *columns),
        "expected_spend": spending.conditional_expected_average_profit(
            columns[0], one["monetary_value"]),
        "clv": spending.customer_lifetime_value(
            buying, *columns, one["monetary_value"], time=MONTHS, discount_rate=monthly, freq="W"),
    }, index=one.index)  # fmt: skip
