"""The maps to start from: they break no rule, come in once, and are counted as they say."""

from collections import Counter
from dataclasses import replace

import pytest

from customers.models import Company, Department
from metrics.metric_map.changing.at_once import start_map
from metrics.metric_map.document import fingerprint, graph_of, stored_document
from metrics.metric_map.documents.rules import refusals
from metrics.metric_map.paths import best_paths
from metrics.metric_map.starting import Starting, starting_document
from metrics.models import Link, MapEdition, Metric, MetricVersion

WHOLE = Starting.WHOLE_COMPANY


@pytest.mark.parametrize("starting", Starting)
def test_a_map_to_start_from_breaks_no_rule_and_all_of_it_reaches_the_top(db, starting):
    document = starting_document(starting)
    assert refusals(document) == []
    graph = graph_of(document)
    assert best_paths(graph).keys() == graph.metrics.keys()


@pytest.mark.parametrize("starting", Starting)
def test_what_comes_in_is_what_the_document_says(db, starting):
    document = starting_document(starting)
    start_map(None, starting)
    assert replace(stored_document(), name=document.name) == document
    assert MapEdition.objects.in_force().number == 1


def test_a_map_in_use_stays_as_it_is(db):
    start_map(None)
    Metric.objects.filter(key="orders").update(name="Sales orders")
    start_map(None, WHOLE)
    assert Metric.objects.count() == 15
    assert Metric.objects.get(key="orders").name == "Sales orders"


def test_money_is_in_the_currency_of_the_company(company):
    Company.objects.update(currency="USD")
    start_map(None)
    assert MetricVersion.objects.get(metric__key="net_sales").unit == "USD"
    document = starting_document(WHOLE)
    assert document.metrics["cost_to_serve"].counting.unit == "USD a customer and year"


def test_the_whole_company_is_forty_metrics_and_forty_five_links(db):
    document = starting_document(WHOLE)
    entries = document.metrics.values()
    assert len(entries) == 40
    assert sum(entry.is_core for entry in entries) == 31
    kinds = Counter(link.kind for link in document.links.values())
    assert kinds == {"identity": 13, "leading": 31, "risk": 1}
    levels = {(entry.department, entry.level) for entry in entries if entry.is_core}
    departments = {entry.department for entry in entries} - {"Executive"}
    assert len(departments) == 8
    assert {(name, level) for name in departments for level in (3, 4)} <= levels


def test_no_link_of_the_whole_company_points_down(db):
    assert not any(link.points_down for link in graph_of(starting_document(WHOLE)).links)


def test_links_to_the_top_say_what_of_the_valuation_they_are(db):
    document = starting_document(WHOLE)
    found = {link.child: link.driver for link in document.links.values() if link.driver}
    assert found == {
        "retention_rate": "keep",
        "margin_per_customer": "cash",
        "new_customers": "acquire",
        "acquisition_cost": "winning",
        "stable_revenue_share": "discount",
    }


def test_a_definition_keeps_its_fingerprint_when_it_is_stored(db):
    document = starting_document(WHOLE)
    start_map(None, WHOLE)
    stored = stored_document()
    assert all(fingerprint(stored, key) == fingerprint(document, key) for key in document.metrics)


def test_no_department_of_a_shop_has_more_than_seven(db):
    start_map(None)
    owned = Counter(Metric.objects.values_list("department__name", flat=True))
    assert max(owned.values()) <= 7
    assert Department.objects.count() == 7
    assert Link.objects.count() == 15
