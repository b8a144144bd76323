"""Which periods a version has figures of, and which of these have to be counted anew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Min

from customers.models import Change, PurchaseLine
from metrics.indicators.counting import Counting, counting_by
from metrics.indicators.periods import Period, period_of, whole_periods
from metrics.indicators.sources import SOURCES, Columns, Source
from metrics.models import Figure, MetricVersion, Valuation

FOREVER = Period(date.min, date.max)
SETTLED = timedelta(hours=1)  # a valuation may end a while before others can see it


def sources_of(counting: Counting) -> list[str]:
    sides = [counting.numerator, counting.denominator]
    return sorted({side.source for side in sides if side})


class Expectation:
    """The periods of any version as of a day. Each source is asked once how far it reaches."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self._first_sale: date | None = None
        self._reaches: dict[str, Period | None] = {}

    def of(self, version: MetricVersion) -> list[Period]:
        """From its sources' first facts to as_of, where there is the history that it needs.

        Nothing is known after the last fact of a source that nobody declares complete.
        """
        counting = counting_by(version)
        reaches = [self._reach(name) for name in sources_of(counting)]
        if not all(reaches):
            return []
        first = max(reach.starts_on for reach in reaches)
        last = min(reach.ends_on for reach in reaches)
        until = min(self.as_of, version.beside_until or self.as_of)
        until = min(until, period_of(version.grain, last).ends_on)
        earliest_end = first + timedelta(version.history_days - 1)
        periods = whole_periods(version.grain, first, until)
        return [period for period in periods if period.ends_on >= earliest_end]

    def _reach(self, name: str) -> Period | None:
        if name not in self._reaches:
            self._reaches[name] = self._found(SOURCES[name])
        return self._reaches[name]

    def _found(self, source: Source) -> Period | None:
        """From its first day to its last; None where there is nothing."""
        if not source.is_open_ended:
            if self._first_sale is None:
                sales = PurchaseLine.objects.aggregate(first=Min("bought_on"))
                self._first_sale = sales["first"]
            return self._first_sale and Period(self._first_sale, self.as_of)
        if isinstance(source.data, Columns):
            raise TypeError("A source made of many facts has to be declared complete.")
        return source.data.ends(Period(date.min, self.as_of))


@dataclass(frozen=True)
class Touched:
    """What changed since the last run. changes: kind, first day and last day of each.

    since: when the last run was asked for; valuations that ended after it are new.
    """

    changes: frozenset[tuple[str, date | None, date | None]]
    since: datetime | None
    _found: dict[str, list[Period]] = field(default_factory=dict)

    @classmethod
    def by(cls, changes: Iterable[Change], since: datetime | None) -> "Touched":
        told = ((one.kind, one.first_on, one.last_on) for one in changes)
        return cls(frozenset(told), since)

    def days(self, name: str) -> list[Period]:
        """Stretches of days whose rows of this source may differ from what was counted."""
        if name not in self._found:
            self._found[name] = self._days(SOURCES[name])
        return self._found[name]

    def _days(self, source: Source) -> list[Period]:
        if not source.facts or any(not kind for kind, _, _ in self.changes):
            return [FOREVER]
        found = [
            _reached(source, first, last)
            for kind, first, last in self.changes
            if kind in source.facts
        ]
        return found + (self._new_values() if source.is_forecast else [])

    def _new_values(self) -> list[Period]:
        ended = Valuation.objects.month_ends()
        if self.since:
            ended = ended.filter(ended_at__gte=self.since - SETTLED)
        days = ended.values_list("as_of", flat=True)
        return [Period(day, day) for day in days]


def _reached(source: Source, first: date, last: date) -> Period:
    before, after = source.reach
    return Period(
        date.min if before is None else first - timedelta(before),
        date.max if after is None else last + timedelta(after),
    )


def to_count(
    version: MetricVersion,
    periods: Iterable[Period],
    known: Mapping[date, Figure],
    touched: Touched,
    as_of: date,
) -> list[Period]:
    """Of these periods, those without a figure, and those touched that may still change.

    known: the version's figures by their first day. A final figure is not revised once its
    revision window is over.
    """
    days = [day for name in sources_of(counting_by(version)) for day in touched.days(name)]
    window = max(version.revision_days, version.ripens_after_days)

    def is_closed(period: Period) -> bool:
        is_bounded = version.revision_days and known[period.starts_on].is_final
        return bool(is_bounded) and period.ends_on + timedelta(window) < as_of

    return [
        period
        for period in periods
        if period.starts_on not in known
        or (any(period.meets(stretch) for stretch in days) and not is_closed(period))
    ]
