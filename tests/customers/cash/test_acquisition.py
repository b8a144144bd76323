"""What winning customers cost: a channel's month, shared by who first bought in it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from customers.cash.acquisition import acquisition_costs, winnings
from customers.models import AcquisitionCost, Customer

HEADER = "customer,date,channel,amount"
END = date(2024, 12, 31)


def spent(channel="web", month="2024-01-01", amount="90.00"):
    return AcquisitionCost.objects.create(channel=channel, month=month, amount=amount)


def costs_by_code(until=END):
    codes = dict(Customer.objects.values_list("pk", "code"))
    return {codes[customer]: cost for customer, cost in acquisition_costs(until)}


def test_a_months_cost_is_shared_by_the_customers_who_first_bought_in_it(imported):
    imported(
        HEADER, "ann,2024-01-05,web,10", "bob,2024-01-31,web,10", "cat,2024-01-31,web,10",
        "ann,2024-02-05,web,10",
    )  # fmt: skip
    spent()
    assert costs_by_code() == {code: pytest.approx(30) for code in ("ann", "bob", "cat")}


def test_a_customer_of_another_month_or_channel_is_not_known_rather_than_free(imported):
    imported(
        HEADER, "ann,2024-01-05,web,10", "bob,2024-02-01,web,10", "cat,2024-01-05,shop,10",
        "dan,2024-01-05,,10",
    )  # fmt: skip
    spent()
    assert costs_by_code() == {"ann": pytest.approx(90)}


def test_a_month_that_cost_nothing_is_known_to_have_cost_nothing(imported):
    imported(HEADER, "ann,2024-01-05,web,10")
    spent(amount=0)
    assert costs_by_code() == {"ann": 0}


def test_later_purchases_win_nobody_before_their_day(imported):
    imported(HEADER, "ann,2024-01-05,web,10", "bob,2024-01-20,web,10")
    spent()
    assert costs_by_code(date(2024, 1, 10)) == {"ann": pytest.approx(90)}


def test_a_day_that_does_not_count_wins_nobody(imported):
    imported(HEADER, "ann,2024-01-05,web,-10", "ann,2024-02-05,web,10")
    spent()
    spent(month="2024-02-01", amount=40)
    assert costs_by_code() == {"ann": pytest.approx(40)}


def test_each_channels_month_tells_how_many_it_won_and_what_for(imported):
    imported(HEADER, "ann,2024-01-05,web,10", "bob,2024-01-31,web,10", "cat,2024-02-01,shop,10")
    spent()
    spent("shop", "2024-01-01", 50)
    spent("shop", "2024-02-01", 70)
    assert [(won.channel, won.month.month, won.customers, won.cost_each) for won in winnings()] == [
        ("shop", 2, 1, Decimal(70)),
        ("shop", 1, 0, None),
        ("web", 1, 2, Decimal(45)),
    ]


def test_it_asks_as_often_for_forty_customers_as_for_one(imported):
    spent()

    def queries():
        with CaptureQueriesContext(connection) as seen:
            found = list(acquisition_costs(END))
        return len(found), len(seen)

    imported(HEADER, "c0,2024-01-05,web,10")
    assert queries() == (1, 2)
    imported(HEADER, *[f"c{number},2024-01-05,web,10" for number in range(1, 40)])
    assert queries() == (40, 2)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"amount": "-0.01"}, "acquisition_cost_not_negative"),
        ({"channel": ""}, "acquisition_cost_names_a_channel"),
        ({"month": "2024-01-02"}, "acquisition_cost_month_is_its_first_day"),
    ],
)
def test_the_database_refuses_an_impossible_cost(db, said, sentence):
    with pytest.raises(IntegrityError, match=sentence):
        spent(**said)


def test_the_database_refuses_a_channels_month_twice(db):
    spent()
    with pytest.raises(IntegrityError, match="channel"):
        spent()
