"""Holes: what should be on the map and is not, or is there and leads nowhere."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from customers.models import Department
from metrics.metric_map.gaps.finding import hole_report
from metrics.metric_map.gaps.report import (
    Hole,
    HoleMatrix,
    HoleReport,
    Known,
    Proposal,
    data_request_for,
    what_is_known,
)
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.paths import best_paths
from metrics.models import Metric

__all__ = [
    "Hole",
    "HoleMatrix",
    "HoleReport",
    "Holes",
    "Known",
    "Proposal",
    "data_request_for",
    "departments_without_metric",
    "hole_report",
    "holes_of",
    "what_is_known",
]


@dataclass(frozen=True)
class Holes:
    """Metrics with no path to the top, and departments where people work without a metric."""

    leading_nowhere: list[Metric]
    without_metric: list[Department]

    def __len__(self) -> int:
        return len(self.leading_nowhere) + len(self.without_metric)


def holes_of(graph: MetricMap) -> Holes:
    """The holes of this map, in its own order; one query."""
    reached = best_paths(graph)
    nowhere = [metric for key, metric in graph.metrics.items() if key not in reached]
    return Holes(nowhere, list(departments_without_metric()))


def departments_without_metric() -> QuerySet[Department]:
    """Departments that have people but no metric, by name."""
    measured = Metric.objects.on_the_map().filter(department=OuterRef("pk"))
    peopled = Department.objects.filter(~Exists(measured), memberships__isnull=False)
    return peopled.distinct().order_by("name", "pk")
