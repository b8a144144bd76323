"""How a metric with a formula moves with each metric of it, at the levels of today."""

from collections.abc import Iterable, Mapping

from metrics.indicators.figures.derived import constants
from metrics.indicators.formula import UnusableFormula, names_in, value_of
from metrics.indicators.reading import Reading, readings_of
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.worth.arrows import PERIODS_A_YEAR, is_flow
from metrics.metric_map.worth.steps import level_of
from metrics.models import Link, Metric, MetricVersion

STEP = 1e-4


def partials_of(
    graph: MetricMap, versions: Mapping[int, MetricVersion], readings: Mapping[int, Reading]
) -> dict[tuple[int, int], float]:
    """By child and parent: the partial derivative of each formula, by finite difference.

    The formula is that of a derived metric, or what a counted one is made of by definition. At
    the levels of the last quarter, else the bases, and between figures as they are shown: one
    order a week more is 4.3 a month. Where a level that it takes is not known, the pair is left
    out, and the slope that the map states stands.
    """
    keys = {metric.key: key for key, metric in graph.metrics.items()}
    known, found = constants(), {}
    for parent, version in versions.items():
        if not version.formula:
            continue
        levels = _levels(graph, versions, readings, version)
        for name, slope in _slopes(version.formula, levels | known).items():
            if name in keys:
                times = _times(versions.get(keys[name]), version)
                found[keys[name], parent] = slope * times
    return found


def value_today(
    graph: MetricMap,
    versions: Mapping[int, MetricVersion],
    readings: Mapping[int, Reading],
    version: MetricVersion,
) -> float | None:
    """What this version's formula comes to at the levels at which its partials are taken; None
    where one of them is not known."""
    levels = _levels(graph, versions, readings, version)
    known = {name: level for name, level in levels.items() if level is not None}
    try:
        return value_of(version.formula, known | constants())
    except UnusableFormula:
        return None


def partials_below(graph: MetricMap, links: Iterable[Link]) -> dict[tuple[int, int], float]:
    """The same of these links only, read anew in a constant number of queries."""
    parents = {link.parent_id for link in links if link.is_identity}
    if not parents:
        return {}
    stored = MetricVersion.objects.in_force().filter(metric__in=graph.metrics)
    versions = {one.metric_id: one for one in stored.prefetch_related("measures")}
    told = {key for key in parents & versions.keys() if versions[key].formula}
    if not told:
        return {}
    text = " ".join(versions[key].formula for key in told)
    named = [metric for metric in graph.metrics.values() if metric.key in text]
    readings = {one.metric.pk: one for one in readings_of(named)}
    found = partials_of(graph, versions, readings)
    return {ends: slope for ends, slope in found.items() if ends[1] in told}


def _levels(
    graph: MetricMap,
    versions: Mapping[int, MetricVersion],
    readings: Mapping[int, Reading],
    parent: MetricVersion,
) -> dict[str, float | None]:
    """Of every metric by its key, as the parent's formula takes it."""
    return {
        metric.key: _level(metric, readings.get(key), _times(versions.get(key), parent))
        for key, metric in graph.metrics.items()
    }


def _times(child: MetricVersion | None, parent: MetricVersion) -> float:
    """How many of the child's figures are added up in one of the parent's."""
    if child is None or not is_flow(child):
        return 1.0
    return max(1.0, PERIODS_A_YEAR[child.grain] / PERIODS_A_YEAR[parent.grain])


def _slopes(formula: str, levels: Mapping[str, float | None]) -> dict[str, float]:
    """By name; none where a name has no level, or the formula no value nearby."""
    try:
        names = names_in(formula)
        now = {name: level for name in names if (level := levels.get(name)) is not None}
        if len(now) < len(names):
            return {}
        slopes = {}
        for name in names:
            step = STEP * max(abs(now[name]), 1.0)
            above = value_of(formula, now | {name: now[name] + step})
            below = value_of(formula, now | {name: now[name] - step})
            if above is None or below is None:
                return {}
            slopes[name] = (above - below) / (2 * step)
        return slopes
    except UnusableFormula:
        return {}


def _level(metric: Metric, reading: Reading | None, times: float) -> float | None:
    return level_of(reading) * times if reading and reading.last else metric.base
