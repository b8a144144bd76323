"""Who hears of a proposed edition: its signers by mail, once; executives on the story."""

from datetime import date

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.metric_map.agreement import drafting, signing
from metrics.metric_map.alerts.handling import send_digests
from metrics.metric_map.document import LinkEntry, MetricEntry
from metrics.metric_map.graph import changing_map
from metrics.models import Alert, MapEdition


@pytest.fixture
def people(person, sales):
    return {
        "admin": person("map_admin"),
        "executive": person("executive"),
        "owner": person("manager", sales),
        "steward": person("data_steward"),
    }


@pytest.fixture
def propose(people, returns):
    """Propose so many metrics of Sales, each linked upward: its manager signs as their owner."""

    def make(count, owner=""):
        with changing_map():
            edition = drafting.draft_for(people["admin"])
            document = drafting.document_of(edition)
            for number in range(count):
                entry = MetricEntry(
                    key=f"late_{number}", name=f"Late {number}", description="Too late.",
                    department="Sales", level=4, direction="down", control="full",
                    lever="keep", actions=("Call the carrier",), owner=owner,
                )  # fmt: skip
                link = LinkEntry(entry.key, "return_rate", "leading", slope=0.2, lag_days=30)
                document = document.with_metric(entry).with_link(link)
            drafting.change_draft(edition, document, people["admin"], "Changed")
            drafting.propose(edition, people["admin"], "Punctuality")
        return edition

    return make


def test_the_morning_mail_tells_signers_once_what_waits_for_them(people, propose, settings):
    settings.SITE_ADDRESS = "https://clv.example"
    propose(2)
    assert (send_digests(), send_digests()) == (2, 0)
    told = {to: one for one in mail.outbox for to in one.to}
    assert told.keys() == {people["owner"].email, people["steward"].email}
    one = told[people["owner"].email]
    assert one.subject == "An edition of the metric map waits for your signature"
    assert "2 definitions wait for your signature." in one.body
    assert "https://clv.example/agreements/" in one.body
    assert "own" not in one.body


def test_who_cannot_open_what_is_to_be_signed_gets_no_mail(people, propose, person, client):
    officer = person("privacy_officer")
    people["owner"].memberships.all().delete()
    edition = propose(1, owner=officer.email)
    assert (officer,) in [one.people for one in signing.needed_for(edition)]
    assert send_digests() == 1
    assert mail.outbox[0].to == [people["steward"].email]
    client.force_login(officer)
    assert client.get("/agreements/").status_code == 404


def test_who_has_signed_or_only_drafts_gets_no_mail(people, propose):
    edition = propose(1)
    signed = [one for one in signing.needed_for(edition) if people["owner"] in one.people]
    for one in signed:
        signing.sign(edition, one, people["owner"])
    MapEdition.objects.update(state="draft")
    assert send_digests() == 0
    MapEdition.objects.update(state="proposed")
    assert send_digests() == 1
    assert mail.outbox[0].to == [people["steward"].email]


def test_what_is_proposed_anew_is_told_anew(people, propose):
    edition = propose(1)
    assert send_digests() == 2
    with changing_map():
        drafting.take_back(edition, people["admin"])
        drafting.propose(edition, people["admin"], "Punctuality, again")
    assert send_digests() == 2


def test_alerts_and_signatures_come_in_one_mail(people, propose, returns):
    propose(1)
    Alert.objects.create(
        metric=returns, owner=people["owner"], kind="signal", period_on=date(2026, 1, 5),
        sentence="It rose.",
    )  # fmt: skip
    assert send_digests() == 2
    (one,) = [one for one in mail.outbox if one.to == [people["owner"].email]]
    assert one.subject == "One metric needs you"
    assert "It rose." in one.body
    assert "1 definition waits for your signature." in one.body


def test_what_waits_on_the_story_asks_the_same_at_one_and_at_forty(
    client, people, propose, returns, metric, sales, valuation
):
    def alert(number):
        told = {"owner": people["executive"], "kind": "signal", "period_on": date(2026, 1, 5)}
        made = metric(f"Call {number}"), metric(f"Wait {number}")
        cause = Alert.objects.create(metric=made[0], sentence=f"Rose {number}.", **told)
        Alert.objects.create(metric=made[1], sentence="Too.", expected_from=cause, **told)
        made[0].data_requests.create(
            department=sales, source="ledger", wanted="Each day", asked_on="2026-01-05",
            promised_on="2026-01-06",
        )  # fmt: skip

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/story/")
        return page, len(queries)

    alert(0)
    edition = propose(1)
    MapEdition.objects.update(sign_until="2026-01-05")
    client.force_login(people["executive"])
    page, few = asked()
    assert "Rose 0." in page.text
    assert "2 signatures are overdue" in page.text
    with changing_map():
        drafting.withdraw(edition, people["admin"])
    for number in range(1, 40):
        alert(number)
    propose(40)
    MapEdition.objects.update(sign_until="2026-01-05")
    page, many = asked()
    waiting = page.context["waiting"]
    assert len(waiting.alerts) == 40
    assert "80 signatures are overdue" in page.text
    assert "40 promises of data are overdue" in page.text
    assert many == few
