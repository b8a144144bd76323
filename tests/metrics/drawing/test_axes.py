"""Days along an axis."""

from datetime import date, timedelta

from metrics.drawing.axes import day_ticks


def labels(days):
    return [tick.label for tick in day_ticks(days, [i / len(days) for i in range(len(days))])]


def test_days_within_a_year_are_named_by_month_between_the_ends():
    days = [date(2025, 1, 6) + timedelta(weeks=week) for week in range(49)]
    assert labels(days) == ["6 Jan 2025", "Mar", "Jun", "Sep", "8 Dec 2025"]


def test_days_of_several_years_are_named_with_their_year():
    days = [date(2023, 1, 9) + timedelta(weeks=week) for week in range(145)]
    assert labels(days) == ["9 Jan 2023", "Sep 2023", "May 2024", "Feb 2025", "13 Oct 2025"]
