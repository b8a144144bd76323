"""Metrics whose data are still awaited: who was asked, and by which day they come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from customers.models import Department
from metrics.models import DataRequest, Metric, MetricVersion


@dataclass(frozen=True)
class Missing:
    """request: the open one; None while nobody has asked."""

    request: DataRequest | None

    @property
    def short(self) -> str:
        """As it stands in a box: "due 12 Dec", "asked for", "no data yet"."""
        if self.request is None:
            return "no data yet"
        day = self.promised_on
        return f"due {date_format(day, 'j M')}" if day else "asked for"

    @property
    def words(self) -> str:
        """ "Asked from IT, due 12 Dec 2026"."""
        if self.request is None:
            return "Nobody has asked for its data yet"
        day = self.promised_on
        due = f"due {date_format(day)}" if day else "no day promised yet"
        return f"Asked from {self.request.department}, {due}"

    @property
    def department(self) -> Department | None:
        return self.request.department if self.request else None

    @property
    def promised_on(self) -> date | None:
        return self.request.promised_on if self.request else None


def missing_of(metrics: Iterable[Metric]) -> dict[int, Missing]:
    """By the key of each of these metrics that waits for its data; two queries."""
    waiting = MetricVersion.objects.in_force().filter(
        metric__in=list(metrics), way=MetricVersion.Way.AWAITED
    )
    keys = list(waiting.values_list("metric", flat=True))
    asked = DataRequest.objects.filter(metric__in=keys, delivered_on=None, refused_on=None)
    requests = {one.metric_id: one for one in asked.select_related("department")}
    return {key: Missing(requests.get(key)) for key in keys}
