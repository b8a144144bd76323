"""The map page: who sees what, the chosen path, the holes, the same number of queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.metric_map.document import stored_document, written
from metrics.models import (
    DataRequest,
    Figure,
    Link,
    MapEdition,
    Measure,
    MetricVersion,
    MetricWorth,
    RollUp,
)


@pytest.fixture
def counted():
    """Give a metric one figure."""

    def make(metric, value):
        version = MetricVersion.objects.create(metric=metric, number=1, grain="week", unit="orders")
        Measure.objects.create(
            version=version, side="numerator", source="orders", aggregate="count"
        )
        day = date(2026, 3, 2)
        Figure.objects.create(version=version, starts_on=day, ends_on=day, numerator=value)

    return make


@pytest.fixture
def worth(db):
    """Write down what a step of a metric is worth: worth(metric, 5000, 1000, 9000)."""
    roll_up = RollUp.objects.create(status="done", as_of=date(2026, 3, 1), currency="GBP")

    def make(metric, gain, low=None, high=None):
        low, high = low or gain, high or gain
        return MetricWorth.objects.create(
            roll_up=roll_up, metric=metric, per_unit=gain, per_unit_low=low, per_unit_high=high,
            p_right=1, step=1, step_basis="best", gain=gain, gain_low=low, gain_high=high,
        )  # fmt: skip

    return make


@pytest.fixture
def awaited(metric, link, active):
    made = metric("Late deliveries")
    link(made, active)
    MetricVersion.objects.create(metric=made, number=1, grain="week", unit="%", way="awaited")
    return made


def test_the_map_shows_every_name_and_leads_to_each_path(signed_in, returns):
    page = signed_in("front_line").get("/map/")
    for name in ("Customer equity", "Active customers", "Return rate"):
        assert name in page.text
    assert "?metric=return_rate" in page.text
    assert "Every metric reaches customer equity." in page.text


@pytest.mark.parametrize("role", ["front_line", "team_lead", "manager"])
def test_values_of_other_departments_are_not_shown(
    signed_in, role, marketing, sales, metric, returns, counted
):
    counted(returns, 4321)
    counted(metric("Campaign reach", department=marketing), 8765)
    page = signed_in(role, sales).get("/map/").text
    assert "4,321" in page
    assert "Campaign reach" in page
    assert "8,765" not in page
    assert "Values of other departments are not shown to you" in page


@pytest.mark.parametrize(("role", "sees"), [("executive", True), ("data_steward", False)])
def test_values_are_shown_to_readers_of_all_metrics_only(signed_in, role, sees, returns, counted):
    counted(returns, 4321)
    assert ("4,321" in signed_in(role).get("/map/").text) == sees


def test_a_chosen_metric_has_its_path_in_words_and_in_the_drawing(signed_in, returns):
    page = signed_in("executive").get("/map/?metric=return_rate").text
    assert "A change in return rate moves active customers after about 1 month (assumed)" in page
    assert page.count('class="on-path"') == 3  # two links and the legend
    assert page.count("data-path><a") == 3


def test_an_unknown_metric_is_not_found(signed_in, returns):
    assert signed_in("executive").get("/map/?metric=nonsense").status_code == 404


def test_holes_are_drawn_as_holes(signed_in, person, marketing, metric, returns):
    person("manager", marketing)
    metric("Lonely")
    page = signed_in("map_admin").get("/map/").text
    assert "1 metric leads nowhere yet; every other one reaches customer equity." in page
    assert page.count('<g class="node" data-is="hole"') == 2
    assert page.count('class="stop"') == 1
    assert "Marketing: no metric yet, hole" in page
    assert "Marketing has people but no metric." in page


def test_an_empty_map_says_how_it_begins(signed_in, db):
    page = signed_in("front_line").get("/map/").text
    assert "A map administrator adds it." in page


def test_the_table_has_what_the_drawing_has(signed_in, returns):
    table = signed_in("front_line").get("/map/").text.split('<table class="worths')[1]
    for fact in ("Return rate", "Sales", "Department head", "after about 1 month", "assumed"):
        assert fact in table


def test_only_the_map_administrator_is_led_to_the_editor(signed_in, returns):
    assert "/map/edit/" in signed_in("map_admin").get("/map/").text
    assert "/map/edit/" not in signed_in("executive").get("/map/").text


@pytest.mark.parametrize(
    "address", ["/map/", "/map/edit/", "/map/?metric=return_rate", "/map/holes/"]
)
def test_forty_metrics_take_as_many_queries_as_one(
    signed_in, metric, link, active, returns, counted, address
):
    client = signed_in("map_admin")
    counted(returns, 1)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    for number in range(40):
        made = metric(f"Metric {number}", level=3 + number % 2)
        link(made, active)
        counted(made, number)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(few) == len(many)


def lines_of(page):
    return {
        (line.link.child.key, line.link.parent.key): line for line in page.context["picture"].lines
    }


def test_a_link_is_as_thick_as_the_money_that_it_carries(signed_in, returns, active, worth):
    worth(active, 100_000)
    worth(returns, 30_000, 10_000, 50_000)
    page = signed_in("executive").get("/map/")
    lines = lines_of(page)
    exact = lines["active_customers", "customer_equity"]
    assert (exact.core, exact.edge) == ("16.00", "")
    doubtful = lines["return_rate", "active_customers"]
    assert (doubtful.core, doubtful.edge) == ("1.60", "8.00")
    assert "£100,000 a step" in page.text
    assert "core: nearly sure, edge: may be" in page.text
    assert 'class="doubt"' in page.text


def test_a_metric_that_goes_up_by_two_links_is_split_between_them(
    signed_in, metric, link, equity, worth
):
    one, other, below = metric("One", 2), metric("Other", 2), metric("Below")
    for parent in (one, other):
        link(parent, equity, "identity", driver="keep")
        worth(parent, 10)
    link(below, one, slope=0.3)
    link(below, other, slope=0.1)
    worth(below, 4)
    lines = lines_of(signed_in("executive").get("/map/"))
    one, other = (float(lines["below", key].core) for key in ("one", "other"))
    assert one == pytest.approx(3 * other)


def test_the_table_has_what_a_step_is_worth(signed_in, returns, worth):
    worth(returns, 30_000, 10_000, 50_000)
    table = signed_in("front_line").get("/map/").text.split('<table class="worths')[1]
    for fact in ("about +£30,000", "£10,000 to £50,000"):
        assert fact in table


def test_what_is_awaited_is_a_hole_with_the_day_of_its_data(signed_in, awaited, marketing):
    client = signed_in("map_admin")
    page = client.get("/map/").text
    assert "no data yet</text>" in page
    assert "/data-requests/new/?metric=late_deliveries" in page
    DataRequest.objects.create(
        metric=awaited, asked_on="2026-03-02", department=marketing, source="ledger",
        wanted="Each delivery", promised_on="2026-05-03",
    )  # fmt: skip
    page = client.get("/map/")
    assert "due 3 May</text>" in page.text
    assert lines_of(page)["late_deliveries", "active_customers"].stroke == "wanted"


def test_a_retired_metric_leaves_the_map(signed_in, returns):
    returns.retired_on = date(2026, 1, 1)
    returns.save()
    assert "Return rate" not in signed_in("executive").get("/map/").text


def test_one_department_sees_its_own_ways_to_the_top(signed_in, returns, metric, marketing):
    metric("Campaign reach", department=marketing)
    page = signed_in("front_line").get(f"/map/?department={returns.department_id}")
    drawn = {entry.metric.name for entry, _ in page.context["picture"].nodes}
    assert drawn == {"Return rate", "Active customers", "Customer equity"}
    assert "Sales (yours)" in page.text
    assert page.client.get("/map/?department=999").status_code == 404


def test_a_department_keeps_what_lies_between_it_and_the_top(
    signed_in, returns, metric, link, marketing
):
    link(metric("Campaign reach", department=marketing), returns)
    page = signed_in("executive").get(f"/map/?department={marketing.pk}")
    assert len(page.context["picture"].nodes) == 4


def test_a_day_leads_to_the_edition_of_that_day(signed_in, returns):
    MapEdition.objects.create(
        number=1, state="published", document=written(stored_document()),
        published_at="2026-02-01T12:00Z",
    )  # fmt: skip
    client = signed_in("executive")
    assert client.get("/map/?on=2026-03-01")["Location"] == "/map/editions/1/"
    for day in ("2026-01-01", "2026-13-01", "nonsense"):
        page = client.get(f"/map/?on={day}", follow=True).text
        assert "No edition of the map was in force on that day." in page


def test_the_holes_page_lists_what_is_missing_by_people(signed_in, awaited, person, marketing):
    person("front_line", marketing)
    page = " ".join(signed_in("manager").get("/map/holes/").text.split())
    assert "3 levels of a department have no metric." in page
    assert "Is not measured, or its data are late" in page
    assert "/data-requests/new/?metric=late_deliveries" in page
    assert "No metric stands at “Aware” of the journey." in page
    assert "100% is a map without holes" in page
    assert 'Late deliveries</a> <span class="tag" data-is="hole">no data yet</span>' in page


def test_a_hole_that_touches_more_people_comes_first(signed_in, metric, equity, person, marketing):
    metric("Alone", department=marketing)
    metric("Busy")
    for _ in range(3):
        person("front_line")
    problems = signed_in("executive").get("/map/holes/").context["board"].problems
    names = [problem.name for problem in problems]
    assert names.index("Busy") < names.index("Alone")


@pytest.mark.parametrize("count", [40, 150])
def test_a_large_map_is_drawn_whole(signed_in, metric, link, active, sales, marketing, count):
    departments = [sales, marketing]
    for number in range(count - 2):
        made = metric(f"Metric {number}", 3 + number % 2, departments[number % 2])
        link(made, active)
    page = signed_in("executive").get("/map/")
    assert page.text.count('<g class="node"') == count
    drawn = [link for line in page.context["picture"].lines for link in line.links]
    assert len(drawn) == Link.objects.count()


def test_a_last_value_stands_with_its_unit(signed_in, returns, counted):
    counted(returns, 4321)
    page = signed_in("executive").get("/map/").text
    assert '4,321 <span class="soft">orders</span>' in page
    assert 'aria-label="Return rate, 4,321 orders' in page


def test_an_earlier_map_draws_the_path_of_a_metric_too(signed_in, returns):
    MapEdition.objects.create(
        number=1, state="published", document=written(stored_document()),
        published_at="2026-02-01T12:00Z",
    )  # fmt: skip
    page = signed_in("executive").get("/map/editions/1/?metric=return_rate").text
    assert "Path of “Return rate”, as it is" in page
    assert page.count("data-path><a") == 3
