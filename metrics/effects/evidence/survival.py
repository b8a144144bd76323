"""What makes customers leave: proportional hazards in windows, and what that is worth in retention.

Matrices are (customers, windows) as in customers.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from metrics.effects.evidence.clusters import Array, Codes, coded, sums_by
from metrics.effects.evidence.findings import (
    REASONS,
    Z_95,
    Verdict,
    counted,
    later,
    missing_for,
    signed,
)

LEAST_LEAVERS = 40
LEAVERS_A_GROUP = 15
SURPRISE = 0.05
ROUNDS, LONGEST_STEP = 60, 2.0
FAR = 15.0
"""In logs of the hazard: nobody is a million times safer than all."""


class Unidentified(ValueError):
    """The data cannot tell how fast somebody leaves."""


@dataclass(frozen=True)
class Lives:
    """at_risk: still a customer as the window begins. left: leaves in it.

    exposure: satisfaction, or a share of bad experiences, by window, NaN where not known.
    history: what else is known by window; tenure in windows is worked out here.
    windows_a_year: in how many windows of a customer's year the exposure counts.
    """

    at_risk: NDArray[np.bool_]
    left: NDArray[np.bool_]
    exposure: Array
    history: Mapping[str, Array] = field(default_factory=dict)
    windows_a_year: float = 12.0


@dataclass(frozen=True)
class SurvivalFinding:
    """How an exposure speeds or slows leaving.

    hazard_ratio: by which one unit multiplies the chance to leave in a window; low, high: of 95 in
    100. slope, se: points of twelve-month retention per unit of exposure, lasting. lag: windows
    from exposure to leaving. n: customer-windows, leavers: who left in them. foresight: standard
    normal where the exposure says nothing of customers not learnt from.
    missing_windows: as missing_periods of a SeriesFinding.
    """

    lag: int
    hazard_ratio: float | None
    low: float | None
    high: float | None
    slope: float | None
    se: float | None
    n: int
    leavers: int
    foresight: float
    p: float
    verdict: Verdict
    missing_windows: int | None

    @property
    def log_hazard(self) -> tuple[float, float] | None:
        """What one unit adds to the logarithm of the hazard, and its standard error."""
        if self.hazard_ratio is None or self.low is None or self.high is None:
            return None
        error = np.log(self.high / self.low) / (2 * Z_95)
        return float(np.log(self.hazard_ratio)), float(error)

    def sentence(self, child: str, parent: str = "retention", window: str = "month") -> str:
        """In plain English; names as they begin a sentence."""
        ratio, slope, se = self.hazard_ratio, self.slope, self.se
        if not self.verdict.is_link or ratio is None or slope is None or se is None:
            more = self.missing_windows
            wait = f"; about {counted(more, f'more {window}')} would tell" if more else ""
            return f"{child}: not shown to move {parent}, as {REASONS[self.verdict]}{wait}."
        low, high = slope - Z_95 * se, slope + Z_95 * se
        return (
            f"{child}: one more multiplies the chance to leave {later(self.lag, window)} by "
            f"{ratio:.3g}, that is {signed(slope)} points of {parent} in a year "
            f"(95 in 100: {signed(low)} to {signed(high)})."
        )


@dataclass(frozen=True)
class Risks:
    """One row a customer-window at risk. columns: exposure, history, baseline with the constant."""

    left: Array
    columns: Array
    customer: Codes


def look(lives: Lives, lag: int = 1) -> SurvivalFinding:
    """Whether the exposure lag windows ago shows in who leaves now.

    Complementary log-log on customer-windows, which is Cox's model for leaving seen by window
    (Prentice, Gloeckler, 1978). The baseline follows tenure and the calendar; errors by customer.
    """
    risks = risks_of(lives, lag)
    leavers = int(risks.left.sum())
    windows = lives.exposure.shape[1] - lag
    if leavers < LEAST_LEAVERS:
        missing = int(np.ceil(windows * (LEAST_LEAVERS / leavers - 1))) if leavers else None
        return _nothing(Verdict.LITTLE, risks, lag, missing)
    if np.ptp(risks.columns[:, 0]) == 0:
        return _nothing(Verdict.STILL, risks, lag, None)
    try:
        parameters, statistic = fitted(risks.left, risks.columns), foresight(risks)
    except Unidentified:
        return _nothing(Verdict.LITTLE, risks, lag, None)
    covariance = covariance_of(parameters, risks)
    slope, se = retention_slope(parameters, covariance, risks, lives.windows_a_year)
    log_ratio, error = float(parameters[0]), float(np.sqrt(covariance[0, 0]))
    p = float(2 * stats.norm.sf(abs(log_ratio) / error))
    if p > SURPRISE:
        verdict = Verdict.NOTHING
    else:
        verdict = Verdict.LINK if statistic > 1.64 else Verdict.NO_FORESIGHT
    missing = None if verdict.is_link else missing_for(log_ratio, error, windows)
    return SurvivalFinding(
        lag=lag,
        hazard_ratio=float(np.exp(log_ratio)),
        low=float(np.exp(log_ratio - Z_95 * error)),
        high=float(np.exp(log_ratio + Z_95 * error)),
        slope=slope,
        se=se,
        n=len(risks.left),
        leavers=leavers,
        foresight=statistic,
        p=p,
        verdict=verdict,
        missing_windows=0 if verdict.is_link else (missing or None),
    )


def _nothing(verdict: Verdict, risks: Risks, lag: int, missing: int | None) -> SurvivalFinding:
    n, leavers = len(risks.left), int(risks.left.sum())
    return SurvivalFinding(
        lag, None, None, None, None, None, n, leavers, 0.0, 1.0, verdict, missing
    )


def risks_of(lives: Lives, lag: int) -> Risks:
    """The windows in which somebody could leave and the exposure before is known."""
    windows = lives.exposure.shape[1]
    before = np.full(lives.exposure.shape, np.nan)
    before[:, lag:] = lives.exposure[:, : windows - lag]
    whole = lives.at_risk & np.isfinite(before)
    tenure = np.cumsum(lives.at_risk, axis=1) - 1.0
    columns = [before[whole]]
    for values in lives.history.values():
        columns += [np.nan_to_num(values[whole]), np.isnan(values[whole]).astype(float)]
    columns += [np.log1p(tenure[whole]), np.log1p(tenure[whole]) ** 2]
    customer, window = np.nonzero(whole)
    left = lives.left[whole].astype(float)
    varying = [columns[0], *(column for column in columns[1:] if len(column) and np.ptp(column))]
    return Risks(left, np.column_stack([*varying, _calendar(window, left)]), coded(customer))


def _calendar(window: NDArray[np.int64], left: Array) -> Array:
    """A column of ones, and one for each stretch of windows after the first with enough leavers."""
    leavers = np.bincount(window, left)
    group, seen, groups = 0, 0.0, np.zeros(len(leavers), dtype=np.int64)
    for at, some in enumerate(leavers):
        if seen >= LEAVERS_A_GROUP and leavers[at:].sum() >= LEAVERS_A_GROUP:
            group, seen = group + 1, 0.0
        groups[at], seen = group, seen + some
    ones = np.ones((len(window), 1))
    return np.column_stack([ones, groups[window][:, None] == np.arange(1, group + 1)])


def fitted(left: Array, columns: Array) -> Array:
    """Log hazard ratios by maximum likelihood, by Fisher's scoring from nobody differing.

    One column, or a sum of columns, has to be the same for all. Raises Unidentified where the
    likelihood has no peak, as when nobody leaves of those who have something.
    """
    share = min(max(float(left.mean()), 1e-9), 1 - 1e-9)
    same = np.full(len(left), np.log(-np.log1p(-share)))
    parameters = np.linalg.lstsq(columns.T @ columns, columns.T @ same, rcond=None)[0]
    for _ in range(ROUNDS):
        hazard = np.exp(np.clip(columns @ parameters, -40, 4))
        weights = hazard**2 / np.expm1(hazard)
        score = columns.T @ score_of(left, hazard)
        step = np.linalg.lstsq((columns * weights[:, None]).T @ columns, score, rcond=None)[0]
        parameters = parameters + step / max(1.0, float(np.abs(step).max()) / LONGEST_STEP)
        if float(score @ step) < 1e-10:
            break
    if float(score @ step) < 1e-10 and np.abs(columns @ parameters - same).max() < FAR:
        return np.asarray(parameters)
    raise Unidentified("The likelihood of leaving has no peak.")


def score_of(left: Array, hazard: Array) -> Array:
    """(rows,): by how much the log-likelihood rises with the log hazard of each row."""
    return np.asarray(left * hazard / -np.expm1(-hazard) - hazard)


def covariance_of(parameters: Array, risks: Risks) -> Array:
    """(k, k): sandwich, by customer."""
    columns = risks.columns
    hazard = np.exp(columns @ parameters)
    bread = np.linalg.pinv((columns * (hazard**2 / np.expm1(hazard))[:, None]).T @ columns)
    scores = sums_by(risks.customer, columns * score_of(risks.left, hazard)[:, None])
    groups = len(scores)
    return np.asarray(groups / max(groups - 1, 1) * bread @ (scores.T @ scores) @ bread)


def retention_slope(
    parameters: Array, covariance: Array, risks: Risks, windows: float
) -> tuple[float, float]:
    """Points of retention over so many windows per lasting unit of the first column, and its error.

    Each customer's chance to stay is that of as many windows at the mean hazard of his own: what
    endangers him for a window or two does not last the year. Averaged over customer-windows; delta
    method.
    """
    customer, columns = risks.customer, risks.columns
    rows = np.exp(columns @ parameters)
    counts = np.bincount(customer)
    hazard = (np.bincount(customer, rows) / counts)[customer]
    pull = -windows * hazard * np.exp(-windows * hazard)
    slope = float(np.mean(pull) * parameters[0])
    bend = (-windows * np.exp(-windows * hazard) * (1 - windows * hazard) * rows)[:, None] * columns
    gradient = bend.mean(axis=0) * parameters[0]
    gradient[0] += np.mean(pull)
    return 100 * slope, 100 * float(np.sqrt(gradient @ covariance @ gradient))


def foresight(risks: Risks, seed: int = 0) -> float:
    """Whether the direction learnt from one half of the customers holds in the other, both ways.

    The score of the exposure among customers whose hazard comes from the rest, by customer.
    """
    draw = np.random.default_rng(seed)
    half = draw.integers(2, size=int(risks.customer.max()) + 1)[risks.customer].astype(bool)
    total, square = 0.0, 0.0
    for ask in (half, ~half):
        parameters = fitted(risks.left[~ask], risks.columns[~ask])
        columns = risks.columns[ask]
        base = columns[:, 1:] @ parameters[1:] + parameters[0] * risks.columns[~ask, 0].mean()
        unexplained = risks.left[ask] - -np.expm1(-np.exp(base))
        exposure, rest = columns[:, 0], columns[:, 1:]
        exposure = exposure - rest @ (np.linalg.pinv(rest.T @ rest) @ (rest.T @ exposure))
        scores = sums_by(coded(risks.customer[ask]), (exposure * unexplained)[:, None])[:, 0]
        total += float(np.sign(parameters[0]) * scores.sum())
        square += float(np.sum(scores**2))
    return total / float(np.sqrt(square)) if square > 0 else 0.0
