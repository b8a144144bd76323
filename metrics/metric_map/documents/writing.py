"""A document as text: YAML in one order, without what goes without saying."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import yaml

from metrics.indicators.counting import Counted, Counting
from metrics.metric_map.documents.entries import (
    LINK_DEFAULTS,
    LINK_FIELDS,
    METRIC_DEFAULTS,
    METRIC_FIELDS,
    LinkEntry,
    MapDocument,
    MetricEntry,
)

NEEDED_OF_COUNTING = {"grain", "unit"}
LARGEST_WHOLE = 2**53


class _OneLine(dict):
    """A mapping that is written in one line."""


class _Dumper(yaml.CSafeDumper):
    pass


_Dumper.add_representer(
    _OneLine,
    lambda dumper, told: dumper.represent_mapping("tag:yaml.org,2002:map", told, flow_style=True),
)


def written(document: MapDocument) -> str:
    """The document as YAML, always the same for the same map."""
    metrics = sorted(document.metrics.values(), key=lambda m: (m.level, m.department, m.key))
    told = {
        "map": document.name,
        "metrics": {entry.key: _metric(entry) for entry in metrics},
        "links": [_link(document.links[ends]) for ends in sorted(document.links)],
    }
    return _dumped(told)


def written_metric(entry: MetricEntry) -> str:
    """One metric as YAML: its key, and all about it below."""
    return _dumped({entry.key: _metric(entry)})


def measure_in_yaml(counted: Counted) -> dict[str, Any]:
    """One side of a counting, as it stands in a document."""
    told: dict[str, Any] = {"source": counted.source, "aggregate": counted.aggregate}
    if counted.field:
        told["field"] = counted.field
    if counted.where:
        told["where"] = [
            f"{field} {comparison} {_number(value)}" for field, comparison, value in counted.where
        ]
    return told


def _dumped(told: dict[str, Any]) -> str:
    return yaml.dump(told, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _metric(entry: MetricEntry) -> dict[str, Any]:
    told = _unless_usual(entry, METRIC_FIELDS, METRIC_DEFAULTS)
    if entry.counting:
        told["counting"] = _counting(entry.counting)
    return told


def _link(entry: LinkEntry) -> dict[str, Any]:
    told = _unless_usual(entry, LINK_FIELDS, LINK_DEFAULTS)
    return _OneLine(child=entry.child, parent=entry.parent, **told)


def _counting(counting: Counting) -> dict[str, Any]:
    usual = Counting("", "", 1, 0, 0, 0)
    told: dict[str, Any] = {}
    for name in ("way", "formula", *Counting._fields):
        value = getattr(counting, name)
        if name in NEEDED_OF_COUNTING or value != getattr(usual, name):
            told[name] = _OneLine(measure_in_yaml(value)) if isinstance(value, Counted) else value
    return told


def _unless_usual(entry: Any, names: Iterable[str], usual: dict[str, Any]) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in names}
    return {name: _plain(value) for name, value in values.items() if value != usual[name]}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_WHOLE:
        return int(value)
    return value


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"
