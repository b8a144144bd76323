"""The map as it stands: every metric and every link, read in two queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Self

from django.db import transaction
from django.db.models import QuerySet

from customers.models import Company
from metrics.models import Link, Metric


@dataclass(frozen=True)
class MetricMap:
    """Metrics by primary key, board first, and the links between them with both ends loaded."""

    metrics: dict[int, Metric]
    links: tuple[Link, ...]

    @cached_property
    def top(self) -> Metric | None:
        """The one metric at the board level; None while nobody has put one there."""
        return next((m for m in self.metrics.values() if m.level == Metric.Level.BOARD), None)

    @cached_property
    def links_up(self) -> dict[int, list[Link]]:
        """The links that start from each metric; no entry where none does."""
        return _grouped((link.child_id, link) for link in self.links)

    @cached_property
    def links_down(self) -> dict[int, list[Link]]:
        """The links that arrive at each metric; no entry where none does."""
        return _grouped((link.parent_id, link) for link in self.links)

    def upward(self) -> list[int]:
        """Keys of all metrics, each after everything that leads to it.

        Raises graphlib.CycleError, whose second argument is the circle, its first key twice.
        """
        sorter = TopologicalSorter(dict.fromkeys(self.metrics, ()))
        for link in self.links:
            sorter.add(link.parent_id, link.child_id)
        return list(sorter.static_order())

    def without(self, link: Link) -> Self:
        """This map before the link was drawn; itself where the link is new."""
        return replace(self, links=tuple(kept for kept in self.links if kept.pk != link.pk))

    def without_metric(self, metric: Metric) -> Self:
        """This map once the metric is gone, with its links."""
        metrics = {key: kept for key, kept in self.metrics.items() if key != metric.pk}
        kept = tuple(k for k in self.links if metric.pk not in (k.child_id, k.parent_id))
        return replace(self, metrics=metrics, links=kept)

    def with_link(self, link: Link) -> Self:
        """This map once the link is drawn, or drawn anew."""
        return replace(self, links=(*self.without(link).links, link))


def read_map(metrics: QuerySet[Metric] | None = None) -> MetricMap:
    """The stored map of these metrics, or of all but retired ones: board first, then by department
    and name."""
    metrics = Metric.objects.on_the_map() if metrics is None else metrics
    ordered = metrics.select_related("department").order_by(
        "level", "department__name", "name", "pk"
    )
    found = {metric.pk: metric for metric in ordered}
    links = []
    for link in Link.objects.order_by("pk"):
        if link.child_id in found and link.parent_id in found:
            link.child, link.parent = found[link.child_id], found[link.parent_id]
            links.append(link)
    return MetricMap(found, tuple(links))


@contextmanager
def changing_map() -> Iterator[None]:
    """A transaction in which nobody else changes the map: read it inside, then write.

    The company's row is the lock. Locking the links themselves would not stop two editors from
    adding one each that together close a circle: a row that does not exist yet cannot be locked.
    """
    with transaction.atomic():
        Company.objects.select_for_update().get_or_create(pk=1)
        yield


def _grouped(pairs: Iterable[tuple[int, Link]]) -> dict[int, list[Link]]:
    groups = defaultdict(list)
    for key, link in pairs:
        groups[key].append(link)
    return dict(groups)
