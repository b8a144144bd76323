"""The map page: who sees what, the chosen path, the holes, the same number of queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Figure, Measure, MetricVersion


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
    table = signed_in("front_line").get("/map/").text.split("<table>")[1]
    for fact in ("Return rate", "Sales", "Department head", "after about 1 month", "assumed"):
        assert fact in table


def test_only_the_map_administrator_is_led_to_the_editor(signed_in, returns):
    assert "/map/edit/" in signed_in("map_admin").get("/map/").text
    assert "/map/edit/" not in signed_in("executive").get("/map/").text


@pytest.mark.parametrize("address", ["/map/", "/map/edit/", "/map/?metric=return_rate"])
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
