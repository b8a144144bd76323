"""Purchases pushed over the API, and what the upload tells of them afterwards."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from customers.imports.loader import load
from customers.models import AuditEvent, Purchase, PurchaseLine, Role, Source, Upload

ROW = {"customer": "c1", "date": "2026-03-04", "order": "o1", "product": "tea", "amount": "4.50"}


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def steward(person):
    return person(Role.DATA_STEWARD)


@pytest.fixture
def till(steward):
    """A program that acts for the data steward."""
    program = APIClient()
    program.force_authenticate(steward)
    return program


def push(till, *rows, **more):
    batch = {"source": "till", "department": "Sales", "rows": rows} | more
    return till.post(reverse("api-purchase-push"), batch, format="json")


def imported(till, *rows, **more):
    """Push these rows, let the worker import them, and ask what came of it."""
    answer = push(till, *rows, **more)
    assert answer.status_code == 202, answer.json()
    load(Upload.objects.claim(answer.json()["pk"]))
    return till.get(answer.json()["upload"]).json()


def test_a_batch_waits_for_the_worker_and_says_where_to_ask(till, steward):
    answer = push(till, ROW)
    upload = Upload.objects.get()
    address = f"http://testserver{reverse('api-upload-detail', args=[upload.pk])}"
    assert answer.json() == {"pk": upload.pk, "status": "waiting", "rows": 1, "upload": address}
    assert answer["Location"] == address
    assert (upload.doing, upload.sent_by) == ("import", steward)
    assert AuditEvent.objects.get(verb="sent file").about.startswith("Pushed push-")


def test_the_worker_is_told_of_a_batch(till, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr("customers.api.batches.import_upload.delay", told.append)
    with django_capture_on_commit_callbacks(execute=True):
        pk = push(till, ROW).json()["pk"]
    assert told == [pk]


def test_rows_become_purchases_of_their_customers(till):
    row = ROW | {"date": "2026-03-04T14:05:00+00:00", "quantity": 3, "price": 1.125, "cost": 2}
    del row["amount"]
    upload = imported(till, row | {"name": "Ann", "country": "France", "channel": "shop"})
    assert (upload["status"], upload["counts"]) == ("done", {"stored": 1})
    line = PurchaseLine.objects.get()
    assert (line.quantity, line.amount, line.cost) == (3, Decimal("3.38"), 2)
    purchase = Purchase.objects.select_related("record__customer__department").get()
    customer = purchase.record.customer
    assert (customer.code, customer.name, customer.country) == ("c1", "Ann", "France")
    assert customer.department.name == "Sales"
    assert (purchase.order_key, purchase.channel) == ("o1", "shop")


def test_the_same_batch_again_adds_nothing(till):
    batch = [ROW, ROW, ROW | {"order": "o2"}]
    assert imported(till, *batch)["counts"] == {"stored": 3}
    assert imported(till, *batch)["counts"] == {"here already": 3}
    assert PurchaseLine.objects.count() == 3


def test_equal_lines_of_two_batches_are_one_unless_order_or_time_differ(till):
    plain = {"customer": "c1", "date": "2026-03-04", "amount": 2}
    imported(till, plain)
    assert imported(till, plain)["counts"] == {"here already": 1}
    assert imported(till, plain | {"order": "o9"})["counts"] == {"stored": 1}
    assert imported(till, plain | {"date": "2026-03-04T09:00"})["counts"] == {"stored": 1}


def test_a_row_that_is_no_purchase_is_set_aside_and_the_others_go_in(till):
    tomorrow = timezone.now() + timedelta(days=2)
    upload = imported(till, ROW, ROW | {"date": f"{tomorrow:%Y-%m-%d}"}, {"date": "2026-03-04"})
    assert upload["counts"]["stored"] == 1
    assert [row["number"] for row in upload["set_aside"]] == [3, 4]
    assert upload["set_aside"][0]["sentence"] == "This day is still to come."


def test_no_more_than_the_first_200_rows_set_aside_are_told(till):
    upload = imported(till, *[{"date": "2026-03-04", "customer": f"c{n}"} for n in range(201)])
    assert len(upload["set_aside"]) == 200
    assert sum(upload["counts"].values()) == 201


@pytest.mark.parametrize(
    ("amount", "stored"),
    [
        ("1.234", "1.23"),
        (1234, "1234"),
        ("1E+3", "1000"),
        (-0.5, "-0.5"),
        ("1234567.891", "1234567.89"),
    ],
)
def test_a_dot_in_a_number_is_a_decimal_dot_whatever_else_is_in_the_batch(till, amount, stored):
    imported(till, ROW | {"amount": amount})
    assert PurchaseLine.objects.get().amount == Decimal(stored)


def test_how_far_the_source_is_complete_may_be_said(till):
    imported(till, ROW, complete_until="2026-03-31")
    assert Source.objects.get().complete_until == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"date": "on 2026-03-04"}, "Write it as 2026-11-20 or 2026-11-20T14:05:00+01:00."),
        ({"date": "4/3/2026"}, "Write it as 2026-11-20 or 2026-11-20T14:05:00+01:00."),
        ({"amount": "1E999999"}, "Ensure that there are no more than 25 digits in total."),
        ({"amount": "1,50"}, "A valid number is required."),
        ({"date": None}, "This field may not be null."),
    ],
)
def test_a_row_that_is_not_understood_is_named_by_its_place(till, wrong, sentence):
    answer = push(till, ROW, ROW | wrong)
    assert answer.status_code == 400
    assert answer.json() == {"rows": {"1": {next(iter(wrong)): [sentence]}}}
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"department": "Nowhere"}, "department", "There is no department Nowhere."),
        ({"rows": []}, "rows", "Send at least one row."),
        ({"rows": [ROW] * 1001}, "rows", "Send 1000 rows at most at a time."),
        ({"source": ""}, "source", "This field may not be blank."),
        ({"complete_until": "soon"}, "complete_until", "Date has wrong format."),
    ],
)
def test_a_batch_that_cannot_be_taken_says_why(till, more, field, sentence):
    answer = push(till, ROW, **more)
    assert answer.status_code == 400
    assert answer.json()[field][0].startswith(sentence)


def test_line_breaks_and_odd_letters_do_not_move_a_row(till):
    odd = 'a\r\nb "c", d;\u2028e'
    upload = imported(till, ROW | {"product": odd}, {"date": "2026-03-04", "customer": "c2"})
    assert PurchaseLine.objects.get().product == 'a b "c", d; e'
    assert [row["number"] for row in upload["set_aside"]] == [3]
    assert push(till, ROW | {"product": "a\0b"}).status_code == 400


def test_half_a_letter_is_refused(till):
    batch = json.dumps(
        {"source": "till", "department": "Sales", "rows": [ROW | {"name": "\ud800"}]}
    )
    answer = till.post(reverse("api-purchase-push"), batch, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.DATA_STEWARD}))
def test_nobody_else_may_push(person, role):
    program = APIClient()
    program.force_authenticate(person(role))
    assert push(program, ROW).status_code == 404
    assert not Upload.objects.exists()


def test_a_browser_session_pushes_only_with_its_csrf_token(steward):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(steward)
    assert push(browser, ROW).status_code == 403
