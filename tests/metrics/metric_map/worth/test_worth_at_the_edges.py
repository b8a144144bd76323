"""Where the worth of a step could be told wrong: signs, units, bounds, and what nobody stated."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from customers.models import AcquisitionCost, Company
from metrics.boards.metric.way import way_of
from metrics.boards.worth import worth_in
from metrics.indicators.fitness import fit_of
from metrics.indicators.reading import readings_of
from metrics.metric_map.graph import read_map
from metrics.metric_map.paths import best_paths
from metrics.metric_map.worth import roll_up
from metrics.metric_map.worth.gradient import gradient_of
from metrics.metric_map.worth.streams import streams_of
from metrics.models import Baseline, Figure, FigureRun, Measure, Metric, MetricVersion, RollUp
from tests.metrics.metric_map.worth.by_hand import MONDAY, weekly, worth_of
from tests.metrics.value.by_hand import valuation_of, with_pulls


def test_a_risk_goes_by_its_slope_even_where_the_map_names_the_discount_rate(
    metric, link, top, valuation
):
    share = metric("Stable revenue", level=2)
    link(share, top, "risk", slope=-0.02, se=0.01, driver="discount")
    assert worth_of(share, valuation).per_unit == pytest.approx(0.02 * 8_250)


@pytest.mark.parametrize("se", [None, 0])
def test_a_belief_whose_doubt_nobody_stated_is_not_shown_as_certain(
    metric, link, retention, valuation, se
):
    calls = metric("Save calls")
    drawn = link(calls, retention, slope=0.1, se=se)
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


@pytest.fixture
def value(metric, link, top, retention):
    """Of an order: to sales by a formula, whatever its link says; to retention by a belief."""
    sales = metric("Sales", level=2)
    link(sales, top, "identity", driver="whole")
    orders, value = metric("Orders"), metric("Value")
    orders.base = 5
    orders.save()
    for one in (orders, value):
        link(one, sales, "identity", slope=999)
    MetricVersion.objects.create(
        metric=sales, number=1, grain="month", unit="GBP", way="derived", formula="orders * value"
    )
    link(value, retention, slope=0.001, se=0.0005)
    weekly(value, [8] * 20 + [9] * 13 + [8] * 13)
    return value


def test_what_the_ways_of_a_metric_carry_adds_up_to_its_step(value, valuation):
    worths = {one.metric_id: one for one in roll_up.worths_of(read_map(), valuation)}
    streams = [one for ends, one in streams_of(read_map(), worths).items() if ends[0] == value.pk]
    assert sorted(one.gain for one in streams) == pytest.approx([5, 21.4])


def test_the_way_up_goes_by_the_formula_where_there_is_one(value, valuation):
    graph = read_map()
    worths = {one.metric_id: one for one in roll_up.worths_of(graph, valuation)}
    path = next(path for key, path in best_paths(graph).items() if key == value.pk)
    (reading,) = readings_of([value])
    shown = way_of(path, worth_in(worths, reading, "GBP"), worths, graph)
    assert [step.change for step in shown.steps] == ["+1 point", "+£5.00", "about +£26.40"]


def test_when_half_has_come_is_told_by_the_day(metric, link, late, valuation):
    dispatch = metric("Dispatch", level=4)
    link(dispatch, late, slope=-0.7, se=0.1, lag_days=2, longest_lag_days=7)
    worth = worth_of(dispatch, valuation)
    assert (worth.half_after_days, worth.whole_after_days) == (2 + 2 + 30 + 90, 7 + 30 + 90)


def test_a_baseline_whose_figures_are_gone_says_nothing_and_breaks_nothing(late, valuation):
    version = weekly(late, [])
    Baseline.objects.create(version=version, first_on=MONDAY, points=24, centre=8, mean_range=0.5)
    Company.objects.filter(pk=Company.objects.current().pk).update(materiality=2675)
    assert worth_of(late, valuation).periods_to_notice is None
    (reading,) = readings_of([late])
    assert fit_of(reading, 1.0, 91) is None
