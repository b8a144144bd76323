"""How many customers left because of what a metric counts: late deliveries, wrong invoices.

The roll-up says what a step is worth on average. This counts customer by customer, since those to
whom such things happen are in more danger than the mean one.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import numpy as np

from metrics.effects.evidence.impact import Lost, lost_in_a_year
from metrics.effects.roll_up import product_spread
from metrics.metric_map.evidence.lasting import ACTS, ANSWERS, source_of
from metrics.metric_map.evidence.looking import Looking
from metrics.metric_map.evidence.measures import is_of_purchases, keeps_customers
from metrics.models import CustomersLost, EvidenceRun, Finding, Measure, Metric, MetricVersion

Way = tuple[Finding, Finding]
DAYS_A_WINDOW = 30
TOLD_FROM = 1.0
"""Customers: less than one is nobody."""


def count_losses(run: EvidenceRun, looking: Looking) -> None:
    """Store, for each metric of bad events, how many left because of them; safe to run again.

    Only along two links that customers bear out: the events move what customers say or do, and
    that shows in who leaves.
    """
    run.customers_lost.all().delete()
    ways = _ways(run)
    versions = MetricVersion.objects.in_force().filter(metric__in=ways)
    versions = versions.select_related("metric").prefetch_related("measures__conditions")
    CustomersLost.objects.bulk_create(
        row
        for version in versions.order_by("metric_id")
        if counts_bad_events(version)
        and (row := _lost_by(version, ways[version.metric_id], run, looking))
    )


def counts_bad_events(version: MetricVersion) -> bool:
    """Whether it is a share of events of which none at all is best, that customers live through."""
    sides = {measure.side for measure in version.measures.all()}
    is_share = version.way == MetricVersion.Way.COUNTED and version.scale == 100
    if not is_share or Measure.Side.DENOMINATOR not in sides:
        return False
    is_lived = source_of(version) not in ANSWERS | ACTS and not is_of_purchases(version)
    is_bad = version.metric.direction == Metric.Direction.DOWN
    return is_bad and is_lived and not keeps_customers(version)


def _ways(run: EvidenceRun) -> dict[int, Way]:
    """By metric, the clearest of its ways: others would tell of the same leavers again."""
    links = list(
        run.findings.filter(verdict=Finding.Verdict.LINK, own_slope__isnull=False).order_by("pk")
    )
    clearest: dict[int, Way] = {}
    for way in sorted(_pairs(links), key=_clarity):
        clearest[way[0].child_id] = way
    return clearest


def _pairs(links: Iterable[Finding]) -> Iterator[Way]:
    leaving = [one for one in links if one.method == Finding.Method.SURVIVAL]
    for first in links:
        if first.method == Finding.Method.PANEL:
            yield from ((first, then) for then in leaving if then.child_id == first.parent_id)


def _log_hazard(way: Way) -> tuple[float, float]:
    """Of leaving, for one unit of the metric that the way begins at, and its standard error."""
    first, then = way
    return product_spread(first.own_slope, first.own_se, then.own_slope, then.own_se)


def _clarity(way: Way) -> float:
    slope, se = _log_hazard(way)
    return slope / se if se else 0.0


def _lost_by(
    version: MetricVersion, way: Way, run: EvidenceRun, looking: Looking
) -> CustomersLost | None:
    first, then = (round(one.lag_days / DAYS_A_WINDOW) for one in way)
    lives = looking.lives_with(version, first)
    found = lost_in_a_year(lives, *_log_hazard(way), first + then) if lives else None
    if found is None or found.lost < TOLD_FROM:
        return None
    return _row(found, version, run, looking)


def _row(found: Lost, version: MetricVersion, run: EvidenceRun, looking: Looking) -> CustomersLost:
    """Of all customers, where only some of them were looked at."""
    leavers = round(looking.facts.stands_for * found.leavers)
    each = leavers / found.leavers
    return CustomersLost(
        run=run,
        metric=version.metric,
        until=_last_day(looking.facts.known_span.first, found.last),
        lost=each * found.lost,
        lost_low=each * found.low,
        lost_high=each * found.high,
        leavers=leavers,
    )


def _last_day(first: date, month: int) -> date:
    """Of a month, counted from the first."""
    following = np.datetime64(first, "M") + month + 1
    return following.astype("datetime64[D]").item() - timedelta(1)
