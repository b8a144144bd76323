"""Writes the starting metrics into an empty company."""

from django.db import transaction

from customers.models import Company, Department
from metrics.indicators.starting_metrics import MONEY, STARTING_METRICS, Counted, StartingMetric
from metrics.models import Condition, Measure, Metric, MetricVersion


@transaction.atomic
def create_starting_metrics() -> list[Metric]:
    """Make the starting metrics that are missing, and the departments that own them.

    A metric that is there already, by its key, stays as it is, however it was changed since.
    Gives back those that were made.
    """
    known = set(Metric.objects.values_list("key", flat=True))
    currency = Company.objects.current().currency
    return [_create(start, currency) for start in STARTING_METRICS if start.key not in known]


def _create(start: StartingMetric, currency: str) -> Metric:
    metric = Metric.objects.create(
        key=start.key,
        name=start.name,
        description=start.description,
        department=Department.objects.get_or_create(name=start.department)[0],
        level=start.level,
        lever=start.lever,
        direction=start.direction,
        control=start.control,
    )
    version = MetricVersion.objects.create(
        metric=metric,
        number=1,
        grain=start.grain,
        unit=currency if start.unit == MONEY else start.unit,
        scale=start.scale,
        decimals=start.decimals,
        ripens_after_days=start.ripens_after_days,
        history_days=start.history_days,
    )
    _count(version, Measure.Side.NUMERATOR, start.numerator)
    if start.denominator:
        _count(version, Measure.Side.DENOMINATOR, start.denominator)
    return metric


def _count(version: MetricVersion, side: Measure.Side, counted: Counted) -> None:
    measure = Measure.objects.create(
        version=version,
        side=side,
        source=counted.source,
        aggregate=counted.aggregate,
        field=counted.field,
    )
    Condition.objects.bulk_create(
        Condition(measure=measure, field=field, comparison=comparison, value=value)
        for field, comparison, value in counted.where
    )
