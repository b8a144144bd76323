"""A worth that holds only a part of what a step does says which part, wherever it is shown."""

from datetime import date
from decimal import Decimal

import pytest

from customers.models import AcquisitionCost
from metrics.boards.metric.way import way_of
from metrics.boards.worth import worth_in
from metrics.indicators.reading import readings_of
from metrics.metric_map.graph import read_map
from metrics.metric_map.paths import best_paths
from metrics.metric_map.worth import roll_up
from metrics.metric_map.worth.gradient import costs_untold
from metrics.models import FigureRun, MetricWorth, RollUp
from tests.metrics.metric_map.worth.by_hand import MONDAY, weekly, worth_of

UNKNOWN_WAY = (
    "A part of it only: one more way up is not known."
    " Nobody has said yet how strongly late deliveries moves cost to serve."
)
BEFORE_COST = "Before what winning a customer costs, which nobody has entered."


@pytest.fixture
def cost(metric, link, top, late):
    """A second way up from late deliveries, of which nobody has said how strong it is."""
    made = metric("Cost to serve", level=2)
    link(made, top, "identity", driver="cash")
    link(late, made)
    return made


@pytest.fixture
def newcomers(metric, link, top):
    made = metric("New customers", level=2)
    link(made, top, "identity", driver="acquire")
    return made


def test_a_sum_of_the_known_ways_says_that_it_is_a_part(late, cost, valuation):
    worth = worth_of(late, valuation)
    assert worth.per_unit == pytest.approx(-0.5 * 0.25 * 21_400)
    assert worth.leaves_out == UNKNOWN_WAY


def test_what_is_left_out_above_is_left_out_below(metric, link, late, cost, valuation):
    dispatch = metric("Dispatch", level=4)
    link(dispatch, late, slope=-0.7, se=0.1)
    assert worth_of(dispatch, valuation).leaves_out == UNKNOWN_WAY


def test_ways_that_are_all_known_leave_nothing_out(late, satisfaction, cost, valuation):
    assert worth_of(satisfaction, valuation).leaves_out == ""
    late.links_up.filter(parent=cost).update(slope=0.1)
    assert worth_of(late, valuation).leaves_out == ""


def test_a_way_that_leads_nowhere_is_no_part_of_a_worth(metric, link, late, valuation):
    link(late, metric("Alone"))
    assert worth_of(late, valuation).leaves_out == ""


def test_what_is_not_known_at_all_leaves_nothing_out(metric, link, cost, retention, valuation):
    calls = metric("Save calls", level=4)
    link(calls, retention)
    link(calls, cost)
    worth = worth_of(calls, valuation)
    assert (bool(worth.unknown), worth.leaves_out) == (True, "")


def test_a_newcomers_cost_that_nobody_entered_is_told_and_is_no_zero(
    metric, link, newcomers, shop, valuation
):
    shop.sells("ann", date(2026, 10, 29), 10)
    prospects = metric("Prospects", level=4)
    link(prospects, newcomers, slope=0.1, se=0.05)
    for one in (newcomers, prospects):
        assert worth_of(one, valuation).leaves_out == BEFORE_COST
    for month in range(1, 13):
        year = 2026 if month < 12 else 2025
        AcquisitionCost.objects.create(channel="web", month=date(year, month, 1), amount=Decimal(1))
    worth = worth_of(newcomers, valuation)
    assert (worth.per_unit, worth.leaves_out) == (pytest.approx(38.2 - 12), "")


def test_a_cost_that_hardly_touches_a_worth_is_not_told_there(
    metric, link, newcomers, satisfaction, valuation
):
    link(satisfaction, newcomers, slope=1, se=0.5)
    assert worth_of(satisfaction, valuation).leaves_out == ""
    satisfaction.links_up.filter(parent=newcomers).update(slope=10)
    assert worth_of(satisfaction, valuation).leaves_out == BEFORE_COST


def test_the_way_shown_says_that_the_worth_comes_by_others(link, late, cost, valuation):
    """The shortest way is drawn, and it is the one that nobody knows."""
    weekly(late, [8] * 20 + [5] * 13 + [8] * 13)
    graph = read_map()
    worths = {one.metric_id: one for one in roll_up.worths_of(graph, valuation)}
    (reading,) = readings_of([late])
    told = worth_in(worths, reading, "GBP")
    shown = way_of(best_paths(graph)[late.pk], told, worths, graph)
    assert [step.metric.name for step in shown.steps][1] == "Cost to serve"
    assert f"about +{shown.other_ways}" == told.gain


def test_a_year_of_which_only_some_months_have_a_cost_says_how_many(shop, valuation):
    AcquisitionCost.objects.create(channel="web", month=date(2026, 6, 1), amount=Decimal(20))
    assert costs_untold(valuation) == {
        "acquire": "What winning a customer costs is entered for one of the last twelve months."
    }


@pytest.mark.parametrize("path", ["/metrics/", "/metrics/late_deliveries/", "/map/"])
def test_pages_tell_that_a_worth_is_a_part(client, path, late, cost, valuation, person):
    _rolled_up(late)
    client.force_login(person("executive"))
    assert UNKNOWN_WAY in client.get(path).text


def test_the_chosen_path_and_the_api_tell_it_too(client, late, cost, valuation, person):
    _rolled_up(late)
    client.force_login(person("executive"))
    assert UNKNOWN_WAY in client.get("/map/?metric=late_deliveries").text
    (shown,) = [
        one for one in client.get("/api/worths/").json()["results"] if one["key"] == late.key
    ]
    assert shown["leaves_out"] == UNKNOWN_WAY


def _rolled_up(late):
    weekly(late, [8] * 20 + [5] * 13 + [8] * 13)
    FigureRun.objects.create(as_of=MONDAY, changes=1, status="done")
    roll_up.run(RollUp.objects.claim(roll_up.due_roll_up().pk))
    assert MetricWorth.objects.get(metric=late).gain
