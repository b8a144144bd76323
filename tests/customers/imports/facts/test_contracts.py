"""Contracts come as a file, and come again with what has changed."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from customers.models import Contract, Customer, Source, SourceRecord

HEADER = "customer,number,started_on,term_months,fee_a_month,ended_on"
ANN = "ann,k1,2024-01-15,12,20.50,"
BOB = "bob,k7,2024-02-01,1,5,2024-06-30"


@pytest.fixture
def brought(bring):
    def run(*rows, header=HEADER):
        return bring("import_contracts", header, *rows)

    return run


def test_a_contract_makes_its_customer_where_nobody_knew_one(brought, sales):
    assert brought(ANN, BOB) == {
        "rows": 2, "new": 2, "changed": 0, "here_already": 0, "set_aside": [],
    }  # fmt: skip
    contract = Contract.objects.get(number="k1")
    assert contract.record.customer.department == sales
    assert (contract.record.source.name, contract.record.key) == ("billing", "ann")
    assert (contract.started_on, contract.ended_on) == (date(2024, 1, 15), None)
    assert (contract.term_months, contract.fee, contract.margin) == (12, Decimal("20.50"), None)
    assert Contract.objects.get(number="k7").ended_on == date(2024, 6, 30)


def test_a_customer_who_buys_without_a_contract_may_have_one_too(brought, sales):
    source = Source.objects.create(name="billing")
    ann = Customer.objects.create(code="ann", department=sales)
    record = SourceRecord.objects.create(source=source, key="ann", customer=ann)
    brought(ANN)
    assert record.contracts.count() == 1
    assert Customer.objects.count() == 1


def test_the_same_file_again_changes_nothing(brought):
    brought(ANN, BOB)
    changes = Source.objects.get().changes
    again = brought(ANN, BOB)
    assert (again["new"], again["changed"], again["here_already"]) == (0, 0, 2)
    assert Source.objects.get().changes == changes


def test_an_end_that_comes_later_is_taken_over_and_lets_valuations_become_due(brought):
    brought(ANN, BOB)
    changes = Source.objects.get().changes
    again = brought(ANN + "2024-09-14", BOB)
    assert (again["new"], again["changed"], again["here_already"]) == (0, 1, 1)
    assert Contract.objects.get(number="k1").ended_on == date(2024, 9, 14)
    assert Source.objects.get().changes == changes + 1


def test_columns_are_known_by_other_names_and_margins_come_along(brought):
    header = "CustomerID;Contract No;Start Date;Term;Monthly Charges;Margin"
    brought("ann;k1;15/01/2024;24;1.020,50;0,8", header=header)
    contract = Contract.objects.get()
    assert contract.started_on == date(2024, 1, 15)
    assert (contract.fee, contract.margin) == (Decimal("1020.50"), Decimal("0.8"))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",k1,2024-01-15,12,20,", "The row has no customer."),
        ("ann,,2024-01-15,12,20,", "The row has no number."),
        ("ann,k1,,12,20,", "The row has no start."),
        ("ann,k1,2024-02-30,12,20,", "The start is 2024-02-30. February 2024 has 29 days."),
        ("ann,k1,2024-01-15,12,20,2024-01-14", "The contract ends before it starts."),
        ("ann,k1,2024-01-15,0,20,", "The term is whole months, 1 to 60."),
        ("ann,k1,2024-01-15,61,20,", "The term is whole months, 1 to 60."),
        ("ann,k1,2024-01-15,1.5,20,", "The term is whole months, 1 to 60."),
        ("ann,k1,2024-01-15,12,,", "The row has no fee."),
        ("ann,k1,2024-01-15,12,-3,", "The fee is below zero."),
        ("ann,k1,2024-01-15,12,much,", "The fee is not a number."),
        ("ann,k1,2024-01-15,12,20", "The row has 5 values, the header 6."),
        (f"{'a' * 65},k1,2024-01-15,12,20,", "The customer has 65 characters; 64 fit."),
        ("bob,k7,2024-01-15,12,20,", "Line 2 of the file says the same one already."),
    ],
)
def test_a_bad_row_is_set_aside_with_its_sentence_and_the_rest_goes_in(brought, row, sentence):
    answer = brought(BOB, row)
    assert answer["set_aside"] == [{"line": 3, "sentence": sentence}]
    assert list(Contract.objects.values_list("number", "fee")) == [("k7", Decimal(5))]


def test_a_file_without_a_needed_column_is_refused_in_one_sentence(brought):
    with pytest.raises(CommandError, match="column holds the fee"):
        brought("ann,k1,2024-01-15", header="customer,number,started_on")
    assert not Contract.objects.exists()


def test_a_file_that_is_not_there_is_said_so(tmp_path, db):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_contracts", tmp_path / "nothing.csv", "--source", "billing")


def test_in_words_it_says_the_same(company, tmp_path, capsys):
    path = tmp_path / "contracts.csv"
    path.write_text("\n".join([HEADER, ANN, *["bob,k7,2024-01-15,0,20,"] * 22]))
    call_command("import_contracts", path, "--source", "billing")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "23 rows: 1 new, 0 changed, 0 here already, 22 set aside"
    assert lines[1] == "line 3: The term is whole months, 1 to 60."
    assert lines[-1] == "and 2 more"


def test_more_rows_than_go_in_at_once_all_go_in(brought):
    answer = brought(*[f"c{number},k{number},2024-01-15,12,20," for number in range(1001)])
    assert answer["new"] == Contract.objects.count() == 1001
    assert Source.objects.get().changes == 2
