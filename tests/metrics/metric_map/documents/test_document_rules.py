"""Every rule of a whole document, broken once, says which one it is; warnings stop nobody."""

from dataclasses import replace
from datetime import date

import pytest

from customers.models import User
from metrics.indicators.counting import Counted, Counting
from metrics.metric_map.changing.applying import apply
from metrics.metric_map.document import LinkEntry, MapDocument
from metrics.metric_map.documents.rules import refusals, warnings
from metrics.metric_map.starting import Starting, starting_document
from metrics.models import Metric

DERIVED = Counting("week", "GBP", 1, 0, 0, 0, way="derived", formula="orders * average_order_value")


@pytest.fixture
def shop_map(db):
    User.objects.create_user("ann@example.com", "Ann")
    return starting_document(Starting.PURCHASES)


def told(document: MapDocument) -> str:
    return " ".join(rule.sentence for rule in refusals(document))


def changed(document: MapDocument, of: str = "orders", **values) -> MapDocument:
    return document.with_metric(replace(document.metrics[of], **values))


def counted(document: MapDocument, of: str = "orders", **values) -> MapDocument:
    counting = document.metrics[of].counting._replace(**values)
    return changed(document, of, counting=counting)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"key": "new"}, "“new” is an address of its own"),
        ({"counter_metric": "orders"}, "Orders cannot be its own counter-metric"),
        ({"counter_metric": "gone"}, "The counter-metric of orders, “gone”, is no metric"),
        ({"name": "Net sales"}, "2 metrics are called Net sales"),
        ({"level": 1}, "The map has 2 tops, and takes one: customer equity and orders"),
        ({"target": 5.0}, "a target needs its day"),
        ({"target": 5.0, "target_on": date(2030, 1, 1)}, "no action of its owner is named"),
        (
            {"target": 5.0, "target_on": date(2030, 1, 1), "control": "none"},
            "nobody controls it: say why",
        ),
        (
            {"owner": "ann@example.com", "control": "none"},
            "The owner of orders can only watch it: say why in a note",
        ),
        ({"owner": "bob@example.com"}, "Nobody here has the e-mail bob@example.com"),
        ({"sensitive": "staff"}, "about staff, so it is counted in groups only"),
    ],
)
def test_a_metric_that_breaks_a_rule_is_told(shop_map, values, sentence):
    assert sentence in told(changed(shop_map, **values))


@pytest.mark.parametrize(
    "values",
    [
        {"target": 5.0, "target_on": date(2030, 1, 1), "actions": ("Call",)},
        {"target": 5.0, "target_on": date(2030, 1, 1), "watch_note": "The board asked."},
        {"owner": "ann@example.com", "control": "none", "watch_note": "To know."},
        {"counter_metric": "net_sales", "owner": "ann@example.com"},
    ],
)
def test_a_metric_that_holds_to_the_rules_may_stand(shop_map, values):
    assert told(changed(shop_map, **values)) == ""


@pytest.mark.parametrize(
    ("numerator", "sentence"),
    [
        (Counted("moons", "count"), "there is no source “moons”"),
        (Counted("orders", "sum", "moons"), "there is no field moons in orders"),
        (Counted("orders", "sum", "has_customer"), "“has a known customer” cannot be added up"),
        (
            Counted("orders", "count", "", (("customer", "eq", 1),)),
            "“customers” cannot be compared",
        ),
    ],
)
def test_what_its_source_does_not_offer_is_told(shop_map, numerator, sentence):
    assert sentence in told(counted(shop_map, numerator=numerator))


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("orders.pk", "but no “orders.pk”"),
        ("orders * moons", "there is no metric moons for its formula"),
        ("net_sales + orders", "Formulas run in a circle: net_sales → net_sales"),
        ("orders + average_order_value", "The formula adds order and GBP"),
        ("orders * average_order_value * average_order_value", "but is told in GBP"),
    ],
)
def test_a_wrong_formula_is_told(shop_map, formula, sentence):
    counting = DERIVED._replace(formula=formula)
    assert sentence in told(changed(shop_map, "net_sales", counting=counting))


def test_a_right_formula_may_stand(shop_map):
    document = counted(shop_map, "average_order_value", unit="GBP an order")
    assert told(changed(document, "net_sales", counting=DERIVED)) == ""


def test_nobody_owns_more_than_seven(shop_map):
    seven = shop_map
    for key in list(shop_map.metrics)[:7]:
        seven = changed(seven, key, owner="ann@example.com", watch_note="To know.")
    assert told(seven) == ""
    eight = changed(seven, list(shop_map.metrics)[7], owner="ann@example.com", watch_note="So.")
    assert "ann@example.com owns 8 metrics; nobody watches more than 7" in told(eight)


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        (LinkEntry("moons", "orders", "leading"), "from “moons” to orders: there is no metric"),
        (LinkEntry("orders", "orders", "leading"), "a metric cannot lead to itself"),
        (LinkEntry("return_rate", "active_customers", "leading", lag_days=3), "told each week, so"),
        (LinkEntry("orders", "net_sales", "identity", driver="cash"), "only links to the top have"),
        (LinkEntry("orders", "net_sales", "leading"), "takes only identity and risk links"),
        (LinkEntry("net_sales", "orders", "leading"), "points down, from net sales"),
        (
            LinkEntry("net_sales", "products_sold", "leading", note="So."),
            "The map has a circle: ",
        ),
    ],
)
def test_a_link_that_breaks_a_rule_is_told(shop_map, link, sentence):
    assert sentence in told(shop_map.with_link(link))


def test_a_circle_is_told_once(shop_map):
    link = LinkEntry("net_sales", "products_sold", "leading", note="So.")
    found = refusals(shop_map.with_link(link))
    assert len([rule for rule in found if "circle" in rule.sentence]) == 1


def test_the_delay_of_what_nobody_measures_yet_is_free(shop_map):
    awaited = Counting("month", "returns", 1, 0, 0, 0, way="awaited")
    document = changed(shop_map, "return_rate", counting=awaited)
    link = LinkEntry("return_rate", "active_customers", "leading", lag_days=3)
    assert told(document.with_link(link)) == ""


def test_the_name_of_a_retired_metric_is_taken(shop_map):
    apply(shop_map, None)
    Metric.objects.filter(key="orders").update(retired_on=date(2024, 1, 1))
    entry = replace(shop_map.metrics["orders"], key="sales_orders")
    document = shop_map.without_metric("orders").with_metric(entry)
    assert "A retired metric, orders, is called Orders" in told(document)


def test_warnings_tell_who_left_and_what_is_due(shop_map):
    User.objects.filter(email="ann@example.com").update(is_active=False)
    document = changed(shop_map, owner="ann@example.com", review_on=date(2024, 1, 2))
    link = replace(document.links["orders", "net_sales"], expires_on=date(2024, 1, 3))
    found = " ".join(rule.sentence for rule in warnings(document.with_link(link)))
    assert "Without an owner: Customer equity, " in found
    assert "The owner of orders, ann@example.com, works here no more." in found
    assert "Orders was to be reviewed on 02 Jan 2024." in found
    assert "The link from orders to net sales has to be looked at anew." in found
    assert told(document) == ""


@pytest.mark.parametrize(
    ("unit", "is_refused"), [("% of customers", True), ("% a year", False), ("% a month", False)]
)
def test_what_is_kept_says_over_which_time(shop_map, unit, is_refused):
    keeping = shop_map.with_link(LinkEntry("orders", "customer_equity", "identity", driver="keep"))
    sentence = "“% of customers”, does not say over which time it is told"
    assert (sentence in told(counted(keeping, unit=unit))) == is_refused


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"denominator": None}, ""),
        ({}, "A median is divided by nothing."),
        ({"numerator": Counted("tickets", "median", "is_closed")}, "has no median."),
    ],
)
def test_a_median_is_of_what_has_a_middle_and_is_divided_by_nothing(shop_map, values, sentence):
    hours = Counted("tickets", "median", "hours_to_close")
    counting = Counting("week", "hours", 1, 1, 0, 0, hours, Counted("tickets", "count"))
    found = told(changed(shop_map, counting=counting._replace(**values)))
    assert sentence in found if sentence else "median" not in found
