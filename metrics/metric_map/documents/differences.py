"""What differs between two maps, in words; and what of a definition is material."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.utils.formats import date_format

from metrics.indicators.counting import Counted, Counting
from metrics.indicators.declaration import narrowed
from metrics.indicators.sources import SOURCES, Field, Kind
from metrics.metric_map.documents.entries import (
    LINK_FIELDS,
    METRIC_FIELDS,
    LinkEntry,
    MapDocument,
    MetricEntry,
)
from metrics.models import Link, Metric, MetricVersion

ADDED, REMOVED = "added", "removed"
MATERIAL = {"direction", "data_source", "target", "target_on"}
MATERIAL_OF_COUNTING = [name for name in Counting._fields if name != "decimals"]
MATERIAL_OF_LINKS = ("kind", "slope", "lag_days", "longest_lag_days", "driver")
COMPARISONS = {"eq": "is", "lt": "<", "lte": "≤", "gte": "≥", "gt": ">"}
COUNTED_AS = {
    "count": "number of",
    "distinct": "number of different",
    "sum": "sum of",
    "median": "median of",
}
SPOKEN = {
    "consumers": "departments that steer by it",
    "actions": "what its owner can do",
    "is_core": "of the core",
    "are_distinct": "is distinct",
    "numerator": "what is counted",
    "denominator": "out of what",
    "grain": "counted each",
    "way": "how it comes about",
    "direction": "what is better",
    "owner_title": "owner by title",
    "watch_note": "why somebody only watches it",
    "target_on": "day to reach the target by",
    "review_on": "day of its review",
    "expires_on": "day to look at it anew",
    "ripens_after_days": "days until a figure is final",
    "revision_days": "days in which late data count",
    "history_days": "days of data it needs",
    "counter_metric": "what would suffer from it",
    "data_source": "data source",
    "scale": "times",
    "asserted_by": "who says so",
}
CHOICES = {
    model: {field.name: dict(field.flatchoices) for field in model._meta.fields if field.choices}
    for model in (Metric, MetricVersion, Link)
}


@dataclass(frozen=True)
class Difference:
    """One field of one metric or link, before and after; or a whole one, added or removed.

    key: of the metric, for a link of the lower one; parent: of a link's upper one. A material
    difference takes back the signatures under the definition; one of wording does not.
    """

    key: str
    about: str
    field: str
    before: str
    after: str
    is_material: bool
    parent: str = ""

    @property
    def signed(self) -> str:
        """Who signs it: "to be signed", "signed by who joins", or "wording" that nobody signs."""
        if self.is_material:
            return "to be signed"
        joined = self._names(self.after) - self._names(self.before)
        return "signed by who joins" if joined else "wording"

    def _names(self, told: str) -> set[str]:
        """The departments in a list of those that steer by the metric; none in another field."""
        return set(told.split("; ")) - {""} if self.field == SPOKEN["consumers"] else set()

    @property
    def change(self) -> str:
        """Added, removed or changed."""
        return self.field if self.field in {ADDED, REMOVED} else "changed"

    @property
    def sentence(self) -> str:
        """ "Late deliveries: target from nothing to 5", "Late deliveries is added"."""
        if self.change != "changed":
            return f"{self.about} is {self.field}."
        before, after = self.before or "nothing", self.after or "nothing"
        return f"{self.about}: {self.field} from {before} to {after}."


def differences(before: MapDocument, after: MapDocument) -> list[Difference]:
    """All that differs, metrics first, in the order of the later map; none where they are equal.

    A metric that is added or removed is one difference, with all its fields.
    """
    return [*_of_metrics(before, after), *_of_links(before, after)]


def fingerprint(document: MapDocument, key: str) -> str:
    """What people sign: one value for all that is material in this metric, and in its links up.

    The same for the same definition, however it is worded and whoever owns it.
    """
    entry = document.metrics[key]
    told = {
        "key": key,
        **{name: getattr(entry, name) for name in sorted(MATERIAL)},
        "counting": entry.counting
        and {name: getattr(entry.counting, name) for name in MATERIAL_OF_COUNTING},
        "links": [
            [link.parent, *(getattr(link, name) for name in MATERIAL_OF_LINKS)]
            for link in document.links_up(key)
        ],
    }
    return sha256(json.dumps(told, default=_as_text, sort_keys=True).encode()).hexdigest()


def _of_metrics(before: MapDocument, after: MapDocument) -> Iterator[Difference]:
    for key, entry in after.metrics.items():
        old = before.metrics.get(key)
        if old is None:
            yield Difference(key, entry.name, ADDED, "", entry.name, True)
        elif old != entry:
            yield from _changed_metric(old, entry)
    for key, entry in before.metrics.items():
        if key not in after.metrics:
            yield Difference(key, entry.name, REMOVED, entry.name, "", True)


def _changed_metric(old: MetricEntry, new: MetricEntry) -> Iterator[Difference]:
    for name in METRIC_FIELDS:
        was, is_now = getattr(old, name), getattr(new, name)
        if was != is_now:
            label = _label(Metric, name)
            told = _told(Metric, name, was), _told(Metric, name, is_now)
            yield Difference(new.key, new.name, label, *told, name in MATERIAL)
    for name in Counting._fields:
        was, is_now = getattr(old.counting, name, ""), getattr(new.counting, name, "")
        if was != is_now:
            label = _label(MetricVersion, name)
            told = _told(MetricVersion, name, was), _told(MetricVersion, name, is_now)
            yield Difference(new.key, new.name, label, *told, name in MATERIAL_OF_COUNTING)


def _of_links(before: MapDocument, after: MapDocument) -> Iterator[Difference]:
    for ends, link in after.links.items():
        old = before.links.get(ends)
        about = _ends(after, link)
        if old is None:
            yield Difference(link.child, about, ADDED, "", about, True, link.parent)
        elif old != link:
            for name in LINK_FIELDS:
                was, is_now = getattr(old, name), getattr(link, name)
                if was != is_now:
                    label = _label(Link, name)
                    told = _told(Link, name, was), _told(Link, name, is_now)
                    is_material = name in MATERIAL_OF_LINKS
                    yield Difference(link.child, about, label, *told, is_material, link.parent)
    for ends, link in before.links.items():
        if ends not in after.links:
            about = _ends(before, link)
            yield Difference(link.child, about, REMOVED, about, "", True, link.parent)


def _ends(document: MapDocument, link: LinkEntry) -> str:
    names = (
        document.metrics[key].name if key in document.metrics else key
        for key in (link.child, link.parent)
    )
    return "The link from {} to {}".format(*names)


def _label(model: type, name: str) -> str:
    if name in SPOKEN:
        return SPOKEN[name]
    return str(model._meta.get_field(name).verbose_name)


def _told(model: type, name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if spoken := CHOICES[model].get(name):
        return str(spoken.get(value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Counted):
        return _counted(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, date):
        return date_format(value)
    return "; ".join(value) if isinstance(value, tuple) else str(value)


def _counted(counted: Counted) -> str:
    """ "number of deliveries due, counting only what was late"."""
    source = SOURCES[counted.source]
    what = f"{COUNTED_AS[counted.aggregate]} "
    if counted.field:
        what = f"{what}{source.fields[counted.field].label} of "
    where = [
        (source.fields[name], _condition(source.fields[name], *told))
        for name, *told in counted.where
    ]
    return f"{what}{source.label}{narrowed(where)}"


def _condition(field: Field, comparison: str, value: Decimal) -> str:
    if field.kind is Kind.TRUTH:
        return field.label if value else field.denied
    return f"{field.label} {COMPARISONS[comparison]} {value.normalize():f}"


def _as_text(value: Decimal | date) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value.isoformat()
