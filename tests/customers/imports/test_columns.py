"""Which column holds which fact."""

import pytest

from customers.imports.columns import (
    PURCHASES,
    Field,
    UnusableColumns,
    parse_columns,
)


def test_columns_are_known_by_what_systems_call_them():
    headers = ["Customer-ID", "Invoice_No", "InvoiceDate", "Description", "Qty", "Unit Price"]
    assert PURCHASES.guess(headers) == {
        Field.CUSTOMER: "Customer-ID",
        Field.ORDER: "Invoice_No",
        Field.DATE: "InvoiceDate",
        Field.PRODUCT: "Description",
        Field.QUANTITY: "Qty",
        Field.PRICE: "Unit Price",
    }


def test_german_names_are_known_too():
    headers = ["Kunde", "Datum", "Beleg", "Artikel", "Menge", "Betrag"]
    fields = (
        *(Field.CUSTOMER, Field.DATE, Field.ORDER),
        *(Field.PRODUCT, Field.QUANTITY, Field.AMOUNT),
    )
    assert PURCHASES.guess(headers) == dict(zip(fields, headers, strict=True))


def test_the_last_mapping_of_the_source_is_preferred():
    last = {"customer": "who", "date": "when", "amount": "amount"}
    assert PURCHASES.guess(["who", "when", "amount", "customer"], last) == last


def test_a_last_mapping_that_no_longer_fits_is_not_used():
    last = {"customer": "who", "date": "when", "amount": "paid"}
    assert PURCHASES.guess(["customer", "when"], last) == {Field.CUSTOMER: "customer"}


def test_one_column_is_guessed_for_one_fact_only():
    guessed = PURCHASES.guess(["date", "time", "total", "amount"])
    assert guessed == {Field.DATE: "date", Field.AMOUNT: "amount"}


@pytest.mark.parametrize(
    ("mapping", "word"),
    [
        ({"date": "d", "amount": "a"}, "customer code"),
        ({"customer": "c", "amount": "a"}, "day"),
        ({"customer": "c", "date": "d", "quantity": "a"}, "amount"),
        ({"customer": "c", "date": "d", "amount": "gone"}, "no column gone"),
    ],
)
def test_a_mapping_says_what_it_lacks(mapping, word):
    (sentence,) = PURCHASES.problems(mapping, ["c", "d", "a"])
    assert word in sentence


def test_quantity_and_price_do_for_an_amount():
    mapping = {"customer": "c", "date": "d", "quantity": "q", "price": "p"}
    assert PURCHASES.problems(mapping, ["c", "d", "q", "p"]) == []


def test_columns_can_be_said_in_one_line():
    assert parse_columns("customer=Customer ID, date=when") == {
        Field.CUSTOMER: "Customer ID",
        Field.DATE: "when",
    }


@pytest.mark.parametrize("text", ["customer", "customer=", "wages=x", "date=a,date=b"])
def test_columns_that_say_nothing_are_refused(text):
    with pytest.raises(UnusableColumns):
        parse_columns(text)
