"""What a step is worth: the valuation's gradient on top, slopes below, doubt and delay."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from customers.models import AcquisitionCost, Company
from metrics.metric_map.graph import read_map
from metrics.metric_map.worth import roll_up
from metrics.metric_map.worth.gradient import gradient_of
from metrics.models import (
    Alert,
    DataRequest,
    Figure,
    FigureRun,
    Measure,
    Metric,
    MetricVersion,
    MetricWorth,
    RollUp,
)
from tests.metrics.value.by_hand import PULLS, valuation_of, with_pulls

MONDAY = date(2026, 1, 5)
CASH = ("cash", "+1 of the currency a year from every present customer", 32_000.0)


@pytest.fixture
def valuation(db):
    return with_pulls(valuation_of(), (*PULLS, CASH))


@pytest.fixture
def top(metric):
    return metric("Customer equity", level=1)


@pytest.fixture
def retention(metric, link, top):
    made = metric("Retention", level=2)
    link(made, top, "identity", driver="keep")
    return made


@pytest.fixture
def satisfaction(metric, link, retention):
    made = metric("Satisfaction", level=2)
    link(made, retention, slope=0.25, se=0.1, lag_days=90, rung=2)
    return made


@pytest.fixture
def late(metric, link, satisfaction):
    made = metric("Late deliveries")
    made.direction = "down"
    made.save()
    link(made, satisfaction, slope=-0.5, se=0.15, lag_days=30)
    return made


def weekly(metric, shares, of=500, **values):
    """Weekly shares in percent, oldest first."""
    version = MetricVersion.objects.create(
        metric=metric, number=1, grain="week", unit="% of deliveries", scale=100, **values
    )
    for week, share in enumerate(shares):
        start = MONDAY + timedelta(weeks=week)
        Figure.objects.create(
            version=version,
            starts_on=start,
            ends_on=start + timedelta(6),
            numerator=share / 100 * of,
            denominator=of,
        )
    return version


def worth_of(metric, valuation):
    return {one.metric: one for one in roll_up.worths_of(read_map(), valuation)}[metric]


def test_a_unit_is_the_product_of_the_slopes_and_the_gradient(late, valuation):
    worth = worth_of(late, valuation)
    assert worth.per_unit == pytest.approx(-0.5 * 0.25 * 21_400)
    assert worth.per_unit_low < worth.per_unit < worth.per_unit_high < 0
    assert worth.p_right == pytest.approx(0.993, abs=0.005)


def test_an_identity_of_the_valuation_has_no_doubt(retention, valuation):
    worth = worth_of(retention, valuation)
    assert (worth.per_unit_low, worth.per_unit, worth.per_unit_high) == (21_400,) * 3
    assert worth.lowest_rung is None


def test_a_step_is_the_way_back_to_the_own_best_quarter(late, valuation):
    weekly(late, [8] * 20 + [5] * 13 + [8] * 13)
    worth = worth_of(late, valuation)
    assert (worth.step, worth.step_basis) == (pytest.approx(-3), "best")
    assert worth.gain == pytest.approx(3 * 0.5 * 0.25 * 21_400)
    assert 0 < worth.gain_low < worth.gain < worth.gain_high


def test_at_its_best_a_step_is_what_is_worth_the_materiality(late, valuation):
    Company.objects.filter(pk=Company.objects.current().pk).update(materiality=2675)
    weekly(late, [8] * 20 + [5] * 13)
    worth = worth_of(late, valuation)
    assert (worth.step, worth.step_basis) == (pytest.approx(-1), "material")
    assert worth.gain == pytest.approx(2675)


def test_a_target_that_is_not_reached_is_the_step(late, valuation):
    late.target, late.target_on = 4, MONDAY + timedelta(400)
    late.save()
    weekly(late, [8] * 30)
    worth = worth_of(late, valuation)
    assert (worth.step, worth.step_basis) == (pytest.approx(-4), "target")


def test_delays_add_up_along_the_way(late, valuation):
    assert worth_of(late, valuation).half_after_days == pytest.approx(120, abs=16)


def test_the_link_that_carries_the_doubt_is_named(late, satisfaction, valuation):
    assert worth_of(late, valuation).doubtful_link.child == satisfaction


def test_where_nobody_leaves_what_keeping_is_worth_is_unknown_in_words(late, db):
    nobody_leaves = [(d, s, None if d == "keep" else g) for d, s, g in PULLS]
    worth = worth_of(late, with_pulls(valuation_of(model="nbd"), nobody_leaves))
    assert worth.per_unit is None
    assert "sees nobody leave" in worth.unknown


def test_a_link_without_a_slope_says_that_nobody_knows(metric, link, retention, valuation):
    calls = metric("Save calls")
    link(calls, retention)
    worth = worth_of(calls, valuation)
    assert worth.unknown == "Nobody has said yet how strongly save calls moves retention."


def test_a_metric_without_a_way_says_so(metric, retention, valuation):
    assert worth_of(metric("Alone"), valuation).unknown == roll_up.NO_WAY


def test_without_a_valuation_nothing_is_worth_anything(late):
    assert worth_of(late, None).unknown == roll_up.NO_VALUATION


def test_risk_acts_by_the_discount_rate(metric, link, top, valuation):
    share = metric("Stable revenue", level=2)
    link(share, top, "risk", slope=-0.02, se=0.01)
    assert worth_of(share, valuation).per_unit == pytest.approx(0.02 * 8_250)


def test_a_flow_of_newcomers_counts_by_the_year(metric, link, top, valuation):
    newcomers = metric("New customers", level=2)
    link(newcomers, top, "identity", driver="acquire")
    version = MetricVersion.objects.create(
        metric=newcomers, number=1, grain="month", unit="customers"
    )
    Measure.objects.create(version=version, side="numerator", source="newcomers", aggregate="count")
    assert worth_of(newcomers, valuation).per_unit == pytest.approx(12 * 38.2)


def test_an_identity_below_a_derived_metric_has_the_slope_of_its_formula(
    metric, link, top, valuation
):
    margin = metric("Margin", level=2)
    link(margin, top, "identity", driver="cash")
    orders, value = metric("Orders"), metric("Value")
    orders.base, value.base = 5, 60
    for one in (orders, value):
        one.save()
        link(one, margin, "identity", slope=999)
    MetricVersion.objects.create(
        metric=margin, number=1, grain="month", unit="GBP", way="derived", formula="orders * value"
    )
    assert worth_of(orders, valuation).per_unit == pytest.approx(60 * 32_000)
    assert worth_of(value, valuation).per_unit == pytest.approx(5 * 32_000)


def test_a_newcomer_is_worth_less_what_winning_one_costs(shop, valuation):
    shop.sells("ann", valuation.as_of - timedelta(20), 10)
    shop.sells("bob", valuation.as_of - timedelta(20), 10)
    shop.sells("old", valuation.as_of - timedelta(400), 10)
    AcquisitionCost.objects.create(channel="web", month=date(2026, 6, 1), amount=Decimal(20))
    gradient = gradient_of(valuation)
    assert gradient["acquire"] == pytest.approx(38.2 - 10)
    assert gradient["winning"] == -2


def test_two_ways_by_belief_are_flagged_until_both_departments_confirm_them(
    late, retention, link, valuation
):
    direct = link(late, retention, slope=-0.05, se=0.02, lag_days=30)
    assert worth_of(late, valuation).has_double_route
    late.links_up.update(are_distinct=True)
    assert not worth_of(late, valuation).has_double_route
    direct.delete()
    late.links_up.update(are_distinct=False)
    assert not worth_of(late, valuation).has_double_route


def test_an_enabling_metric_is_worth_what_its_data_made_measurable(
    metric, late, valuation, marketing
):
    enabling = metric("Requests in time", department=marketing)
    enabling.kind = "enabling"
    enabling.save()
    weekly(late, [8] * 20 + [5] * 13 + [8] * 13)
    assert _enabled(enabling, valuation) == 0
    DataRequest.objects.create(
        metric=late, department=marketing, source="WMS", wanted="deliveries",
        asked_on=MONDAY, delivered_on=MONDAY,
    )  # fmt: skip
    assert _enabled(enabling, valuation) == pytest.approx(3 * 0.5 * 0.25 * 21_400)


def _enabled(enabling, valuation):
    worths = roll_up.worths_of(read_map(), valuation)
    return next(one.enables for one in worths if one.metric == enabling)


def test_a_run_stores_every_worth_and_is_due_again_only_when_something_changed(late, valuation):
    weekly(late, [8] * 30)
    figures = FigureRun.objects.create(as_of=MONDAY, changes=1, status="done")
    due = roll_up.due_roll_up()
    assert roll_up.due_roll_up() is None
    claimed = RollUp.objects.claim(due.pk)
    roll_up.run(claimed)
    roll_up.run(RollUp.objects.get(pk=due.pk))
    assert MetricWorth.objects.filter(roll_up=due).count() == 3
    assert RollUp.objects.in_force() == due
    assert roll_up.due_roll_up() is None
    FigureRun.objects.create(as_of=MONDAY + timedelta(7), changes=2, status="done")
    assert roll_up.due_roll_up().figures != figures


def test_a_run_raises_what_the_figures_show(late, valuation, person):
    manager = person("manager")
    weekly(late, [8, 7, 9, 8, 7, 8, 9, 8, 7, 8, 8, 9, 8, 7, 30])
    FigureRun.objects.create(as_of=MONDAY + timedelta(weeks=15, days=-1), changes=1, status="done")
    roll_up.run(RollUp.objects.claim(roll_up.due_roll_up().pk))
    assert Alert.objects.get().owner == manager


def test_a_risk_goes_by_its_slope_even_where_the_map_names_the_discount_rate(
    metric, link, top, valuation
):
    share = metric("Stable revenue", level=2)
    link(share, top, "risk", slope=-0.02, se=0.01, driver="discount")
    assert worth_of(share, valuation).per_unit == pytest.approx(0.02 * 8_250)


def test_a_belief_whose_doubt_nobody_stated_is_not_shown_as_certain(
    metric, link, retention, valuation
):
    calls = metric("Save calls")
    drawn = link(calls, retention, slope=0.1)
    worth = worth_of(calls, valuation)
    assert worth.per_unit_low < 0 < worth.per_unit < worth.per_unit_high
    assert worth.p_right == pytest.approx(0.84, abs=0.01)
    assert worth.doubtful_link == drawn


def test_what_counts_the_lost_is_the_kept_the_other_way_round(metric, link, top, valuation):
    lost = metric("Lost customers", level=2)
    lost.direction = "down"
    lost.save()
    link(lost, top, "identity", driver="keep")
    assert worth_of(lost, valuation).per_unit == -21_400


def test_a_share_of_one_is_a_hundred_points(retention, valuation):
    MetricVersion.objects.create(metric=retention, number=1, grain="month", unit="share a year")
    assert worth_of(retention, valuation).per_unit == 2_140_000


def test_a_count_a_week_is_added_up_in_a_formula_told_by_the_month(metric, link, top, valuation):
    margin = metric("Margin", level=2)
    link(margin, top, "identity", driver="whole")
    orders, value = metric("Orders"), metric("Value")
    for one in (orders, value):
        link(one, margin, "identity")
    counted = weekly(orders, [])
    counted.scale = 1
    counted.save()
    Measure.objects.create(version=counted, side="numerator", source="orders", aggregate="count")
    Figure.objects.create(
        version=counted, starts_on=MONDAY, ends_on=MONDAY + timedelta(6), numerator=10
    )
    value.base = 60
    value.save()
    MetricVersion.objects.create(
        metric=margin, number=1, grain="month", unit="GBP", way="derived",
        formula="orders * value * (1 - discount)",
    )  # fmt: skip
    weeks, rest = 365.25 / 7 / 12, 1 - float(Company.objects.current().yearly_rate)
    assert worth_of(orders, valuation).per_unit == pytest.approx(weeks * 60 * rest)
    assert worth_of(value, valuation).per_unit == pytest.approx(weeks * 10 * rest)


def test_where_nothing_goes_up_today_a_worth_of_nothing_is_no_failure(metric, link, top, valuation):
    sales = metric("Sales", level=2)
    link(sales, top, "identity", driver="whole")
    orders, value, calls = metric("Orders"), metric("Value"), metric("Calls", level=4)
    orders.base, value.base = 0, 60
    for one in (orders, value):
        one.save()
        link(one, sales, "identity")
    link(calls, value, slope=0.5, se=0.1)
    MetricVersion.objects.create(
        metric=sales, number=1, grain="month", unit="GBP", way="derived", formula="orders * value"
    )
    worth = worth_of(calls, valuation)
    assert (worth.per_unit, worth.smallest_change, worth.step) == (0, None, None)


def test_a_retired_top_is_not_the_top(late, top, valuation):
    gone = Metric.objects.get(pk=top.pk)
    gone.pk, gone.key, gone.name, gone.retired_on = None, "a_gone_top", "A gone top", MONDAY
    gone.save()
    FigureRun.objects.create(as_of=MONDAY, changes=1, status="done")
    due = roll_up.due_roll_up()
    roll_up.run(RollUp.objects.claim(due.pk))
    assert due.worths.get(metric=late).unknown == ""
    assert not due.worths.filter(metric=gone).exists()


@pytest.mark.parametrize("months", [1, 2, 3, 4, 7, 8])
def test_the_last_quarter_is_three_months_whatever_the_month(late, valuation, months):
    version = MetricVersion.objects.create(
        metric=late, number=1, grain="month", unit="% of deliveries", scale=100
    )
    last = date(2026, months, 1)
    for back in range(12):
        at = 12 * last.year + last.month - 1 - back
        start = date(at // 12, at % 12 + 1, 1)
        end = (start + timedelta(31)).replace(day=1) - timedelta(1)
        late_ones = 8 if back < 3 else 5
        Figure.objects.create(
            version=version, starts_on=start, ends_on=end, numerator=late_ones, denominator=100
        )
    assert worth_of(late, valuation).step == pytest.approx(-3)


def test_no_step_goes_below_nothing_or_beyond_a_hundred(late, retention, valuation):
    Company.objects.filter(pk=Company.objects.current().pk).update(materiality=26_750)
    weekly(late, [4] * 30)
    worth = worth_of(late, valuation)
    assert (worth.step, worth.step_basis) == (pytest.approx(-4), "material")
    assert worth.gain == pytest.approx(4 * 2_675)
    weekly(retention, [99.5] * 30)
    assert worth_of(retention, valuation).step == pytest.approx(0.5)


def test_what_a_newcomer_costs_is_of_twelve_months_at_a_leap_years_end_too(shop, db):
    valuation = with_pulls(valuation_of(as_of=date(2024, 12, 31)))
    shop.sells("ann", date(2024, 6, 1), 10)
    for month in range(1, 13):
        AcquisitionCost.objects.create(channel="web", month=date(2024, month, 1), amount=Decimal(1))
    assert gradient_of(valuation)["acquire"] == pytest.approx(38.2 - 12)
