"""How numbers are written on every page."""

from decimal import Decimal

import numpy as np
import pytest

from customers.templatetags import numbers


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (41873, "£41,873"),
        (Decimal("1234.50"), "£1,235"),
        (Decimal("99.99"), "£99.99"),
        (99.996, "£100"),
        (0, "£0.00"),
        (-3.1, "−£3.10"),
        (Decimal("-41873"), "−£41,873"),
        (-0.001, "£0.00"),
        (np.float64(2.675), "£2.68"),
        (1e9, "£1,000,000,000"),
        (None, "—"),
    ],
)
def test_money_has_pence_below_a_hundred_only(amount, written):
    assert numbers.money(amount, "GBP") == written


@pytest.mark.parametrize(
    ("currency", "written"),
    [("GBP", "£5.00"), ("USD", "$5.00"), ("EUR", "€5.00"), ("SEK", "SEK\u00a05.00")],
)
def test_a_currency_without_a_sign_shows_its_letters(currency, written):
    assert numbers.exact_money(5, currency) == written


def test_exact_money_keeps_its_pence():
    assert numbers.exact_money(Decimal("18400102.13"), "USD") == "$18,400,102.13"


@pytest.mark.parametrize(
    ("share", "decimals", "written"),
    [(0.074, 1, "7.4%"), (Decimal("0.125"), 0, "13%"), (-0.0004, 0, "0%"), (None, 1, "—")],
)
def test_a_share_is_written_in_percent(share, decimals, written):
    assert numbers.percent(share, decimals) == written


@pytest.mark.parametrize(
    ("change", "decimals", "written"),
    [(1204, 0, "+1,204"), (-1.25, 1, "−1.3"), (0.04, 1, "0.0"), (None, 0, "—")],
)
def test_a_change_has_a_sign_and_no_change_has_none(change, decimals, written):
    assert numbers.signed(change, decimals) == written


def test_a_part_of_an_exact_change_has_a_sign_and_pence():
    assert numbers.signed_money(Decimal("941204.80"), "USD") == "+$941,204.80"
    assert numbers.signed_money(Decimal("-623159.90"), "USD") == "−$623,159.90"


@pytest.mark.parametrize(
    ("number", "thing", "written"),
    [
        (1, "row", "1 row"),
        (0, "row", "0 rows"),
        (38219, "row", "38,219 rows"),
        (1, "person,people", "1 person"),
        (2, "person,people", "2 people"),
    ],
)
def test_one_thing_is_singular(number, thing, written):
    assert numbers.counted(number, thing) == written


def test_days_are_counted():
    assert (numbers.days(1), numbers.days(120), numbers.days(None)) == ("1 day", "120 days", "—")


@pytest.mark.parametrize(
    ("error", "written"),
    [
        (-0.0464, "4.6% too low"),
        (0.146, "14.6% too high"),
        (0.0, "right to 0.1%"),
        (-0.0002, "right to 0.1%"),
        (None, "—"),
    ],
)
def test_an_error_is_told_as_too_high_or_too_low(error, written):
    assert numbers.too_high_or_low(error) == written
