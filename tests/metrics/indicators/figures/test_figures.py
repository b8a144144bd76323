"""Figures: what is counted, when it is final, and that counting again changes nothing."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Purchase, PurchaseDay, SetAsideRow, Source, Upload
from metrics.indicators.declaration import NotCountable
from metrics.indicators.figures import compute, store
from metrics.models import CustomerValue, MetricVersion, Valuation

ORDERS = ("orders", "count", "")
SOLD = ("lines", "sum", "sold_amount")
RETURNED = ("lines", "sum", "returned_amount")
MONDAY = date(2024, 1, 1)


def told(version, as_of):
    """First day, numerator and denominator of each figure."""
    return [
        (str(figure.starts_on), figure.numerator, figure.denominator)
        for figure in compute(version, date.fromisoformat(as_of))
    ]


def test_orders_are_counted_by_whole_weeks(shop, declare):
    for day in ("2024-01-01", "2024-01-07", "2024-01-08", "2024-01-16"):
        shop.sells("ann", day, 10)
    assert told(declare(ORDERS), "2024-01-18") == [
        ("2024-01-01", 2, None),
        ("2024-01-08", 1, None),
    ]


def test_a_week_without_orders_between_others_is_zero(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    shop.sells("ann", "2024-01-15", 10)
    assert [count for _, count, _ in told(declare(ORDERS), "2024-01-21")] == [1, 0, 1]


def test_a_share_of_nothing_is_no_figure(shop, declare):
    shop.sells("ann", "2024-01-01", 10, -4)
    shop.sells("ann", "2024-01-15", 10)
    share = declare(RETURNED, SOLD)
    assert told(share, "2024-01-21") == [("2024-01-01", 4, 10), ("2024-01-15", 0, 10)]


def test_an_order_of_returns_alone_is_not_an_order(shop, declare):
    shop.sells("ann", "2024-01-01", 10, 5, products="ab")
    shop.sells("ann", "2024-01-02", -5, products="b")
    different = declare(("orders", "sum", "products"), ("orders", "count", ""))
    assert told(different, "2024-01-07") == [("2024-01-01", 2, 1)]


def test_guests_count_in_sales_and_not_among_customers(shop, declare):
    shop.sells("ann", "2024-01-01", 30)
    shop.sells(None, "2024-01-02", 70)
    known = declare(
        ("lines", "sum", "amount", ("has_customer", "eq", 1)), ("lines", "sum", "amount")
    )
    customers = declare(("orders", "distinct", "customer"))
    assert told(known, "2024-01-07") == [("2024-01-01", 30, 100)]
    assert told(customers, "2024-01-07") == [("2024-01-01", 1, None)]


def test_an_unnamed_product_is_not_a_product(shop, declare):
    shop.sells("ann", "2024-01-01", 1, 2, 3, products="aa")
    products = declare(("lines", "distinct", "product"))
    assert told(products, "2024-01-07") == [("2024-01-01", 1, None)]


def test_a_return_without_a_purchase_makes_no_newcomer(shop, declare):
    shop.sells("ann", "2024-01-01", -5)
    shop.sells("ann", "2024-01-09", 20)
    newcomers = declare(("newcomers", "count", ""))
    assert [count for _, count, _ in told(newcomers, "2024-01-14")] == [0, 1]


def test_a_customer_of_two_systems_is_new_once(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    other = Source.objects.create(name="Web")
    ann = shop.record("ann").customer
    shop.record("bea")
    other.records.create(key="a", customer=ann).days.create(
        day="2024-01-09", amount=5, lines_bought=1
    )
    quick = declare(
        ("newcomers", "count", "", ("second_gap_days", "lte", 8)), ("newcomers", "count", "")
    )
    assert told(quick, "2024-01-14") == [("2024-01-01", 1, 1)]


def test_a_figure_is_preliminary_until_its_window_has_ripened(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    rate = declare(("newcomers", "count", ""), ripens_after_days=90)
    for as_of, is_final in (("2024-04-05", False), ("2024-04-06", True)):
        first, *_ = compute(rate, date.fromisoformat(as_of))
        assert first.is_final is is_final


def test_there_is_no_figure_before_the_history_that_it_needs(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    lost = declare(ORDERS, history_days=14)
    assert [day for day, _, _ in told(lost, "2024-01-21")] == ["2024-01-08", "2024-01-15"]


def test_silence_is_counted_in_the_week_in_which_it_passes_the_line(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    shop.sells("bea", "2024-01-12", 10)
    lost = declare(
        ("customers", "count", "", ("gap_days", "gte", 14), ("gap_days", "lt", 21)),
        ("customers", "count", "", ("gap_days", "lt", 21)),
    )
    assert told(lost, "2024-02-04") == [
        ("2024-01-01", 0, 1),
        ("2024-01-08", 0, 2),
        ("2024-01-15", 1, 2),
        ("2024-01-22", 1, 1),
    ]


def test_the_top_fifth_is_one_of_five_and_their_spend_of_the_last_year(shop, declare):
    for code, amount in zip("abcde", (500, 200, 100, 100, 100), strict=True):
        shop.sells(code, "2024-01-01", amount)
    shop.sells("e", "2022-12-26", 9_000)
    top = declare(
        ("customers", "sum", "spend_365", ("spend_rank", "lte", "0.2")),
        ("customers", "sum", "spend_365"),
        grain="month",
    )
    assert told(top, "2024-01-31")[-1] == ("2024-01-01", 500, 1000)


def test_rows_set_aside_are_of_all_rows_sent_unless_they_were_undone(shop, declare):
    shop.sells("ann", "2024-01-01", 1, 2, 3)
    kept = {"upload": shop.upload, "doing": "import", "reason": "bad", "raw": ""}
    SetAsideRow.objects.create(number=2, bought_on="2024-01-02", **kept)
    SetAsideRow.objects.create(number=3, bought_on=None, **kept)
    unusable = declare(("rows", "count", "", ("is_unusable", "eq", 1)), ("rows", "count", ""))
    assert told(unusable, "2024-01-07") == [("2024-01-01", 1, 4)]
    Upload.objects.update(doing=Upload.Doing.UNDO)
    assert told(unusable, "2024-01-07") == [("2024-01-01", 0, 3)]


def valued(customer, as_of, clv, status="done", purpose="month end"):
    valuation = Valuation.objects.create(
        as_of=as_of,
        status=status,
        purpose=purpose,
        months=12,
        yearly_rate=0.1,
        margin=0.3,
        currency="GBP",
        changes=1,
    )
    CustomerValue.objects.create(
        valuation=valuation, customer=customer, x=0, t_x=0, T=1, mean_spend=0, spent=1,
        p_alive=1, expected_purchases=1, expected_spend=1, clv=clv,
    )  # fmt: skip
    return valuation


def test_equity_is_the_newest_finished_valuation_of_the_months_last_day(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    ann = shop.record("ann").customer
    equity = declare(("values", "sum", "clv"), grain="month")
    for as_of, clv in (("2024-02-29", 40), ("2024-02-29", 50), ("2024-03-30", 60)):
        valued(ann, as_of, clv)
    valued(ann, "2024-03-31", 70, status="failed")
    valued(ann, "2024-02-29", 99, purpose="asked")
    assert told(equity, "2024-03-31") == [("2024-02-01", 50, None)]


def test_counting_again_changes_nothing(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    version = declare(ORDERS)
    for _ in range(2):
        store(version, compute(version, date(2024, 1, 14)))
    assert list(version.figures.values_list("numerator", flat=True).order_by("starts_on")) == [1, 0]


def test_late_data_change_the_figure_of_their_own_week(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    version = declare(ORDERS)
    store(version, compute(version, date(2024, 1, 14)))
    shop.sells("bea", "2024-01-02", 10)
    store(version, compute(version, date(2024, 1, 14)))
    assert [one.numerator for one in version.figures.order_by("starts_on")] == [2, 0]


def test_a_figure_whose_period_is_gone_is_deleted(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    version = declare(ORDERS)
    store(version, compute(version, date(2024, 1, 28)))
    store(version, compute(version, date(2024, 1, 14)))
    assert version.figures.count() == 2


def test_without_purchases_there_are_no_figures(db, declare):
    assert compute(declare(ORDERS), date(2024, 1, 31)) == []


@pytest.mark.parametrize(
    ("side", "sentence"),
    [
        (("parcels", "count", ""), "There is no source “parcels”."),
        (("orders", "sum", "weight"), "There is no field “weight” in orders."),
        (("orders", "sum", "customer"), "“customers” cannot be added up."),
        (("orders", "count", "", ("customer", "eq", 1)), "“customers” cannot be compared."),
    ],
)
def test_what_a_source_does_not_offer_is_refused_by_name(shop, declare, side, sentence):
    shop.sells("ann", "2024-01-01", 10)
    with pytest.raises(NotCountable, match=sentence):
        compute(declare(side), date(2024, 1, 31))


LINES = st.lists(st.integers(-9, 9), min_size=1, max_size=3)
PURCHASES = st.lists(
    st.tuples(st.sampled_from(["ann", "bea", None]), st.integers(0, 40), LINES), max_size=12
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(purchases=PURCHASES, length=st.integers(0, 50))
def test_figures_equal_a_count_by_hand(shop, declare, purchases, length):
    for model in (MetricVersion, Purchase, PurchaseDay):
        model.objects.all().delete()
    for code, day, amounts in purchases:
        shop.sells(code, MONDAY + timedelta(day), *amounts)
    as_of = MONDAY + timedelta(length)
    counted = compute(declare(RETURNED, SOLD), as_of)
    customers = compute(declare(("orders", "distinct", "customer")), as_of)
    by_week = defaultdict(list)
    for code, day, amounts in purchases:
        by_week[MONDAY + timedelta(day - day % 7)].append((code, amounts))
    first = min((MONDAY + timedelta(day) for _, day, _ in purchases), default=None)
    weeks = [MONDAY + timedelta(7 * week) for week in range((length + 1) // 7)]
    weeks = [week for week in weeks if first and week >= first]
    sums = {
        week: (
            sum(-amount for _, amounts in by_week[week] for amount in amounts if amount < 0),
            sum(amount for _, amounts in by_week[week] for amount in amounts if amount >= 0),
        )
        for week in weeks
    }
    assert {one.starts_on: (one.numerator, one.denominator) for one in counted} == {
        week: pair for week, pair in sums.items() if pair[1]
    }
    assert {one.starts_on: one.numerator for one in customers} == {
        week: len({code for code, amounts in by_week[week] if code and max(amounts) >= 0})
        for week in weeks
    }
