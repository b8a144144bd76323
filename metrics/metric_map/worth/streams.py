"""What each link carries: the money of one step of its lower metric that goes up through it."""

from collections.abc import Mapping
from typing import NamedTuple

from metrics.metric_map.graph import MetricMap
from metrics.metric_map.worth.arrows import periods_a_year, slope_of
from metrics.metric_map.worth.partials import partials_below
from metrics.models import Link, MetricVersion, MetricWorth


class Stream(NamedTuple):
    """Money at the top, and 5 and 95 in 100 of it, all without sign."""

    gain: float
    low: float
    high: float


Streams = Mapping[tuple[int, int], Stream]


def streams_of(graph: MetricMap, worths: Mapping[int, MetricWorth]) -> Streams:
    """The stream of each link whose lower metric's worth is known, in a constant number of queries.

    A metric that goes up by several links is split by what each of them is worth; its interval is
    split alike.
    """
    yearly = periods_a_year(_versions(graph))
    parting = [link for links in graph.links_up.values() if len(links) > 1 for link in links]
    exact, streams = partials_below(graph, parting), {}
    for key, links in graph.links_up.items():
        worth = worths.get(key)
        if worth is None or worth.gain is None or not worth.per_unit:
            continue
        for link, share in _shares(links, worth.per_unit, worths, (yearly, exact)):
            bounds = sorted((share * worth.gain_low, share * worth.gain_high))
            gain = abs(share * worth.gain)
            low, high = bounds if share * worth.gain >= 0 else (-bounds[1], -bounds[0])
            streams[key, link.parent_id] = Stream(gain, max(low, 0.0), max(high, gain))
    return streams


def _shares(
    links: list[Link],
    per_unit: float,
    worths: Mapping[int, MetricWorth],
    known: tuple[Mapping[int, float], Mapping[tuple[int, int], float]],
) -> list[tuple[Link, float]]:
    """The part of a metric's worth that each link carries; the top's driver takes what is left."""
    if len(links) == 1:
        return [(links[0], 1.0)]
    shares: list[tuple[Link, float]] = []
    left, direct = 1.0, None
    for link in links:
        parent = worths.get(link.parent_id)
        if link.driver or link.kind == Link.Kind.RISK:
            direct = link
            continue
        slope = slope_of(link, *known)
        if slope is not None and parent and parent.per_unit is not None:
            share = slope * parent.per_unit / per_unit
            shares.append((link, share))
            left -= share
    return [*shares, (direct, left)] if direct else shares


def _versions(graph: MetricMap) -> dict[int, MetricVersion]:
    versions = MetricVersion.objects.in_force().filter(metric__in=graph.metrics)
    return {one.metric_id: one for one in versions.prefetch_related("measures")}
