"""How a derived metric moves with each metric of its formula, at the levels of today."""

from collections.abc import Mapping

from metrics.indicators.formula import UnusableFormula, names_in, value_of
from metrics.indicators.reading import Reading
from metrics.metric_map.graph import MetricMap
from metrics.models import Metric, MetricVersion

STEP = 1e-4


def partials_of(
    graph: MetricMap, versions: Mapping[int, MetricVersion], readings: Mapping[int, Reading]
) -> dict[tuple[int, int], float]:
    """By child and parent: the partial derivative of each derived metric, by finite difference.

    At the last figures, else the bases. Where a level that it takes is not known, the pair is
    left out, and the slope that the map states stands.
    """
    levels = {
        metric.key: _level(metric, readings.get(key)) for key, metric in graph.metrics.items()
    }
    keys = {metric.key: key for key, metric in graph.metrics.items()}
    found = {}
    for parent, version in versions.items():
        if version.way != MetricVersion.Way.DERIVED:
            continue
        for name, slope in _slopes(version.formula, levels).items():
            if name in keys:
                found[keys[name], parent] = slope
    return found


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


def _level(metric: Metric, reading: Reading | None) -> float | None:
    return reading.last.value if reading and reading.last else metric.base
