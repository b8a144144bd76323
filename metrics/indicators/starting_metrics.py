"""The metrics that a map can start with, since purchases alone answer them, as plain data.

money as a unit stands for the company's currency. A measure is its source, aggregate and field,
and the conditions under which a row counts.
"""

from decimal import Decimal
from typing import NamedTuple

from metrics.indicators.counting import Counted, Counting

MONEY = "money"


class StartingMetric(NamedTuple):
    """A metric and its first version, as the models name them."""

    key: str
    name: str
    description: str
    department: str
    level: int
    lever: str
    direction: str
    control: str
    grain: str
    unit: str
    numerator: Counted
    denominator: Counted | None = None
    scale: int = 1
    decimals: int = 0
    ripens_after_days: int = 0
    history_days: int = 0

    def counting(self, currency: str) -> Counting:
        """How it is counted, in a company with this currency."""
        return Counting(
            self.grain,
            currency if self.unit == MONEY else self.unit,
            self.scale,
            self.decimals,
            self.ripens_after_days,
            self.history_days,
            self.numerator,
            self.denominator,
        )


STARTING_METRICS = (
    StartingMetric(
        key="customer_equity",
        name="Customer equity",
        description="What all customers together are worth: the sum of their lifetime values.",
        department="Executive", level=1, lever="", direction="up", control="shared",
        grain="month", unit=MONEY,
        numerator=Counted("values", "sum", "clv"),
    ),
    StartingMetric(
        key="orders",
        name="Orders",
        description="Orders in which something was bought, with and without a known customer.",
        department="Sales", level=3, lever="grow", direction="up", control="shared",
        grain="week", unit="orders",
        numerator=Counted("orders", "count"),
    ),
    StartingMetric(
        key="active_customers",
        name="Active customers",
        description="Different known customers who ordered in the month.",
        department="Sales", level=2, lever="keep", direction="up", control="shared",
        grain="month", unit="customers",
        numerator=Counted("orders", "distinct", "customer"),
    ),
    StartingMetric(
        key="average_order_value",
        name="Average order value",
        description="What an order brings, before returns.",
        department="Sales", level=3, lever="grow", direction="up", control="full",
        grain="week", unit=MONEY, decimals=2,
        numerator=Counted("orders", "sum", "amount"),
        denominator=Counted("orders", "count"),
    ),
    StartingMetric(
        key="customers_lost",
        name="Customers lost",
        description="Customers whose silence passed 120 days this week, of all not lost before.",
        department="Sales", level=2, lever="keep", direction="down", control="shared",
        grain="week", unit="% of customers", scale=100, decimals=2, history_days=127,
        numerator=Counted(
            "customers",
            "count",
            where=(("gap_days", "gte", Decimal(120)), ("gap_days", "lt", Decimal(127))),
        ),
        denominator=Counted("customers", "count", where=(("gap_days", "lt", Decimal(127)),)),
    ),
    StartingMetric(
        key="new_customers",
        name="New customers",
        description="Customers with their first purchase, after 13 weeks of data without one.",
        department="Marketing", level=3, lever="acquire", direction="up", control="full",
        grain="week", unit="customers", history_days=98,
        numerator=Counted("newcomers", "count"),
    ),
    StartingMetric(
        key="repeat_conversion",
        name="Second purchase within 90 days",
        description="New customers who came back within 90 days of their first purchase.",
        department="Marketing", level=3, lever="keep", direction="up", control="shared",
        grain="month", unit="% of new customers", scale=100, decimals=1, ripens_after_days=90,
        numerator=Counted("newcomers", "count", where=(("second_gap_days", "lte", Decimal(90)),)),
        denominator=Counted("newcomers", "count"),
    ),
    StartingMetric(
        key="orders_per_customer",
        name="Orders per customer",
        description="How often a known customer who ordered in the month did so.",
        department="Marketing", level=2, lever="grow", direction="up", control="shared",
        grain="month", unit="orders", decimals=2,
        numerator=Counted("orders", "count", where=(("has_customer", "eq", Decimal(1)),)),
        denominator=Counted("orders", "distinct", "customer"),
    ),
    StartingMetric(
        key="products_per_order",
        name="Products per order",
        description="Different products in an order.",
        department="Product", level=4, lever="grow", direction="up", control="shared",
        grain="week", unit="products", decimals=1,
        numerator=Counted("orders", "sum", "products"),
        denominator=Counted("orders", "count"),
    ),
    StartingMetric(
        key="products_sold",
        name="Products sold",
        description="Different products of which at least one was sold.",
        department="Product", level=4, lever="grow", direction="none", control="full",
        grain="week", unit="products",
        numerator=Counted("lines", "distinct", "product", where=(("is_return", "eq", Decimal(0)),)),
    ),
    StartingMetric(
        key="return_rate",
        name="Return rate",
        description="Value of what came back in the week, of the value sold in it.",
        department="Operations", level=3, lever="keep", direction="down", control="shared",
        grain="week", unit="% of sales", scale=100, decimals=1,
        numerator=Counted("lines", "sum", "returned_amount"),
        denominator=Counted("lines", "sum", "sold_amount"),
    ),
    StartingMetric(
        key="known_customer_sales",
        name="Sales to known customers",
        description="Share of the value sold, less returns, where we know who bought.",
        department="IT", level=4, lever="", direction="up", control="full",
        grain="week", unit="% of sales", scale=100, decimals=1,
        numerator=Counted("lines", "sum", "amount", where=(("has_customer", "eq", Decimal(1)),)),
        denominator=Counted("lines", "sum", "amount"),
    ),
    StartingMetric(
        key="rows_unusable",
        name="Rows that could not be used",
        description="Rows of purchase files that were set aside, of all rows sent with a day.",
        department="IT", level=4, lever="", direction="down", control="full",
        grain="week", unit="% of rows", scale=100, decimals=2,
        numerator=Counted("rows", "count", where=(("is_unusable", "eq", Decimal(1)),)),
        denominator=Counted("rows", "count"),
    ),
    StartingMetric(
        key="net_sales",
        name="Net sales",
        description="Value sold less value returned, to known customers and others.",
        department="Finance", level=2, lever="grow", direction="up", control="none",
        grain="week", unit=MONEY,
        numerator=Counted("lines", "sum", "amount"),
    ),
    StartingMetric(
        key="top_fifth_share",
        name="Share of the top fifth",
        description="Share of the last 365 days’ spend that came from the fifth who spent most.",
        department="Finance", level=3, lever="", direction="none", control="none",
        grain="month", unit="% of spend", scale=100, decimals=1, history_days=365,
        numerator=Counted(
            "customers", "sum", "spend_365", where=(("spend_rank", "lte", Decimal("0.2")),)
        ),
        denominator=Counted("customers", "sum", "spend_365"),
    ),
)  # fmt: skip
