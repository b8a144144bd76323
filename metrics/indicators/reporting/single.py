"""What people and other systems report of a metric, a period each."""

from datetime import date, timedelta
from math import isfinite

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from customers.models import Company, User
from metrics.indicators.figures.reported import figures_reported
from metrics.indicators.figures.stored import store
from metrics.indicators.periods import period_of
from metrics.models import Figure, Metric, MetricVersion, ReportedFigure

Way = MetricVersion.Way


class NotReportable(ValueError):
    """The figure cannot be taken, said in a sentence."""


def report_value(metric: Metric, starts_on: date, value: float, by: User | None) -> Figure:
    """Take a value in the metric's unit: 7.4 for 7.4%. Raises NotReportable."""
    return report(metric, starts_on, value / _version(metric).scale, None, by)


@transaction.atomic
def report(
    metric: Metric,
    starts_on: date,
    numerator: float,
    denominator: float | None,
    by: User | None,
) -> Figure:
    """Take what is said of the period that starts on this day, in place of what was said before.

    numerator, denominator: what is divided; without a denominator the figure is the numerator.
    Raises NotReportable: for a metric that is counted, for a day on which no period starts, for a
    period that is not over or whose revision window is.
    """
    version = _version(metric)
    _hold_to_rules(version, starts_on, numerator, denominator)
    ReportedFigure.objects.update_or_create(
        metric=metric,
        starts_on=starts_on,
        defaults={
            "numerator": numerator,
            "denominator": denominator,
            "reported_by": by,
            "reported_at": timezone.now(),
        },
    )
    today = _today()
    for one in MetricVersion.objects.counted().filter(metric=metric, way=Way.REPORTED):
        store(one, figures_reported(one, today))
    return version.figures.get(starts_on=starts_on)


def _version(metric: Metric) -> MetricVersion:
    version = metric.versions.in_force().filter(way=Way.REPORTED).first()
    if version is None or metric.retired_on:
        raise NotReportable(f"{metric} is not a metric that is reported.")
    return version


def _hold_to_rules(
    version: MetricVersion, starts_on: date, numerator: float, denominator: float | None
) -> None:
    period = period_of(version.grain, starts_on)
    if period.starts_on != starts_on:
        raise NotReportable(
            f"No {version.grain} starts on {date_format(starts_on)};"
            f" it starts on {date_format(period.starts_on)}."
        )
    if period.ends_on >= _today():
        raise NotReportable(f"The {version.grain} to {date_format(period.ends_on)} is not over.")
    if denominator == 0 or not all(isfinite(one) for one in (numerator, denominator or 1)):
        raise NotReportable("A figure is a number, and not divided by 0.")
    closed_on = period.ends_on + timedelta(version.revision_days)
    is_known = version.figures.filter(starts_on=starts_on).exists()
    if version.revision_days and is_known and closed_on < _today():
        raise NotReportable(
            f"What was said of the {version.grain} to {date_format(period.ends_on)}"
            f" could be changed until {date_format(closed_on)}."
        )


def _today() -> date:
    return timezone.localdate(timezone=Company.objects.current().clock)
