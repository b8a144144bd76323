"""From a step of any metric to the top of the map: how much, how surely, and how soon.

The map comes as arrows between keys. The rates at which the top itself moves (its gradient, from
the value engine) are ordinary arrows into the top. A risk link is an arrow into a node that
stands for the discount rate, and one from there to the top; it never acts on the mean.

Effects are those of one unit of the metric upward; which direction is good, and what one
achievable step is, only the caller knows: `Spread.times`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from math import copysign, hypot, isfinite
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Node = int | str
Array = NDArray[np.float64]
Climbs = dict[Node, list["Arrow"]]

DRAWS = 20_000
SEED = 42
DAYS_IN_A_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Arrow:
    """A link: when the child rises by one of its units, the parent moves by slope of its own.

    se: standard error of the slope. lag_days: earliest and latest day of arrival. exact: true by
    definition (a partial derivative), not a belief; its se is 0.
    """

    child: Node
    parent: Node
    slope: float
    se: float = 0.0
    lag_days: tuple[int, int] = (0, 0)
    exact: bool = False

    def __post_init__(self) -> None:
        if not (isfinite(self.slope) and isfinite(self.se) and self.se >= 0):
            raise ValueError("a slope must be a number, its standard error one not below 0")
        if self.exact and self.se:
            raise ValueError("what is exact by definition has no standard error")
        if not 0 <= self.lag_days[0] <= self.lag_days[1]:
            raise ValueError("the lag must run from an earliest day to a latest, from 0 on")


@dataclass(frozen=True, slots=True)
class Spread:
    """What one unit of a metric does to the top, in the top's units.

    effect: by the slopes as they stand. low, middle, high: 5, 50 and 95 % of the draws, unless
    asked otherwise. cautious: three quarters of the draws are better, seen in the effect's own
    direction; may be on the other side of 0. right_sign: share of the draws with the effect's sign.
    """

    effect: float
    low: float
    middle: float
    high: float
    cautious: float
    right_sign: float

    @property
    def is_exact(self) -> bool:
        """Every way to the top is by definition, or known without error."""
        return self.low == self.high

    def times(self, step: float) -> "Spread":
        """The same for so many units; a negative step is one downward."""
        low, high = sorted((self.low * step, self.high * step))
        middle, cautious = self.middle * step, self.cautious * step
        return Spread(self.effect * step, low, middle, high, cautious, self.right_sign)


@dataclass(frozen=True, slots=True)
class Doubt:
    """By what share (0 to 1) the interval would shrink if this slope were known exactly."""

    arrow: Arrow
    share: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """Share of the whole effect that has arrived by the end of month 0, 1, 2 ... up to the last.

    Month 0 is the day itself. Ways of opposite sign can bring more than the whole in between.
    half_on, whole_on: the days from which on at least half, and all of it, are there.
    """

    shares: Array
    half_on: int
    whole_on: int

    @property
    def half_by(self) -> int:
        """The month from whose end on at least half of the effect is there."""
        missing = np.flatnonzero(self.shares < 0.5)
        return int(missing[-1]) + 1 if len(missing) else 0

    def discounted(self, yearly_rate: float) -> float:
        """What the whole effect is worth now, a share of it, if each part counts on arrival."""
        years = np.arange(len(self.shares)) / 12
        return float(np.diff(self.shares, prepend=0.0) @ (1 + yearly_rate) ** -years)


@dataclass(frozen=True, slots=True)
class SecondOrder:
    """The change of the top by its slope, and computed anew at the changed level."""

    linear: float
    exact: float

    @property
    def gap(self) -> float:
        return self.exact - self.linear


def total_effects(arrows: Sequence[Arrow], top: Node) -> dict[Node, float]:
    """What one unit of each metric does to the top, over all ways; only of those with a way.

    Column `top` of (I - B)^-1, B the slopes, by substitution from the top down: the sum over all
    ways of the product of their slopes. Raises graphlib.CycleError where the map is a circle.
    """
    effects = {top: 1.0}
    for node, ways in climbs(arrows, top).items():
        effects[node] = sum(arrow.slope * effects[arrow.parent] for arrow in ways)
    return {node: effect for node, effect in effects.items() if node != top}


def spread(
    arrows: Sequence[Arrow],
    top: Node,
    draws: int = DRAWS,
    seed: int = SEED,
    ends: tuple[float, float] = (0.05, 0.95),
) -> dict[Node, Spread]:
    """The total effects with their doubt: each slope drawn from Normal(slope, se), untruncated.

    Every arrow has random numbers of its own, so that a change of one link leaves the intervals
    of metrics that do not climb by it as they were. ends: of the interval, as shares.
    """
    ways_up = climbs(arrows, top)
    drawn = _effects(ways_up, top, _slopes(arrows, draws, seed))
    return {
        node: _spread(effect, drawn[node], ends)
        for node, effect in total_effects(arrows, top).items()
    }


def doubt(
    arrows: Sequence[Arrow], top: Node, node: Node, draws: int = DRAWS, seed: int = SEED
) -> list[Doubt]:
    """Which link carries the doubt about this metric: the one worth testing next comes first.

    Only links on a way from it, each taken as known in turn; empty where all are exact.
    Raises ValueError where the metric has no way to the top.
    """
    ways_up = _from(node, climbs(arrows, top))
    slopes = _slopes([arrow for ways in ways_up.values() for arrow in ways], draws, seed)
    rest, reached = _effects(ways_up, top, slopes), _reached(node, ways_up, slopes)
    width = _width(rest[node])
    if not width:  # nothing in doubt, or in doubt only below what moves nothing
        return []
    found = []
    for arrow, slope in slopes.items():
        if arrow.se:  # the effect is a straight line in each slope
            off = (slope - arrow.slope) * reached[arrow.child] * rest[arrow.parent]
            found.append(Doubt(arrow, max(0.0, 1 - _width(rest[node] - off) / width)))
    return sorted(found, key=lambda one: -one.share)


def arrival(arrows: Sequence[Arrow], top: Node, node: Node) -> Arrival:
    """When the effect of this metric on the top arrives.

    The lags along a way add up; an arrow's effect is spread evenly from its earliest to its
    latest day. Raises ValueError where the metric has no way to the top or its ways cancel out.
    """
    by_day: dict[Node, Array] = {top: np.ones(1)}
    for child, ways in _from(node, climbs(arrows, top)).items():
        parts = [_delayed(arrow, by_day[arrow.parent]) for arrow in ways]
        longest = max(len(part) for part in parts)
        by_day[child] = np.sum([np.pad(part, (0, longest - len(part))) for part in parts], axis=0)
    whole = by_day[node].sum()
    if abs(whole) < 1e-9 * np.abs(by_day[node]).sum() or whole == 0:
        raise ValueError("the ways to the top cancel each other: nothing arrives")
    months = int(np.ceil((len(by_day[node]) - 1) / DAYS_IN_A_MONTH))
    days = np.floor(np.arange(months + 1) * DAYS_IN_A_MONTH).astype(int)
    arrived = np.cumsum(by_day[node]) / whole
    half_on = int(np.flatnonzero(np.append(True, arrived < 0.5 - 1e-9))[-1])
    return Arrival(arrived[np.minimum(days, len(arrived) - 1)], half_on, len(arrived) - 1)


def second_order(value: Callable[[float], float], step: float, slope: float) -> SecondOrder:
    """How far the straight line is off: value gives the top when the metric has moved by so much.

    For large steps show the exact figure.
    """
    return SecondOrder(linear=slope * step, exact=value(step) - value(0.0))


def product_spread(a: float, se_a: float, b: float, se_b: float) -> tuple[float, float]:
    """The product of two independent slopes and its standard error.

    Var(ab) = a² se_b² + b² se_a² + se_a² se_b². Source: Goodman (1960), "On the exact variance of
    products".
    """
    return a * b, hypot(a * se_b, b * se_a, se_a * se_b)


def climbs(arrows: Sequence[Arrow], top: Node) -> Climbs:
    """Each metric with a way to the top, the nearest first, with its arrows on such ways.

    Raises ValueError where two arrows join the same metrics: their effects would count twice.
    """
    ways_up: Climbs = defaultdict(list)
    order: TopologicalSorter[Node] = TopologicalSorter({top: ()})
    joined = set()
    for arrow in arrows:
        if (arrow.child, arrow.parent) in joined:
            raise ValueError(f"two arrows lead from {arrow.child} to {arrow.parent}")
        joined.add((arrow.child, arrow.parent))
        order.add(arrow.child, arrow.parent)
        ways_up[arrow.child].append(arrow)
    found: Climbs = {top: []}
    for node in order.static_order():
        ways = [arrow for arrow in ways_up[node] if arrow.parent in found]
        if ways and node != top:
            found[node] = ways
    del found[top]
    return found


def _from(node: Node, ways_up: Climbs) -> Climbs:
    """What of the climbs can be reached from this metric, itself last."""
    if node not in ways_up:
        raise ValueError(f"{node} has no way to the top")
    reached = {node}
    for child in reversed(ways_up):
        if child in reached:
            reached |= {arrow.parent for arrow in ways_up[child]}
    return {child: ways for child, ways in ways_up.items() if child in reached}


def _slopes(arrows: Sequence[Arrow], draws: int, seed: int) -> dict[Arrow, Array]:
    """Draws of each slope; a single one where it is known."""
    slopes = {}
    for arrow in arrows:
        stream = np.random.default_rng([seed, crc32(f"{arrow.child}>{arrow.parent}".encode())])
        noise = stream.standard_normal(draws) if arrow.se else np.zeros(1)
        slopes[arrow] = arrow.slope + arrow.se * noise
    return slopes


def _effects(ways_up: Climbs, top: Node, slopes: Mapping[Arrow, Array]) -> dict[Node, Array]:
    """The total effects, draw by draw."""
    effects: dict[Node, Array] = {top: np.ones(1)}
    for node, ways in ways_up.items():
        effect = slopes[ways[0]] * effects[ways[0].parent]
        for arrow in ways[1:]:
            effect = effect + slopes[arrow] * effects[arrow.parent]
        effects[node] = effect
    return effects


def _reached(node: Node, ways_up: Climbs, slopes: Mapping[Arrow, Array]) -> dict[Node, Array]:
    """What one unit of this metric does to each one above it, draw by draw."""
    reached: dict[Node, Array] = {node: np.ones(1)}
    for child in reversed(ways_up):
        for arrow in ways_up[child]:
            step = slopes[arrow] * reached[child]
            reached[arrow.parent] = reached.get(arrow.parent, np.zeros(1)) + step
    return reached


def _spread(effect: float, drawn: Array, ends: tuple[float, float]) -> Spread:
    sign = copysign(1.0, effect)
    quarter = 0.25 if sign > 0 else 0.75
    low, middle, high, cautious = np.quantile(drawn, [ends[0], 0.5, ends[1], quarter]).tolist()
    return Spread(effect, low, middle, high, cautious, float(np.mean(drawn * sign > 0)))


def _width(drawn: Array) -> float:
    low, high = np.quantile(drawn, [0.05, 0.95])
    return float(high - low)


def _delayed(arrow: Arrow, by_day: Array) -> Array:
    earliest, latest = arrow.lag_days
    evenly = np.zeros(latest + 1)
    evenly[earliest:] = arrow.slope / (latest - earliest + 1)
    return np.convolve(evenly, by_day)
