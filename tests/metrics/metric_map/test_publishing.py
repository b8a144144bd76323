"""Publishing a document: the stored map becomes what it says, and what is known is kept."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from customers.models import Department, User
from metrics.metric_map.changing.applying import apply
from metrics.metric_map.changing.at_once import start_map
from metrics.metric_map.document import LinkEntry, MetricEntry, UnusableDocument, stored_document
from metrics.models import Figure, Link, MapEdition, Metric, MetricVersion


@pytest.fixture
def shop_map(db):
    start_map(None)
    return stored_document()


def changed(document, key: str, **values):
    return document.with_metric(replace(document.metrics[key], **values))


def figure_of(key: str) -> None:
    Figure.objects.create(
        version=MetricVersion.objects.in_force().get(metric__key=key),
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 1, 7),
        numerator=1,
    )


def test_publishing_what_is_stored_changes_nothing(shop_map):
    versions = set(MetricVersion.objects.values_list("pk", flat=True))
    links = set(Link.objects.values_list("pk", flat=True))
    assert apply(shop_map, None) == []
    assert set(MetricVersion.objects.values_list("pk", flat=True)) == versions
    assert set(Link.objects.values_list("pk", flat=True)) == links


def test_everything_that_a_document_says_is_stored(shop_map):
    User.objects.create_user("ann@example.com", "Ann")
    new = MetricEntry(
        "late", "Late", "Late ones.", "Logistics", 4, "down", "full",
        owner="ann@example.com", backup="ann@example.com", steward="ann@example.com",
        consumers=("Sales", "Depot"), lever="keep", stage="loyal", target=5.0,
        target_on=date(2030, 1, 1), counter_metric="orders", actions=("Call", "Write"),
        review_on=date(2030, 2, 2),
    )  # fmt: skip
    link = LinkEntry(
        "late", "orders", "leading", slope=-0.5, se=0.1, lag_days=30, longest_lag_days=60, rung=2,
        are_distinct=True, asserted_by="ann@example.com", expires_on=date(2030, 3, 3), note="So.",
    )  # fmt: skip
    document = shop_map.with_metric(new).with_link(link)
    told = [difference.sentence for difference in apply(document, None)]
    assert told == ["Late is added.", "The link from Late to Orders is added."]
    assert stored_document() == document
    assert Department.objects.filter(name__in=["Logistics", "Depot"]).count() == 2
    less = replace(new, actions=("Write",), consumers=(), owner="", target=None, target_on=None)
    apply(document.with_metric(less), None)
    assert stored_document().metrics["late"] == less


def test_a_new_counting_is_a_version_and_the_old_one_runs_beside_it(shop_map):
    counting = shop_map.metrics["orders"].counting._replace(grain="month")
    apply(changed(shop_map, "orders", counting=counting), None)
    old, new = MetricVersion.objects.filter(metric__key="orders").order_by("number")
    today = timezone.localdate()
    assert (new.number, new.is_in_force, new.made_on, new.grain) == (2, True, today, "month")
    assert (old.is_in_force, old.beside_until) == (False, today + timedelta(42))


@pytest.mark.parametrize("values", [{"name": "Sales orders"}, {"decimals": 2}])
def test_wording_and_decimals_make_no_version(shop_map, values):
    if "decimals" in values:
        values = {"counting": shop_map.metrics["orders"].counting._replace(**values)}
    apply(changed(shop_map, "orders", **values), None)
    assert MetricVersion.objects.filter(metric__key="orders").count() == 1
    assert stored_document() == changed(shop_map, "orders", **values)


def test_a_metric_with_figures_is_retired_and_comes_back_with_them(shop_map):
    figure_of("orders")
    apply(shop_map.without_metric("orders"), None)
    assert Metric.objects.get(key="orders").retired_on == timezone.localdate()
    assert not Link.objects.filter(child__key="orders").exists()
    assert "orders" not in stored_document().metrics
    apply(shop_map, None)
    assert stored_document() == shop_map
    assert Figure.objects.filter(version__metric__key="orders", version__is_in_force=True).exists()


def test_a_metric_of_which_nothing_is_known_is_deleted(shop_map):
    apply(shop_map.without_metric("orders"), None)
    assert not Metric.objects.filter(key="orders").exists()


@pytest.mark.parametrize("known", ["dispute", "project", "annotation"])
def test_what_people_said_of_a_metric_keeps_it(shop_map, known):
    metric = Metric.objects.get(key="orders")
    if known == "dispute":
        metric.disputes.create(
            raised_by=User.objects.create_user("ann@example.com", "Ann"), said="Not mine."
        )
    elif known == "project":
        metric.projects.create(name="New till", began_on=date(2026, 1, 1))
    else:
        metric.annotations.create(day=date(2026, 1, 1), text="Strike")
    apply(shop_map.without_metric("orders"), None)
    assert Metric.objects.get(key="orders").retired_on


def test_names_and_the_top_can_change_hands(shop_map):
    one, other = shop_map.metrics["customer_equity"], shop_map.metrics["net_sales"]
    document = shop_map.with_metric(replace(one, level=2, name=other.name)).with_metric(
        replace(other, level=1, name=one.name)
    )
    apply(document, None)
    assert stored_document() == document


def test_who_is_not_here_cannot_own_a_metric(shop_map):
    with pytest.raises(UnusableDocument, match="e-mail bob@example"):
        apply(changed(shop_map, "orders", owner="bob@example.com"), None)
    assert stored_document() == shop_map


def test_a_map_that_somebody_drafts_is_not_begun_beside_it(db):
    MapEdition.objects.create(number=1, document="metrics: {}")
    start_map(None)
    assert not Metric.objects.exists()
