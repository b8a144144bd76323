"""Lifetime value with a year's newcomers: what they bring, less what was spent to win them."""

from datetime import date
from decimal import Decimal

import pytest

from customers.cash.changes import set_acquisition_cost
from customers.models import AcquisitionCost, Change, Source
from metrics.indicators.figures import compute, due_run, run
from metrics.models import DriverPull, FigureRun
from metrics.value.newcomers import months_told, newcomers_of_years
from tests.metrics.value.by_hand import month_end_of, with_pulls

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
EQUITY, NEWCOMER = 8, 38.2  # of by_hand's one customer and its pull


@pytest.fixture
def top(declare):
    return declare(("with_newcomers", "sum", "clv"), grain="month", unit="GBP", level=1)


@pytest.fixture
def valued(shop):
    """Two month ends; two customers won in the year to the first, one more by the second."""
    shop.sells("old", date(2025, 3, 1), 10)
    for name, day in (("ann", "2026-01-10"), ("bob", "2026-05-31"), ("cid", "2026-06-01")):
        shop.sells(name, day, 10)
    shop.sells("old", "2026-06-30", 10)
    shop.is_complete_until("2026-06-30")
    return [with_pulls(month_end_of(day)) for day in (MAY, JUNE)]


def values(version):
    return {one.ends_on: round(one.numerator, 2) for one in compute(version, JUNE)}


def test_a_years_newcomers_are_those_who_first_bought_in_it(valued):
    AcquisitionCost.objects.create(channel="web", month=date(2026, 5, 1), amount=Decimal(30))
    AcquisitionCost.objects.create(channel="fair", month=date(2026, 5, 1), amount=Decimal(6))
    AcquisitionCost.objects.create(channel="web", month=date(2025, 5, 1), amount=Decimal(99))
    found = newcomers_of_years([MAY, JUNE, date(2025, 3, 31)])
    assert found[MAY] == (2, 36)
    assert found[JUNE] == (3, 36)
    assert found[date(2025, 3, 31)] == (1, 0)
    assert [months_told(day) for day in (MAY, date(2025, 3, 31))] == [1, 0]
    assert newcomers_of_years([]) == {}


def test_it_is_equity_and_what_newcomers_bring_less_what_was_spent(top, valued):
    AcquisitionCost.objects.create(channel="web", month=date(2026, 6, 1), amount=Decimal(30))
    assert values(top) == {
        MAY: round(EQUITY + 2 * NEWCOMER, 2),
        JUNE: round(EQUITY + 3 * NEWCOMER - 30, 2),
    }


def test_customer_equity_is_the_same_without_them(declare, valued):
    equity = declare(("values", "sum", "clv"), grain="month", unit="GBP")
    assert values(equity) == {MAY: EQUITY, JUNE: EQUITY}


def test_where_a_newcomers_worth_is_not_known_there_is_no_figure(top, valued):
    DriverPull.objects.filter(valuation=valued[1], driver="acquire").update(gain=None)
    assert list(values(top)) == [MAY]


def test_another_cost_is_in_the_figure_of_the_next_run(top, valued, person):
    run(FigureRun.objects.claim(due_run().pk))
    set_acquisition_cost(person("manager"), "web", date(2026, 6, 9), Decimal(30))
    run(FigureRun.objects.claim(due_run().pk))
    found = dict(top.figures.values_list("ends_on", "numerator"))
    assert found[JUNE] == pytest.approx(EQUITY + 3 * NEWCOMER - 30)


def test_a_late_purchase_takes_a_newcomer_out_of_the_months_after_it(top, valued, shop):
    run(FigureRun.objects.claim(due_run().pk))
    shop.sells("ann", "2024-12-24", 10)
    Source.objects.count_marked_change(shop.source.pk)
    Change.objects.mark(Change.PURCHASE, [date(2024, 12, 24)])
    run(FigureRun.objects.claim(due_run().pk))
    found = dict(top.figures.values_list("ends_on", "numerator"))
    assert found[MAY] == pytest.approx(EQUITY + NEWCOMER)
