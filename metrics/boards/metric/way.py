"""The way up in words and money: what one step does to each metric on it, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from customers.templatetags.numbers import estimate
from metrics.boards.worth import EVIDENCE, Worth, amount_text, change_text
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.paths import Path
from metrics.metric_map.words import within
from metrics.metric_map.worth.arrows import doubt_of, periods_a_year, slope_of, turn_of
from metrics.metric_map.worth.partials import partials_below
from metrics.models import Link, Metric, MetricVersion, MetricWorth

Z_95 = 1.6449
NOTHING_MUCH = 0.02


@dataclass(frozen=True)
class WayStep:
    """One metric on the way. change: "" where it is not known; link: the one that leaves it."""

    metric: Metric
    change: str
    between: str
    link: Link | None
    is_doubtful: bool = False

    @property
    def evidence(self) -> str:
        return EVIDENCE[None if self.link.is_identity else self.link.rung][0]

    @property
    def rung(self) -> int:
        return EVIDENCE[None if self.link.is_identity else self.link.rung][1]


@dataclass(frozen=True)
class Way:
    """other_ways: what of the whole comes by other ways than this one, as money, or ""."""

    steps: list[WayStep]
    other_ways: str = ""


def way_of(
    path: Path, worth: Worth | None, worths: Mapping[int, MetricWorth], graph: MetricMap
) -> Way:
    """The path from a metric to the top; empty for an empty path, in a few queries.

    The change of a metric between is the step times the slopes below it; its interval is that of
    a product of independent slopes. At the top stands what the whole step is worth, by all ways.
    """
    if not path:
        return Way([])
    versions = _versions(path)
    yearly, exact = periods_a_year(versions), partials_below(graph, [link for link, _ in path])
    doubtful = worth.row.doubtful_link_id if worth else None
    change, variance = worth.row.step if worth else None, 0.0
    steps, last = [], None
    for link, _ in path:
        version = versions.get(link.child_id)
        told, between = _told(version, change), _between(version, change, variance)
        steps.append(WayStep(link.child, told, between, link, link.pk == doubtful))
        last = change
        change, variance = _next(link, change, variance, (yearly, exact))
    gain, between = (worth.gain, worth.between) if worth else ("", "")
    steps.append(WayStep(path[-1].parent, gain, between, None))
    return Way(steps, _by_other_ways(worth, last, worths.get(path[-1].link.child_id)))


def _by_other_ways(worth: Worth | None, last: float | None, stored: MetricWorth | None) -> str:
    if worth is None or worth.row.gain is None:
        return ""
    if last is None:  # a link of this way carries no number
        return estimate(worth.row.gain, worth.currency)
    if stored is None or stored.per_unit is None:
        return ""
    rest = worth.row.gain - last * stored.per_unit
    if abs(rest) < NOTHING_MUCH * abs(worth.row.gain):
        return ""
    return estimate(rest, worth.currency)


def _next(
    link: Link,
    change: float | None,
    variance: float,
    known: tuple[Mapping[int, float], Mapping[tuple[int, int], float]],
) -> tuple[float | None, float]:
    """Of the metric above; the variance is that of the product of two independent numbers."""
    slope = slope_of(link, *known)
    if change is None or slope is None or link.driver:
        return None, 0.0
    doubt = 0.0 if link.is_identity else (doubt_of(link) * turn_of(link, known[0])) ** 2
    return change * slope, slope**2 * variance + change**2 * doubt + variance * doubt


def _told(version: MetricVersion | None, change: float | None) -> str:
    return change_text(version, change) if version and change is not None else ""


def _between(version: MetricVersion | None, change: float | None, variance: float) -> str:
    if version is None or change is None or not variance:
        return ""
    reach = Z_95 * sqrt(variance)
    bounds = sorted((change - reach, change + reach), key=abs)
    if bounds[0] * bounds[1] < 0:
        return " to ".join(_number(change_text(version, bound)) for bound in sorted(bounds))
    return " to ".join(_number(amount_text(version, bound)) for bound in bounds)


def _number(text: str) -> str:
    """An amount without its unit, which stands beside the change itself."""
    return text.split(" ")[0]


def doubt_sentence(worth: Worth | None) -> str:
    """Which link carries the doubt; "" where nothing is in doubt."""
    link = worth.row.doubtful_link if worth else None
    if link is None:
        return ""
    child, parent = within(link.child.name), within(link.parent.name)
    return f"Most of the doubt is in how strongly {child} moves {parent}."


def _versions(path: Path) -> dict[int, MetricVersion]:
    keys = {link.child_id for link, _ in path} | {parent.pk for _, parent in path}
    found = MetricVersion.objects.in_force().filter(metric__in=keys)
    return {version.metric_id: version for version in found.prefetch_related("measures")}
