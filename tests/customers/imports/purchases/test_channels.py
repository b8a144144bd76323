"""A customer's channel is that of the first purchase, in whatever order files come and go."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Contract, Customer, PurchaseLine, SourceRecord

HEADER = "customer,date,order,channel,amount"
UPDATED = 'UPDATE "customers_customer"'
WEB = "ann,2024-01-05,o1,web,10"
SHOP = "ann,2024-02-05,o2,shop,10"


def channels():
    return dict(Customer.objects.values_list("code", "channel"))


@pytest.mark.parametrize("files", [[WEB, SHOP], [SHOP, WEB]])
def test_the_first_purchase_names_the_channel_in_whatever_order_files_come(imported, files):
    for row in files:
        imported(row, header=HEADER)
    assert channels() == {"ann": "web"}


def test_a_file_without_a_channel_leaves_it_blank(imported):
    imported("ann,2024-01-05,10", header="customer,date,amount")
    assert channels() == {"ann": ""}


def test_a_first_purchase_without_a_channel_leaves_it_blank(imported):
    imported("ann,2024-01-05,o1,,10", SHOP, header=HEADER)
    assert channels() == {"ann": ""}


def test_a_return_before_every_purchase_wins_nobody(imported):
    imported("ann,2024-01-01,r1,phone,-10", SHOP, header=HEADER)
    assert channels() == {"ann": "shop"}


def test_undoing_the_first_purchase_gives_the_channel_of_the_next(imported, undone):
    first = imported(WEB, header=HEADER)
    imported(SHOP, header=HEADER)
    undone(first)
    assert channels() == {"ann": "shop"}


def test_customers_whose_channel_stays_are_not_written_again(imported):
    imported(WEB, header=HEADER)
    with CaptureQueriesContext(connection) as seen:
        imported(SHOP, header=HEADER)
    (written,) = [query["sql"] for query in seen if query["sql"].startswith(UPDATED)]
    with connection.cursor() as cursor:
        cursor.execute(written)
        assert cursor.rowcount == 0


def test_undoing_purchases_keeps_a_customer_who_has_a_contract(imported, undone):
    upload = imported(WEB, "bob,2024-01-05,o9,web,10", header=HEADER)
    record = SourceRecord.objects.get(key="ann")
    Contract.objects.create(
        record=record, number="k1", started_on="2024-01-01", term_months=1, fee=5
    )
    undone(upload)
    assert channels() == {"ann": ""}


rows = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.integers(1, 6).map(lambda day: f"2024-01-0{day}"),
    st.sampled_from(["", "o1", "o2", "o3"]),
    st.sampled_from(["", "web", "shop"]),
    st.sampled_from(["10", "5", "-3"]),
)
files = st.lists(st.lists(rows, min_size=1, max_size=5), min_size=1, max_size=3)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files=files, gone=st.sets(st.integers(0, 2), max_size=2))
def test_channels_always_are_those_of_the_first_purchases(imported, undone, files, gone):
    with transaction.atomic():
        uploads = [imported(*map(",".join, file), header=HEADER) for file in files]
        assert channels() == channels_by_hand()
        for number in gone & set(range(len(uploads))):
            undone(uploads[number])
            assert channels() == channels_by_hand()
        transaction.set_rollback(True)


def channels_by_hand():
    """What channels should be: one line at a time, from the earliest order with a sale."""
    found = dict.fromkeys(Customer.objects.values_list("code", flat=True), "")
    sales = PurchaseLine.objects.sales().select_related("purchase__record__customer")
    orders = {line.purchase for line in sales}
    latest_first = sorted(
        orders, key=lambda order: (order.bought_at, order.order_key, order.pk), reverse=True
    )
    for order in latest_first:
        found[order.record.customer.code] = order.channel
    return found
