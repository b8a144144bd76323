"""Days, weeks, months and quarters as pairs of days."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

NEAR = timedelta(31)


class Period(NamedTuple):
    """From one day to another, both of them inside."""

    starts_on: date
    ends_on: date

    def meets(self, other: "Period") -> bool:
        """Whether they have a day in common."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def whole_periods(grain: str, first: date, last: date) -> list[Period]:
    """The days, weeks (Monday to Sunday), calendar months or quarters wholly between the two days.

    grain: "day", "week", "month" or "quarter". Both days count as inside. A period that is cut by
    either is left out, because half a week looks like a bad week.
    """
    return [period for period in _covering(grain, first, last) if period.starts_on >= first]


def period_of(grain: str, day: date) -> Period:
    """The period that this day lies in."""
    start = _first_day(grain, day)
    return Period(start, _last_day(grain, start))


def stretches(periods: Iterable[Period]) -> list[Period]:
    """The periods, joined where a month or less lies between, in order."""
    found: list[Period] = []
    for period in sorted(periods):
        if found and period.starts_on - found[-1].ends_on <= NEAR:
            found[-1] = Period(found[-1].starts_on, max(found[-1].ends_on, period.ends_on))
        else:
            found.append(period)
    return found


class Calendar:
    """Which of these periods a day lies in; they do not overlap."""

    def __init__(self, periods: Iterable[Period]) -> None:
        self._periods = sorted(periods)
        self._starts = [period.starts_on for period in self._periods]

    def period_with(self, day: date) -> Period | None:
        place = bisect_right(self._starts, day) - 1
        period = self._periods[place] if place >= 0 else None
        return period if period and day <= period.ends_on else None


def _covering(grain: str, first: date, last: date) -> Iterator[Period]:
    start = _first_day(grain, first)
    while (end := _last_day(grain, start)) <= last:
        yield Period(start, end)
        start = end + timedelta(1)


def _first_day(grain: str, day: date) -> date:
    match grain:
        case "day":
            return day
        case "week":
            return day - timedelta(day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    raise ValueError(f"There is no grain {grain}.")


def _last_day(grain: str, start: date) -> date:
    if grain in {"day", "week"}:
        return start + timedelta(6 if grain == "week" else 0)
    months = 1 if grain == "month" else 3
    return (start + timedelta(31 * months)).replace(day=1) - timedelta(1)
