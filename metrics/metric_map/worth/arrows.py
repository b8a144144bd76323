"""The stored map as arrows for the arithmetic, and why some of its links carry no number.

Slopes of links are told by the year wherever a metric is a flow (a count or sum a period): 0.1
new customers a year for one more prospect a year. Figures are by the period, so that a step of
one more a week is 52 a year.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from metrics.effects.roll_up import Arrow
from metrics.indicators.sources import SOURCES
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.words import within
from metrics.metric_map.worth.gradient import UNKNOWN
from metrics.models import Link, Measure, MetricVersion

DISCOUNT = "discount"
PERIODS_A_YEAR = {
    MetricVersion.Grain.DAY: 365.25,
    MetricVersion.Grain.WEEK: 365.25 / 7,
    MetricVersion.Grain.MONTH: 12.0,
    MetricVersion.Grain.QUARTER: 4.0,
}


@dataclass(frozen=True)
class Arrows:
    """Links with a number, links by their arrow's ends, and the sentence for each without one."""

    known: list[Arrow]
    links: dict[tuple[int | str, int | str], Link]
    unknown: dict[int, str]


def arrows_of(
    graph: MetricMap,
    gradient: Mapping[str, float | None],
    yearly: Mapping[int, float],
    partials: Mapping[tuple[int, int], float] | None = None,
) -> Arrows:
    """The arrows of the map. yearly: periods a year of each metric that is a flow, 1 elsewhere.

    A driver's slope comes from the gradient, an identity's from the formula of the metric above
    where that is derived (partials: by child and parent), else from the link.
    """
    exact = partials or {}
    known: list[Arrow] = []
    links: dict[tuple[int | str, int | str], Link] = {}
    unknown: dict[int, str] = {}
    rate = gradient.get(Link.Driver.DISCOUNT)
    for link in graph.links:
        if link.driver:
            slope, se, parent = gradient.get(link.driver), 0.0, link.parent_id
        elif link.kind == Link.Kind.RISK:
            slope, se, parent = (None if rate is None else link.slope), link.se or 0.0, DISCOUNT
        elif link.is_identity:
            slope, se = exact.get((link.child_id, link.parent_id), link.slope), 0.0
            parent = link.parent_id
        else:
            slope, se, parent = link.slope, link.se or 0.0, link.parent_id
        if slope is None:
            unknown[link.pk] = _why(link)
            continue
        turn = yearly.get(link.child_id, 1.0) / yearly.get(link.parent_id, 1.0)
        is_exact = link.is_identity or bool(link.driver)
        lags = (link.lag_days, max(link.lag_days, link.longest_lag_days or 0))
        known.append(
            Arrow(
                link.child_id, parent, slope * turn, 0.0 if is_exact else se * turn, lags, is_exact
            )
        )
        links[link.child_id, parent] = link
    if rate is not None and graph.top:
        known.append(Arrow(DISCOUNT, graph.top.pk, rate, exact=True))
    return Arrows(known, links, unknown)


def periods_a_year(versions: Mapping[int, MetricVersion]) -> dict[int, float]:
    """Of each metric that is a flow: how many of its periods make a year."""
    return {
        key: PERIODS_A_YEAR[version.grain] for key, version in versions.items() if is_flow(version)
    }


def is_flow(version: MetricVersion) -> bool:
    """Whether its figures add up over time: a count or a sum, not divided, not told by the year."""
    if version.way != MetricVersion.Way.COUNTED or version.scale != 1:
        return False
    sides = {measure.side: measure for measure in version.measures.all()}
    numerator = sides.get(Measure.Side.NUMERATOR)
    if numerator is None or Measure.Side.DENOMINATOR in sides:
        return False
    source = SOURCES.get(numerator.source)
    return source is not None and not source.is_state


def _why(link: Link) -> str:
    driver = link.driver or (Link.Driver.DISCOUNT if link.kind == Link.Kind.RISK else "")
    if driver and (link.driver or link.slope is not None):
        return UNKNOWN[Link.Driver(driver)]
    child, parent = within(link.child.name), within(link.parent.name)
    return f"Nobody has said yet how strongly {child} moves {parent}."
