"""Weeks and months."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.indicators.periods import whole_periods


def test_a_week_runs_from_monday_to_sunday():
    weeks = whole_periods("week", date(2011, 11, 21), date(2011, 12, 9))
    assert weeks == [
        (date(2011, 11, 21), date(2011, 11, 27)),
        (date(2011, 11, 28), date(2011, 12, 4)),
    ]


def test_a_week_that_began_before_the_first_purchase_is_left_out():
    assert whole_periods("week", date(2011, 11, 22), date(2011, 12, 4)) == [
        (date(2011, 11, 28), date(2011, 12, 4))
    ]


def test_a_month_ends_on_its_last_day_in_february_too():
    months = whole_periods("month", date(2024, 1, 1), date(2024, 3, 30))
    assert [month.ends_on for month in months] == [date(2024, 1, 31), date(2024, 2, 29)]


DAYS = st.dates(date(1996, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize("grain", ["week", "month"])
@given(first=DAYS, length=st.integers(-40, 500))
def test_periods_follow_each_other_without_a_gap_inside_the_data(grain, first, length):
    last = first + timedelta(length)
    periods = whole_periods(grain, first, last)
    assert all(first <= period.starts_on <= period.ends_on <= last for period in periods)
    ends = [period.ends_on + timedelta(1) for period in periods]
    assert ends[:-1] == [period.starts_on for period in periods[1:]]
