"""How a column writes its days, decided once for the whole column, and the moments it names."""

import re
from calendar import month_name, monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from customers.imports.notation.reasons import BadCell, Reason

REMEMBERED = 50_000
YEARS = range(1900, 2101)
CENTURY_TURNS = 69  # 31/12/68 is 2068, 31/12/69 is 1969, as in POSIX

CLOCK = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){CLOCK}")
COMPACT = re.compile(rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}}){CLOCK}")
YEAR_LAST = re.compile(
    rf"(?P<one>\d{{1,2}})([-/.])(?P<two>\d{{1,2}})\2(?P<year>\d{{4}}|\d{{2}}){CLOCK}"
)
NOT_A_DAY = "This is not a day. Write it as 2026-11-20."


class Moment(NamedTuple):
    """When something was bought: by the company's clock, for everybody, and on which day."""

    local: datetime
    at: datetime
    day: date


class DateNotation:
    """Reads the days, with or without a time, of one column."""

    def __init__(
        self, is_day_first: bool, seen: str, clock: ZoneInfo, year_first: re.Pattern = YEAR_FIRST
    ) -> None:
        """clock: the company's; times without a zone are its, and days are cut by it."""
        self.is_day_first = is_day_first
        self.year_first = year_first
        self.seen = seen
        self.clock = clock
        self.read = lru_cache(REMEMBERED)(self._read)

    def _read(self, text: str) -> Moment:
        """The moment; midnight where there is only a day. Raises BadCell where there is none."""
        if found := self.year_first.fullmatch(text):
            day = _day(int(found["year"]), int(found["month"]), int(found["day"]))
        elif found := YEAR_LAST.fullmatch(text):
            one, two = int(found["one"]), int(found["two"])
            on, month = (one, two) if self.is_day_first else (two, one)
            day = _day(_year(found["year"]), month, on)
        else:
            raise BadCell(Reason.BAD_DATE, NOT_A_DAY)
        moment = _at(day, found, self.clock)
        local = moment.astimezone(self.clock)
        return Moment(local.replace(tzinfo=None), moment.astimezone(UTC), local.date())


def see_dates(values: Iterable[str], clock: ZoneInfo) -> DateNotation:
    """How the days of a column are written, from its first values.

    A number above 12 tells which of two is the day. Where none does, the day is read first. Eight
    digits are a day only where all values of the column have them.
    """
    texts = [value.strip() for value in values]
    slashed = [found for text in texts if (found := YEAR_LAST.fullmatch(text))]
    day_first = sum(int(found["one"]) > 12 for found in slashed)
    month_first = sum(int(found["two"]) > 12 for found in slashed)
    is_day_first = day_first >= month_first
    with_time = ", with time" if any(":" in text for text in texts) else ""
    written = [text for text in texts if any(mark.isdigit() for mark in text)]
    if written and all(COMPACT.fullmatch(text) for text in written):
        return DateNotation(True, f"read as yearmonthday{with_time}", clock, COMPACT)
    if not slashed:
        return DateNotation(is_day_first, f"read as year-month-day{with_time}", clock)
    order = "day/month/year" if is_day_first else "month/day/year"
    unsure = "" if day_first or month_first else "; it could be month/day/year"
    return DateNotation(is_day_first, f"read as {order}{with_time}{unsure}", clock)


def _day(year: int, month: int, on: int) -> date:
    if not 1 <= month <= 12:
        raise BadCell(Reason.BAD_DATE, f"There is no month {month}.")
    if year not in YEARS:
        raise BadCell(Reason.BAD_DATE, f"The year {year} is not one of ours.")
    if on < 1:
        raise BadCell(Reason.BAD_DATE, NOT_A_DAY)
    last = monthrange(year, month)[1]
    if on > last:
        name = f"{month_name[month]} {year}" if month == 2 else month_name[month]
        raise BadCell(Reason.BAD_DATE, f"{name} has {last} days.")
    return date(year, month, on)


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < CENTURY_TURNS else 1900)


def _at(day: date, found: re.Match, clock: ZoneInfo) -> datetime:
    """The moment of that day that the text names: midnight where it names none."""
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    try:
        local = time(hour, int(found["minute"] or 0), int(found["second"] or 0))
        if found["zone"]:
            return datetime.fromisoformat(f"{day}T{local}{found['zone']}")
    except ValueError:
        raise BadCell(Reason.BAD_DATE, "There is no such time of day.") from None
    return datetime.combine(day, local, clock)
