"""The versions of a metric, the bridge between the last two, and who has agreed to it."""

from dataclasses import dataclass

from metrics.boards.worth import change_text
from metrics.indicators.behind.bridge import bridge
from metrics.indicators.words import period_text, value_text
from metrics.metric_map.agreement.parties import Needed, signatures_needed
from metrics.metric_map.document import stored_document
from metrics.models import Metric, MetricVersion

MOST_SPANS = 12


@dataclass(frozen=True)
class SpanLine:
    """One period by both versions, in words."""

    period: str
    old: str
    new: str
    difference: str


@dataclass(frozen=True)
class Versions:
    """versions: newest first; needed: each party's signature, given or missing."""

    versions: list[MetricVersion]
    bridge: list[SpanLine]
    needed: list[Needed]

    @property
    def missing(self) -> list[Needed]:
        return [one for one in self.needed if one.signature is None]


def versions_of(metric: Metric) -> Versions:
    versions = list(metric.versions.order_by("-number"))
    return Versions(versions, _bridge(metric, versions), _needed(metric))


def _bridge(metric: Metric, versions: list[MetricVersion]) -> list[SpanLine]:
    if len(versions) < 2:
        return []
    new = versions[0]
    return [
        SpanLine(
            period_text(new, span.ends_on),
            value_text(new, span.old),
            value_text(new, span.new),
            change_text(new, span.difference),
        )
        for span in bridge(metric)[-MOST_SPANS:][::-1]
    ]


def _needed(metric: Metric) -> list[Needed]:
    document = stored_document()
    if metric.key not in document.metrics:
        return []
    return signatures_needed(document, [metric.key])
