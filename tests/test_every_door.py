"""Every role on every address, page and API, against a table written down by hand.

The table says which addresses a role may open; the rest has to answer 404. It is not read from
the policies: it is what they are held against.
"""

from datetime import date

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from customers.models import (
    DEPARTMENT_ROLES,
    AcquisitionCost,
    Customer,
    Department,
    Membership,
    ProductMargin,
    Role,
    Source,
    SourceRecord,
    Upload,
    User,
)
from metrics.metric_map.changes import start_map
from metrics.models import CustomerValue, Link, Metric, Scenario, Valuation

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
    "metric-page": {FL, TL, MA, EX, MP, AN},
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
    "alert-handle": {FL, TL, MA},  # their own alerts
    "api-customer-list": {FL, TL, DS, PO},
    "api-customer-detail": {FL, TL, DS, PO},
    "api-upload-list": {DS},
    "api-upload-detail": {DS},
    "api-purchase-push": {DS},
    "api-interactions": {DS, PO, TL},
    "api-staff-months": {DS, PO},
    "api-schema": set(Role),
    "api-metric-list": {FL, TL, MA, EX, MP, AN},
    "api-metric-detail": {FL, TL, MA, EX, MP, AN},
    "api-link-list": {FL, TL, MA, EX, MP, DS, PO, AN},
    "api-worth-list": {FL, TL, MA, EX, MP, AN},
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


@pytest.fixture
def addresses(db):
    """An address for each name, of things that exist and that a person in Sales may see."""
    start_map(None)
    sales = Department.objects.get(name="Sales")
    source = Source.objects.create(name="shop")
    customer = Customer.objects.create(code="17850", department=sales)
    SourceRecord.objects.create(source=source, key="17850", customer=customer)
    valuation = Valuation.objects.create(
        status="done", in_force=True, as_of=date(2011, 12, 9), months=12, yearly_rate="0.1",
        margin="0.3", currency="GBP", changes=1, clv_total=100, model="nbd", unit="week",
    )  # fmt: skip
    CustomerValue.objects.create(
        valuation=valuation, customer=customer, x=1, t_x=1, T=2, mean_spend=3, spent=4,
        p_alive=0.5, expected_purchases=6, expected_spend=7, clv=8,
    )  # fmt: skip
    upload = Upload.objects.create(source=source, department=sales, file_name="a.csv")
    other = User.objects.create_user("other@gift-shop.example", "Other, of the sample")
    membership = Membership.objects.create(user=other, role=Role.ANALYST)
    product_margin = ProductMargin.objects.create(product="mug", margin="0.4")
    cost = AcquisitionCost.objects.create(channel="web", month=date(2011, 12, 1), amount=100)
    scenario = Scenario.objects.create(name="Fewer leave", owner=other, drop_out="0.9")
    metric = Metric.objects.filter(department=sales).first()
    link = Link.objects.with_ends().first()
    keys = {
        "movement": [valuation.pk],
        "scenario": [scenario.pk],
        "margin": [product_margin.pk],
        "acquisition": [cost.pk],
        "customer-card": [customer.pk],
        "metric": [metric.key],
        "link": [link.child.key, link.parent.key],
        "metric-report": [_reported(sales).key],
        "dispute-new": [metric.key],
        "map-counter": [metric.key],
        "map-answer": [1],
        "evidence": [1],
        "edition": [1],
        "request-answer": [1],
        "dispute-answer": [1],
        "alert": [1],
        "person": [other.pk],
        "membership-end": [membership.pk],
        "membership-new": [other.pk],
        "upload": [upload.pk],
        "valuation": [valuation.pk],
        "second-opinion-new": [valuation.pk],
        "second": [valuation.pk],
        "api-customer-detail": [customer.pk],
        "api-customer-value-detail": [customer.pk],
        "api-upload-detail": [upload.pk],
        "api-metric-detail": [metric.key],
        "api-valuation-detail": [valuation.pk],
    }
    return {name: _address(name, keys) for name in OPEN_TO}


def _reported(sales):
    """A metric that is reported, as most are that no file tells."""
    metric = Metric.objects.create(
        key="turnover", name="Turnover", description="Who left.", department=sales, level=4,
        direction="down", control="shared",
    )  # fmt: skip
    metric.versions.create(number=1, way="reported", grain="month", unit="% of staff", scale=100)
    return metric


def _address(name, keys):
    plain = (
        "-list",
        "-new",
        "board",
        "story",
        "parts",
        "-current",
        "map-page",
        "map-edit",
        "map-start",
        "map-propose",
        "map-take-back",
        "map-withdraw",
        "map-publish",
        "map-sign",
        "metric-preview",
        "model-ruling",
        "scenario-words",
        "sample-clear",
        "-push",
        "api-interactions",
        "api-staff-months",
        "api-reported-figures",
        "cascade",
        "-schema",
    )
    if name in keys:
        return reverse(name, args=keys[name])
    if name.endswith(plain) or name == "company-page":
        return reverse(name)
    return reverse(name, args=keys[name.split("-")[0]])


def test_every_address_stands_in_the_table():
    own = {name for name in names() if not name.startswith("account_")}
    assert own == set(OPEN_TO) | FOR_EVERYBODY


@pytest.mark.parametrize("role", list(Role))
def test_an_address_opens_for_its_roles_and_is_404_for_all_others(client, addresses, role):
    sales = Department.objects.get(name="Sales")
    user = User.objects.create_user("me@example.com", "Me")
    place = sales if role in DEPARTMENT_ROLES else None
    Membership.objects.create(user=user, role=role, department=place)
    client.force_login(user)
    opened = set()
    for name, address in addresses.items():
        status = client.get(address).status_code
        assert status in {200, 302, 404, 405}, (name, status)
        if status != 404:
            opened.add(name)
    assert opened == {name for name, roles in OPEN_TO.items() if role in roles}


@pytest.mark.parametrize("name", sorted(OPEN_TO))
def test_nobody_gets_in_without_signing_in(client, addresses, name):
    answer = client.get(addresses[name])
    if name.startswith("api-"):
        assert answer.status_code in {401, 403}
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", list(Role))
def test_nobody_changes_an_own_sign_in_address(client, person, role):
    client.force_login(person(role))
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


COLUMNS = {
    "8642.13": {TL, DS, PO},
    "champion": {FL, TL, PO},
    "0.4711": {PO},
    "97531.24": {PO},
    "86420.35": {PO},
    "108642.46": {PO},
}
CHANNELS = [
    "customer-list",
    "customer-card",
    "api-customer-list",
    "api-customer-detail",
    "api-customer-value-list",
]


@pytest.fixture
def known_amounts(addresses):
    """Give the customer amounts that can be found in any answer."""
    record = SourceRecord.objects.get(key="17850")
    record.days.create(day=date(2011, 12, 1), amount="8642.13", lines_bought=1)
    CustomerValue.objects.update(
        p_alive=0.4711, clv_low=86420.35, clv_middle=90000, clv=97531.24, clv_high=108642.46,
        word="champion",
    )  # fmt: skip


@pytest.mark.parametrize("role", [FL, TL, DS, PO])
@pytest.mark.parametrize("channel", CHANNELS)
def test_no_channel_shows_a_column_that_the_role_lacks(
    client, addresses, known_amounts, role, channel
):
    user = User.objects.create_user("me@example.com", "Me")
    sales = Department.objects.get(name="Sales")
    place = sales if role in DEPARTMENT_ROLES else None
    Membership.objects.create(user=user, role=role, department=place)
    client.force_login(user)
    text = client.get(addresses[channel]).content.decode().replace(",", "").lower()
    for shown, roles in COLUMNS.items():
        if role not in roles:
            assert shown not in text


def test_columns_are_joined_row_by_row_never_across_departments(client, addresses, known_amounts):
    sales = Department.objects.get(name="Sales")
    led = Department.objects.create(name="Led")
    Customer.objects.create(code="20000", department=led)
    user = User.objects.create_user("me@example.com", "Me")
    Membership.objects.create(user=user, role=Role.TEAM_LEAD, department=led)
    Membership.objects.create(user=user, role=Role.FRONT_LINE, department=sales)
    client.force_login(user)
    text = client.get(addresses["customer-card"]).content.decode().replace(",", "")
    assert "8642.13" not in text
    rows = client.get(addresses["api-customer-list"]).json()["results"]
    assert {row["code"]: row["spent"] for row in rows} == {"17850": None, "20000": None}
    Membership.objects.filter(role=Role.FRONT_LINE).update(role=Role.TEAM_LEAD)
    user = User.objects.get(pk=user.pk)
    rows = client.get(addresses["api-customer-list"]).json()["results"]
    assert {row["code"]: row["spent"] for row in rows} == {"17850": "8642.13", "20000": None}
