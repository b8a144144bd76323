"""Large maps, folded: what a department has at a level stands as one list, its links as one line.

A map of 150 metrics with a box for each is as wide as two desks and a half. As lists every name
can be read at once; one metric or one department is then drawn with every link of its own.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import NamedTuple

from metrics.drawing.map.rows import COLUMNED, Box
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.worth.streams import Stream, Streams
from metrics.models import Link, Metric

MOST_BOXES = 60  # metrics that are drawn with a box each

Ends = tuple[Hashable, Hashable]


class Bundle(NamedTuple):
    """The links that one line stands for, and what they carry together; None: not known."""

    links: list[Link]
    stream: Stream | None


def is_folded(graph: MetricMap) -> bool:
    return len(graph.metrics) > MOST_BOXES


def boxes_of(graph: MetricMap) -> list[Box]:
    """A box for each metric, or a list for each department and level of a large map."""
    if not is_folded(graph):
        return [
            Box(metric.pk, metric.name, metric.level, metric.department.name)
            for metric in graph.metrics.values()
        ]
    lists: dict[Hashable, list[Metric]] = defaultdict(list)
    for metric in graph.metrics.values():
        lists[_place(metric)].append(metric)
    return [
        Box(
            key,
            metrics[0].name,
            metrics[0].level,
            metrics[0].department.name,
            tuple((one.pk, one.name) for one in metrics) if isinstance(key, tuple) else (),
        )
        for key, metrics in lists.items()
    ]


def bundles_of(graph: MetricMap, streams: Streams) -> dict[Ends, Bundle]:
    """The lines to draw, by the keys of the boxes that they join; none within a list."""
    found: dict[Ends, list[Link]] = defaultdict(list)
    folded = is_folded(graph)
    for link in graph.links:
        child, parent = link.child, link.parent
        ends = (_place(child), _place(parent)) if folded else (child.pk, parent.pk)
        if ends[0] != ends[1]:
            found[ends].append(link)
    return {ends: Bundle(links, _together(links, streams)) for ends, links in found.items()}


def _place(metric: Metric) -> Hashable:
    """The key of the list that the metric stands in, or its own where it has a box."""
    return (metric.department_id, metric.level) if metric.level in COLUMNED else metric.pk


def _together(links: list[Link], streams: Mapping[tuple[int, int], Stream]) -> Stream | None:
    known = [streams.get((link.child_id, link.parent_id)) for link in links]
    carried = [stream for stream in known if stream]
    return Stream(*map(sum, zip(*carried, strict=True))) if carried else None
