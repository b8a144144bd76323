"""The map editor: rules at the form, the draft, the audit, and two editors at once."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.test import Client

from customers.models import AuditEvent
from metrics.metric_map.agreement.drafting import document_of
from metrics.models import MapEdition, Metric, MetricVersion


@pytest.fixture
def editor(signed_in):
    return signed_in("map_admin")


@pytest.fixture
def form(sales):
    """What a browser sends for one sound metric."""
    conditions = {
        f"{side}-{name}_{number}": value
        for side in ("numerator", "denominator")
        for number in range(3)
        for name, value in (("field", ""), ("comparison", "eq"), ("value", ""))
    }
    return conditions | {
        "name": "Return rate",
        "key": "return_rate",
        "description": "What came back.",
        "department": sales.name,
        "kind": "value",
        "sensitive": "no",
        "actions": "Check the picking list",
        "level": 3,
        "lever": "keep",
        "direction": "down",
        "control": "shared",
        "way": "counted",
        "grain": "week",
        "revision_days": 0,
        "unit": "% of lines",
        "scale": 100,
        "decimals": 1,
        "ripens_after_days": 0,
        "history_days": 0,
        "numerator-counted": "lines.count.",
        "numerator-field_0": "lines.is_return",
        "numerator-comparison_0": "eq",
        "numerator-value_0": "1",
        "denominator-counted": "lines.count.",
    }


def link_form(child, parent, **values):
    told = {"child": child.key, "parent": parent.key, "kind": "leading", "lag_days": 0, "rung": 0}
    return told | values


def draft():
    """The map of the open draft."""
    return document_of(MapEdition.objects.open())


def told():
    return list(
        AuditEvent.objects.filter(verb="changed map").order_by("pk").values_list("about", flat=True)
    )


def test_a_new_metric_is_in_the_draft_as_it_was_declared(editor, form):
    assert editor.post("/map/metrics/new/", form).status_code == 302
    entry = draft().metrics["return_rate"]
    assert entry.counting.numerator == ("lines", "count", "", (("is_return", "eq", 1),))
    assert entry.counting.denominator == ("lines", "count", "", ())
    assert (entry.counting.scale, entry.actions) == (100, ("Check the picking list",))
    assert not Metric.objects.exists()
    assert told() == ["Began a draft of the map", "Added metric Return rate, in the draft"]


def test_the_draft_is_shown_with_what_changes_and_whose_page(editor, form, person):
    form["name"] = "Returned goods"
    manager = person("manager")
    editor.post("/map/metrics/new/", form)
    page = editor.get("/map/edit/").text
    assert "Returned goods is added." in page
    assert f"<b>{manager.name}</b>: comes Returned goods" in page


def test_the_form_shows_what_is_in_the_draft(editor, form):
    editor.post("/map/metrics/new/", form)
    forms = editor.get("/map/metrics/return_rate/").context["forms"]
    assert forms.numerator["counted"].value() == "lines.count."
    assert forms.numerator["field_0"].value() == "lines.is_return"
    assert forms.numerator["value_0"].value() == "1"
    assert forms.version["scale"].value() == 100
    assert forms.about["actions"].value() == "Check the picking list"


def test_the_key_cannot_be_changed(editor, form):
    editor.post("/map/metrics/new/", form)
    editor.post("/map/metrics/return_rate/", form | {"key": "other", "name": "Other words"})
    assert {key: entry.name for key, entry in draft().metrics.items()} == {
        "return_rate": "Other words"
    }


def test_a_name_that_another_metric_of_the_draft_has_is_refused(editor, form):
    editor.post("/map/metrics/new/", form)
    page = editor.post("/map/metrics/new/", form | {"key": "other"})
    assert "Another metric has this name." in page.text
    assert list(draft().metrics) == ["return_rate"]


def test_a_proposed_edition_is_not_changed_by_forms(editor, form):
    editor.post("/map/metrics/new/", form)
    MapEdition.objects.update(state="proposed")
    page = editor.post("/map/metrics/return_rate/", form | {"name": "Other"}, follow=True)
    assert "is proposed. Take it back to change it." in page.text
    assert draft().metrics["return_rate"].name == "Return rate"


def test_a_metric_is_counted_before_anybody_agrees_and_stored_nowhere(editor, form, shop):
    for week in range(26):
        shop.sells("ann", date(2026, 1, 7) + timedelta(weeks=week), 10, -1)
    shop.is_complete_until("2026-06-30")
    page = editor.post("/map/metrics/preview/", form).text
    assert "The last 24 weeks, counted from today’s facts, stored nowhere." in page
    assert not Metric.objects.exists()
    assert not MetricVersion.objects.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"numerator-field_0": "orders.items"},
            "“items” is known of orders, not of order lines.",
        ),
        ({"numerator-value_0": ""}, "A condition needs a field and a value."),
        ({"numerator-value_0": "2"}, "“is a return” is 1 for yes or 0 for no."),
        (
            {"denominator-counted": "", "denominator-field_0": "lines.amount",
             "denominator-value_0": "1"},
            "Choose first what is counted.",
        ),
        (
            {"numerator-counted": "", "numerator-field_0": "", "numerator-value_0": ""},
            "Choose what is counted.",
        ),
        ({"way": "derived"}, "Write the formula by which it is derived."),
        ({"numerator-counted": "lines.sum.product"}, "Select a valid choice."),
    ],
)  # fmt: skip
def test_what_a_source_does_not_offer_is_refused(editor, form, change, sentence):
    page = editor.post("/map/metrics/new/", form | change)
    assert sentence in page.text
    assert "What came back." in page.text
    assert MapEdition.objects.open() is None


def test_a_second_top_is_refused_and_what_was_typed_is_kept(editor, form, equity):
    page = editor.post("/map/metrics/new/", form | {"level": 1})
    assert "Customer equity is the top already" in page.text
    assert 'value="Return rate"' in page.text
    assert MapEdition.objects.open() is None


def test_a_link_is_drawn_changed_and_removed_with_a_line_each_in_the_audit(editor, metric, active):
    orders = metric("Orders")
    assert editor.post("/map/links/new/", link_form(orders, active)).status_code == 302
    address = "/map/links/orders/active_customers/"
    editor.post(address, link_form(orders, active, lag_days=14, slope="0.5", se="0.1"))
    link = draft().links["orders", "active_customers"]
    assert (link.lag_days, link.slope, link.se) == (14, 0.5, 0.1)
    assert "Orders then leads nowhere." in editor.get(f"{address}remove/").text
    assert ("orders", "active_customers") in draft().links
    editor.post(f"{address}remove/")
    assert ("orders", "active_customers") not in draft().links
    assert told()[1:] == [
        "Drew link from Orders to Active customers, in the draft",
        "Changed link from Orders to Active customers, in the draft",
        "Removed link from Orders to Active customers, in the draft",
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lag_days": -1}, "A delay cannot be negative; 0 is the same period."),
        ({"kind": "identity"}, "cannot also follow exactly by definition"),
        ({"note": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_broken_rule_is_told_and_what_was_typed_is_kept(
    editor, metric, active, returns, change, sentence
):
    orders = metric("Orders")
    sent = link_form(orders, active, note="Kept note") | change
    page = editor.post("/map/links/new/", sent)
    assert sentence in page.text
    assert 'value="orders" selected' in page.text
    assert MapEdition.objects.open() is None


def test_a_repeated_pair_is_told_once(editor, active, returns):
    page = editor.post("/map/links/new/", link_form(returns, active))
    assert page.text.count("These two metrics are linked already.") == 1


def test_a_removed_metric_is_asked_for_once_and_takes_its_links(editor, active, returns, equity):
    page = editor.get("/map/metrics/active_customers/remove/")
    assert "2 links of the map go." in page.text
    assert "Return rate then leads nowhere." in page.text
    assert MapEdition.objects.open() is None
    editor.post("/map/metrics/active_customers/remove/")
    assert draft().metrics.keys() == {"customer_equity", "return_rate"}
    assert not draft().links
    assert told()[-1] == "Removed metric Active customers, in the draft"


@pytest.mark.parametrize("role", ["executive", "manager", "analyst", "system_admin"])
@pytest.mark.parametrize("address", ["/map/edit/", "/map/metrics/new/", "/map/links/new/"])
def test_the_editor_opens_for_nobody_else(signed_in, role, address):
    assert signed_in(role).get(address).status_code == 404


@pytest.mark.postgresql  # SQLite lets one transaction write at a time: there is no race to lose
@pytest.mark.django_db(transaction=True)
def test_two_editors_at_the_same_moment_cannot_close_a_circle_together(metric, person):
    one, other = metric("One"), metric("Other")
    together = Barrier(2)

    def draw(user, child, parent):
        client = Client()
        client.force_login(user)
        together.wait()
        client.post("/map/links/new/", link_form(child, parent))
        connections.close_all()

    pairs = ((one, other), (other, one))
    editors = [Thread(target=draw, args=(person("map_admin"), *pair)) for pair in pairs]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert len(draft().links) == 1


def test_the_api_lists_links_by_key(signed_in, returns):
    links = signed_in("front_line").get("/api/links/").json()["results"]
    assert {
        "child": "return_rate",
        "parent": "active_customers",
        "kind": "leading",
        "rung": 0,
        "evidence": "assumed",
        "lag_days": 30,
        "delay": "after about 1 month",
        "note": "",
    } in links


def test_the_api_of_links_is_closed_to_the_system_administrator(signed_in, returns):
    assert signed_in("system_admin").get("/api/links/").status_code == 404


def test_an_empty_map_begins_with_the_metrics_that_purchases_can_answer(signed_in):
    client = signed_in("map_admin")
    assert "Begin with fifteen metrics" in client.get("/map/").text
    page = client.post("/map/start/", follow=True).text
    assert "Customer equity" in page
    assert Metric.objects.count() == 15
    assert AuditEvent.objects.get().about == "Began the map with 15 metrics"


def test_a_map_in_use_is_not_begun_again(signed_in, returns):
    before = Metric.objects.count()
    signed_in("map_admin").post("/map/start/")
    assert Metric.objects.count() == before


def test_others_are_told_who_begins_the_map(signed_in):
    page = signed_in("manager").get("/map/").text
    assert "A map administrator adds it." in page
    assert "Begin with" not in page


def test_a_key_that_is_an_address_already_is_refused(editor, form):
    page = editor.post("/map/metrics/new/", form | {"key": "new"})
    assert "is an address of its own" in page.text
    assert MapEdition.objects.open() is None


@pytest.mark.parametrize("field", ["ripens_after_days", "history_days", "decimals"])
def test_days_and_decimals_are_bounded(editor, form, field):
    name = next(key for key in form if key.endswith(field))
    page = editor.post("/map/metrics/new/", form | {name: "2000000000"})
    assert page.status_code == 200
    assert "less than or equal to" in page.text
