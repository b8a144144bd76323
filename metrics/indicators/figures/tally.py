"""What was counted of one source: a number for each measure and period, and how many rows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from metrics.indicators.counting import Counted
from metrics.indicators.periods import Calendar, Period
from metrics.indicators.sources import Source
from metrics.models import Measure

DISTINCT, MEDIAN = Measure.Aggregate.DISTINCT, Measure.Aggregate.MEDIAN
DIGITS = 6  # below any unit that is shown; sums of floats differ behind it


class Asked(NamedTuple):
    """What to count of a source, for periods of this grain."""

    counted: Counted
    grain: str


class Tally:
    """Numbers of one source by measure and by day or period."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._rows: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        self._by_day: dict[Counted, dict[date, float]] = defaultdict(lambda: defaultdict(float))
        self._by_period: dict[Asked, dict[date, float]] = defaultdict(lambda: defaultdict(float))

    def add_day(self, day: date, rows: int, numbers: Iterable[tuple[Counted, float]]) -> None:
        self._rows[""][day] += rows
        for counted, number in numbers:
            self._by_day[counted][day] += number

    def add_period(self, asked: Asked, starts_on: date, number: float) -> None:
        """Of what cannot be added up from days."""
        self._by_period[asked][starts_on] += number

    def add_state(self, grain: str, starts_on: date, rows: int) -> None:
        self._rows[grain][starts_on] = rows

    def of(self, asked: Asked, periods: Iterable[Period]) -> dict[Period, float]:
        """The number of each of these periods; nothing found is 0, and has no median."""
        periods = list(periods)
        if asked.counted.aggregate == MEDIAN:
            return self._middles(asked, periods)
        if asked in self._by_period or asked.counted not in self._by_day:
            found = self._by_period[asked]
            return {one: round(found.get(one.starts_on, 0.0), DIGITS) for one in periods}
        return {
            period: round(total, DIGITS)
            for period, total in self._summed(self._by_day[asked.counted], periods).items()
        }

    def rows(self, grain: str, periods: Iterable[Period]) -> dict[Period, int]:
        """How many rows the source has in each of these periods, or at its end."""
        periods = list(periods)
        if grain in self._rows:
            return {period: self._rows[grain].get(period.starts_on, 0) for period in periods}
        return self._summed(self._rows[""], periods)

    def _middles(self, asked: Asked, periods: list[Period]) -> dict[Period, float]:
        """Of the periods that have one; of a state, the one of the last day."""
        by_day, by_period = self._by_day[asked.counted], self._by_period[asked]
        found = {one: by_day.get(one.ends_on, by_period.get(one.starts_on)) for one in periods}
        return {one: round(middle, DIGITS) for one, middle in found.items() if middle is not None}

    def _summed(self, by_day: dict[date, float], periods: list[Period]) -> dict[Period, float]:
        """Sums over days; of a state, what it is on the last day."""
        if self.source.is_state:
            return {period: by_day.get(period.ends_on, 0) for period in periods}
        calendar, sums = Calendar(periods), dict.fromkeys(periods, 0)
        for day in sorted(by_day):
            if period := calendar.period_with(day):
                sums[period] += by_day[day]
        return sums
