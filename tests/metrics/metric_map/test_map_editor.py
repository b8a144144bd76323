"""The map editor: rules at the form, versions, the audit, and two editors at once."""

from threading import Barrier, Thread

import pytest
from django.db import connections
from django.test import Client

from customers.models import AuditEvent
from metrics.forms.metric_map import LinkForm
from metrics.metric_map.graph import changing_map
from metrics.models import Link, Measure, Metric, MetricVersion


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
        "department": sales.pk,
        "level": 3,
        "lever": "keep",
        "direction": "down",
        "control": "shared",
        "grain": "week",
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
    return {"child": child.pk, "parent": parent.pk, "kind": "leading", "lag_days": 0, "rung": 0} | (
        values
    )


def told():
    return list(
        AuditEvent.objects.filter(verb="changed map").order_by("pk").values_list("about", flat=True)
    )


def test_a_new_metric_is_stored_as_it_was_declared(editor, form):
    assert editor.post("/map/metrics/new/", form).status_code == 302
    version = MetricVersion.objects.get(metric__key="return_rate")
    assert (version.number, version.is_in_force, version.scale) == (1, True, 100)
    numerator = version.measures.get(side="numerator")
    (condition,) = numerator.conditions.all()
    assert (numerator.source, numerator.aggregate, numerator.field) == ("lines", "count", "")
    assert (condition.field, condition.comparison, condition.value) == ("is_return", "eq", 1)
    assert told() == ["Added metric Return rate"]


def test_wording_makes_no_version(editor, form):
    editor.post("/map/metrics/new/", form)
    form |= {"name": "Returned value", "description": "Better words.", "control": "full"}
    editor.post("/map/metrics/return_rate/", form)
    assert Metric.objects.get().name == "Returned value"
    assert MetricVersion.objects.count() == 1
    assert told()[-1] == "Changed metric Returned value"


@pytest.mark.parametrize(
    "change",
    [
        {"grain": "month"},
        {"denominator-counted": ""},
        {"numerator-counted": "lines.sum.returned_amount"},
        {"numerator-value_0": "0"},
        {"denominator-field_2": "lines.amount", "denominator-value_2": "5"},
    ],
)
def test_another_counting_makes_the_next_version(editor, form, change):
    editor.post("/map/metrics/new/", form)
    editor.post("/map/metrics/return_rate/", form | change)
    versions = MetricVersion.objects.order_by("number").values_list("number", "is_in_force")
    assert list(versions) == [(1, False), (2, True)]
    assert told()[-1] == "Changed how metric Return rate is counted"


def test_the_form_shows_what_is_stored(editor, form):
    editor.post("/map/metrics/new/", form)
    forms = editor.get("/map/metrics/return_rate/").context["forms"]
    assert forms.numerator["counted"].value() == "lines.count."
    assert forms.numerator["field_0"].value() == "lines.is_return"
    assert forms.numerator["value_0"].value() == "1"
    assert forms.version["scale"].value() == 100


def test_the_key_cannot_be_changed(editor, form):
    editor.post("/map/metrics/new/", form)
    editor.post("/map/metrics/return_rate/", form | {"key": "other"})
    assert Metric.objects.get().key == "return_rate"


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
        ({"numerator-counted": ""}, "This field is required."),
        ({"numerator-counted": "lines.sum.product"}, "Select a valid choice."),
    ],
)  # fmt: skip
def test_what_a_source_does_not_offer_is_refused(editor, form, change, sentence):
    page = editor.post("/map/metrics/new/", form | change)
    assert sentence in page.text
    assert "What came back." in page.text
    assert not Metric.objects.exists()


def test_a_second_top_is_refused_and_what_was_typed_is_kept(editor, form, equity):
    page = editor.post("/map/metrics/new/", form | {"level": 1})
    assert "Customer equity is the top already" in page.text
    assert 'value="Return rate"' in page.text
    assert Metric.objects.count() == 1


def test_a_link_is_drawn_changed_and_removed_with_a_line_each_in_the_audit(editor, metric, active):
    orders = metric("Orders")
    assert editor.post("/map/links/new/", link_form(orders, active)).status_code == 302
    link = Link.objects.get(child=orders)
    editor.post(f"/map/links/{link.pk}/", link_form(orders, active, lag_days=14))
    link.refresh_from_db()
    assert link.lag_days == 14
    assert "Orders then leads nowhere." in editor.get(f"/map/links/{link.pk}/remove/").text
    assert Link.objects.filter(pk=link.pk).exists()
    editor.post(f"/map/links/{link.pk}/remove/")
    assert not Link.objects.filter(pk=link.pk).exists()
    assert told() == [
        "Drew link from Orders to Active customers",
        "Changed link from Orders to Active customers",
        "Removed link from Orders to Active customers",
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
    assert f'value="{orders.pk}" selected' in page.text
    assert not Link.objects.filter(child=orders).exists()


def test_a_repeated_pair_is_told_once(editor, active, returns):
    page = editor.post("/map/links/new/", link_form(returns, active))
    assert page.text.count("These two metrics are linked already.") == 1


def test_a_removed_metric_is_asked_for_once_and_takes_its_links(editor, active, returns, equity):
    page = editor.get("/map/metrics/active_customers/remove/")
    assert "2 links of the map go." in page.text
    assert "Return rate then leads nowhere." in page.text
    assert Metric.objects.filter(pk=active.pk).exists()
    editor.post("/map/metrics/active_customers/remove/")
    assert set(Metric.objects.all()) == {equity, returns}
    assert not Link.objects.exists()
    assert told() == ["Removed metric Active customers"]


@pytest.mark.parametrize("role", ["executive", "manager", "analyst", "system_admin"])
@pytest.mark.parametrize("address", ["/map/edit/", "/map/metrics/new/", "/map/links/new/"])
def test_the_editor_opens_for_nobody_else(signed_in, role, address):
    assert signed_in(role).get(address).status_code == 404


def test_the_later_of_two_editors_cannot_close_a_circle(metric, equity):
    one, other = metric("One"), metric("Other")
    with changing_map():
        first, second = (LinkForm(link_form(*ends)) for ends in ((one, other), (other, one)))
        assert first.is_valid()
        first.save()
        assert not second.is_valid()
    assert "That would close a circle: Other → one → other." in str(second.errors)


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
    assert Link.objects.count() == 1


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


def test_both_sides_of_a_metric_are_declared(editor, form):
    editor.post("/map/metrics/new/", form)
    assert set(Measure.objects.values_list("side", flat=True)) == {"numerator", "denominator"}


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
    assert not Metric.objects.filter(key="new").exists()


@pytest.mark.parametrize("field", ["ripens_after_days", "history_days", "decimals"])
def test_days_and_decimals_are_bounded(editor, form, field):
    name = next(key for key in form if key.endswith(field))
    page = editor.post("/map/metrics/new/", form | {name: "2000000000"})
    assert page.status_code == 200
    assert "less than or equal to" in page.text
