"""Least squares when rows of one customer, or one site, go together.

Columns are expected without their fixed effects (see demeaned).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


def sums_by(codes: Codes, rows: Array) -> Array:
    """(groups, k): the rows of each group added up."""
    groups = int(codes.max(initial=-1)) + 1
    columns = [np.bincount(codes, column, minlength=groups) for column in rows.T]
    return np.column_stack(columns)


def demeaned(rows: Array, *groupings: Codes, rounds: int = 200) -> Array:
    """The rows less the mean of their group; with two groupings, in turn until nothing is left."""
    left = rows - rows.mean(axis=0)
    for _ in range(rounds):
        moved = 0.0
        for codes in groupings:
            counts = np.bincount(codes)[:, None]
            means = (sums_by(codes, left) / np.maximum(counts, 1))[codes]
            left = left - means
            moved = max(moved, float(np.abs(means).max(initial=0)))
        if len(groupings) == 1 or moved < 1e-12:
            break
    return np.asarray(left)


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
    error = float(np.sqrt(errors_of(columns, left, clusters)[which, which]))
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
