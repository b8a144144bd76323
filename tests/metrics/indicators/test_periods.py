"""Days, weeks, months and quarters."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.indicators.periods import Calendar, period_of, stretches, whole_periods


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


def test_a_quarter_is_three_calendar_months():
    quarters = whole_periods("quarter", date(2023, 10, 1), date(2024, 7, 1))
    assert [quarter.ends_on for quarter in quarters] == [
        date(2023, 12, 31),
        date(2024, 3, 31),
        date(2024, 6, 30),
    ]


@given(day=st.dates(date(1996, 1, 1), date(2030, 12, 31)))
@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter"])
def test_a_day_lies_in_its_period(grain, day):
    period = period_of(grain, day)
    assert period.starts_on <= day <= period.ends_on
    assert whole_periods(grain, period.starts_on, period.ends_on) == [period]
    assert Calendar([period]).period_with(day) == period
    assert Calendar([period]).period_with(period.ends_on + timedelta(1)) is None


def test_periods_near_each_other_are_one_stretch():
    weeks = whole_periods("week", date(2024, 1, 1), date(2024, 6, 30))
    assert stretches([weeks[20], weeks[0], weeks[3]]) == [
        (weeks[0].starts_on, weeks[3].ends_on),
        weeks[20],
    ]


DAYS = st.dates(date(1996, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter"])
@given(first=DAYS, length=st.integers(-40, 500))
def test_periods_follow_each_other_without_a_gap_inside_the_data(grain, first, length):
    last = first + timedelta(length)
    periods = whole_periods(grain, first, last)
    assert all(first <= period.starts_on <= period.ends_on <= last for period in periods)
    ends = [period.ends_on + timedelta(1) for period in periods]
    assert ends[:-1] == [period.starts_on for period in periods[1:]]
