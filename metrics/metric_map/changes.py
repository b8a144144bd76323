"""What a map administrator does, each with its line in the audit. Call within changing_map()."""

from customers.models import AuditEvent, User
from metrics.indicators.counting import Counting, count_so
from metrics.indicators.starting import create_starting_metrics
from metrics.metric_map.starting_links import create_starting_links
from metrics.models import Link, Metric

LONGEST = AuditEvent._meta.get_field("about").max_length


def start_map(by: User) -> None:
    """Fill an empty map with the metrics that purchases can answer; a map in use stays as it is."""
    if Metric.objects.exists():
        return
    metrics = create_starting_metrics()
    create_starting_links()
    _tell(f"Began the map with {len(metrics)} metrics", by)


def save_metric(metric: Metric, counting: Counting, by: User) -> None:
    """Store the metric, and a new version of it where it is counted differently than before."""
    is_new = metric.pk is None
    metric.save()
    is_recounted = count_so(metric, counting)
    if is_new:
        told = f"Added metric {metric}"
    elif is_recounted:
        told = f"Changed how metric {metric} is counted"
    else:
        told = f"Changed metric {metric}"
    _tell(told, by)


def remove_metric(metric: Metric, by: User) -> None:
    """Take the metric off the map, with its versions, figures and links."""
    metric.delete()
    _tell(f"Removed metric {metric}", by)


def save_link(link: Link, by: User) -> None:
    told = "Drew" if link.pk is None else "Changed"
    link.save()
    _tell(f"{told} link from {link}", by)


def remove_link(link: Link, by: User) -> None:
    link.delete()
    _tell(f"Removed link from {link}", by)


def _tell(about: str, by: User) -> None:
    AuditEvent.objects.create(actor=by, verb=AuditEvent.Verb.CHANGED_MAP, about=about[:LONGEST])
