"""The pages and the API of metrics, as each role finds them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import Department, Role
from metrics.indicators.figures import compute, store
from metrics.models import FigureRun, Link, Metric

QUIET = [10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9]


@pytest.fixture
def counted(db):
    return FigureRun.objects.create(as_of=date(2024, 4, 3), changes=1, status="done")


def page_of(client, version):
    return client.get(reverse("metric-page", args=[version.metric.key]))


def text_of(response):
    return " ".join(response.text.split())


def test_a_board_shows_the_metrics_of_the_own_department_only(
    signed_in, with_figures, marketing, counted
):
    with_figures(*QUIET, 30, key="orders")
    with_figures(*QUIET, key="clicks", department=marketing)
    page = text_of(signed_in(Role.MANAGER).get("/board/"))
    assert "<h1>Sales</h1>" in page
    assert "Metric orders went above the usual range in the week to 31 Mar 2024" in page
    assert "Signal, better" in page
    assert "clicks" not in page


def test_a_board_of_two_departments_names_neither_on_top(client, person, with_figures, marketing):
    leader = person(Role.MANAGER)
    leader.memberships.create(department=marketing, role=Role.TEAM_LEAD)
    with_figures(*QUIET, key="orders")
    with_figures(*QUIET, key="clicks", department=marketing)
    client.force_login(leader)
    board = client.get("/board/").context["board"]
    assert [department.name for department in board.departments] == ["Marketing", "Sales"]
    assert len(board.rows) == 2


def test_a_board_does_not_show_what_a_second_role_opens_elsewhere(
    client, person, with_figures, marketing
):
    leader = person(Role.MANAGER)
    leader.memberships.create(department=None, role=Role.ANALYST)
    with_figures(*QUIET, key="clicks", department=marketing)
    client.force_login(leader)
    assert client.get("/board/").context["board"].rows == []


def test_an_empty_board_says_who_can_change_it(signed_in):
    page = text_of(signed_in(Role.FRONT_LINE).get("/board/"))
    assert "Your department owns none. The map administrator adds them on the map." in page


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.MAP_ADMIN, Role.ANALYST])
def test_the_list_shows_every_department(signed_in, with_figures, marketing, role):
    with_figures(*QUIET, key="orders")
    with_figures(*QUIET, key="clicks", department=marketing)
    page = signed_in(role).get("/metrics/").text
    assert "Metric orders" in page
    assert "Metric clicks" in page


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.FRONT_LINE, True),
        (Role.TEAM_LEAD, True),
        (Role.MANAGER, True),
        (Role.EXECUTIVE, True),
        (Role.DATA_STEWARD, False),
        (Role.SYSTEM_ADMIN, False),
    ],
)
@pytest.mark.parametrize("path", ["/metrics/orders/", "/api/metrics/orders/"])
def test_a_metric_opens_on_page_and_api_for_the_same_roles(
    signed_in, with_figures, role, opens, path
):
    with_figures(*QUIET, key="orders")
    assert (signed_in(role).get(path).status_code == 200) is opens


@pytest.mark.parametrize("path", ["/metrics/clicks/", "/api/metrics/clicks/"])
def test_another_departments_metric_is_not_found(signed_in, with_figures, marketing, path):
    with_figures(*QUIET, key="clicks", department=marketing)
    assert signed_in(Role.MANAGER).get(path).status_code == 404


def test_a_metric_page_tells_verdict_definition_and_conditions(signed_in, with_figures, counted):
    version = with_figures(*QUIET, 30, key="orders", history_days=14)
    page = text_of(page_of(signed_in(Role.MANAGER), version))
    assert "Signal, better</span>: went above the usual range in the week to 31 Mar 2024" in page
    assert "Limits come from the first 12 weeks" in page
    assert "Number of orders" in page
    assert "Version <b>1</b>" in page
    assert "Counted from 30 orders" in page
    assert "Data to <b>3 Apr 2024</b>" in page
    assert "once there are 14 days of data" in page


def test_with_too_few_figures_the_page_says_how_many_are_missing(signed_in, with_figures, counted):
    page = text_of(page_of(signed_in(Role.MANAGER), with_figures(5, 6, 7)))
    assert "3 of 12 weeks" in page
    assert "The usual range comes after 9 more." in page


def test_without_figures_the_page_says_when_they_come(signed_in, declare):
    version = declare(("orders", "count", ""))
    page = text_of(page_of(signed_in(Role.MANAGER), version))
    assert "No figures yet" in page
    assert "They come after the next import." in page


def test_a_metric_that_nobody_can_count_says_why(signed_in, declare):
    version = declare(("parcels", "count", ""))
    page = page_of(signed_in(Role.MANAGER), version).text
    assert "It cannot be counted" in page
    assert "There is no source “parcels”." in page


def test_preliminary_figures_are_shown_and_named(signed_in, with_figures):
    version = with_figures(*QUIET)
    version.figures.filter(starts_on="2024-03-18").update(is_final=False)
    page = page_of(signed_in(Role.MANAGER), version).text
    assert "Hollow points are preliminary." in page
    assert page.count('data-is="open"') == 1


@pytest.mark.parametrize(
    ("control", "own", "others"),
    [("full", "You control", "Sales controls"), ("none", "Only watch", "Only watch")],
)
def test_control_is_told_from_where_the_reader_stands(
    signed_in, with_figures, client, person, control, own, others
):
    version = with_figures(*QUIET, control=control)
    assert own in page_of(signed_in(Role.MANAGER), version).text
    client.force_login(person(Role.EXECUTIVE))
    assert others in page_of(client, version).text


def test_the_path_to_the_top_is_told(signed_in, with_figures):
    version = with_figures(*QUIET, key="orders")
    between = with_figures(*QUIET, key="active", level=2)
    top = with_figures(*QUIET, key="equity", level=1)
    Link.objects.create(child=version.metric, parent=between.metric, kind="leading", lag_days=30)
    Link.objects.create(child=between.metric, parent=top.metric, kind="identity")
    client = signed_in(Role.MANAGER)
    assert "after about 1 month" in page_of(client, version).text
    assert "through metric active" in client.get("/board/").text


def test_without_a_path_the_page_shows_a_hole(signed_in, with_figures):
    assert "Leads nowhere yet" in page_of(signed_in(Role.MANAGER), with_figures(*QUIET)).text


@pytest.mark.parametrize(("role", "sees"), [(Role.TEAM_LEAD, True), (Role.MANAGER, False)])
def test_the_order_behind_a_spike_is_named_to_the_team_lead_only(
    signed_in, shop, declare, role, sees
):
    for week in range(13):
        shop.sells("ann", date.fromordinal(date(2024, 1, 1).toordinal() + 7 * week), 100, -2)
    shop.sells("bea", "2024-03-26", 80, -74, products="jj")
    rate = declare(
        ("lines", "sum", "returned_amount"), ("lines", "sum", "sold_amount"), direction="down"
    )
    store(rate, compute(rate, date(2024, 3, 31)))
    page = text_of(page_of(signed_in(role), rate))
    assert "Signal, worse" in page
    assert ("£74.00" in page) is sees
    assert ("customer bea" in page) is sees


def test_page_and_api_tell_the_same(signed_in, with_figures):
    version = with_figures(*QUIET, 30, key="orders", unit="% of orders", scale=100, decimals=1)
    version.figures.update(denominator=40)
    client = signed_in(Role.MANAGER)
    told = client.get("/api/metrics/orders/").json()
    assert told["figures"][-1] == {
        "starts_on": "2024-03-25",
        "ends_on": "2024-03-31",
        "value": 75.0,
        "numerator": 30.0,
        "denominator": 40.0,
        "rows": 30,
        "is_final": True,
    }
    assert page_of(client, version).context["reading"].last.value == told["figures"][-1]["value"]
    assert told["version"]["number"] == 1


def queries_of(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.MANAGER, "/board/"),
        (Role.EXECUTIVE, "/metrics/"),
        (Role.ANALYST, "/api/metrics/"),
        (Role.TEAM_LEAD, "/metrics/orders/"),
    ],
)
def test_forty_metrics_take_as_many_queries_as_one(signed_in, with_figures, role, path):
    with_figures(*QUIET, 30, key="orders")
    client = signed_in(role)
    client.get(path)
    with_one = queries_of(client, path)
    for _ in range(39):
        department = Department.objects.create(name=f"Department {Metric.objects.count()}")
        with_figures(*QUIET, department=department if role == Role.EXECUTIVE else None)
    assert queries_of(client, path) == with_one
