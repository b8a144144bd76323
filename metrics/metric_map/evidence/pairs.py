"""Which pairs of metrics are looked at: the map's leading links, and links that may be missing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from metrics.effects.evidence.linking import Names
from metrics.metric_map.graph import MetricMap, read_map
from metrics.metric_map.words import within
from metrics.models import Link, Metric, MetricVersion

Level = Metric.Level
HAVE_DATA = (MetricVersion.Way.COUNTED, MetricVersion.Way.REPORTED, MetricVersion.Way.DERIVED)


@dataclass(frozen=True)
class Pair:
    """Two metrics as they are counted now. link: None where the map has none between them.

    beside: what else the map holds to move the parent, and is not moved by the child itself. Late
    goods bring tickets and bad answers: a ticket is not to be blamed for the answer.
    """

    child: MetricVersion
    parent: MetricVersion
    link: Link | None = None
    beside: tuple[MetricVersion, ...] = ()

    @property
    def key(self) -> tuple[int, int]:
        return self.child.metric_id, self.parent.metric_id

    @property
    def names(self) -> Names:
        child, parent = self.child.metric.name, within(self.parent.metric.name)
        return Names(child, parent, self.child.grain, "month")

    @property
    def lags(self) -> tuple[int, ...]:
        """Months to try: the delay that was agreed, else the next month and the quarter after."""
        days = self.link.lag_days if self.link else 30
        if days < 15:
            return 0, 1
        return tuple(sorted({1, 3, max(1, round(days / 30.44))}))


def pairs_to_look_at() -> list[Pair]:
    """Leading links first, then every cause of the lower levels with every customer outcome.

    Where a way leads from one to the other already, the data would only find that way again.
    """
    graph = read_map(Metric.objects.on_the_map())
    versions = {
        one.metric_id: one
        for one in MetricVersion.objects.in_force()
        .filter(metric__in=graph.metrics, way__in=HAVE_DATA)
        .prefetch_related("measures__conditions")
    }
    for one in versions.values():
        one.metric = graph.metrics[one.metric_id]
    linked = [
        Pair(versions[link.child_id], versions[link.parent_id], link)
        for link in graph.links
        if link.kind == Link.Kind.LEADING
        and link.child_id in versions
        and link.parent_id in versions
    ]
    above = _above(graph)
    others = [
        pair
        for pair in _candidates(versions)
        if pair.parent.metric_id not in above[pair.child.metric_id]
    ]
    causes = defaultdict(list)
    for pair in linked:
        causes[pair.parent.metric_id].append(pair.child)
    return [
        replace(pair, beside=tuple(_beside(pair, causes[pair.parent.metric_id], above)))
        for pair in linked + others
    ]


def _beside(
    pair: Pair, causes: Iterable[MetricVersion], above: Mapping[int, set[int]]
) -> Iterator[MetricVersion]:
    moved = above[pair.child.metric_id] | {pair.child.metric_id}
    return (one for one in causes if one.metric_id not in moved)


def _above(graph: MetricMap) -> dict[int, set[int]]:
    """All metrics that each one leads to."""
    above: dict[int, set[int]] = {}
    for key in reversed(graph.upward()):
        parents = [link.parent_id for link in graph.links_up.get(key, [])]
        above[key] = set(parents).union(*(above[parent] for parent in parents))
    return above


def _candidates(versions: dict[int, MetricVersion]) -> Iterator[Pair]:
    """A formula's parts move it by definition, so derived metrics are no candidates."""
    counted = [one for one in versions.values() if one.way != MetricVersion.Way.DERIVED]
    for parent in counted:
        if parent.metric.level != Level.OUTCOME:
            continue
        for child in counted:
            if child.metric.level > Level.OUTCOME:
                yield Pair(child, parent)
