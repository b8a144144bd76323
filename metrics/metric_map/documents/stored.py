"""The map that is stored in rows, as a document."""

from typing import Any

from django.db.models import Prefetch

from customers.models import Company
from metrics.indicators.counting import counting_by
from metrics.metric_map.documents.entries import (
    LINK_FIELDS,
    METRIC_FIELDS,
    PEOPLE,
    LinkEntry,
    MapDocument,
    MetricEntry,
)
from metrics.models import Link, Metric, MetricVersion

ELSEWHERE = {*PEOPLE, "department", "consumers", "counter_metric", "actions"}
PLAIN = [name for name in METRIC_FIELDS if name not in ELSEWHERE]
PLAIN_OF_LINKS = [name for name in LINK_FIELDS if name != "asserted_by"]


def stored_document() -> MapDocument:
    """The map in force, without what was retired; the same few queries for any size."""
    in_force = MetricVersion.objects.in_force().prefetch_related("measures__conditions")
    metrics = (
        Metric.objects.on_the_map()
        .select_related("department", "counter_metric", *PEOPLE)
        .prefetch_related(
            "consumers", "actions", Prefetch("versions", queryset=in_force, to_attr="newest")
        )
    )
    links = Link.objects.with_ends().select_related("asserted_by")
    on_the_map = links.filter(child__retired_on=None, parent__retired_on=None)
    return MapDocument(
        Company.objects.current().name,
        {metric.key: _metric_entry(metric) for metric in metrics},
        {(link.child.key, link.parent.key): link_entry(link) for link in on_the_map},
    )


def link_entry(link: Link) -> LinkEntry:
    """The link as a document has it."""
    values = {name: getattr(link, name) for name in PLAIN_OF_LINKS}
    return LinkEntry(
        child=link.child.key,
        parent=link.parent.key,
        asserted_by=_email(link.asserted_by),
        **values,
    )


def _metric_entry(metric: Metric) -> MetricEntry:
    versions: list[MetricVersion] = metric.newest
    return MetricEntry(
        key=metric.key,
        department=metric.department.name,
        consumers=tuple(department.name for department in metric.consumers.all()),
        counter_metric=metric.counter_metric.key if metric.counter_metric else "",
        actions=tuple(action.text for action in metric.actions.all()),
        counting=counting_by(versions[0]) if versions else None,
        **{name: _email(getattr(metric, name)) for name in PEOPLE},
        **{name: getattr(metric, name) for name in PLAIN},
    )


def _email(person: Any) -> str:
    return person.email if person else ""
