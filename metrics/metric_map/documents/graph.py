"""The map of a document, to draw it and to check it, whether it is stored or not."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from customers.models import Department, User
from metrics.metric_map.documents.entries import PEOPLE, LinkEntry, MapDocument, MetricEntry
from metrics.metric_map.documents.stored import PLAIN, PLAIN_OF_LINKS
from metrics.metric_map.graph import MetricMap
from metrics.models import Link, Metric


def graph_of(document: MapDocument) -> MetricMap:
    """The metrics and links of the document, unsaved, in the order in which pages show them.

    What is stored keeps its primary key, by which its figures are found; what is not stored yet
    has one below 0. Links whose ends are missing are left out. Four queries.
    """
    unsaved = count(-1, -1)
    departments = _departments(document, unsaved)
    people = {user.email: user for user in User.objects.filter(email__in=_emails(document))}
    keys = dict(Metric.objects.values_list("key", "pk"))
    made = [
        _metric(entry, keys.get(entry.key) or next(unsaved), departments, people)
        for entry in document.metrics.values()
    ]
    made.sort(key=lambda m: (m.level, m.department.name, m.name, m.pk))
    by_key = {metric.key: metric for metric in made}
    for metric in made:
        counter = by_key.get(document.metrics[metric.key].counter_metric)
        if counter and counter is not metric:
            metric.counter_metric = counter
    links = _links(document, by_key, unsaved)
    return MetricMap({metric.pk: metric for metric in made}, tuple(links))


def _links(
    document: MapDocument, metrics: dict[str, Metric], unsaved: Iterator[int]
) -> Iterable[Link]:
    drawn = {
        (child, parent): pk
        for child, parent, pk in Link.objects.values_list("child__key", "parent__key", "pk")
    }
    for ends in sorted(document.links):
        entry = document.links[ends]
        if entry.child in metrics and entry.parent in metrics:
            yield _link(entry, drawn.get(ends) or next(unsaved), metrics)


def _metric(
    entry: MetricEntry,
    pk: int,
    departments: dict[str, Department],
    people: dict[str, User],
) -> Metric:
    values: dict[str, Any] = {name: getattr(entry, name) for name in PLAIN}
    values |= {name: people.get(getattr(entry, name)) for name in PEOPLE}
    return Metric(pk=pk, key=entry.key, department=departments[entry.department], **values)


def _link(entry: LinkEntry, pk: int, metrics: dict[str, Metric]) -> Link:
    values = {name: getattr(entry, name) for name in PLAIN_OF_LINKS}
    return Link(pk=pk, child=metrics[entry.child], parent=metrics[entry.parent], **values)


def _departments(document: MapDocument, unsaved: Iterator[int]) -> dict[str, Department]:
    wanted = {entry.department for entry in document.metrics.values()}
    stored = {found.name: found for found in Department.objects.filter(name__in=wanted)}
    for name in sorted(wanted - stored.keys()):
        stored[name] = Department(pk=next(unsaved), name=name)
    return stored


def _emails(document: MapDocument) -> set[str]:
    entries = document.metrics.values()
    return {getattr(entry, name) for entry in entries for name in PEOPLE} - {""}
