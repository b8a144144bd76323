"""Where a metric stands, and one achievable step: to its own best quarter, or what matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import copysign, inf
from statistics import fmean

from metrics.effects.sensitivity import (
    autocorrelation,
    periods_to_notice,
    smallest_that_matters,
)
from metrics.indicators.reading import Reading
from metrics.metric_map.worth.arrows import PERIODS_A_YEAR
from metrics.models import Figure, Metric, MetricWorth

QUARTER = timedelta(91)
QUARTERS_LOOKED_BACK = 8
Basis = MetricWorth.StepBasis


@dataclass(frozen=True)
class Step:
    """size: in the metric's unit as it is shown, signed towards the good side; None: unknown."""

    size: float | None
    basis: str = ""


def step_of(reading: Reading, per_unit: float, materiality: float) -> Step:
    """The gap to its own best quarter of the last two years, or what is worth the materiality.

    A target that is set and not reached comes first. A metric without a good side has the step
    in which the top rises. No share goes beyond 100%, and nothing that is above 0 goes below.
    """
    sign = _good_side(reading.metric, per_unit)
    now = level_of(reading) if reading.final else None
    target = reading.metric.target
    if target is not None and now is not None and (target - now) * sign > 0:
        return Step(target - now, Basis.TARGET)
    best = _best_quarter(reading, sign)
    if now is not None and best is not None and (best - now) * sign > 1e-9 * abs(now):
        return Step(best - now, Basis.BEST_QUARTER)
    smallest = smallest_that_matters(materiality, per_unit)
    if smallest is None or not materiality:
        return Step(None)
    size = _within_bounds(reading, now, sign * smallest)
    return Step(size, Basis.MATERIAL) if size else Step(None)


def level_of(reading: Reading) -> float:
    """The mean of the last quarter: of its final figures, else of the preliminary ones.

    reading: one that has figures.
    """
    figures = reading.final or reading.figures
    since = figures[-1].ends_on - QUARTER
    return _mean([one for one in figures if one.starts_on >= since], _scale(reading))


def notice(reading: Reading, smallest: float | None) -> int | None:
    """Periods until a lasting change of this size shows beside the baseline; None: not known."""
    limits = reading.judgement.limits
    if limits is None or not smallest or limits.mean_range == 0:
        return None
    values = [figure.value for figure in reading.baseline_figures]
    if not values:  # locked once, and their import undone since
        return None
    phi = min(max(autocorrelation(values), 0.0), 0.95)
    sigma = limits.mean_range / 1.128379
    return periods_to_notice(smallest, sigma, len(values), phi)


def _within_bounds(reading: Reading, now: float | None, step: float) -> float:
    """The step, or what there is of it up to nothing left, or to all of a share."""
    if now is None or reading.version is None:
        return step
    bound = 0.0 if step < 0 else 100.0 if reading.version.unit.startswith("%") else inf
    left = (bound - now) * copysign(1.0, step)
    return copysign(min(abs(step), left), step) if left >= 0 else step


def _good_side(metric: Metric, per_unit: float) -> float:
    if metric.direction == Metric.Direction.UP:
        return 1.0
    if metric.direction == Metric.Direction.DOWN:
        return -1.0
    return 1.0 if per_unit >= 0 else -1.0


def _best_quarter(reading: Reading, sign: float) -> float | None:
    """The best mean of a quarter before the last one; None while there is none."""
    final, grain = reading.final, reading.version.grain if reading.version else ""
    if not final or not grain:
        return None
    size = max(1, round(PERIODS_A_YEAR[grain] / 4))
    before = final[:-size][-size * QUARTERS_LOOKED_BACK :]
    quarters = [before[i : i + size] for i in range(0, len(before) - size + 1)]
    means = [_mean(quarter, _scale(reading)) for quarter in quarters]
    return max(means, key=lambda mean: mean * sign, default=None)


def _scale(reading: Reading) -> int:
    return reading.version.scale if reading.version else 1


def _mean(figures: Sequence[Figure], scale: int) -> float:
    """Of numerators over denominators where there are any: ratios are never averaged."""
    divisor = sum(figure.denominator or 0.0 for figure in figures)
    if divisor and all(figure.denominator for figure in figures):
        return scale * sum(figure.numerator for figure in figures) / divisor
    return fmean(figure.value for figure in figures)
