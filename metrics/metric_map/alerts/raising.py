"""Which signals become alerts: once each, one a way up, no more than an owner's month allows."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Q

from metrics.indicators.reading import Reading, readings_of
from metrics.indicators.words import value_text
from metrics.metric_map.alerts.recipients import address, hold_back
from metrics.metric_map.graph import MetricMap, changing_map, read_map
from metrics.models import Alert, FigureRun, Link, Metric, MetricVersion

LONGEST_SENTENCE = Alert._meta.get_field("sentence").max_length
LONGEST_PATH = Alert._meta.get_field("path").max_length
LATE_PERIODS = 2
SLACK_DAYS = 92  # a signal is told when it is confirmed, some periods after it began
Sides = Mapping[tuple[int, date], bool]
"""Whether a metric's signal that began on a day is above its usual level."""
DAYS = {
    MetricVersion.Grain.DAY: 1,
    MetricVersion.Grain.WEEK: 7,
    MetricVersion.Grain.MONTH: 31,
    MetricVersion.Grain.QUARTER: 92,
}


def raise_alerts(run: FigureRun) -> list[Alert]:
    """Alerts for what the figures of this run show and nobody was told yet. Safe to run again."""
    with changing_map():
        graph = read_map()
        readings = {one.metric.pk: one for one in readings_of(graph.metrics.values())}
        found = [*_signals(readings), *_late(readings, run.as_of)]
        told = set(Alert.objects.values_list("metric", "kind", "period_on"))
        new = [one for one in found if (one.metric_id, one.kind, one.period_on) not in told]
        address(new, graph)
        Alert.objects.bulk_create(new)
        _mark_expected(new, graph, _sides(readings))
        hold_back([one for one in new if one.expected_from is None])
        return new


def _signals(readings: Mapping[int, Reading]) -> list[Alert]:
    alerts = []
    for reading in readings.values():
        signal = reading.judgement.current
        if signal is None or signal.confirmed_at is None:
            continue
        last = reading.final[signal.last]
        sentence = f"{reading.metric.name} {reading.happened}"
        if reading.metric.sensitive != Metric.Sensitive.STAFF:
            sentence += f": {value_text(reading.version, last.value)}"
        sentence = f"{sentence[: LONGEST_SENTENCE - 1]}."
        alerts.append(
            Alert(
                metric=reading.metric,
                kind=Alert.Kind.SIGNAL,
                period_on=reading.final[signal.first].starts_on,
                sentence=sentence,
            )
        )
    return alerts


def _late(readings: Mapping[int, Reading], as_of: date) -> list[Alert]:
    """Metrics whose last figure is older than two periods and what they need to ripen."""
    alerts = []
    for reading in readings.values():
        last, version = reading.last, reading.version
        if last is None or version is None:
            continue
        allowed = LATE_PERIODS * DAYS[version.grain] + version.ripens_after_days
        if as_of - last.ends_on > timedelta(allowed):
            alerts.append(
                Alert(
                    metric=reading.metric,
                    kind=Alert.Kind.LATE,
                    period_on=last.starts_on,
                    sentence=f"{reading.metric.name} has no figure since {last.ends_on:%d %b %Y}.",
                )
            )
    return alerts


def _sides(readings: Mapping[int, Reading]) -> Sides:
    return {
        (key, reading.final[signal.first].starts_on): signal.is_above
        for key, reading in readings.items()
        for signal in reading.judgement.signals
    }


def _mark_expected(new: Sequence[Alert], graph: MetricMap, sides: Sides) -> None:
    """Point each new alert to the one below it on a way up, of which it is the consequence."""
    open_signals = Alert.objects.filter(Q(acknowledged_at=None) | Q(pk__in=[a.pk for a in new]))
    known: dict[int, list[Alert]] = {}
    for one in open_signals.filter(kind=Alert.Kind.SIGNAL).order_by("-period_on", "pk"):
        known.setdefault(one.metric_id, []).append(one)
    for alert in new:
        if alert.kind != Alert.Kind.SIGNAL:
            continue
        cause = _cause(graph, alert, known, sides)
        if cause:
            Alert.objects.filter(pk=alert.pk).update(expected_from=cause)
            alert.expected_from = cause


def _cause(
    graph: MetricMap, alert: Alert, known: Mapping[int, Sequence[Alert]], sides: Sides
) -> Alert | None:
    """The alert of the lowest metric of which this is the consequence; None without one.

    It began no longer before than the delays of the way and a quarter more, and on the side that
    the slopes of the way say, where they are all known.
    """
    seen, cause = {alert.metric_id}, None
    edge = [(alert.metric_id, 0, _side(alert, sides))]
    while edge:
        below = [
            (link.child_id, days + (link.longest_lag_days or link.lag_days), side * _turn(link))
            for key, days, side in edge
            for link in graph.links_down.get(key, [])
        ]
        edge = [one for one in {one[0]: one for one in below}.values() if one[0] not in seen]
        seen.update(key for key, _, _ in edge)
        causes = [
            one
            for key, days, side in edge
            for one in known.get(key, [])
            if one.period_on >= alert.period_on - timedelta(days + SLACK_DAYS)
            and side * _side(one, sides) >= 0
        ]
        cause = causes[0] if causes else cause
    return cause


def _side(alert: Alert, sides: Sides) -> int:
    """1 above the usual level, -1 below; 0 where its figures tell no more."""
    is_above = sides.get((alert.metric_id, alert.period_on))
    return 0 if is_above is None else 1 if is_above else -1


def _turn(link: Link) -> int:
    """1 where both ends move the same way, -1 where against each other; 0 where nobody knows."""
    return 0 if not link.slope else 1 if link.slope > 0 else -1
