"""Every role on every address, page and API, against a table written down by hand.

The table says which addresses a role may open; the rest has to answer 404. It is not read from
the policies: it is what they are held against.
"""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from customers.models import Department, Membership, Role, User
from tests.addresses import one_of_each

pytestmark = pytest.mark.django_db

FL, TL, MA, EX, MP, DS, PO, AN, SA = (
    Role.FRONT_LINE,
    Role.TEAM_LEAD,
    Role.MANAGER,
    Role.EXECUTIVE,
    Role.MAP_ADMIN,
    Role.DATA_STEWARD,
    Role.PRIVACY_OFFICER,
    Role.ANALYST,
    Role.SYSTEM_ADMIN,
)

OPEN_TO = {
    "parts": set(Role),
    "sample-clear": {SA},
    "customer-list": {FL, TL, DS, PO},
    "customer-card": {FL, TL, DS, PO},
    "upload-list": {DS},
    "upload-new": {DS},
    "upload-page": {DS},
    "upload-progress": {DS},
    "upload-holds": {DS},
    "upload-check": {DS},
    "upload-import": {DS},
    "upload-undo": {DS},
    "upload-try-again": {DS},
    "upload-discard": {DS},
    "upload-set-aside": {DS},
    "person-list": {SA, PO},
    "person-new": {SA},
    "person-page": {SA},
    "person-leave": {SA},
    "person-return": {SA},
    "person-reset": {SA},
    "membership-new": {SA},
    "membership-end": {SA},
    "department-new": {SA},
    "company-page": {SA},
    "margin-list": {SA, DS},
    "margin-new": {SA, DS},
    "margin-remove": {SA, DS},
    "acquisition-list": {SA, DS},
    "acquisition-new": {SA, DS},
    "acquisition-remove": {SA, DS},
    "reading-list": {PO},
    "board": {FL, TL, MA},
    "metric-list": {EX, MP, AN},
    "metric-page": {FL, TL, MA, EX, MP, AN},  # and a steward what they sign for
    "story": {EX},
    "valuation-current": {EX, AN, PO},
    "valuation-list": {EX, AN, PO},
    "valuation-page": {EX, AN, PO},
    "valuation-progress": {EX, AN, PO},
    "valuation-new": {AN},
    "valuation-try-again": {AN},
    "model-ruling": {AN},
    "second-opinion-new": {AN},
    "second-opinion-progress": {EX, AN, PO},
    "segment-list": {EX, AN},
    "movement-page": {EX, AN},
    "movement-ask": {EX, AN},
    "scenario-list": {EX, AN},
    "scenario-page": {EX, AN},
    "scenario-new": {EX, AN},
    "scenario-words": {EX, AN},
    "scenario-edit": {AN},  # an executive's own only, and this one is not
    "scenario-remove": {AN},  # the same
    "scenario-value": {EX, AN},
    "map-page": {FL, TL, MA, EX, MP, DS, PO, AN},
    "map-edit": {MP},
    "map-start": {MP},
    "metric-new": {MP},
    "metric-edit": {MP},
    "metric-remove": {MP},
    "link-new": {MP},
    "link-edit": {MP},
    "link-remove": {MP},
    "hole-list": {FL, TL, MA, EX, MP, DS, PO, AN},
    "evidence-list": {FL, TL, MA, EX, MP, DS, PO, AN},
    "evidence-take": {MP},
    "project-new": {MP},
    "project-edit": {MP},
    "metric-annotate": {FL, TL, MA},  # of their own departments' metrics
    "metric-rebase": {MA, MP},  # a manager of the own departments' metrics
    "metric-report": {TL, MA, DS},  # and who owns it, whatever their role
    "cascade": {MA, EX, MP},
    "metric-preview": {MP, EX},
    "map-propose": {MP},
    "map-take-back": {MP},
    "map-withdraw": {MP},
    "map-publish": {MP, EX},
    "map-sign": {MP, TL, MA, DS, EX},
    "map-counter": {MP, TL, MA, DS, EX},
    "map-answer": {MP},
    "edition-list": {FL, TL, MA, EX, MP, DS, PO, AN},
    "edition-page": {FL, TL, MA, EX, MP, DS, PO, AN},
    "edition-roll-back": {MP},
    "agreement-list": {MP, TL, MA, DS, EX},
    "request-list": {FL, TL, MA, EX, MP, DS, PO, AN},
    "request-new": {TL, MA, EX, MP},
    "request-answer": {MA, DS},  # a manager what the own department is asked for
    "dispute-list": {MP, EX},
    "dispute-new": {FL, TL, MA},  # of their own departments' metrics
    "dispute-answer": {MP},
    "alert-handle": {FL, TL, MA, EX, MP, DS, AN},  # their own alerts
    "api-customer-list": {FL, TL, DS, PO},
    "api-customer-detail": {FL, TL, DS, PO},
    "api-upload-list": {DS},
    "api-upload-detail": {DS},
    "api-purchase-push": {DS},
    "api-interactions": {DS, PO, TL},
    "api-staff-months": {DS, PO},
    "api-schema": set(Role),
    "api-metric-list": {FL, TL, MA, EX, MP, AN, DS},
    "api-metric-detail": {FL, TL, MA, EX, MP, AN},  # and a steward what they sign for
    "api-link-list": {FL, TL, MA, EX, MP, DS, PO, AN},
    "api-worth-list": {FL, TL, MA, EX, MP, AN, DS},
    "api-scenario-list": {EX, AN},
    "api-movement-list": {EX, AN},
    "api-reported-figures": {FL, TL, MA, EX, MP, AN, DS},
    "api-valuation-list": {EX, AN, PO},
    "api-valuation-detail": {EX, AN, PO},
    "api-customer-value-list": {PO},
    "api-customer-value-detail": {PO},
}

# Without a role of their own: sign-in, one's own account, health, and the way to the first page.
FOR_EVERYBODY = {"home", "healthz", "api-token"}


def names(resolver=None):
    """The name of every address of the site, allauth's apart."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from names(entry)
        elif isinstance(entry, URLPattern):
            yield entry.name


@pytest.fixture(scope="module")
def addresses(stored_once):
    return one_of_each(OPEN_TO)


@pytest.fixture
def sales(addresses):
    return Department.objects.get(name="Sales")


def test_every_address_stands_in_the_table():
    own = {name for name in names() if not name.startswith("account_")}
    assert own == set(OPEN_TO) | FOR_EVERYBODY


@pytest.mark.parametrize("role", list(Role))
def test_an_address_opens_for_its_roles_and_is_404_for_all_others(signed_in, addresses, role):
    client = signed_in(role)
    opened = set()
    for name, address in addresses.items():
        status = client.get(address).status_code
        assert status in {200, 302, 404, 405}, (name, status)
        if status != 404:
            opened.add(name)
    assert opened == {name for name, roles in OPEN_TO.items() if role in roles}


def test_nobody_gets_in_without_signing_in(client, addresses):
    for name, address in addresses.items():
        answer = client.get(address)
        if name.startswith("api-"):
            assert answer.status_code in {401, 403}, name
        else:
            assert answer.status_code == 302, name
            assert answer["Location"].startswith(reverse("account_login")), name


@pytest.mark.parametrize("role", list(Role))
def test_nobody_changes_an_own_sign_in_address(signed_in, role):
    client = signed_in(role)
    for name in ("account_email", "account_email_verification_sent"):
        assert client.get(reverse(name)).status_code == 404


def test_somebody_without_a_role_opens_nothing(client, addresses):
    client.force_login(User.objects.create_user("new@example.com", "New"))
    assert {client.get(address).status_code for address in addresses.values()} == {404}
    assert client.get("/").status_code == 403


def test_a_role_in_another_department_opens_neither_its_customers_nor_its_metrics(
    client, addresses
):
    user = User.objects.create_user("me@example.com", "Me")
    elsewhere = Department.objects.create(name="Elsewhere")
    Membership.objects.create(user=user, role=Role.TEAM_LEAD, department=elsewhere)
    client.force_login(user)
    for name in ("customer-card", "metric-page", "api-customer-detail", "api-metric-detail"):
        assert client.get(addresses[name]).status_code == 404, name
