"""How a metric is counted, as a value that can be compared: only a change makes a version."""

from decimal import Decimal
from typing import NamedTuple

from metrics.models import Condition, Measure, Metric, MetricVersion

Where = tuple[tuple[str, str, Decimal], ...]


class Counted(NamedTuple):
    """One side. where: field, comparison, value of each condition, in any order."""

    source: str
    aggregate: str
    field: str = ""
    where: Where = ()


class Counting(NamedTuple):
    """A whole declaration; denominator is None where nothing is divided."""

    grain: str
    unit: str
    scale: int
    decimals: int
    ripens_after_days: int
    history_days: int
    numerator: Counted
    denominator: Counted | None


def counting_of(metric: Metric) -> Counting | None:
    """How the metric is counted now; None for one that is not counted yet."""
    version = metric.versions.in_force().prefetch_related("measures__conditions").first()
    if version is None:
        return None
    sides = {measure.side: _counted(measure) for measure in version.measures.all()}
    return Counting(
        version.grain,
        version.unit,
        version.scale,
        version.decimals,
        version.ripens_after_days,
        version.history_days,
        sides[Measure.Side.NUMERATOR],
        sides.get(Measure.Side.DENOMINATOR),
    )


def count_so(metric: Metric, counting: Counting) -> bool:
    """Count the metric this way from now on. Whether that made a new version."""
    if _ordered(counting) == _ordered(counting_of(metric)):
        return False
    newest = metric.versions.order_by("-number").first()
    metric.versions.in_force().update(is_in_force=False)
    version = MetricVersion.objects.create(
        metric=metric,
        number=newest.number + 1 if newest else 1,
        grain=counting.grain,
        unit=counting.unit,
        scale=counting.scale,
        decimals=counting.decimals,
        ripens_after_days=counting.ripens_after_days,
        history_days=counting.history_days,
    )
    _store(version, Measure.Side.NUMERATOR, counting.numerator)
    if counting.denominator:
        _store(version, Measure.Side.DENOMINATOR, counting.denominator)
    return True


def _counted(measure: Measure) -> Counted:
    where = tuple((c.field, c.comparison, c.value) for c in measure.conditions.all())
    return Counted(measure.source, measure.aggregate, measure.field, where)


def _ordered(counting: Counting | None) -> Counting | None:
    """The same with its conditions in one order."""
    if counting is None:
        return None
    sides = [
        side and side._replace(where=tuple(sorted(side.where)))
        for side in (counting.numerator, counting.denominator)
    ]
    return counting._replace(numerator=sides[0], denominator=sides[1])


def _store(version: MetricVersion, side: str, counted: Counted) -> None:
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
