"""Many reported figures at once: all of them or none, and who said them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from customers.models import AuditEvent, User
from metrics.indicators.reporting.single import NotReportable, report, report_value
from metrics.indicators.words import period_text, value_text
from metrics.models import Figure, Metric, MetricVersion, ReportedFigure

LONGEST = AuditEvent._meta.get_field("about").max_length
EITHER = "Give a value, or a number and out of how many; not both."


class NotTaken(ValueError):
    """Nothing of the batch was taken. refused: why, by the place of the row."""

    def __init__(self, refused: dict[int, str]) -> None:
        super().__init__(" ".join(refused.values()))
        self.refused = refused


@dataclass(frozen=True)
class Said:
    """What is said of one period: a value in the metric's unit, or the two numbers behind it."""

    metric: Metric
    starts_on: date
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None


@transaction.atomic
def report_all(said: Sequence[Said], by: User) -> list[Figure]:
    """Take all of it, and give the figures that are new or changed; raises NotTaken.

    What was said before in the same words stays as it is, with who said it then.
    """
    known, scales = _known(said), _scales(said)
    figures: list[Figure] = []
    refused: dict[int, str] = {}
    seen: set[tuple[int, date]] = set()
    for place, one in enumerate(said):
        period = one.metric.pk, one.starts_on
        try:
            if period in seen:
                raise NotReportable("This period is told twice.")
            seen.add(period)
            if known.get(period) != _numbers(one, scales):
                figures.append(_report(one, by))
        except NotReportable as problem:
            refused[place] = str(problem)
    if refused:
        raise NotTaken(refused)
    _note(figures, by)
    return figures


def look_ahead(said: Sequence[Said], by: User) -> list[Figure | str]:
    """What each would come to, or the sentence why it cannot be. Nothing is kept."""
    with transaction.atomic():
        found = [_figure_or_why(one, by) for one in said]
        transaction.set_rollback(True)
    return found


def value_of(figure: Figure) -> float:
    """In the metric's unit."""
    return figure.numerator / (figure.denominator or 1.0) * figure.version.scale


def _figure_or_why(one: Said, by: User) -> Figure | str:
    try:
        return _report(one, by)
    except NotReportable as problem:
        return str(problem)


def _report(one: Said, by: User) -> Figure:
    if (one.value is None) == (one.numerator is None):
        raise NotReportable(EITHER)
    if one.value is not None:
        if one.denominator is not None:
            raise NotReportable(EITHER)
        return report_value(one.metric, one.starts_on, one.value, by)
    return report(one.metric, one.starts_on, one.numerator, one.denominator, by)


def _numbers(one: Said, scales: dict[int, int]) -> tuple[float | None, float | None]:
    """As they would be stored."""
    if one.value is None:
        return one.numerator, one.denominator
    return one.value / scales.get(one.metric.pk, 1), None


def _scales(said: Sequence[Said]) -> dict[int, int]:
    versions = MetricVersion.objects.in_force().filter(metric__in={one.metric.pk for one in said})
    return dict(versions.values_list("metric", "scale"))


def _known(said: Sequence[Said]) -> dict[tuple[int, date], tuple[float, float | None]]:
    rows = ReportedFigure.objects.filter(
        metric__in={one.metric.pk for one in said}, starts_on__in={one.starts_on for one in said}
    )
    return {(row.metric_id, row.starts_on): (row.numerator, row.denominator) for row in rows}


def _note(figures: Sequence[Figure], by: User) -> None:
    """One line a metric."""
    by_metric: dict[MetricVersion, list[Figure]] = {}
    for figure in figures:
        by_metric.setdefault(figure.version, []).append(figure)
    AuditEvent.objects.bulk_create(
        AuditEvent(
            actor=by, verb=AuditEvent.Verb.REPORTED_FIGURE, about=_told(version, own)[:LONGEST]
        )
        for version, own in by_metric.items()
    )


def _told(version: MetricVersion, figures: Sequence[Figure]) -> str:
    last = max(figures, key=lambda one: one.starts_on)
    others = f", and {len(figures) - 1} more" if len(figures) > 1 else ""
    value = value_text(version, value_of(last))
    return f"{version.metric}, {period_text(version, last.ends_on)}: {value}{others}"
