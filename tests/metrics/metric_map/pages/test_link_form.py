"""A link by its form: drawn, changed and removed, two editors at once, and the API of links."""

from threading import Barrier, Thread

import pytest
from django.db import connections
from django.test import Client

from metrics.models import MapEdition
from tests.metrics.metric_map.pages.conftest import draft, told


def link_form(child, parent, **values):
    told = {"child": child.key, "parent": parent.key, "kind": "leading", "lag_days": 0, "rung": 0}
    return told | values


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
