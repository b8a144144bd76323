"""Numbers and days, as people and systems write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.imports.notation.dates import see_dates
from customers.imports.notation.numbers import see_numbers
from customers.imports.notation.reasons import BadCell, Reason

LONDON = ZoneInfo("Europe/London")


def notation(*values, delimiter=","):
    return see_numbers({"amount": values}, "GBP", delimiter)["amount"]


@pytest.mark.parametrize(
    ("column", "text", "number"),
    [
        (["1,204.50"], "1,204.50", "1204.50"),
        (["1.204,50"], "1.204,50", "1204.50"),
        (["12,5", "3"], "1.204", "1204"),
        (["1.204.500"], "7", "7"),
        (["1,204,500"], "1,204", "1204"),
        (["2.5"], "−3", "-3"),
        (["2.5"], "(12.50)", "-12.50"),
        (["2.5"], "12.50-", "-12.50"),
        (["2.5"], "£1,204.50", "1204.50"),
        (["2.5"], "-£5", "-5"),
        (["2.5"], "GBP 5.10", "5.10"),
        (["2,5"], "1 204,5", "1204.5"),
        (["0.125"], "0.125", "0.125"),
        (["2.5"], ".5", "0.5"),
    ],
)
def test_a_number_is_read_as_its_column_writes_it(column, text, number):
    assert notation(*column).read(text) == Decimal(number)


def test_an_undecided_column_follows_the_others_of_its_file():
    seen = see_numbers({"price": ["1.204"], "amount": ["3,5"]}, "GBP", ",")
    assert seen["price"].read("1.204") == 1204


def test_where_nothing_tells_semicolons_mean_a_decimal_comma():
    assert notation("1,204").read("1,204") == 1204
    assert notation("1,204", delimiter=";").read("1,204") == Decimal("1.204")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1.2O4", "The amount has a letter O in it."),
        ("l2.00", "The amount has a letter l in it."),
        ("ten", "The amount is not a number."),
        ("12,50", "The amount is not written like the others of its column: dot read as decimal."),
        ("1e5", "The amount is not a number."),
        ("", "The amount is not written like the others of its column: dot read as decimal."),
    ],
)
def test_what_is_no_number_is_said_in_words(text, sentence):
    with pytest.raises(BadCell, match=sentence.replace(".", r"\.")) as bad:
        notation("2.5").read(text)
    assert bad.value.reason == Reason.BAD_NUMBER


def test_an_amount_in_another_currency_is_refused_by_name():
    with pytest.raises(BadCell, match="The amount is in €; purchases are kept in GBP") as bad:
        notation("2.5").read("€12.50")
    assert bad.value.reason == Reason.OTHER_CURRENCY


@given(st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=2))
def test_every_number_comes_back_from_both_ways_of_writing_it(number):
    english = f"{number:,}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert notation(english).read(english) == number
    assert notation(german).read(german) == number


@pytest.mark.parametrize(
    ("column", "text", "day"),
    [
        (["2026-11-20"], "2026-11-20", date(2026, 11, 20)),
        (["2026/11/20"], "2026/1/2", date(2026, 1, 2)),
        (["13/11/2026"], "03/11/2026", date(2026, 11, 3)),
        (["11/13/2026"], "03/11/2026", date(2026, 3, 11)),
        (["03/11/2026"], "03/11/2026", date(2026, 11, 3)),
        (["31.12.97"], "31.12.97", date(1997, 12, 31)),
        (["2026-11-20 08:26"], "2026-11-20T08:26:59.5", date(2026, 11, 20)),
        (["11/13/2026 8:26 PM"], "11/13/2026 8:26 PM", date(2026, 11, 13)),
    ],
)
def test_a_day_is_read_as_its_column_writes_it(column, text, day):
    assert see_dates(column, LONDON).read(text).day == day


def test_an_hour_after_noon_is_in_the_afternoon():
    read = see_dates(["1/2/2026 8:26 PM"], LONDON).read
    assert read("1/2/2026 8:26 PM").local.hour == 20
    assert read("1/2/2026 12:05 AM").local.hour == 0


def test_times_are_by_the_companys_clock():
    moment = see_dates(["2026-07-01 00:30"], LONDON).read("2026-07-01 00:30")
    assert moment.at == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert moment.day == date(2026, 7, 1)


def test_a_time_with_a_zone_is_cut_by_the_companys_clock():
    moment = see_dates(["2026-07-01"], LONDON).read("2026-06-30T23:30:00Z")
    assert moment.day == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-11-31", "November has 30 days."),
        ("2026-02-29", "February 2026 has 28 days."),
        ("2026-13-01", "There is no month 13."),
        ("0026-01-01", "The year 26 is not one of ours."),
        ("2026-01-00", "This is not a day."),
        ("yesterday", "This is not a day."),
        ("2026-01-01 25:00", "There is no such time of day."),
        ("2026-01-01T10:00+99:00", "There is no such time of day."),
    ],
)
def test_what_is_no_day_is_said_in_words(text, sentence):
    with pytest.raises(BadCell, match=sentence) as bad:
        see_dates(["2026-01-01"], LONDON).read(text)
    assert bad.value.reason == Reason.BAD_DATE


@pytest.mark.parametrize(
    ("column", "seen"),
    [
        (["2026-01-01"], "read as year-month-day"),
        (["2026-01-01 10:00"], "read as year-month-day, with time"),
        (["13/1/2026"], "read as day/month/year"),
        (["1/13/2026"], "read as month/day/year"),
        (["1/1/2026"], "read as day/month/year; it could be month/day/year"),
    ],
)
def test_what_was_seen_of_days_is_said(column, seen):
    assert see_dates(column, LONDON).seen == seen


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31)))  # noqa: DTZ001
def test_every_iso_moment_keeps_its_day(moment):
    assert see_dates([], LONDON).read(moment.isoformat()).day == moment.date()
