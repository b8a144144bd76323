"""What is reported of a metric: what was said of each period, by whom, and what is still due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.utils import timezone

from customers.models import Company
from customers.templatetags.numbers import grouped
from metrics.indicators.periods import Period, period_of
from metrics.indicators.reporting.batches import value_of
from metrics.indicators.words import period_text, value_text
from metrics.models import Figure, Metric, MetricVersion, ReportedFigure
from metrics.value.timing import as_of_day

SHOWN = 12
MOST_DUE = 4


@dataclass(frozen=True)
class Line:
    """What was said of one period. is_counted: whether the version in force has such a period."""

    starts_on: date
    period: str
    value: str
    numbers: str
    by: str
    at: datetime
    is_counted: bool


@dataclass(frozen=True)
class ReportingBoard:
    """lines: newest first. due: the first days of the periods without a figure, oldest first.

    until: the last day of the last period that can be due. divides: whether it is told as a
    number out of how many.
    """

    version: MetricVersion
    lines: list[Line]
    due: list[date]
    due_words: list[str]
    until: date
    divides: bool
    said: Mapping[date, Mapping[str, float | None]]


@dataclass(frozen=True)
class Preview:
    """What one line of the form would come to; refusal: why it cannot be, or ""."""

    period: str
    value: str
    before: str
    refusal: str


def reporting_board(version: MetricVersion) -> ReportingBoard:
    """In a constant number of queries. version: one in force that is reported, with its metric."""
    reports = version.metric.reports.select_related("reported_by").order_by("-starts_on")
    known = {row.starts_on for row in reports}
    last = _last_over(version, _known_until())
    due = _due(version, known, last)
    return ReportingBoard(
        version=version,
        lines=[_line(version, row) for row in islice(reports, SHOWN)],
        due=[period.starts_on for period in due],
        due_words=[period_text(version, period.ends_on) for period in due],
        until=last.ends_on,
        divides=version.scale != 1 or any(row.denominator is not None for row in reports),
        said={row.starts_on: _numbers(version, row) for row in reports},
    )


def previews(
    version: MetricVersion, days: Sequence[date], found: Sequence[Figure | str]
) -> list[Preview]:
    """found: for each first day the figure that it would come to, or why it cannot be."""
    before = version.figures.filter(starts_on__in=days)
    known = {one.starts_on: value_text(version, value_of(one)) for one in before}
    return [
        _preview(version, day, one, known.get(day, ""))
        for day, one in zip(days, found, strict=True)
    ]


def others_due(metrics: Sequence[Metric]) -> list[tuple[Metric, str]]:
    """Reported metrics with their last period that has no figure; "" where all have.

    metrics: with the version in force prefetched, and their reports.
    """
    until, found = _known_until(), []
    for metric in metrics:
        version = next(iter(metric.versions.all()), None)
        if version is None:
            continue
        known = {row.starts_on for row in metric.reports.all()}
        due = _due(version, known, _last_over(version, until))
        found.append((metric, period_text(version, due[-1].ends_on) if due else ""))
    return found


def _due(version: MetricVersion, known: set[date], last: Period) -> list[Period]:
    """Periods up to the last of which nothing is said, at most four, oldest first.

    Not those before the first that was ever reported.
    """
    period, found = last, []
    for _ in range(SHOWN):
        if known and period.starts_on < min(known):
            break
        if period.starts_on not in known:
            found.append(period)
        period = period_of(version.grain, period.starts_on - timedelta(1))
    return sorted(found[:MOST_DUE])


def _last_over(version: MetricVersion, until: date) -> Period:
    """The last period of the version that ends by this day."""
    after = period_of(version.grain, until + timedelta(1))
    return period_of(version.grain, after.starts_on - timedelta(1))


def _known_until() -> date:
    """Yesterday, or the day to which the company's data are complete where that is earlier."""
    yesterday = timezone.localdate(timezone=Company.objects.current().clock) - timedelta(1)
    return min(as_of_day() or yesterday, yesterday)


def _line(version: MetricVersion, row: ReportedFigure) -> Line:
    period = period_of(version.grain, row.starts_on)
    is_divided = row.denominator is not None
    value = row.numerator / (row.denominator or 1.0) * version.scale
    return Line(
        starts_on=row.starts_on,
        period=period_text(version, period.ends_on),
        value=value_text(version, value),
        numbers=f"{_plain(row.numerator)} of {_plain(row.denominator)}" if is_divided else "",
        by=row.reported_by.name if row.reported_by else "another system",
        at=row.reported_at,
        is_counted=period.starts_on == row.starts_on,
    )


def _numbers(version: MetricVersion, row: ReportedFigure) -> dict[str, float | None]:
    """As the form would have them; a value as it is shown, without the dust of a division."""
    if row.denominator is None:
        return {"value": float(f"{row.numerator * version.scale:.12g}")}
    return {"numerator": row.numerator, "denominator": row.denominator}


def _preview(version: MetricVersion, day: date, found: Figure | str, before: str) -> Preview:
    period = period_text(version, period_of(version.grain, day).ends_on)
    if isinstance(found, str):
        return Preview(period, "", before, found)
    value = value_text(version, value_of(found))
    return Preview(period, value, before if before != value else "", "")


def _plain(number: float | None) -> str:
    is_whole = number is not None and number == round(number)
    return grouped(number, 0 if is_whole else 2)
