"""Measured effects, made less noisy: winners shrunk towards nothing, and history taken out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Outcomes less what was foreseeable. variance_left: share of the variance, 0 to 1."""

    values: Array
    theta: float
    variance_left: float


def positive_part_james_stein(effects: ArrayLike, se: ArrayLike) -> Array:
    """Effects of initiatives, all shrunk by max(0, 1 - (p-2)/Σ(effect/se)²); as they are under 3.

    Their sum is what a portfolio may claim: adding up winners as measured claims too much.
    se: one for all, or of each. Independence, additivity and selection remain the reader's doubt.
    Source: Efron, Morris (1973), "Stein's estimation rule and its competitors".
    """
    effects = np.asarray(effects, dtype=float)
    se = np.broadcast_to(np.asarray(se, dtype=float), effects.shape)
    if not np.all(se > 0):
        raise ValueError("standard errors must be above 0")
    size = float(np.sum((effects / se) ** 2))
    if len(effects) < 3 or size == 0:
        return effects.copy()
    return np.asarray(max(0.0, 1 - (len(effects) - 2) / size) * effects)


def cuped(outcomes: ArrayLike, before: ArrayLike) -> Adjusted:
    """Outcomes less what the same customers did before: y - theta (x - mean of x).

    Both (n,), the customers of all arms together; x from before the experiment began.
    theta = cov(x, y)/var(x), which leaves 1 - rho² of the variance; the mean stays.
    Source: Deng, Xu, Kohavi, Walker (2013), "Improving the sensitivity of online controlled
    experiments by utilizing pre-experiment data".
    """
    y, x = np.asarray(outcomes, dtype=float), np.asarray(before, dtype=float)
    if y.ndim != 1 or y.shape != x.shape or len(y) < 3:
        raise ValueError("three customers at least, each with an outcome and a value before")
    covariance = np.cov(x, y)
    theta = covariance[0, 1] / covariance[0, 0] if covariance[0, 0] > 0 else 0.0
    values = y - theta * (x - x.mean())
    whole = covariance[1, 1]
    left = float(np.var(values, ddof=1) / whole) if whole > 0 else 1.0
    return Adjusted(values, float(theta), left)
