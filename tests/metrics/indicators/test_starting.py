"""The metrics that a shop starts with, each counted on a small week."""

from datetime import date

import pytest

from metrics.indicators.figures import compute
from metrics.metric_map.changing.at_once import start_map
from metrics.models import MetricVersion


@pytest.mark.parametrize(
    ("key", "numerator", "denominator"),
    [
        ("orders", 3, None),
        ("average_order_value", 130, 3),
        ("return_rate", 10, 130),
        ("known_customer_sales", 100, 120),
        ("net_sales", 120, None),
        ("products_per_order", 4, 3),
        ("products_sold", 3, None),
        ("rows_unusable", 0, 6),
    ],
)
def test_a_small_week_is_counted_by_each(shop, key, numerator, denominator):
    start_map(None)
    shop.sells("ann", "2024-01-01", 50, 30, -10, products="abb")
    shop.sells("bea", "2024-01-02", 30, products="a")
    shop.sells(None, "2024-01-07", 0, 20, products="cc")
    (figure,) = compute(MetricVersion.objects.get(metric__key=key), date(2024, 1, 7))
    assert (figure.numerator, figure.denominator) == (numerator, denominator)
