"""Least squares when rows of one customer, or one site, go together.

Columns are expected without their fixed effects (see demeaned).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

WEBB = np.sqrt([0.5, 1.0, 1.5])
ROUNDS = 999


@dataclass(frozen=True)
class Bootstrap:
    """p: of "the slope is zero". reach: half the width of the interval of 95 in 100."""

    p: float
    reach: float


def coded(labels: NDArray[np.generic]) -> Codes:
    """0, 1, 2, … for each distinct label."""
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)


@dataclass(frozen=True)
class Clustered:
    """Of one column: slope, its error by cluster, and the chance of one so far from zero by luck.

    p is Student's, with as many clusters as the column really rests on: where one in twenty has
    nearly all of its movement, hundreds of clusters say no more than that twentieth does.
    Source: Carter, Schnepel, Steigerwald (2017).
    """

    slope: float
    se: float
    p: float


def clustered(y: Array, columns: Array, clusters: Codes, which: int = 0) -> Clustered:
    """Least squares of y on all columns; what it says of one of them."""
    bread = np.linalg.pinv(columns.T @ columns)
    slopes = bread @ (columns.T @ y)
    pull = columns @ bread[which]
    scores = sums_by(clusters, np.column_stack([pull * (y - columns @ slopes), pull**2]))
    groups, weight = len(scores), scores[:, 1]
    se = float(np.sqrt(groups / max(groups - 1, 1) * np.sum(scores[:, 0] ** 2)))
    resting = float(weight.sum() ** 2 / max(np.sum(weight**2), 1e-300))
    slope = float(slopes[which])
    p = float(2 * stats.t.sf(abs(slope) / se, max(resting - 1, 1))) if se > 0 else 1.0
    return Clustered(slope, se, p)


def sums_by(codes: Codes, rows: Array) -> Array:
    """(groups, k): the rows of each group added up."""
    groups = int(codes.max(initial=-1)) + 1
    columns = [np.bincount(codes, column, minlength=groups) for column in rows.T]
    return np.column_stack(columns)


def demeaned(rows: Array, first: Codes, second: Codes | None = None) -> Array:
    """The rows less the effect of their group, or of their groups of two kinds together.

    rows: (n, k). second is best the kind with fewer groups. Exact: what is left has the mean 0 in
    every group of both kinds.
    """
    within = _less_means(rows, first)
    if second is None or not len(rows):
        return within
    groups = int(second.max()) + 1
    cells = np.bincount(first * groups + second, minlength=(int(first.max()) + 1) * groups)
    counts = cells.reshape(-1, groups).astype(np.float64)
    shares = counts / np.maximum(counts.sum(axis=1), 1)[:, None]
    apart = np.diag(counts.sum(axis=0)) - counts.T @ shares
    effects = np.linalg.lstsq(apart, sums_by(second, within), rcond=1e-10)[0]
    return np.asarray(within - (effects[second] - (shares @ effects)[first]))


def _less_means(rows: Array, codes: Codes) -> Array:
    counts = np.maximum(np.bincount(codes), 1)[:, None]
    return np.asarray(rows - (sums_by(codes, rows) / counts)[codes])


def errors_of(columns: Array, left: Array, clusters: Codes) -> Array:
    """(k, k): sandwich covariance of the slopes; small-sample factor groups / (groups - 1)."""
    bread = np.linalg.pinv(columns.T @ columns)
    scores = sums_by(clusters, columns * left[:, None])
    groups = len(scores)
    return np.asarray(groups / (groups - 1) * bread @ (scores.T @ scores) @ bread)


def wild_bootstrap(
    y: Array, columns: Array, clusters: Codes, which: int, seed: int = 0
) -> Bootstrap:
    """For few clusters: residuals change sign and size by cluster, and the t-value is compared.

    p under the hypothesis of no slope, the interval around the slope found; symmetric.
    Source: Cameron, Gelbach, Miller (2008); six-point weights of Webb (2023).
    """
    draw = np.random.default_rng(seed)
    groups = int(clusters.max()) + 1
    weights = draw.choice(np.append(-WEBB, WEBB), size=(groups, ROUNDS))[clusters]
    slopes, others = _fit(columns, y), np.delete(columns, which, axis=1)
    left = y - columns @ slopes
    error = max(float(np.sqrt(errors_of(columns, left, clusters)[which, which])), 1e-300)
    explained = others @ _fit(others, y)
    under_none = explained[:, None] + weights * (y - explained)[:, None]
    around = (columns @ slopes)[:, None] + weights * left[:, None]
    strange = np.abs(_t_values(under_none, columns, clusters, which, 0.0))
    typical = np.abs(_t_values(around, columns, clusters, which, float(slopes[which])))
    p = (1 + np.sum(strange >= abs(slopes[which]) / error)) / (ROUNDS + 1)
    return Bootstrap(float(p), float(np.quantile(typical, 0.95)) * error)


def _fit(columns: Array, y: Array) -> Array:
    return np.asarray(np.linalg.lstsq(columns, y, rcond=None)[0])


def _t_values(many: Array, columns: Array, clusters: Codes, which: int, centre: float) -> Array:
    """(rounds,): of many: (rows, rounds), each column an outcome."""
    bread = np.linalg.pinv(columns.T @ columns)
    slopes = bread @ columns.T @ many
    left = many - columns @ slopes
    pull = columns @ bread[which]  # of each row on the slope
    scores = sums_by(clusters, pull[:, None] * left)
    groups = len(scores)
    errors = np.sqrt(groups / (groups - 1) * np.sum(scores**2, axis=0))
    return np.asarray((slopes[which] - centre) / np.maximum(errors, 1e-300))
