"""Every channel by which a customer's amounts may leave, against a table of who may see which."""

from datetime import date

import pytest

from customers.models import Customer, Department, Membership, Role, SourceRecord, User
from metrics.models import CustomerValue
from tests.addresses import one_of_each

pytestmark = pytest.mark.django_db

FL, TL, DS, PO = Role.FRONT_LINE, Role.TEAM_LEAD, Role.DATA_STEWARD, Role.PRIVACY_OFFICER

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


@pytest.fixture(scope="module")
def addresses(stored_once):
    return one_of_each(CHANNELS)


@pytest.fixture
def sales(addresses):
    return Department.objects.get(name="Sales")


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
    signed_in, addresses, known_amounts, role, channel
):
    text = signed_in(role).get(addresses[channel]).content.decode().replace(",", "").lower()
    for shown, roles in COLUMNS.items():
        if role not in roles:
            assert shown not in text


def test_columns_are_joined_row_by_row_never_across_departments(
    client, addresses, known_amounts, sales
):
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
