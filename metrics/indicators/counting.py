"""How a metric is counted, as a value that can be compared: only a change makes a version."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from customers.models import Company
from metrics.models import Condition, Measure, Metric, MetricVersion

Where = tuple[tuple[str, str, Decimal], ...]
Way = MetricVersion.Way
PERIODS_BESIDE = 6
DAYS_OF = {"day": 1, "week": 7, "month": 31, "quarter": 92}


class Counted(NamedTuple):
    """One side. where: field, comparison, value of each condition, in any order."""

    source: str
    aggregate: str
    field: str = ""
    where: Where = ()


class Counting(NamedTuple):
    """A whole declaration; denominator is None where nothing is divided.

    Only what is counted from facts has a numerator. formula: of what is derived, how; of any
    other, what it is made of by definition.
    """

    grain: str
    unit: str
    scale: int
    decimals: int
    ripens_after_days: int
    history_days: int
    numerator: Counted | None = None
    denominator: Counted | None = None
    way: str = Way.COUNTED.value
    formula: str = ""
    revision_days: int = 0


OF_A_VERSION = [
    name for name in Counting._fields if name not in {Measure.Side.NUMERATOR, "denominator"}
]


def counting_of(metric: Metric) -> Counting | None:
    """How the metric is counted now; None for one of which nobody has said it."""
    version = metric.versions.in_force().prefetch_related("measures__conditions").first()
    return version and counting_by(version)


def counting_by(version: MetricVersion) -> Counting:
    """How this version is counted; no query where its measures are prefetched."""
    sides = {measure.side: _counted(measure) for measure in version.measures.all()}
    values = {name: getattr(version, name) for name in OF_A_VERSION}
    return ordered(Counting(**values, **sides))


def count_so(metric: Metric, counting: Counting) -> bool:
    """Count the metric this way from now on. Whether that made a new version.

    The version before it is counted beside it for six periods more, so that the two can be
    compared. What changes no figure makes no version: how many decimals are shown, and what a
    metric is made of that is not derived.
    """
    counting, before = ordered(counting), counting_of(metric)
    if before and _figures_by(counting) == _figures_by(before):
        told = {"decimals": counting.decimals, "formula": counting.formula}
        metric.versions.in_force().update(**told)
        return False
    newest = metric.versions.order_by("-number").first()
    today = Company.objects.today()
    beside_until = _beside_until(before, today) if before else None
    metric.versions.in_force().update(is_in_force=False, beside_until=beside_until)
    version = MetricVersion.objects.create(
        metric=metric,
        number=newest.number + 1 if newest else 1,
        made_on=today,
        **{name: getattr(counting, name) for name in OF_A_VERSION},
    )
    for side in Measure.Side:
        if counted := getattr(counting, side):
            _store(version, side, counted)
    return True


def ordered(counting: Counting) -> Counting:
    """The same with its conditions in one order."""
    sides = [
        side and side._replace(where=tuple(sorted(side.where)))
        for side in (counting.numerator, counting.denominator)
    ]
    return counting._replace(numerator=sides[0], denominator=sides[1])


def _figures_by(counting: Counting) -> Counting:
    """What of it decides its figures."""
    told = counting._replace(decimals=0)
    return told if counting.way == Way.DERIVED else told._replace(formula="")


def _beside_until(before: Counting, today: date) -> date | None:
    """Six of its periods from now; None where there is nothing to compare."""
    if before.way == Way.AWAITED:
        return None
    return today + timedelta(PERIODS_BESIDE * DAYS_OF[before.grain])


def _counted(measure: Measure) -> Counted:
    where = tuple((c.field, c.comparison, c.value) for c in measure.conditions.all())
    return Counted(measure.source, measure.aggregate, measure.field, where)


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
