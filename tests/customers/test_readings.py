"""The log of reads and changes, as the privacy officer sees it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import AuditEvent, Customer, Role


@pytest.fixture
def desk(signed_in):
    return signed_in(Role.PRIVACY_OFFICER)


@pytest.fixture
def customer(sales):
    return Customer.objects.create(code="K-20418", department=sales)


@pytest.fixture
def read(person, customer):
    """Let a new person read this customer's card, some minutes ago."""

    def make(name="Ann Archer", minutes=0, **values):
        actor = person(Role.FRONT_LINE)
        actor.name = name
        actor.save()
        at = timezone.now() - timedelta(minutes=minutes)
        values = {"verb": AuditEvent.Verb.READ_CARD, "customer": customer} | values
        return AuditEvent.objects.create(actor=actor, at=at, **values)

    return make


def shown(desk, **query):
    return list(desk.get(reverse("reading-list"), query).context["page"])


def test_the_newest_event_stands_first(desk, read):
    old, new = read(minutes=9), read(minutes=1)
    assert shown(desk) == [new, old]


def test_an_event_is_told_in_words(desk, read):
    read()
    page = desk.get(reverse("reading-list")).text
    for word in ("Ann Archer", "Opened a customer&#x27;s card", "K-20418"):
        assert word in page


def test_events_are_found_by_person_by_what_and_by_customer(desk, read):
    ann, bo = read("Ann Archer"), read("Bo Baker", verb="exported", customer=None)
    assert shown(desk, who="archer") == [ann]
    assert shown(desk, who=bo.actor.email) == [bo]
    assert shown(desk, verb="exported") == [bo]
    assert shown(desk, code="K-20418") == [ann]
    assert shown(desk, code="K-2041") == []
    assert shown(desk, who="archer", verb="exported") == []


def test_a_question_that_is_not_understood_shows_nothing(desk, read):
    read()
    assert shown(desk, verb="laughed") == []


def test_fifty_events_are_shown_at_once_and_the_question_stays_when_paging(desk, read):
    actor = read().actor
    events = [AuditEvent(actor=actor, verb="exported") for _ in range(60)]
    AuditEvent.objects.bulk_create(events)
    page = desk.get(reverse("reading-list"), {"verb": "exported"})
    assert len(page.context["page"]) == 50
    assert "?verb=exported&amp;page=2" in page.text
    assert len(shown(desk, verb="exported", page=2)) == 10


def test_an_empty_log_says_what_will_appear(desk):
    assert "Nothing read or changed yet" in desk.get(reverse("reading-list")).text


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PRIVACY_OFFICER}))
def test_nobody_else_sees_the_log(signed_in, role):
    assert signed_in(role).get(reverse("reading-list")).status_code == 404


def test_the_log_asks_as_often_for_40_events_as_for_one(desk, company, read):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(reverse("reading-list"))
        return len(seen)

    read()
    for_one = queries()
    for _ in range(40):
        read()
    assert queries() == for_one
