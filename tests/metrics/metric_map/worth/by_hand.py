"""Weekly shares, and the worth of one metric of the stored map."""

from datetime import date, timedelta

from metrics.metric_map.graph import read_map
from metrics.metric_map.worth import roll_up
from metrics.models import Figure, MetricVersion

MONDAY = date(2026, 1, 5)


def weekly(metric, shares, of=500, **values):
    """Weekly shares in percent, oldest first."""
    version = MetricVersion.objects.create(
        metric=metric, number=1, grain="week", unit="% of deliveries", scale=100, **values
    )
    for week, share in enumerate(shares):
        start = MONDAY + timedelta(weeks=week)
        Figure.objects.create(
            version=version,
            starts_on=start,
            ends_on=start + timedelta(6),
            numerator=share / 100 * of,
            denominator=of,
        )
    return version


def worth_of(metric, valuation):
    return {one.metric: one for one in roll_up.worths_of(read_map(), valuation)}[metric]
