"""The bridge from one version of a metric to the next: what both say of the same periods."""

from dataclasses import dataclass
from datetime import date

from metrics.models import Figure, Metric


@dataclass(frozen=True)
class Span:
    """One period by the old version and by the new one, in the metric's unit."""

    starts_on: date
    ends_on: date
    old: float
    new: float

    @property
    def difference(self) -> float:
        return self.new - self.old


def bridge(metric: Metric) -> list[Span]:
    """The periods that the version in force and the one before it both tell, oldest first.

    None where there is no earlier version, or where the two count different periods.
    """
    new = metric.versions.in_force().first()
    older = new and metric.versions.filter(number__lt=new.number).order_by("-number")
    old = older and older.exclude(way="awaited").first()
    if not old:
        return []
    before = {one.starts_on: one for one in Figure.objects.filter(version=old).with_value()}
    return [
        Span(one.starts_on, one.ends_on, before[one.starts_on].value, one.value)
        for one in Figure.objects.filter(version=new).with_value().order_by("starts_on")
        if one.starts_on in before and before[one.starts_on].ends_on == one.ends_on
    ]
