"""What the worth of a metric does not hold: ways up that nobody knows, and costs not entered."""

from collections.abc import Mapping

from metrics.effects.roll_up import total_effects
from metrics.indicators.words import number_word
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.worth.arrows import Arrows

LEAST_SHARE = 0.05
"""A cost that nobody entered is told where what it is missing from is this share of the worth."""

Links = frozenset[int]


def left_out(graph: MetricMap, arrows: Arrows, untold: Mapping[str, str]) -> dict[int, str]:
    """By metric, in sentences; no entry where all its ways up are known.

    untold: what a driver's step is told without.
    """
    sentences: dict[int, str] = {}
    for driver, sentence in untold.items():
        for key in _by_driver(graph, arrows, driver):
            sentences[key] = sentence
    for key, links in _unknown_above(graph, arrows.unknown).items():
        if links:
            told = _told([arrows.unknown[link] for link in arrows.unknown if link in links])
            sentences[key] = f"{sentences[key]} {told}" if key in sentences else told
    return sentences


def _by_driver(graph: MetricMap, arrows: Arrows, driver: str) -> list[int]:
    """The metrics of whose worth enough comes by this driver."""
    if graph.top is None:
        return []
    others = [
        arrow
        for arrow in arrows.known
        if (link := arrows.links.get((arrow.child, arrow.parent))) is None or link.driver != driver
    ]
    whole, rest = (total_effects(found, graph.top.pk) for found in (arrows.known, others))
    return [
        key
        for key in graph.metrics
        if key in whole and abs(whole[key] - rest.get(key, 0.0)) > LEAST_SHARE * abs(whole[key])
    ]


def _unknown_above(graph: MetricMap, unknown: Mapping[int, str]) -> dict[int, Links]:
    """The links without a number on the ways of each metric that has one."""
    if graph.top is None:
        return {}
    found: dict[int, Links] = {graph.top.pk: frozenset()}
    for key in reversed(graph.upward()):
        links = [one for one in graph.links_up.get(key, []) if one.parent_id in found]
        if links:
            own = frozenset(one.pk for one in links if one.pk in unknown)
            found[key] = own.union(*(found[one.parent_id] for one in links))
    return found


def _told(why: list[str]) -> str:
    ways = "way up is" if len(why) == 1 else "ways up are"
    number = number_word(len(why))
    return f"A part of it only: {number} more {ways} not known. {why[0]}"
