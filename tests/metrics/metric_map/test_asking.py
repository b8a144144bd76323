"""Data requests, disputes and alerts as people handle them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import AuditEvent
from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.asking import answer_dispute, deliver, dispute, promise, refuse
from metrics.models import Alert, DataRequest, Dispute, Metric


@pytest.fixture
def asked(returns, marketing):
    return DataRequest.objects.create(
        metric=returns, department=marketing, source="Till", wanted="returns", asked_on="2026-01-05"
    )


def test_a_manager_asks_and_the_delivering_department_answers(
    signed_in, client, person, returns, marketing
):
    told = {"metric": returns.pk, "department": marketing.pk, "source": "Till", "wanted": "returns"}
    signed_in("manager").post("/data-requests/new/", told)
    (asked,) = DataRequest.objects.all()
    address = f"/data-requests/{asked.pk}/answer/"
    day = timezone.localdate() + timedelta(9)
    assert client.post(address, {"does": "deliver"}).status_code == 404
    client.force_login(person("manager", marketing))
    client.post(address, {"does": "promise", "day": day.isoformat()})
    asked.refresh_from_db()
    assert asked.promised_on == day
    client.post(address, {"does": "deliver"})
    asked.refresh_from_db()
    assert asked.opened_path == "Return rate → active customers → customer equity"
    page = client.get("/data-requests/").text
    assert "Return rate</b> has its data from Marketing" in page
    assert AuditEvent.objects.filter(verb="asked data").count() == 3


def test_the_same_data_are_asked_for_once(signed_in, asked, returns, marketing):
    told = {"metric": returns.pk, "department": marketing.pk, "source": "Till", "wanted": "more"}
    page = signed_in("manager").post("/data-requests/new/", told, follow=True)
    assert "asked for already" in page.text
    assert DataRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"does": "promise"}, "Say by which day."),
        ({"does": "promise", "day": "2020-01-01"}, "That day is over."),
        ({"does": "refuse"}, "Say why the data cannot be had."),
    ],
)
def test_an_answer_that_says_nothing_is_refused(client, person, asked, marketing, told, sentence):
    client.force_login(person("manager", marketing))
    page = client.post(f"/data-requests/{asked.pk}/answer/", told, follow=True)
    assert sentence in page.text
    asked.refresh_from_db()
    assert asked.is_open


def test_a_holder_disputes_control_and_gets_an_answer(signed_in, client, person, returns):
    signed_in("front_line").post("/metrics/return_rate/dispute/", {"said": "The carrier decides."})
    (raised,) = Dispute.objects.all()
    again = client.post("/metrics/return_rate/dispute/", {"said": "Again."}, follow=True)
    assert "Your dispute is open already." in again.text
    client.force_login(person("map_admin"))
    assert "The carrier decides." in client.get("/disputes/").text
    address = f"/disputes/{raised.pk}/answer/"
    assert "and why" in client.post(address, {"outcome": "kept"}, follow=True).text
    client.post(address, {"outcome": "changed", "answer": "Shared from the next edition."})
    raised.refresh_from_db()
    assert (raised.outcome, raised.answered_by.name) == ("changed", "Map administrator")


def test_nobody_disputes_what_they_do_not_hold(client, person, returns, marketing):
    client.force_login(person("manager", marketing))
    assert client.post("/metrics/return_rate/dispute/", {"said": "Mine."}).status_code == 404


@pytest.fixture
def alert(returns, person):
    return Alert.objects.create(
        metric=returns, owner=person("manager"), kind="signal", period_on="2026-01-05",
        sentence="Return rate went above the usual range.",
    )  # fmt: skip


def test_an_owner_lets_an_alert_wait_only_with_a_day_and_a_reason(client, alert):
    client.force_login(alert.owner)
    address = f"/alerts/{alert.pk}/"
    page = client.post(address, {"does": "wait"}, follow=True).text
    assert "Say until which day" in page
    assert "Say why it can wait." in page
    day = timezone.localdate() + timedelta(7)
    client.post(address, {"does": "wait", "until": day.isoformat(), "comment": "Stocktaking"})
    alert.refresh_from_db()
    assert (alert.snoozed_until, alert.snooze_reason) == (day, "Stocktaking")


def test_an_alert_is_handled_by_its_owner_alone(client, person, alert):
    client.force_login(person("manager"))
    assert client.post(f"/alerts/{alert.pk}/", {"does": "seen"}).status_code == 404
    client.force_login(alert.owner)
    client.post(f"/alerts/{alert.pk}/", {"does": "seen", "comment": "Known."})
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.comment) == (alert.owner, "Known.")


def test_what_somebody_delivered_meanwhile_is_not_opened_again(asked, person):
    late = DataRequest.objects.get(pk=asked.pk)
    deliver(asked, person("data_steward"))
    with pytest.raises(NotNow, match="quicker"):
        promise(late, timezone.localdate(), person("data_steward"))
    with pytest.raises(NotNow, match="quicker"):
        refuse(late, "No.", person("data_steward"))
    assert DataRequest.objects.get(pk=asked.pk).delivered_on
    assert AuditEvent.objects.filter(verb="asked data").count() == 1


def test_a_dispute_is_answered_once(returns, person):
    raised = dispute(returns, "The carrier decides.", person("manager"))
    late = Dispute.objects.get(pk=raised.pk)
    answer_dispute(raised, "kept", "You choose it.", person("map_admin"))
    with pytest.raises(NotNow, match="quicker"):
        answer_dispute(late, "changed", "So be it.", person("map_admin"))
    assert Dispute.objects.get().outcome == "kept"


def test_nothing_is_asked_any_more_for_a_metric_that_has_left(client, person, asked, marketing):
    Metric.objects.filter(pk=asked.metric_id).update(retired_on="2026-02-02")
    client.force_login(person("manager", marketing))
    assert "Nothing is asked for at present." in client.get("/data-requests/").text
    assert client.post(f"/data-requests/{asked.pk}/answer/", {"does": "deliver"}).status_code == 404


def test_a_reason_that_is_too_long_is_refused_and_not_cut(client, alert):
    client.force_login(alert.owner)
    day = timezone.localdate() + timedelta(7)
    told = {"does": "wait", "until": day.isoformat(), "comment": "x" * 201}
    assert (
        "Say it in 200 characters." in client.post(f"/alerts/{alert.pk}/", told, follow=True).text
    )
