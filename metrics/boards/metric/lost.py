"""How many customers left because of what a metric counts, and how many a step would keep."""

from dataclasses import dataclass

from metrics.boards.worth import Worth
from metrics.drawing.spans import Span, spans
from metrics.indicators.reading import Reading
from metrics.metric_map.words import within
from metrics.metric_map.worth.steps import level_of
from metrics.models import CustomersLost, EvidenceRun, Metric


@dataclass(frozen=True)
class Losses:
    """kept: whole customers whom the step would have kept; 0 where there is no step, or nobody."""

    row: CustomersLost
    because_of: str
    kept: int
    span: Span | None


def losses_of(metric: Metric, worth: Worth | None, reading: Reading) -> Losses | None:
    """As the newest evidence run counted them; None where it had nothing to say."""
    newest = EvidenceRun.objects.filter(status=EvidenceRun.Status.DONE).order_by("-pk")
    row = CustomersLost.objects.filter(metric=metric, run=newest.values("pk")[:1]).first()
    if row is None:
        return None
    kept = round(row.lost * _share(worth, reading))
    (span,) = spans([(row.lost_low, row.lost, row.lost_high)])
    return Losses(row, within(metric.name), kept, span)


def _share(worth: Worth | None, reading: Reading) -> float:
    """Of what happens now, that which one step takes away: 0 to 1."""
    step = worth.row.step if worth and worth.gain else None
    level = level_of(reading) if reading.figures else 0.0
    if step is None or step >= 0 or level <= 0:
        return 0.0
    return min(1.0, -step / level)
