"""Rows of text become purchases, or are set aside for a reason."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.imports.notation.reasons import Reason
from customers.imports.purchases.reader import reader_of
from customers.imports.set_aside import BadRow
from customers.imports.table import UnreadableFile, peek

HEADER = "customer,date,order,product,quantity,price,cost,name,country,channel,looked after by"
GOOD = "ann,2024-01-05,o1,mug,2,5.25,,,,,"


@pytest.fixture
def rows(draft):
    """Read rows as an import would; the first is one that is good."""

    def read(*rows, header=HEADER):
        upload = draft(*rows, header=header)
        columns = upload.mapping()
        if "looked after by" in header:
            columns["department"] = "looked after by"
        upload.map_columns(columns)
        return list(reader_of(upload, peek(upload)).read_all())

    return read


def changed(**facts):
    """The good row with some of its facts replaced."""
    names = HEADER.replace("looked after by", "department").split(",")
    cells = dict(zip(names, GOOD.split(","), strict=True)) | facts
    return ",".join(cells.values())


def test_a_good_row_says_who_bought_what_when_and_for_how_much(rows):
    (row,) = rows(changed(cost="3.20", name="Ann", country="France", channel="web"))
    assert (row.customer, row.order, row.product, row.name) == ("ann", "o1", "mug", "Ann")
    assert (row.quantity, row.amount, row.cost) == (2, Decimal("10.50"), Decimal("3.20"))
    assert (row.moment.day, row.country, row.channel) == (date(2024, 1, 5), "France", "web")
    assert row.number == 2


def test_quantity_times_price_is_rounded_to_cents_half_up(rows):
    (row,) = rows(changed(quantity="3", price="0.335"))
    assert row.amount == Decimal("1.01")


def test_an_amount_of_its_own_goes_before_quantity_times_price(rows):
    (row,) = rows("ann,2024-01-05,2,5.00,9.99", header="customer,date,quantity,price,amount")
    assert row.amount == Decimal("9.99")


def test_with_an_amount_alone_one_piece_was_bought_or_came_back(rows):
    bought, returned = rows("ann,2024-01-05,5", "ann,2024-01-05,-5", header="customer,date,amount")
    assert (bought.quantity, returned.quantity) == (1, -1)


def test_a_free_thing_for_a_customer_is_a_purchase(rows):
    (row,) = rows(changed(price="0"))
    assert row.amount == 0


def test_a_row_without_a_customer_is_a_sale_to_a_guest(rows):
    guest, null = rows(changed(customer=""), changed(customer="NULL"))
    assert guest.customer == null.customer == ""


def test_what_comes_back_takes_its_cost_with_it(rows):
    (row,) = rows(changed(quantity="-2", cost="3.20"))
    assert row.cost == Decimal("-3.20")


def test_a_department_is_found_whatever_its_case(rows, sales):
    (row,) = rows(changed(department="SALES"))
    assert row.department == sales.pk


TOMORROW = f"{timezone.now() + timedelta(days=2):%Y-%m-%d}"


@pytest.mark.parametrize(
    ("facts", "reason", "sentence"),
    [
        ({"date": ""}, Reason.NO_DATE, "The row names no day."),
        ({"date": "2024-11-31"}, Reason.BAD_DATE, "November has 30 days."),
        ({"date": TOMORROW}, Reason.FUTURE_DATE, "This day is still to come."),
        ({"price": ""}, Reason.NO_AMOUNT, "The row has no amount."),
        ({"price": "5.2O"}, Reason.BAD_NUMBER, "The price has a letter O in it."),
        ({"price": "$5"}, Reason.OTHER_CURRENCY, "The price is in $; purchases are kept in GBP."),
        ({"price": "9" * 20}, Reason.TOO_LARGE, "A number of this size is not a purchase."),
        (
            {"price": "9" * 10, "quantity": "9" * 10},
            Reason.TOO_LARGE,
            "A number of this size is not a purchase.",
        ),
        (
            {"price": "-5"},
            Reason.NEGATIVE_PRICE,
            "A negative price is an adjustment, not a purchase.",
        ),
        ({"cost": "-1"}, Reason.NEGATIVE_COST, "The cost of a sale is below zero."),
        (
            {"quantity": "0"},
            Reason.ZERO_QUANTITY,
            "The quantity is 0, so nothing was bought.",
        ),
        (
            {"quantity": "-2", "price": "0"},
            Reason.NOTHING_RETURNED,
            "Fewer pieces and no money: a stock correction, not a return.",
        ),
        (
            {"customer": "", "price": "0"},
            Reason.NO_CUSTOMER_NOTHING_PAID,
            "No customer code and nothing paid, so it is no sale.",
        ),
        ({"customer": "x" * 65}, Reason.TOO_LONG, "It has 65 characters; 64 fit."),
        (
            {"customer": "Zo\ufffd"},
            Reason.UNREADABLE_CODE,
            "It has a letter that cannot be read in it.",
        ),
        ({"product": "x" * 161}, Reason.TOO_LONG, "It has 161 characters; 160 fit."),
        ({"department": "Moon"}, Reason.UNKNOWN_DEPARTMENT, "There is no department Moon."),
    ],
)
def test_a_row_that_cannot_be_used_says_why(rows, facts, reason, sentence):
    good, bad = rows(GOOD, changed(**facts))
    assert isinstance(bad, BadRow)
    assert (bad.reason, bad.sentence, bad.number) == (reason, sentence, 3)
    assert bad.raw == changed(**facts)
    assert bad.bought_on == (None if "date" in facts else good.moment.day)


def test_a_bad_value_is_shown_with_its_column(rows):
    _, bad = rows(GOOD, changed(price="5.2O"))
    assert (bad.column, bad.value) == ("price", "5.2O")


def test_signs_that_differ_are_for_a_person_to_decide(rows):
    (bad,) = rows("ann,2024-01-05,-2,5.00", header="customer,date,quantity,amount")
    assert bad.reason == Reason.SIGNS_DIFFER


def test_a_row_of_another_length_is_set_aside(rows):
    short, long, padded = rows(
        "ann,2024-01-05", "ann,2024-01-05,5,6", "ann,2024-01-05,5,,", header="customer,date,amount"
    )
    assert short.sentence == "The row has 2 values, the header 3."
    assert long.reason == Reason.WRONG_LENGTH
    assert padded.amount == 5


def test_columns_that_say_too_little_are_refused_before_the_first_row(draft):
    upload = draft("ann,2024-01-05", header="customer,date")
    with pytest.raises(UnreadableFile, match="Say which column holds the amount"):
        reader_of(upload, peek(upload))


def test_every_reason_has_a_test_above():
    params = test_a_row_that_cannot_be_used_says_why.pytestmark[0].args[1]
    tested = {param[1] for param in params} | {Reason.SIGNS_DIFFER, Reason.WRONG_LENGTH}
    of_other_facts = {
        Reason.UNKNOWN_CUSTOMER,
        Reason.UNKNOWN_WORD,
        Reason.NOT_SAID,
        Reason.UNFIT,
        Reason.TOO_FEW,
        Reason.SAID_TWICE,
    }
    assert tested == set(Reason) - of_other_facts
