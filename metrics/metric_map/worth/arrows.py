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
NO_LEVEL = "What is kept in a year follows from its level, which is not known yet."
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
    partials: Mapping[tuple[int, int], float],
    steps: Mapping[int, float | None],
) -> Arrows:
    """The arrows of the map. yearly: periods a year of each metric that is a flow, 1 elsewhere.

    A driver's slope comes from the gradient (steps: how many of the driver's one unit is, by
    link), an identity's from the formula of the metric above where it has one (partials: by child
    and parent), else from the link.
    """
    known: list[Arrow] = []
    links: dict[tuple[int | str, int | str], Link] = {}
    unknown: dict[int, str] = {}
    for link in graph.links:
        slope = _slope(link, gradient, yearly, partials, steps)
        if slope is None:
            unknown[link.pk] = _why(link, gradient)
            continue
        is_risk = link.kind == Link.Kind.RISK
        is_exact = link.is_identity or bool(link.driver and not is_risk)
        se = 0.0 if is_exact else doubt_of(link) * turn_of(link, yearly)
        parent = DISCOUNT if is_risk else link.parent_id
        lags = (link.lag_days, max(link.lag_days, link.longest_lag_days or 0))
        known.append(Arrow(link.child_id, parent, slope, se, lags, is_exact))
        links[link.child_id, parent] = link
    rate = gradient.get(Link.Driver.DISCOUNT)
    if rate is not None and graph.top:
        known.append(Arrow(DISCOUNT, graph.top.pk, rate, exact=True))
    return Arrows(known, links, unknown)


def doubt_of(link: Link) -> float:
    """The standard error of a belief. One whose doubt nobody has stated may as well be nothing.

    Nobody is certain of a belief, so a doubt of 0 is none stated.
    """
    return link.se or abs(link.slope or 0.0)


def slope_of(
    link: Link, yearly: Mapping[int, float], partials: Mapping[tuple[int, int], float]
) -> float | None:
    """Of a link below the top, between figures as they are shown; None where it is not known."""
    if link.is_identity and (link.child_id, link.parent_id) in partials:
        return partials[link.child_id, link.parent_id]
    return None if link.slope is None else link.slope * turn_of(link, yearly)


def turn_of(link: Link, yearly: Mapping[int, float]) -> float:
    """From what is told by the year to figures by the period. The top is no flow."""
    is_top = bool(link.driver) or link.kind == Link.Kind.RISK
    return yearly.get(link.child_id, 1.0) / (1.0 if is_top else yearly.get(link.parent_id, 1.0))


def _slope(
    link: Link,
    gradient: Mapping[str, float | None],
    yearly: Mapping[int, float],
    partials: Mapping[tuple[int, int], float],
    steps: Mapping[int, float | None],
) -> float | None:
    """The same of any link."""
    if link.kind == Link.Kind.RISK:
        is_known = gradient.get(Link.Driver.DISCOUNT) is not None and link.slope is not None
        return link.slope * turn_of(link, yearly) if is_known else None
    if link.driver:
        pull, step = gradient.get(link.driver), steps[link.pk]
        return None if pull is None or step is None else pull * step * turn_of(link, yearly)
    return slope_of(link, yearly, partials)


def periods_a_year(versions: Mapping[int, MetricVersion]) -> dict[int, float]:
    """Of each metric that is a flow: how many of its periods make a year."""
    return {
        key: PERIODS_A_YEAR[version.grain] for key, version in versions.items() if is_flow(version)
    }


def is_flow(version: MetricVersion) -> bool:
    """Whether its figures add up over time, and are not told by the year."""
    return version.scale == 1 and adds_up(version)


def adds_up(version: MetricVersion) -> bool:
    """Whether periods of it can be added: a count or a sum, not divided, of what happens."""
    sides = {measure.side: measure for measure in version.measures.all()}
    numerator = sides.get(Measure.Side.NUMERATOR)
    is_whole = numerator is not None and Measure.Side.DENOMINATOR not in sides
    if not is_whole or numerator.aggregate == Measure.Aggregate.MEDIAN:
        return False
    source = SOURCES.get(numerator.source)
    return source is not None and not source.is_state


def _why(link: Link, gradient: Mapping[str, float | None]) -> str:
    is_risk = link.kind == Link.Kind.RISK
    if is_risk and link.slope is not None:
        return UNKNOWN[Link.Driver.DISCOUNT]
    if link.driver and not is_risk:
        is_told = gradient.get(link.driver) is not None
        return NO_LEVEL if is_told else UNKNOWN[Link.Driver(link.driver)]
    child, parent = within(link.child.name), within(link.parent.name)
    return f"Nobody has said yet how strongly {child} moves {parent}."
