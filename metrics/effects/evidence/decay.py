"""Does a link still hold? Its slope quarter by quarter, and whether it fades."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.regression.linear_model import OLS

from metrics.effects.evidence.clusters import Array, Codes, clustered
from metrics.effects.evidence.customers import Experiences, rows_of
from metrics.effects.evidence.figures.lags import change, finite, lagged

SURPRISE = 0.05
ROWS_A_SLOPE = 12


@dataclass(frozen=True)
class QuarterSlope:
    """Slope over the year that ends with this quarter; quarters count from 0."""

    quarter: int
    slope: float
    se: float
    n: int


@dataclass(frozen=True)
class Decay:
    """trend, se: change of the slope a quarter; p: of "it stays". fades: clearly towards zero."""

    quarters: tuple[QuarterSlope, ...]
    trend: float
    se: float
    p: float
    fades: bool


@dataclass(frozen=True)
class Rows:
    """beside has no constant. cluster: customers; None for one figure a period, in their order."""

    outcome: Array
    exposure: Array
    beside: Array
    quarter: Codes
    cluster: Codes | None


def of_series(
    child: ArrayLike,
    parent: ArrayLike,
    lag: int,
    *,
    periods_a_quarter: int = 13,
    beside: ArrayLike | None = None,
    changes: bool = False,
) -> Decay | None:
    """Of a link between two rows of figures at its delay; None under two quarters.

    changes: both are compared as changes, as the finding's form says. beside: (periods, k).
    """
    x, y = np.asarray(child, np.float64), np.asarray(parent, np.float64)
    other = np.empty((len(y), 0)) if beside is None else np.asarray(beside, np.float64)
    if changes:
        x, y, other = change(x), change(y), change(other)
    past = lagged(x, [lag])
    whole = finite(y, past, other)
    quarter = np.arange(len(y)) // periods_a_quarter
    return _decay(Rows(y[whole], past[whole, 0], other[whole], quarter[whole], None))


def of_customers(
    experiences: Experiences, lag: int = 1, windows_a_quarter: int = 3
) -> Decay | None:
    """Of a link seen among customers; at equal history and in the same window."""
    rows = rows_of(experiences, lag)
    quarter = rows.window // windows_a_quarter
    columns = rows.columns
    return _decay(Rows(rows.outcome, columns[:, 0], columns[:, 1:], quarter, rows.customer))


def _decay(rows: Rows) -> Decay | None:
    if np.ptp(rows.quarter) < 1:
        return None
    middle = rows.quarter - rows.quarter.mean()
    slopes, errors = _fit(rows, np.column_stack([rows.exposure, rows.exposure * middle]))
    trend, se = float(slopes[1]), float(errors[1])
    p = float(2 * stats.norm.sf(abs(trend) / se))
    quarters = [
        _year_to(rows, int(quarter))
        for quarter in np.unique(rows.quarter)
        if quarter >= rows.quarter.min() + 3
    ]
    return Decay(
        quarters=tuple(one for one in quarters if one is not None),
        trend=trend,
        se=se,
        p=p,
        fades=p < SURPRISE and trend * float(slopes[0]) < 0,
    )


def _year_to(rows: Rows, quarter: int) -> QuarterSlope | None:
    within = (rows.quarter > quarter - 4) & (rows.quarter <= quarter)
    cluster = None if rows.cluster is None else rows.cluster[within]
    year = Rows(
        rows.outcome[within], rows.exposure[within], rows.beside[within], rows.quarter[within],
        cluster,
    )  # fmt: skip
    n = int(within.sum())
    if n < ROWS_A_SLOPE + rows.beside.shape[1] or np.ptp(year.exposure) == 0:
        return None
    slopes, errors = _fit(year, year.exposure[:, None])
    return QuarterSlope(quarter, float(slopes[0]), float(errors[0]), n)


def _fit(rows: Rows, exposures: Array) -> tuple[Array, Array]:
    """Slopes of the exposures and their errors, by customer or after Newey and West."""
    columns = np.column_stack([exposures, rows.beside, np.ones(len(exposures))])
    many = exposures.shape[1]
    if rows.cluster is not None:
        found = [clustered(rows.outcome, columns, rows.cluster, which) for which in range(many)]
        return np.array([one.slope for one in found]), np.array([one.se for one in found])
    reach = max(1, int(4 * (len(columns) / 100) ** (2 / 9)))
    fit = OLS(rows.outcome, columns).fit(
        cov_type="HAC", cov_kwds={"maxlags": reach, "use_correction": True}
    )
    return np.asarray(fit.params)[:many], np.asarray(fit.bse)[:many]
