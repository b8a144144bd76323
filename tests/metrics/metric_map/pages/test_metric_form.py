"""A metric by its form: in the draft as it was declared, refused by rules, and removed."""

from datetime import date, timedelta

import pytest

from metrics.models import MapEdition, Metric, MetricVersion
from tests.metrics.metric_map.pages.conftest import draft, told


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


@pytest.mark.parametrize("name", ["owner", "backup", "steward"])
def test_only_who_could_open_its_page_is_offered_for_a_metric(editor, form, person, name):
    manager, privacy = person("manager"), person("privacy_officer")
    offered = editor.get("/map/metrics/new/").context["forms"].about[name].field.queryset
    assert manager in offered
    assert privacy not in offered
    page = editor.post("/map/metrics/new/", form | {name: privacy.email})
    assert name in page.context["forms"].about.errors
    assert editor.post("/map/metrics/new/", form | {name: manager.email}).status_code == 302


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
        ({"numerator-counted": "lines.median.is_return"}, "Select a valid choice."),
        ({"numerator-counted": "lines.median.amount"}, "A median is divided by nothing."),
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


def test_a_removed_metric_is_asked_for_once_and_takes_its_links(editor, active, returns, equity):
    page = editor.get("/map/metrics/active_customers/remove/")
    assert "2 links of the map go." in page.text
    assert "Return rate then leads nowhere." in page.text
    assert MapEdition.objects.open() is None
    editor.post("/map/metrics/active_customers/remove/")
    assert draft().metrics.keys() == {"customer_equity", "return_rate"}
    assert not draft().links
    assert told()[-1] == "Removed metric Active customers, in the draft"


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
