"""Purchase days out of the database and values into it, on either database, as arrays."""

from datetime import date, timedelta
from itertools import chain

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from customers.models import Customer, PurchaseDay, SourceRecord
from metrics.models import CustomerValue, Valuation
from metrics.value import asking
from metrics.value.storage import writing
from metrics.value.storage.reading import (
    Part,
    place_among,
    read_purchase_days,
    read_values,
)
from metrics.value.storage.writing import start_over, write_values
from tests.metrics.value.conftest import FIRST_DAY, LAST_DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def claimed(shop):
    return Valuation.objects.claim(asking.ask_current().pk)


def columns_for(customers, **changed):
    """Columns as a valuation has them, for these customers."""
    many = len(customers)
    return {
        "customer_id": np.array([customer.pk for customer in customers]),
        "x": np.arange(many, dtype=np.int32),
        "t_x": np.linspace(0, 50, many),
        "T": np.full(many, 51.5),
        "mean_spend": np.full(many, 1 / 3),
        "first_on": np.datetime64("2022-02-28") + np.arange(many),
        "spent": np.full(many, 1e9 + 0.01),
        "p_alive": np.full(many, 0.1),
        "expected_purchases": np.full(many, 1e-12),
        "expected_spend": np.full(many, 7.25),
        "margin": 0.3,
        "clv": np.linspace(-5, 1e6, many),
        "clv_low": np.full(many, 1.0),
        "clv_middle": np.full(many, 2.0),
        "clv_high": np.full(many, 3.0),
        "spend_variation": np.where(np.arange(many) % 3 == 0, np.nan, 0.5),
        "word": np.array(["new", "", "steady"])[np.arange(many) % 3],
        "band": np.array(["large", "middle"])[np.arange(many) % 2],
        **changed,
    }


def test_days_are_read_as_the_rows_have_them(shop):
    days = read_purchase_days(LAST_DAY)
    read = zip(days.customer.tolist(), days.day.astype(date).tolist(), days.amount, strict=True)
    rows = PurchaseDay.objects.values_list("record__customer", "day", "amount")
    assert sorted(read) == sorted((pk, day, float(amount)) for pk, day, amount in rows)
    assert np.all(days.day[1:] >= days.day[:-1])


def test_only_days_that_count_of_known_customers_up_to_the_day_are_read(bought, source, sales):
    later = LAST_DAY + timedelta(days=1)
    bought({"a": [(LAST_DAY, 10.0), (FIRST_DAY, -3.0), (later, 5.0)], "b": [(LAST_DAY, 0.0)]})
    guest = SourceRecord.objects.create(source=source, key="")
    PurchaseDay.objects.create(record=guest, day=LAST_DAY, amount=9, lines_bought=1)
    returned = SourceRecord.objects.get(key="b")
    PurchaseDay.objects.create(record=returned, day=FIRST_DAY, amount=0, lines_bought=0)
    assert sorted(read_purchase_days(LAST_DAY).amount.tolist()) == [0.0, 10.0]


def test_a_site_without_purchases_has_no_days(db):
    days = read_purchase_days(LAST_DAY)
    assert len(days.customer) == len(days.day) == len(days.amount) == 0


def test_records_far_apart_are_read_like_those_close_together(bought, source):
    bought({"a": [(LAST_DAY, 10.0)], "b": [(LAST_DAY, 20.5)]})
    far = SourceRecord.objects.create(
        pk=2**40, source=source, key="far", customer=Customer.objects.get(code="b")
    )
    PurchaseDay.objects.create(record=far, day=FIRST_DAY, amount="0.29", lines_bought=1)
    days = read_purchase_days(LAST_DAY)
    assert sorted(days.amount.tolist()) == [0.29, 10.0, 20.5]
    assert days.customer[days.amount == 0.29] == days.customer[days.amount == 20.5]


@pytest.mark.parametrize("shards", [1, 4, 16])
def test_the_parts_hold_every_customer_once(shop, shards):
    parts = [read_purchase_days(LAST_DAY, Part(number, shards)) for number in range(shards)]
    customers = [set(part.customer.tolist()) for part in parts]
    assert sum(len(part) for part in customers) == len(set.union(*customers)) == len(shop)
    assert sum(len(part.day) for part in parts) == PurchaseDay.objects.count()
    assert max(map(len, customers)) < 3 * len(shop) / shards


@pytest.mark.parametrize("key", [2**24, 2**40])
def test_the_parts_are_whole_where_keys_lie_far_apart(shop, source, key):
    far = SourceRecord.objects.create(pk=key, source=source, key="far", customer=_anybody())
    PurchaseDay.objects.create(record=far, day=FIRST_DAY, amount=1, lines_bought=1)
    parts = [read_purchase_days(LAST_DAY, Part(number, 3)) for number in range(3)]
    whole = read_purchase_days(LAST_DAY)
    rows = [zip(one.customer.tolist(), one.day, one.amount, strict=True) for one in parts]
    assert sorted(chain(*rows)) == sorted(
        zip(whole.customer.tolist(), whole.day, whole.amount, strict=True)
    )


def _anybody():
    return Customer.objects.order_by("pk").last()


def test_a_part_that_nobody_is_in_is_empty(bought):
    bought({"c1": [(FIRST_DAY, 1.0)]})
    sizes = [len(read_purchase_days(LAST_DAY, Part(number, 2)).day) for number in range(2)]
    assert sorted(sizes) == [0, 1]


def test_values_are_read_back_as_columns_to_the_last_bit(claimed):
    customers = list(Customer.objects.order_by("pk"))
    columns = columns_for(customers)
    start_over(claimed, len(customers))
    write_values(claimed, columns)
    first = CustomerValue.objects.filter(valuation=claimed, customer=customers[0])
    first.update(clv=columns["clv"][0])  # PostgreSQL stores it anew, behind all others
    word = place_among("word", ["steady", "new"])
    read = read_values(claimed, clv=F("clv"), of=F("spend_variation"), word=word)
    assert read["clv"].tolist() == columns["clv"].tolist()
    np.testing.assert_array_equal(read["of"], columns["spend_variation"])
    assert read["word"][:3].tolist() == [1, -1, 0]
    none = read_values(Valuation(pk=claimed.pk + 1), clv=F("clv"))
    assert none["clv"].tolist() == []


def test_values_are_stored_to_the_last_bit(claimed):
    customers = list(Customer.objects.order_by("pk"))
    columns = columns_for(customers)
    start_over(claimed, len(customers))
    write_values(claimed, columns)
    stored = CustomerValue.objects.filter(valuation=claimed).order_by("customer")
    for name, column in columns.items():
        expected = np.broadcast_to(column, len(customers)).tolist()
        expected = [None if value != value else value for value in expected]
        assert list(stored.values_list(name, flat=True)) == expected
    assert set(stored.values_list("deviation", "acquisition_cost", "cost")) == {(None, None, 0.0)}
    assert claimed.steps_done == claimed.steps_total == len(customers)


def test_chunks_are_stored_and_counted_together(claimed, monkeypatch):
    monkeypatch.setitem(writing.AT_ONCE, connection.vendor, 150)
    customers = list(Customer.objects.order_by("pk"))
    start_over(claimed, len(customers))
    impossible = np.where(np.arange(len(customers)) == 200, 1.5, 0.5)
    with pytest.raises(IntegrityError, match="p_alive_between_0_and_1"), transaction.atomic():
        write_values(claimed, columns_for(customers[150:], p_alive=impossible[150:]))
    claimed.refresh_from_db()
    assert claimed.steps_done == CustomerValue.objects.count() == 0
    write_values(claimed, columns_for(customers[:150]))
    assert claimed.steps_done == CustomerValue.objects.count() == 150


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"p_alive": 1.1}, "p_alive_between_0_and_1"),
        ({"expected_spend": -0.1}, "expectations_not_negative"),
        ({"clv_low": 9.0}, "customer_value_bounds_in_order"),
        ({"clv": np.nan}, "clv"),
    ],
)
def test_the_database_keeps_its_promises_on_the_fast_way_too(claimed, changed, constraint):
    customers = Customer.objects.all()[:3]
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write_values(claimed, columns_for(customers, **changed))


def test_a_customer_is_valued_once(claimed):
    customers = Customer.objects.all()[:3]
    write_values(claimed, columns_for(customers))
    with pytest.raises(IntegrityError), transaction.atomic():
        write_values(claimed, columns_for(customers))


def test_starting_over_takes_stored_values_away(claimed):
    write_values(claimed, columns_for(Customer.objects.all()[:3]))
    start_over(claimed, 7)
    assert (claimed.steps_done, claimed.steps_total) == (0, 7)
    assert not CustomerValue.objects.exists()


def test_a_column_that_no_value_has_is_refused(claimed):
    with pytest.raises(ValueError, match="worth"):
        write_values(claimed, columns_for(Customer.objects.all()[:3], worth=1.0))
