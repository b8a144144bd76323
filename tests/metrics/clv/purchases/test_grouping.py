import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.purchases.grouping import (
    PIECE,
    books_of,
    group_histories,
    histories_of,
    keep_books,
    merge_days,
)
from metrics.clv.purchases.ledger import DaysOutOfOrder, Ledger, TooManyDays

AS_OF = [30, 60, 100]

COLUMNS = ("customer", "x", "first_day", "last_day")

LOGS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 110), st.integers(0, 99_999)), min_size=1
)


def arrays(rows):
    customer, day, cents = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return customer, day, cents / 100


def plainly(rows, until):
    """Customer -> (x, first day, last day, cents after the first day, cents), by a dictionary."""
    days = {}
    for customer, day, cents in rows:
        if day <= until:
            bought = days.setdefault(customer, {})
            bought[day] = bought.get(day, 0) + cents
    return {
        customer: (
            len(bought) - 1,
            min(bought),
            max(bought),
            sum(bought.values()) - bought[min(bought)],
            sum(bought.values()),
        )
        for customer, bought in days.items()
    }


def as_plain(histories):
    again = np.rint(histories.mean_spend * np.maximum(histories.x, 1) * 100).astype(int)
    total = np.rint(histories.spent_total * 100).astype(int)
    rows = zip(
        histories.x.tolist(),
        histories.first_day.tolist(),
        histories.last_day.tolist(),
        again.tolist(),
        total.tolist(),
        strict=True,
    )
    return dict(zip(histories.customer.tolist(), rows, strict=True))


@given(LOGS, st.integers(1, 5))
def test_a_ledger_fed_in_pieces_keeps_the_same_books_as_a_dictionary(rows, piece):
    rows = sorted(rows, key=lambda row: row[1])
    ledger = Ledger(AS_OF, by_day=True)
    for start in range(0, len(rows), piece):
        ledger.enter(*arrays(rows[start : start + piece]))
    books = ledger.close()
    for until in AS_OF:
        assert as_plain(books.histories[until]) == plainly(rows, until)
        assert np.all(np.diff(books.histories[until].customer) > 0)


@given(LOGS, st.randoms(), st.integers(-(2**62), 2**62))
def test_any_order_of_rows_and_any_numbers_keep_the_same_books(rows, random, lowest):
    shuffled = random.sample(rows, len(rows))
    customer, day, amount = arrays(shuffled)
    books = keep_books(customer + lowest, day, amount, AS_OF)
    for until in AS_OF:
        found = as_plain(books.histories[until])
        assert {key - lowest: value for key, value in found.items()} == plainly(rows, until)


@given(LOGS)
def test_the_ledger_and_the_sorted_days_agree_on_what_was_held_out_and_bought_each_day(rows):
    rows = sorted(rows, key=lambda row: row[1])
    in_order = keep_books(*arrays(rows), AS_OF, by_day=True)
    by_sort = books_of(merge_days(*arrays(rows)), AS_OF, by_day=True)
    days = {(customer, day) for customer, day, _ in rows}
    for until in AS_OF:
        known = plainly(rows, until)
        held_out = [
            sum(until < day <= AS_OF[-1] for buyer, day in days if buyer == customer)
            for customer in sorted(known)
        ]
        assert in_order.held_out(until, AS_OF[-1]).tolist() == held_out
        assert by_sort.held_out(until, AS_OF[-1]).tolist() == held_out
        bought = np.zeros(AS_OF[-1] - in_order.since + 1, dtype=int)
        for buyer, day in days:
            if buyer in known and day <= AS_OF[-1]:
                bought[day - in_order.since] += 1
        assert in_order.since == by_sort.since
        assert in_order.bought_on[until].tolist() == bought.tolist()
        assert by_sort.bought_on[until].tolist() == bought.tolist()


@given(LOGS)
def test_what_was_spent_between_two_days_is_the_sum_of_its_purchases(rows):
    rows = sorted(rows, key=lambda row: row[1])
    books = keep_books(*arrays(rows), AS_OF)
    known = sorted(plainly(rows, AS_OF[1]))
    spent = [
        sum(cents for buyer, day, cents in rows if buyer == one and AS_OF[0] < day <= AS_OF[1])
        for one in known
    ]
    assert np.rint(books.spent_after(AS_OF[0], AS_OF[1]) * 100).tolist() == spent


def test_a_large_log_gives_the_same_in_order_and_shuffled():
    draw = np.random.default_rng(5)
    rows = PIECE + 9_000
    customer, day = draw.integers(0, rows // 10, rows), np.sort(draw.integers(0, 700, rows))
    amount = np.round(draw.gamma(2, 20, rows), 2)
    order = draw.permutation(rows)
    in_order = group_histories(customer, day, amount, until=650)
    shuffled = group_histories(customer[order], day[order], amount[order], until=650)
    for name in COLUMNS:
        assert np.array_equal(getattr(in_order, name), getattr(shuffled, name))
    assert in_order.spent_total == pytest.approx(shuffled.spent_total, rel=1e-12)
    assert in_order.mean_spend == pytest.approx(shuffled.mean_spend, rel=1e-12)


def test_sums_are_exact_to_the_cent():
    cents = np.random.default_rng(6).integers(0, 10_000_000, 20_000)
    histories = group_histories(np.arange(20_000) % 2, np.arange(20_000), cents / 100, until=20_000)
    assert np.rint(histories.spent_total * 100).tolist() == [cents[::2].sum(), cents[1::2].sum()]


def test_numbers_far_apart_cost_no_memory_between_them():
    histories = group_histories([2**60, 1, 2**60], [1, 2, 3], [1.0, 2.0, 3.0], until=5)
    assert (histories.customer.tolist(), histories.x.tolist()) == ([1, 2**60], [0, 1])


def test_days_further_apart_than_a_ledger_holds_are_sorted_instead():
    histories = group_histories([1, 1], [0, 80_000], [1.0, 2.0], until=80_000, unit="day")
    assert (histories.t_x.tolist(), histories.mean_spend.tolist()) == ([80_000], [2])


def test_a_ledger_refuses_what_it_cannot_keep():
    for rows, refusal in [
        (([1, 1], [5, 4], [1.0, 1.0]), DaysOutOfOrder),
        (([1], [2], [1.0]), DaysOutOfOrder),
        (([1], [70_000], [1.0]), TooManyDays),
        (([-1], [4], [1.0]), ValueError),
        (([1], [4], [-1.0]), ValueError),
    ]:
        ledger = Ledger([80_000])
        ledger.enter([1], [3], [1.0])
        with pytest.raises(refusal):
            ledger.enter(*rows)


def test_days_after_the_last_as_of_day_are_left_out_of_a_ledger():
    ledger = Ledger([10])
    ledger.enter([0, 1], [10, 11], [1.0, 1.0])
    ledger.enter([0], [200_000], [1.0])
    (histories,) = ledger.close().histories.values()
    assert (histories.customer.tolist(), histories.x.tolist()) == ([0], [0])


def test_books_of_nothing_are_empty():
    nothing = np.zeros(0, dtype=np.int64)
    books = keep_books(nothing, nothing, np.zeros(0), AS_OF, by_day=True)
    assert [len(histories) for histories in books.histories.values()] == [0, 0, 0]
    assert books.bought_on[AS_OF[0]].tolist() == [0]
    assert len(histories_of(merge_days(nothing, nothing, np.zeros(0)), 5)) == 0


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="the unit must be"):
        group_histories([1], [1], [1.0], until=2, unit="year")


def test_a_ledger_holds_about_22_bytes_a_customer_however_much_they_buy():
    customers = np.arange(2**16)
    tracemalloc.start()
    ledger = Ledger([1_000])
    for day in range(0, 60):
        ledger.enter(customers, np.full(2**16, day), np.ones(2**16))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 20 < held / 2**16 < 40
