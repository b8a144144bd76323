"""Two rows of figures made ready to be compared, and the delays at which they go together.

Rows are one figure a period, oldest first, NaN where a period has none; nothing is filled in.
Source: Box, Jenkins, Reinsel (2008), Time Series Analysis, chapter 12.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.tools.sm_exceptions import InterpolationWarning
from statsmodels.tsa.deterministic import Fourier, Seasonality
from statsmodels.tsa.stattools import adfuller, kpss

Array = NDArray[np.float64]

SEASONS_SEEN = 2
"""Whole seasons that must lie in the history before a season is taken out."""

WAVES = 3
"""Sine waves that draw a season of many periods, such as the weeks of a year."""

LONGEST_MEMORY = 6


class Form(Enum):
    """What is compared with what.

    The slope of LEVELS and CHANGES is in parent units per child unit. Under FOLLOWS_CHANGE a
    lasting rise of the child moves the parent for a while only: the sum over that while, per child
    unit.
    """

    LEVELS = "levels"
    CHANGES = "changes"
    FOLLOWS_CHANGE = "level on changes"


@dataclass(frozen=True)
class Pair:
    """child, parent: one figure a period. beside: (periods, k), what else moves the parent."""

    child: Array
    parent: Array
    beside: Array
    form: Form


def finite(*columns: Array) -> NDArray[np.bool_]:
    """The periods in which all columns have a figure."""
    return np.asarray(np.isfinite(np.column_stack(columns)).all(axis=1), dtype=np.bool_)


def lagged(values: Array, lags: Iterable[int]) -> Array:
    """(periods, lags): the value so many periods before; NaN before the start."""
    columns = []
    for lag in lags:
        column = np.full(len(values), np.nan)
        column[lag:] = values[: len(values) - lag]
        columns.append(column)
    return np.column_stack(columns) if columns else np.empty((len(values), 0))


def change(values: Array) -> Array:
    """Change from the period before, same length, NaN first; by column."""
    changes = np.full(values.shape, np.nan)
    changes[1:] = np.diff(values, axis=0)
    return changes


def is_stationary(values: Array) -> bool:
    """Whether it returns to a level: ADF is sure (1 %), or thinks so (5 %) and KPSS agrees."""
    known = values[np.isfinite(values)]
    wanders = adfuller(known, result_object=True).pvalue
    if wanders < 0.01 or wanders >= 0.05:
        return bool(wanders < 0.01)
    with warnings.catch_warnings():  # "the p-value is at the end of the table" is no trouble here
        warnings.simplefilter("ignore", InterpolationWarning)
        return bool(kpss(known, nlags="auto", result_object=True).pvalue > 0.05)


def besides(
    periods: int, season: int | None, steps: Sequence[int], controls: Array | None
) -> Array:
    """(periods, k): season, known breaks (0 before, 1 from there on) and controls; no constant."""
    columns = [np.empty((periods, 0))]
    index = range(periods)
    if season and periods >= SEASONS_SEEN * season:
        if season > 12:
            columns.append(np.asarray(Fourier(season, order=WAVES).in_sample(index)))
        else:
            columns.append(np.asarray(Seasonality(season).in_sample(index))[:, 1:])
    columns += [(np.arange(periods) >= step).astype(float)[:, None] for step in steps]
    if controls is not None:
        columns.append(np.asarray(controls, dtype=np.float64).reshape(periods, -1))
    return np.column_stack(columns)


def made_comparable(child: Array, parent: Array, beside: Array) -> tuple[Pair, ...]:
    """As levels where both return to a level, else as changes.

    Where only the parent returns to a level, it may also follow the child's changes: two answers,
    of which the better forecast decides.
    """
    left_of_child, left_of_parent = without(child, beside), without(parent, beside)
    parent_stays = is_stationary(left_of_parent)
    if parent_stays and is_stationary(left_of_child):
        return (Pair(child, parent, beside, Form.LEVELS),)
    changes = Pair(change(child), change(parent), change(beside), Form.CHANGES)
    if not parent_stays:
        return (changes,)
    return changes, Pair(change(child), parent, beside, Form.FOLLOWS_CHANGE)


def without(values: Array, beside: Array) -> Array:
    """What the columns beside, and a constant, do not explain; NaN stays NaN."""
    explaining = np.column_stack([np.ones(len(values)), beside])
    known = finite(values, explaining)
    left = np.full(len(values), np.nan)
    fit = np.linalg.lstsq(explaining[known], values[known], rcond=None)[0]
    left[known] = values[known] - explaining[known] @ fit
    return left


def whitened(child: Array, parent: Array) -> tuple[Array, Array]:
    """Both passed through the filter that leaves nothing predictable in the child.

    The filter is autoregressive, its length by BIC. A child with a memory would otherwise seem
    to go with anything else that has one.
    """
    columns = lagged(child, range(LONGEST_MEMORY + 1))
    rows = columns[finite(columns)]
    best, filtering = np.inf, np.ones(1)
    for length in range(min(LONGEST_MEMORY, len(rows) // 8) + 1):
        past = np.column_stack([np.ones(len(rows)), rows[:, 1 : length + 1]])
        fit = np.linalg.lstsq(past, rows[:, 0], rcond=None)[0]
        errors = rows[:, 0] - past @ fit
        score = len(rows) * np.log(np.mean(errors**2)) + length * np.log(len(rows))
        if score < best:
            best, filtering = score, np.append(1.0, -fit[1:])
    reach = range(len(filtering))
    return lagged(child, reach) @ filtering, lagged(parent, reach) @ filtering


@dataclass(frozen=True)
class Scan:
    """How a pair goes together at each delay, in [-1, 1], and how surprising that is."""

    lags: tuple[int, ...]
    correlations: Array
    p_values: Array

    @property
    def peak(self) -> int:
        """The delay at which they go together most clearly."""
        return self.lags[int(np.argmin(self.p_values))]


def scan(pair: Pair, lags: Sequence[int]) -> Scan:
    """Cross-correlation of the whitened pair at each delay, the child first.

    p-values by Student's t; the band of 95 in 100 is ±1.96 / sqrt(periods) for long rows.
    """
    child, parent = whitened(without(pair.child, pair.beside), without(pair.parent, pair.beside))
    correlations, p_values = [], []
    for past in lagged(child, lags).T:
        both = finite(past, parent)
        freedom = int(both.sum()) - 2 - pair.beside.shape[1]
        if freedom < 3:
            correlations.append(0.0)
            p_values.append(1.0)
            continue
        together = float(np.corrcoef(past[both], parent[both])[0, 1])
        surprise = abs(together) * np.sqrt(freedom / max(1 - together**2, 1e-12))
        correlations.append(together)
        p_values.append(float(2 * stats.t.sf(surprise, freedom)))
    return Scan(tuple(lags), np.array(correlations), np.array(p_values))
