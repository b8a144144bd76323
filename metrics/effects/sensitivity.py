"""Would we notice an improvement? The smallest change a metric can show, and how long it takes."""

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from math import ceil, hypot, inf, isfinite, sqrt
from statistics import NormalDist, fmean

ALPHA, POWER = 0.05, 0.80
CALM_AUTOCORRELATION = 0.4


class Fitness(Enum):
    """Whether a metric is stable enough to trust and sensitive enough to notice improvement."""

    BOTH = "both"
    STABLE_ONLY = "stable only"
    SENSITIVE_ONLY = "sensitive only"
    NEITHER = "neither"

    @property
    def what_to_do(self) -> "Remedy":
        return REMEDIES[self]


class Remedy(Enum):
    """What to do with the metric."""

    SET_A_TARGET = "set a target"
    LENGTHEN = "lengthen"  # pool sites, count more finely, use what was known before (CUPED)
    FIX_FIRST = "fix first"  # the process, or the definition
    WATCH = "watch"


REMEDIES = {
    Fitness.BOTH: Remedy.SET_A_TARGET,
    Fitness.STABLE_ONLY: Remedy.LENGTHEN,
    Fitness.SENSITIVE_ONLY: Remedy.FIX_FIRST,
    Fitness.NEITHER: Remedy.WATCH,
}


def smallest_that_matters(materiality: float, worth: float) -> float | None:
    """The change of a metric that moves the top by the company's materiality; None: none does.

    worth: of one unit of the metric, in the money of the materiality; its sign plays no role.
    """
    return materiality / abs(worth) if worth else None


def z_sum(alpha: float = ALPHA, power: float = POWER) -> float:
    """Standard errors that a change must measure to be noticed; two-sided. 2.8016 at 5 %, 80 %."""
    normal = NormalDist()
    return normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)


def smallest_noticed(
    sigma: float, baseline: int, periods: float, phi: float = 0.0, z: float | None = None
) -> float:
    """The smallest lasting change that so many periods show beside so many of baseline.

    z sigma √(1/baseline + 1/periods), in the metric's unit. sigma: of one period (the mean moving
    range / 1.128). phi: lag-1 autocorrelation, which widens it.
    """
    if not (sigma >= 0 and baseline > 0 and periods > 0):
        raise ValueError("periods must be above 0, sigma not below")
    z = z_sum() if z is None else z
    return z * sigma * inflation(phi) * sqrt(1 / baseline + 1 / periods)


def periods_to_notice(
    delta: float, sigma: float, baseline: int, phi: float = 0.0, z: float | None = None
) -> int | None:
    """How many periods it takes to notice a change of delta; None: never, beside this baseline."""
    if not delta > 0:
        raise ValueError("the change must be above 0")
    at_best = smallest_noticed(sigma, baseline, inf, phi, z)
    if delta <= at_best:
        return None
    whole = (smallest_noticed(sigma, 1, inf, phi, z) / delta) ** 2
    needed = whole / (1 - whole / baseline)
    return max(1, ceil(needed - 1e-9))


def inflation(phi: float) -> float:
    """By what autocorrelation widens the error of a mean: √((1 + phi)/(1 - phi)). 1.73 at 0.5."""
    if not -1 < phi < 1:
        raise ValueError("the autocorrelation must be between -1 and 1")
    return sqrt((1 + phi) / (1 - phi))


def autocorrelation(values: Sequence[float]) -> float:
    """How much a period's value resembles the one before: lag 1, from -1 to 1; 0 if all equal."""
    centre = fmean(values)
    away = [value - centre for value in values]
    total = sum(one * one for one in away)
    return sum(x * y for x, y in pairwise(away)) / total if total else 0.0


def fitness(has_signal: bool, phi: float, periods: int | None, horizon: int) -> Fitness:
    """The verdict. Stable: no signal in the baseline and little autocorrelation. Sensitive: what
    matters is noticed within one review horizon.

    periods: to notice the smallest change that matters; None is never. horizon: in periods.
    """
    stable = not has_signal and abs(phi) < CALM_AUTOCORRELATION
    sensitive = periods is not None and periods <= horizon
    if stable:
        return Fitness.BOTH if sensitive else Fitness.STABLE_ONLY
    return Fitness.SENSITIVE_ONLY if sensitive else Fitness.NEITHER


def survey_sigma(process_sigma: float, answer_sd: float, answers: float) -> float:
    """A survey's sigma of one period with so few answers: √(process² + answer_sd²/answers)."""
    if not answers > 0:
        raise ValueError("a survey needs answers")
    return hypot(process_sigma, answer_sd / sqrt(answers))


def per_arm_of_shares(before: float, after: float, z: float | None = None) -> int:
    """Customers in each arm to see a share change: from 5.0 to 4.5 %, 28,405.1 rounded up."""
    if not (0 < before < 1 and 0 < after < 1 and before != after):
        raise ValueError("shares must differ and lie between 0 and 1")
    z = z_sum() if z is None else z
    variance = before * (1 - before) + after * (1 - after)
    return ceil(z**2 * variance / (after - before) ** 2)


def per_arm_of_means(effect: float, z: float | None = None) -> int:
    """Customers in each arm to see a mean move by so many standard deviations: 393 at 0.2."""
    if not (isfinite(effect) and effect != 0):
        raise ValueError("the effect must not be 0")
    z = z_sum() if z is None else z
    return ceil(2 * (z / effect) ** 2)
