"""What metrics say now: their figures, judged, and the last of them as people read it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from metrics.indicators.baselines import limits_by
from metrics.indicators.steadiness import Direction, Judgement, Verdict, judge
from metrics.indicators.words import happened, value_text, verdict_words
from metrics.models import Baseline, Figure, Metric, MetricVersion


@dataclass(frozen=True)
class Reading:
    """One metric with the figures of its version in force, oldest first, each with its value.

    baseline: the locked one that they are judged by; None while there are too few points.
    """

    metric: Metric
    version: MetricVersion | None = None
    figures: list[Figure] = field(default_factory=list)
    baseline: Baseline | None = None

    @cached_property
    def final(self) -> list[Figure]:
        """The figures that can be judged: those whose window has ripened."""
        return [figure for figure in self.figures if figure.is_final]

    @cached_property
    def judgement(self) -> Judgement:
        values = [figure.value for figure in self.final]
        direction = Direction(self.metric.direction)
        if self.baseline is None:
            return judge(values, direction)
        judged = judge(values, direction, limits_by(self.baseline))
        return replace(judged, baseline=len(self.baseline_figures))

    @property
    def baseline_figures(self) -> list[Figure]:
        """The final figures that the limits come from."""
        if self.baseline is None:
            return self.final[: self.judgement.baseline]
        since = [figure for figure in self.final if figure.starts_on >= self.baseline.first_on]
        return since[: self.baseline.points]

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict

    @property
    def verdict_words(self) -> str:
        return verdict_words(self.verdict)

    @property
    def last(self) -> Figure | None:
        """The newest final figure, else the newest preliminary one."""
        return (self.final or self.figures or [None])[-1]

    @property
    def last_text(self) -> str:
        """The last value with its unit's sign: £412, 7.4%, 351; a dash without figures."""
        return value_text(self.version, self.last.value) if self.last else "—"

    @property
    def happened(self) -> str:
        """What the current signal is, as a clause that follows a name; "" without one."""
        ends = [figure.ends_on for figure in self.final]
        return happened(self.judgement, self.version, ends) if self.version else ""

    def meanings(self) -> dict[int, Verdict]:
        """What each signal point means, by its place among the final figures; the latest wins."""
        direction = Direction(self.metric.direction)
        return {
            place: signal.meaning(direction)
            for signal in self.judgement.signals
            for place in signal.points
        }

    def extremes(self, most: int = 3) -> list[Figure]:
        """The figures farthest from the usual level, the farthest first; none without one."""
        limits = self.judgement.limits
        if limits is None:
            return []
        by_distance = sorted(self.final, key=lambda figure: -abs(figure.value - limits.centre))
        return by_distance[:most]


def readings_of(metrics: Iterable[Metric]) -> list[Reading]:
    """A reading of each metric, in their order, in three queries whatever their number."""
    metrics = list(metrics)
    in_force = MetricVersion.objects.in_force().filter(metric__in=metrics)
    versions = {version.metric_id: version for version in in_force}
    figures = defaultdict(list)
    counted = Figure.objects.filter(version__in=versions.values())
    for figure in counted.with_value().order_by("starts_on"):
        figures[figure.version_id].append(figure)
    locked = Baseline.objects.filter(version__in=versions.values(), is_in_force=True)
    baselines = {baseline.version_id: baseline for baseline in locked}
    return [_reading(metric, versions.get(metric.pk), figures, baselines) for metric in metrics]


def _reading(
    metric: Metric,
    version: MetricVersion | None,
    figures: Mapping[int, list[Figure]],
    baselines: Mapping[int, Baseline],
) -> Reading:
    if version is None:
        return Reading(metric)
    version.metric = metric
    return Reading(metric, version, figures[version.pk], baselines.get(version.pk))


def latest(metrics: Iterable[Metric]) -> dict[int, tuple[str, Verdict]]:
    """The last value as text, and the verdict, of each metric that has figures, by its key."""
    return {
        reading.metric.pk: (reading.last_text, reading.verdict)
        for reading in readings_of(metrics)
        if reading.last
    }
