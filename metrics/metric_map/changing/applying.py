"""Makes the stored map equal to a document. Call within changing_map()."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from customers.models import Company, Department, User
from metrics.indicators.counting import count_so
from metrics.metric_map.document import (
    Difference,
    MapDocument,
    MetricEntry,
    UnusableDocument,
    differences,
    stored_document,
)
from metrics.metric_map.documents.entries import PEOPLE
from metrics.metric_map.documents.stored import PLAIN, PLAIN_OF_LINKS
from metrics.models import (
    Annotation,
    ControlAction,
    DataRequest,
    Dispute,
    Figure,
    Link,
    Metric,
    Project,
    ReportedFigure,
)

OF_METRICS = [*PLAIN, *(f"{name}_id" for name in PEOPLE), "department_id", "counter_metric_id"]
ENDS = ("child_id", "parent_id")
OF_LINKS = [*PLAIN_OF_LINKS, "asserted_by_id"]


def apply(document: MapDocument, by: User | None) -> list[Difference]:
    """Make the live map equal to this document, which has broken no rule; gives what changed.

    by: who publishes; None for the command line. A changed counting becomes a new version, and the
    old one is counted beside it for six periods more. A metric that left is retired, or deleted
    where nothing is known of it yet. Departments that are missing are made; people have to be
    there. Raises UnusableDocument.
    """
    before = stored_document()
    people = _people(document)
    departments = _departments(document)
    _remove(before.metrics.keys() - document.metrics.keys())
    _free_names_of_the_retired(document)
    _make_way(before, document)
    metrics = _store_metrics(document, people, departments)
    for key, entry in document.metrics.items():
        if before.metrics.get(key) != entry:
            _store_around(metrics[key], entry, departments)
    _store_links(document, metrics, people)
    return differences(before, document)


def _people(document: MapDocument) -> dict[str, int]:
    wanted = {getattr(entry, name) for entry in document.metrics.values() for name in PEOPLE}
    wanted |= {link.asserted_by for link in document.links.values()}
    wanted.discard("")
    found = dict(User.objects.filter(email__in=wanted).values_list("email", "pk"))
    if missing := sorted(wanted - found.keys()):
        raise UnusableDocument([f"Nobody here has the e-mail {email}." for email in missing])
    return found


def _departments(document: MapDocument) -> dict[str, int]:
    entries = document.metrics.values()
    wanted = {name for entry in entries for name in (entry.department, *entry.consumers)}
    found = set(Department.objects.filter(name__in=wanted).values_list("name", flat=True))
    Department.objects.bulk_create(Department(name=name) for name in sorted(wanted - found))
    return dict(Department.objects.filter(name__in=wanted).values_list("name", "pk"))


def _remove(keys: Iterable[str]) -> None:
    """Take these off the map: their links go, their figures stay."""
    leaving = Metric.objects.filter(key__in=list(keys))
    Link.objects.filter(Q(child__in=leaving) | Q(parent__in=leaving)).delete()
    known = (
        Exists(Figure.objects.filter(version__metric=OuterRef("pk")))
        | Exists(ReportedFigure.objects.filter(metric=OuterRef("pk")))
        | Exists(DataRequest.objects.filter(metric=OuterRef("pk")))
        | Exists(Dispute.objects.filter(metric=OuterRef("pk")))
        | Exists(Annotation.objects.filter(metric=OuterRef("pk")))
        | Exists(Project.objects.filter(metric=OuterRef("pk")))
    )
    leaving.filter(known).update(retired_on=Company.objects.today(), counter_metric=None)
    leaving.filter(~known).delete()


def _free_names_of_the_retired(document: MapDocument) -> None:
    """A metric that has left keeps its figures, but not a name that another one takes over."""
    taken = [entry.name for entry in document.metrics.values()]
    gone = Metric.objects.exclude(retired_on=None).exclude(key__in=list(document.metrics))
    for metric in gone.filter(name__in=taken):
        metric.name = f"{metric.name[:36]} ({metric.key})"
        metric.save(update_fields=["name"])


def _make_way(before: MapDocument, document: MapDocument) -> None:
    """Free the names and the place at the top that others take over in the same change."""
    for key, entry in document.metrics.items():
        old = before.metrics.get(key)
        if old and old.name != entry.name:
            Metric.objects.filter(key=key).update(name=f"{key} before {timezone.now():%c}")
        if old and old.level == Metric.Level.BOARD != entry.level:
            Metric.objects.filter(key=key).update(level=entry.level)


def _store_metrics(
    document: MapDocument, people: Mapping[str, int], departments: Mapping[str, int]
) -> dict[str, Metric]:
    stored = {found.key: found for found in Metric.objects.filter(key__in=list(document.metrics))}
    new = [
        _filled(Metric(key=entry.key), entry, people, departments)
        for entry in document.metrics.values()
        if entry.key not in stored
    ]
    Metric.objects.bulk_create(new)
    metrics = Metric.objects.in_bulk(list(document.metrics), field_name="key")
    for key, entry in document.metrics.items():
        metric = _filled(metrics[key], entry, people, departments)
        counter = metrics.get(entry.counter_metric)
        metric.counter_metric_id = counter.pk if counter else None
        metric.retired_on = None
    Metric.objects.bulk_update(metrics.values(), [*_names(OF_METRICS), "retired_on"])
    return metrics


def _filled(
    metric: Metric, entry: MetricEntry, people: Mapping[str, int], departments: Mapping[str, int]
) -> Metric:
    for name in PLAIN:
        setattr(metric, name, getattr(entry, name))
    for name in PEOPLE:
        setattr(metric, f"{name}_id", people.get(getattr(entry, name)))
    metric.department_id = departments[entry.department]
    return metric


def _store_around(metric: Metric, entry: MetricEntry, departments: Mapping[str, int]) -> None:
    """What hangs on the metric: consumers, actions, and how it is counted."""
    metric.consumers.set([departments[name] for name in entry.consumers])
    metric.actions.exclude(text__in=entry.actions).delete()
    known = set(metric.actions.values_list("text", flat=True))
    ControlAction.objects.bulk_create(
        ControlAction(metric=metric, text=text) for text in entry.actions if text not in known
    )
    if entry.counting:
        count_so(metric, entry.counting)
    else:
        metric.versions.in_force().update(is_in_force=False)


def _store_links(
    document: MapDocument, metrics: Mapping[str, Metric], people: Mapping[str, int]
) -> None:
    drawn = {(link.child_id, link.parent_id): link for link in Link.objects.all()}
    new, kept = [], []
    for entry in document.links.values():
        ends = (metrics[entry.child].pk, metrics[entry.parent].pk)
        link = drawn.pop(ends, None) or Link(**dict(zip(ENDS, ends, strict=True)))
        for name in PLAIN_OF_LINKS:
            setattr(link, name, getattr(entry, name))
        link.asserted_by_id = people.get(entry.asserted_by)
        (kept if link.pk else new).append(link)
    Link.objects.filter(pk__in=[link.pk for link in drawn.values()]).delete()
    Link.objects.bulk_create(new)
    Link.objects.bulk_update(kept, _names(OF_LINKS))


def _names(columns: Iterable[str]) -> list[Any]:
    return [name.removesuffix("_id") for name in columns]
