"""Who can take a part in a target: how much a step of theirs brings, and how far they may go.

Steps are counted in achievable ones, as everywhere on the map, so that points, pounds and orders
can stand beside each other. Worth is cautious: three quarters of the draws are better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import copysign, inf

from metrics.effects.roll_up import Arrow, Spread, spread, total_effects
from metrics.indicators.reading import Reading, readings_of
from metrics.metric_map.evidence.taking import with_findings
from metrics.metric_map.graph import MetricMap, read_map
from metrics.metric_map.worth.arrows import arrows_of, periods_a_year
from metrics.metric_map.worth.driver_steps import driver_steps
from metrics.metric_map.worth.gradient import gradient_of
from metrics.metric_map.worth.partials import partials_of
from metrics.metric_map.worth.steps import level_of
from metrics.models import Metric, MetricVersion, MetricWorth, RollUp

USUAL_EFFORT = 3
SEEN = (MetricWorth.StepBasis.BEST_QUARTER, MetricWorth.StepBasis.TARGET)

ONLY_WATCHED = "Nobody here can move them; they are only watched."
NO_FIGURES = "They have no figures yet, so nobody would see them move."
NOT_KNOWN = "What they are worth, or how far they can move, is not known yet."
DOUBTFUL = "It is not sure enough that they help: seen cautiously, they bring nothing."


@dataclass(frozen=True)
class Asked:
    """room: how many achievable steps each may go. efforts: by the metric's key, 1 to 5."""

    goal: Metric
    amount: float
    metrics: frozenset[int]
    efforts: Mapping[str, int]
    room: float


@dataclass(frozen=True)
class LeftOut:
    why: str
    metrics: list[Metric]


@dataclass(frozen=True)
class Candidate:
    """gain: what one achievable step brings the goal, cautiously; expected: by the slopes."""

    reading: Reading
    level: float
    worth: MetricWorth
    gain: float
    expected: float
    most: float
    effort: int


@dataclass(frozen=True)
class Field:
    """Everybody who can take a part, the most worth first, and who cannot, by reason.

    through: for each metric between, how many of its own achievable steps one step of each
    candidate makes, by the candidate's place.
    """

    goal: Reading
    candidates: list[Candidate]
    left_out: list[LeftOut]
    through: dict[Metric, dict[int, float]]


def field_of(asked: Asked, roll_up: RollUp) -> Field:
    """By the map as it stands and the worths of this roll-up, in a constant number of queries."""
    graph = with_findings(read_map(Metric.objects.on_the_map()))
    readings = {one.metric.pk: one for one in readings_of(graph.metrics.values())}
    worths = {row.metric_id: row for row in roll_up.worths.all()}
    arrows = _arrows(graph, readings, asked, roll_up)
    found = spread(arrows, asked.goal.pk)
    candidates, left_out = _candidates(graph, readings, worths, found, asked)
    through = _through(candidates, worths, arrows, found, graph)
    return Field(readings[asked.goal.pk], candidates, left_out, through)


def _arrows(
    graph: MetricMap, readings: Mapping[int, Reading], asked: Asked, roll_up: RollUp
) -> list[Arrow]:
    """As the roll-up has them. The top's own gradient is only asked for where the top is it."""
    versions = MetricVersion.objects.in_force().filter(metric__in=graph.metrics)
    ready = {one.metric_id: one for one in versions.prefetch_related("measures")}
    is_top = asked.goal.level == Metric.Level.BOARD
    gradient = gradient_of(roll_up.valuation) if is_top else {}
    partials = partials_of(graph, ready, readings)
    steps = driver_steps(graph, ready, readings)
    return arrows_of(graph, gradient, periods_a_year(ready), partials, steps).known


def _candidates(
    graph: MetricMap,
    readings: Mapping[int, Reading],
    worths: Mapping[int, MetricWorth],
    found: Mapping[int | str, Spread],
    asked: Asked,
) -> tuple[list[Candidate], list[LeftOut]]:
    """Who can take a part, the most worth first; and who cannot, by reason."""
    sign = _good_side(asked.goal, worths.get(asked.goal.pk))
    candidates: list[Candidate] = []
    refused: dict[str, list[Metric]] = {}
    for key in _below(graph, asked.goal):
        metric, reading, worth = graph.metrics[key], readings[key], worths.get(key)
        if key not in asked.metrics or metric.level < Metric.Level.HEAD:
            continue
        why = _why_not(reading, worth, found.get(key))
        if not why:
            steps = found[key].times(worth.step * sign)
            level = level_of(reading)
            effort = asked.efforts.get(metric.key, USUAL_EFFORT)
            most = _most(reading.version, level, worth.step, asked.room)
            one = Candidate(reading, level, worth, steps.cautious, steps.effect, most, effort)
            if one.gain > 0 and most > 0:
                candidates.append(one)
                continue
            why = DOUBTFUL
        refused.setdefault(why, []).append(metric)
    candidates.sort(key=lambda one: (-one.gain, one.reading.metric.key))
    return candidates, [LeftOut(why, metrics) for why, metrics in refused.items()]


def _why_not(reading: Reading, worth: MetricWorth | None, known: Spread | None) -> str:
    if reading.metric.control == Metric.Control.NONE:
        return ONLY_WATCHED
    if reading.last is None:
        return NO_FIGURES
    return "" if worth and worth.step and known else NOT_KNOWN


def _through(
    candidates: Sequence[Candidate],
    worths: Mapping[int, MetricWorth],
    arrows: list[Arrow],
    found: Mapping[int | str, Spread],
    graph: MetricMap,
) -> dict[Metric, dict[int, float]]:
    """Only where it is known how far that metric has been, and more than itself moves it."""
    places = {one.reading.metric.pk: place for place, one in enumerate(candidates)}
    caps: dict[Metric, dict[int, float]] = {}
    for parent in found:
        worth = worths.get(parent) if parent in graph.metrics else None
        if worth is None or not worth.step or worth.step_basis not in SEEN:
            continue
        effects = total_effects(arrows, parent)
        weights = {
            place: effects[key] * candidates[place].worth.step / worth.step
            for key, place in places.items()
            if key in effects
        }
        weights = {place: weight for place, weight in weights.items() if weight > 0}
        if weights:
            caps[graph.metrics[parent]] = weights | (
                {places[parent]: 1.0} if parent in places else {}
            )
    return caps


def _below(graph: MetricMap, goal: Metric) -> list[int]:
    """All that lead to the goal, in the order of the map."""
    reached, open_ones = {goal.pk}, [goal.pk]
    while open_ones:
        for link in graph.links_down.get(open_ones.pop(), []):
            if link.child_id not in reached:
                reached.add(link.child_id)
                open_ones.append(link.child_id)
    return [key for key in graph.metrics if key in reached and key != goal.pk]


def _good_side(goal: Metric, worth: MetricWorth | None) -> float:
    if goal.level == Metric.Level.BOARD or goal.direction == Metric.Direction.UP:
        return 1.0
    if goal.direction == Metric.Direction.DOWN:
        return -1.0
    return copysign(1.0, worth.step) if worth and worth.step else 1.0


def _most(version: MetricVersion, level: float, step: float, room: float) -> float:
    """Steps, so that no share goes beyond 100% and nothing that is above 0 goes below."""
    bound = 0.0 if step < 0 else 100.0 if version.unit.startswith("%") else inf
    return min(room, max(0.0, (bound - level) / step)) if level >= 0 else room
