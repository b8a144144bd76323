"""From every metric to the top: what a unit and a step are worth, how surely, and how soon."""

from datetime import date

from django.db import IntegrityError, transaction

from customers.models import Company
from metrics.effects.roll_up import DRAWS, Spread, arrival, doubt, spread
from metrics.effects.routes import double_routes
from metrics.effects.sensitivity import smallest_that_matters
from metrics.indicators.reading import Reading, readings_of
from metrics.metric_map.alerts.openings import tell_openings
from metrics.metric_map.alerts.raising import raise_alerts
from metrics.metric_map.evidence.taking import with_findings
from metrics.metric_map.graph import MetricMap, read_map
from metrics.metric_map.paths import best_paths
from metrics.metric_map.worth.arrows import Arrows, arrows_of, periods_a_year
from metrics.metric_map.worth.driver_steps import driver_steps
from metrics.metric_map.worth.gradient import costs_untold, gradient_of
from metrics.metric_map.worth.left_out import left_out
from metrics.metric_map.worth.partials import partials_of
from metrics.metric_map.worth.steps import notice, step_of
from metrics.models import (
    DataRequest,
    EvidenceRun,
    FigureRun,
    MapEdition,
    Metric,
    MetricVersion,
    MetricWorth,
    RollUp,
    Valuation,
)

NO_VALUATION = "There is no valuation yet, so nothing is worth anything in money."
NO_WAY = "No way leads from here to the top of the map."
LONGEST_WHY = MetricWorth._meta.get_field("unknown").max_length
LONGEST_LEFT_OUT = MetricWorth._meta.get_field("leaves_out").max_length


def due_roll_up() -> RollUp | None:
    """A new roll-up, waiting, where valuation, figures, map or evidence changed; else None."""
    facts = {
        "figures": FigureRun.objects.last_done(),
        "valuation": Valuation.objects.in_force(),
        "edition": MapEdition.objects.in_force(),
    }
    last = RollUp.objects.order_by("pk").last()
    if facts["figures"] is None or (last and last.is_going_on):
        return None
    evidence = EvidenceRun.objects.filter(status=RollUp.Status.DONE).order_by("pk").last()
    is_newer = evidence and last and evidence.ended_at and evidence.ended_at > last.asked_at
    if last and not is_newer and all(getattr(last, name) == facts[name] for name in facts):
        return None
    try:
        with transaction.atomic():
            return RollUp.objects.create(status=RollUp.Status.WAITING, **facts)
    except IntegrityError:
        return None


def run(roll_up: RollUp) -> None:
    """Compute all worths, then raise what the figures show. Safe to run again at any point."""
    if roll_up.is_over:
        return
    graph = with_findings(read_map(Metric.objects.on_the_map()))
    roll_up.begin(len(graph.metrics))
    worths = worths_of(graph, roll_up.valuation)
    company = Company.objects.current()
    with transaction.atomic():
        roll_up.worths.all().delete()
        for worth in worths:
            worth.roll_up = roll_up
        MetricWorth.objects.bulk_create(worths)
        roll_up.finish(
            as_of=_as_of(roll_up), currency=company.currency, draws=DRAWS, steps_done=len(worths)
        )
        if roll_up.figures:
            raise_alerts(roll_up.figures)
            tell_openings(roll_up)


def worths_of(graph: MetricMap, valuation: Valuation | None) -> list[MetricWorth]:
    """The worth of every metric of this map but the top, not stored yet."""
    metrics = [metric for metric in graph.metrics.values() if metric != graph.top]
    if valuation is None or graph.top is None:
        return [MetricWorth(metric=metric, unknown=NO_VALUATION) for metric in metrics]
    readings = {one.metric.pk: one for one in readings_of(graph.metrics.values())}
    versions = _versions(graph)
    partials = partials_of(graph, versions, readings)
    steps = driver_steps(graph, versions, readings)
    arrows = arrows_of(graph, gradient_of(valuation), periods_a_year(versions), partials, steps)
    found = spread(arrows.known, graph.top.pk)
    missing = left_out(graph, arrows, costs_untold(valuation))
    doubled = {pair.child for pair in double_routes(arrows.known, graph.top.pk)}
    materiality = float(Company.objects.current().materiality)
    rungs = {key: min((s.link.rung for s in path if not s.link.is_identity), default=None)
             for key, path in best_paths(graph).items()}  # fmt: skip
    worths = []
    for metric in metrics:
        known = found.get(metric.pk)
        if known is None:
            why = _why(graph, arrows, metric)
            worths.append(MetricWorth(metric=metric, unknown=why[:LONGEST_WHY]))
            continue
        worth = _worth(metric, known, readings[metric.pk], materiality)
        _add_delay_and_doubt(worth, arrows, graph.top.pk)
        worth.has_double_route = metric.pk in doubled and not _is_confirmed(graph, metric)
        worth.lowest_rung = rungs.get(metric.pk)
        worth.leaves_out = missing.get(metric.pk, "")[:LONGEST_LEFT_OUT]
        worths.append(worth)
    _add_enabled(worths)
    return worths


def _worth(metric: Metric, known: Spread, reading: Reading, materiality: float) -> MetricWorth:
    worth = MetricWorth(
        metric=metric,
        per_unit=known.effect,
        per_unit_low=known.low,
        per_unit_high=known.high,
        p_right=known.right_sign,
        smallest_change=smallest_that_matters(materiality, known.effect),
    )
    worth.periods_to_notice = notice(reading, worth.smallest_change)
    step = step_of(reading, known.effect, materiality)
    if step.size is not None:
        whole = known.times(step.size)
        worth.step, worth.step_basis = step.size, step.basis
        worth.gain, worth.gain_low, worth.gain_high = whole.effect, whole.low, whole.high
    return worth


def _add_delay_and_doubt(worth: MetricWorth, arrows: Arrows, top: int) -> None:
    node = worth.metric_id
    doubts = doubt(arrows.known, top, node, draws=4_000)
    if doubts and doubts[0].share > 0:
        arrow = doubts[0].arrow
        worth.doubtful_link = arrows.links.get((arrow.child, arrow.parent))
    try:
        coming = arrival(arrows.known, top, node)
    except ValueError:
        return
    worth.half_after_days, worth.whole_after_days = coming.half_on, coming.whole_on


def _add_enabled(worths: list[MetricWorth]) -> None:
    """What each enabling metric makes measurable: the steps of what its department delivered."""
    delivered = DataRequest.objects.filter(delivered_on__isnull=False)
    by_department: dict[int, set[int]] = {}
    for department, metric in delivered.values_list("department", "metric"):
        by_department.setdefault(department, set()).add(metric)
    gains = {worth.metric_id: max(worth.gain or 0.0, 0.0) for worth in worths}
    for worth in worths:
        if worth.metric.kind == Metric.Kind.ENABLING:
            own = by_department.get(worth.metric.department_id, set())
            worth.enables = sum(gains.get(metric, 0.0) for metric in own)


def _is_confirmed(graph: MetricMap, metric: Metric) -> bool:
    return all(link.are_distinct for link in graph.links_up.get(metric.pk, []))


def _why(graph: MetricMap, arrows: Arrows, metric: Metric) -> str:
    """The first link on its way up that carries no number."""
    path = best_paths(graph).get(metric.pk)
    if not path:
        return NO_WAY
    return next((arrows.unknown[s.link.pk] for s in path if s.link.pk in arrows.unknown), NO_WAY)


def _versions(graph: MetricMap) -> dict[int, MetricVersion]:
    versions = MetricVersion.objects.in_force().filter(metric__in=graph.metrics)
    return {one.metric_id: one for one in versions.prefetch_related("measures")}


def _as_of(roll_up: RollUp) -> date | None:
    return roll_up.valuation.as_of if roll_up.valuation else None
