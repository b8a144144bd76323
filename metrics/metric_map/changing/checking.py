"""The rules that one change of a map would break: asked by forms, before it is in the draft."""

from metrics.metric_map.document import LinkEntry, MapDocument, MetricEntry, graph_of
from metrics.metric_map.documents.rules import refusals
from metrics.metric_map.rules import BrokenRule, rules_broken_by_metric


def broken_by_metric(document: MapDocument, entry: MetricEntry) -> list[BrokenRule]:
    """What this metric, put into the map, breaks that was not broken before.

    That a map has a top at all is asked when it is proposed: the first metric need not be it.
    """
    after = document.with_metric(entry)
    metric = next(one for one in graph_of(after).metrics.values() if one.key == entry.key)
    by_level = rules_broken_by_metric(graph_of(document), metric)
    others = [one for one in _newly_broken(document, after) if one.field != "level"]
    return [*by_level, *others]


def broken_by_link(
    document: MapDocument, entry: LinkEntry, stored: LinkEntry | None
) -> list[BrokenRule]:
    """The same of a link; stored: as the map has it, None for a new one."""
    if entry.child == entry.parent:
        return [BrokenRule("parent", "A metric cannot lead to itself.")]
    if stored is None and entry.ends in document.links:
        return [BrokenRule("parent", "These two metrics are linked already.")]
    return _newly_broken(document, document.with_link(entry))


def _newly_broken(before: MapDocument, after: MapDocument) -> list[BrokenRule]:
    known = {broken.sentence for broken in refusals(before)}
    found = {one.sentence: one for one in refusals(after) if one.sentence not in known}
    return list(found.values())
