"""Writes the starting metrics into an empty company."""

from django.db import transaction

from customers.models import Company, Department
from metrics.indicators.counting import count_so
from metrics.indicators.starting_metrics import STARTING_METRICS, StartingMetric
from metrics.models import Metric


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
    count_so(metric, start.counting(currency))
    return metric
