"""Figures without their yearly rhythm, so that a chart does not cry wolf each December.

Reading it loads statsmodels, which takes seconds: for workers, not for pages.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from statsmodels.tsa.seasonal import STL, seasonal_decompose

Array = NDArray[np.float64]

LEAST = {12: 36, 52: 104}
"""Periods needed, by how many make a year."""


class TooFewPeriods(ValueError):
    """A season cannot be told from chance yet."""


def deseasonalised(values: ArrayLike, periods_a_year: int) -> Array:
    """The figures, oldest first and without a gap, at the level they would have off season.

    By month: factors from at least 36 months, as ratios to the moving yearly average. By week:
    from at least 104 weeks, by STL with one rhythm for all years. Figures that are not all above
    0 get differences instead of ratios. What is seen is also used to find the season: with Y years
    the noise left is √(1 - 1/Y) of the true one, so limits are somewhat narrow at the least length.
    Source: Cleveland, Cleveland, McRae, Terpenning (1990), "STL".
    """
    figures: Array = np.asarray(values, dtype=float)
    if periods_a_year not in LEAST:
        raise ValueError("only months and weeks have a season here")
    if not np.isfinite(figures).all():
        raise ValueError("the figures must be without a gap")
    if len(figures) < LEAST[periods_a_year]:
        raise TooFewPeriods(f"at least {LEAST[periods_a_year]} periods are needed")
    ratios = bool(figures.min() > 0)
    scale = np.log(figures) if ratios else figures
    without = scale - _season(scale, periods_a_year)
    return np.asarray(np.exp(without) if ratios else without)


def _season(values: Array, periods_a_year: int) -> Array:
    if periods_a_year == 12:
        return np.asarray(seasonal_decompose(values, period=12).seasonal)
    never_changing = 10 * len(values) + 1
    fit = STL(values, period=periods_a_year, seasonal=never_changing, robust=True).fit()
    return np.asarray(fit.seasonal)
