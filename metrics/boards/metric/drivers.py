"""What drives a metric: the links that arrive at it, each with what it carries."""

from collections.abc import Mapping
from dataclasses import dataclass

from customers.models import User
from customers.templatetags.numbers import estimate
from metrics.boards.missing import Missing, missing_of
from metrics.boards.worth import EVIDENCE
from metrics.indicators.reading import readings_of
from metrics.indicators.steadiness import Verdict
from metrics.indicators.words import verdict_words
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.worth.streams import streams_of
from metrics.models import Link, Metric, MetricWorth
from metrics.policy import metrics_for


@dataclass(frozen=True)
class Driver:
    """carries: the money of one of its steps that goes through here; "" where not known.

    verdict: None where the reader may not see its figures; opens: whether they may.
    """

    link: Link
    carries: str
    share: float | None
    verdict: Verdict | None
    missing: Missing | None
    opens: bool

    @property
    def metric(self) -> Metric:
        return self.link.child

    @property
    def verdict_words(self) -> str:
        return verdict_words(self.verdict) if self.verdict else ""

    @property
    def evidence(self) -> str:
        return EVIDENCE[None if self.link.is_identity else self.link.rung][0]

    @property
    def rung(self) -> int:
        return EVIDENCE[None if self.link.is_identity else self.link.rung][1]


def drivers_of(
    metric: Metric,
    graph: MetricMap,
    worths: Mapping[int, MetricWorth],
    currency: str,
    user: User,
) -> list[Driver]:
    """What carries most first."""
    links = graph.links_down.get(metric.pk, [])
    if not links:
        return []
    streams = streams_of(graph, worths)
    gains = {link.pk: streams.get((link.child_id, link.parent_id)) for link in links}
    whole = sum(stream.gain for stream in gains.values() if stream)
    seen = {one.pk for one in metrics_for(user).filter(pk__in=[link.child_id for link in links])}
    readings = readings_of(link.child for link in links if link.child_id in seen)
    verdicts = {one.metric.pk: one.verdict for one in readings}
    missing = missing_of(link.child for link in links)
    drivers = [
        Driver(
            link=link,
            carries=estimate(gains[link.pk].gain, currency) if gains[link.pk] else "",
            share=gains[link.pk].gain / whole if gains[link.pk] and whole else None,
            verdict=verdicts.get(link.child_id),
            missing=missing.get(link.child_id),
            opens=link.child_id in seen,
        )
        for link in links
    ]
    return sorted(drivers, key=lambda one: (-(one.share or 0.0), one.metric.name))
