"""What a day is: the company's, also where no page is asked and the server's clock is another's."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from customers.models import Company
from metrics.metric_map.agreement import drafting, signing
from metrics.metric_map.alerts.handling import alerts_for, snooze
from metrics.metric_map.changing.applying import apply
from metrics.metric_map.document import stored_document
from metrics.metric_map.graph import changing_map
from metrics.models import Alert, Figure, MapEdition, Metric, MetricVersion


@pytest.fixture
def in_auckland(company, monkeypatch):
    """Half past eleven of 31 May by UTC: there the first of June has begun."""
    Company.objects.update(time_zone="Pacific/Auckland")
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 5, 31, 23, 30, tzinfo=UTC))
    return date(2026, 6, 1)


def test_what_waits_until_a_day_comes_back_when_it_begins(in_auckland, returns, person):
    owner = person("manager")
    alert = Alert.objects.create(
        metric=returns, owner=owner, kind="late", period_on=in_auckland, sentence="-"
    )
    snooze(alert, owner, in_auckland, "On leave.")
    assert list(alerts_for(owner)) == [alert]


def test_a_metric_leaves_on_the_companys_day(in_auckland, returns):
    version = MetricVersion.objects.create(metric=returns, number=1, grain="week", unit="orders")
    Figure.objects.create(
        version=version, starts_on="2026-01-05", ends_on="2026-01-11", numerator=1
    )
    with changing_map():
        apply(stored_document().without_metric("return_rate"), None)
    assert Metric.objects.get(key="return_rate").retired_on == in_auckland


def test_signatures_are_due_on_the_companys_day(in_auckland, returns, person):
    admin = person("map_admin")
    with changing_map():
        edition = drafting.draft_for(admin)
        document = drafting.document_of(edition).without_metric("return_rate")
        drafting.change_draft(edition, document, admin, "Removed")
        drafting.propose(edition, admin, "Without it")
    assert edition.sign_until == date(2026, 6, 15)
    MapEdition.objects.update(sign_until=date(2026, 5, 31))
    assert signing.is_overdue(MapEdition.objects.open())
