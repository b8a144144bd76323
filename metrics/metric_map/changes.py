"""What a map administrator does, each with its line in the audit. Call within changing_map()."""

from customers.models import AuditEvent, User
from metrics.indicators.counting import Counting, count_so
from metrics.models import Link, Metric

LONGEST = AuditEvent._meta.get_field("about").max_length


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
