import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.purchases.grouping import group_histories
from metrics.clv.purchases.histories import checked_history, rows_of

UNTIL = 100


def test_a_history_counts_repeat_days_and_the_time_between_them():
    histories = group_histories(
        [7, 7, 7, 3], [10, 24, 38, 100], [9.0, 20.0, 30.0, 5.0], until=UNTIL
    )
    assert histories.customer.tolist() == [3, 7]
    assert histories.x.tolist() == [0, 2]
    assert histories.t_x.tolist() == [0, 4]
    assert histories.T.tolist() == [0, 90 / 7]
    assert histories.mean_spend.tolist() == [0, 25]
    assert histories.spent_total.tolist() == [5, 59]
    assert histories.first_day.tolist() == [100, 10]


@pytest.mark.parametrize("customers", [[], [7], [3, 4, 9], [-5, 3, 2**60]])
def test_every_customer_has_a_row_however_far_apart_the_keys_lie(customers):
    asked = np.array([*customers, *reversed(customers)], dtype=np.int64)
    rows = rows_of(np.array(customers, dtype=np.int64), asked)
    assert rows.tolist() == [customers.index(each) for each in asked.tolist()]


def test_purchases_of_one_day_are_one_purchase_with_their_sum():
    histories = group_histories([1, 1, 1], [50, 60, 60], [1.0, 2.0, 3.0], until=UNTIL)
    assert (histories.x[0], histories.mean_spend[0]) == (1, 5)


def test_a_free_order_is_a_purchase():
    histories = group_histories([1, 1], [50, 60], [4.0, 0.0], until=UNTIL)
    assert (histories.x[0], histories.mean_spend[0]) == (1, 0)


def test_days_after_the_as_of_day_are_not_known():
    histories = group_histories([1, 1, 2], [50, 101, 101], [1.0, 1.0, 1.0], until=UNTIL)
    assert (histories.customer.tolist(), histories.x.tolist()) == ([1], [0])


def test_no_purchases_give_no_histories():
    empty = np.zeros(0, dtype=np.int64)
    assert len(group_histories(empty, empty, empty, until=UNTIL)) == 0


@pytest.mark.parametrize(("unit", "days"), [("day", 1), ("week", 7), ("month", 365.25 / 12)])
def test_times_are_in_the_unit_asked_for(unit, days):
    histories = group_histories([1, 1], [10, 40], [1.0, 1.0], until=UNTIL, unit=unit)
    assert histories.t_x[0] * days == pytest.approx(30)
    assert histories.T[0] * days == pytest.approx(90)


def test_datetimes_and_day_numbers_mean_the_same():
    day = np.array(["1997-01-01", "1997-02-01"], dtype="datetime64[D]")
    until = np.datetime64("1997-03-01")
    by_date = group_histories([1, 1], day, [1.0, 1.0], until=until)
    by_number = group_histories(
        [1, 1], day.astype(np.int64), [1.0, 1.0], until=int(until.astype(np.int64))
    )
    assert (by_date.t_x, by_date.T) == (by_number.t_x, by_number.T)


def test_keys_from_both_ends_of_64_bits_stay_apart():
    widest = np.iinfo(np.int64)
    keys = [widest.max, widest.min, widest.max, 0]
    histories = group_histories(keys, [1, 2, 3, 4], [1.0] * 4, until=UNTIL)
    assert histories.customer.tolist() == [widest.min, 0, widest.max]
    assert histories.x.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("purchases", "complaint"),
    [
        (([1], [1], [-1.0]), "zero or more"),
        (([1], [1], [np.nan]), "zero or more"),
        (([1, 2], [1], [1.0]), "one length"),
        (([1], [1.5], [1.0]), "a day must be"),
    ],
)
def test_impossible_purchases_are_refused(purchases, complaint):
    with pytest.raises(ValueError, match=complaint):
        group_histories(*purchases, until=UNTIL)


@pytest.mark.parametrize(
    ("history", "rule"),
    [((-1, 0, 5), "x must"), ((1.5, 1, 5), "x must"), ((1, 6, 5), "t_x must lie"),
     ((0, 1, 5), "t_x must be 0"), ((1, 1, np.inf), "t_x must lie")],
)  # fmt: skip
def test_an_impossible_history_is_refused_by_the_rule_it_breaks(history, rule):
    with pytest.raises(ValueError, match=rule):
        checked_history(*history)


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 120), st.integers(0, 9999)), min_size=1),
    st.randoms(),
)
def test_every_order_of_the_rows_gives_the_same_histories_and_loses_nothing(rows, random):
    shuffled = random.sample(rows, len(rows))
    sorted_ones, others = (
        group_histories(*np.array(some).T[:2], np.array(some).T[2] / 100, until=UNTIL)
        for some in (rows, shuffled)
    )
    for name in ("customer", "x", "t_x", "T"):
        assert np.array_equal(getattr(sorted_ones, name), getattr(others, name))
    known = {(customer, day) for customer, day, _ in rows if day <= UNTIL}
    assert (sorted_ones.x + 1).sum() == len(known)
    spent = sum(cents for _, day, cents in rows if day <= UNTIL) / 100
    assert sorted_ones.spent_total.sum() == pytest.approx(spent)
    checked_history(sorted_ones.x, sorted_ones.t_x, sorted_ones.T)
