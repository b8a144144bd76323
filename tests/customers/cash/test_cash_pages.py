"""The pages of margins and of what getting customers cost."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import (
    AcquisitionCost,
    AuditEvent,
    Department,
    ProductMargin,
    Role,
    Source,
)


@pytest.fixture
def desk(signed_in, company):
    return signed_in(Role.DATA_STEWARD)


def told():
    events = AuditEvent.objects.filter(verb=AuditEvent.Verb.CHANGED_COMPANY).order_by("pk")
    return list(events.values_list("about", flat=True))


def queries(desk, page):
    with CaptureQueriesContext(connection) as seen:
        desk.get(reverse(page))
    return len(seen)


def test_a_departments_margin_is_stored_and_taken_away_again(desk, sales, marketing):
    field, other = f"margin_{sales.pk}", f"margin_{marketing.pk}"
    desk.post(reverse("margin-list"), {field: "0.42", other: ""})
    sales.refresh_from_db()
    assert sales.margin == Decimal("0.42")
    page = desk.post(reverse("margin-list"), {field: "", other: ""}, follow=True)
    assert "margins are stored" in page.text
    sales.refresh_from_db()
    assert sales.margin is None
    assert told() == ["Margin of Sales: 0.42", "Margin of Sales: the company's"]


@pytest.mark.parametrize("margin", ["30", "0", "-0.1", "much"])
def test_an_impossible_margin_of_a_department_is_refused_beside_its_field(desk, sales, margin):
    field = f"margin_{sales.pk}"
    page = desk.post(reverse("margin-list"), {field: margin})
    assert f'id="id_{field}_error"' in page.text
    assert told() == []


def test_a_products_margin_is_stored_replaced_and_removed(desk):
    desk.post(reverse("margin-new"), {"product": "Blue mug", "margin": "0.4"})
    page = desk.post(reverse("margin-new"), {"product": "Blue mug", "margin": "0.5"}, follow=True)
    assert "50.0%" in page.text
    margin = ProductMargin.objects.get()
    desk.post(reverse("margin-remove", args=[margin.pk]))
    assert not ProductMargin.objects.exists()
    assert told() == [
        "Margin of product Blue mug: 0.4",
        "Margin of product Blue mug: 0.5",
        "Margin of product Blue mug: removed",
    ]


@pytest.mark.parametrize(("product", "margin"), [("mug", "1.2"), ("mug", ""), ("", "0.4")])
def test_an_impossible_margin_of_a_product_is_refused(desk, product, margin):
    page = desk.post(reverse("margin-new"), {"product": product, "margin": margin})
    assert 'class="error"' in page.text
    assert not ProductMargin.objects.exists()


def test_products_are_found_by_a_part_of_their_name(desk):
    for product in ("Blue mug", "Red mug", "Teapot"):
        ProductMargin.objects.create(product=product, margin="0.4")
    page = desk.get(reverse("margin-list"), {"q": "MUG"})
    assert [found.product for found in page.context["page"]] == ["Blue mug", "Red mug"]
    assert "No product with “zzz”" in desk.get(reverse("margin-list"), {"q": "zzz"}).text


def test_a_months_cost_is_stored_for_its_first_day_and_replaced(desk):
    said = {"channel": "web", "month": "2024-03", "amount": "100.50"}
    desk.post(reverse("acquisition-new"), said)
    page = desk.post(reverse("acquisition-new"), said | {"amount": "200"}, follow=True)
    assert "£200.00" in page.text
    assert "nobody won" in page.text
    cost = AcquisitionCost.objects.get()
    assert (cost.month, cost.amount) == (date(2024, 3, 1), Decimal(200))
    desk.post(reverse("acquisition-remove", args=[cost.pk]))
    assert not AcquisitionCost.objects.exists()
    assert told()[-1] == "Getting customers by web in Mar 2024: removed"


@pytest.mark.parametrize(
    "wrong", [{"month": "March"}, {"month": "2024-13"}, {"amount": "-1"}, {"channel": ""}]
)
def test_an_impossible_cost_is_refused_beside_its_field(desk, wrong):
    said = {"channel": "web", "month": "2024-03", "amount": "100"} | wrong
    page = desk.post(reverse("acquisition-new"), said)
    assert list(page.context["form"].errors) == list(wrong)
    assert not AcquisitionCost.objects.exists()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("margin-new", {"product": "mug", "margin": "0.4"}),
        ("acquisition-new", {"channel": "web", "month": "2024-03", "amount": "1"}),
    ],
)
def test_a_change_lets_valuations_become_due(desk, address, said):
    Source.objects.create(name="web shop")
    desk.post(reverse(address), said)
    source = Source.objects.get()
    assert source.changes == 1
    assert source.changed_at is not None


def test_margins_ask_as_often_for_forty_products_as_for_one(desk, sales):
    ProductMargin.objects.create(product="mug", margin="0.4")
    for_one = queries(desk, "margin-list")
    for number in range(39):
        ProductMargin.objects.create(product=f"mug {number}", margin="0.4")
        Department.objects.create(name=f"D {number}")
    assert queries(desk, "margin-list") == for_one


def test_costs_ask_as_often_for_forty_months_as_for_one(desk):
    AcquisitionCost.objects.create(channel="web", month="2024-01-01", amount=1)
    for_one = queries(desk, "acquisition-list")
    for number in range(39):
        AcquisitionCost.objects.create(channel=f"web {number}", month="2024-01-01", amount=1)
    assert queries(desk, "acquisition-list") == for_one


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"product": "", "margin": "0.4"}, "product_margin_names_a_product"),
        ({"product": "mug", "margin": "1.0001"}, "product_margin_between_minus_1_and_1"),
    ],
)
def test_the_database_refuses_an_impossible_product_margin(db, said, sentence):
    with pytest.raises(IntegrityError, match=sentence):
        ProductMargin.objects.create(**said)


def test_the_database_refuses_an_impossible_department_margin(sales):
    with pytest.raises(IntegrityError, match="department_margin_above_0_up_to_1"):
        Department.objects.update(margin="1.5")
