"""Returns find their sale, and days equal their lines, in whatever order files come and go."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Customer, Purchase, PurchaseDay, PurchaseLine, SourceRecord

BOUGHT = "ann,2024-01-05,o1,mug,2,10.00"
BOUGHT_AGAIN = "ann,2024-02-05,o2,mug,2,12.00"
RETURNED = "ann,2024-03-01,r1,mug,-1,-5.00"


def days():
    rows = PurchaseDay.objects.order_by("record__key", "day")
    return [(row.record.key, row.day.isoformat(), row.amount, row.lines_bought) for row in rows]


def test_a_return_reduces_the_latest_earlier_sale_of_the_product(imported):
    imported(BOUGHT, BOUGHT_AGAIN, RETURNED)
    assert days() == [("ann", "2024-01-05", 10, 1), ("ann", "2024-02-05", 7, 1)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_the_order_of_files_does_not_matter_to_a_return(imported, order):
    files = [BOUGHT, BOUGHT_AGAIN, RETURNED]
    for place in order:
        imported(files[place])
    assert days() == [("ann", "2024-01-05", 10, 1), ("ann", "2024-02-05", 7, 1)]


def test_a_return_of_the_same_moment_reduces_that_sale(imported):
    imported(BOUGHT, "ann,2024-01-05,o9,mug,-2,-10.00")
    assert days() == [("ann", "2024-01-05", 0, 1)]
    assert PurchaseDay.objects.counting().count() == 1


def test_a_return_before_any_sale_stands_alone(imported):
    imported(BOUGHT, "ann,2024-01-04,r1,mug,-1,-5.00")
    assert days() == [("ann", "2024-01-04", -5, 0), ("ann", "2024-01-05", 10, 1)]
    assert PurchaseLine.objects.returns().get().reduces is None
    assert PurchaseDay.objects.counting().count() == 1


def test_a_return_of_another_customer_reduces_nothing_of_this_one(imported):
    imported(BOUGHT, "bob,2024-03-01,r1,mug,-1,-5.00")
    assert days() == [("ann", "2024-01-05", 10, 1), ("bob", "2024-03-01", -5, 0)]


def test_a_return_of_an_unnamed_product_reduces_the_order_that_it_names(imported):
    imported(BOUGHT, BOUGHT_AGAIN, "ann,2024-03-01,o1,,-1,-5.00")
    assert days() == [("ann", "2024-01-05", 5, 1), ("ann", "2024-02-05", 12, 1)]


def test_without_order_codes_a_return_of_an_unnamed_product_stands_alone(imported):
    header = "customer,date,amount"
    imported("ann,2024-01-05,10", "ann,2024-01-05,-4", header=header)
    assert PurchaseLine.objects.returns().get().reduces is None
    assert days() == [("ann", "2024-01-05", 6, 1)]


def test_a_day_of_which_everything_came_back_still_counts(imported):
    header = "customer,date,product,amount"
    prices = ["0.10", "0.20", "0.70", "0.30", "0.01", "19.99", "0.07"]
    bought = [f"ann,2024-01-05,mug {price},{price}" for price in prices]
    returned = [f"ann,2024-01-06,mug {price},-{price}" for price in prices]
    imported(*bought, *returned, header=header)
    assert PurchaseDay.objects.counting().get().amount == 0


def test_the_cost_of_a_day_is_known_where_every_lines_is(imported):
    header = "customer,date,product,amount,cost"
    imported(
        "ann,2024-01-05,mug,10,6",
        "ann,2024-01-09,mug,-5,3",
        "ann,2024-01-06,cup,10,6",
        "ann,2024-01-06,pot,10,",
        header=header,
    )
    assert list(PurchaseDay.objects.order_by("day").values_list("day", "cost")) == [
        (date(2024, 1, 5), Decimal("3.00")),
        (date(2024, 1, 6), None),
    ]


def test_undoing_a_sale_lets_its_return_look_for_another(imported, undone):
    imported(BOUGHT)
    later = imported(BOUGHT_AGAIN)
    imported(RETURNED)
    undone(later)
    assert days() == [("ann", "2024-01-05", 5, 1)]


def test_undoing_the_only_sale_leaves_its_return_alone(imported, undone):
    sale = imported(BOUGHT)
    imported(RETURNED)
    undone(sale)
    assert days() == [("ann", "2024-03-01", -5, 0)]


def test_undoing_a_return_gives_the_sale_its_amount_back(imported, undone):
    imported(BOUGHT)
    undone(imported(RETURNED))
    assert days() == [("ann", "2024-01-05", 10, 1)]


customer = st.sampled_from(["ann", "bob", ""])
cents = st.integers(-500, 900).map(lambda cent: f"{cent / 100:.2f}")
rows = st.tuples(
    customer,
    st.integers(1, 6).map(lambda day: f"2024-01-0{day}"),
    st.sampled_from(["", "", "o1", "o2"]),
    st.sampled_from(["", "mug", "cup"]),
    cents,
    st.sampled_from(["", "1.00", "2.00"]),
).filter(lambda row: row[4] not in {"0.00", "-0.00"} or row[0])
files = st.lists(st.lists(rows, min_size=1, max_size=8), min_size=1, max_size=4)
HEADER = "customer,date,order,product,amount,cost"
MANY = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@MANY
@given(files=files, gone=st.sets(st.integers(0, 3), max_size=2))
def test_days_always_equal_their_lines(imported, undone, files, gone):
    with transaction.atomic():
        uploads = [imported(*map(",".join, file), header=HEADER) for file in files]
        assert stored_days() == days_by_hand()
        assert PurchaseDay.objects.counting().count() == counting_by_hand()
        for number in gone & set(range(len(uploads))):
            undone(uploads[number])
            assert stored_days() == days_by_hand()
        assert not Purchase.objects.filter(lines=None).exists()
        assert not SourceRecord.objects.filter(purchases=None).exists()
        assert not Customer.objects.filter(records=None).exists()
        transaction.set_rollback(True)


@MANY
@given(rows=st.lists(rows, min_size=1, max_size=16, unique=True), data=st.data())
def test_any_split_and_order_of_rows_gives_the_same_days(imported, rows, data):
    lines = [",".join(row) for row in rows]
    shuffled = data.draw(st.permutations(lines))
    cut = data.draw(st.integers(0, len(lines)))
    found = []
    for batch in ([lines], [part for part in (shuffled[:cut], shuffled[cut:]) if part]):
        with transaction.atomic():
            for file in batch:
                imported(*file, header=HEADER)
            found.append(stored_days())
            transaction.set_rollback(True)
    assert found[0] == found[1]


def stored_days():
    return {
        (day.record.key, day.day): (day.amount, day.cost, day.lines_bought)
        for day in PurchaseDay.objects.select_related("record")
    }


def counting_by_hand():
    return sum(amount >= 0 and sales > 0 for amount, _, sales in days_by_hand().values())


def days_by_hand():
    """What days should be, from the definition: one line at a time, no index, no hash of items."""
    known = PurchaseLine.objects.exclude(purchase__record__key="")
    lines = list(known.select_related("purchase__record"))
    found = {}
    for line in lines:
        sale = sale_by_hand(line, lines) if line.amount < 0 else None
        day = (line.purchase.record.key, (sale or line).bought_on)
        found.setdefault(day, []).append(line)
    return {
        day: (
            sum(line.amount for line in own),
            None if any(line.cost is None for line in own) else sum(line.cost for line in own),
            sum(line.amount >= 0 for line in own),
        )
        for day, own in found.items()
    }


def sale_by_hand(back, lines):
    earlier = [
        line
        for line in lines
        if line.amount >= 0
        and line.bought_at <= back.bought_at
        and line.purchase.record_id == back.purchase.record_id
    ]
    has_code = not back.purchase.order_key.startswith("@")
    same = [line for line in earlier if back.product and line.product == back.product] or [
        line for line in earlier if has_code and line.purchase_id == back.purchase_id
    ]
    return max(same, key=lambda line: (line.bought_at, line.content, line.occurrence), default=None)
