"""The links that a map can start with, by the keys of its starting metrics.

What is not exact by definition is a belief that nobody has tested: assumed, and shown so. That
goes for the last step too: the forecast is made from purchases, but by a model.
"""

from typing import NamedTuple

from metrics.metric_map.graph import changing_map
from metrics.models import Link, Metric

IDENTITY, LEADING, RISK = Link.Kind.IDENTITY, Link.Kind.LEADING, Link.Kind.RISK


class StartingLink(NamedTuple):
    """From one key to another: kind, delay in days, and why."""

    child: str
    parent: str
    kind: Link.Kind
    lag_days: int
    note: str


STARTING_LINKS = (
    StartingLink(
        "active_customers", "customer_equity", LEADING, 0,
        "Customers still buying, times how often, times what an order brings.",
    ),
    StartingLink(
        "orders_per_customer", "customer_equity", LEADING, 0,
        "How often they buy is a factor of what they are worth.",
    ),
    StartingLink(
        "net_sales", "customer_equity", LEADING, 0,
        "What an order brings, after returns, is a factor of what they are worth.",
    ),
    StartingLink(
        "known_customer_sales", "customer_equity", LEADING, 0,
        "Only sales whose customer is known are valued.",
    ),
    StartingLink(
        "top_fifth_share", "customer_equity", RISK, 365,
        "A value that rests on few customers is less certain, not smaller.",
    ),
    StartingLink(
        "new_customers", "active_customers", LEADING, 0, "A newcomer counts from the first order.",
    ),
    StartingLink(
        "repeat_conversion", "active_customers", LEADING, 90,
        "Who comes back once tends to stay.",
    ),
    StartingLink(
        "customers_lost", "active_customers", LEADING, 30,
        "Who fell silent is missing from the next month.",
    ),
    StartingLink(
        "return_rate", "active_customers", LEADING, 30,
        "Who sends goods back may not order again.",
    ),
    StartingLink("return_rate", "net_sales", IDENTITY, 0, "Net sales are after returns."),
    StartingLink("orders", "net_sales", IDENTITY, 0, "Orders times what an order brings."),
    StartingLink(
        "average_order_value", "net_sales", IDENTITY, 0, "Orders times what an order brings.",
    ),
    StartingLink(
        "products_per_order", "average_order_value", LEADING, 0,
        "More different products make a larger order.",
    ),
    StartingLink(
        "products_sold", "orders", LEADING, 30, "A wider choice gives more reasons to order.",
    ),
    StartingLink(
        "rows_unusable", "known_customer_sales", LEADING, 0,
        "A row that is set aside loses its customer with it.",
    ),
)  # fmt: skip


def create_starting_links() -> list[Link]:
    """Draw the starting links that are missing between metrics that are there.

    A link that is there already stays as it is, however it was changed since. Gives back those
    that were drawn.
    """
    with changing_map():
        metrics = Metric.objects.in_bulk(field_name="key")
        drawn = set(Link.objects.values_list("child__key", "parent__key"))
        return Link.objects.bulk_create(
            Link(
                child=metrics[start.child],
                parent=metrics[start.parent],
                kind=start.kind,
                lag_days=start.lag_days,
                note=start.note,
            )
            for start in STARTING_LINKS
            if start.child in metrics
            and start.parent in metrics
            and (start.child, start.parent) not in drawn
        )
