"""Weeks and months as pairs of days."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple


class Period(NamedTuple):
    """From one day to another, both of them inside."""

    starts_on: date
    ends_on: date


def whole_periods(grain: str, first: date, last: date) -> list[Period]:
    """The weeks (Monday to Sunday) or calendar months that lie wholly between the two days.

    grain: "week" or "month". Both days count as inside. A period that is cut by either is left
    out, because half a week looks like a bad week.
    """
    return [period for period in _covering(grain, first, last) if period.starts_on >= first]


def _covering(grain: str, first: date, last: date) -> Iterator[Period]:
    start = first - timedelta(first.weekday()) if grain == "week" else first.replace(day=1)
    while (end := _last_day(grain, start)) <= last:
        yield Period(start, end)
        start = end + timedelta(1)


def _last_day(grain: str, start: date) -> date:
    if grain == "week":
        return start + timedelta(6)
    return (start + timedelta(31)).replace(day=1) - timedelta(1)
