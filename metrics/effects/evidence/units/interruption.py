"""What an initiative did to a metric, nobody having been drawn by lot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from metrics.effects.evidence.clusters import Array
from metrics.effects.evidence.figures.counterfactual import paths
from metrics.effects.evidence.findings import Z_95, Verdict, missing_for, signed
from metrics.effects.evidence.units.panel import within_units

LEAST_BEFORE, LEAST_AFTER = 20, 3
PLACEBO_DATES = 3
PATHS, PLACEBO_PATHS = 600, 250
FEW_TOUCHED = 5
SURPRISE, PLACEBO_SURPRISE = 0.05, 0.02


class StaggeredStart(ValueError):
    """Units were touched at different dates."""


@dataclass(frozen=True)
class Effect:
    """Actual less what would have been, mean over the periods after, in the metric's unit.

    low, high: of 95 in 100. p: chance of one so far from zero had nothing happened.
    """

    start: int
    effect: float
    se: float
    low: float
    high: float
    p: float

    @property
    def shows(self) -> bool:
        return self.p < SURPRISE


@dataclass(frozen=True)
class InitiativeFinding:
    """The effect with its rivals.

    by_period: (periods after, 3), effect with its 95 in 100, low, middle, high. placebo_dates: as
    if it had begun earlier, seen on the time before only. placebo_series: the same on each control.
    missing_periods: more periods after that would show an effect of the size seen; None where
    hopeless or beside the point.
    """

    effect: Effect
    by_period: Array
    placebo_dates: tuple[Effect, ...]
    placebo_series: tuple[Effect, ...]
    verdict: Verdict
    missing_periods: int | None

    def sentence(self, initiative: str, metric: str) -> str:
        """In plain English; names as they begin a sentence."""
        seen = self.effect
        between = f"(95 in 100: {signed(seen.low)} to {signed(seen.high)})"
        if self.verdict.is_link:
            return f"{initiative}: it moved {metric} by {signed(seen.effect)} {between}."
        if self.verdict is Verdict.PLACEBO:
            return f"{initiative}: no effect can be claimed, as a placebo shows one too."
        if self.verdict is Verdict.LITTLE:
            return f"{initiative}: there are too few periods before or after to see an effect."
        return f"{initiative}: no effect on {metric} is seen {between}."


def interrupted(
    values: ArrayLike,
    start: int,
    *,
    controls: ArrayLike | None = None,
    season: int | None = None,
    seed: int = 0,
) -> InitiativeFinding:
    """The effect of what began at period start on one metric.

    values: one figure a period, NaN where there is none. controls: (periods,) or (periods, k),
    metrics that it cannot have touched, without gaps. season: periods of a year; used where three
    seasons lie before, else the controls have to carry it. seed: of the paths.
    Raises ValueError where controls have gaps or another length.
    """
    y = np.asarray(values, np.float64)
    x = np.empty((len(y), 0)) if controls is None else np.asarray(controls, np.float64)
    x = x.reshape(len(x), -1)
    if len(x) != len(y) or not np.isfinite(x).all():
        raise ValueError("controls must be known in every period")
    if np.isfinite(y[:start]).sum() < LEAST_BEFORE or np.isfinite(y[start:]).sum() < LEAST_AFTER:
        unknown = Effect(start, 0.0, 0.0, 0.0, 0.0, 1.0)
        return InitiativeFinding(unknown, np.empty((0, 3)), (), (), Verdict.LITTLE, None)
    gaps = _gaps(y, start, x, season, PATHS, seed)
    found = _effect_of(gaps, start)
    dates = tuple(
        _effect_of(_gaps(y[:end], early, x[:end], season, PLACEBO_PATHS, seed), early)
        for early, end in _placebo_dates(start, len(y) - start)
        if np.isfinite(y[early:end]).any()
    )
    series = tuple(
        _effect_of(_gaps(column, start, others, season, PLACEBO_PATHS, seed), start)
        for column, others in _each_and_the_others(x)
    )
    verdict = _verdict(found, dates, series)
    after = len(gaps)
    missing = missing_for(found.effect, found.se, after) if verdict is Verdict.NOTHING else None
    return InitiativeFinding(
        effect=found,
        by_period=np.quantile(gaps, [0.025, 0.5, 0.975], axis=1).T,
        placebo_dates=dates,
        placebo_series=series,
        verdict=verdict,
        missing_periods=0 if verdict.is_link else (missing or None),
    )


def _each_and_the_others(x: Array) -> list[tuple[Array, Array]]:
    return [(column, np.delete(x, at, axis=1)) for at, column in enumerate(x.T)]


def _gaps(y: Array, start: int, x: Array, season: int | None, many: int, seed: int) -> Array:
    """(periods after with a figure, paths): actual less what might have been."""
    after = y[start:]
    might = paths(y[:start], x, len(after), season, many, seed)
    known = np.isfinite(after)
    return after[known, None] - might[known]


def _effect_of(gaps: Array, start: int) -> Effect:
    means = gaps.mean(axis=0)
    low, high = np.quantile(means, [0.025, 0.975])
    se = float(means.std(ddof=1))
    p = float(2 * stats.norm.sf(abs(means.mean()) / se))
    return Effect(start, float(means.mean()), se, float(low), float(high), p)


def _placebo_dates(start: int, after: int) -> list[tuple[int, int]]:
    """Earlier starts, and the end of the time looked at for each, all before the real start."""
    length = min(after, start // 3)
    if length < LEAST_AFTER or start - length < LEAST_BEFORE:
        return []
    starts = np.linspace(max(LEAST_BEFORE, start // 2), start - length, PLACEBO_DATES)
    return [(early, early + length) for early in sorted({int(at) for at in starts})]


def _verdict(found: Effect, dates: Sequence[Effect], series: Sequence[Effect]) -> Verdict:
    """A control that moved may show an effect or hide one; a date can only show one."""
    if _any_stands_out(series) or (found.shows and _any_stands_out(dates)):
        return Verdict.PLACEBO
    return Verdict.LINK if found.shows else Verdict.NOTHING


def _any_stands_out(placebos: Sequence[Effect]) -> bool:
    """Among all of them, not at one in twenty each."""
    return any(placebo.p * len(placebos) < PLACEBO_SURPRISE for placebo in placebos)


def untouched_units(
    outcome: ArrayLike, unit: ArrayLike, period: ArrayLike, start: ArrayLike
) -> tuple[Effect, Effect | None]:
    """Difference in differences against units left alone, and the same for a date before the start.

    outcome, unit, period (whole numbers): (rows,). start: (rows,), the period in which the row's
    unit was touched, NaN for units left alone. Clustered by unit; with fewer than five units on
    one side, by the spread of the units' own changes. The second effect is None where the time
    before is too short to ask. Raises StaggeredStart.
    """
    y, when = np.asarray(outcome, np.float64), np.asarray(period, np.int64)
    starts, units = np.asarray(start, np.float64), np.asarray(unit)
    dates = np.unique(starts[np.isfinite(starts)])
    if len(dates) != 1:
        raise StaggeredStart("All touched units must have been touched in one and the same period.")
    touched, at = np.isfinite(starts), int(dates[0])
    found = _difference(y, units, when, touched, at)
    before = when < at
    early = int(np.median(when[before])) if before.any() else at
    if early <= when.min() or len(np.unique(when[before])) < 4:
        return found, None
    return found, _difference(y[before], units[before], when[before], touched[before], early)


def _difference(
    y: Array,
    unit: NDArray[np.generic],
    period: NDArray[np.int64],
    touched: NDArray[np.bool_],
    start: int,
) -> Effect:
    sides = [len(np.unique(unit[touched])), len(np.unique(unit[~touched]))]
    if min(sides) < FEW_TOUCHED:
        return _few_touched(y, unit, touched, period >= start, start)
    (slope,) = within_units(y, (touched & (period >= start)).astype(float), unit, period)
    reach = Z_95 * slope.se
    return Effect(start, slope.slope, slope.se, slope.slope - reach, slope.slope + reach, slope.p)


def _few_touched(
    y: Array,
    unit: NDArray[np.generic],
    touched: NDArray[np.bool_],
    after: NDArray[np.bool_],
    start: int,
) -> Effect:
    """Mean change of the touched less that of the others; Student's t, one spread for both."""
    changes = {
        side: np.array([
            y[(unit == one) & after].mean() - y[(unit == one) & ~after].mean()
            for one in np.unique(unit[touched == side])
        ])
        for side in (True, False)
    }  # fmt: skip
    ours, others = changes[True], changes[False]
    freedom = len(ours) + len(others) - 2
    if freedom < 1:
        raise ValueError("a difference needs at least three units")
    squares = sum(float(np.sum((side - side.mean()) ** 2)) for side in (ours, others))
    se = float(np.sqrt(squares / freedom * (1 / len(ours) + 1 / len(others))))
    effect = float(ours.mean() - others.mean())
    reach = float(stats.t.ppf(0.975, freedom)) * se
    p = float(2 * stats.t.sf(abs(effect) / se, freedom))
    return Effect(start, effect, se, effect - reach, effect + reach, p)


def slope_of(child: Effect, parent: Effect) -> tuple[float, float]:
    """What one unit of the child does to the parent, where an initiative reached it by the child.

    The ratio of both effects and its error by the delta method, both taken as independent. Raises
    ValueError where the child itself did not clearly move.
    """
    if not child.shows:
        raise ValueError("the initiative did not clearly move the child")
    slope = parent.effect / child.effect
    return slope, float(np.hypot(parent.se, slope * child.se) / abs(child.effect))
