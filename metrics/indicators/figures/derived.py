"""Figures of derived versions: a formula over other metrics' figures of the same time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from statistics import fmean

from customers.models import Company
from metrics.indicators.counting import counting_by
from metrics.indicators.figures.expected import sources_of
from metrics.indicators.figures.tally import MEDIAN
from metrics.indicators.formula import UnusableFormula, names_in, value_of
from metrics.indicators.periods import Period, period_of, whole_periods
from metrics.indicators.sources import SOURCES
from metrics.models import Figure, MetricVersion

LENGTHS = {"day": 1, "week": 7, "month": 30, "quarter": 91}
Way = MetricVersion.Way


@dataclass(frozen=True)
class Input:
    """A metric that a formula names, with the figures of its version in force."""

    version: MetricVersion
    figures: list[Figure]

    def during(self, period: Period, grain: str) -> tuple[float, bool] | None:
        """Its value in this period of the grain and whether it is final; None where not known.

        Of a finer metric: sums over sums, or a sum where nothing is divided, or the mean pace of
        what is told as of a year; a state, a median, a formula and a reported level as they last
        were. Of a coarser one: as last known at the end.
        """
        last = self._by_end.get(self._last_end(period.ends_on))
        if self._is_level or LENGTHS[self.version.grain] >= LENGTHS[grain]:
            return self._value([last])
        ends = [day for day in self._by_end if period.starts_on <= day <= period.ends_on]
        if not self._is_ratio and len(ends) < self._whole(period):
            return None
        return self._value([self._by_end[day] for day in ends] or [None])

    def _whole(self, period: Period) -> int:
        """How many of its own periods end within this one."""
        first = period_of(self.version.grain, period.starts_on).starts_on
        own = whole_periods(self.version.grain, first, period.ends_on)
        return sum(one.ends_on >= period.starts_on for one in own)

    def _last_end(self, day: date) -> date:
        """The last day, up to this one, on which a period of its own ended."""
        own = period_of(self.version.grain, day)
        return day if own.ends_on == day else own.starts_on - timedelta(1)

    def _value(self, figures: list[Figure | None]) -> tuple[float, bool] | None:
        if None in figures:
            return None
        are_final = all(one.is_final for one in figures)
        divisors = [one.denominator for one in figures]
        if None in divisors and any(divisors):  # reports, some of them with what they divide by
            whole = fmean(one.numerator / (one.denominator or 1) for one in figures)
            return whole * self.version.scale, are_final
        divisor = sum(divisors) if any(divisors) else len(figures) if self._is_pace else 1
        if not divisor:
            return None
        return sum(one.numerator for one in figures) / divisor * self.version.scale, are_final

    @cached_property
    def _by_end(self) -> dict[date, Figure]:
        return {figure.ends_on: figure for figure in self.figures}

    @cached_property
    def _is_ratio(self) -> bool:
        return any(figure.denominator is not None for figure in self.figures)

    @property
    def _is_pace(self) -> bool:
        """Whether a count or sum is told as of a year: weeks of it then have a mean, and no sum."""
        return self.version.scale != 1

    @cached_property
    def _is_level(self) -> bool:
        """Whether it says how things stand, so that periods of it cannot be put together."""
        if self.version.way == Way.COUNTED:
            counting = counting_by(self.version)
            is_median = counting.numerator and counting.numerator.aggregate == MEDIAN
            return is_median or any(SOURCES[name].is_state for name in sources_of(counting))
        return self.version.way == Way.DERIVED or not self._is_ratio


def constants() -> dict[str, float]:
    """What a formula may name that is no metric: the company's yearly discount rate."""
    return {"discount": float(Company.objects.current().yearly_rate)}


def derive(
    version: MetricVersion, inputs: Mapping[str, Input], as_of: date, known: Mapping[str, float]
) -> list[Figure]:
    """The figures of all whole periods in which every metric of the formula has a value.

    inputs: by the metric's key; known: values of names that are no metrics.
    """
    try:
        names = [name for name in names_in(version.formula) if name not in known]
    except UnusableFormula:
        return []
    if not names or any(name not in inputs or not inputs[name].figures for name in names):
        return []
    first = min(figure.starts_on for name in names for figure in inputs[name].figures)
    until = min(as_of, version.beside_until or as_of)
    figures = []
    for period in whole_periods(version.grain, first, until):
        found = {name: inputs[name].during(period, version.grain) for name in names}
        if None not in found.values():
            values = {name: value for name, (value, _) in found.items()}
            are_final = all(is_final for _, is_final in found.values())
            figures += _figure(version, period, values | known, are_final, as_of)
    return figures


def in_order(versions: Iterable[MetricVersion]) -> list[MetricVersion]:
    """Derived versions, each after those that its formula names; none that names itself."""
    left, ordered = list(versions), []
    while True:
        to_come = {version.metric.key for version in left}
        ready = [version for version in left if not _names(version) & to_come]
        if not ready:
            return ordered
        ordered += ready
        left = [version for version in left if version not in ready]


def _names(version: MetricVersion) -> set[str]:
    try:
        return set(names_in(version.formula))
    except UnusableFormula:
        return set()


def _figure(
    version: MetricVersion,
    period: Period,
    values: Mapping[str, float],
    are_final: bool,
    as_of: date,
) -> list[Figure]:
    """None where the formula divides by 0."""
    value = value_of(version.formula, values)
    if value is None:
        return []
    ripe_until = as_of - timedelta(version.ripens_after_days)
    return [
        Figure(
            version=version,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            numerator=value / version.scale,
            is_final=are_final and period.ends_on <= ripe_until,
        )
    ]
