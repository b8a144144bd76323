"""A map that is there at once: one to start from, or one from a file. Within changing_map()."""

from django.db.models import Max
from django.utils import timezone

from customers.models import User
from metrics.metric_map.audit import tell
from metrics.metric_map.changing.applying import apply
from metrics.metric_map.document import Difference, MapDocument, written
from metrics.metric_map.starting import Starting, starting_document
from metrics.models import MapEdition, Metric


def start_map(by: User | None, starting: Starting = Starting.PURCHASES) -> None:
    """Fill an empty map with one to start from; a map in use, or begun, stays as it is."""
    if Metric.objects.exists() or MapEdition.objects.open():
        return
    document = starting_document(starting)
    publish_at_once(document, by, "The map to start from")
    tell(f"Began the map with {len(document.metrics)} metrics", by)


def publish_at_once(document: MapDocument, by: User | None, reason: str) -> list[Difference]:
    """Put this map into force as an edition that nobody signed; gives what changed.

    by: None for the command line. Raises UnusableDocument for people who are not here.
    """
    changed = apply(document, by)
    last = MapEdition.objects.aggregate(last=Max("number", default=0))["last"]
    MapEdition.objects.create(
        number=last + 1,
        state=MapEdition.State.PUBLISHED,
        document=written(document),
        reason=reason,
        begun_by=by,
        published_at=timezone.now(),
    )
    return changed
