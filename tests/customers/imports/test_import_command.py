"""The command imports by the same road as an upload, and answers in words or JSON."""

import json

import pytest
from django.core.management import CommandError, call_command

from customers.models import Department, PurchaseDay, PurchaseLine, Source, Upload

ROWS = (
    "customer_id,date,amount\nann,2024-01-05,10.00\nann,2024-01-05,10.00\n"
    "bob,2024-01-06,4.00\n,2024-01-06,0\nbob,2024-01-45,4.00\n"
)


@pytest.fixture
def file(db, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ROWS)
    return path


@pytest.fixture
def run(capsys):
    def import_purchases(file, *options):
        call_command("import_purchases", file, "--source", "web shop", *options)
        return capsys.readouterr().out

    return import_purchases


def test_the_json_says_what_became_of_every_row(run, file):
    assert json.loads(run(file, "--json")) == {
        "rows": 5,
        "stored": 3,
        "here_already": 0,
        "dropped": {"bad_date": 1, "no_customer_nothing_paid": 1},
        "customers": 2,
    }
    assert PurchaseDay.objects.get(record__key="ann").amount == 20


def test_the_same_file_again_is_here_already(run, file):
    run(file)
    again = json.loads(run(file, "--json"))
    assert (again["stored"], again["here_already"]) == (0, 3)


def test_in_words_it_says_the_same(run, file):
    assert "3 stored\n0 here already\n1 set aside: bad_date" in run(file)


def test_a_dry_run_leaves_nothing(run, file):
    assert json.loads(run(file, "--dry-run", "--json"))["stored"] == 3
    for model in (PurchaseLine, Upload, Source):
        assert not model.objects.exists()


def test_without_a_department_the_first_one_is_made(run, file):
    run(file)
    assert Department.objects.get().name == "Customers"


def test_a_named_department_looks_after_the_customers(run, file, sales, marketing):
    run(file, "--department", "marketing")
    assert marketing.customers.count() == 2


def test_columns_and_the_last_complete_day_can_be_said(run, file):
    columns = "customer=customer_id,date=date,amount=amount"
    run(file, "--columns", columns, "--complete-until", "2024-01-31")
    assert Source.objects.get().complete_until.isoformat() == "2024-01-31"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--columns", "wages=x"], "There is no field wages"),
        (["--columns", "customer=customer_id,date=when,amount=amount"], "has no column when"),
        (["--department", "Moon"], "There is no department Moon"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(run, file, options, sentence):
    with pytest.raises(CommandError, match=sentence) as problem:
        run(file, *options)
    assert "\n" not in str(problem.value)


def test_a_file_that_is_not_there_is_said_so(run, tmp_path, db):
    with pytest.raises(CommandError, match="There is no file"):
        run(tmp_path / "nothing.csv")


def test_with_several_departments_one_has_to_be_named(run, file, sales, marketing):
    with pytest.raises(CommandError, match="--department"):
        run(file)
