"""The metrics that the sample company starts with."""

from collections import Counter
from datetime import date

import pytest

from customers.models import Company
from metrics.indicators.declaration import in_words, problem_of
from metrics.indicators.figures import compute
from metrics.indicators.starting import create_starting_metrics
from metrics.indicators.starting_metrics import STARTING_METRICS
from metrics.models import Measure, Metric, MetricVersion


def test_each_starting_metric_can_be_counted_and_told(db):
    create_starting_metrics()
    versions = MetricVersion.objects.prefetch_related("measures__conditions")
    assert {problem_of(version.measures.all()) for version in versions} == {""}
    assert all(in_words(measure, "GBP") for measure in Measure.objects.all())


def test_creating_them_twice_leaves_what_somebody_changed(db):
    made = create_starting_metrics()
    Metric.objects.filter(key="orders").update(name="Sales orders")
    assert create_starting_metrics() == []
    assert Metric.objects.count() == len(made) == len(STARTING_METRICS)
    assert Metric.objects.get(key="orders").name == "Sales orders"


def test_money_is_in_the_currency_of_the_company(company):
    Company.objects.update(currency="USD")
    create_starting_metrics()
    assert MetricVersion.objects.get(metric__key="net_sales").unit == "USD"


def test_no_department_has_more_than_seven(db):
    create_starting_metrics()
    owned = Counter(Metric.objects.values_list("department__name", flat=True))
    assert max(owned.values()) <= 7
    assert owned.keys() == {
        "Sales", "Marketing", "Operations", "Product", "Finance", "IT", "Executive"
    }  # fmt: skip


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
    create_starting_metrics()
    shop.sells("ann", "2024-01-01", 50, 30, -10, products="abb")
    shop.sells("bea", "2024-01-02", 30, products="a")
    shop.sells(None, "2024-01-07", 0, 20, products="cc")
    (figure,) = compute(MetricVersion.objects.get(metric__key=key), date(2024, 1, 7))
    assert (figure.numerator, figure.denominator) == (numerator, denominator)
