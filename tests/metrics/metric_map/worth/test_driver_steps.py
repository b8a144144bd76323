"""One unit of a metric at the top, in steps of its driver, which go by the year."""

import pytest

from metrics.metric_map.worth.driver_steps import times_a_year
from metrics.models import MetricVersion
from tests.metrics.metric_map.worth.by_hand import weekly, worth_of

KEEP = 21_400


def told(metric, unit, grain="month", **values):
    return MetricVersion.objects.create(metric=metric, number=1, grain=grain, unit=unit, **values)


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        ("% a month", 12),
        ("% of customers a quarter", 4),
        ("% yearly", 1),
        ("% daily", 365.25),
        ("GBP a customer and year", 1),
        ("share/week", 365.25 / 7),
        ("% of customers", None),
        ("days", None),
    ],
)
def test_a_unit_says_over_which_time_it_is_told(unit, times):
    assert times_a_year(unit) == times


def test_a_point_of_monthly_retention_is_many_of_a_year(retention, valuation):
    """r12 = r1^12, so that a point of r1 is 12 r1^11 points of it."""
    told(retention, "% a month", scale=100)
    retention.base = 97
    retention.save()
    assert worth_of(retention, valuation).per_unit == pytest.approx(KEEP * 12 * 0.97**11)


def test_the_level_is_that_of_the_last_quarter(retention, valuation):
    weekly(retention, [90] * 20 + [98] * 13)
    retention.versions.update(unit="% a month")
    assert worth_of(retention, valuation).per_unit == pytest.approx(KEEP * 12 * 0.98**11)


def test_what_is_lost_a_month_is_the_kept_the_other_way_round(metric, link, top, valuation):
    lost = metric("Lost customers", level=2)
    lost.direction, lost.base = "down", 0.03
    lost.save()
    link(lost, top, "identity", driver="keep")
    told(lost, "share a month")
    assert worth_of(lost, valuation).per_unit == pytest.approx(-KEEP * 100 * 12 * 0.97**11)


def test_a_monthly_retention_without_a_level_is_not_known(retention, valuation):
    told(retention, "% a month", scale=100)
    assert worth_of(retention, valuation).unknown == (
        "What is kept in a year follows from its level, which is not known yet."
    )


def test_a_yearly_one_stands_as_it_is(retention, valuation):
    told(retention, "% a year", scale=100)
    assert worth_of(retention, valuation).per_unit == KEEP


def test_cash_a_customer_and_month_is_twelve_times_a_year(metric, link, top, valuation):
    margin = metric("Margin", level=2)
    link(margin, top, "identity", driver="cash")
    told(margin, "GBP a customer and month", way="derived", formula="1 + 1")
    assert worth_of(margin, valuation).per_unit == 12 * 32_000
