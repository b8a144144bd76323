"""A hole that opens in the agreed map is told once, to its owner or to the administrator."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from customers.models import Company, Department, Membership, User
from customers.people import staffing
from metrics.metric_map.alerts.handling import alerts_for, send_digests
from metrics.metric_map.alerts.openings import tell_openings
from metrics.metric_map.changing.at_once import publish_at_once
from metrics.metric_map.document import stored_document
from metrics.metric_map.graph import changing_map
from metrics.metric_map.worth import roll_up as rolling
from metrics.models import Alert, FigureRun, Link, MapEdition, Metric, OpenHole, RollUp
from metrics.tasks import sweep


@pytest.fixture
def looked(late):
    """The map was looked at once, with its holes as they were."""
    publish(stored_document())
    assert look() == []
    return OpenHole.objects.filter(closed_on=None).count()


def publish(document):
    with changing_map():
        publish_at_once(document, None, "As it is")


def look():
    """What a roll-up of now tells."""
    done = RollUp.objects.create(status="done", edition=MapEdition.objects.in_force())
    return tell_openings(done)


@pytest.fixture
def owned(person, late):
    late.owner = person("manager")
    late.save()
    return late


def test_the_holes_that_a_map_begins_with_alert_nobody(looked):
    assert looked
    assert not Alert.objects.exists()


def test_a_site_with_roll_ups_of_before_is_told_only_of_what_opens_from_now_on(owned):
    publish(stored_document())
    RollUp.objects.create(status="done", edition=MapEdition.objects.in_force())
    assert look() == []
    assert OpenHole.objects.exists()
    Link.objects.filter(child=owned).delete()
    assert [one.metric for one in look() if one.metric] == [owned]


def test_a_map_that_was_without_holes_at_first_tells_the_first_that_opens(owned, looked):
    OpenHole.objects.all().delete()
    assert look()


def test_a_hole_that_opens_is_told_to_its_owner_once(owned, looked):
    Link.objects.filter(child=owned).delete()
    (alert,) = [one for one in look() if one.metric]
    assert (alert.kind, alert.metric, alert.owner) == ("hole", owned, owned.owner)
    assert alert.sentence == "Late deliveries leads nowhere."
    assert alert in alerts_for(owned.owner)
    assert look() == []


def test_two_holes_of_one_metric_are_one_alert(owned, looked, person):
    manager = person("manager")
    User.objects.filter(pk=owned.owner.pk).update(is_active=False)
    Link.objects.filter(child=owned).delete()
    (alert,) = [one for one in look() if one.metric]
    assert alert.owner == manager
    assert alert.sentence == "Late deliveries leads nowhere; has no owner who can move it."


def test_a_hole_where_no_metric_is_goes_to_the_map_administrator(looked, person, client):
    admin = person("map_admin")
    place = Department.objects.create(name="Warehouse")
    Membership.objects.create(user=person("analyst"), role="front_line", department=place)
    alerts = look()
    assert {one.owner for one in alerts} == {admin}
    assert {one.metric for one in alerts} == {None}
    assert "Warehouse has no metric at the level front line." in {one.sentence for one in alerts}
    client.force_login(admin)
    page = client.get("/metrics/").text
    assert "Warehouse has no metric at the level" in page
    assert 'href="/map/holes/"' in page
    Company.objects.update(alerts_a_month=1)
    assert send_digests() == 1
    assert "Warehouse" in mail.outbox[0].body


def test_openings_keep_to_the_budget_of_the_month(owned, looked, metric, link, retention):
    Company.objects.update(alerts_a_month=1)
    other = metric("Call time")
    other.owner = owned.owner
    other.save()
    link(other, retention)
    publish(stored_document())
    look()
    Alert.objects.all().delete()
    Link.objects.filter(child__in=[owned, other]).delete()
    told = [one for one in look() if one.owner == owned.owner]
    assert sorted(one.is_held_back for one in told) == [False, True]


def test_a_metric_that_comes_with_holes_was_agreed_with_them(owned, looked, metric):
    metric("Call time")
    publish(stored_document())
    assert not [one for one in look() if one.metric]


def test_a_hole_that_comes_and_goes_is_told_once_a_quarter(owned, looked):
    link = Link.objects.get(child=owned)
    for expected in (1, 0):
        Link.objects.filter(child=owned).delete()
        assert len([one for one in look() if one.metric == owned]) == expected
        link.pk = None
        link.save()
        look()
    long_ago = timezone.localdate() - timedelta(100)
    OpenHole.objects.update(opened_on=long_ago, closed_on=long_ago)
    Alert.objects.all().delete()
    Link.objects.filter(child=owned).delete()
    assert len([one for one in look() if one.metric == owned]) == 1


def test_data_that_are_late_are_not_told_a_second_time_as_a_hole(owned, looked):
    version = owned.versions.create(number=1, grain="week", unit="orders", way="reported")
    publish(stored_document())
    look()
    version.figures.create(starts_on=date(2026, 1, 5), ends_on=date(2026, 1, 11), numerator=1)
    FigureRun.objects.create(status="done", as_of=date(2026, 6, 7), changes=1)
    assert not [one for one in look() if one.metric == owned]


def test_a_roll_up_tells_what_opened(owned, looked):
    FigureRun.objects.create(status="done", as_of=date(2026, 6, 7), changes=1)
    Link.objects.filter(child=owned).delete()
    due = rolling.due_roll_up()
    rolling.run(RollUp.objects.claim(due.pk))
    assert Alert.objects.filter(kind="hole", metric=owned).count() == 1


def test_the_database_takes_one_open_hole_of_a_kind_and_place(db):
    OpenHole.objects.create(rule="H2", place="late", opened_on="2026-01-05")
    with pytest.raises(IntegrityError, match=r"hole_is_open_once|rule"):
        OpenHole.objects.create(rule="H2", place="late", opened_on="2026-01-05")


def test_the_database_takes_no_signal_without_its_metric(person):
    with pytest.raises(IntegrityError, match="alert_is_of_a_metric_or_a_hole"):
        Alert.objects.create(
            kind="signal", owner=person("manager"), period_on=date(2026, 1, 5), sentence="-"
        )


def test_a_retired_metrics_holes_are_over(owned, looked):
    Link.objects.filter(child=owned).delete()
    look()
    Metric.objects.filter(pk=owned.pk).update(retired_on=date(2026, 1, 5))
    look()
    assert not OpenHole.objects.filter(place=owned.key, closed_on=None).exists()


@pytest.fixture
def swept(owned, looked, person):
    """People change, and the next sweep is over: what it tells, beside no roll-up."""
    manager, admin = person("manager"), person("system_admin")

    def make(change, about):
        rolled = RollUp.objects.count()
        change(admin, about)
        sweep()
        assert RollUp.objects.count() == rolled
        return [(one.owner, one.sentence) for one in Alert.objects.filter(metric=owned)]

    make.told = [(manager, "Late deliveries has no owner who can move it.")]
    return make


def test_a_hole_that_somebodys_leaving_opens_is_told_at_the_next_sweep_once(owned, swept):
    assert swept(staffing.note_invitation, owned.owner) == []
    assert swept(staffing.leave, owned.owner) == swept.told
    sweep()
    assert look() == []
    assert Alert.objects.count() == 1


def test_a_role_that_ends_opens_the_same_hole(owned, swept, person):
    staffing.give_role(None, owned.owner, "analyst", None)
    memberships = owned.owner.memberships
    assert swept(staffing.end_role, memberships.get(role="manager")) == []
    assert swept(staffing.end_role, memberships.get()) == swept.told


def test_a_worker_killed_while_it_tells_has_told_nothing_and_the_next_tells_all(
    owned, swept, monkeypatch
):
    def killed(alerts):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("metrics.metric_map.alerts.openings.hold_back", killed)
        with pytest.raises(SystemExit):
            swept(staffing.leave, owned.owner)
    assert not Alert.objects.exists()
    sweep()
    assert Alert.objects.filter(metric=owned).count() == 1


def test_a_second_hole_of_one_day_is_told_on_the_next(owned, swept, monkeypatch):
    Link.objects.filter(child=owned).delete()
    (first,) = [one for one in look() if one.metric]
    assert swept(staffing.leave, owned.owner) == [(owned.owner, first.sentence)]
    tomorrow = Company.objects.today() + timedelta(1)
    monkeypatch.setattr("customers.models.company.CompanyManager.today", lambda self: tomorrow)
    sweep()
    assert [one.period_on for one in Alert.objects.order_by("pk")] == [first.period_on, tomorrow]


def test_who_comes_back_and_leaves_again_is_told_once(owned, swept):
    for change in (staffing.leave, staffing.come_back, staffing.leave):
        assert swept(change, owned.owner) == swept.told
        look()


def test_a_sweep_before_the_first_look_tells_nobody(owned):
    User.objects.filter(pk=owned.owner.pk).update(is_active=False)
    sweep()
    assert not Alert.objects.exists()
    assert not OpenHole.objects.exists()
