"""Contracts on a day: how long, for how much, gone or not; what the database refuses."""

from datetime import date

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from customers.cash.contracts import contracts_on
from customers.models import Contract, Customer, Department, Source, SourceRecord


@pytest.fixture
def contract(company, sales):
    """Store a contract of a new customer: its first day, its last, and what else is said."""
    source = Source.objects.create(name="billing")

    def make(started_on="2024-01-01", ended_on=None, **said):
        code = f"c{Customer.objects.count()}"
        customer = Customer.objects.create(code=code, department=sales)
        record = SourceRecord.objects.create(source=source, key=code, customer=customer)
        said = {"record": record, "number": "k1", "term_months": 12, "fee": "20.50"} | said
        return Contract.objects.create(started_on=started_on, ended_on=ended_on, **said)

    return make


@pytest.mark.parametrize(
    ("started_on", "day", "months"),
    [
        ("2024-01-01", date(2024, 1, 30), 0),
        ("2024-01-01", date(2024, 1, 31), 1),
        ("2024-01-15", date(2024, 2, 13), 0),
        ("2024-01-15", date(2024, 2, 14), 1),
        ("2024-01-31", date(2024, 2, 29), 1),
        ("2024-02-29", date(2025, 2, 28), 12),
        ("2023-12-15", date(2024, 12, 14), 12),
        ("2024-12-31", date(2024, 12, 31), 0),
        ("2019-06-30", date(2024, 6, 29), 60),
    ],
)
def test_tenure_is_the_whole_months_with_both_days_counted(contract, started_on, day, months):
    contract(started_on)
    ((_, tenure, *_),) = contracts_on(day)
    assert tenure == months


def test_a_row_says_who_how_long_how_much_which_term_and_that_it_goes_on(contract):
    made = contract("2024-01-01", margin="0.8")
    customer = made.record.customer_id
    assert list(contracts_on(date(2024, 3, 31))) == [(customer, 3, 20.5, 12, False, 0.8)]


def test_an_ended_contract_has_left_after_the_months_it_lasted(contract):
    contract("2023-01-15", "2024-01-14")
    ((_, tenure, _, _, has_left, _),) = contracts_on(date(2024, 6, 30))
    assert (tenure, has_left) == (12, True)


def test_a_contract_that_ends_later_has_not_left_yet(contract):
    contract("2024-01-01", "2024-12-31")
    ((_, tenure, _, _, has_left, _),) = contracts_on(date(2024, 6, 30))
    assert (tenure, has_left) == (6, False)


def test_a_contract_of_tomorrow_is_not_there_yet(contract):
    contract("2024-07-01")
    assert list(contracts_on(date(2024, 6, 30))) == []


def test_its_margin_is_its_own_else_the_departments_else_the_companys(contract, sales, company):
    contract()
    assert next(contracts_on(date(2024, 6, 30)))[-1] == pytest.approx(0.3)
    Department.objects.filter(pk=sales.pk).update(margin="0.5")
    assert next(contracts_on(date(2024, 6, 30)))[-1] == pytest.approx(0.5)
    Contract.objects.update(margin="-0.1")
    assert next(contracts_on(date(2024, 6, 30)))[-1] == pytest.approx(-0.1)


def test_two_contracts_of_one_customer_are_two_rows(contract):
    first = contract()
    Contract.objects.create(
        record=first.record, number="k2", started_on="2024-02-01", term_months=1, fee=5
    )
    rows = list(contracts_on(date(2024, 6, 30)))
    assert [(row[0], row[3]) for row in rows] == [
        (first.record.customer_id, 12),
        (first.record.customer_id, 1),
    ]


def test_it_asks_as_often_for_forty_contracts_as_for_one(contract):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            found = list(contracts_on(date(2024, 6, 30)))
        return len(found), len(seen)

    contract()
    assert queries() == (1, 2)
    for _ in range(39):
        contract()
    assert queries() == (40, 2)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"ended_on": "2023-12-31"}, "contract_ends_no_earlier_than_it_starts"),
        ({"fee": "-0.01"}, "contract_fee_not_negative"),
        ({"term_months": 0}, "contract_term_between_1_and_60_months"),
        ({"term_months": 61}, "contract_term_between_1_and_60_months"),
        ({"margin": "1.01"}, "contract_margin_between_minus_1_and_1"),
        ({"number": ""}, "contract_has_a_number"),
    ],
)
def test_the_database_refuses_an_impossible_contract(contract, said, sentence):
    with pytest.raises(IntegrityError, match=sentence):
        contract(**said)


def test_the_database_refuses_a_number_twice(contract):
    first = contract()
    with pytest.raises(IntegrityError, match=r"contract_once_per_number|record_id"):
        contract(record=first.record)
