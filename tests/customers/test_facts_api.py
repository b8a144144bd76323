"""Interactions and staff facts over the API: pushed by the steward, read by column."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from customers.imports.loader import load
from customers.models import (
    Customer,
    Department,
    Interaction,
    Role,
    Source,
    SourceRecord,
    StaffMonth,
    Upload,
)

SURVEY = {"kind": "survey", "day": "2024-01-15", "customer": "ann", "number": "s1", "score": 80}
STAFF = {"department": "Sales", "group": "North", "month": "2024-02-09", "headcount": 12}


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path, company, sales):
    settings.MEDIA_ROOT = tmp_path
    customer = Customer.objects.create(code="ann", department=sales)
    source = Source.objects.create(name="shop")
    SourceRecord.objects.create(source=source, key="ann", customer=customer)


@pytest.fixture
def program(person):
    def of(role, department=None):
        client = APIClient()
        client.force_authenticate(person(role, department))
        return client

    return of


@pytest.fixture
def pushed(program):
    def push(name, **batch):
        client = program(Role.DATA_STEWARD)
        answer = client.post(reverse(name), batch, format="json")
        assert answer.status_code == 202, answer.json()
        load(Upload.objects.claim(answer.json()["pk"]))
        return client.get(answer.json()["upload"]).json()

    return push


def read(client, name="api-interactions"):
    return client.get(reverse(name)).json()["results"]


def test_interactions_are_pushed_and_pushed_again_with_what_changed(pushed):
    visit = {"kind": "visit", "day": "2024-01-15T10:00", "prospect": "v1", "outcome": "engaged"}
    upload = pushed(
        "api-interactions", source="shop", rows=[SURVEY, visit, SURVEY | {"customer": "x"}]
    )
    assert upload["counts"] == {"stored": 2, "unknown_customer": 1}
    again = pushed(
        "api-interactions", source="shop", rows=[SURVEY | {"score": 90, "consent": True}]
    )
    assert again["counts"] == {"changed": 1}
    survey = Interaction.objects.get(kind="survey")
    assert (survey.score, survey.may_be_quoted) == (90, True)


def test_a_notice_and_whether_the_record_was_shown_are_pushed(pushed, program, sales):
    notice = {"kind": "notice", "day": "2024-03-01", "customer": "ann", "number": "n1",
              "topic": "price"}  # fmt: skip
    call = {"kind": "call", "day": "2024-02-01", "customer": "ann", "number": "c1"}
    upload = pushed("api-interactions", source="shop", rows=[notice, call | {"record_shown": True}])
    assert upload["counts"] == {"stored": 2}
    lead = {row["kind"]: row for row in read(program(Role.TEAM_LEAD, sales))}
    assert (lead["notice"]["topic"], lead["call"]["is_record_shown"]) == ("price", True)
    steward = {row["kind"]: row for row in read(program(Role.DATA_STEWARD))}
    assert not {"topic", "is_record_shown"} & steward["notice"].keys()


def test_staff_facts_are_pushed_without_a_source_and_small_groups_are_not_kept(pushed, program):
    upload = pushed("api-staff-months", rows=[STAFF, STAFF | {"group": "Tiny", "headcount": 3}])
    assert (upload["source"], upload["counts"]) == (None, {"stored": 1, "too_few": 1})
    assert StaffMonth.objects.get().group == "North"
    (row,) = read(program(Role.PRIVACY_OFFICER), "api-staff-months")
    assert (row["department"], row["month"], row["headcount"]) == ("Sales", "2024-02-01", 12)


def test_each_role_reads_the_columns_of_its_own(pushed, program):
    pushed("api-interactions", source="shop", rows=[
        SURVEY | {"description": "too slow"},
        {"kind": "visit", "day": "2024-01-15", "prospect": "v"},
        {"kind": "delivery", "day": "2024-01-15", "customer": "ann", "due": "2024-01-17"},
    ])  # fmt: skip
    officer = read(program(Role.PRIVACY_OFFICER))
    assert {row["kind"] for row in officer} == {"survey", "visit", "delivery"}
    assert {row["prospect"] for row in officer} == {"", "v"}
    steward = read(program(Role.DATA_STEWARD))
    assert {row["kind"] for row in steward} == {"survey", "delivery"}
    assert not {"score", "due_on", "description", "quotable_words", "prospect"} & set(steward[0])
    lead = {row["kind"]: row for row in read(program(Role.TEAM_LEAD))}
    assert (lead["survey"]["score"], lead["survey"]["description"]) == (80, "too slow")
    assert lead["survey"]["quotable_words"] == ""
    assert lead["delivery"]["due_on"] == "2024-01-17"
    assert "cost" not in lead["survey"]


def test_a_team_lead_reads_the_own_departments_only(pushed, program):
    pushed("api-interactions", source="shop", rows=[SURVEY])
    assert read(program(Role.TEAM_LEAD, Department.objects.create(name="Elsewhere"))) == []


@pytest.mark.parametrize("name", ["api-interactions", "api-staff-months"])
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.DATA_STEWARD}))
def test_nobody_but_the_steward_may_push(program, role, name):
    batch = {"source": "shop", "rows": [SURVEY if name == "api-interactions" else STAFF]}
    assert program(role).post(reverse(name), batch, format="json").status_code == 404
    assert not Upload.objects.exists()
