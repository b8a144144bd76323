"""Whose metric a page is: of the own department, owned elsewhere, or to be signed."""

from datetime import date

import pytest
from django.core import mail

from customers.models import Department, Role, User
from metrics.metric_map.alerts.handling import alerts_for, send_digests
from metrics.metric_map.alerts.recipients import address
from metrics.metric_map.graph import read_map
from metrics.models import Alert, Link, MapEdition, Metric
from tests.metrics.value.by_hand import valuation_of


@pytest.fixture
def late(db, marketing):
    return Metric.objects.create(
        key="late", name="Late deliveries", description="Too late.", department=marketing,
        level=4, direction="down", control="shared",
    )  # fmt: skip


PAGES = ("/metrics/late/", "/api/metrics/late/")


def opens(client, user):
    client.force_login(user)
    return {client.get(page).status_code for page in PAGES}


@pytest.mark.parametrize("name", ["owner", "backup"])
@pytest.mark.parametrize("role", [Role.FRONT_LINE, Role.TEAM_LEAD, Role.MANAGER])
def test_who_owns_or_backs_up_a_metric_of_another_department_opens_it(
    client, person, late, role, name
):
    user = person(role)
    assert opens(client, user) == {404}
    setattr(late, name, user)
    late.save()
    assert opens(client, user) == {200}


def test_an_owners_board_shows_what_they_own_elsewhere(client, person, late):
    user = person(Role.MANAGER)
    late.owner = user
    late.save()
    client.force_login(user)
    rows = client.get("/board/").context["board"].rows
    assert [row.metric for row in rows] == [late]


def test_an_alert_leads_its_owner_to_a_page_that_opens(client, person, late):
    user = person(Role.MANAGER)
    late.owner = user
    late.save()
    Alert.objects.create(
        metric=late, owner=user, kind="signal", period_on=date(2026, 1, 5), sentence="It rose."
    )
    client.force_login(user)
    assert 'href="/metrics/late/"' in client.get("/board/").text
    assert client.get("/metrics/late/").status_code == 200


def test_a_manager_of_a_department_that_steers_by_it_opens_it(client, person, late, sales):
    late.consumers.add(sales)
    assert opens(client, person(Role.MANAGER)) == {200}
    assert opens(client, person(Role.FRONT_LINE)) == {404}


def test_a_steward_opens_what_they_sign_for(client, person, late):
    one, other = person(Role.DATA_STEWARD), person(Role.DATA_STEWARD)
    assert opens(client, one) == {404}
    late.steward = other
    late.save()
    assert opens(client, one) == {404}
    assert opens(client, other) == {200}


def test_any_steward_opens_what_nobody_is_named_for_while_it_is_to_be_signed(client, person, late):
    one, other = person(Role.DATA_STEWARD), person(Role.DATA_STEWARD)
    MapEdition.objects.create(number=1, state="proposed", document="")
    assert opens(client, one) == {200}
    late.steward = other
    late.save()
    assert opens(client, one) == {404}
    User.objects.filter(pk=other.pk).update(is_active=False)
    assert opens(client, one) == {200}


def test_the_manager_of_finance_opens_what_links_to_money(client, person, late, company):
    finance = Department.objects.create(name="Finance")
    company.finance_department = finance
    company.save()
    user = person(Role.MANAGER, finance)
    assert opens(client, user) == {404}
    top = Metric.objects.create(
        key="equity", name="Equity", description="All.", department=late.department, level=1,
        direction="up", control="none",
    )  # fmt: skip
    Link.objects.create(child=late, parent=top, kind="leading", driver="cash")
    assert opens(client, user) == {200}


def test_a_steward_sees_no_metric_list_and_handles_own_alerts_on_the_map(client, person, late):
    late.owner = person(Role.DATA_STEWARD)
    late.save()
    told = {"kind": "signal", "period_on": date(2026, 1, 5), "sentence": "It rose."}
    alert = Alert.objects.create(metric=late, owner=late.owner, **told)
    client.force_login(late.owner)
    assert "It rose." in client.get("/map/").text
    answer = client.post(f"/alerts/{alert.pk}/", {"does": "seen", "back": "/map/"})
    assert answer["Location"] == "/map/"
    assert "It rose." not in client.get("/map/").text


@pytest.mark.parametrize("role", list(Role))
def test_an_alert_reaches_who_opens_its_page_and_nobody_else(client, person, marketing, late, role):
    """The two go together for every role, of a metric that it owns in another department."""
    user, manager = person(role), person(Role.MANAGER, marketing)
    late.owner = user
    late.save()
    alert = Alert(metric=late, kind="signal", period_on=date(2026, 1, 5), sentence="It rose.")
    address([alert], read_map())
    alert.save()
    is_open = role not in {Role.PRIVACY_OFFICER, Role.SYSTEM_ADMIN}
    assert opens(client, user) == {200 if is_open else 404}
    assert alert.owner == (user if is_open else manager)
    assert alerts_for(alert.owner).get() == alert
    assert send_digests() == 1
    assert mail.outbox[0].to == [alert.owner.email]


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.SYSTEM_ADMIN])
def test_an_alert_goes_over_to_the_manager_when_its_owner_opens_no_metric_any_more(
    client, person, marketing, late, role
):
    owner, manager = person(Role.ANALYST), person(Role.MANAGER, marketing)
    late.owner = owner
    late.save()
    told = {"kind": "signal", "period_on": date(2026, 1, 5), "sentence": "It rose."}
    alert = Alert.objects.create(metric=late, owner=owner, **told)
    owner.memberships.update(role=role)
    client.force_login(User.objects.get(pk=owner.pk))
    assert "It rose." not in client.get("/map/").text
    assert client.post(f"/alerts/{alert.pk}/", {"does": "seen"}).status_code == 404
    assert send_digests() == 0
    assert list(alerts_for(manager)) == [alert]


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.MAP_ADMIN, Role.ANALYST])
def test_who_has_no_board_finds_own_alerts_above_all_metrics(client, person, late, role):
    user = person(role)
    late.owner = user
    late.save()
    alert = Alert.objects.create(
        metric=late, owner=user, kind="signal", period_on=date(2026, 1, 5), sentence="It rose."
    )
    client.force_login(user)
    assert "It rose." in client.get("/metrics/").text
    told = {"does": "seen", "comment": "A strike.", "back": "/metrics/"}
    answer = client.post(f"/alerts/{alert.pk}/", told)
    assert answer["Location"] == "/metrics/"
    assert "It rose." not in client.get("/metrics/").text


def test_an_executive_sees_on_the_story_what_is_overdue_and_what_the_number_rests_on(
    client, person, late, valuation_in_force
):
    Metric.objects.create(
        key="equity", name="Customer equity", description="All.", department=late.department,
        level=1, direction="up", control="none",
    )  # fmt: skip
    late.data_requests.create(
        department=late.department, source="ledger", wanted="Each day", asked_on="2026-01-05",
        promised_on="2026-01-06",
    )  # fmt: skip
    client.force_login(person(Role.EXECUTIVE))
    page = client.get("/story/").text
    for door in ("/metrics/equity/", "/map/evidence/", "/map/holes/", "/data-requests/"):
        assert f'href="{door}"' in page, door
    assert "1 promise of data is overdue" in " ".join(page.split())


def test_somebody_else_sees_no_other_executives_alerts(client, person, late):
    late.owner = person(Role.EXECUTIVE)
    late.save()
    Alert.objects.create(
        metric=late, owner=late.owner, kind="signal", period_on=date(2026, 1, 5), sentence="Rose."
    )
    client.force_login(person(Role.EXECUTIVE))
    assert "Rose." not in client.get("/metrics/").text


@pytest.fixture
def valuation_in_force(db):
    return valuation_of()
