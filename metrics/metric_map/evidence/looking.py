"""One pair of metrics looked at, from customers down to figures, told in the map's units."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from metrics.effects.evidence import decay
from metrics.effects.evidence.discovery import best_of
from metrics.effects.evidence.findings import Source, in_words, later
from metrics.effects.evidence.linking import UNTESTED, Evidence, Rows, weigh
from metrics.effects.evidence.survival import Lives
from metrics.indicators.periods import period_of
from metrics.metric_map.evidence.lasting import are_of_one_event, delivered, lasting, reach
from metrics.metric_map.evidence.leaving import Leavers
from metrics.metric_map.evidence.measures import (
    Facts,
    experiences_of,
    exposure_of,
    is_of_purchases,
    keeps_customers,
    outcome_of,
)
from metrics.metric_map.evidence.pairs import Pair
from metrics.metric_map.evidence.sites import Sites
from metrics.metric_map.words import one_of, units_of
from metrics.metric_map.worth.arrows import PERIODS_A_YEAR, is_flow
from metrics.models import Annotation, Figure, Measure, MetricVersion

Array = NDArray[np.float64]
SEASONS = {"week": 52, "month": 12, "quarter": 4}
DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91}


@dataclass(frozen=True)
class Seen:
    """What was found of a pair, and how its slope went over the quarters.

    reach: share of those measured that the child happens to at all. own: from customers, what one
    unit does to the one it happens to, in the parent's unit, and its standard error; of leaving,
    to the logarithm of the hazard.
    """

    evidence: Evidence
    lag_days: int
    quarters: list[tuple[date, float, float]] = field(default_factory=list)
    reach: float = 1.0
    own: tuple[float, float] | None = None


class Looking:
    """Looks at pairs of one company as of one day; what was read of a metric is kept."""

    def __init__(self, as_of: date) -> None:
        self.facts = Facts.until(as_of)
        self._leavers, self._sites = Leavers(self.facts), Sites(self.facts)
        self._exposures: dict[int, Array | None] = {}
        self._outcomes: dict[int, Array | None] = {}

    def at(self, pair: Pair) -> Seen | None:
        """The best source that has enough of the pair; None where none has anything."""
        found = [one for one in (self._by_customers(pair), self._by_sites(pair)) if one]
        if not found or all(one.evidence.verdict in UNTESTED for one in found):
            found += [one for one in (self._by_figures(pair),) if one]
        tested = [one for one in found if one.evidence.verdict not in UNTESTED]
        best = (tested or sorted(found, key=_missing))[:1]
        return _told(pair, best[0], self.facts) if best else None

    def lives_with(self, version: MetricVersion, lag: int) -> Lives | None:
        """Who leaves, beside what they lived through of a metric, as it is felt lag months later.

        None where no customer lived through it, or nobody could be seen leave.
        """
        lived = self._exposure(version)
        if lived is None:
            return None
        return self._leavers.lives(version, self._lasting(version, lived) if lag else lived)

    def _by_customers(self, pair: Pair) -> Seen | None:
        lived = self._exposure(pair.child)
        if lived is None:
            return None
        if keeps_customers(pair.parent):
            return self._by_lives(pair, lived)
        said = self._outcome(pair.parent)
        return None if said is None else self._best_lag(pair, lived, said)

    def _by_lives(self, pair: Pair, lived: Array) -> Seen | None:
        if is_of_purchases(pair.child):
            return None
        lives = self._leavers.lives(pair.child, self._lasting(pair.child, lived))
        if lives is None:
            return None
        found = weigh(pair.names, lives=lives, lags=[lag for lag in pair.lags if lag] or [1])
        return Seen(found, 30 * found.lag, own=found.log_hazard)

    def _best_lag(self, pair: Pair, lived: Array, said: Array) -> Seen:
        """Later, the last experience counts until the next, beside the others; in its own month
        only that month, of which the one may have brought the other."""
        looks, is_at_once = [], pair.link and are_of_one_event(pair.child, pair.parent)
        for lag in sorted({*pair.lags, 0} if is_at_once else pair.lags):
            own = self._lasting(pair.child, lived) if lag else lived
            panel = experiences_of(own, said, self.facts, self._beside(pair) if lag else {})
            looks.append((weigh(pair.names, panel=panel, lags=[lag]), panel))
        found, panel = min(looks, key=lambda look: (look[0].p, -_clarity(look[0])))
        found = replace(found, p=best_of([look.p for look, _ in looks]))
        quarters = []
        if found.verdict.is_link and (faded := decay.of_customers(panel, found.lag)):
            quarters = [(self._quarter(one.quarter), one.slope, one.se) for one in faded.quarters]
        share = reach(pair.child, panel.exposure, said, found.lag)
        own = None if found.slope is None or found.se is None else (found.slope, found.se)
        return Seen(found, 30 * found.lag, quarters, share, own)

    def _beside(self, pair: Pair) -> dict[str, Array]:
        """What else the customer lived through, that still counts."""
        known = {one.metric.key: (one, self._exposure(one)) for one in pair.beside}
        return {
            key: self._lasting(one, lived)
            for key, (one, lived) in known.items()
            if lived is not None
        }

    def _by_sites(self, pair: Pair) -> Seen | None:
        units = self._sites.between(pair.child, pair.parent)
        if units is None:
            return None
        found = weigh(pair.names, units=units, lags=pair.lags)
        return Seen(found, 30 * found.lag)

    def _by_figures(self, pair: Pair) -> Seen | None:
        """Of one grain only: a week cannot be laid beside a month."""
        grain = pair.child.grain
        if grain != pair.parent.grain:
            return None
        child, parent, starts = _aligned(pair)
        if len(starts) < 2:
            return None
        rows = Rows(
            child, parent, season=SEASONS.get(grain), steps=_steps(pair, starts)
        )  # fmt: skip
        found = weigh(replace(pair.names, period=grain), rows=rows)
        return Seen(found, DAYS[grain] * found.lag)

    def _lasting(self, version: MetricVersion, lived: Array) -> Array:
        return lasting(version, lived, self._delivered)

    @cached_property
    def _delivered(self) -> NDArray[np.bool_]:
        return delivered(self.facts)

    def _exposure(self, version: MetricVersion) -> Array | None:
        if version.pk not in self._exposures:
            self._exposures[version.pk] = exposure_of(version, self.facts)
        return self._exposures[version.pk]

    def _outcome(self, version: MetricVersion) -> Array | None:
        if version.pk not in self._outcomes:
            self._outcomes[version.pk] = outcome_of(version, self.facts)
        return self._outcomes[version.pk]

    def _quarter(self, number: int) -> date:
        """First day of the quarter's first month, counted from the first month looked at."""
        month = np.datetime64(self.facts.known_span.first, "M") + 3 * number
        return period_of("quarter", month.astype("datetime64[D]").item()).starts_on


def _clarity(one: Evidence) -> float:
    return abs(one.slope / one.se) if one.slope is not None and one.se else 0.0


def _missing(seen: Seen) -> float:
    missing = seen.evidence.missing
    return np.inf if missing is None else missing


def _told(pair: Pair, seen: Seen, facts: Facts) -> Seen:
    """The same with slopes as the map tells them: of totals, by the year for flows, with units."""
    one = seen.evidence
    if one.slope is None or one.se is None:
        return seen
    turn = seen.reach * yearly(pair.parent) / yearly(pair.child)
    if one.source is Source.SURVIVAL:
        turn *= float(keeps_customers(pair.parent))
    elif one.source is Source.PANEL:
        turn *= _total(pair.parent, facts) / _total(pair.child, facts)
    slope, se = turn * one.slope, abs(turn) * one.se
    window = "month" if one.source is not Source.SERIES else pair.child.grain
    sentence = in_words(
        one.verdict, child=one.child, parent=one.parent, slope=slope, se=se,
        when=later(one.lag, window) + ("" if one.is_lasting else ", for a while only"),
        missing=f"about {one.missing} more {window}s" if one.missing else "",
        one=one_of(pair.child.unit), many=units_of(pair.parent.unit),
    )  # fmt: skip
    told = replace(one, slope=slope, se=se, sentence=sentence)
    quarters = [(day, turn * each, abs(turn) * error) for day, each, error in seen.quarters]
    return replace(seen, evidence=told, quarters=quarters)


def yearly(version: MetricVersion) -> float:
    """How many of its periods make a year, where it is a flow; else 1."""
    return PERIODS_A_YEAR[version.grain] if is_flow(version) else 1.0


def _total(version: MetricVersion, facts: Facts) -> float:
    """Customers at a time, where the metric is a total of theirs; 1 for a rate and a median."""
    sides = {measure.side for measure in version.measures.all()}
    has_middle = any(one.aggregate == Measure.Aggregate.MEDIAN for one in version.measures.all())
    is_total = version.way == MetricVersion.Way.COUNTED and not has_middle
    if not is_total or Measure.Side.DENOMINATOR in sides:
        return 1.0
    return max(1.0, float(facts.is_customer.sum(axis=0).mean()))


def _aligned(pair: Pair) -> tuple[Array, Array, list[date]]:
    """The final figures of both, period by period, NaN where one has none."""
    figures: dict[int, dict[date, float]] = defaultdict(dict)
    for one in Figure.objects.filter(
        version__in=[pair.child.pk, pair.parent.pk], is_final=True
    ).with_value():
        figures[one.version_id][one.starts_on] = one.value
    both = [figures[pair.child.pk], figures[pair.parent.pk]]
    if not both[0] or not both[1]:
        return np.empty(0), np.empty(0), []
    day, last = max(min(one) for one in both), min(max(one) for one in both)
    starts = []
    while day <= last:
        starts.append(day)
        day = period_of(pair.child.grain, day).ends_on + timedelta(1)
    child, parent = (np.array([one.get(day, np.nan) for day in starts]) for one in both)
    return child, parent, starts


def _steps(pair: Pair, starts: Sequence[date]) -> list[int]:
    """Periods in which somebody has noted that something changed, but for the first and last."""
    noted = Annotation.objects.filter(metric__in=pair.key, day__gt=starts[0], day__lt=starts[-1])
    days = noted.values_list("day", flat=True).distinct()
    return sorted({int(np.searchsorted(np.array(starts), day, "right")) - 1 for day in days})
