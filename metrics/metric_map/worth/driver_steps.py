"""How many steps of a driver at the top one unit of a metric is: its sign, its points, its time.

The drivers go by the year: a point of twelve-month retention, cash a customer and year, newcomers
a year. A metric says in its unit over which time it is told.
"""

import re
from collections.abc import Mapping

from metrics.indicators.reading import Reading
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.worth.arrows import PERIODS_A_YEAR, is_flow
from metrics.metric_map.worth.steps import level_of
from metrics.models import Link, Metric, MetricVersion

DAY = MetricVersion.Grain.DAY
TIMES_A_YEAR = {**PERIODS_A_YEAR, "year": 1.0, "dai": PERIODS_A_YEAR[DAY]}
"""By "week" of "a week" and of "weekly"; "daily" has a stem of its own."""
IN_POINTS = (Link.Driver.KEEP, Link.Driver.DISCOUNT)
OF_A_YEAR = (Link.Driver.CASH, Link.Driver.ACQUIRE)


def driver_steps(
    graph: MetricMap, versions: Mapping[int, MetricVersion], readings: Mapping[int, Reading]
) -> dict[int, float | None]:
    """By the link of each driver; None where a retention is told by less than a year, and its
    level, from which the year's follows, is not known."""
    return {
        link.pk: _steps(link, versions.get(link.child_id), readings.get(link.child_id))
        for link in graph.links
        if link.driver and link.kind != Link.Kind.RISK
    }


def times_a_year(unit: str) -> float | None:
    """How often the time that a unit names passes in a year: 12 for "% a month"; None for none."""
    words = re.findall(r"[a-z]+", unit.lower())
    named = (TIMES_A_YEAR.get(word.removesuffix("ly")) for word in words)
    return next((times for times in named if times), None)


def _steps(link: Link, version: MetricVersion | None, reading: Reading | None) -> float | None:
    side = _side(link)
    if version is None:
        return side
    times = times_a_year(version.unit) or 1.0
    if link.driver in OF_A_YEAR and not is_flow(version):
        return side * times
    if link.driver not in IN_POINTS:
        return side
    points = 100.0 if version.scale == 1 and version.unit.startswith("share") else 1.0
    if link.driver != Link.Driver.KEEP or times == 1:
        return side * points
    kept = _kept(link.child, version, reading)
    return None if kept is None else side * points * times * kept ** (times - 1)


def _kept(metric: Metric, version: MetricVersion, reading: Reading | None) -> float | None:
    """The share kept over the time that it is told by; over a year it is that to the power of how
    often the time passes, so that a point of it is worth that power's derivative."""
    level = level_of(reading) if reading and reading.figures else metric.base
    if level is None:
        return None
    share = level / 100 if version.unit.startswith("%") else level
    return min(max(1 - share if metric.direction == Metric.Direction.DOWN else share, 0.0), 1.0)


def _side(link: Link) -> float:
    """-1 for a metric of which less is better and whose driver is better the more: lost, not kept.

    More to pay for a newcomer, and a higher discount rate, lower the top by themselves.
    """
    has_own_sign = link.driver in (Link.Driver.WINNING, Link.Driver.DISCOUNT)
    is_down = link.child.direction == Metric.Direction.DOWN
    return -1.0 if is_down and not has_own_sign else 1.0
