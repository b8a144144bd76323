"""What the worth of a metric does not hold: ways up that nobody knows, and costs not entered."""

from collections.abc import Mapping

from metrics.indicators.words import number_word
from metrics.metric_map.graph import MetricMap

Gaps = frozenset[int | str]


def left_out(
    graph: MetricMap, unknown: Mapping[int, str], untold: Mapping[str, str]
) -> dict[int, str]:
    """By metric, in sentences; no entry where all its ways up are known.

    unknown: why links carry no number, by link; untold: what a driver's step is told without.
    """
    gaps = _gaps_above(graph, unknown, untold)
    return {key: _told(found, unknown, untold) for key, found in gaps.items() if found}


def _gaps_above(
    graph: MetricMap, unknown: Mapping[int, str], untold: Mapping[str, str]
) -> dict[int, Gaps]:
    """The unknown links and the untold drivers on the ways of each metric that has one."""
    if graph.top is None:
        return {}
    found: dict[int, Gaps] = {graph.top.pk: frozenset()}
    for key in reversed(graph.upward()):
        links = [one for one in graph.links_up.get(key, []) if one.parent_id in found]
        if links:
            above = [found[one.parent_id] for one in links]
            own = {one.pk for one in links if one.pk in unknown}
            drivers = {one.driver for one in links if one.driver in untold}
            found[key] = frozenset(own | drivers).union(*above)
    return found


def _told(found: Gaps, unknown: Mapping[int, str], untold: Mapping[str, str]) -> str:
    sentences = [untold[driver] for driver in untold if driver in found]
    links = [key for key in unknown if key in found]
    if links:
        ways = "way up is" if len(links) == 1 else "ways up are"
        number = number_word(len(links))
        sentences.append(f"A part of it only: {number} more {ways} not known. {unknown[links[0]]}")
    return " ".join(sentences)
