"""Alerts: once a signal, one a way up, within a month's budget, mailed once."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from customers.models import Company
from metrics.metric_map.alerts.handling import acknowledge, alerts_for, send_digests, snooze
from metrics.metric_map.alerts.raising import raise_alerts
from metrics.models import Alert, Figure, FigureRun, MetricVersion

MONDAY = date(2026, 1, 5)
CALM = [10, 11, 9, 10, 12, 10, 9, 11, 10, 10, 11, 9, 11, 10]


@pytest.fixture
def count():
    """Give a metric weekly figures, oldest first."""

    def make(metric, values, unit="orders"):
        version, _ = MetricVersion.objects.get_or_create(
            metric=metric, number=1, defaults={"grain": "week", "unit": unit}
        )
        version.figures.all().delete()
        for week, value in enumerate(values):
            start = MONDAY + timedelta(weeks=week)
            Figure.objects.create(
                version=version, starts_on=start, ends_on=start + timedelta(6), numerator=value
            )
        return version

    return make


def run_of(weeks=len(CALM) + 1):
    return FigureRun.objects.create(as_of=MONDAY + timedelta(weeks=weeks, days=-1), changes=1)


@pytest.fixture
def owner(person, returns, active):
    user = person("manager")
    for metric in (returns, active):
        metric.owner = user
        metric.save()
    return user


def test_a_point_outside_alerts_its_owner_once(returns, owner, count):
    count(returns, [*CALM, 40])
    (alert,) = raise_alerts(run_of())
    assert (alert.owner, alert.kind) == (owner, "signal")
    assert alert.sentence.startswith("Return rate went above the usual range")
    assert alert.path == "Return rate → active customers → customer equity"
    assert raise_alerts(run_of()) == []
    assert list(alerts_for(owner)) == [alert]


def test_noise_alerts_nobody(returns, owner, count):
    count(returns, [*CALM, 11])
    assert raise_alerts(run_of()) == []


def test_eight_in_a_row_are_told_when_a_ninth_confirms_them(returns, owner, count):
    count(returns, [*CALM, *[11.3] * 8])
    assert raise_alerts(run_of(22)) == []
    count(returns, [*CALM, *[11.3] * 9])
    (alert,) = raise_alerts(run_of(23))
    assert "for nine weeks" in alert.sentence


def test_what_follows_further_up_is_expected_and_not_told_again(returns, active, owner, count):
    count(returns, [*CALM, 40])
    count(active, [*CALM, 2])
    below, above = sorted(raise_alerts(run_of()), key=lambda one: one.metric.name, reverse=True)
    assert (below.metric, above.metric) == (returns, active)
    assert above.expected_from == below
    assert list(alerts_for(owner)) == [below]
    acknowledge(below, owner, "The carrier was on strike.")
    above.refresh_from_db()
    assert above.acknowledged_at
    assert not alerts_for(owner)


def test_a_month_has_its_budget(metric, link, equity, owner, count):
    Company.objects.filter(pk=Company.objects.current().pk).update(alerts_a_month=1)
    for name in ("One", "Two"):
        made = metric(name, level=2)
        made.owner = owner
        made.save()
        link(made, equity)
        count(made, [*CALM, 40])
    raise_alerts(run_of())
    assert sorted(Alert.objects.values_list("is_held_back", flat=True)) == [False, True]
    assert send_digests() == 1
    assert len(mail.outbox) == 1
    assert mail.outbox[0].body.count("usual range") == 1


def test_a_metric_without_an_owner_alerts_the_departments_manager(returns, person, count):
    manager = person("manager")
    count(returns, [*CALM, 40])
    (alert,) = raise_alerts(run_of())
    assert alert.owner == manager


def test_data_that_are_late_are_told(returns, owner, count):
    count(returns, CALM)
    assert raise_alerts(run_of(len(CALM) + 2)) == []
    (alert,) = raise_alerts(run_of(len(CALM) + 3))
    assert (alert.kind, alert.metric) == ("late", returns)


def test_a_mail_goes_out_once(returns, owner, count):
    count(returns, [*CALM, 40])
    raise_alerts(run_of())
    assert (send_digests(), send_digests()) == (1, 0)
    (message,) = mail.outbox
    assert message.to == [owner.email]
    assert message.subject == "One metric needs you"
    assert "/metrics/return_rate/" in message.body


def test_a_snoozed_alert_comes_back_on_its_day(returns, owner, count):
    count(returns, [*CALM, 40])
    (alert,) = raise_alerts(run_of())
    snooze(alert, owner, timezone.localdate() + timedelta(1), "After the stocktaking.")
    assert not alerts_for(owner)
    Alert.objects.update(snoozed_until=timezone.localdate())
    assert list(alerts_for(owner)) == [alert]


def test_the_database_lets_nobody_snooze_without_a_reason(returns, owner, count):
    count(returns, [*CALM, 40])
    (alert,) = raise_alerts(run_of())
    with pytest.raises(IntegrityError, match="alert_snoozed_has_a_reason"):
        Alert.objects.filter(pk=alert.pk).update(snoozed_until=timezone.localdate())
