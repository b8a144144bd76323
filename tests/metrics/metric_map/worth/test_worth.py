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
    FigureRun,
    Measure,
    MetricVersion,
    MetricWorth,
    RollUp,
)
from tests.metrics.metric_map.worth.by_hand import MONDAY, weekly, worth_of
from tests.metrics.value.by_hand import PULLS, valuation_of, with_pulls


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
