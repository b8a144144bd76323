"""Alerts: once a signal, one a way up, within a month's budget, mailed once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from customers.models import Company, User
from metrics.metric_map.alerts.handling import acknowledge, alerts_for, send_digests, snooze
from metrics.metric_map.alerts.raising import raise_alerts
from metrics.models import (
    Alert,
    Figure,
    FigureRun,
    Link,
    Metric,
    MetricVersion,
    MetricWorth,
    RollUp,
)

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


@pytest.fixture
def worth(db):
    """Say what one step of a metric is worth."""
    roll_up = RollUp.objects.create(status="done")

    def make(metric, gain):
        told = {"per_unit": 1, "per_unit_low": 1, "per_unit_high": 1, "p_right": 1}
        MetricWorth.objects.create(roll_up=roll_up, metric=metric, gain=gain, **told)

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


def test_the_cause_is_mailed_though_its_consequences_are_worth_more(
    returns, active, owner, count, worth
):
    Company.objects.filter(pk=Company.objects.current().pk).update(alerts_a_month=1)
    count(returns, [*CALM, 40])
    count(active, [*CALM, 40])
    worth(active, 9_000)
    worth(returns, 1_000)
    raise_alerts(run_of())
    cause, consequence = (Alert.objects.get(metric=one) for one in (returns, active))
    assert (cause.is_held_back, consequence.expected_from) == (False, cause)
    assert send_digests() == 1


def test_what_moves_against_the_slope_is_no_consequence(returns, active, owner, count):
    Link.objects.filter(child=returns).update(slope=-0.5)
    count(returns, [*CALM, 40])
    count(active, [*CALM, 40])
    raise_alerts(run_of())
    assert not Alert.objects.exclude(expected_from=None).exists()
    Alert.objects.all().delete()
    Link.objects.filter(child=returns).update(slope=0.5)
    raise_alerts(run_of())
    assert Alert.objects.get(metric=active).expected_from.metric == returns


def test_a_signal_of_long_ago_explains_nothing_now(returns, active, owner, count):
    Alert.objects.create(
        metric=returns, owner=owner, kind="signal", period_on=MONDAY - timedelta(365), sentence="-"
    )
    count(active, [*CALM, 40])
    (alert,) = raise_alerts(run_of())
    assert alert.expected_from is None


def test_a_retired_metric_alerts_nobody_and_its_alerts_are_over(returns, owner, count):
    count(returns, [*CALM, 40])
    raise_alerts(run_of())
    Metric.objects.filter(pk=returns.pk).update(retired_on=MONDAY)
    assert not alerts_for(owner)
    assert send_digests() == 0
    Alert.objects.all().delete()
    assert raise_alerts(run_of(30)) == []


def test_the_alert_of_an_owner_who_left_comes_to_the_manager(returns, owner, person, count):
    count(returns, [*CALM, 40])
    (alert,) = raise_alerts(run_of())
    manager, lead = person("manager"), person("team_lead")
    assert not alerts_for(manager)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert list(alerts_for(manager)) == [alert]
    assert not alerts_for(lead)


def test_figures_of_staff_do_not_stand_in_mails(returns, owner, count):
    Metric.objects.filter(pk=returns.pk).update(sensitive="staff")
    count(returns, [*CALM, 40])
    raise_alerts(run_of())
    send_digests()
    assert "usual range" in mail.outbox[0].body
    assert "40" not in mail.outbox[0].body


def test_the_month_of_the_budget_begins_by_the_companys_clock(returns, owner, count, monkeypatch):
    Company.objects.filter(pk=Company.objects.current().pk).update(
        alerts_a_month=1, time_zone="Pacific/Auckland"
    )
    count(returns, [*CALM, 40])
    noon_in_auckland = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)  # the first of June there
    Alert.objects.create(
        metric=returns, owner=owner, kind="late", period_on=MONDAY, sentence="-",
        raised_at=noon_in_auckland - timedelta(hours=13), acknowledged_at=noon_in_auckland,
    )  # fmt: skip
    monkeypatch.setattr(timezone, "now", lambda: noon_in_auckland)
    (alert,) = raise_alerts(run_of())
    assert not alert.is_held_back
