"""What sales leave, rung by rung: a line's cost, its product, its department, the company."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.cash.margins import margins_until
from customers.models import Customer, Department, ProductMargin, PurchaseLine, SourceRecord

HEADER = "customer,date,product,amount,cost"
END = date(2024, 12, 31)


def rows_by_key(until=END):
    keys = dict(SourceRecord.objects.values_list("pk", "key"))
    return {keys[record]: tuple(rest) for record, *rest in margins_until(until)}


@pytest.fixture
def sales_margin(sales):
    Department.objects.filter(pk=sales.pk).update(margin="0.5")


def test_a_known_cost_decides_whatever_the_margins_say(imported, sales_margin):
    ProductMargin.objects.create(product="mug", margin="0.9")
    imported(HEADER, "ann,2024-01-05,mug,10,6", "ann,2024-02-05,cup,20,5")
    assert rows_by_key() == {"ann": pytest.approx((30, 30, 19))}


def test_without_a_cost_the_products_margin_decides(imported, sales_margin):
    ProductMargin.objects.create(product="mug", margin="0.9")
    imported(HEADER, "ann,2024-01-05,mug,10,")
    assert rows_by_key() == {"ann": pytest.approx((10, 10, 9))}


def test_without_a_products_margin_the_departments_decides_and_nothing_is_known(
    imported, sales_margin
):
    ProductMargin.objects.create(product="pot", margin="0.9")
    imported(HEADER, "ann,2024-01-05,mug,10,")
    assert rows_by_key() == {"ann": pytest.approx((10, 0, 5))}


def test_without_a_departments_margin_the_companys_decides(imported, company):
    company.default_margin = "0.25"
    company.save()
    imported(HEADER, "ann,2024-01-05,mug,10,")
    assert rows_by_key() == {"ann": pytest.approx((10, 0, 2.5))}


def test_each_line_of_a_day_stands_on_its_own_rung(imported, sales_margin):
    ProductMargin.objects.create(product="mug", margin="0.9")
    imported(
        HEADER,
        "ann,2024-01-05,cup,10,6",  # its cost: 4
        "ann,2024-01-05,mug,100,",  # its product: 90
        "ann,2024-01-05,pot,1000,",  # its department: 500
        "ann,2024-02-05,cup,7,2",  # a day whose cost is known: 5
    )
    assert rows_by_key() == {"ann": pytest.approx((1117, 117, 599))}


def test_a_product_sold_at_a_loss_leaves_less_than_nothing(imported):
    ProductMargin.objects.create(product="mug", margin="-0.2")
    imported(HEADER, "ann,2024-01-05,mug,10,")
    assert rows_by_key() == {"ann": pytest.approx((10, 10, -2))}


def test_a_return_takes_its_margin_back(imported):
    ProductMargin.objects.create(product="mug", margin="0.9")
    imported(HEADER, "ann,2024-01-05,mug,10,", "ann,2024-03-05,mug,-4,")
    imported(HEADER, "bob,2024-01-05,cup,10,6", "bob,2024-03-05,cup,-5,3")
    assert rows_by_key() == {
        "ann": pytest.approx((6, 6, 5.4)),
        "bob": pytest.approx((5, 5, 2)),
    }


def test_days_that_do_not_count_guests_and_later_days_are_left_out(imported):
    ProductMargin.objects.create(product="mug", margin="0.9")
    imported(
        HEADER,
        "ann,2024-01-05,mug,10,",
        "ann,2024-06-02,mug,70,",
        ",2024-01-05,mug,10,",
        "bob,2024-01-05,mug,-10,",
    )
    assert rows_by_key(date(2024, 6, 1)) == {"ann": pytest.approx((10, 10, 9))}


def test_each_customer_has_the_margin_of_the_own_department(imported, sales, marketing):
    Department.objects.filter(pk=sales.pk).update(margin="0.5")
    Department.objects.filter(pk=marketing.pk).update(margin="0.1")
    imported(HEADER, "ann,2024-01-05,mug,10,")
    imported(HEADER, "bob,2024-01-05,mug,10,", department=marketing)
    assert rows_by_key() == {"ann": pytest.approx((10, 0, 5)), "bob": pytest.approx((10, 0, 1))}


def test_the_records_of_one_customer_can_be_summed(imported):
    ProductMargin.objects.create(product="mug", margin="0.9")
    imported(HEADER, "ann,2024-01-05,mug,10,")
    imported(HEADER, "a17,2024-01-05,cup,20,5", source="till")
    ann = Customer.objects.get(code="ann")
    SourceRecord.objects.update(customer=ann)
    assert list(margins_until(END, "record__customer")) == [pytest.approx((ann.pk, 30, 30, 24))]


def test_it_asks_as_often_for_forty_records_as_for_one(imported):
    ProductMargin.objects.create(product="mug", margin="0.9")

    def queries():
        with CaptureQueriesContext(connection) as seen:
            found = list(margins_until(END))
        return len(found), len(seen)

    imported(HEADER, "c0,2024-01-05,mug,10,", "c0,2024-01-05,cup,10,6")
    assert queries() == (1, 4)  # the company, whether lines know more, days, lines
    imported(HEADER, *[f"c{number},2024-01-05,mug,10," for number in range(1, 40)])
    assert queries() == (40, 4)


lines = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["2024-01-05", "2024-01-06", "2024-01-07"]),
    st.sampled_from(["mug", "cup", ""]),
    st.integers(-300, 900).map(lambda cents: f"{cents / 100:.2f}"),
    st.sampled_from(["", "1.00", "2.50"]),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(lines, min_size=1, max_size=12), mug=st.sampled_from([None, "0.9", "-0.5"]))
def test_the_sums_equal_those_of_the_lines_one_by_one(imported, rows, mug):
    with transaction.atomic():
        if mug:
            ProductMargin.objects.create(product="mug", margin=mug)
        imported(HEADER, *map(",".join, rows))
        assert rows_by_key() == by_hand({"mug": float(mug)} if mug else {})
        transaction.set_rollback(True)


def by_hand(shares):
    """The margin by its definition: one line at a time."""
    found = {}
    for line in PurchaseLine.objects.exclude(counts_in=None).select_related("counts_in__record"):
        if not (line.counts_in.lines_bought and line.counts_in.amount >= 0):
            continue
        sums = found.setdefault(line.counts_in.record.key, [0, 0, 0])
        amount = float(line.amount)
        is_known = line.cost is not None or line.product in shares
        left = amount * shares.get(line.product, 0.3)
        sums[0] += amount
        sums[1] += amount * is_known
        sums[2] += left if line.cost is None else amount - float(line.cost)
    return {key: pytest.approx(tuple(sums), abs=1e-9) for key, sums in found.items()}
