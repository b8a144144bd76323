"""Process behaviour: the usual range of a metric, and what stands out from it.

Wheeler's XmR chart: limits come from the mean change between neighbouring periods, so that a
slow drift or a jump does not widen them. Within the limits, periods differ for no reason worth a
meeting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from itertools import groupby, pairwise
from math import ceil, inf, isclose, pi, sqrt
from statistics import NormalDist, fmean, median

LEAST_POINTS = 12
BASELINE_POINTS = 24
RECENT_POINTS = 4
RUN_LENGTH = 8
NEAR_A_LIMIT = (3, 4)  # three of four in a row

D2 = 2 / sqrt(pi)  # mean of the range of two standard normal values; tables round it to 1.128
D3 = sqrt(2 - D2**2)  # its standard deviation
D4 = sqrt(2) * NormalDist().inv_cdf(0.75)  # its median; tables round it to 0.954

LEAST_COUNT = 10


class Rule(IntEnum):
    """What counts as a signal."""

    OUTSIDE = 1
    ONE_SIDE = 2
    NEAR_LIMIT = 3


class Direction(Enum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"
    BAND = "band"
    NONE = "none"


class Verdict(Enum):
    """What the last periods say."""

    WORSE = "worse"
    BETTER = "better"
    SIGNAL = "signal"
    NOISE = "noise"
    LITTLE = "little"

    @property
    def is_signal(self) -> bool:
        return self in {Verdict.WORSE, Verdict.BETTER, Verdict.SIGNAL}


@dataclass(frozen=True)
class Limits:
    """The usual level and range, in the metric's unit. mean_range: the median, in that form."""

    centre: float
    lower: float
    upper: float
    mean_range: float
    range_limit: float


@dataclass(frozen=True)
class Signal:
    """The places of the points, in order, that break a rule on one side of the centre."""

    rule: Rule
    points: tuple[int, ...]
    is_above: bool

    @property
    def first(self) -> int:
        return self.points[0]

    @property
    def last(self) -> int:
        return self.points[-1]

    @property
    def confirmed_at(self) -> int | None:
        """From which place on it is worth a message: that of a point outside, else of a point
        after which the rule still holds when it held one period before; None: not yet."""
        if self.rule is Rule.OUTSIDE:
            return self.first
        holding = [place for place in self.points if self._holds_at(place)]
        return next((late for early, late in pairwise(holding) if late == early + 1), None)

    def _holds_at(self, place: int) -> bool:
        wanted, among = NEAR_A_LIMIT if self.rule is Rule.NEAR_LIMIT else (RUN_LENGTH, RUN_LENGTH)
        return sum(place - among < point <= place for point in self.points) >= wanted

    def meaning(self, direction: Direction) -> Verdict:
        if direction in {Direction.BAND, Direction.NONE}:
            return Verdict.SIGNAL
        return Verdict.BETTER if self.is_above == (direction is Direction.UP) else Verdict.WORSE


@dataclass(frozen=True)
class Judgement:
    """The verdict on the last points, and all that led to it.

    limits is None under twelve points. baseline: how many of the first points these come from;
    0 where they were given. current: the signal that the verdict speaks of.
    """

    verdict: Verdict
    limits: Limits | None
    baseline: int
    signals: tuple[Signal, ...]
    current: Signal | None


def judge(values: Sequence[float], direction: Direction, limits: Limits | None = None) -> Judgement:
    """What a row of figures says, oldest first.

    limits: those of a locked baseline, by which every point is judged however few there are.
    Without, they come from the first 24 points, or all but the last where there are not more than
    24, so that late points are judged by earlier ones. A signal is current while it reaches into
    the last four points; of several the latest counts, then the one of the first rule.
    A season has to be taken out before, where there is one: metrics.effects.season.
    """
    baseline = 0
    if limits is None:
        if len(values) < LEAST_POINTS:
            return Judgement(Verdict.LITTLE, None, 0, (), None)
        baseline = min(BASELINE_POINTS, len(values) - 1)
        limits = limits_of(values[:baseline])
    if not values:
        return Judgement(Verdict.LITTLE, limits, 0, (), None)
    signals = signals_in(values, limits)
    recent = [signal for signal in signals if signal.last >= len(values) - RECENT_POINTS]
    current = max(recent, key=lambda signal: (signal.last, -signal.rule), default=None)
    verdict = current.meaning(direction) if current else Verdict.NOISE
    return Judgement(verdict, limits, baseline, signals, current)


def limits_of(values: Sequence[float], d2: float = D2) -> Limits:
    """Mean ± 3 standard deviations, these estimated as the mean moving range over d2.

    values: at least two. d2: pass 1.128 to repeat a printed table.
    Source: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2.
    """
    centre, mean_range = fmean(values), fmean(moving_ranges(values))
    reach = 3 / d2 * mean_range
    return Limits(
        centre=centre,
        lower=centre - reach,
        upper=centre + reach,
        mean_range=mean_range,
        range_limit=(1 + 3 * D3 / D2) * mean_range,
    )


def median_limits_of(values: Sequence[float]) -> Limits:
    """The same from medians: median ± 3.145 median moving ranges, ranges up to 3.865 of them.

    For a baseline with a few wild points, which would widen the other limits for all the rest.
    Source: Wheeler (2010), "Understanding statistical process control"; exact factors.
    """
    centre, median_range = median(values), median(moving_ranges(values))
    reach = 3 / D4 * median_range
    return Limits(
        centre=centre,
        lower=centre - reach,
        upper=centre + reach,
        mean_range=median_range,
        range_limit=(D2 + 3 * D3) / D4 * median_range,
    )


def too_few_to_judge(counts: Sequence[float]) -> bool:
    """Whether so few things happen a period (on average under ten) that limits mean little."""
    return bool(counts) and fmean(counts) < LEAST_COUNT


def periods_to_join(counts: Sequence[float]) -> float:
    """How many periods to count as one for ten things in each; 1: as it is. inf: none happened,
    so only the days between two of them could be charted."""
    mean = fmean(counts)
    return max(1, ceil(LEAST_COUNT / mean)) if mean > 0 else inf


def moving_ranges(values: Sequence[float]) -> list[float]:
    """How much each value differs from the one before; one fewer than values."""
    return [abs(later - earlier) for earlier, later in pairwise(values)]


def signals_in(values: Sequence[float], limits: Limits) -> tuple[Signal, ...]:
    """All that breaks a rule, by its last point.

    1: a point outside the limits. 2: eight or more in a row on one side of the centre. 3: three
    of four in a row nearer the same limit than the centre; the point between may be elsewhere.
    """
    found = []
    for is_above, limit in ((True, limits.upper), (False, limits.lower)):
        outside = _beyond(values, limit, is_above)
        one_side = _beyond(values, limits.centre, is_above)
        near = _beyond(values, (limits.centre + limit) / 2, is_above)
        for rule, runs in (
            (Rule.OUTSIDE, _runs(outside, 1)),
            (Rule.ONE_SIDE, _runs(one_side, RUN_LENGTH)),
            (Rule.NEAR_LIMIT, _crowds(near, *NEAR_A_LIMIT)),
        ):
            found += [Signal(rule, points, is_above) for points in runs]
    return tuple(sorted(found, key=lambda signal: (signal.last, signal.rule, signal.first)))


def _beyond(values: Sequence[float], line: float, is_above: bool) -> list[bool]:
    """Which values lie clearly on that side of the line; equal but for rounding does not count."""
    return [
        (value > line) == is_above and not isclose(value, line, rel_tol=1e-9, abs_tol=1e-12)
        for value in values
    ]


def _runs(flags: Sequence[bool], at_least: int) -> list[tuple[int, ...]]:
    """The places of each unbroken row of true flags that is long enough."""
    stretches = groupby(range(len(flags)), key=flags.__getitem__)
    runs = [tuple(places) for flag, places in stretches if flag]
    return [run for run in runs if len(run) >= at_least]


def _crowds(flags: Sequence[bool], wanted: int, among: int) -> list[tuple[int, ...]]:
    """The places of the true flags in windows that hold enough of them; overlaps are joined."""
    crowds: list[set[int]] = []
    for start in range(len(flags) - among + 1):
        places = {place for place in range(start, start + among) if flags[place]}
        if len(places) < wanted:
            continue
        if crowds and places & crowds[-1]:
            crowds[-1] |= places
        else:
            crowds.append(places)
    return [tuple(sorted(crowd)) for crowd in crowds]
